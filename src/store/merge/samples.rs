//! An hour of another file: its samples, or its sums where the samples are gone.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use super::plan::{HourSource, minutes_of};
use super::{MergePlan, Other, TakenRuns};
use crate::store::rows::HourRow;
use crate::store::{codec, table, writer};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{Measurement, Target, TargetId};

/// A row of raw of the other file.
struct Row {
    minute: i64,
    target: TargetId,
    run: i64,
    samples: Vec<u8>,
}

impl Row {
    fn range(&self) -> TimeRange {
        let start = |minute: i64| Timestamp::from_seconds(minute.saturating_mul(60));
        TimeRange { from: start(self.minute), to: start(self.minute.saturating_add(1)) }
    }
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
    let mut statement = other.db.prepare_cached(
        "SELECT minute, target, run, samples FROM raw
         WHERE minute BETWEEN ?1 AND ?2 ORDER BY minute, target, run",
    )?;
    let mut rows = statement.query(minutes_of(hour))?;
    let before = plan.taken.probes;
    while let Some(row) = rows.next()? {
        let theirs = TargetId(row.get(1)?);
        let Some(target) = plan.targets.get(&theirs).copied() else { continue };
        let row = Row { minute: row.get(0)?, target, run: row.get(2)?, samples: row.get(3)? };
        let minute = row.range();
        if !lives.of_run(row.run).any(|piece| piece.reach().intersect(&minute).is_some()) {
            continue;
        }
        let mut samples = Vec::new();
        if codec::decode(&row.samples, row.minute, target, &mut samples).is_err() {
            plan.taken.damaged_rows += 1;
            continue;
        }
        let known = touched.entry((row.minute, target)).or_insert((theirs, Vec::new()));
        if known.1.is_empty() && has_samples(db, row.minute, target)? {
            known.1.push(RowShare::Part);
        }
        let interval =
            targets.get(&target).map_or(std::time::Duration::from_secs(1), |t| t.interval);
        let taken = take_row(db, lives, &row, &samples, interval)?;
        plan.taken.probes += taken.probes;
        known.1.extend(taken.extent);
    }
    for ((minute, target), (theirs, extents)) in touched {
        match extents.as_slice() {
            [] => {}
            [RowShare::Whole] if copy_summary(db, other, minute, theirs, target)? => {}
            _ => writer::summarize(db, minute, target)?,
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
    row: &Row,
    samples: &[Measurement],
    interval: std::time::Duration,
) -> rusqlite::Result<FromRow> {
    let minute = row.range();
    let mut here: Option<BTreeSet<i64>> = None;
    let mut taken = FromRow { probes: 0, extent: None };
    for piece in lives.of_run(row.run) {
        let Some(part) = piece.reach().intersect(&minute) else { continue };
        // On the edge of a piece there may be a sample of ours.
        let is_inside = piece.range.from < minute.from && minute.to <= piece.range.to;
        if is_inside || (part == minute && !has_samples(db, row.minute, row.target)?) {
            table::put_raw(db, (piece.run(), row.minute, row.target), &row.samples)?;
            piece.cover(row.minute);
            return Ok(FromRow { probes: samples.len() as u64, extent: Some(RowShare::Whole) });
        }
        // Times are stored to the millisecond: what lies on an edge may be here already.
        if here.is_none() {
            here = Some(times_here(db, row.minute, row.target)?);
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
        put_part(db, (piece.run(), row.minute, row.target), &part, interval)?;
        piece.cover(row.minute);
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
    key: (i64, i64, TargetId),
    samples: &[Measurement],
    interval: std::time::Duration,
) -> rusqlite::Result<()> {
    let (run, minute, target) = key;
    let mut all = Vec::new();
    for (of, blob) in rows_here(db, minute, target)? {
        if of == run {
            // It was encoded by an earlier bite.
            let _ = codec::decode(&blob, minute, target, &mut all);
        }
    }
    all.extend_from_slice(samples);
    all.sort_by_key(|m| m.sent_at);
    table::put_raw(db, key, &codec::encode(minute, interval, &all))
}

/// The send times of all samples of a target and minute, milliseconds.
fn times_here(db: &Connection, minute: i64, target: TargetId) -> rusqlite::Result<BTreeSet<i64>> {
    let mut samples = Vec::new();
    for (_, blob) in rows_here(db, minute, target)? {
        let before = samples.len();
        if codec::decode(&blob, minute, target, &mut samples).is_err() {
            samples.truncate(before);
        }
    }
    Ok(samples.iter().map(|m| m.sent_at.as_millis()).collect())
}

fn rows_here(
    db: &Connection,
    minute: i64,
    target: TargetId,
) -> rusqlite::Result<Vec<(i64, Vec<u8>)>> {
    db.prepare_cached("SELECT run, samples FROM raw WHERE minute = ?1 AND target = ?2")?
        .query_map((minute, target.0), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

fn has_samples(db: &Connection, minute: i64, target: TargetId) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM raw WHERE minute = ?1 AND target = ?2 LIMIT 1")?
        .exists((minute, target.0))
}

/// Takes the summary of a minute as it stands there; `false`: there is none.
fn copy_summary(
    db: &Connection,
    other: &Other,
    minute: i64,
    theirs: TargetId,
    target: TargetId,
) -> rusqlite::Result<bool> {
    let sql =
        format!("SELECT {} FROM minute WHERE minute = ?1 AND target = ?2", table::MINUTE_COLUMNS);
    let mut statement = other.db.prepare_cached(&sql)?;
    let mut rows = statement.query_map((minute, theirs.0), table::read_minute)?;
    let Some(row) = rows.next().transpose()? else { return Ok(false) };
    table::put_minute(db, &crate::store::rows::MinuteRow { target, ..row })?;
    Ok(true)
}

/// Takes the sums of a whole hour and, as far as they are kept, those of its minutes.
fn take_sums(
    db: &Connection,
    other: &Other,
    hour: i64,
    plan: &mut MergePlan,
) -> rusqlite::Result<()> {
    let is_due =
        other.db.prepare_cached("SELECT 1 FROM hour_due WHERE hour = ?1")?.exists([hour])?;
    if is_due {
        // The copy is ours; what it says of the hour is brought up to date first.
        let theirs = other.targets.iter().map(|t| (t.id, t.clone())).collect();
        writer::close_hour(&other.db, &theirs, hour)?;
    }
    let sql = format!("SELECT {} FROM hour WHERE hour = ?1", HourRow::COLUMNS);
    let rows: Vec<HourRow> = other
        .db
        .prepare_cached(&sql)?
        .query_map([hour], HourRow::read)?
        .collect::<Result<_, _>>()?;
    for row in rows {
        let Some(&target) = plan.targets.get(&row.target) else { continue };
        HourRow { target, ..row }.put(db)?;
    }
    let (first, last) = minutes_of(hour);
    let sql =
        format!("SELECT {} FROM minute WHERE minute BETWEEN ?1 AND ?2", table::MINUTE_COLUMNS);
    let rows = (first.max(plan.minutes_from), last);
    let mut statement = other.db.prepare_cached(&sql)?;
    for row in statement.query_map(rows, table::read_minute)? {
        let row = row?;
        let Some(&target) = plan.targets.get(&row.target) else { continue };
        table::put_minute(db, &crate::store::rows::MinuteRow { target, ..row })?;
    }
    plan.taken.hours += 1;
    Ok(())
}
