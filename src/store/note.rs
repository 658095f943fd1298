//! Notes of persons, which may be added while the daemon writes.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::Error;
use super::schema::{self, Found, Purpose};
use crate::time::Timestamp;

/// Adds a note about `at` to an existing database, which a daemon may be writing meanwhile; gives
/// its number.
///
/// # Errors
/// When there is no database of linkmon's there, or this user may not write it.
pub fn add_note(path: &Path, at: Timestamp, text: &str, now: Timestamp) -> Result<i64, Error> {
    let fail = |e| Error::sqlite("add a note to database", path, e);
    super::reader::check_file(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags).map_err(fail)?;
    db.busy_timeout(Duration::from_secs(5)).map_err(fail)?;
    if schema::inspect(&db, path, Purpose::Write)? == Found::Nothing {
        return Err(Error::Empty { path: path.to_owned() });
    }
    crate::sys::sqlite::keep_wal(&db)
        .map_err(|code| rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None))
        .and_then(|()| insert(&db, at, text, now))
        .map_err(fail)
}

pub(super) fn insert(
    db: &Connection,
    at: Timestamp,
    text: &str,
    now: Timestamp,
) -> rusqlite::Result<i64> {
    db.execute(
        "INSERT INTO note(time_us, text, added_us) VALUES (?1, ?2, ?3)",
        (at.as_micros(), text, now.as_micros()),
    )?;
    Ok(db.last_insert_rowid())
}
