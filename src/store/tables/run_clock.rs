//! Table `run_clock`: whether the clock of a run was set, and what it showed when the run began.

use rusqlite::types::Value;
use rusqlite::{Connection, Row};

use super::bite::Bite;
use super::table::StoredTable;
use super::value::{run, time, time_or_null, values, word};
use crate::store::meta;
use crate::time::Timestamp;
use crate::vocabulary::{ClockState, RunClock};

impl StoredTable for RunClock {
    const NAME: &'static str = "run_clock";
    const COLUMNS: &'static [&'static str] = &["run", "state", "host_us", "dated_us"];
    const KEY: &'static str = "run";
    const SINCE: i64 = 6;
    const CREATE: &'static str = "
-- Whether the clock of a run had been set. A run without a row is of a linkmon that did not ask.
CREATE TABLE run_clock(
  run      INTEGER PRIMARY KEY,
  state    TEXT NOT NULL,               -- 'provisional', 'set'
  host_us  INTEGER NOT NULL,            -- what the host's clock showed at run.started_us
  dated_us INTEGER) STRICT;             -- when the run was dated anew by its boot clock; NULL: never
";

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            run: run(row, 0)?,
            state: word(row, 1)?,
            host: time(row, 2)?,
            dated: time_or_null(row, 3)?,
        })
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        values![
            self.run,
            self.state.as_str().to_owned(),
            self.host.as_micros(),
            self.dated.map(Timestamp::as_micros),
        ]
    }

    /// A run that was taken over has the clock of its run in the other file.
    fn merge(bite: &Bite<'_>) -> rusqlite::Result<u64> {
        for taken in taken_runs(bite)? {
            let clock = Self::all(bite.other, "WHERE run = ?1", [taken.theirs])?.pop();
            if let Some(clock) = clock {
                let host = clock.host.plus_micros(taken.started_us - taken.their_start_us);
                Self { run: taken.run, host, ..clock }.put_if_absent(bite.db)?;
            }
        }
        Ok(0)
    }
}

/// A part of a run of the other file that overlaps a bite.
pub(super) struct TakenPart {
    /// Its number here.
    pub(super) run: i64,
    /// Number of the run there.
    pub(super) theirs: i64,
    /// When the part begins and ends, microseconds.
    pub(super) started_us: i64,
    pub(super) ended_us: i64,
    /// When the whole run began.
    their_start_us: i64,
}

/// The parts of runs that were taken over and overlap a bite.
pub(super) fn taken_runs(bite: &Bite<'_>) -> rusqlite::Result<Vec<TakenPart>> {
    let source = meta::identity(bite.other)?;
    let mut parts = bite
        .db
        .prepare_cached(
            "SELECT m.run, m.their_run, r.started_us, r.last_seen_us
             FROM merged_run m JOIN run r ON r.id = m.run
             WHERE m.source = ?1 AND r.started_us < ?3 AND r.last_seen_us >= ?2",
        )?
        .query_map((source, bite.range.from.as_micros(), bite.range.to.as_micros()), |row| {
            Ok(TakenPart {
                run: row.get(0)?,
                theirs: row.get(1)?,
                started_us: row.get(2)?,
                ended_us: row.get(3)?,
                their_start_us: 0,
            })
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for part in &mut parts {
        let start = "SELECT started_us FROM run WHERE id = ?1";
        part.their_start_us = bite.other.query_row(start, [part.theirs], |row| row.get(0))?;
    }
    Ok(parts)
}

/// Those of the runs of a boot whose clock was not set, by number.
pub(in crate::store) fn provisional(
    db: &Connection,
    boot_id: &str,
) -> rusqlite::Result<Vec<RunClock>> {
    let condition = "WHERE state = ?1 AND run IN (SELECT id FROM run WHERE boot_id = ?2)
                     ORDER BY run";
    RunClock::all(db, condition, (ClockState::Provisional.as_str(), boot_id))
}
