//! Copies of a database that is being written, and how to restore them.
//!
//! A copy is a single file from one instant: it needs no log, and any user can read it. Measurements
//! since the last commit (a minute at most) are not in it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::error::Error;
use super::file::{self, beside, move_logs, remove_logs, stamp};
use super::meta;
use super::reader::Reader;
use crate::time::Timestamp;

/// How dated names in a directory start and end.
const NAME: (&str, &str) = ("linkmon-", ".db");
/// A file that is being copied.
const PART: &str = ".part";
/// How often a copy is retried while another program holds the database.
const ATTEMPTS: u32 = 100;

/// A copy that was made and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Where it is.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Older ones that were removed.
    pub removed: Vec<PathBuf>,
}

/// Copies a database to `to`, whether it is being written or not, and checks the copy. In a directory
/// it gets a name with its date, and only the newest `keep` of these are kept.
///
/// # Errors
/// If there is a file of that name, or anything cannot be read, written, or is not whole; what
/// was begun is then removed, and no older copy is.
pub fn backup(database: &Path, to: &Path, keep: usize, now: Timestamp) -> Result<Copied, Error> {
    let (path, directory) = if to.is_dir() {
        let name = format!("{}{}{}", NAME.0, stamp(now), NAME.1);
        (to.join(name), Some(to))
    } else {
        (to.to_owned(), None)
    };
    if path.exists() {
        return Err(Error::Exists { path });
    }
    if let Some(directory) = directory {
        remove_parts(directory);
    }
    copy(database, &path)?;
    let bytes = std::fs::metadata(&path).map_err(|e| Error::io("read", &path, e))?.len();
    let mut removed = Vec::new();
    if let Some(directory) = directory {
        let dated = dated(directory)?;
        for (_, old) in dated.iter().rev().skip(keep.max(1)) {
            std::fs::remove_file(old).map_err(|e| Error::io("remove", old, e))?;
            removed.push(old.clone());
        }
    }
    Ok(Copied { path, bytes, removed })
}

/// When the newest dated copy in a directory was made; `None` where there is none.
///
/// # Errors
/// If the directory cannot be read.
pub fn newest_backup(directory: &Path) -> Result<Option<Timestamp>, Error> {
    Ok(dated(directory)?.last().map(|(at, _)| *at))
}

/// Replaces a database, which must not be in use by a writer, with a copy, and keeps the old one next
/// to it. Returns the name under which it is kept.
///
/// # Errors
/// If the database is being written, the copy is not whole, or anything cannot be written;
/// nothing is then replaced.
pub fn restore(copy_of: &Path, database: &Path, now: Timestamp) -> Result<Option<PathBuf>, Error> {
    // The file itself, whatever links lead to it: the daemon's lock lies beside that.
    let database = &file::followed(database)?;
    let _lock = file::lock(database)?;
    Reader::open(copy_of)?.check_schema()?;
    let new = beside(database, PART);
    copy(copy_of, &new)?;
    let kept =
        database.exists().then(|| beside(database, &format!(".before-restore-{}", stamp(now))));
    if let Some(kept) = &kept {
        std::fs::rename(database, kept).map_err(|e| Error::io("rename", database, e))?;
        move_logs(database, kept);
    }
    remove_logs(database);
    std::fs::rename(&new, database).map_err(|e| Error::io("rename", &new, e))?;
    // Not every file system can do it.
    let _ = file::sync_directory(database);
    Ok(kept)
}

/// The dated copies in a directory, the oldest first.
fn dated(directory: &Path) -> Result<Vec<(Timestamp, PathBuf)>, Error> {
    let fail = |e| Error::io("read directory", directory, e);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let date = name.and_then(|name| name.strip_prefix(NAME.0)?.strip_suffix(NAME.1));
        let at = date.and_then(|date| {
            let at = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", date).ok()?;
            jiff::tz::TimeZone::UTC.to_timestamp(at).ok()
        });
        if let Some(at) = at {
            found.push((Timestamp::from_micros(at.as_microsecond()), path));
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Removes what copies that were killed left in a directory: `linkmon-DATE.db.part`. One that is being
/// written is locked, and stays.
fn remove_parts(directory: &Path) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_part = name.starts_with(NAME.0) && name.ends_with(&format!("{}{PART}", NAME.1));
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let lock = || {
            let part = Connection::open_with_flags(&path, flags)?;
            part.busy_timeout(Duration::ZERO)?;
            part.execute_batch("BEGIN EXCLUSIVE; ROLLBACK")
        };
        let is_in_use = |e: rusqlite::Error| {
            let busy = [rusqlite::ErrorCode::DatabaseBusy, rusqlite::ErrorCode::DatabaseLocked];
            e.sqlite_error_code().is_some_and(|code| busy.contains(&code))
        };
        if is_part && path.is_file() && !lock().is_err_and(is_in_use) {
            let _ = std::fs::remove_file(&path);
            remove_logs(&path);
        }
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    let part =
        if to.extension().is_some_and(|e| e == "part") { to.to_owned() } else { beside(to, PART) };
    let copied = copy_into(from, &part)
        .and_then(|()| std::fs::rename(&part, to).map_err(|e| Error::io("rename", &part, e)));
    if copied.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    let _ = file::sync_directory(to);
    copied
}

/// Copies a database into a file of this name, whole and looked through; one that is there is
/// replaced.
pub(super) fn copy_into(from: &Path, part: &Path) -> Result<(), Error> {
    let source = Reader::open(from)?;
    let fail = |e| Error::sqlite("write", part, e);
    // One left by an earlier attempt; it is not a file of the user.
    let _ = std::fs::remove_file(part);
    remove_logs(part);
    // It is as much the affair of its user and group as the record.
    file::protect(part)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut copy = Connection::open_with_flags(part, flags).map_err(fail)?;
    file::guard(&copy).map_err(fail)?;
    {
        let backup = Backup::new(source.connection(), &mut copy).map_err(fail)?;
        let mut attempt = 0;
        // All in one step: in several, each commit of the daemon would restart it.
        while backup.step(-1).map_err(fail)? != StepResult::Done {
            attempt += 1;
            if attempt == ATTEMPTS {
                return Err(Error::Busy { doing: "copy database", path: from.to_owned() });
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    copy.pragma_update(None, "journal_mode", "DELETE").map_err(fail)?;
    // The journal of the running daemon is of a later instant.
    copy.execute("DELETE FROM meta WHERE key = ?1", [meta::JOURNAL]).map_err(fail)?;
    let word: String = copy.query_row("PRAGMA quick_check", [], |row| row.get(0)).map_err(fail)?;
    if word != "ok" {
        let what = word.lines().next().unwrap_or("it is damaged").to_owned();
        return Err(Error::Damaged { doing: "copy database", path: from.to_owned(), what });
    }
    copy.close().map_err(|(_, e)| fail(e))?;
    let sync = File::open(part).and_then(|file| file.sync_all());
    sync.map_err(|e| Error::io("write", part, e))
}
