//! The database that a writer has open, and how transactions are made on it.

use std::path::PathBuf;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::store::error::Error;
use crate::store::file::Lock;
use crate::store::journal::JournalFile;
use crate::store::meta;

/// A database that is open for writing.
#[derive(Debug)]
pub(in crate::store) struct OpenFile {
    pub(in crate::store) db: Connection,
    pub(super) path: PathBuf,
    /// Held for as long as the database is open.
    pub(super) lock: Lock,
    pub(super) journal: JournalFile,
    pub(super) identity: i64,
    pub(super) commits: i64,
    /// The version of this program.
    pub(super) version: String,
}

impl OpenFile {
    /// The error of `SQLite` with what was being done.
    pub(super) fn failed(&self, doing: &'static str, e: rusqlite::Error) -> Error {
        Error::sqlite(doing, &self.path, e)
    }

    /// Writes in one transaction: all or nothing.
    pub(super) fn at_once<T>(
        &self,
        write: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let transaction = Transaction::new_unchecked(&self.db, TransactionBehavior::Immediate)?;
        let result = write(&transaction)?;
        transaction.commit()?;
        Ok(result)
    }

    /// As [`Self::at_once`], and counts it as a commit: rows of the journal are then older.
    pub(super) fn commit<T>(
        &mut self,
        write: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let commits = self.commits + 1;
        let result = self.at_once(|db| {
            let result = write(db)?;
            meta::put_commits(db, commits)?;
            Ok(result)
        })?;
        self.commits = commits;
        Ok(result)
    }
}
