//! The room for what a statement sorts: `SQLite` keeps it in a file without a name that may grow until the
//! disk is full, and the record may be on the same disk. A statement ends before that.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode};

use crate::store::error::Error;
use crate::store::space::DiskSpace;

/// Steps of a statement from one look to the next: a few milliseconds.
const STEPS: i32 = 200_000;

/// What other programs take from a full disk meanwhile ends no statement that sorts nothing to speak of.
const NOTICED: u64 = 16 << 20;

/// `SQLITE_IOERR_GETTEMPPATH`: no directory for files without a name can be written.
const NO_DIRECTORY: i32 = 6_410;

/// How the space of a file system is asked for; `None` where it cannot be.
pub(super) type AskSpace = fn(&Path) -> Option<DiskSpace>;

/// Where a statement may put what it sorts, and how much room there was when it began.
pub(super) struct SortingRoom {
    directory: PathBuf,
    ask: AskSpace,
    before: Option<DiskSpace>,
}

impl SortingRoom {
    /// Of the directory that `SQLite` will choose.
    pub(super) fn new(ask: AskSpace) -> Self {
        let directory = directory(&|name| std::env::var_os(name));
        Self { before: ask(&directory), directory, ask }
    }

    /// Ends statements of a connection that leave too little room.
    ///
    /// # Errors
    /// Those of `SQLite`.
    pub(super) fn watch(&self, db: &mut Connection) -> rusqlite::Result<()> {
        let Some(before) = self.before else { return Ok(()) };
        let (directory, ask) = (self.directory.clone(), self.ask);
        let is_over = move || ask(&directory).is_some_and(|now| is_used_up(before, now));
        db.progress_handler(STEPS, Some(is_over))
    }

    /// What ended a statement, where it was the want of room.
    pub(super) fn why(&self, error: &rusqlite::Error, database: &Path) -> Option<Error> {
        let rusqlite::Error::SqliteFailure(failure, _) = error else { return None };
        let is_full = matches!(failure.code, ErrorCode::OperationInterrupted | ErrorCode::DiskFull)
            || failure.extended_code == NO_DIRECTORY;
        is_full.then(|| Error::NoRoomToSort {
            path: database.to_owned(),
            directory: self.directory.clone(),
        })
    }
}

/// Whether a statement must end: what it sorts leaves less than a quarter of a gigabyte, or a quarter of a
/// small file system. The daemon, which needs a quarter of that, still writes then.
fn is_used_up(before: DiskSpace, now: DiskSpace) -> bool {
    now.available < 4 * now.short() && before.available.saturating_sub(now.available) >= NOTICED
}

/// The directory in which `SQLite` makes its files without a name: the first of its list that can be
/// written (<https://www.sqlite.org/tempfiles.html>, section 5).
fn directory(env: &dyn Fn(&str) -> Option<OsString>) -> PathBuf {
    use rustix::fs::{Access, access};
    let named = ["SQLITE_TMPDIR", "TMPDIR"].into_iter().filter_map(env).map(PathBuf::from);
    let usual = ["/var/tmp", "/usr/tmp", "/tmp", "."].into_iter().map(PathBuf::from);
    let is_usable = |path: &PathBuf| {
        path.is_dir() && access(path.as_path(), Access::WRITE_OK | Access::EXEC_OK).is_ok()
    };
    named.chain(usual).find(is_usable).unwrap_or_else(|| PathBuf::from("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GB: u64 = 1 << 30;

    #[test]
    fn a_statement_ends_when_what_it_sorts_leaves_too_little_room() {
        let of = |available| DiskSpace { available, total: 100 * GB };
        assert!(!is_used_up(of(50 * GB), of(GB)));
        assert!(is_used_up(of(50 * GB), of(GB / 5)));
        assert!(!is_used_up(of(GB / 5), of(GB / 5 - 1_000)), "it was full before, by others");
        assert!(is_used_up(of(GB / 5), of(GB / 8)));
        let small = |available| DiskSpace { available, total: GB / 4 };
        assert!(!is_used_up(small(GB / 4), small(GB / 8)), "a small one may be used");
        assert!(is_used_up(small(GB / 4), small(GB / 20)));
    }

    #[test]
    fn the_directory_is_the_one_that_sqlite_takes() {
        let folder = tempfile::tempdir().unwrap();
        let one = folder.path().join("one");
        std::fs::create_dir(&one).unwrap();
        let with = |sqlite: &Path, general: &Path| {
            let (sqlite, general) = (sqlite.to_owned(), general.to_owned());
            directory(&move |name| match name {
                "SQLITE_TMPDIR" => Some(sqlite.clone().into_os_string()),
                "TMPDIR" => Some(general.clone().into_os_string()),
                _ => None,
            })
        };
        assert_eq!(with(&one, folder.path()), one);
        assert_eq!(with(&folder.path().join("none"), folder.path()), folder.path());
        assert!(directory(&|_| None).is_dir());
    }
}
