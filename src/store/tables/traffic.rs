//! Table `traffic`: bytes of this host, minute by minute.

use rusqlite::Row;
use rusqlite::types::Value;

use super::bite::Bite;
use super::merging::{Moved, take};
use super::table::{Overlaid, Salvaged, StoredTable, Timed};
use super::value::{count, delay, minute, values, whole};
use crate::time::{TimeRange, Timestamp, micros};
use crate::vocabulary::Traffic;

/// When its minute begins.
fn start(traffic: &Traffic) -> Timestamp {
    Timestamp::from_seconds(traffic.minute.saturating_mul(60))
}

impl StoredTable for Traffic {
    const NAME: &'static str = "traffic";
    const COLUMNS: &'static [&'static str] =
        &["minute", "interface", "length_us", "rx_bytes", "tx_bytes"];
    const KEY: &'static str = "minute, interface";
    const SINCE: i64 = 2;
    const SALVAGE: Salvaged = Salvaged::InBackground;

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            minute: minute(row, 0)?,
            interface: row.get(1)?,
            length: delay(row, 2)?,
            received: count(row, 3)?,
            sent: count(row, 4)?,
        })
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        values![
            self.minute,
            self.interface.clone(),
            micros(self.length),
            whole(self.received),
            whole(self.sent),
        ]
    }

    fn merge(bite: &Bite<'_>) -> rusqlite::Result<u64> {
        take::<Self>(bite)
    }
}

/// That of minutes that are taken in full and of which nothing is known here.
impl Moved for Traffic {
    const BEGINS: &'static str = "minute";

    fn beginnings(range: TimeRange) -> (i64, i64) {
        Self::bounds(range)
    }

    fn began(&self) -> Timestamp {
        start(self)
    }

    fn moved(self, bite: &Bite<'_>, span: TimeRange) -> rusqlite::Result<Option<Self>> {
        let is_whole = span.to >= start(&self).plus_micros(60_000_000);
        let mut known = bite.db.prepare_cached("SELECT 1 FROM traffic WHERE minute = ?1")?;
        Ok(if is_whole && !known.exists([self.minute])? { Some(self) } else { None })
    }
}

impl Overlaid for Traffic {
    type Identity = (i64, String);
    fn identity(&self) -> (i64, String) {
        (self.minute, self.interface.clone())
    }
}

impl Timed for Traffic {
    type Reported = Self;
    type Order = (i64, String);
    const OVERLAPS: &'static str = "WHERE minute BETWEEN ?1 AND ?2 ORDER BY minute, interface";

    fn bounds(range: TimeRange) -> (i64, i64) {
        (range.from.minute(), range.to.minute())
    }

    fn overlaps(&self, range: TimeRange) -> bool {
        range.contains(start(self))
    }

    fn order(&self) -> (i64, String) {
        self.identity()
    }

    fn report(self) -> Self {
        self
    }
}
