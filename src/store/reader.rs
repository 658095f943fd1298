//! Reading the record: a read-only connection, and the journal of a running daemon merged in.
//!
//! Each method reads one snapshot and ends its transaction before it returns; what belongs
//! together is read in one by [`Reader::at_once`]. Nothing is written, no file is made.

mod answered;
mod around;
mod drops;
pub(super) mod extent;
pub(super) mod file;
pub(super) mod hours;
mod lasting;
mod mended;
mod messages;
mod notes;
pub(super) mod removed;
mod samples;
mod sessions;
pub(super) mod sums;
mod unsent;

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, DropBehavior, OpenFlags, Transaction};

use lasting::lasts_beyond;

use super::error::Error;
use super::file::{self as database_file, beside};
use super::journal::Journal;
use super::kept_hours::{HoursState, KeptHours};
use super::meta;
use super::rows::{RecordInfo, WrittenStatus};
use super::schema::{self, FileKind, Purpose};
use super::tables::{
    AddressRow, EventRow, GapRow, ImpairmentRow, Journaled, ModemRow, PathRow, RosterRow, RunRow,
    StoredTable, Timed, TroubleRow, WayRow, as_of, overlay,
};
use super::unread::{Unread, UnreadTally, is_of_page};
use crate::text::order::InOrder;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{
    Gap, Impairment, ModemAccount, ModemPageKept, PathRound, RosterHistory, Run, RunClock,
    ServerClock, StationSeen, StoredDrop, StoredEvent, Target, TargetTrouble, Traffic, WayChange,
};

/// A read-only view of a database.
#[derive(Debug)]
pub struct Reader {
    db: Connection,
    path: PathBuf,
    identity: i64,
    journal: Option<PathBuf>,
    /// What [`Reader::at_once`] holds; `None` outside of it.
    held: RefCell<Option<HeldSnapshot>>,
    /// What could not be read so far.
    unread: UnreadTally,
    /// Whether what can be read of damaged tables has been copied out of them.
    is_mended: Cell<bool>,
    /// Sums of hours that were read before.
    kept: Option<Arc<KeptHours>>,
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
    unread: &'a UnreadTally,
    /// Sums of hours that were read before, and what the file has now.
    kept: Option<(&'a KeptHours, HoursState)>,
}

impl Reader {
    /// Opens an existing database for reading.
    ///
    /// # Errors
    /// If there is none, it is not one of linkmon's, too new, or may not be read.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Self::open_with(path, "MEMORY")
    }

    /// The same for statements of people, which may sort more than memory holds: that goes into a
    /// file without a name.
    ///
    /// # Errors
    /// Those of [`Self::open`].
    pub(super) fn open_to_query(path: &Path) -> Result<Self, Error> {
        Self::open_with(path, "FILE")
    }

    fn open_with(path: &Path, temp_store: &str) -> Result<Self, Error> {
        database_file::check_file(path)?;
        let fail = |e: rusqlite::Error| match e.sqlite_error_code() {
            Some(rusqlite::ErrorCode::CannotOpen) => {
                Error::Permission { doing: "open database", path: path.to_owned() }
            }
            _ => Error::sqlite("open database", path, e),
        };
        let mut flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let mut name = path.to_owned();
        // Without a write-ahead log SQLite would make one, or fail where it may not. There is no
        // writer then: a daemon's log is never empty.
        if !database_file::has_content(&beside(path, "-wal")) {
            flags |= OpenFlags::SQLITE_OPEN_URI;
            name = database_file::immutable_uri(path);
        }
        let db = database_file::connect(&name, flags).map_err(fail)?;
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false).map_err(fail)?;
        let settings = format!("PRAGMA trusted_schema = OFF; PRAGMA temp_store = {temp_store};");
        db.execute_batch(&settings).map_err(fail)?;
        let FileKind::Ours(schema) = schema::inspect(&db, path, Purpose::Read)? else {
            return Err(Error::Empty { path: path.to_owned() });
        };
        schema::complete(&db, schema).map_err(fail)?;
        db.execute_batch("PRAGMA query_only = ON").map_err(fail)?;
        let unread = UnreadTally::default();
        let count =
            |e: &rusqlite::Error| is_of_page(e).then(|| unread.page("meta", 0, &e.to_string()));
        let known = meta::check(&db, &unread).or_else(|e| count(&e).ok_or(e));
        known.map_err(fail)?;
        // Without them there is no journal for this file.
        let identity = meta::get(&db, meta::IDENTITY).unwrap_or_default().unwrap_or_default();
        let journal: Option<String> = meta::get(&db, meta::JOURNAL).unwrap_or_default();
        Ok(Self {
            db,
            path: path.to_owned(),
            identity,
            journal: journal.map(PathBuf::from),
            held: RefCell::default(),
            unread,
            is_mended: Cell::default(),
            kept: None,
        })
    }

    /// What is known of the database itself.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn about(&self) -> Result<RecordInfo, Error> {
        self.read(|s| Ok(RecordInfo { created_by: meta::created_by(s.db)?, schema: s.schema }))
    }

    /// The random number that tells this file from any other; copies of it have the same.
    pub fn identity(&self) -> i64 {
        self.identity
    }

    /// What could not be read so far: rows that cannot be understood were left out, and so was what lies
    /// on damaged pages.
    pub fn unread(&self) -> Vec<Unread> {
        self.unread.list()
    }

    /// All targets the record ever had, retired ones included, by number.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn targets(&self) -> Result<Vec<Target>, Error> {
        self.read(|s| Target::all_counted(s.db, "ORDER BY id", [], s.unread))
    }

    /// The same, each with the address and the interval that it had at `at`.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn targets_at(&self, at: Timestamp) -> Result<Vec<Target>, Error> {
        let mut targets = self.targets()?;
        let history = self.read(|s| {
            if s.has::<AddressRow>() {
                AddressRow::all_counted(s.db, "ORDER BY target, from_us", [], s.unread)
            } else {
                Ok(Vec::new())
            }
        })?;
        as_of(&mut targets, &history, at);
        Ok(targets)
    }

    /// The runs that overlap `range`, by number. The open one was last seen when the daemon last
    /// wrote its journal.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn runs(&self, range: TimeRange) -> Result<Vec<Run>, Error> {
        let overlap = |run: &Run| run.started < range.to && run.last_seen >= range.from;
        self.read(|snapshot| {
            Ok(snapshot.runs()?.iter().map(RunRow::to_run).filter(overlap).collect())
        })
    }

    /// The drops that overlap `range` by their widest bounds, in order of onset. One that lasts was
    /// stored when it began or changed: it is as long as the record by now shows.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn drops(&self, range: TimeRange) -> Result<Vec<StoredDrop>, Error> {
        self.read(|snapshot| {
            let mut drops: Vec<StoredDrop> = snapshot.stored(range)?;
            if drops.iter().any(|stored| stored.drop.end.is_none()) {
                let runs: Vec<_> = snapshot.runs()?.iter().map(RunRow::to_run).collect();
                drops.retain_mut(|stored| {
                    stored.drop.end.is_some() || lasts_beyond(&mut stored.drop, &runs, range.from)
                });
            }
            Ok(drops)
        })
    }

    /// The drop of that number, `None` if there is none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn drop_by_id(&self, id: i64) -> Result<Option<StoredDrop>, Error> {
        self.read(|s| Ok(StoredDrop::all_counted(s.db, "WHERE id = ?1", [id], s.unread)?.pop()))
    }

    /// The gaps that overlap `range`, in order.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn gaps(&self, range: TimeRange) -> Result<Vec<Gap>, Error> {
        let mut gaps = self.rows::<GapRow>(range)?;
        gaps.retain(|gap| gap.range.from < gap.range.to);
        Ok(gaps)
    }

    /// The target troubles that overlap `range`, in order.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn troubles(&self, range: TimeRange) -> Result<Vec<TargetTrouble>, Error> {
        self.rows::<TroubleRow>(range)
    }

    /// The impairments that overlap `range` by their widest bounds, in order of onset. A file of
    /// schema 1 that has not been opened for writing since has none.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn impairments(&self, range: TimeRange) -> Result<Vec<Impairment>, Error> {
        self.rows::<ImpairmentRow>(range)
    }

    /// This host's traffic in the minutes that begin in `range`, in order; nothing where it is not
    /// known.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn traffic(&self, range: TimeRange) -> Result<Vec<Traffic>, Error> {
        self.rows::<Traffic>(range)
    }

    /// What is known of the clock in each run, by number; runs of earlier linkmons have none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn run_clocks(&self) -> Result<Vec<RunClock>, Error> {
        self.read(|s| {
            if s.has::<RunClock>() {
                RunClock::all_counted(s.db, "ORDER BY run", [], s.unread)
            } else {
                Ok(Vec::new())
            }
        })
    }

    /// What web servers showed of the clock in `range`, in order.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn server_clocks(&self, range: TimeRange) -> Result<Vec<ServerClock>, Error> {
        let condition = "WHERE from_us < ?2 AND to_us >= ?1 ORDER BY from_us, target";
        self.read(|s| {
            if s.has::<ServerClock>() {
                ServerClock::all_counted(s.db, condition, bounds(range), s.unread)
            } else {
                Ok(Vec::new())
            }
        })
    }

    /// The events of the host in `range`, in order.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn events(&self, range: TimeRange) -> Result<Vec<StoredEvent>, Error> {
        self.rows::<EventRow>(range)
    }

    /// All changes of the targets in use, by run and time. A file of an earlier schema that has not
    /// been opened for writing since has none.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn rosters(&self) -> Result<RosterHistory, Error> {
        let changes = self.rows::<RosterRow>(TimeRange::EVER)?;
        Ok(RosterHistory::new(changes, &self.runs(TimeRange::EVER)?))
    }

    /// The paths that were asked in `range` at moments of drops, in order.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn paths(&self, range: TimeRange) -> Result<Vec<PathRound>, Error> {
        self.rows::<PathRow>(range)
    }

    /// All changes of the way by which packets left this computer, by run and time.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn ways(&self) -> Result<Vec<WayChange>, Error> {
        self.rows::<WayRow>(TimeRange::EVER)
    }

    /// What the modem said in readings that began in `range`, in order.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn modem(&self, range: TimeRange) -> Result<Vec<ModemAccount>, Error> {
        self.rows::<ModemRow>(range)
    }

    /// The pages that are kept of readings of the modem that began in `range`, in order.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn modem_pages(&self, range: TimeRange) -> Result<Vec<ModemPageKept>, Error> {
        let condition = "WHERE at_us >= ?1 AND at_us < ?2 ORDER BY at_us, path";
        self.read(|s| {
            if s.has::<ModemPageKept>() {
                ModemPageKept::all_counted(s.db, condition, bounds(range), s.unread)
            } else {
                Ok(Vec::new())
            }
        })
    }

    /// What the Wi-Fi interface in use was connected to in `range`, in order.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn stations(&self, range: TimeRange) -> Result<Vec<StationSeen>, Error> {
        self.rows::<StationSeen>(range)
    }

    /// The present as the daemon wrote it a moment ago; `None` if none left a word that this
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
        let (journal, transaction) = if let Some(HeldSnapshot { journal }) = held {
            (journal, None)
        } else {
            let mut transaction = self.db.unchecked_transaction()?;
            // It has read only; what was copied out of damaged tables stays.
            transaction.set_drop_behavior(DropBehavior::Commit);
            (self.read_journal().map(Rc::new), Some(transaction))
        };
        let commits = meta::commits(&self.db)?;
        let journal_is_newer = journal.as_ref().is_some_and(|t| t.head.commits >= commits);
        let schema: i64 = self.db.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let kept = self.kept_hours(schema)?;
        Ok(RecordSnapshot {
            db: &self.db,
            _transaction: transaction,
            journal,
            journal_is_newer,
            schema,
            unread: &self.unread,
            kept,
        })
    }

    /// What `read` reads of one snapshot; once more where a page turns out to be damaged, of what can
    /// be read of its table.
    fn read<T>(
        &self,
        mut read: impl FnMut(&RecordSnapshot<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        let mut result = self.snapshot().and_then(|snapshot| read(&snapshot));
        if matches!(&result, Err(e) if is_of_page(e)) && !self.is_mended.replace(true) {
            mended::copy_out(&self.db, &self.unread).map_err(|e| self.failed(e))?;
            result = self.snapshot().and_then(|snapshot| read(&snapshot));
        }
        result.map_err(|e| self.failed(e))
    }

    /// The rows of a table that overlap `range`.
    fn rows<T: Journaled>(&self, range: TimeRange) -> Result<Vec<T::Reported>, Error> {
        self.read(|s| Ok(s.rows::<T>(range)?.into_iter().map(T::report).collect()))
    }

    /// For those that read what no method gives.
    pub(super) fn connection(&self) -> &Connection {
        &self.db
    }

    pub(super) fn connection_mut(&mut self) -> &mut Connection {
        &mut self.db
    }

    pub(super) fn read_journal(&self) -> Option<Journal> {
        Journal::read(self.journal.as_deref()?, self.identity)
    }

    fn failed(&self, e: rusqlite::Error) -> Error {
        Error::sqlite("read database", &self.path, e)
    }
}

impl RecordSnapshot<'_> {
    /// All runs, brought forward by the journal.
    pub(super) fn runs(&self) -> rusqlite::Result<Vec<RunRow>> {
        let mut runs = RunRow::all_counted(self.db, "ORDER BY id", [], self.unread)?;
        overlay(&mut runs, self.journal.iter().flat_map(|journal| &journal.head.runs));
        runs.order_by_key(|run| run.id);
        Ok(runs)
    }

    /// Whether the file has a table.
    fn has<T: StoredTable>(&self) -> bool {
        self.schema >= T::SINCE
    }

    /// The rows of the database that overlap `range`.
    fn stored<T: Timed>(&self, range: TimeRange) -> rusqlite::Result<Vec<T>> {
        if self.schema < T::SINCE {
            return Ok(Vec::new());
        }
        T::all_counted(self.db, T::OVERLAPS, T::bounds(range), self.unread)
    }

    /// The rows that overlap `range`: those of the database, and over them those of the journal that
    /// the next commit will write.
    fn rows<T: Journaled>(&self, range: TimeRange) -> rusqlite::Result<Vec<T>> {
        let mut rows = self.stored::<T>(range)?;
        if self.schema >= T::SINCE {
            let journal = self.journal.iter().filter(|_| self.journal_is_newer);
            overlay(&mut rows, journal.flat_map(|j| &j.head.pending).filter_map(T::of));
        }
        rows.retain(|row| row.overlaps(range));
        rows.order_by_key(T::order);
        Ok(rows)
    }
}

fn bounds(range: TimeRange) -> (i64, i64) {
    (range.from.as_micros(), range.to.as_micros())
}
