//! Taking in what another file has, a day at a time: each bite is one transaction, after which the
//! record is whole, and a merge that was cut short goes on with the next.

use std::collections::BTreeSet;
use std::time::Duration;

use rusqlite::Connection;

use super::Writer;
use super::targets::{KnownTargets, TargetUse};
use crate::store::error::Error;
use crate::store::hour::{hour_of, range_of};
use crate::store::merge::{
    ExistingRecord, HourSource, MergePlan, Other, TakenRuns, take_gaps, take_hour, take_notes,
    take_rest,
};
use crate::store::space::SpaceLimits;
use crate::store::tables::{StoredTable, link_drop, retire};
use crate::time::spans::{span_at, within};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{LinkDrop, Target, TargetId};

const DOING: &str = "merge into database";
const DAY_US: i64 = 86_400_000_000;
/// Nothing is cut so near to an edge.
const MARGIN: Duration = Duration::from_secs(1);

impl Writer {
    /// What of the other file is to be taken: the time that was not observed here. Samples and
    /// summaries older than `limits` allow at `now` are not brought back. Nothing is written.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn plan_merge(
        &self,
        other: &Other,
        limits: SpaceLimits,
        now: Timestamp,
    ) -> Result<MergePlan, Error> {
        let db = &self.file.db;
        ExistingRecord::of(db, limits, now)
            .and_then(|known| known.plan(db, other, limits, now))
            .map_err(|e| self.file.failed(DOING, e))
    }

    /// Takes the next day or so; [`MergePlan::is_done`] says whether it was the last. Drops at the edges
    /// are cut there: see [`Self::seams`].
    ///
    /// # Errors
    /// If it cannot be written, or more targets come than a database can have; nothing of this
    /// bite is then taken.
    pub fn merge_bite(&mut self, other: &Other, plan: &mut MergePlan) -> Result<(), Error> {
        let Some(bite) = next_bite(other, plan).map_err(|e| self.file.failed(DOING, e))? else {
            return Ok(());
        };
        let (mut targets, last_run) = (self.targets.clone(), self.runs.last);
        let mut exhausted = None;
        let taken = self.file.commit(|db| {
            let wanted = targets_in(other, bite)?;
            for theirs in other.targets.iter().filter(|t| wanted.contains(&t.id)) {
                let Some(id) = known_here(db, &mut targets, theirs, plan.now)? else {
                    exhausted = Some(theirs.name.clone());
                    return Err(rusqlite::Error::QueryReturnedNoRows);
                };
                plan.targets.insert(theirs.id, id);
            }
            let by_id = targets.by_id();
            let spans: Vec<TimeRange> = within(&plan.spans, bite).collect();
            let mut runs = TakenRuns::of(db, other, &spans, last_run)?;
            let (first, last) = (hour_of(bite.from), hour_of(bite.to));
            let hours: Vec<_> = plan.hours.range(first..=last).map(|(h, by)| (*h, *by)).collect();
            for hour in hours {
                take_hour(db, other, hour, plan, &mut runs, &by_id)?;
            }
            runs.put(db, other, plan.now)?;
            take_rest(db, other, plan, bite)?;
            Ok(runs.last_run)
        });
        self.runs.last = taken.map_err(|e| match exhausted {
            Some(name) => Error::TargetsExhausted { name, path: self.file.path.clone() },
            None => self.file.failed(DOING, e),
        })?;
        self.hours_wait = true;
        self.targets = targets;
        plan.done = bite.to;
        Ok(())
    }

    /// Takes notes, and reasons of gaps; to be called when all else is taken.
    ///
    /// # Errors
    /// If it cannot be written; nothing is then taken.
    pub fn merge_notes(&mut self, other: &Other, plan: &mut MergePlan) -> Result<(), Error> {
        let taken = self.file.at_once(|db| {
            let notes = take_notes(db, other)?;
            take_gaps(db, other)?;
            Ok(notes)
        });
        plan.taken.notes += taken.map_err(|e| self.file.failed(DOING, e))?;
        Ok(())
    }

    /// The edges between what was measured here and what was taken over, whose drops are to be
    /// judged again by [`Self::judge_seams`], in order.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn seams(&self) -> Result<Vec<Timestamp>, Error> {
        let read = || {
            self.file
                .db
                .prepare("SELECT at_us FROM seam ORDER BY at_us")?
                // One that is no time is no edge.
                .query_map([], |row| Ok(row.get(0).ok().map(Timestamp::from_micros)))?
                .filter_map(Result::transpose)
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|e| self.file.failed("read database", e))
    }

    /// Replaces all drops that overlap `range` by `drops`; no seam is then left in it.
    ///
    /// # Errors
    /// If it cannot be written; nothing is then changed.
    pub fn judge_seams(&mut self, range: TimeRange, drops: &[LinkDrop]) -> Result<(), Error> {
        let judged = self.file.commit(|db| {
            for stored in link_drop::touching(db, range)? {
                if drops.iter().all(|drop| drop.key != stored.drop.key) {
                    link_drop::delete(db, stored.drop.key)?;
                }
            }
            for drop in drops {
                link_drop::put(db, drop)?;
            }
            db.prepare_cached("DELETE FROM seam WHERE at_us BETWEEN ?1 AND ?2")?
                .execute((range.from.as_micros(), range.to.as_micros()))?;
            Ok(())
        });
        judged.map_err(|e| self.file.failed(DOING, e))
    }
}

/// From where the plan is to the end of a day, or a bit further: no drop of theirs, no moment too
/// short to be an observation and no hour that comes by its sums is cut in two. `None`: all is done.
fn next_bite(other: &Other, plan: &MergePlan) -> rusqlite::Result<Option<TimeRange>> {
    let next = plan.spans.iter().find(|span| span.to > plan.done);
    let (Some(next), Some(last)) = (next, plan.spans.last()) else { return Ok(None) };
    let from = next.from.max(plan.done);
    let day = from.as_micros().div_euclid(DAY_US) + 1;
    let mut to = Timestamp::from_micros(day.saturating_mul(DAY_US));
    while to < last.to {
        let further = further(other, plan, to)?;
        if further <= to {
            return Ok(Some(TimeRange { from, to }));
        }
        to = further;
    }
    Ok(Some(TimeRange { from, to: last.to }))
}

/// The end of what would be cut at `to`; `to` itself when nothing would.
fn further(other: &Other, plan: &MergePlan, to: Timestamp) -> rusqlite::Result<Timestamp> {
    let around = ((to - MARGIN).as_micros(), (to + MARGIN).as_micros());
    let open: Option<i64> = other
        .db
        .prepare_cached(
            "SELECT max(coalesce(end_latest_us, ?3)) FROM link_drop
             WHERE onset_earliest_us <= ?2 AND (end_latest_us IS NULL OR end_latest_us >= ?1)",
        )?
        .query_row((around.0, around.1, i64::MAX), |row| row.get(0))?;
    let drop = open.map(|us| Timestamp::from_micros(us) + MARGIN * 2);
    let span = span_at(&plan.spans, to).map(|span| span.to);
    let short = span.filter(|end| *end <= to + MARGIN);
    let hour = hour_of(to);
    let sums = plan.hours.get(&hour).filter(|by| **by == HourSource::Sums);
    let sums = sums.map(|_| range_of(hour)).filter(|range| range.from < to);
    let ends = [drop, short, sums.map(|range| range.to)];
    Ok(ends.into_iter().flatten().max().unwrap_or(to))
}

/// The targets that have something in a bite.
fn targets_in(other: &Other, bite: TimeRange) -> rusqlite::Result<BTreeSet<TargetId>> {
    let (first, last) = (bite.from.minute(), bite.to.plus_micros(-1).minute());
    let mut found = BTreeSet::new();
    for (table, column, from, to) in [
        ("raw", "minute", first, last),
        ("minute", "minute", first, last),
        ("hour", "hour", first.div_euclid(60), last.div_euclid(60)),
    ] {
        let sql = format!("SELECT DISTINCT target FROM {table} WHERE {column} BETWEEN ?1 AND ?2");
        let mut statement = other.db.prepare_cached(&sql)?;
        for target in statement.query_map((from, to), |row| row.get(0).map(TargetId))? {
            found.insert(target?);
        }
    }
    Ok(found)
}

/// The target here that is like theirs in every respect; one that is new is added as one not in use.
/// `None`: all 255 numbers are used.
fn known_here(
    db: &Connection,
    targets: &mut KnownTargets,
    theirs: &Target,
    now: Timestamp,
) -> rusqlite::Result<Option<TargetId>> {
    if let Some((known, _)) = targets.like(theirs) {
        return Ok(Some(known.id));
    }
    let Some(id) = targets.next_id() else {
        // Rather under the number of the same target at another address than not at all.
        let same = targets.same(theirs).map(|(known, _)| known.id);
        return Ok(same);
    };
    let target = Target { id, ..theirs.clone() };
    target.put(db)?;
    retire(db, id, now)?;
    targets.set(target, TargetUse::Retired);
    Ok(Some(id))
}
