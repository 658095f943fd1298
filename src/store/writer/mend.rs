//! What is done when the database cannot be written: make room, open it again, or put it aside and
//! go on with a new one. Measurements wait in memory meanwhile, encoded, and no more of them than
//! fit the ring.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};

use super::{Error, HeldMinute, Key, Writer, commit, open};
use crate::store::rows::MinuteRow;
use crate::store::salvage::{self, Batch, Salvage};
use crate::store::{summary, table};
use crate::time::{BootTime, Reading};
use crate::vocabulary::{Filling, Forecast, TargetId};

/// So many bytes of samples wait at most; then the oldest go, and their summaries wait.
const RING: usize = if cfg!(test) { 64 << 10 } else { 8 << 20 };
/// So many summaries wait at most: a week of six targets.
const SUMMARIES: usize = 60_480;
/// Hours of samples that are given up for one commit at most.
const HOURS_FOR_A_COMMIT: usize = 3;
/// A file is opened again this long after it could not be written, minutes; the last repeats.
const REOPEN_AFTER_MIN: [i64; 4] = [1, 2, 5, 10];

/// What happened to the database itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreEvent {
    /// It was damaged and put aside; a new one took its place.
    PutAside {
        /// Where the damaged one is.
        to: PathBuf,
    },
    /// Its file had been removed; a copy of what is open took its place.
    PutBack,
    /// What could be read of the one put aside is in the new one.
    Salvaged {
        /// Rows of samples (one target, one minute) that were brought over.
        rows: u64,
    },
    /// The disk or the limit is near to be reached.
    Filling {
        /// Which of them.
        of: Filling,
        /// When, and all that is known of it.
        forecast: Box<Forecast>,
    },
}

#[derive(Debug, Default)]
pub(super) struct Repair {
    plan: Option<NextRepair>,
    pub(super) salvage: Option<Salvage>,
    pub(super) news: Vec<StoreEvent>,
    /// Giving up samples did not help; no more are given up before a commit succeeds.
    in_vain: bool,
    #[cfg(test)]
    pub(super) refused: bool,
    /// Of minutes whose samples the ring could not hold.
    pub(super) summaries: BTreeMap<(i64, TargetId), MinuteRow>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NextRepair {
    Reopen { attempt: usize, at: BootTime },
    PutAside,
}

impl Writer {
    /// What happened to the database itself since last asked.
    pub fn take_news(&mut self) -> Vec<StoreEvent> {
        std::mem::take(&mut self.mend.news)
    }

    /// After a failed commit: gives up the oldest samples when there is no room, and tries again;
    /// else decides what is to be done later.
    pub(super) fn mend_commit(
        &mut self,
        due: &[Key],
        mut failure: rusqlite::Error,
    ) -> rusqlite::Result<()> {
        let Some((utc, boot)) = self.clock else { return Err(failure) };
        if failure.sqlite_error_code() == Some(ErrorCode::DiskFull) && !self.mend.in_vain {
            for _ in 0..HOURS_FOR_A_COMMIT {
                if !matches!(self.remove_oldest_raw(utc), Ok(true)) {
                    break;
                }
                self.mend.in_vain = true;
                match self.write(due) {
                    Ok(()) => return Ok(()),
                    Err(again) => failure = again,
                }
            }
        }
        match failure.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                self.mend.plan = Some(NextRepair::PutAside);
            }
            Some(ErrorCode::ReadOnly | ErrorCode::SystemIoFailure | ErrorCode::CannotOpen)
                if self.mend.plan.is_none() =>
            {
                let at = BootTime(boot.0 + REOPEN_AFTER_MIN[0] * 60_000_000);
                self.mend.plan = Some(NextRepair::Reopen { attempt: 0, at });
            }
            _ => {}
        }
        Err(failure)
    }

    /// Until then nothing that is open can be written.
    pub(super) fn reopen_later(&mut self) {
        let now = self.clock.map_or(0, |(_, boot)| boot.0);
        let at = BootTime(now + REOPEN_AFTER_MIN[0] * 60_000_000);
        self.mend.plan = Some(NextRepair::Reopen { attempt: 0, at });
    }

    pub(super) fn reopened(&mut self) {
        self.mend.plan = None;
    }

    pub(super) fn commit_succeeded(&mut self) {
        self.mend.in_vain = false;
        self.mend.plan = None;
        self.mend.summaries.clear();
    }

    /// The part of a second that is for this.
    pub(super) fn mend(&mut self, now: Reading) {
        match self.mend.plan {
            None => {}
            Some(NextRepair::PutAside) => {
                self.mend.plan = None;
                if let Err(error) = self.go_on_with_a_new_file() {
                    self.note_failure(error);
                    let at = BootTime(now.boot.0 + REOPEN_AFTER_MIN[0] * 60_000_000);
                    self.mend.plan = Some(NextRepair::Reopen { attempt: 0, at });
                }
                self.attempted = None;
            }
            Some(NextRepair::Reopen { at, .. }) if now.boot < at => {}
            Some(NextRepair::Reopen { attempt, .. }) => {
                self.attempted = None;
                if self.reopen().is_err() {
                    let attempt = attempt + 1;
                    let wait = REOPEN_AFTER_MIN.get(attempt).or(REOPEN_AFTER_MIN.last());
                    let at = BootTime(now.boot.0 + wait.unwrap_or(&10) * 60_000_000);
                    self.mend.plan = Some(NextRepair::Reopen { attempt, at });
                } else {
                    self.mend.plan = None;
                }
            }
        }
        if let Err(error) = self.merge_salvaged() {
            self.note_failure(error);
        }
    }

    fn reopen(&mut self) -> Result<(), Error> {
        #[cfg(test)]
        if self.mend.refused {
            return Err(Error::Full { doing: "open database", path: self.path.clone() });
        }
        let db = open::reopen(&self.path)?;
        let fail = |e| Error::sqlite("open database", &self.path, e);
        let identity: i64 = db
            .query_row("SELECT value FROM meta WHERE key = 'identity'", [], |row| row.get(0))
            .map_err(fail)?;
        if identity != self.identity {
            return Err(Error::NotOurs { path: self.path.clone() });
        }
        self.db = db;
        Ok(())
    }

    /// Puts the file aside; all that is held in memory goes into the new one, and what can be read
    /// of the old one follows.
    fn go_on_with_a_new_file(&mut self) -> Result<(), Error> {
        let fail = |e| Error::sqlite("write to database", &self.path, e);
        // Closed first: its locks belong to the file, whatever its name.
        self.db = Connection::open_in_memory().map_err(fail)?;
        let aside = salvage::put_aside(&self.path)?;
        let created = open::create(&self.path, &self.version)?;
        self.db = created;
        let fail = |e| Error::sqlite("write to database", &self.path, e);
        let salvage = salvage::begin(&aside, &self.db).map_err(fail)?;
        for (target, in_use) in &self.targets {
            table::put_target(&self.db, target).map_err(fail)?;
            if *in_use == super::TargetUse::Retired {
                self.db
                    .execute(
                        "UPDATE target SET retired_ms = added_ms
                         WHERE id = ?1 AND retired_ms IS NULL",
                        [target.id.0],
                    )
                    .map_err(fail)?;
            }
        }
        self.identity = open::identity(&self.db).map_err(fail)?;
        self.db
            .execute(
                "INSERT OR REPLACE INTO meta VALUES ('tail', ?1)",
                [self.journal.path().to_string_lossy()],
            )
            .map_err(fail)?;
        commit::put_commits(&self.db, self.commits).map_err(fail)?;
        for held in self.minutes.values_mut() {
            (held.stored, held.dirty) = (false, true);
        }
        self.hours_wait = true;
        // What was seen of the old file says nothing of this one.
        self.watch.forget_file();
        self.mend.salvage = Some(salvage);
        self.mend.news.push(StoreEvent::PutAside { to: aside });
        Ok(())
    }

    /// Brings over some of what was salvaged. Rows of the new file count before those of the old.
    fn merge_salvaged(&mut self) -> Result<(), Error> {
        let Some(mut salvage) = self.mend.salvage.take() else { return Ok(()) };
        let batch = salvage.next();
        if batch.as_ref().is_some_and(Batch::is_empty) {
            self.mend.salvage = Some(salvage);
            return Ok(());
        }
        let merge = || {
            let transaction = Transaction::new_unchecked(&self.db, TransactionBehavior::Immediate)?;
            let rows = match &batch {
                Some(batch) => batch.put(&transaction, salvage.removed_before)?,
                None => salvage::tell_what_is_missing(&transaction).map(|()| 0)?,
            };
            transaction.commit()?;
            Ok(rows)
        };
        let rows = merge().map_err(|e| Error::sqlite("salvage into database", &self.path, e))?;
        self.hours_wait = true;
        salvage.rows += rows;
        match batch {
            Some(_) => self.mend.salvage = Some(salvage),
            None => self.mend.news.push(StoreEvent::Salvaged { rows: salvage.rows }),
        }
        Ok(())
    }

    /// Keeps what waits within the ring: the samples of the oldest minutes go first, and what was
    /// summed up of them waits in their place.
    pub(super) fn keep_ring(&mut self) {
        let size = |held: &HeldMinute| held.encoded.as_ref().map_or(0, Vec::len);
        let mut waiting: usize = self.minutes.values().filter(|h| h.dirty).map(size).sum();
        if waiting <= RING {
            return;
        }
        let mut oldest: Vec<Key> =
            self.minutes.iter().filter(|(_, h)| h.dirty && size(h) > 0).map(|(k, _)| *k).collect();
        oldest.sort_by_key(|(run, minute, _)| (*minute, *run));
        for key in oldest {
            if waiting <= RING {
                break;
            }
            let Some(mut held) = self.minutes.remove(&key) else { continue };
            waiting -= size(&held);
            held.unpack(key);
            let row = summary::summarize(key.1, key.2, &held.samples);
            self.mend.summaries.insert((key.1, key.2), row);
        }
        while self.mend.summaries.len() > SUMMARIES {
            self.mend.summaries.pop_first();
        }
    }
}
