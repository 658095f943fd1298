//! Opening a database for writing: lock, look, make or migrate, and save what a killed daemon
//! left in its journal.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior};

use super::{Error, TargetUse, Trouble, Writer, commit, table};
use crate::store::check;
use crate::store::journal::{self, Journal, JournalFile};
use crate::store::reader::immutable_uri;
use crate::store::salvage::{self, Salvage, beside};
use crate::store::schema::{self, FileKind, Purpose};
use crate::store::table::RunRow;
use crate::vocabulary::{Run, RunEnd, Target};

/// What is to be opened.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'a> {
    /// The database; it and its directory are made when they are missing.
    pub path: &'a Path,
    /// Where the journal lies; made with mode 0700 when missing. `None`: beside the database.
    pub runtime_dir: Option<&'a Path>,
    /// The version of this program: `0.1.0`.
    pub version: &'a str,
}

/// What a crash of the machine may cost. (One of the program costs nothing in either case.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// Nothing that was committed. With one commit a minute this costs nothing over less.
    #[default]
    Full,
    /// The whole file: for records that can be made again, at thousands of commits a second.
    Simulated,
}

impl Durability {
    fn synchronous(self) -> &'static str {
        match self {
            Self::Full => "FULL",
            Self::Simulated => "OFF",
        }
    }
}

/// What was found at opening.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recovery {
    /// The database is new.
    pub created: bool,
    /// The last run, when nobody had ended it: it is closed as crashed.
    pub crashed: Option<Run>,
    /// So many rows of samples (one target, one minute) were saved from the journal.
    pub saved_minutes: usize,
    /// Rows of samples of the newest day that cannot be read.
    pub damaged_rows: usize,
    /// The database was damaged and is now here; a new one took its place, and what can be read
    /// of the old one is brought over.
    pub put_aside: Option<PathBuf>,
}

impl Writer {
    /// Opens a database for writing, and makes it when it is missing.
    ///
    /// # Errors
    /// When another linkmon writes it; when the file is no database, another program's or of a
    /// later schema (it is then untouched); when it cannot be made, read or written.
    pub fn open(opening: Opening<'_>) -> Result<(Self, Recovery), Error> {
        Self::open_with(opening, Durability::Full)
    }

    /// As [`Self::open`], with a say in what a crash may cost.
    ///
    /// # Errors
    /// As for [`Self::open`].
    pub fn open_with(
        opening: Opening<'_>,
        durability: Durability,
    ) -> Result<(Self, Recovery), Error> {
        let path = place(opening.path)?;
        let lock = lock(&path)?;
        let runtime_dir = opening.runtime_dir.filter(|d| {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(d);
            made.is_ok() && std::fs::metadata(d).is_ok_and(|m| m.is_dir())
        });
        let opened = match open_checked(&path, opening.version) {
            Err(error) if lock.was_ours && is_damage(&error) => {
                let aside = salvage::put_aside(&path)?;
                let db = create(&path, opening.version)?;
                let begun = salvage::begin(&aside, &db);
                let begun = begun.map_err(|e| Error::sqlite("write to database", &path, e))?;
                Opened { db, created: false, damaged_rows: 0, salvage: Some((aside, begun)) }
            }
            other => other?,
        };
        let Opened { db, created, damaged_rows, salvage } = opened;
        let fail = |e| Error::sqlite("open database", &path, e);
        db.pragma_update(None, "synchronous", durability.synchronous()).map_err(fail)?;
        lock.mark();

        let journal_path = journal::place(&path, runtime_dir);
        let prepared = prepare(&db, &journal_path).map_err(fail)?;
        let mut recovery = prepared.recovery;
        recovery.created = created;
        recovery.damaged_rows = damaged_rows;
        let mut mend = super::mend::Repair::default();
        if let Some((aside, begun)) = salvage {
            recovery.put_aside = Some(aside);
            mend.salvage = Some(begun);
        }
        let writer = Self {
            db,
            path,
            lock,
            journal: JournalFile::new(journal_path),
            identity: prepared.identity,
            commits: prepared.commits,
            version: opening.version.to_owned(),
            targets: prepared.targets,
            last_run: prepared.last_run,
            runs: Vec::new(),
            clock: None,
            minutes: BTreeMap::new(),
            evicted: i64::MIN,
            pending: Vec::new(),
            drops: BTreeMap::new(),
            moved: Vec::new(),
            attempted: None,
            hours_wait: true,
            room: super::room::Retention::default(),
            watch: super::watch::SpaceWatch::default(),
            mend,
            trouble: Trouble::default(),
            last_commit: None,
        };
        Ok((writer, recovery))
    }
}

/// A database that was opened, and what was found.
struct Opened {
    db: Connection,
    created: bool,
    damaged_rows: usize,
    salvage: Option<(PathBuf, Salvage)>,
}

/// Opens a database, makes or migrates it, and looks whether it is whole.
fn open_checked(path: &Path, version: &str) -> Result<Opened, Error> {
    let fail = |e| Error::sqlite("open database", path, e);
    // A look by a connection that cannot write: a file that is refused stays as it is. (The
    // file must not be opened by hand: closing it would drop SQLite's locks of this process.)
    if std::fs::metadata(path).is_ok_and(|m| m.len() > 0) {
        let read_only = connect_to_look(path).map_err(fail)?;
        schema::inspect(&read_only, path, Purpose::Write)?;
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let db = connect(path, flags).map_err(fail)?;
    let found = schema::inspect(&db, path, Purpose::Write)?;
    let damaged_rows = match found {
        FileKind::Nothing => {
            // These two must come before the first table.
            db.execute_batch("PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL;")
                .map_err(fail)?;
            0
        }
        FileKind::Ours(_) => check::at_start(&db, path)?,
    };
    configure(&db).map_err(fail)?;
    let schema = if let FileKind::Ours(schema) = found { schema } else { 0 };
    schema::migrate(&db, path, schema, &format!("linkmon {version}"))?;
    Ok(Opened { db, created: found == FileKind::Nothing, damaged_rows, salvage: None })
}

/// Makes a new database where there is none.
pub(super) fn create(path: &Path, version: &str) -> Result<Connection, Error> {
    open_checked(path, version).map(|opened| opened.db)
}

/// Opens a database that was open before.
pub(super) fn reopen(path: &Path) -> Result<Connection, Error> {
    let fail = |e| Error::sqlite("open database", path, e);
    let db = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(fail)?;
    // Where it may not be written SQLite opens it for reading, without a word.
    if db.is_readonly("main").map_err(fail)? {
        return Err(Error::Permission { doing: "open database", path: path.to_owned() });
    }
    configure(&db).map_err(fail)?;
    Ok(db)
}

pub(in crate::store) fn identity(db: &Connection) -> rusqlite::Result<i64> {
    db.query_row("SELECT value FROM meta WHERE key = 'identity'", [], |row| row.get(0))
}

/// Whether a file that was a database of linkmon is none any more.
fn is_damage(error: &Error) -> bool {
    matches!(error, Error::NotADatabase { .. } | Error::Damaged { .. })
}

/// Makes the directory; gives the canonical path, by which the journal is named.
fn place(path: &Path) -> Result<PathBuf, Error> {
    let is_directory = || Error::IsDirectory { path: path.to_owned() };
    if path.is_dir() {
        return Err(is_directory());
    }
    if let Ok(canonical) = std::fs::canonicalize(path) {
        return Ok(canonical);
    }
    let name = path.file_name().ok_or_else(is_directory)?;
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(directory).map_err(|e| Error::io("make directory", directory, e))?;
    let directory =
        std::fs::canonicalize(directory).map_err(|e| Error::io("open directory", directory, e))?;
    Ok(directory.join(name))
}

/// The lock of a database.
#[derive(Debug)]
pub(in crate::store) struct Lock {
    file: File,
    /// There was a database of linkmon under this name before.
    was_ours: bool,
}

/// Second line of the lock file: what lies beside it is a database of linkmon.
const MARK: &str = "linkmon";

impl Lock {
    /// The descriptor as a child process has it between its fork and its exec.
    #[cfg(test)]
    pub(in crate::store) fn duplicate(&self) -> File {
        self.file.try_clone().unwrap()
    }

    /// From now on what lies beside is a database of linkmon.
    fn mark(&self) {
        if !self.was_ours {
            // Without the mark a damaged database is refused and not put aside.
            let _ = writeln!(&self.file, "{MARK}");
        }
    }
}

impl Drop for Lock {
    /// Closing does not unlock while a child process between its fork and its exec, of whatever
    /// thread, has the descriptor too.
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

/// Locks a file beside the database, and leaves the number of this process in it.
pub(in crate::store) fn lock(path: &Path) -> Result<Lock, Error> {
    let lock_path = path.with_added_extension("lock");
    let fail = |e| Error::io("lock", &lock_path, e);
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&lock_path)
        .map_err(fail)?;
    let locked = file.try_lock();
    let mut before = String::new();
    let _ = (&file).take(100).read_to_string(&mut before);
    let mut lines = before.lines();
    let pid = lines.next().and_then(|line| line.trim().parse().ok());
    let was_ours = lines.next() == Some(MARK);
    match locked {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
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

fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let db = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(Duration::from_secs(5))?;
    Ok(db)
}

/// A connection that cannot write, also where a transaction cut short is yet to be rolled back: by
/// one that can, once the file is known to be linkmon's.
fn connect_to_look(path: &Path) -> rusqlite::Result<Connection> {
    let journal = std::fs::metadata(beside(path, "-journal"));
    if journal.is_ok_and(|m| m.len() > 0) {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        connect(&immutable_uri(path), flags)
    } else {
        connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
    }
}

fn configure(db: &Connection) -> rusqlite::Result<()> {
    db.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 900; PRAGMA journal_size_limit = 4194304; PRAGMA cache_size = -2000;
         PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF; PRAGMA trusted_schema = OFF;",
    )?;
    crate::sys::sqlite::keep_wal(db)
        .map_err(|code| rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None))
}

/// What a writer must know of the database it opened.
struct Prepared {
    identity: i64,
    commits: i64,
    last_run: i64,
    targets: Vec<(Target, TargetUse)>,
    recovery: Recovery,
}

fn prepare(db: &Connection, journal_path: &Path) -> rusqlite::Result<Prepared> {
    let meta = |key: &str| {
        db.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get::<_, i64>(0))
    };
    let identity = meta("identity")?;
    let mut commits = meta("commits")?;
    let old: Option<String> = db
        .query_row("SELECT value FROM meta WHERE key = 'tail'", [], |row| row.get(0))
        .optional()?;
    let old = old.map(PathBuf::from).filter(|old| old != journal_path);
    let journals = [Some(journal_path.to_owned()), old.clone()];
    let journal = journals
        .iter()
        .flatten()
        .filter_map(|path| Journal::read(path, identity))
        .max_by_key(|journal| (journal.head.commits, journal.head.written_us));

    let transaction = Transaction::new_unchecked(db, TransactionBehavior::Immediate)?;
    let saved_minutes = match &journal {
        Some(journal) => save(&transaction, journal, commits)?,
        None => 0,
    };
    let crashed = close_crashed(&transaction)?;
    transaction.execute(
        "INSERT OR REPLACE INTO meta VALUES ('tail', ?1)",
        [journal_path.to_string_lossy()],
    )?;
    commits += 1;
    commit::put_commits(&transaction, commits)?;
    transaction.commit()?;
    for path in journals.iter().flatten() {
        // What it held is in the database. Should it stay, its count of commits is now too low
        // for its rows to count against those of the database.
        if Journal::read(path, identity).is_some() {
            let _: std::io::Result<()> = std::fs::remove_file(path);
        }
    }

    let last_run =
        db.query_row("SELECT coalesce(max(id), 0) FROM run", [], |row| row.get::<_, i64>(0))?;
    let sql = format!("SELECT {}, retired_ms FROM target ORDER BY id", table::TARGET_COLUMNS);
    let targets = db
        .prepare(&sql)?
        .query_map([], |row| {
            let retired: Option<i64> = row.get("retired_ms")?;
            let in_use = if retired.is_some() { TargetUse::Retired } else { TargetUse::Yes };
            Ok((table::read_target(row)?, in_use))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let recovery = Recovery { crashed, saved_minutes, ..Recovery::default() };
    Ok(Prepared { identity, commits, last_run, targets, recovery })
}

/// Writes what only the journal has. Rows of the database are newer when a commit came after it.
fn save(db: &Connection, journal: &Journal, commits: i64) -> rusqlite::Result<usize> {
    let journal_is_newer = journal.head.commits >= commits;
    for run in &journal.head.runs {
        run.put(db)?;
    }
    let mut saved = 0;
    for minute in &journal.minutes {
        let key = (minute.run, minute.minute, minute.target);
        let has_row = db
            .prepare_cached("SELECT 1 FROM raw WHERE minute = ?1 AND target = ?2 AND run = ?3")?
            .exists((key.1, key.2.0, key.0))?;
        if journal_is_newer || !has_row {
            table::put_raw(db, key, &minute.samples)?;
            commit::summarize(db, key.1, key.2)?;
            saved += 1;
        }
    }
    if journal_is_newer {
        for row in &journal.head.pending {
            row.put(db)?;
        }
    }
    Ok(saved)
}

/// Ends the runs that nobody ended; gives the last of them.
fn close_crashed(db: &Connection) -> rusqlite::Result<Option<Run>> {
    let sql =
        format!("SELECT {} FROM run WHERE ended IS NULL ORDER BY id DESC LIMIT 1", RunRow::COLUMNS);
    let last = db.query_row(&sql, [], RunRow::read).optional()?;
    db.execute("UPDATE run SET ended = ?1 WHERE ended IS NULL", [table::name(RunEnd::Crash)?])?;
    Ok(last.map(|row| Run { ended: Some(RunEnd::Crash), ..row.to_run() }))
}
