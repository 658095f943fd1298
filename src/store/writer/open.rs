//! Opening a database for writing: lock, look, make or migrate, and save what a killed daemon
//! left in its journal.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::Writer;
use super::clock::ClockRows;
use super::failures::Failures;
use super::file::OpenFile;
use super::repair::Repair;
use super::runs::Runs;
use super::small::StoredToday;
use super::targets::KnownTargets;
use super::upkeep::{RetentionState, SpaceWatch};
use super::waiting::Uncommitted;
use crate::store::close::summarize_minute;
use crate::store::error::Error;
use crate::store::file::{self, beside, connect};
use crate::store::journal::{self, Journal, JournalFile};
use crate::store::salvage::{self, Salvage};
use crate::store::schema::{self, FileKind, ForeignParts, Purpose};
use crate::store::tables::{MOST_NUMBERS, RunRow, StoredTable, raw};
use crate::store::unread::Unread;
use crate::store::{check, heal, meta};
use crate::vocabulary::Run;

/// What is to be opened.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'a> {
    /// The database; it and its directory are made when they are missing.
    pub path: &'a Path,
    /// The directory of the journal; created with mode 0700 if missing. `None`: next to the database.
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
    /// The last run, if it had not ended: it is closed as crashed.
    pub crashed: Option<Run>,
    /// How many rows of samples (one target, one minute) were saved from the journal.
    pub saved_minutes: usize,
    /// Rows of samples of the newest day that cannot be read.
    pub damaged_rows: usize,
    /// The database was damaged and is now here; a new one took its place, and what can be read
    /// of the old one is brought over.
    pub put_aside: Option<PathBuf>,
    /// What of the small tables cannot be understood and is left out.
    pub unread: Vec<Unread>,
}

impl Writer {
    /// Opens a database for writing, and makes it when it is missing.
    ///
    /// # Errors
    /// If another linkmon writes it; when the file is no database, another program's or of a
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
        let path = file::canonical(opening.path)?;
        let lock = file::lock(&path)?;
        let runtime_dir = opening.runtime_dir.filter(|d| {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(d);
            made.is_ok() && std::fs::metadata(d).is_ok_and(|m| m.is_dir())
        });
        let opened = match open_checked(&path, opening.version) {
            Err(error) if lock.was_ours && error.is_damage() || is_foreign(&error) => {
                let aside = salvage::put_aside(&path)?;
                let db = create(&path, opening.version)?;
                let begun = salvage::begin(&aside, &db);
                let begun = begun.map_err(|e| Error::sqlite("write to database", &path, e))?;
                let unread = begun.unread.list();
                Opened {
                    db,
                    created: false,
                    damaged_rows: 0,
                    salvage: Some((aside, begun)),
                    unread,
                }
            }
            other => other?,
        };
        let Opened { db, created, damaged_rows, salvage, unread } = opened;
        let fail = |e| Error::sqlite("open database", &path, e);
        db.pragma_update(None, "synchronous", durability.synchronous()).map_err(fail)?;
        lock.mark();

        let journal_path = journal::path_of(&path, runtime_dir);
        let prepared = prepare(&db, &journal_path).map_err(fail)?;
        let (put_aside, salvage) = salvage.unzip();
        let recovery = Recovery { created, damaged_rows, put_aside, unread, ..prepared.recovery };
        let file = OpenFile {
            db,
            path,
            lock,
            journal: JournalFile::new(journal_path),
            identity: prepared.identity,
            commits: prepared.commits,
            version: opening.version.to_owned(),
        };
        let mut writer = Self {
            file,
            targets: prepared.targets,
            runs: Runs { last: prepared.last_run, ..Runs::default() },
            waiting: Uncommitted::new(),
            clocks: ClockRows::default(),
            failures: Failures::default(),
            attempted: None,
            last_commit: None,
            database_bytes: None,
            hours_wait: true,
            retention: RetentionState::default(),
            watch: SpaceWatch::default(),
            repair: Repair { salvage, ..Repair::default() },
            today: StoredToday::default(),
        };
        writer.measure_files();
        Ok((writer, recovery))
    }
}

/// A database that was opened, and what was found.
struct Opened {
    db: Connection,
    created: bool,
    damaged_rows: usize,
    salvage: Option<(PathBuf, Salvage)>,
    unread: Vec<Unread>,
}

/// Opens a database, makes or migrates it, and looks whether it is whole.
fn open_checked(path: &Path, version: &str) -> Result<Opened, Error> {
    let fail = |e| Error::sqlite("open database", path, e);
    // A look by a connection that cannot write: a file that is refused stays as it is. (The
    // file must not be opened by hand: closing it would drop SQLite's locks of this process.)
    if file::has_content(path) {
        let read_only = connect_to_look(path).map_err(fail)?;
        match schema::inspect(&read_only, path, Purpose::Write) {
            // In the midst of a transaction that is yet to be rolled back it may look damaged.
            Err(Error::Damaged { .. }) if has_journal(path) && schema::is_marked(path) => {}
            other => drop(other?),
        }
    }
    file::protect(path)?;
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
        FileKind::Ours(found) => {
            // What others have added and never runs, linkmon need not mind.
            schema::compare(&db, path, found, ForeignParts::Passive)?;
            check::at_start(&db, path)?
        }
    };
    configure(&db).map_err(fail)?;
    let schema = if let FileKind::Ours(schema) = found { schema } else { 0 };
    schema::migrate(&db, path, schema, &format!("linkmon {version}"))?;
    let created = found == FileKind::Nothing;
    let unread = if created { Vec::new() } else { check::rows(&db, path)? };
    Ok(Opened { db, created, damaged_rows, salvage: None, unread })
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
        return Err(Error::refused("open database", path));
    }
    configure(&db).map_err(fail)?;
    Ok(db)
}

/// Whether it is a database of linkmon that would do what linkmon did not put into it.
fn is_foreign(error: &Error) -> bool {
    matches!(error, Error::Foreign { .. })
}

/// A connection that cannot write, also where a transaction cut short is yet to be rolled back: by
/// one that can, once the file is known to be linkmon's.
fn connect_to_look(path: &Path) -> rusqlite::Result<Connection> {
    if has_journal(path) {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        connect(&file::immutable_uri(path), flags)
    } else {
        connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
    }
}

fn has_journal(path: &Path) -> bool {
    file::has_content(&beside(path, "-journal"))
}

fn configure(db: &Connection) -> rusqlite::Result<()> {
    db.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 900; PRAGMA journal_size_limit = 4194304; PRAGMA cache_size = -500;
         PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF; PRAGMA trusted_schema = OFF;",
    )?;
    file::keep_wal(db)
}

/// What a writer must know of the database it opened.
struct Prepared {
    identity: i64,
    commits: i64,
    last_run: i64,
    targets: KnownTargets,
    recovery: Recovery,
}

fn prepare(db: &Connection, journal_path: &Path) -> rusqlite::Result<Prepared> {
    Transaction::new_unchecked(db, TransactionBehavior::Immediate)
        .and_then(|transaction| heal::heal(&transaction).and_then(|()| transaction.commit()))?;
    let identity = meta::identity(db)?;
    let mut commits = meta::commits(db)?;
    let old: Option<String> = meta::get(db, meta::JOURNAL)?;
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
    let crashed = RunRow::end_crashed(&transaction)?;
    meta::put(&transaction, meta::JOURNAL, journal_path.to_string_lossy())?;
    commits += 1;
    meta::put_commits(&transaction, commits)?;
    transaction.commit()?;
    for path in journals.iter().flatten() {
        // What it held is in the database. Should it stay, its count of commits is now too low
        // for its rows to count against those of the database.
        if Journal::read(path, identity).is_some() {
            let _: std::io::Result<()> = std::fs::remove_file(path);
        }
    }

    let last_run = db.query_row(
        "SELECT coalesce(max(id), 0) FROM run WHERE id BETWEEN 0 AND ?1",
        [MOST_NUMBERS],
        |row| row.get::<_, i64>(0),
    )?;
    let targets = KnownTargets::read(db)?;
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
        let key = minute.key;
        if journal_is_newer || raw::get(db, key)?.is_none() {
            raw::put(db, key, &minute.samples)?;
            summarize_minute(db, key.minute, key.target)?;
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
