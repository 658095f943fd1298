//! One transaction with all that is due, and the journal with all that is not.

use super::Writer;
use super::waiting::CommittedMinutes;
use crate::store::error::Error;
use crate::store::journal::{self, JournalHead};
use crate::store::tables::{RawKey, WaitingRow};
use crate::time::Timestamp;

/// Bytes of samples in the journal at most; the oldest are left out first.
const LARGEST_JOURNAL: usize = 8 << 20;

impl Writer {
    pub(super) fn commit(&mut self, which: CommittedMinutes) -> Result<(), Error> {
        let committed = self.put_back_if_gone().and_then(|()| self.commit_due(which));
        if committed.is_err() {
            self.waiting.keep();
        }
        committed
    }

    fn commit_due(&mut self, which: CommittedMinutes) -> Result<(), Error> {
        let current = self.runs.open().map(|run| run.id);
        let due = self.waiting.due(which, current);
        self.waiting.encode(&due, &self.targets, &mut self.runs);
        if let Err(e) = self.write(&due).or_else(|e| self.mend_commit(&due, e)) {
            return Err(self.file.failed("write to database", e));
        }
        self.clocks.committed();
        self.repair.on_commit_made();
        self.failures.on_commit_made();
        self.hours_wait |= !due.is_empty();
        self.last_commit = self.runs.clock.map(|(utc, _)| utc).or(self.last_commit);
        self.measure_files();
        self.runs.rows.retain(|run| run.ended.is_none());
        self.waiting.committed(&due, current.filter(|_| self.runs.open().is_some()));
        Ok(())
    }

    /// Commits; a failure is reported by the next `second`.
    pub(super) fn commit_or_note(&mut self) {
        if let Err(error) = self.commit(CommittedMinutes::All) {
            self.failures.on_commit(error);
        }
    }

    /// Commits; a failure is reported by the caller and not again by `second`.
    pub(super) fn commit_and_report(&mut self) -> Result<(), Error> {
        let result = self.commit(CommittedMinutes::All);
        if result.is_err() {
            self.failures.on_reported_commit();
        }
        result
    }

    pub(super) fn write(&mut self, due: &[RawKey]) -> rusqlite::Result<()> {
        let (waiting, runs, clocks) = (&self.waiting, &self.runs, &self.clocks);
        self.file.commit(|db| {
            waiting.write(db, due, runs)?;
            clocks.write(db)
        })
    }

    pub(super) fn write_journal(&mut self, now: Timestamp, status: &str) -> Result<(), Error> {
        let waiting: Vec<RawKey> = self.waiting.dirty().rev().collect();
        self.waiting.encode(&waiting, &self.targets, &mut self.runs);
        let (pending, added) =
            self.waiting.rows().iter().cloned().partition(WaitingRow::is_of_schema_1);
        let head = JournalHead {
            database: self.file.identity,
            commits: self.file.commits,
            written_us: now.as_micros(),
            runs: self.runs.rows.clone(),
            pending,
            added,
            status: status.to_owned(),
        };
        let mut content = Vec::with_capacity(2 * status.len() + (8 << 10));
        let fail = |path: &std::path::Path, e| Error::io("write", path, e);
        journal::put_head(&mut content, &head)
            .map_err(|e| fail(self.file.journal.path(), e.into()))?;
        for key in waiting {
            if content.len() > LARGEST_JOURNAL {
                break;
            }
            journal::put_minute(&mut content, key, self.waiting.encoded(key));
        }
        let written = self.file.journal.write(&content);
        written.map_err(|e| fail(self.file.journal.path(), e))
    }
}
