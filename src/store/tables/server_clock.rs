//! Table `server_clock`: how far web servers were ahead of the times in the record, day by day.

use rusqlite::Row;
use rusqlite::types::Value;

use super::bite::Bite;
use super::run_clock::taken_runs;
use super::table::{Salvaged, StoredTable};
use super::value::{run, time, us, values};
use crate::time::Micros;
use crate::vocabulary::{ClockOffset, ServerClock, TargetId};

impl StoredTable for ServerClock {
    const NAME: &'static str = "server_clock";
    const COLUMNS: &'static [&'static str] =
        &["run", "target", "from_us", "to_us", "least_us", "most_us", "answers"];
    const KEY: &'static str = "from_us, target";
    const SINCE: i64 = 6;
    const SALVAGE: Salvaged = Salvaged::InBackground;
    const CREATE: &'static str = "
-- Bounds of what a web server's clock was ahead of the times in the record, from the Date of its
-- answers in one run and day (UTC).
CREATE TABLE server_clock(
  run      INTEGER NOT NULL,
  target   INTEGER NOT NULL,
  from_us  INTEGER NOT NULL,            -- first and last answer
  to_us    INTEGER NOT NULL,
  least_us INTEGER NOT NULL,            -- negative: behind
  most_us  INTEGER NOT NULL,
  answers  INTEGER NOT NULL,
  PRIMARY KEY(from_us, target)) STRICT, WITHOUT ROWID;
";

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let offset = |column| us(row, column).map(Micros::new);
        Ok(Self {
            run: run(row, 0)?,
            target: TargetId(row.get(1)?),
            from: time(row, 2)?,
            to: time(row, 3)?,
            offset: ClockOffset::new(offset(4)?, offset(5)?),
            answers: row.get(6)?,
        })
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        values![
            self.run,
            self.target.0,
            self.from.as_micros(),
            self.to.as_micros(),
            self.offset.least().as_i64(),
            self.offset.most().as_i64(),
            self.answers,
        ]
    }

    /// That of the parts of runs that are taken over.
    fn merge(bite: &Bite<'_>) -> rusqlite::Result<u64> {
        for part in taken_runs(bite)? {
            let within = "WHERE run = ?1 AND from_us >= ?2 AND to_us <= ?3";
            let bounds = (part.theirs, part.started_us, part.ended_us);
            for clock in Self::all(bite.other, within, bounds)? {
                if let Some(target) = bite.target(clock.target) {
                    Self { run: part.run, target, ..clock }.put_if_absent(bite.db)?;
                }
            }
        }
        Ok(0)
    }
}
