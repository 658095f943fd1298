//! Table `run_clock`: whether the clock of a run was set, and what it showed when the run began.

use rusqlite::types::Value;
use rusqlite::{Connection, Row};

use super::table::StoredTable;
use super::value::{time, time_or_null, values, word};
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
            run: row.get(0)?,
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
