//! Whether a database is intact: a cheap check at every start, a complete one on request.

use std::path::Path;

use rusqlite::Connection;
use serde::Serialize;

use super::chain::Verification;
use super::codec;
use super::error::Error;
use super::reader::Reader;
use super::tables::{Salvaged, TABLES, raw};
use super::unread::{Unread, UnreadTally};
use crate::vocabulary::TargetId;

/// Minutes of samples that are looked at at every start: as far back as a judge reads.
const NEWEST: i64 = 26 * 60;
/// How many messages of `SQLite` are kept.
const TOLD: i64 = 20;

/// What all of a database is like.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Soundness {
    /// What is wrong with the structure of the file, in the words of `SQLite`.
    pub problems: Vec<String>,
    /// Rows of samples (one target, one minute).
    pub rows: u64,
    /// Of these, unreadable ones.
    pub damaged_rows: u64,
    /// The record against its chain.
    pub chain: Verification,
    /// Commits that a daemon made and that are not there: its write-ahead log was lost, or this is
    /// a copy without it. They cannot be detected once the daemon that made them ended cleanly.
    pub lost_commits: u64,
}

impl Soundness {
    /// Whether nothing is wrong.
    pub fn is_whole(&self) -> bool {
        self.problems.is_empty()
            && self.damaged_rows == 0
            && self.chain.broken == 0
            && self.lost_commits == 0
    }
}

/// Compares all rows of a database with its chain; nothing is written.
///
/// # Errors
/// If it cannot be read.
pub fn verify_chain(path: &Path) -> Result<Verification, Error> {
    let reader = Reader::open(path)?;
    reader.check_schema()?;
    reader.verify_chain()
}

/// Checks all of a database: its structure, the checksum of every row of samples, its chain. For a
/// year's file this takes minutes on an SD card; nothing is written.
///
/// # Errors
/// If it cannot be read at all. Damage is reported in the result.
pub fn check_all(path: &Path) -> Result<Soundness, Error> {
    let reader = Reader::open(path)?;
    let db = reader.connection();
    let problems = db
        .prepare(&format!("PRAGMA integrity_check({TOLD})"))
        .and_then(|mut s| s.query_map([], |row| row.get::<_, String>(0))?.collect());
    let mut problems: Vec<String> = match problems {
        Ok(lines) => lines,
        Err(e) => vec![e.to_string()],
    };
    // SQLite gives several lines as one.
    problems = problems.iter().flat_map(|text| text.lines()).map(str::to_owned).collect();
    problems.retain(|line| line != "ok" && !line.starts_with("***"));
    problems.extend(reader.check_schema().err().map(|e| e.to_string()));
    let mut soundness = Soundness { problems, ..Soundness::default() };
    let all = rows_since(db, i64::MIN, &mut soundness.rows, &mut soundness.damaged_rows);
    let verified = reader.verify_chain();
    for error in [all.err().map(|e| e.to_string()), verified.as_ref().err().map(Error::to_string)] {
        soundness.problems.extend(error);
    }
    soundness.chain = verified.unwrap_or_default();
    // A file that lacks this as well has said so above.
    soundness.lost_commits = reader.lost_commits().unwrap_or(0);
    Ok(soundness)
}

/// The look at every start, before anything is migrated: the structure of small tables, and the newest
/// day of samples. Gives how many of its rows are unreadable.
///
/// # Errors
/// [`Error::Damaged`] when the file is.
pub(super) fn at_start(db: &Connection, path: &Path) -> Result<usize, Error> {
    let fail = |e| Error::sqlite("check database", path, e);
    let small = TABLES.iter().filter(|t| t.salvage == Salvaged::First || t.name == "meta");
    for table in small.map(|t| t.name) {
        let exists = db
            .prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1")
            .and_then(|mut s| s.exists([table]))
            .map_err(fail)?;
        if !exists {
            continue;
        }
        if let Some(what) = structural_fault(db, table).map_err(fail)? {
            return Err(Error::Damaged { doing: "check database", path: path.to_owned(), what });
        }
    }
    let newest = raw::newest_minute(db).map_err(fail)?;
    let (mut rows, mut damaged) = (0, 0);
    if let Some(newest) = newest {
        rows_since(db, newest.saturating_sub(NEWEST), &mut rows, &mut damaged).map_err(fail)?;
    }
    Ok(usize::try_from(damaged).unwrap_or(usize::MAX))
}

/// Counts rows of small tables that cannot be understood, in a file of the present schema.
pub(super) fn rows(db: &Connection, path: &Path) -> Result<Vec<Unread>, Error> {
    let unread = UnreadTally::default();
    for table in &TABLES {
        match (table.check)(db, &unread) {
            // A value that is larger than any of linkmon's: the rows after it were not looked at.
            Err(e) if e.sqlite_error_code() == Some(rusqlite::ErrorCode::TooBig) => {
                unread.page(table.name, 0, &e.to_string());
            }
            other => other.map_err(|e| Error::sqlite("check database", path, e))?,
        }
    }
    Ok(unread.list())
}

/// What is wrong with the structure of a table; `None` where nothing is. Values of a wrong type are no
/// such fault: rows that cannot be understood are left out where they are read.
pub(super) fn structural_fault(db: &Connection, table: &str) -> rusqlite::Result<Option<String>> {
    let mut statement = db.prepare(&format!("PRAGMA quick_check('{table}')"))?;
    let mut words = statement.query([])?;
    while let Some(row) = words.next()? {
        let word: String = row.get(0)?;
        let fault = word.lines().find(|line| *line != "ok" && !is_of_value(line));
        if let Some(fault) = fault {
            return Ok(Some(fault.to_owned()));
        }
    }
    Ok(None)
}

/// `NULL value in gap.reason`, `non-INTEGER value in gap.to_us`.
fn is_of_value(line: &str) -> bool {
    line.starts_with("NULL value in ")
        || (line.contains(" value in ")
            && (line.starts_with("non-") || line.starts_with("NUMERIC ")))
}

fn rows_since(
    db: &Connection,
    minute: i64,
    count: &mut u64,
    damaged: &mut u64,
) -> rusqlite::Result<()> {
    let mut statement = db.prepare("SELECT minute, target, samples FROM raw WHERE minute >= ?1")?;
    let mut rows = statement.query([minute])?;
    let mut samples = Vec::new();
    while let Some(row) = rows.next()? {
        samples.clear();
        let mut decode = || {
            let blob = row.get_ref(2).ok()?.as_blob().ok()?;
            let (minute, target) = (row.get(0).ok()?, TargetId(row.get(1).ok()?));
            codec::decode(blob, minute, target, &mut samples).ok()
        };
        *count += 1;
        *damaged += u64::from(decode().is_none());
    }
    Ok(())
}
