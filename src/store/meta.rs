//! The table `meta`: what the file says of itself, key by key.

use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension, ToSql};

/// The path of the journal.
pub(super) const JOURNAL: &str = "tail";
/// What was seen of the disk space, as JSON.
pub(super) const SPACE: &str = "room";
/// The least schema a program must know to read the file.
pub(super) const MIN_READER: &str = "min_reader";
const RAW_REMOVED_BEFORE: &str = "raw_removed_before";

/// The value of `key`; `None` where it has none.
pub(super) fn get<T: FromSql>(db: &Connection, key: &str) -> rusqlite::Result<Option<T>> {
    db.prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()
}

/// The value of a key that every file has.
fn required<T: FromSql>(db: &Connection, key: &str) -> rusqlite::Result<T> {
    get(db, key)?.ok_or(rusqlite::Error::QueryReturnedNoRows)
}

/// Sets the value of `key`.
pub(super) fn put(db: &Connection, key: &str, value: impl ToSql) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT(key) DO UPDATE SET value = excluded.value",
    )?
    .execute((key, value))?;
    Ok(())
}

/// Sets the value of `key` unless a greater one is stored.
pub(super) fn raise(db: &Connection, key: &str, value: i64) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO meta VALUES (?1, ?2)
         ON CONFLICT(key) DO UPDATE SET value = max(value, excluded.value)",
    )?
    .execute((key, value))?;
    Ok(())
}

/// The random number that tells this file from any other.
pub(super) fn identity(db: &Connection) -> rusqlite::Result<i64> {
    required(db, "identity")
}

/// The program that made the file.
pub(super) fn created_by(db: &Connection) -> rusqlite::Result<String> {
    required(db, "created_by")
}

/// How many commits were made. A reader of the journal learns from it which of the two is newer.
pub(super) fn commits(db: &Connection) -> rusqlite::Result<i64> {
    required(db, "commits")
}

/// Sets how many commits were made, the one in progress included.
pub(super) fn put_commits(db: &Connection, commits: i64) -> rusqlite::Result<()> {
    put(db, "commits", commits)
}

/// Samples of hours before this one may have been removed to free space or for their age.
pub(super) fn raw_removed_before(db: &Connection) -> rusqlite::Result<Option<i64>> {
    get(db, RAW_REMOVED_BEFORE)
}

/// Notes that samples of hours before `hour` may have been removed.
pub(super) fn raise_raw_removed_before(db: &Connection, hour: i64) -> rusqlite::Result<()> {
    raise(db, RAW_REMOVED_BEFORE, hour)
}
