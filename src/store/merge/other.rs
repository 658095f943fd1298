//! The file of another linkmon, as a copy, and copies for trying out a merge.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::network::{self, OtherNetwork};
use crate::stats;
use crate::store::error::Error;
use crate::store::file::{self, beside, make_directory};
use crate::store::reader::Reader;
use crate::store::tables::{GapRow, RunRow, StoredTable, Timed};
use crate::store::unread::{Unread, UnreadTally};
use crate::store::{backup, check, meta, schema};
use crate::time::{TimeRange, spans};
use crate::vocabulary::{Gap, GapReason, Target};

/// The copy of the other file, next to the database.
const COPY: &str = ".merging";
/// The database and the files that may be next to it.
const BESIDE: [&str; 5] = ["", "-wal", "-shm", "-tail", ".lock"];

/// The file of another linkmon, as it was at one instant. Its copy is removed when it is dropped.
#[derive(Debug)]
pub struct Other {
    pub(in crate::store) db: Connection,
    path: PathBuf,
    pub(in crate::store) identity: i64,
    pub(in crate::store) targets: Vec<Target>,
    pub(in crate::store) runs: Vec<RunRow>,
    pub(in crate::store) gaps: Vec<Gap>,
    /// What it watched; ordered and disjoint.
    pub(in crate::store) watched: Vec<TimeRange>,
    /// What of its small tables cannot be understood.
    unread: Vec<Unread>,
    /// What of its sums of minutes and hours could not be understood so far.
    pub(in crate::store) sums: UnreadTally,
    _copy: Scratch,
}

impl Other {
    /// Copies the file `path`, which a daemon may be writing, next to `database`, and checks the
    /// copy.
    ///
    /// # Errors
    /// If it is no whole database of linkmon, of a later schema, `database` itself, or there is
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
        let db = file::connect(&copy.path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(fail)?;
        // The copy is of no use after a crash.
        db.execute_batch("PRAGMA synchronous = OFF").map_err(fail)?;
        let found = schema::inspect(&db, path, schema::Purpose::Write)?;
        let schema::FileKind::Ours(found) = found else {
            return Err(Error::Empty { path: path.to_owned() });
        };
        schema::compare(&db, path, found, schema::ForeignParts::Passive)?;
        check::at_start(&db, path)?;
        schema::migrate(&db, path, found, &format!("linkmon {version}"))?;
        let unread = check::rows(&db, path)?;
        Self::read(db, path, copy, unread).map_err(fail)
    }

    fn read(
        db: Connection,
        path: &Path,
        copy: Scratch,
        unread: Vec<Unread>,
    ) -> rusqlite::Result<Self> {
        let identity = meta::identity(&db)?;
        let targets = Target::all(&db, "ORDER BY id", [])?;
        let (runs, gaps) = runs_and_gaps(&db)?;
        let watched = watched(&runs, &gaps);
        let (path, sums) = (path.to_owned(), UnreadTally::default());
        Ok(Self { db, path, identity, targets, runs, gaps, watched, unread, sums, _copy: copy })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// From the first instant it watched to the last; `None` if it never did.
    pub fn extent(&self) -> Option<TimeRange> {
        let (first, last) = self.watched.first().zip(self.watched.last())?;
        Some(TimeRange { from: first.from, to: last.to })
    }

    /// How long it watched.
    pub fn watched(&self) -> Duration {
        spans::total(&self.watched)
    }

    /// What of it cannot be understood and is left out, table by table; of sums what was met so far.
    /// (Of samples [`MergeTotals`](super::MergeTotals) says it.)
    pub fn unread(&self) -> Vec<Unread> {
        [self.unread.clone(), self.sums.list()].concat()
    }

    /// What shows that it was recorded on another network than one with these targets; `None` when
    /// nothing does.
    pub fn network_differs(&self, targets: &[Target]) -> Option<OtherNetwork> {
        network::compare(targets, &self.targets)
    }
}

/// All runs of a file, and its gaps.
pub(super) fn runs_and_gaps(db: &Connection) -> rusqlite::Result<(Vec<RunRow>, Vec<Gap>)> {
    let gaps = GapRow::all(db, "ORDER BY from_us", [])?;
    let runs = RunRow::all(db, "ORDER BY id", [])?;
    Ok((runs, gaps.into_iter().map(GapRow::report).collect()))
}

/// What this database watched.
pub(in crate::store) fn watched_in(db: &Connection) -> rusqlite::Result<Vec<TimeRange>> {
    let (runs, gaps) = runs_and_gaps(db)?;
    Ok(watched(&runs, &gaps))
}

/// What was watched by these runs, but for the gaps. While no anchor had answered there were probes
/// all the same.
pub(in crate::store) fn watched(runs: &[RunRow], gaps: &[Gap]) -> Vec<TimeRange> {
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
    /// If it cannot be read, or there is no room for a copy.
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

/// Checks that a database has no writer, before minutes of work for it begin.
///
/// # Errors
/// If another linkmon writes it.
pub fn check_is_free(database: &Path) -> Result<(), Error> {
    if !database.exists() {
        return Ok(());
    }
    file::lock(&file::followed(database)?).map(drop)
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
