//! Table `station`: the access point of the Wi-Fi interface that packets left by.

use rusqlite::Row;
use rusqlite::types::Value;

use super::bite::Bite;
use super::run_clock::taken_runs;
use super::table::{Overlaid, Salvaged, StoredTable, Timed};
use super::value::{run, time, values};
use crate::time::TimeRange;
use crate::vocabulary::StationSeen;

impl StoredTable for StationSeen {
    const NAME: &'static str = "station";
    const COLUMNS: &'static [&'static str] =
        &["run", "at_us", "interface", "bssid", "since_us", "signal_dbm", "rate_kbps"];
    const KEY: &'static str = "run, at_us";
    const SINCE: i64 = 6;
    const SALVAGE: Salvaged = Salvaged::InBackground;
    const CREATE: &'static str = "
-- The access point that the Wi-Fi interface in use was connected to: a row when it is another, when signal
-- or rate changed much, and every ten minutes.
CREATE TABLE station(
  run        INTEGER NOT NULL,
  at_us      INTEGER NOT NULL,
  interface  TEXT NOT NULL,
  bssid      TEXT NOT NULL,
  since_us   INTEGER NOT NULL,          -- since when it was connected to this access point, to a second
  signal_dbm INTEGER,
  rate_kbps  INTEGER,                   -- of sending
  PRIMARY KEY(run, at_us)) STRICT, WITHOUT ROWID;
";

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            run: run(row, 0)?,
            at: time(row, 1)?,
            interface: row.get(2)?,
            bssid: row.get(3)?,
            since: time(row, 4)?,
            signal_dbm: row.get(5)?,
            rate_kbps: row.get(6)?,
        })
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        values![
            self.run,
            self.at.as_micros(),
            self.interface.clone(),
            self.bssid.clone(),
            self.since.as_micros(),
            self.signal_dbm,
            self.rate_kbps,
        ]
    }

    /// A run that was taken over has what was seen in its part of the run in the other file.
    fn merge(bite: &Bite<'_>) -> rusqlite::Result<u64> {
        for part in taken_runs(bite)? {
            let within = "WHERE run = ?1 AND at_us BETWEEN ?2 AND ?3 ORDER BY at_us";
            let there = (part.theirs, part.started_us, part.ended_us);
            for row in Self::all(bite.other, within, there)? {
                Self { run: part.run, ..row }.put(bite.db)?;
            }
        }
        Ok(0)
    }
}

impl Overlaid for StationSeen {
    type Identity = (i64, i64);
    fn identity(&self) -> (i64, i64) {
        (self.run, self.at.as_micros())
    }
}

impl Timed for StationSeen {
    type Reported = Self;
    type Order = (i64, i64);
    const OVERLAPS: &'static str = "WHERE at_us BETWEEN ?1 AND ?2 ORDER BY run, at_us";

    fn overlaps(&self, range: TimeRange) -> bool {
        range.contains(self.at)
    }

    fn order(&self) -> (i64, i64) {
        self.identity()
    }

    fn report(self) -> Self {
        self
    }
}
