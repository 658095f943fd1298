//! Dating runs anew: the clock was set, so that what was measured before in this boot has other times
//! than it was given. The boot clock says by how much.
//!
//! In one transaction everything that lies in such a run is moved by whole milliseconds: samples with
//! their summaries, and every edge of drops, gaps, impairments and events. Hours that are in the chain
//! and change are entered in it once more, in the same transaction; what the host's clock showed
//! stays in `run_clock`, so that the times as they were first given can be computed.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use super::Writer;
use super::targets::KnownTargets;
use crate::store::chain;
use crate::store::close::{close_hour, summarize_minute};
use crate::store::codec;
use crate::store::error::Error;
use crate::store::hour::{hour_of_minute, minutes_of};
use crate::store::tables::{RawKey, RawRow, RunRow, StoredTable, raw, run_clock, stretch};
use crate::text::order::InOrder;
use crate::time::{LARGEST_SLEW, Micros, Timestamp};
use crate::vocabulary::{ClockState, Measurement, RunClock, TargetId};

/// A probe of a run is labelled this much later than the run was last seen, at most.
const AFTER_LAST_SEEN: Micros = Micros::SECOND;

/// A run whose clock is now known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatedRun {
    /// Its number.
    pub run: i64,
    /// By how much its times were moved; zero where they were right.
    pub by: Micros,
}

impl Writer {
    /// The clock has been set: UTC is `offset_us` microseconds ahead of boot time in the boot of this
    /// name. Dates all its runs by that whose clock was provisional, and commits what is held. Gives
    /// what was done; of the open run only the state of its clock may change, so end it before.
    ///
    /// # Errors
    /// If it cannot be written; nothing is then changed, and the next call does it.
    pub fn date_runs(
        &mut self,
        boot_id: &str,
        offset_us: i64,
        now: Timestamp,
    ) -> Result<Vec<DatedRun>, Error> {
        self.commit_and_report()?;
        let targets = &self.targets;
        let dated = self.file.commit(|db| date_runs(db, targets, boot_id, offset_us, now));
        let dated = dated.map_err(|e| self.file.failed("date runs anew in database", e))?;
        self.clocks.set();
        let moved = |dated: &DatedRun| dated.by != Micros::ZERO;
        if dated.iter().any(moved) {
            // What is in memory has the times of before; all of it is in the database.
            self.waiting.forget_committed();
            self.hours_wait = true;
        }
        Ok(dated)
    }
}

fn date_runs(
    db: &Connection,
    targets: &KnownTargets,
    boot_id: &str,
    offset_us: i64,
    now: Timestamp,
) -> rusqlite::Result<Vec<DatedRun>> {
    let mut dated = Vec::new();
    // The last first where times move on, else the first: none is moved into one still to be moved.
    let mut clocks = run_clock::provisional(db, boot_id)?;
    let mut moves = Vec::new();
    for clock in clocks.drain(..) {
        let Some(row) = RunRow::all(db, "WHERE id = ?1", [clock.run])?.pop() else { continue };
        let by = shift(&row, offset_us);
        moves.push((clock, row, by));
    }
    let ends: Vec<i64> = moves.iter().map(|(_, row, _)| row.started_us).collect();
    let onwards = moves.iter().any(|(_, _, by)| *by > Micros::ZERO);
    let mut order: Vec<usize> = (0..moves.len()).collect();
    if onwards {
        order.reverse();
    }
    for n in order {
        let (clock, row, by) = &moves[n];
        if *by != Micros::ZERO {
            let to = row.last_seen_us.saturating_add(AFTER_LAST_SEEN.as_i64());
            let to = ends.get(n + 1).map_or(to, |next| to.min(next - 1));
            let span = LabelSpan { from_us: row.started_us, to_us: to, by_us: by.as_i64() };
            move_samples(db, targets, row, span)?;
            move_rows(db, span)?;
        }
        let dated_at = (*by != Micros::ZERO).then_some(now);
        let clock = RunClock { state: ClockState::Set, dated: dated_at, ..*clock };
        clock.put(db)?;
        dated.push(DatedRun { run: row.id, by: *by });
    }
    dated.order_by_key(|dated| dated.run);
    Ok(dated)
}

/// By how much the times of a run have to be moved: whole milliseconds, as send times are; nothing
/// where the clock was only slewed.
fn shift(row: &RunRow, offset_us: i64) -> Micros {
    let Some(boot_us) = row.boot_us else { return Micros::ZERO };
    let before = row.started_us - boot_us;
    if (offset_us - before).abs() <= LARGEST_SLEW.as_i64() {
        return Micros::ZERO;
    }
    let whole_ms = |us: i64| (us + 500).div_euclid(1_000);
    Micros::from_millis(whole_ms(offset_us) - whole_ms(before))
}

/// Times that are moved, both ends included, and by how much.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_field_names, reason = "each says its unit")]
struct LabelSpan {
    from_us: i64,
    to_us: i64,
    by_us: i64,
}

/// Moves the samples of a run, with the summaries of the minutes and hours that it leaves and enters.
fn move_samples(
    db: &Connection,
    targets: &KnownTargets,
    row: &RunRow,
    span: LabelSpan,
) -> rusqlite::Result<()> {
    let mut row = row.clone();
    let before = row.minutes;
    let moved = |us: i64| us.saturating_add(span.by_us);
    (row.started_us, row.last_seen_us) = (moved(row.started_us), moved(row.last_seen_us));
    let minutes = row.minutes.take();
    let mut held: BTreeMap<RawKey, Vec<Measurement>> = BTreeMap::new();
    let mut left = BTreeSet::new();
    if let Some((first, last)) = minutes {
        let condition = "WHERE minute BETWEEN ?1 AND ?2 AND run = ?3 ORDER BY minute, target";
        for RawRow { key, samples } in RawRow::all(db, condition, (first, last, row.id))? {
            let mut decoded = Vec::new();
            if codec::decode(&samples, key.minute, key.target, &mut decoded).is_err() {
                // It stays, as damaged as it is, where it is.
                row.cover(key.minute);
                continue;
            }
            left.insert((key.minute, key.target));
            db.prepare_cached("DELETE FROM raw WHERE minute = ?1 AND target = ?2 AND run = ?3")?
                .execute((key.minute, key.target.0, key.run))?;
            for mut sample in decoded {
                let at = sample.sent_at.as_micros();
                // What another thread sent just after the step has its right time already.
                if (span.from_us..=span.to_us).contains(&at) {
                    sample.sent_at = sample.sent_at.plus_micros(span.by_us);
                }
                let key = RawKey { minute: sample.sent_at.minute(), ..key };
                held.entry(key).or_default().push(sample);
            }
        }
    }
    for (key, samples) in &mut held {
        samples.order_by_key(|sample| sample.sent_at);
        raw::put(
            db,
            *key,
            &codec::encode(key.minute, key.target, targets.interval(key.target), samples),
        )?;
        summarize_minute(db, key.minute, key.target)?;
        row.cover(key.minute);
    }
    for (minute, target) in &left {
        leave_minute(db, *minute, *target)?;
    }
    let hours: BTreeSet<i64> = left.iter().map(|(minute, _)| hour_of_minute(*minute)).collect();
    for hour in hours {
        leave_hour(db, hour)?;
    }
    db.prepare_cached(
        "UPDATE run SET started_us = ?2, last_seen_us = ?3, first_minute = ?4, last_minute = ?5
         WHERE id = ?1",
    )?
    .execute((
        row.id,
        row.started_us,
        row.last_seen_us,
        row.minutes.map(|m| m.0),
        row.minutes.map(|m| m.1),
    ))?;
    for (first, last) in before.into_iter().chain(row.minutes) {
        enter_again(db, targets, hour_of_minute(first), hour_of_minute(last))?;
    }
    Ok(())
}

/// Enters the hours of a run that are in the chain with the rows that they have now, and the run with
/// its new start.
fn enter_again(
    db: &Connection,
    targets: &KnownTargets,
    first: i64,
    last: i64,
) -> rusqlite::Result<()> {
    let hours: Vec<i64> = db
        .prepare_cached("SELECT DISTINCT hour FROM chain WHERE hour BETWEEN ?1 AND ?2")?
        .query_map([first, last], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let targets = targets.by_id();
    hours.into_iter().try_for_each(|hour| close_hour(db, &targets, hour))
}

/// Sums up a minute that lost rows, or forgets it.
fn leave_minute(db: &Connection, minute: i64, target: TargetId) -> rusqlite::Result<()> {
    if raw::has(db, minute, target)? {
        return summarize_minute(db, minute, target);
    }
    db.prepare_cached("DELETE FROM minute WHERE minute = ?1 AND target = ?2")?
        .execute((minute, target.0))?;
    Ok(())
}

/// An hour that lost rows: what is left is summed up again; the chain notes an hour that is empty.
fn leave_hour(db: &Connection, hour: i64) -> rusqlite::Result<()> {
    let (first, last) = minutes_of(hour);
    db.prepare_cached(
        "DELETE FROM hour WHERE hour = ?1 AND NOT EXISTS(
           SELECT 1 FROM raw WHERE minute BETWEEN ?2 AND ?3 AND raw.target = hour.target)",
    )?
    .execute((hour, first, last))?;
    let any = "SELECT 1 FROM raw WHERE minute BETWEEN ?1 AND ?2 LIMIT 1";
    if db.prepare_cached(any)?.exists((first, last))? {
        db.prepare_cached("INSERT OR IGNORE INTO hour_due(hour) VALUES (?1)")?.execute([hour])?;
        return Ok(());
    }
    db.prepare_cached("DELETE FROM hour_due WHERE hour = ?1")?.execute([hour])?;
    if chain::has(db, hour)? { chain::append(db, hour, &[]) } else { Ok(()) }
}

/// Columns that hold a time in microseconds, table by table.
const TIMES: [(&str, &[&str]); 13] = [
    (
        "link_drop",
        &[
            "key_us",
            "first_key_us",
            "onset_earliest_us",
            "onset_latest_us",
            "end_earliest_us",
            "end_latest_us",
        ],
    ),
    (
        "impairment",
        &["key_us", "onset_earliest_us", "onset_latest_us", "end_earliest_us", "end_latest_us"],
    ),
    ("gap", &["from_us", "to_us"]),
    ("trouble", &["from_us", "to_us"]),
    ("event", &["time_us"]),
    ("roster", &["from_us"]),
    ("way", &["from_us"]),
    ("drop_path", &["at_us"]),
    ("station", &["at_us", "since_us"]),
    ("modem_reading", &["at_us"]),
    ("modem_page", &["at_us"]),
    ("server_clock", &["from_us", "to_us"]),
    ("message", &["of_us", "at_us", "onset_us", "end_us"]),
];

/// Moves every time that lies in the span, whatever row it is in.
fn move_rows(db: &Connection, span: LabelSpan) -> rusqlite::Result<()> {
    let LabelSpan { from_us, to_us, by_us } = span;
    stretch::move_times(db, [from_us, to_us, by_us])?;
    // What the watch of a whole drop or impairment cannot have seen grows with the time between its
    // edges, where only the end moves.
    for (table, most) in [("link_drop", ", max_us = max_us + ?3"), ("impairment", "")] {
        db.execute(
            &format!(
                "UPDATE {table} SET unobserved_us = max(0, unobserved_us + ?3){most}
                 WHERE NOT (onset_earliest_us BETWEEN ?1 AND ?2)
                   AND (end_latest_us BETWEEN ?1 AND ?2)"
            ),
            (from_us, to_us, by_us),
        )?;
    }
    db.execute(
        "UPDATE server_clock SET least_us = least_us - ?3, most_us = most_us - ?3
         WHERE from_us BETWEEN ?1 AND ?2",
        (from_us, to_us, by_us),
    )?;
    for (table, columns) in TIMES {
        let inside = |column: &str| format!("{column} BETWEEN ?1 AND ?2");
        let set = columns.iter().map(|column| {
            format!("{column} = CASE WHEN {} THEN {column} + ?3 ELSE {column} END", inside(column))
        });
        let (set, any) = (
            set.collect::<Vec<_>>().join(", "),
            columns.iter().map(|column| inside(column)).collect::<Vec<_>>().join(" OR "),
        );
        // A row of the same key at the same microsecond could only be the same one.
        db.execute(
            &format!("UPDATE OR REPLACE {table} SET {set} WHERE {any}"),
            (from_us, to_us, by_us),
        )?;
    }
    let minute = |us: i64| us.div_euclid(60_000_000);
    let by_minutes = (by_us + 30_000_000).div_euclid(60_000_000);
    db.execute(
        "UPDATE OR REPLACE traffic SET minute = minute + ?3 WHERE minute BETWEEN ?1 AND ?2",
        (minute(from_us), minute(to_us), by_minutes),
    )?;
    Ok(())
}
