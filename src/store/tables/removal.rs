//! Table `removal`: when samples and summaries were removed.

use rusqlite::types::Value;
use rusqlite::{Connection, Row};

use super::table::StoredTable;
use super::value::{hour, time, values};
use crate::time::Timestamp;

/// Hours that were removed one after another on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct RemovalRow {
    /// From which table.
    pub(in crate::store) what: String,
    /// The first hour (Unix time / 3600 s).
    pub(in crate::store) from_hour: i64,
    /// The hour after the last.
    pub(in crate::store) to_hour: i64,
    /// When the last of them was removed.
    pub(in crate::store) removed: Timestamp,
}

impl StoredTable for RemovalRow {
    const NAME: &'static str = "removal";
    const COLUMNS: &'static [&'static str] = &["what", "from_hour", "to_hour", "removed_us"];
    const KEY: &'static str = "what, from_hour";
    const SINCE: i64 = 6;
    const CREATE: &'static str = "
-- Hours whose samples ('raw'), summaries of minutes ('minute') or of hours ('hour') were removed because of
-- their age or to free space: a row for those that were removed one after another on one day.
CREATE TABLE removal(
  what       TEXT    NOT NULL,
  from_hour  INTEGER NOT NULL,
  to_hour    INTEGER NOT NULL,          -- the hour after the last
  removed_us INTEGER NOT NULL,
  PRIMARY KEY(what, from_hour)) STRICT, WITHOUT ROWID;
";

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            what: row.get(0)?,
            from_hour: hour(row, 1)?,
            to_hour: hour(row, 2)?,
            removed: time(row, 3)?,
        })
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        values![self.what.clone(), self.from_hour, self.to_hour, self.removed.as_micros()]
    }
}

/// Notes that the rows of `hour` were removed from a table at `now`.
pub(in crate::store) fn note_removal(
    db: &Connection,
    what: &str,
    hour: i64,
    now: Timestamp,
) -> rusqlite::Result<()> {
    const DAY_US: i64 = 86_400_000_000;
    let day = now.as_micros().div_euclid(DAY_US);
    // Hours in which nothing was recorded lie between some.
    let last = "WHERE what = ?1 AND from_hour <= ?2 ORDER BY from_hour DESC LIMIT 1";
    let before = RemovalRow::all(db, last, (what, hour))?.pop();
    let same_day = before.filter(|row| {
        row.removed.as_micros().div_euclid(DAY_US) == day
            || (row.from_hour..row.to_hour).contains(&hour)
    });
    let row = match same_day {
        Some(row) => RemovalRow { to_hour: row.to_hour.max(hour + 1), removed: now, ..row },
        None => {
            RemovalRow { what: what.to_owned(), from_hour: hour, to_hour: hour + 1, removed: now }
        }
    };
    row.put(db).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_removed_on_one_day_are_one_row() {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(RemovalRow::CREATE).unwrap();
        let day = |n: i64| Timestamp::from_seconds(n * 86_400 + 5);
        for (hour, on) in [(10, 1), (11, 1), (14, 1), (15, 2), (11, 2)] {
            note_removal(&db, "raw", hour, day(on)).unwrap();
        }
        note_removal(&db, "minute", 3, day(2)).unwrap();
        let rows = RemovalRow::all(&db, "ORDER BY what, from_hour", []).unwrap();
        let rows: Vec<_> =
            rows.iter().map(|r| (r.what.as_str(), r.from_hour, r.to_hour, r.removed)).collect();
        let want = [("minute", 3, 4, day(2)), ("raw", 10, 15, day(2)), ("raw", 15, 16, day(2))];
        assert_eq!(rows, want);
    }
}
