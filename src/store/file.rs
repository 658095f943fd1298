//! The database as a file: its lock, its companions next to it, and connections to it.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use super::error::Error;
use crate::sys::plain;
use crate::time::Timestamp;

/// The name of a companion of a file: the file's own with `suffix` appended.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// A time as written in file names.
pub(super) fn stamp(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_microsecond(at.as_micros()).unwrap_or_default();
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Moves the logs of a database that has been renamed along with it. One left behind would be taken
/// for the log of the next file of the old name.
pub(super) fn move_logs(from: &Path, to: &Path) {
    for suffix in ["-wal", "-journal"] {
        // Without a log there is nothing to rename.
        let _ = std::fs::rename(beside(from, suffix), beside(to, suffix));
    }
    remove_logs(from);
}

/// Removes the logs of a file that is gone.
pub(super) fn remove_logs(path: &Path) {
    for suffix in ["-wal", "-journal", "-shm"] {
        let _ = std::fs::remove_file(beside(path, suffix));
    }
}

/// Syncs the directory of `path`: a new name is on the disk only once its directory is.
pub(super) fn sync_directory(path: &Path) -> std::io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}

/// Makes the directory that `path` is to lie in.
pub(super) fn make_directory(path: &Path) -> Result<(), Error> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => {
            let mut builder = std::fs::DirBuilder::new();
            builder.recursive(true).mode(DIRECTORY_MODE);
            builder.create(parent).map_err(|e| Error::io("make directory", parent, e))
        }
        _ => Ok(()),
    }
}

/// Makes the directory of a database; gives the canonical path, from which the journal's name is
/// derived.
pub(super) fn canonical(path: &Path) -> Result<PathBuf, Error> {
    let is_directory = || Error::IsDirectory { path: path.to_owned() };
    if path.is_dir() {
        return Err(is_directory());
    }
    if path.exists() {
        check_plain(path)?;
    }
    if let Ok(canonical) = std::fs::canonicalize(path) {
        return Ok(canonical);
    }
    let target = missing_target(path);
    let path = target.as_deref().unwrap_or(path);
    let name = path.file_name().ok_or_else(is_directory)?;
    make_directory(path)?;
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let directory =
        std::fs::canonicalize(directory).map_err(|e| Error::io("open directory", directory, e))?;
    Ok(directory.join(name))
}

/// Where a link leads to that leads to no file yet: the file is made there. `None`: it is no link.
fn missing_target(path: &Path) -> Option<PathBuf> {
    let mut at = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(target) = std::fs::read_link(&at) else { break };
        at = at.parent().unwrap_or(Path::new("")).join(target);
    }
    (at != path).then_some(at)
}

/// Links that are followed one after another, as Linux does it.
const MOST_LINKS: usize = 40;

/// The file that a link leads to, else the path as it was given, so that messages name what was typed;
/// its directory is made.
pub(super) fn followed(path: &Path) -> Result<PathBuf, Error> {
    let canonical = canonical(path)?;
    Ok(if path.is_symlink() { canonical } else { path.to_owned() })
}

/// Whether there is a file that may be a database.
pub(super) fn check_file(path: &Path) -> Result<(), Error> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Err(Error::IsDirectory { path: path.to_owned() }),
        Ok(_) => check_plain(path),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            Err(Error::NoDatabase { path: path.to_owned() })
        }
        Err(e) => Err(Error::io("open database", path, e)),
    }
}

/// Whether a database and what lies beside it are plain files, as far as they are there: opening a pipe
/// waits for somebody to write to it, and a device has no end.
fn check_plain(path: &Path) -> Result<(), Error> {
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let path = beside(&path, suffix);
        let Ok(metadata) = std::fs::symlink_metadata(&path) else { continue };
        let kind = metadata.file_type();
        if !kind.is_file() {
            let what = if kind.is_symlink() { "a link" } else { "a device" };
            let what = plain::what_it_is(kind).unwrap_or(what);
            return Err(Error::NotAFile { path, what });
        }
    }
    Ok(())
}

/// Makes an empty file for a database that is not there, which `SQLite` then fills: whoever may read the
/// record is the user's and their group's affair. One that is there is closed to others.
pub(super) fn protect(path: &Path) -> Result<(), Error> {
    let made = File::options().write(true).create_new(true).mode(RECORD_MODE).open(path);
    match made {
        Ok(_) => return Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(e) => return Err(Error::io("make database", path, e)),
    }
    for suffix in ["", "-wal", "-shm"] {
        let path = beside(path, suffix);
        let Ok(metadata) = std::fs::symlink_metadata(&path) else { continue };
        let bits = metadata.permissions().mode() & 0o7777;
        if metadata.is_file() && bits & !RECORD_MODE != 0 {
            // Another user's file stays as it is.
            let closed = std::fs::Permissions::from_mode(bits & RECORD_MODE);
            let _ = std::fs::set_permissions(&path, closed);
        }
    }
    Ok(())
}

/// Others could hold locks on what they may read, and keep the daemon from starting.
const RECORD_MODE: u32 = 0o640;
const LOCK_MODE: u32 = 0o600;
const DIRECTORY_MODE: u32 = 0o750;

/// Whether a file exists and has something in it.
pub(super) fn has_content(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|m| m.len() > 0)
}

/// The path as a URI that tells `SQLite` that no one writes the file.
pub(super) fn immutable_uri(path: &Path) -> PathBuf {
    use std::fmt::Write;
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut uri = "file:".to_owned();
    for &byte in path.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                uri.push(char::from(byte));
            }
            other => write!(uri, "%{other:02X}").expect("a String takes all"),
        }
    }
    uri.push_str("?immutable=1");
    PathBuf::from(uri)
}

/// Opens a connection that waits up to five seconds for others.
pub(super) fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let db = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(Duration::from_secs(5))?;
    guard(&db)?;
    Ok(db)
}

/// What a file may make `SQLite` do: the largest value and statement, the deepest expression, and so on. Of
/// what linkmon writes the reserve is the largest, 4 MB; a statement takes a few kilobytes.
const LIMITS: [(Limit, i32); 8] = [
    (Limit::SQLITE_LIMIT_LENGTH, 64 << 20),
    (Limit::SQLITE_LIMIT_SQL_LENGTH, 1 << 20),
    (Limit::SQLITE_LIMIT_EXPR_DEPTH, 500),
    (Limit::SQLITE_LIMIT_COLUMN, 500),
    (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 200),
    (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 5_000),
    (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 2),
    (Limit::SQLITE_LIMIT_ATTACHED, 1),
];

/// What the file says of itself runs no code and changes no structure, and has bounds.
pub(super) fn guard(db: &Connection) -> rusqlite::Result<()> {
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    LIMITS.into_iter().try_for_each(|(limit, most)| db.set_limit(limit, most).map(drop))
}

/// Keeps the write-ahead log when the connection is closed, so that other users can still read.
pub(super) fn keep_wal(db: &Connection) -> rusqlite::Result<()> {
    crate::sys::sqlite::keep_wal(db)
        .map_err(|code| rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None))
}

/// The lock of a database.
#[derive(Debug)]
pub(super) struct Lock {
    pub(super) file: File,
    /// Whether there was a database of linkmon under this name before.
    pub(super) was_ours: bool,
}

/// Second line of the lock file: the file it belongs to is a database of linkmon.
const MARK: &str = "linkmon";

impl Lock {
    /// Records that the file it belongs to is now a database of linkmon.
    pub(super) fn mark(&self) {
        if !self.was_ours {
            // Without the mark a damaged database is refused and not put aside.
            let _ = writeln!(&self.file, "{MARK}");
        }
    }
}

impl Drop for Lock {
    /// Closing does not unlock while a child process of any thread, between its fork and its exec,
    /// holds the descriptor too.
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

/// The name of the lock file of a database.
pub(super) fn lock_path(path: &Path) -> PathBuf {
    path.with_added_extension("lock")
}

/// Locks a file beside the database, and leaves the number of this process in it.
pub(super) fn lock(path: &Path) -> Result<Lock, Error> {
    let lock_path = lock_path(path);
    let fail = |e| Error::io("lock", &lock_path, e);
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(LOCK_MODE)
        .custom_flags(flags.bits().cast_signed())
        .open(&lock_path)
        .map_err(|e| match e.raw_os_error() {
            Some(code) if code == rustix::io::Errno::LOOP.raw_os_error() => {
                Error::NotAFile { path: lock_path.clone(), what: "a link" }
            }
            _ => fail(e),
        })?;
    if let Some(what) = file.metadata().ok().and_then(|m| plain::what_it_is(m.file_type())) {
        return Err(Error::NotAFile { path: lock_path, what });
    }
    // An earlier linkmon left it open to all.
    let _ = file.set_permissions(std::fs::Permissions::from_mode(LOCK_MODE));
    let locked = file.try_lock();
    let mut before = String::new();
    let _ = (&file).take(100).read_to_string(&mut before);
    let mut lines = before.lines();
    let pid = lines.next().and_then(|line| line.trim().parse().ok());
    let was_ours = lines.next() == Some(MARK);
    match locked {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            // The process that wrote its number may be gone, and another one hold the lock.
            let pid = pid.filter(|pid: &u32| Path::new("/proc").join(pid.to_string()).exists());
            return Err(Error::Locked { path: path.to_owned(), pid });
        }
        Err(TryLockError::Error(e)) => return Err(fail(e)),
    }
    file.set_len(0).and_then(|()| file.rewind()).map_err(fail)?;
    writeln!(file, "{}", std::process::id()).map_err(fail)?;
    if was_ours {
        writeln!(file, "{MARK}").map_err(fail)?;
    }
    Ok(Lock { file, was_ours })
}
