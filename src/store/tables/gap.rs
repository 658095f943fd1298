//! Table `gap`: time without observation.

use rusqlite::types::Value;
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};

use super::table::{Overlaid, StoredTable, Timed};
use super::value::{values, word};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{Gap, GapReason};

/// A gap as database and journal hold it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::store) struct GapRow {
    pub(in crate::store) from_us: i64,
    to_us: i64,
    reason: GapReason,
}

impl GapRow {
    /// A gap over whole minutes, up to and not including the second, of which nothing is left.
    pub(in crate::store) fn without_record(from: i64, to: i64) -> Self {
        let us = |minute: i64| minute.saturating_mul(60_000_000);
        Self { from_us: us(from), to_us: us(to), reason: GapReason::NoRecord }
    }

    /// Removes it.
    pub(in crate::store) fn delete(&self, db: &Connection) -> rusqlite::Result<()> {
        db.prepare_cached("DELETE FROM gap WHERE from_us = ?1")?.execute([self.from_us])?;
        Ok(())
    }
}

impl From<&Gap> for GapRow {
    fn from(gap: &Gap) -> Self {
        let TimeRange { from, to } = gap.range;
        Self { from_us: from.as_micros(), to_us: to.as_micros(), reason: gap.reason }
    }
}

impl StoredTable for GapRow {
    const NAME: &'static str = "gap";
    const COLUMNS: &'static [&'static str] = &["from_us", "to_us", "reason"];
    const KEY: &'static str = "from_us";

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { from_us: row.get(0)?, to_us: row.get(1)?, reason: word(row, 2)? })
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        values![self.from_us, self.to_us, self.reason.as_str().to_owned()]
    }
}

impl Overlaid for GapRow {
    type Identity = i64;
    fn identity(&self) -> i64 {
        self.from_us
    }
}

impl Timed for GapRow {
    type Reported = Gap;
    type Order = i64;
    const OVERLAPS: &'static str = "WHERE from_us < ?2 AND to_us > ?1 ORDER BY from_us";

    fn overlaps(&self, range: TimeRange) -> bool {
        self.from_us < range.to.as_micros() && self.to_us > range.from.as_micros()
    }

    fn order(&self) -> i64 {
        self.from_us
    }

    fn report(self) -> Gap {
        let at = Timestamp::from_micros;
        let range = TimeRange { from: at(self.from_us), to: at(self.to_us) };
        Gap { range, reason: self.reason }
    }
}
