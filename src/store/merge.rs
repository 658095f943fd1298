//! What another linkmon recorded, taken over without counting anything twice.
//!
//! Time that was watched here stays as it is; of the other file only what it saw in time in which
//! nobody watched here is taken: samples to the millisecond where both files may still hold them,
//! else hours that are missing here wholly, by their sums. The other file is copied first, at one
//! instant, and the copy brought to the present schema: the file itself is only read.
//!
//! Whoever takes a file again finds its time watched already, so nothing is taken twice, and a
//! merge that was cut short goes on where it stopped.

mod lives;
mod network;
mod notes;
mod plan;
mod rest;
mod samples;
mod spans;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::salvage::beside;
use super::table::{self, RunRow};
use super::{Error, Reader, backup, check, schema};
use crate::stats;
use crate::time::TimeRange;
use crate::vocabulary::{Gap, GapReason, Target};

pub(super) use lives::TakenRuns;
pub use network::OtherNetwork;
pub(super) use notes::take_notes;
pub(super) use plan::{ExistingRecord, HourSource, hour_of, range_of};
pub use plan::{MergePlan, MergeTotals};
pub(super) use rest::{take_gaps, take_rest};
pub(super) use samples::take_hour;
pub(super) use spans::{span_at, within, without};

/// The copy of the other file beside the database.
const COPY: &str = ".merging";
/// What may lie beside a database.
const BESIDE: [&str; 5] = ["", "-wal", "-shm", "-tail", ".lock"];

/// The file of another linkmon, as it was at one instant. Its copy is removed when it is dropped.
#[derive(Debug)]
pub struct Other {
    pub(super) db: Connection,
    path: PathBuf,
    pub(super) identity: i64,
    pub(super) targets: Vec<Target>,
    pub(super) runs: Vec<RunRow>,
    pub(super) gaps: Vec<Gap>,
    /// What it watched; ordered and disjoint.
    pub(super) watched: Vec<TimeRange>,
    _copy: Scratch,
}

impl Other {
    /// Copies the file `path`, which a daemon may be writing, beside `database`, and looks through
    /// the copy.
    ///
    /// # Errors
    /// When it is no whole database of linkmon, of a later schema, `database` itself, or there is
    /// no room for the copy.
    pub fn open(path: &Path, database: &Path, version: &str) -> Result<Self, Error> {
        // A look first: what is refused is not copied.
        drop(Reader::open(path)?);
        if is_same_file(path, database) {
            return Err(Error::SameFile { path: path.to_owned() });
        }
        make_directory(database)?;
        let copy = Scratch::new(beside(database, COPY));
        backup::copy_into(path, &copy.path).map_err(|e| about(path, &copy.path, e))?;
        let fail = |e| Error::sqlite("read database", path, e);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(&copy.path, flags).map_err(fail)?;
        // Nobody needs the copy after a crash.
        db.execute_batch("PRAGMA synchronous = OFF; PRAGMA trusted_schema = OFF").map_err(fail)?;
        let found = schema::inspect(&db, path, schema::Purpose::Write)?;
        let schema::FileKind::Ours(found) = found else {
            return Err(Error::Empty { path: path.to_owned() });
        };
        check::at_start(&db, path)?;
        schema::migrate(&db, path, found, &format!("linkmon {version}"))?;
        Self::read(db, path, copy).map_err(fail)
    }

    fn read(db: Connection, path: &Path, copy: Scratch) -> rusqlite::Result<Self> {
        let identity = super::writer::identity(&db)?;
        let targets = all(&db, "target ORDER BY id", table::TARGET_COLUMNS, table::read_target)?;
        let runs = all(&db, "run ORDER BY id", RunRow::COLUMNS, RunRow::read)?;
        let gaps = all(&db, "gap", table::GAP_COLUMNS, table::read_gap)?;
        let watched = watched(&runs, &gaps);
        Ok(Self { db, path: path.to_owned(), identity, targets, runs, gaps, watched, _copy: copy })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// From the first instant it watched to the last; `None` when it never did.
    pub fn extent(&self) -> Option<TimeRange> {
        let (first, last) = self.watched.first().zip(self.watched.last())?;
        Some(TimeRange { from: first.from, to: last.to })
    }

    /// How long it watched.
    pub fn watched(&self) -> Duration {
        stats::total(&self.watched)
    }

    /// What shows that it was recorded on another network than one with these targets; `None` when
    /// nothing does.
    pub fn network_differs(&self, targets: &[Target]) -> Option<OtherNetwork> {
        network::compare(targets, &self.targets)
    }
}

/// What was watched by these runs, but for the gaps. While no anchor had answered there were probes
/// all the same.
pub(super) fn watched(runs: &[RunRow], gaps: &[Gap]) -> Vec<TimeRange> {
    let runs: Vec<_> = runs.iter().map(RunRow::to_run).collect();
    let unprobed = gaps.iter().filter(|gap| gap.reason != GapReason::Unanswered);
    stats::observed(&TimeRange::EVER, &runs, &unprobed.cloned().collect::<Vec<_>>())
}

/// A whole copy of a database, to try out on it what a merge would do; removed when it is dropped.
#[derive(Debug)]
pub struct Trial(Scratch);

impl Trial {
    /// Copies `database`, which a daemon may be writing; where there is none, the trial begins with
    /// nothing.
    ///
    /// # Errors
    /// When it cannot be read, or there is no room for a copy.
    pub fn of(database: &Path) -> Result<Self, Error> {
        make_directory(database)?;
        let trial = Scratch::new(beside(database, ".dry-run"));
        if database.exists() {
            backup::copy_into(database, &trial.path)
                .map_err(|e| about(database, &trial.path, e))?;
        }
        Ok(Self(trial))
    }

    /// Where the copy is.
    pub fn path(&self) -> &Path {
        &self.0.path
    }
}

/// A database for a moment.
#[derive(Debug)]
struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// What an earlier attempt left under this name is removed.
    fn new(path: PathBuf) -> Self {
        let scratch = Self { path };
        scratch.clear();
        scratch
    }

    fn clear(&self) {
        for suffix in BESIDE {
            let _ = std::fs::remove_file(beside(&self.path, suffix));
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Whether nobody writes a database: whoever is about to work for it for minutes learns early.
///
/// # Errors
/// When another linkmon writes it.
pub fn check_is_free(database: &Path) -> Result<(), Error> {
    if database.exists() { super::writer::lock(database).map(drop) } else { Ok(()) }
}

/// An error that names the copy is about the file that was copied.
fn about(path: &Path, copy: &Path, error: Error) -> Error {
    let path = path.to_owned();
    match error {
        Error::NotADatabase { path: p } if p == copy => Error::NotADatabase { path },
        Error::Damaged { path: p, what, .. } if p == copy => {
            Error::Damaged { doing: "read database", path, what }
        }
        other => other,
    }
}

fn is_same_file(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (std::fs::metadata(a), std::fs::metadata(b)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}

fn make_directory(database: &Path) -> Result<(), Error> {
    match database.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => {
            std::fs::create_dir_all(parent).map_err(|e| Error::io("make directory", parent, e))
        }
        _ => Ok(()),
    }
}

pub(super) fn all<T>(
    db: &Connection,
    from: &str,
    columns: &str,
    read: fn(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    db.prepare(&format!("SELECT {columns} FROM {from}"))?.query_map([], read)?.collect()
}
