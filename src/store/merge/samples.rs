//! An hour of another file: its samples, or its sums where the samples are gone.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rusqlite::Connection;

use super::other::Other;
use super::plan::{HourSource, MergePlan};
use super::runs::TakenRuns;
use crate::store::close::{self, summarize_minute};
use crate::store::codec;
use crate::store::hour::minutes_of;
use crate::store::rows::{HourRow, MinuteRow};
use crate::store::tables::{RawKey, RawRow, StoredTable, raw};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{Measurement, Target, TargetId};

fn minute_range(minute: i64) -> TimeRange {
    let start = |minute: i64| Timestamp::from_seconds(minute.saturating_mul(60));
    TimeRange { from: start(minute), to: start(minute.saturating_add(1)) }
}

/// Takes what the plan says of an hour into `db`. `targets` are those of `db`.
pub(in crate::store) fn take_hour(
    db: &Connection,
    other: &Other,
    (hour, by): (i64, HourSource),
    plan: &mut MergePlan,
    lives: &mut TakenRuns,
    targets: &BTreeMap<TargetId, Target>,
) -> rusqlite::Result<()> {
    match by {
        HourSource::Samples => take_samples(db, other, hour, plan, lives, targets),
        HourSource::Sums => take_sums(db, other, hour, plan),
    }
}

fn take_samples(
    db: &Connection,
    other: &Other,
    hour: i64,
    plan: &mut MergePlan,
    lives: &mut TakenRuns,
    targets: &BTreeMap<TargetId, Target>,
) -> rusqlite::Result<()> {
    // Minutes and targets with the targets there; those that are whole from one run have a summary.
    let mut touched: BTreeMap<(i64, TargetId), (TargetId, Vec<RowShare>)> = BTreeMap::new();
    let before = plan.taken.probes;
    for mut row in RawRow::all(&other.db, raw::OF_MINUTES, minutes_of(hour))? {
        let theirs = row.key.target;
        let Some(target) = plan.targets.get(&theirs).copied() else { continue };
        row.key.target = target;
        let RawKey { run, minute, .. } = row.key;
        let range = minute_range(minute);
        if !lives.of_run(run).any(|piece| piece.reach().intersect(&range).is_some()) {
            continue;
        }
        let mut samples = Vec::new();
        let is_given = codec::give_to(&mut row.samples, minute, theirs, target).is_ok();
        if !is_given || codec::decode(&row.samples, minute, target, &mut samples).is_err() {
            plan.taken.damaged_rows += 1;
            continue;
        }
        let known = touched.entry((minute, target)).or_insert((theirs, Vec::new()));
        if known.1.is_empty() && raw::has(db, minute, target)? {
            known.1.push(RowShare::Part);
        }
        let interval = targets.get(&target).map_or(Duration::from_secs(1), |t| t.interval);
        let taken = take_row(db, lives, &row, &samples, interval)?;
        plan.taken.probes += taken.probes;
        known.1.extend(taken.extent);
    }
    for ((minute, target), (theirs, extents)) in touched {
        match extents.as_slice() {
            [] => {}
            [RowShare::Whole] if copy_summary(db, other, minute, theirs, target)? => {}
            _ => summarize_minute(db, minute, target)?,
        }
    }
    if plan.taken.probes > before && plan.chained.replace(hour) != Some(hour) {
        plan.taken.chained += 1;
    }
    Ok(())
}

/// How much of a row was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RowShare {
    Whole,
    Part,
}

struct FromRow {
    probes: u64,
    /// `None`: nothing of it.
    extent: Option<RowShare>,
}

fn take_row(
    db: &Connection,
    lives: &mut TakenRuns,
    row: &RawRow,
    samples: &[Measurement],
    interval: Duration,
) -> rusqlite::Result<FromRow> {
    let RawKey { run, minute: number, target } = row.key;
    let minute = minute_range(number);
    let mut here: Option<BTreeSet<i64>> = None;
    let mut taken = FromRow { probes: 0, extent: None };
    for piece in lives.of_run(run) {
        let Some(part) = piece.reach().intersect(&minute) else { continue };
        // On the edge of a piece there may be a sample of ours.
        let is_inside = piece.range.from < minute.from && minute.to <= piece.range.to;
        if is_inside || (part == minute && !raw::has(db, number, target)?) {
            raw::put(db, RawKey { run: piece.run(), ..row.key }, &row.samples)?;
            piece.cover(number);
            return Ok(FromRow { probes: samples.len() as u64, extent: Some(RowShare::Whole) });
        }
        // Times are stored to the millisecond: what lies on an edge may be here already.
        if here.is_none() {
            here = Some(times_here(db, number, target)?);
        }
        let known = here.as_ref();
        let is_new = |m: &&Measurement| {
            let at = m.sent_at.as_millis();
            (part.from.as_millis()..part.to.as_millis()).contains(&at)
                && known.is_some_and(|known| !known.contains(&at))
        };
        let part: Vec<Measurement> = samples.iter().filter(is_new).cloned().collect();
        if part.is_empty() {
            continue;
        }
        put_part(db, RawKey { run: piece.run(), ..row.key }, &part, interval)?;
        piece.cover(number);
        if let Some(known) = &mut here {
            known.extend(part.iter().map(|m| m.sent_at.as_millis()));
        }
        taken.probes += part.len() as u64;
        taken.extent = Some(RowShare::Part);
    }
    Ok(taken)
}

/// Writes samples of a minute, with those that an earlier bite wrote of the same run.
fn put_part(
    db: &Connection,
    key: RawKey,
    samples: &[Measurement],
    interval: Duration,
) -> rusqlite::Result<()> {
    let mut all = Vec::new();
    if let Some(blob) = raw::get(db, key)? {
        // It was encoded by an earlier bite.
        let _ = codec::decode(&blob, key.minute, key.target, &mut all);
    }
    all.extend_from_slice(samples);
    all.sort_by_key(|m| m.sent_at);
    raw::put(db, key, &codec::encode(key.minute, key.target, interval, &all))
}

/// The send times of all samples of a target and minute, milliseconds.
fn times_here(db: &Connection, minute: i64, target: TargetId) -> rusqlite::Result<BTreeSet<i64>> {
    let mut samples = Vec::new();
    for row in raw::of_all_runs(db, minute, target)? {
        // A damaged row has no times.
        let _ = codec::decode(&row.samples, minute, target, &mut samples);
    }
    Ok(samples.iter().map(|m| m.sent_at.as_millis()).collect())
}

/// Takes the summary of a minute as it is there; `false`: there is none.
fn copy_summary(
    db: &Connection,
    other: &Other,
    minute: i64,
    theirs: TargetId,
    target: TargetId,
) -> rusqlite::Result<bool> {
    let condition = "WHERE minute = ?1 AND target = ?2";
    let rows = MinuteRow::all_counted(&other.db, condition, (minute, theirs.0), &other.sums)?;
    let Some(row) = rows.into_iter().next_back() else {
        return Ok(false);
    };
    MinuteRow { target, ..row }.put(db)?;
    Ok(true)
}

/// Takes the sums of a whole hour and, as far as they are kept, those of its minutes.
fn take_sums(
    db: &Connection,
    other: &Other,
    hour: i64,
    plan: &mut MergePlan,
) -> rusqlite::Result<()> {
    if close::is_due(&other.db, hour)? {
        // The copy is ours; its sums of the hour are brought up to date first.
        let theirs = other.targets.iter().map(|t| (t.id, t.clone())).collect();
        close::close_hour(&other.db, &theirs, hour)?;
    }
    for row in HourRow::all_counted(&other.db, "WHERE hour = ?1", [hour], &other.sums)? {
        let Some(&target) = plan.targets.get(&row.target) else { continue };
        HourRow { target, ..row }.put(db)?;
    }
    let (first, last) = minutes_of(hour);
    let condition = "WHERE minute BETWEEN ?1 AND ?2";
    let kept = (first.max(plan.minutes_from), last);
    for row in MinuteRow::all_counted(&other.db, condition, kept, &other.sums)? {
        let Some(&target) = plan.targets.get(&row.target) else { continue };
        MinuteRow { target, ..row }.put(db)?;
    }
    plan.taken.hours += 1;
    Ok(())
}
