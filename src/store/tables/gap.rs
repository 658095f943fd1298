//! Table `gap`: time without observation.

use rusqlite::types::Value;
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};

use super::table::{Overlaid, StoredTable, Timed, write};
use super::value::{us, values, word};
use crate::store::meta;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{Gap, GapReason};

/// The schema that introduced the last reasons.
const REASONS_SINCE: i64 = 6;

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
        Self::without_record_us(us(from), us(to))
    }

    /// The same between two times, Unix microseconds.
    pub(in crate::store) fn without_record_us(from_us: i64, to_us: i64) -> Self {
        Self { from_us, to_us, reason: GapReason::NoRecord }
    }

    /// What takes the place of the gap from `from` on that turned out not to be one.
    pub(in crate::store) fn withdrawn(from: Timestamp) -> Self {
        let from_us = from.as_micros();
        Self { from_us, to_us: from_us, reason: GapReason::NoRecord }
    }

    /// Whether it stands for none.
    pub(in crate::store) fn is_withdrawn(&self) -> bool {
        self.to_us <= self.from_us
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
        Ok(Self { from_us: us(row, 0)?, to_us: us(row, 1)?, reason: word(row, 2)? })
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        values![self.from_us, self.to_us, self.reason.as_str().to_owned()]
    }

    fn put(&self, db: &Connection) -> rusqlite::Result<usize> {
        if self.is_withdrawn() {
            self.delete(db)?;
            return Ok(0);
        }
        if matches!(
            self.reason,
            GapReason::NotSent
                | GapReason::DeadEntry
                | GapReason::OtherWay
                | GapReason::Unconfirmed
        ) {
            meta::raise(db, meta::MIN_READER, REASONS_SINCE)?;
        }
        write(self, db)
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
        self.from_us < range.to.as_micros()
            && (self.to_us > range.from.as_micros() || self.is_withdrawn())
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
