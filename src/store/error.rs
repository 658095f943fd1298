//! What can go wrong with the record: each variant says what was being done to which path, and
//! [`Error::hint`] what to do about it.

use std::path::PathBuf;

/// What can go wrong with the record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no database.
    #[error("open database {}: no such file", path.display())]
    NoDatabase {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The path is a directory.
    #[error("open database {}: it is a directory", path.display())]
    IsDirectory {
        /// The directory.
        path: PathBuf,
    },
    /// The path, or a file that belongs to it, is no file.
    #[error("open database {}: it is {what}, not a file", path.display())]
    NotAFile {
        /// Which one.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// The file has something in its schema that linkmon did not make.
    #[error("open database {}: its schema is not linkmon's: {what}", path.display())]
    Foreign {
        /// The file, untouched.
        path: PathBuf,
        /// What is not.
        what: String,
    },
    /// The file is no `SQLite` database.
    #[error("open database {}: it is not a SQLite database", path.display())]
    NotADatabase {
        /// The file, untouched.
        path: PathBuf,
    },
    /// The file is another program's database.
    #[error("open database {}: it is a database of another program", path.display())]
    NotOurs {
        /// The file, untouched.
        path: PathBuf,
    },
    /// The file needs a later linkmon.
    #[error(
        "open database {}: it has schema {found}, this linkmon knows schema {known}",
        path.display()
    )]
    TooNew {
        /// The file, untouched.
        path: PathBuf,
        /// The least schema that a program must know to use this file.
        found: i64,
        /// The schema that this program knows.
        known: i64,
    },
    /// The file was last written by an earlier linkmon, which had no place for this.
    #[error(
        "{doing} {}: it has schema {found}, which an earlier linkmon wrote; this needs schema \
         {needed}",
        path.display()
    )]
    TooOld {
        /// What was being done.
        doing: &'static str,
        /// The file, untouched.
        path: PathBuf,
        /// The schema of the file.
        found: i64,
        /// The least schema that has room for it.
        needed: i64,
    },
    /// There is no note of that number.
    #[error("there is no note {id} in {}", path.display())]
    NoNote {
        /// The database.
        path: PathBuf,
        /// The number.
        id: i64,
    },
    /// Somebody else changed the note meanwhile.
    #[error("note {id} in {} says something else by now: it was changed meanwhile", path.display())]
    NoteChanged {
        /// The database.
        path: PathBuf,
        /// The number.
        id: i64,
    },
    /// The database was made and its schema never written, by a daemon cut short at its first
    /// start.
    #[error("open database {}: it has nothing in it", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// Not allowed to.
    #[error("{doing} {}: permission denied", path.display())]
    Permission {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
    },
    /// The file system takes no changes.
    #[error("{doing} {}: the file system is read-only", path.display())]
    ReadOnlyFileSystem {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
    },
    /// A statement that cannot be run.
    #[error("query {}: {what}", path.display())]
    Query {
        /// The database.
        path: PathBuf,
        /// What is wrong with the statement, in the words of `SQLite`.
        what: String,
    },
    /// A statement sorts more than there is room for.
    #[error(
        "query {}: what it sorts does not fit into {}, so it was ended",
        path.display(),
        directory.display()
    )]
    NoRoomToSort {
        /// The database.
        path: PathBuf,
        /// Where it was sorted.
        directory: PathBuf,
    },
    /// A directory is missing.
    #[error("write into {}: no such directory", path.display())]
    NoDirectory {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A file is in the way.
    #[error("write {}: there is such a file", path.display())]
    Exists {
        /// The file, untouched.
        path: PathBuf,
    },
    /// Another linkmon writes it.
    #[error(
        "database {} is in use by another linkmon{}",
        path.display(),
        pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default()
    )]
    Locked {
        /// The database.
        path: PathBuf,
        /// The process, as it wrote itself into the lock file.
        pid: Option<u32>,
    },
    /// Another program holds the database for more than five seconds.
    #[error("{doing} {}: another program holds it", path.display())]
    Busy {
        /// What was being done.
        doing: &'static str,
        /// The database.
        path: PathBuf,
    },
    /// The file system is full.
    #[error("{doing} {}: the file system is full", path.display())]
    Full {
        /// What was being done.
        doing: &'static str,
        /// The database.
        path: PathBuf,
    },
    /// The file is damaged.
    #[error("{doing} {}: {what}", path.display())]
    Damaged {
        /// What was being done.
        doing: &'static str,
        /// The database.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// Any other error of `SQLite`.
    #[error("{doing} {}", path.display())]
    Sqlite {
        /// What was being done.
        doing: &'static str,
        /// The database.
        path: PathBuf,
        /// What `SQLite` said.
        source: rusqlite::Error,
    },
    /// An error of the operating system.
    #[error("{doing} {}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// All 255 numbers of targets are used.
    #[error(
        "add target \"{name}\" to {}: all 255 target numbers of this database are used",
        path.display()
    )]
    TargetsExhausted {
        /// The target that found no number.
        name: String,
        /// The database.
        path: PathBuf,
    },
    /// Something was to be written that belongs to a run, and none was begun.
    #[error("write to {}: no run was begun", path.display())]
    NoRun {
        /// The database.
        path: PathBuf,
    },
    /// A run was to be begun before the one before was ended.
    #[error("begin a run in {}: run {run} is open", path.display())]
    RunOpen {
        /// The database.
        path: PathBuf,
        /// The open run.
        run: i64,
    },
    /// A database was to be merged into itself.
    #[error("merge {}: it is the database itself", path.display())]
    SameFile {
        /// The database.
        path: PathBuf,
    },
    /// An import without a single sample.
    #[error("import into {}: there are no samples", path.display())]
    EmptyImport {
        /// The database.
        path: PathBuf,
    },
    /// The same samples were imported before.
    #[error("import into {}: these samples are in it already (run {run})", path.display())]
    AlreadyImported {
        /// The database.
        path: PathBuf,
        /// The run of the earlier import.
        run: i64,
    },
}

impl Error {
    /// What to do about it, where there is something to say.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoDatabase { .. } | Self::Empty { .. } => {
                "`linkmon run` makes it and starts recording; `--db FILE` names another"
            }
            Self::IsDirectory { .. } => "name the file in it: `--db DIRECTORY/linkmon.db`",
            Self::NotADatabase { .. } | Self::NotOurs { .. } | Self::NotAFile { .. } => {
                "it was left as it is; name another file with `--db FILE`"
            }
            Self::Query { .. } => {
                "`linkmon sql \"SELECT name, sql FROM sqlite_schema\"` lists tables and views"
            }
            Self::NoRoomToSort { .. } => {
                "ask for a shorter time or without ORDER BY, or name a directory with more room, as in \
                 `TMPDIR=/mnt/big linkmon sql ...`"
            }
            Self::NoDirectory { .. } => "make it, or mount what it is on",
            Self::Exists { .. } => {
                "name another, or a directory: copies in it get names with their date"
            }
            Self::TooNew { .. } => "it was left as it is; update linkmon",
            Self::TooOld { .. } => {
                "start `linkmon run` of this version once: it brings it up to date"
            }
            Self::NoNote { .. } => "`linkmon note list` lists their numbers",
            Self::Permission { .. } => {
                "run as the user who owns it, or give this user access to the file and its directory"
            }
            Self::ReadOnlyFileSystem { .. } => {
                "mount it for writing, or name a database elsewhere with `--db FILE`; a disk that turned \
                 read-only by itself may be failing"
            }
            Self::Locked { .. } => "one database has one writer; reports can be made meanwhile",
            Self::Busy { .. } => "close the program that has it open for writing, and try again",
            Self::Full { .. } => "make room; what was measured meanwhile is kept in memory",
            Self::TargetsExhausted { .. } => "start a new database; this one remains readable",
            _ => return None,
        })
    }

    /// Whether it is the file that is damaged.
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::NotADatabase { .. } | Self::Damaged { .. })
    }

    /// The error of `SQLite` in words, with what was being done to which database.
    pub(super) fn sqlite(
        doing: &'static str,
        path: &std::path::Path,
        source: rusqlite::Error,
    ) -> Self {
        use rusqlite::ErrorCode;
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotADatabase { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { doing, path },
            Some(ErrorCode::DiskFull) => Self::Full { doing, path },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::refused(doing, &path),
            Some(ErrorCode::DatabaseCorrupt) => {
                Self::Damaged { doing, path, what: "the file is damaged".to_owned() }
            }
            _ => Self::Sqlite { doing, path, source },
        }
    }

    /// It may not be written: the file system is read-only, or this user is not allowed to.
    pub(super) fn refused(doing: &'static str, path: &std::path::Path) -> Self {
        let there = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let there = there.unwrap_or(std::path::Path::new("."));
        let path = path.to_owned();
        if super::space::is_read_only(there) {
            Self::ReadOnlyFileSystem { doing, path }
        } else {
            Self::Permission { doing, path }
        }
    }

    /// The error of the operating system, with what was being done to what.
    pub(super) fn io(doing: &'static str, path: &std::path::Path, source: std::io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            std::io::ErrorKind::PermissionDenied => Self::Permission { doing, path },
            std::io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnlyFileSystem { doing, path },
            std::io::ErrorKind::StorageFull => Self::Full { doing, path },
            _ => Self::Io { doing, path, source },
        }
    }
}
