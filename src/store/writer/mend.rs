//! What is done when the database cannot be written: free space, open it again, or put it aside and
//! continue with a new one. Measurements wait in memory meanwhile.

use rusqlite::{Connection, ErrorCode};

use super::repair::{NextRepair, StoreEvent};
use super::targets::TargetUse;
use super::{Writer, open};
use crate::store::error::Error;
use crate::store::meta;
use crate::store::salvage::{self, Batch};
use crate::store::tables::{RawKey, StoredTable, retire_since_added};
use crate::time::Reading;

/// Hours of samples that are given up for one commit at most.
const HOURS_FOR_A_COMMIT: usize = 3;

impl Writer {
    /// What happened to the database itself since this was last called.
    pub fn take_events(&mut self) -> Vec<StoreEvent> {
        std::mem::take(&mut self.repair.events)
    }

    /// Puts the file aside with the next second: it turned out to be damaged.
    pub fn put_aside_soon(&mut self) {
        if self.repair.salvage.is_none() {
            self.repair.next = Some(NextRepair::PutAside);
        }
    }

    /// After a failed commit: gives up the oldest samples if there is no space, and tries again;
    /// else decides what is to be done later.
    pub(super) fn mend_commit(
        &mut self,
        due: &[RawKey],
        mut failure: rusqlite::Error,
    ) -> rusqlite::Result<()> {
        let Some((utc, boot)) = self.runs.clock else { return Err(failure) };
        if failure.sqlite_error_code() == Some(ErrorCode::DiskFull) && !self.repair.in_vain {
            for _ in 0..HOURS_FOR_A_COMMIT {
                if !matches!(self.remove_oldest_raw(utc), Ok(true)) {
                    break;
                }
                self.repair.in_vain = true;
                match self.write(due) {
                    Ok(()) => return Ok(()),
                    Err(again) => failure = again,
                }
            }
        }
        match failure.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                self.repair.next = Some(NextRepair::PutAside);
            }
            Some(ErrorCode::ReadOnly | ErrorCode::SystemIoFailure | ErrorCode::CannotOpen)
                if self.repair.next.is_none() =>
            {
                self.repair.next = Some(NextRepair::reopen(0, boot));
            }
            _ => {}
        }
        Err(failure)
    }

    /// The part of a second that is for this.
    pub(super) fn mend(&mut self, now: Reading) {
        match self.repair.next {
            None => {}
            Some(NextRepair::PutAside) => {
                self.repair.next = None;
                if let Err(error) = self.continue_in_a_new_file() {
                    self.failures.on_commit(error);
                    self.repair.next = Some(NextRepair::reopen(0, now.boot));
                }
                self.attempted = None;
            }
            Some(NextRepair::Reopen { at, .. }) if now.boot < at => {}
            Some(NextRepair::Reopen { attempt, .. }) => {
                self.attempted = None;
                let failed = self.reopen().is_err();
                self.repair.next = failed.then(|| NextRepair::reopen(attempt + 1, now.boot));
            }
        }
        if let Err(error) = self.merge_salvaged() {
            self.failures.on_commit(error);
        }
    }

    fn reopen(&mut self) -> Result<(), Error> {
        let db = open::reopen(&self.file.path)?;
        let identity = meta::identity(&db).map_err(|e| self.file.failed("open database", e))?;
        if identity != self.file.identity {
            return Err(Error::NotOurs { path: self.file.path.clone() });
        }
        self.file.db = db;
        Ok(())
    }

    /// Puts the file aside; all that is held in memory goes into the new one, and what can be read
    /// of the old one follows.
    fn continue_in_a_new_file(&mut self) -> Result<(), Error> {
        const DOING: &str = "write to database";
        // Closed first: its locks belong to the file, whatever its name.
        self.file.db = Connection::open_in_memory().map_err(|e| self.file.failed(DOING, e))?;
        let aside = salvage::put_aside(&self.file.path)?;
        self.file.db = open::create(&self.file.path, &self.file.version)?;
        let db = &self.file.db;
        let salvage = salvage::begin(&aside, db).map_err(|e| self.file.failed(DOING, e))?;
        let complete = || {
            for (target, usage) in self.targets.iter() {
                target.put(db)?;
                if usage == TargetUse::Retired {
                    retire_since_added(db, target.id)?;
                }
            }
            meta::put(db, meta::JOURNAL, self.file.journal.path().to_string_lossy())?;
            meta::put_commits(db, self.file.commits)?;
            meta::identity(db)
        };
        self.file.identity = complete().map_err(|e| self.file.failed(DOING, e))?;
        self.waiting.on_new_file();
        self.hours_wait = true;
        // What was seen of the old file says nothing of this one.
        self.watch.forget_file();
        self.repair.salvage = Some(salvage);
        self.repair.events.push(StoreEvent::PutAside { to: aside });
        Ok(())
    }

    /// Brings over some of what was salvaged. Rows of the new file take precedence over the old.
    fn merge_salvaged(&mut self) -> Result<(), Error> {
        let Some(mut salvage) = self.repair.salvage.take() else { return Ok(()) };
        let batch = salvage.next();
        if batch.as_ref().is_some_and(Batch::is_empty) {
            self.repair.salvage = Some(salvage);
            return Ok(());
        }
        let merged = self.file.at_once(|db| match &batch {
            Some(batch) => batch.put(db, salvage.removed_before, &salvage.unread),
            None => salvage::mark_what_is_missing(db).map(|()| 0),
        });
        match merged {
            Ok(rows) => salvage.rows += rows,
            Err(e) => {
                // It is tried again with the next second.
                salvage.pending = batch;
                self.repair.salvage = Some(salvage);
                return Err(self.file.failed("salvage into database", e));
            }
        }
        self.hours_wait = true;
        match batch {
            Some(_) => self.repair.salvage = Some(salvage),
            None => self.repair.events.push(StoreEvent::Salvaged { rows: salvage.rows }),
        }
        Ok(())
    }
}
