//! One transaction with all that is due, and the journal with all that is not.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::{Error, HeldMinute, KEEP_MINUTES, Key, Writer};
use crate::store::journal::{self, JournalHead};
use crate::store::table::Pending;
use crate::store::{codec, summary, table};
use crate::time::Timestamp;
use crate::vocabulary::{LinkDrop, TargetId};

/// So much of the journal is samples at most; the oldest are left out first.
const LARGEST_JOURNAL: usize = 8 << 20;

/// Which minutes a commit writes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which {
    All,
    /// Those before this minute; and all that are in the database already, so that after a commit
    /// no row of it is older than what is held: see [`JournalHead::commits`].
    Before(i64),
}

impl Writer {
    /// As [`Self::put_drop`]; the drop was stored with key `before` and keeps its number: late
    /// replies moved its onset.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn move_drop(&mut self, before: Timestamp, drop: &LinkDrop) -> Result<i64, Error> {
        self.drops.remove(&before);
        self.moved.push((before, drop.key));
        self.put_drop(drop)
    }

    /// Whether the last commit, or the last journal, could not be written.
    pub fn is_failing(&self) -> bool {
        self.trouble.commit_fails || self.trouble.journal_fails
    }

    /// From now on nothing can be written, however often the file is opened.
    #[cfg(test)]
    pub(crate) fn refuse_writes(&mut self) {
        self.mend.refused = true;
        self.refuse_writes_of_this_connection();
    }

    /// From now on nothing can be written before the file is opened again.
    #[cfg(test)]
    pub(crate) fn refuse_writes_of_this_connection(&self) {
        self.db.execute_batch("PRAGMA query_only = ON").unwrap();
    }

    /// It can be written again.
    #[cfg(test)]
    pub(crate) fn accept_writes(&mut self) {
        self.mend.refused = false;
        self.db.execute_batch("PRAGMA query_only = OFF").unwrap();
    }

    /// As on a file system without room for more than so many pages.
    #[cfg(test)]
    pub(crate) fn limit_pages(&self, pages: i64) {
        self.db.execute_batch(&format!("PRAGMA max_page_count = {pages}")).unwrap();
    }

    /// Reads all anew from the file.
    #[cfg(test)]
    pub(crate) fn forget_pages(&self) {
        self.db.execute_batch("PRAGMA shrink_memory").unwrap();
    }

    /// Bytes of samples that wait.
    #[cfg(test)]
    pub(crate) fn waiting_bytes(&self) -> usize {
        let dirty = self.minutes.values().filter(|held| held.dirty);
        dirty.map(|held| held.encoded.as_ref().map_or(0, Vec::len)).sum()
    }

    pub(super) fn commit(&mut self, which: Which) -> Result<(), Error> {
        if let Err(error) = self.put_back_if_gone() {
            self.pack();
            self.keep_ring();
            return Err(error);
        }
        let current = self.open_run().map(|run| run.id);
        let is_due = |(run, minute, _): &Key, held: &HeldMinute| {
            let asked_for = match which {
                Which::All => true,
                Which::Before(closed) => *minute < closed || Some(*run) != current,
            };
            held.dirty && (held.stored || asked_for)
        };
        let due: Vec<Key> =
            self.minutes.iter().filter(|(k, h)| is_due(k, h)).map(|(k, _)| *k).collect();
        self.encode(&due);
        if let Err(e) = self.write(&due).or_else(|e| self.mend_commit(&due, e)) {
            self.pack();
            self.keep_ring();
            return Err(Error::sqlite("write to database", &self.path, e));
        }

        self.commits += 1;
        self.commit_succeeded();
        self.hours_wait |= !due.is_empty();
        self.last_commit = self.clock.map(|(utc, _)| utc).or(self.last_commit);
        self.trouble.commit_fails = false;
        self.pending.clear();
        self.drops.clear();
        self.moved.clear();
        self.runs.retain(|run| run.ended.is_none());
        for key in &due {
            let held = self.minutes.get_mut(key).expect("still held");
            (held.stored, held.dirty) = (true, false);
        }
        self.evict();
        Ok(())
    }

    /// Commits; a failure is told by the next `second`.
    pub(super) fn commit_or_note(&mut self) {
        if let Err(error) = self.commit(Which::All) {
            self.note_failure(error);
        }
    }

    /// Commits; a failure is told by the caller and not again by `second`.
    pub(super) fn commit_and_tell(&mut self) -> Result<(), Error> {
        let result = self.commit(Which::All);
        self.trouble.commit_fails |= result.is_err();
        result
    }

    pub(super) fn note_failure(&mut self, error: Error) {
        if !std::mem::replace(&mut self.trouble.commit_fails, true) {
            self.trouble.untold = Some(error);
        }
    }

    pub(super) fn write_journal(&mut self, now: Timestamp, status: &str) -> Result<(), Error> {
        let waiting: Vec<Key> =
            self.minutes.iter().filter(|(_, h)| h.dirty).map(|(k, _)| *k).rev().collect();
        self.encode(&waiting);
        let (pending, added) = self.pending.iter().cloned().partition(Pending::is_of_schema_1);
        let head = JournalHead {
            database: self.identity,
            commits: self.commits,
            written_us: now.as_micros(),
            runs: self.runs.clone(),
            pending,
            added,
            status: status.to_owned(),
        };
        let mut content = Vec::new();
        let fail = |e| Error::io("write", self.journal.path(), e);
        journal::put_head(&mut content, &head).map_err(|e| fail(e.into()))?;
        for key in waiting {
            if content.len() > LARGEST_JOURNAL {
                break;
            }
            let encoded = self.minutes[&key].encoded.as_deref().expect("encoded above");
            journal::put_minute(&mut content, key, encoded);
        }
        self.journal.write(&content).map_err(|e| Error::io("write", self.journal.path(), e))
    }

    fn encode(&mut self, keys: &[Key]) {
        for key in keys {
            let interval = self.interval(key.2);
            let held = self.minutes.get_mut(key).expect("a key that is held");
            let samples = &held.samples;
            held.encoded.get_or_insert_with(|| codec::encode(key.1, interval, samples));
            if let Some(run) = self.runs.iter_mut().find(|run| run.id == key.0) {
                run.cover(key.1);
            }
        }
    }

    pub(super) fn write(&self, due: &[Key]) -> rusqlite::Result<()> {
        let transaction = Transaction::new_unchecked(&self.db, TransactionBehavior::Immediate)?;
        for key in due {
            let encoded = self.minutes[key].encoded.as_deref().expect("encoded before");
            table::put_raw(&transaction, *key, encoded)?;
        }
        let mut minutes: Vec<(i64, TargetId)> = due.iter().map(|(_, m, t)| (*m, *t)).collect();
        minutes.sort_unstable();
        minutes.dedup();
        for (minute, target) in minutes {
            summarize(&transaction, minute, target)?;
        }
        for row in self.mend.summaries.values() {
            table::put_minute_if_none(&transaction, row)?;
        }
        for row in &self.pending {
            row.put(&transaction)?;
        }
        for (before, now) in &self.moved {
            // One that was never stored is inserted below.
            transaction.execute(
                "UPDATE OR REPLACE link_drop SET key_us = ?2 WHERE key_us = ?1",
                [before.as_micros(), now.as_micros()],
            )?;
        }
        for (key, drop) in &self.drops {
            match drop {
                Some(drop) => table::put_drop(&transaction, drop)?,
                None => {
                    transaction
                        .execute("DELETE FROM link_drop WHERE key_us = ?1", [key.as_micros()])?;
                }
            }
        }
        for run in &self.runs {
            run.put(&transaction)?;
        }
        put_commits(&transaction, self.commits + 1)?;
        transaction.commit()
    }

    /// Keeps only the encoded form, a twentieth, of minutes to which no reply can come any more:
    /// a disk may be full for days.
    fn pack(&mut self) {
        let newest = self.minutes.keys().map(|key| (key.0, key.1)).max().unwrap_or_default();
        for (key, held) in &mut self.minutes {
            let is_old = key.0 != newest.0 || newest.1 - key.1 > KEEP_MINUTES;
            if is_old && held.encoded.is_some() {
                held.samples = Vec::new();
            }
        }
    }

    /// Forgets minutes that are in the database and so old that no reply to them can come.
    fn evict(&mut self) {
        let current = self.open_run().map(|run| run.id);
        let newest = self.minutes.keys().filter(|k| Some(k.0) == current).map(|k| k.1).max();
        let newest = newest.or_else(|| self.minutes.keys().map(|k| k.1).max()).unwrap_or(0);
        let mut evicted = self.evicted;
        self.minutes.retain(|(_, minute, _), held| {
            let keep = held.dirty || (minute - newest).abs() <= KEEP_MINUTES;
            if !keep {
                evicted = evicted.max(*minute);
            }
            keep
        });
        self.evicted = evicted;
    }
}

impl HeldMinute {
    /// Makes the samples of a packed minute again.
    pub(super) fn unpack(&mut self, (_, minute, target): Key) {
        if let Some(encoded) = self.encoded.as_deref().filter(|_| self.samples.is_empty()) {
            codec::decode(encoded, minute, target, &mut self.samples).expect("encoded here");
        }
    }
}

/// Counts a commit: whoever reads the journal learns by it which of the two is newer.
pub(super) fn put_commits(db: &Connection, commits: i64) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE meta SET value = ?1 WHERE key = 'commits'")?.execute([commits])?;
    Ok(())
}

/// Computes the summary of a minute anew from the samples of all its runs; damaged rows are left
/// out.
pub(in crate::store) fn summarize(
    db: &Connection,
    minute: i64,
    target: TargetId,
) -> rusqlite::Result<()> {
    let mut samples = Vec::new();
    let mut statement = db
        .prepare_cached("SELECT samples FROM raw WHERE minute = ?1 AND target = ?2 ORDER BY run")?;
    let mut rows = statement.query((minute, target.0))?;
    while let Some(row) = rows.next()? {
        let before = samples.len();
        if codec::decode(row.get_ref(0)?.as_blob()?, minute, target, &mut samples).is_err() {
            samples.truncate(before);
        }
    }
    table::put_minute(db, &summary::summarize(minute, target, &samples))
}
