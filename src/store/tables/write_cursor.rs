//! Table `remote_write`: up to where each receiver of remote write has the record.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, Row};

use super::note;
use super::table::StoredTable;
use super::value::{minute, time, values};
use crate::store::error::Error;
use crate::time::Timestamp;

/// Up to where a receiver has the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteCursor {
    /// The name of the receiver in the configuration.
    pub receiver: String,
    /// `from` of the configuration, as it was when sending began; empty: the beginning of the record.
    pub from: String,
    /// All minutes before this one are there for sure: Unix time / 60 s.
    pub minute: i64,
    /// All minutes before this one have been taken by the receiver, which may have lost the last ones
    /// when it was killed.
    pub taken: i64,
    /// What has been counted before `minute`, as JSON: counters go on from here.
    pub counted: String,
    /// When this was written, by this computer's clock.
    pub written: Timestamp,
}

impl StoredTable for WriteCursor {
    const NAME: &'static str = "remote_write";
    const COLUMNS: &'static [&'static str] =
        &["receiver", "from_time", "minute", "taken", "counted", "written_us"];
    const KEY: &'static str = "receiver";
    const SINCE: i64 = 6;
    const CREATE: &'static str = "
-- Up to where each receiver of [[remote-write]] has the record.
CREATE TABLE remote_write(
  receiver   TEXT PRIMARY KEY,
  from_time  TEXT NOT NULL,             -- its `from` when sending began
  minute     INTEGER NOT NULL,          -- what lies before it is there
  taken      INTEGER NOT NULL,          -- what lies before it was taken, if nobody killed the receiver since
  counted    TEXT NOT NULL,             -- the counters before `minute`, JSON
  written_us INTEGER NOT NULL) STRICT;
";

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            receiver: row.get(0)?,
            from: row.get(1)?,
            minute: minute(row, 2)?,
            taken: minute(row, 3)?,
            counted: row.get(4)?,
            written: time(row, 5)?,
        })
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        values![
            self.receiver.clone(),
            self.from.clone(),
            self.minute,
            self.taken,
            self.counted.clone(),
            self.written.as_micros(),
        ]
    }
}

/// Stores up to where a receiver has the record, whether a daemon writes the database or not.
///
/// # Errors
/// If there is no database of the present schema, or it cannot be written.
pub fn put_write_cursor(path: &Path, cursor: &WriteCursor) -> Result<(), Error> {
    const DOING: &str = "store a cursor of remote write in database";
    let put = |db: &Connection| cursor.put(db).map(|_| ());
    put(&note::open(path, DOING, WriteCursor::SINCE)?).map_err(|e| Error::sqlite(DOING, path, e))
}
