//! Taking in what another file has, a day at a time: each bite is one transaction, after which the
//! record is whole, and a merge that was cut short goes on with the next.

use std::collections::BTreeSet;
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::{Error, TargetUse, Writer, commit, table};
use crate::store::merge::{self, ExistingRecord, MergePlan, Other, TakenRuns};
use crate::store::space::SpaceLimits;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{LinkDrop, Target, TargetId};

const DOING: &str = "merge into database";
const DAY_US: i64 = 86_400_000_000;
/// Nothing is cut so near to an edge.
const MARGIN: Duration = Duration::from_secs(1);

impl Writer {
    /// What of the other file is to be taken: the time in which nobody watched here. Samples and
    /// summaries older than `limits` allow at `now` are not brought back. Nothing is written.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn plan_merge(
        &self,
        other: &Other,
        limits: SpaceLimits,
        now: Timestamp,
    ) -> Result<MergePlan, Error> {
        ExistingRecord::of(&self.db, limits, now)
            .and_then(|known| known.plan(&self.db, other, limits, now))
            .map_err(|e| Error::sqlite(DOING, &self.path, e))
    }

    /// Takes the next day or so; [`MergePlan::is_done`] tells whether it was the last. Drops at the edges
    /// are cut there: see [`Self::seams`].
    ///
    /// # Errors
    /// When it cannot be written, or more targets come than a database can have; nothing of this
    /// bite is then taken.
    pub fn merge_bite(&mut self, other: &Other, plan: &mut MergePlan) -> Result<(), Error> {
        let path = self.path.clone();
        let fail = |e| Error::sqlite(DOING, &path, e);
        let Some(bite) = next_bite(other, plan).map_err(fail)? else { return Ok(()) };
        let transaction =
            Transaction::new_unchecked(&self.db, TransactionBehavior::Immediate).map_err(fail)?;
        let wanted = targets_in(other, bite).map_err(fail)?;
        let mut targets = self.targets.clone();
        for theirs in other.targets.iter().filter(|t| wanted.contains(&t.id)) {
            let id = known_here(&transaction, &mut targets, theirs, plan.now)
                .map_err(fail)?
                .ok_or_else(|| Error::TargetsExhausted {
                    name: theirs.name.clone(),
                    path: path.clone(),
                })?;
            plan.targets.insert(theirs.id, id);
        }
        let by_id = targets.iter().map(|(t, _)| (t.id, t.clone())).collect();
        let take = || {
            let spans: Vec<TimeRange> = merge::within(&plan.spans, bite).collect();
            let mut lives = TakenRuns::of(&transaction, other, &spans, self.last_run)?;
            let (first, last) = (merge::hour_of(bite.from), merge::hour_of(bite.to));
            let hours: Vec<_> = plan.hours.range(first..=last).map(|(h, by)| (*h, *by)).collect();
            for (hour, by) in hours {
                merge::take_hour(&transaction, other, (hour, by), plan, &mut lives, &by_id)?;
            }
            lives.put(&transaction, other, plan.now)?;
            merge::take_rest(&transaction, other, plan, bite)?;
            commit::put_commits(&transaction, self.commits + 1)?;
            transaction.commit()?;
            Ok(lives.last_run)
        };
        self.last_run = take().map_err(fail)?;
        self.commits += 1;
        self.hours_wait = true;
        self.targets = targets;
        plan.done = bite.to;
        Ok(())
    }

    /// Takes notes, and reasons of gaps; to be called when all else is taken.
    ///
    /// # Errors
    /// When it cannot be written; nothing is then taken.
    pub fn merge_notes(&mut self, other: &Other, plan: &mut MergePlan) -> Result<(), Error> {
        let take = || {
            let transaction = Transaction::new_unchecked(&self.db, TransactionBehavior::Immediate)?;
            let notes = merge::take_notes(&transaction, other)?;
            merge::take_gaps(&transaction, other)?;
            transaction.commit()?;
            Ok(notes)
        };
        plan.taken.notes += take().map_err(|e| Error::sqlite(DOING, &self.path, e))?;
        Ok(())
    }

    /// The edges between what was measured here and what was taken over, whose drops are to be
    /// judged anew by [`Self::judge_seams`], in order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn seams(&self) -> Result<Vec<Timestamp>, Error> {
        let read = || -> rusqlite::Result<Vec<Timestamp>> {
            self.db
                .prepare("SELECT at_us FROM seam ORDER BY at_us")?
                .query_map([], |row| row.get(0).map(Timestamp::from_micros))?
                .collect()
        };
        read().map_err(|e| Error::sqlite("read database", &self.path, e))
    }

    /// Puts `drops` in the place of all that overlap `range`, in which no seam is left then.
    ///
    /// # Errors
    /// When it cannot be written; nothing is then changed.
    pub fn judge_seams(&mut self, range: TimeRange, drops: &[LinkDrop]) -> Result<(), Error> {
        let (from, to) = (range.from.as_micros(), range.to.as_micros());
        let judge = || {
            let transaction = Transaction::new_unchecked(&self.db, TransactionBehavior::Immediate)?;
            let kept: BTreeSet<i64> = drops.iter().map(|drop| drop.key.as_micros()).collect();
            let stored: Vec<i64> = transaction
                .prepare_cached(
                    "SELECT key_us FROM link_drop WHERE onset_earliest_us < ?2
                       AND (end_latest_us IS NULL OR end_latest_us > ?1)",
                )?
                .query_map((from, to), |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            for key in stored.iter().filter(|key| !kept.contains(key)) {
                transaction
                    .prepare_cached("DELETE FROM link_drop WHERE key_us = ?1")?
                    .execute([key])?;
            }
            for drop in drops {
                table::put_drop(&transaction, drop)?;
            }
            transaction
                .prepare_cached("DELETE FROM seam WHERE at_us BETWEEN ?1 AND ?2")?
                .execute((from, to))?;
            commit::put_commits(&transaction, self.commits + 1)?;
            transaction.commit()
        };
        judge().map_err(|e| Error::sqlite(DOING, &self.path, e))?;
        self.commits += 1;
        Ok(())
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
    let span = merge::span_at(&plan.spans, to).map(|span| span.to);
    let short = span.filter(|end| *end <= to + MARGIN);
    let hour = merge::hour_of(to);
    let sums = plan.hours.get(&hour).filter(|by| **by == merge::HourSource::Sums);
    let sums = sums.map(|_| merge::range_of(hour)).filter(|range| range.from < to);
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

/// The target here that is like theirs in all; one that is new is added as one not in use. `None`:
/// all 255 numbers are used.
fn known_here(
    db: &Connection,
    targets: &mut Vec<(Target, TargetUse)>,
    theirs: &Target,
    now: Timestamp,
) -> rusqlite::Result<Option<TargetId>> {
    let same = targets.iter().find(|(t, _)| Target { id: t.id, ..theirs.clone() } == *t);
    if let Some((target, _)) = same {
        return Ok(Some(target.id));
    }
    let last = targets.iter().map(|(t, _)| t.id.0).max().unwrap_or(0);
    let Some(id) = last.checked_add(1).map(TargetId) else { return Ok(None) };
    let target = Target { id, ..theirs.clone() };
    table::put_target(db, &target)?;
    db.execute("UPDATE target SET retired_ms = ?2 WHERE id = ?1", (id.0, now.as_millis()))?;
    targets.push((target, TargetUse::Retired));
    Ok(Some(id))
}
