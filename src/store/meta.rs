//! The table `meta`: what the file says of itself, key by key.

use std::hash::{DefaultHasher, Hash, Hasher};

use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension, ToSql};

use super::unread::UnreadTally;

/// The path of the journal.
pub(super) const JOURNAL: &str = "tail";
/// What was seen of the disk space, as JSON.
pub(super) const SPACE: &str = "room";
/// The least schema a program must know to read the file.
pub(super) const MIN_READER: &str = "min_reader";
/// The random number that tells the file from any other.
pub(super) const IDENTITY: &str = "identity";
/// Sessions of the page that were ended before their time, as the page writes them.
pub(super) const ENDED_SESSIONS: &str = "ended_sessions";
const COMMITS: &str = "commits";
const CREATED_BY: &str = "created_by";
const RAW_REMOVED_BEFORE: &str = "raw_removed_before";

/// What every file says of itself, and the type that `typeof` names.
const KNOWN: [(&str, &str, Presence); 8] = [
    (IDENTITY, "integer", Presence::Always),
    (COMMITS, "integer", Presence::Always),
    (CREATED_BY, "text", Presence::Always),
    (MIN_READER, "integer", Presence::Always),
    (JOURNAL, "text", Presence::Perhaps),
    (SPACE, "text", Presence::Perhaps),
    (RAW_REMOVED_BEFORE, "integer", Presence::Perhaps),
    (ENDED_SESSIONS, "text", Presence::Perhaps),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    Always,
    Perhaps,
}

/// Counts what of it cannot be understood.
///
/// # Errors
/// If the table cannot be read.
pub(super) fn check(db: &Connection, unread: &UnreadTally) -> rusqlite::Result<()> {
    for (key, kind, present) in KNOWN {
        let found: Option<String> = db
            .prepare_cached("SELECT typeof(value) FROM meta WHERE key = ?1")?
            .query_row([key], |row| row.get(0))
            .optional()?;
        let number = |found: &str| found != "integer" || is_plausible(db, key);
        let is_right = match &found {
            Some(found) => found == kind && number(found),
            None => present == Presence::Perhaps,
        };
        if !is_right {
            let mut hasher = DefaultHasher::new();
            key.hash(&mut hasher);
            let found = found.as_deref().unwrap_or("missing");
            unread.value("meta", hasher.finish(), &format!("{key} is not {kind} but {found}"));
        }
    }
    Ok(())
}

/// The keys whose values cannot be understood.
///
/// # Errors
/// If the table cannot be read.
pub(super) fn wrong(db: &Connection) -> rusqlite::Result<Vec<&'static str>> {
    let mut wrong = Vec::new();
    for (key, kind, _) in KNOWN {
        let sql = "SELECT 1 FROM meta WHERE key = ?1 AND typeof(value) <> ?2";
        let is_of_kind = !db.prepare_cached(sql)?.exists([key, kind])?;
        if !is_of_kind || (kind == "integer" && key != IDENTITY && get::<i64>(db, key)?.is_none()) {
            wrong.push(key);
        }
    }
    Ok(wrong)
}

/// Whether a number may be what it says: only the identity is any number.
fn is_plausible(db: &Connection, key: &str) -> bool {
    key == IDENTITY || get::<i64>(db, key).is_ok_and(|number| number.is_some())
}

/// The value of `key`; `None` where it has none, or none that can be understood.
pub(super) fn get<T: FromSql + Bounded>(db: &Connection, key: &str) -> rusqlite::Result<Option<T>> {
    let mut statement = db.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
    let mut rows = statement.query([key])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(row.get::<_, T>(0).ok().filter(|value| key == IDENTITY || value.is_plausible()))
}

/// What a value of the table may be.
pub(super) trait Bounded {
    /// Whether linkmon may have written it.
    fn is_plausible(&self) -> bool;
}

impl Bounded for String {
    fn is_plausible(&self) -> bool {
        true
    }
}

impl Bounded for i64 {
    fn is_plausible(&self) -> bool {
        self.unsigned_abs() <= 1 << 53
    }
}

/// The value of a key that every file has.
fn required<T: FromSql + Bounded>(db: &Connection, key: &str) -> rusqlite::Result<T> {
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
         ON CONFLICT(key) DO UPDATE SET value = CASE
           WHEN typeof(value) = 'integer' AND value BETWEEN excluded.value AND 1 << 53 THEN value
           ELSE excluded.value END",
    )?
    .execute((key, value))?;
    Ok(())
}

/// The random number that tells this file from any other.
pub(super) fn identity(db: &Connection) -> rusqlite::Result<i64> {
    required(db, IDENTITY)
}

/// The program that made the file.
pub(super) fn created_by(db: &Connection) -> rusqlite::Result<String> {
    Ok(get(db, CREATED_BY)?.unwrap_or_else(|| "unknown".to_owned()))
}

/// How many commits were made. A reader of the journal learns from it which of the two is newer.
pub(super) fn commits(db: &Connection) -> rusqlite::Result<i64> {
    Ok(get(db, COMMITS)?.unwrap_or_default())
}

/// Sets how many commits were made, the one in progress included.
pub(super) fn put_commits(db: &Connection, commits: i64) -> rusqlite::Result<()> {
    put(db, COMMITS, commits)
}

/// Samples of hours before this one may have been removed to free space or for their age.
pub(super) fn raw_removed_before(db: &Connection) -> rusqlite::Result<Option<i64>> {
    get(db, RAW_REMOVED_BEFORE)
}

/// Notes that samples of hours before `hour` may have been removed.
pub(super) fn raise_raw_removed_before(db: &Connection, hour: i64) -> rusqlite::Result<()> {
    raise(db, RAW_REMOVED_BEFORE, hour)
}
