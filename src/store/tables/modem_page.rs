//! Table `modem_page`: pages of the modem as they came, of readings at drops.

use rusqlite::types::Value;
use rusqlite::{Connection, Row};

use super::bite::Bite;
use super::merging::{Moved, take};
use super::packed::{MOST_UNPACKED, pack, unpack};
use super::table::{Salvaged, StoredTable, Writing};
use super::value::{time, values};
use crate::store::unread::UnreadTally;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::ModemPageKept;

/// Pages of one day (UTC) that are kept, compressed: 4 MB. Those of later drops are left out; what they
/// say is kept all the same.
const BYTES_A_DAY: i64 = 4_000_000;
const DAY_US: i64 = 86_400_000_000;

impl StoredTable for ModemPageKept {
    const NAME: &'static str = "modem_page";
    const COLUMNS: &'static [&'static str] = &["at_us", "path", "body"];
    const KEY: &'static str = "at_us, path";
    const SINCE: i64 = 6;
    const SALVAGE: Salvaged = Salvaged::InBackground;
    const WRITING: Writing = Writing::Keeps;
    const CREATE: &'static str = "
-- Pages as the modem sent them in readings that a drop caused, so that they can be read again.
CREATE TABLE modem_page(
  at_us INTEGER NOT NULL,               -- modem_reading.at_us
  path  TEXT NOT NULL,
  body  BLOB NOT NULL,                  -- zlib
  PRIMARY KEY(at_us, path)) STRICT;
";

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let body = unpack(row, 2, MOST_UNPACKED)?;
        Ok(Self { at: time(row, 0)?, path: row.get(1)?, body })
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        values![self.at.as_micros(), self.path.clone(), pack(&self.body)?]
    }

    /// Whether its columns are what they are to be; pages themselves are not unpacked for it.
    fn check(db: &Connection, unread: &UnreadTally) -> rusqlite::Result<()> {
        let wrong = "WHERE typeof(at_us) <> 'integer' OR typeof(path) <> 'text'
                     OR typeof(body) <> 'blob'";
        let mut statement = db.prepare(&Self::select(wrong))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            Self::READER.one(row, unread);
        }
        Ok(())
    }

    fn merge(bite: &Bite<'_>) -> rusqlite::Result<u64> {
        take::<Self>(bite)?;
        Ok(0)
    }
}

impl Moved for ModemPageKept {
    const BEGINS: &'static str = "at_us";

    fn began(&self) -> Timestamp {
        self.at
    }

    fn moved(self, _: &Bite<'_>, _: TimeRange) -> rusqlite::Result<Option<Self>> {
        Ok(Some(self))
    }
}

/// Keeps pages, as long as there is room for them on their day.
pub(in crate::store) fn keep_pages(
    db: &Connection,
    pages: &[ModemPageKept],
) -> rusqlite::Result<()> {
    for page in pages {
        let day = page.at.as_micros().div_euclid(DAY_US) * DAY_US;
        let kept: i64 = db
            .prepare_cached(
                "SELECT coalesce(sum(length(body)), 0) FROM modem_page WHERE at_us >= ?1 AND at_us < ?2",
            )?
            .query_row((day, day + DAY_US), |row| row.get(0))?;
        let size = i64::try_from(page.body.len()).unwrap_or(i64::MAX);
        // Pages of modems are compressed to an eighth or less.
        if kept.saturating_add(size / 8) < BYTES_A_DAY && size < BYTES_A_DAY {
            page.put(db)?;
        }
    }
    Ok(())
}
