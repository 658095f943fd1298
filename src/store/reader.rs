//! Reading the record: a read-only connection, and the journal of a running daemon merged in.
//!
//! Each method reads one snapshot and ends its transaction before it returns; what belongs
//! together is read in one by [`Reader::at_once`]. Nothing is written, no file is made.

mod file;
mod hours;
mod samples;

use std::cell::RefCell;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Params, Row, Transaction};

use super::Error;
use super::impairment::{self, ImpairmentRow};
use super::journal::Journal;
use super::note;
use super::salvage::beside;
use super::schema::{self, FileKind, Purpose};
use super::table::{self, Pending, RunRow};
use super::{rows::RecordInfo, rows::WrittenStatus};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{
    Gap, Impairment, Note, NoteChange, Run, StoredDrop, StoredEvent, Target, TargetTrouble, Traffic,
};

pub use hours::{RecordPiece, SummedHours};

/// A read-only view of a database.
#[derive(Debug)]
pub struct Reader {
    db: Connection,
    path: PathBuf,
    identity: i64,
    journal: Option<PathBuf>,
    /// What [`Reader::at_once`] holds; `None` outside of it.
    held: RefCell<Option<HeldSnapshot>>,
}

/// The journal of a snapshot whose transaction is open.
#[derive(Debug, Clone)]
struct HeldSnapshot {
    journal: Option<Rc<Journal>>,
}

/// One snapshot: the journal as it was, then the database, which has at least all the commits that
/// the journal's writer had made.
struct RecordSnapshot<'a> {
    db: &'a Connection,
    /// Ends with the snapshot; `None` within [`Reader::at_once`].
    _transaction: Option<Transaction<'a>>,
    journal: Option<Rc<Journal>>,
    /// Whether the journal is of the time after the last commit in `db`: else rows of the database
    /// count before those of the journal.
    journal_is_newer: bool,
    /// Of the file now: a daemon may migrate it while it is being read.
    schema: i64,
}

impl Reader {
    /// Opens an existing database for reading.
    ///
    /// # Errors
    /// When there is none, it is none of linkmon's, too new, or may not be read.
    pub fn open(path: &Path) -> Result<Self, Error> {
        check_file(path)?;
        let fail = |e: rusqlite::Error| match e.sqlite_error_code() {
            Some(rusqlite::ErrorCode::CannotOpen) => {
                Error::Permission { doing: "open database", path: path.to_owned() }
            }
            _ => Error::sqlite("open database", path, e),
        };
        let mut flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut name = path.to_owned();
        // Without a write-ahead log SQLite would make one, or fail where it may not. Nobody
        // writes then: a daemon's log is never empty.
        let log = std::fs::metadata(beside(path, "-wal"));
        if !log.is_ok_and(|m| m.len() > 0) {
            flags |= OpenFlags::SQLITE_OPEN_URI;
            name = immutable_uri(path);
        }
        let db = Connection::open_with_flags(name, flags).map_err(fail)?;
        db.busy_timeout(Duration::from_secs(5)).map_err(fail)?;
        db.execute_batch(
            "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;",
        )
        .map_err(fail)?;
        if schema::inspect(&db, path, Purpose::Read)? == FileKind::Nothing {
            return Err(Error::Empty { path: path.to_owned() });
        }
        let identity = db
            .query_row("SELECT value FROM meta WHERE key = 'identity'", [], |row| row.get(0))
            .map_err(fail)?;
        let journal: Option<String> = db
            .query_row("SELECT value FROM meta WHERE key = 'tail'", [], |row| row.get(0))
            .optional()
            .map_err(fail)?;
        Ok(Self {
            db,
            path: path.to_owned(),
            identity,
            journal: journal.map(PathBuf::from),
            held: RefCell::default(),
        })
    }

    /// What is known of the database itself.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn about(&self) -> Result<RecordInfo, Error> {
        let created_by =
            self.db
                .query_row("SELECT value FROM meta WHERE key = 'created_by'", [], |row| row.get(0));
        let schema = self.db.pragma_query_value(None, "user_version", |row| row.get(0));
        created_by
            .and_then(|created_by| Ok(RecordInfo { created_by, schema: schema? }))
            .map_err(|e| self.failed(e))
    }

    /// All targets it ever had, also retired ones, by number.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn targets(&self) -> Result<Vec<Target>, Error> {
        let sql = format!("SELECT {} FROM target ORDER BY id", table::TARGET_COLUMNS);
        all(&self.db, &sql, [], table::read_target).map_err(|e| self.failed(e))
    }

    /// The runs that overlap `range`, by number; the open one seen last when the daemon wrote its
    /// journal last.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn runs(&self, range: TimeRange) -> Result<Vec<Run>, Error> {
        let read = || {
            let rows = self.snapshot()?.runs()?;
            let overlap = |run: &Run| run.started < range.to && run.last_seen >= range.from;
            Ok(rows.iter().map(RunRow::to_run).filter(overlap).collect())
        };
        read().map_err(|e| self.failed(e))
    }

    /// The drops that overlap `range` by their widest bounds, in order of onset.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn drops(&self, range: TimeRange) -> Result<Vec<StoredDrop>, Error> {
        let sql = format!(
            "SELECT {} FROM link_drop WHERE onset_earliest_us < ?2
               AND (end_latest_us IS NULL OR end_latest_us >= ?1)
             ORDER BY onset_earliest_us, id",
            table::DROP_COLUMNS
        );
        all(&self.db, &sql, bounds(range), table::read_drop).map_err(|e| self.failed(e))
    }

    /// The drop of that number, `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn drop_by_id(&self, id: i64) -> Result<Option<StoredDrop>, Error> {
        let sql = format!("SELECT {} FROM link_drop WHERE id = ?1", table::DROP_COLUMNS);
        self.db.query_row(&sql, [id], table::read_drop).optional().map_err(|e| self.failed(e))
    }

    /// The gaps that overlap `range`, in order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn gaps(&self, range: TimeRange) -> Result<Vec<Gap>, Error> {
        let sql =
            format!("SELECT {} FROM gap WHERE from_us < ?2 AND to_us > ?1", table::GAP_COLUMNS);
        let read = || {
            let snapshot = self.snapshot()?;
            let mut gaps = all(snapshot.db, &sql, bounds(range), table::read_gap)?;
            for row in snapshot.pending() {
                if let Pending::Gap { from_us, to_us, reason } = row {
                    let range = TimeRange {
                        from: Timestamp::from_micros(*from_us),
                        to: Timestamp::from_micros(*to_us),
                    };
                    gaps.retain(|g| g.range.from != range.from);
                    gaps.push(Gap { range, reason: *reason });
                }
            }
            gaps.retain(|g| g.range.from < range.to && g.range.to > range.from);
            gaps.sort_by_key(|g| g.range.from);
            Ok(gaps)
        };
        read().map_err(|e| self.failed(e))
    }

    /// The target troubles that overlap `range`, in order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn troubles(&self, range: TimeRange) -> Result<Vec<TargetTrouble>, Error> {
        let sql = format!(
            "SELECT {} FROM trouble WHERE from_us < ?2 AND (to_us IS NULL OR to_us >= ?1)",
            table::TROUBLE_COLUMNS
        );
        let read = || {
            let snapshot = self.snapshot()?;
            let mut troubles = all(snapshot.db, &sql, bounds(range), table::read_trouble)?;
            for row in snapshot.pending() {
                if let Pending::Trouble { target, from_us, to_us, lost, sent } = row {
                    let from = Timestamp::from_micros(*from_us);
                    let to = to_us.map(Timestamp::from_micros);
                    troubles.retain(|t| (t.target, t.from) != (*target, from));
                    troubles.push(TargetTrouble {
                        target: *target,
                        from,
                        to,
                        lost: *lost,
                        sent: *sent,
                    });
                }
            }
            troubles.retain(|t| t.from < range.to && t.to.is_none_or(|to| to >= range.from));
            troubles.sort_by_key(|t| (t.from, t.target));
            Ok(troubles)
        };
        read().map_err(|e| self.failed(e))
    }

    /// The impairments that overlap `range` by their widest bounds, in order of onset. A file of
    /// schema 1, which was not yet opened for writing, has none.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn impairments(&self, range: TimeRange) -> Result<Vec<Impairment>, Error> {
        let sql = format!(
            "SELECT {} FROM impairment WHERE onset_earliest_us < ?2
               AND (end_latest_us IS NULL OR end_latest_us >= ?1)",
            ImpairmentRow::COLUMNS
        );
        let read = || {
            let snapshot = self.snapshot()?;
            if snapshot.schema < 2 {
                return Ok(Vec::new());
            }
            let mut found = all(snapshot.db, &sql, bounds(range), ImpairmentRow::read)?;
            for row in snapshot.pending() {
                if let Pending::Impairment(row) = row {
                    let later = row.to_impairment();
                    found.retain(|earlier| earlier.identity() != later.identity());
                    found.push(later);
                }
            }
            found.retain(|i| impairment::overlaps(i, range));
            found.sort_by_key(|i| (i.onset.earliest, i.identity()));
            Ok(found)
        };
        read().map_err(|e| self.failed(e))
    }

    /// This host's traffic in the minutes that begin in `range`, in order; nothing where it is not
    /// known.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn traffic(&self, range: TimeRange) -> Result<Vec<Traffic>, Error> {
        let sql = format!(
            "SELECT {} FROM traffic WHERE minute BETWEEN ?1 AND ?2",
            table::TRAFFIC_COLUMNS
        );
        let minutes = (range.from.minute(), range.to.minute());
        let read = || {
            let snapshot = self.snapshot()?;
            if snapshot.schema < 2 {
                return Ok(Vec::new());
            }
            let mut found = all(snapshot.db, &sql, minutes, table::read_traffic)?;
            for row in snapshot.pending() {
                if let Pending::Traffic(row) = row {
                    found.retain(|t| (t.minute, &t.interface) != (row.minute, &row.interface));
                    found.push(row.clone());
                }
            }
            found.retain(|t| range.contains(Timestamp::from_seconds(t.minute.saturating_mul(60))));
            found.sort_by(|a, b| (a.minute, &a.interface).cmp(&(b.minute, &b.interface)));
            Ok(found)
        };
        read().map_err(|e| self.failed(e))
    }

    /// The events of the host in `range`, in order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn events(&self, range: TimeRange) -> Result<Vec<StoredEvent>, Error> {
        let sql = format!(
            "SELECT {} FROM event WHERE time_us >= ?1 AND time_us < ?2 ORDER BY time_us, id",
            table::EVENT_COLUMNS
        );
        let read = || {
            let snapshot = self.snapshot()?;
            let mut events = all(snapshot.db, &sql, bounds(range), table::read_event)?;
            for row in snapshot.pending() {
                if let Pending::Event { time_us, what } = row {
                    let at = Timestamp::from_micros(*time_us);
                    let event = StoredEvent { at, what: what.clone() };
                    if range.contains(at) && !events.contains(&event) {
                        events.push(event);
                    }
                }
            }
            events.sort_by_key(|e| e.at);
            Ok(events)
        };
        read().map_err(|e| self.failed(e))
    }

    /// The notes about times in `range`, in order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn notes(&self, range: TimeRange) -> Result<Vec<Note>, Error> {
        let read = || {
            let snapshot = self.snapshot()?;
            let sql = format!(
                "SELECT {} FROM note WHERE time_us >= ?1 AND time_us < ?2 ORDER BY time_us, id",
                note::columns(snapshot.schema)
            );
            all(snapshot.db, &sql, bounds(range), note::read)
        };
        read().map_err(|e| self.failed(e))
    }

    /// What notes about times in `range` said before they were edited or removed, in the order in
    /// which that was done.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn note_changes(&self, range: TimeRange) -> Result<Vec<NoteChange>, Error> {
        let sql = format!(
            "SELECT {} FROM note_change WHERE time_us >= ?1 AND time_us < ?2 ORDER BY id",
            note::CHANGE_COLUMNS
        );
        let read = || {
            let snapshot = self.snapshot()?;
            if snapshot.schema < note::SINCE {
                return Ok(Vec::new());
            }
            all(snapshot.db, &sql, bounds(range), note::read_change)
        };
        read().map_err(|e| self.failed(e))
    }

    /// The note of that number, `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn note_by_id(&self, id: i64) -> Result<Option<Note>, Error> {
        Ok(self.notes(TimeRange::EVER)?.into_iter().find(|note| note.id == id))
    }

    /// The present as the daemon wrote it a moment ago; `None` when none left a word that this
    /// user may read. Its age tells whether the daemon still runs.
    pub fn live(&self) -> Option<WrittenStatus> {
        let journal = self.read_journal()?;
        Some(WrittenStatus { written: journal.written(), status: journal.head.status })
    }

    /// Whatever `read` reads is of one instant, however long it takes: the daemon goes on writing
    /// meanwhile, and its log cannot be emptied until this returns.
    ///
    /// # Errors
    /// Those of `read`, and when the database cannot be read.
    pub fn at_once<T, E: From<Error>>(
        &self,
        read: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        if self.held.borrow().is_some() {
            return read(self);
        }
        // Its first read fixes the instant; it ends with this call, whatever comes.
        let snapshot = self.snapshot().map_err(|e| E::from(self.failed(e)))?;
        self.held.replace(Some(HeldSnapshot { journal: snapshot.journal.clone() }));
        let result = read(self);
        self.held.replace(None);
        result
    }

    /// The journal first: what it holds and a later commit took over is then in the database.
    fn snapshot(&self) -> rusqlite::Result<RecordSnapshot<'_>> {
        let held = self.held.borrow().clone();
        let (journal, transaction) = match held {
            Some(HeldSnapshot { journal }) => (journal, None),
            None => (self.read_journal().map(Rc::new), Some(self.db.unchecked_transaction()?)),
        };
        let commits: i64 =
            self.db.query_row("SELECT value FROM meta WHERE key = 'commits'", [], |r| r.get(0))?;
        let journal_is_newer = journal.as_ref().is_some_and(|t| t.head.commits >= commits);
        let schema = self.db.pragma_query_value(None, "user_version", |row| row.get(0))?;
        Ok(RecordSnapshot {
            db: &self.db,
            _transaction: transaction,
            journal,
            journal_is_newer,
            schema,
        })
    }

    /// For those that read what no method gives.
    pub(super) fn connection(&self) -> &Connection {
        &self.db
    }

    fn read_journal(&self) -> Option<Journal> {
        Journal::read(self.journal.as_deref()?, self.identity)
    }

    fn failed(&self, e: rusqlite::Error) -> Error {
        Error::sqlite("read database", &self.path, e)
    }
}

impl RecordSnapshot<'_> {
    /// All runs, brought forward by the journal.
    fn runs(&self) -> rusqlite::Result<Vec<RunRow>> {
        let sql = format!("SELECT {} FROM run ORDER BY id", RunRow::COLUMNS);
        let mut runs = all(self.db, &sql, [], RunRow::read)?;
        for later in self.journal.iter().flat_map(|t| &t.head.runs) {
            match runs.iter_mut().find(|run| run.id == later.id) {
                Some(run) => run.merge(later),
                None => runs.push(later.clone()),
            }
        }
        runs.sort_by_key(|run| run.id);
        Ok(runs)
    }

    /// What the next commit will write; nothing when it was made already.
    fn pending(&self) -> &[Pending] {
        match &self.journal {
            Some(journal) if self.journal_is_newer => &journal.head.pending,
            _ => &[],
        }
    }
}

/// Whether there is a file that may be a database.
pub(super) fn check_file(path: &Path) -> Result<(), Error> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Err(Error::IsDirectory { path: path.to_owned() }),
        Ok(_) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            Err(Error::NoDatabase { path: path.to_owned() })
        }
        Err(e) => Err(Error::io("open database", path, e)),
    }
}

/// The path as a URI that tells `SQLite` that nobody writes the file.
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

fn bounds(range: TimeRange) -> (i64, i64) {
    (range.from.as_micros(), range.to.as_micros())
}

fn all<T>(
    db: &Connection,
    sql: &str,
    params: impl Params,
    read: fn(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    db.prepare(sql)?.query_map(params, read)?.collect()
}
