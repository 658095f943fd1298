//! Writing the record: one connection, owned by the pipeline's thread.
//!
//! Samples are held in memory and committed once a minute with `synchronous=FULL`; drops at once,
//! together with all that is held. In between, [`Writer::second`] keeps the journal up to date, so
//! that neither a kill of the daemon nor a reader misses a second. A commit that fails leaves
//! everything in memory, and the next minute tries again.

mod clock;
mod commit;
mod failures;
mod file;
mod gone;
mod health;
mod hours;
mod import;
mod mend;
mod merge;
pub(super) mod open;
mod redate;
pub(super) mod repair;
mod retention;
mod runs;
mod small;
mod targets;
#[cfg(test)]
mod tests;
mod upkeep;
mod waiting;
mod watch;

use std::path::Path;
use std::time::Duration;

use clock::ClockRows;
use failures::Failures;
use file::OpenFile;
use repair::Repair;
use runs::Runs;
use small::StoredToday;
use targets::{KnownTargets, TargetUse};
use upkeep::{RetentionState, SpaceWatch};
use waiting::{CommittedMinutes, HeldMinute, Uncommitted};

pub use import::JudgedImport;
pub use redate::DatedRun;

use super::error::Error;
use super::tables::{self, RawKey, link_drop, raw};
use crate::time::{Reading, Timestamp};
use crate::vocabulary::{
    Endpoint, Kind, LinkDrop, Measurement, Role, Run, RunEnd, Target, TargetId,
};

/// A minute is committed when it has been over for this long: Tmax (3 s) and a second for the
/// pipeline. What comes later is written at the next minute's commit.
const SETTLED_AFTER: Duration = Duration::from_secs(4);

/// The one writer of a database.
#[derive(Debug)]
pub struct Writer {
    pub(in crate::store) file: OpenFile,
    targets: KnownTargets,
    runs: Runs,
    pub(in crate::store) waiting: Uncommitted,
    clocks: ClockRows,
    failures: Failures,
    /// Which minute's close was last answered with a commit.
    attempted: Option<i64>,
    last_commit: Option<Timestamp>,
    /// Length of the database and its log after the last commit.
    database_bytes: Option<u64>,
    /// Hours may be over and not be summed up.
    hours_wait: bool,
    retention: RetentionState,
    watch: SpaceWatch,
    repair: Repair,
    today: StoredToday,
}

impl Writer {
    /// Begins a run at `now`. If the commit fails, the run continues in memory, and the next
    /// [`second`](Self::second) reports the error.
    ///
    /// # Errors
    /// If a run is open.
    pub fn begin_run(&mut self, now: Reading, boot_id: Option<String>) -> Result<Run, Error> {
        if let Some(run) = self.runs.open() {
            return Err(Error::RunOpen { path: self.file.path.clone(), run: run.id });
        }
        let run = self.runs.begin(now, boot_id, &self.file.version);
        self.clocks.on_run(&run);
        self.waiting.on_new_run();
        self.attempted = Some(closed_before(now.utc));
        self.commit_or_note();
        Ok(run)
    }

    /// Ends the open run and commits all that is held. If the commit fails, everything is kept, and
    /// the next [`second`](Self::second) reports the error.
    ///
    /// # Errors
    /// If there is no open run.
    pub fn end_run(&mut self, now: Reading, end: RunEnd) -> Result<(), Error> {
        self.runs.observe(now);
        self.runs.end(end).ok_or_else(|| Error::NoRun { path: self.file.path.clone() })?;
        self.runs.clock = None;
        self.commit_or_note();
        Ok(())
    }

    /// The targets in use, by number.
    pub fn targets(&self) -> Vec<Target> {
        self.targets.in_use().cloned().collect()
    }

    /// The target of this name, kind and role; added if there is none. One that was retired is used
    /// again; where it has another address or interval than before, it has these from now on. One of
    /// the same name that differs in kind or role is retired.
    ///
    /// # Errors
    /// If it cannot be written, or it is new and all 255 numbers are used.
    pub fn target(
        &mut self,
        name: &str,
        kind: Kind,
        role: Role,
        address: &str,
        interval: Duration,
        now: Reading,
    ) -> Result<Target, Error> {
        let (name, endpoint) = (name.to_owned(), Endpoint::new(kind, address));
        let mut target = Target { id: TargetId(0), name, kind, role, endpoint, interval };
        let in_use = self.targets.same(&target).filter(|(_, usage)| *usage == TargetUse::InUse);
        let known = in_use.or_else(|| self.targets.like(&target));
        let known = known.or_else(|| self.targets.same(&target));
        let before = known.map(|(known, _)| known.clone());
        match known {
            Some((known, TargetUse::InUse)) if targets::is_at(known, &target) => {
                return Ok(known.clone());
            }
            Some((known, _)) => target.id = known.id,
            None => {
                target.id = self.targets.next_id().ok_or_else(|| Error::TargetsExhausted {
                    name: target.name.clone(),
                    path: self.file.path.clone(),
                })?;
            }
        }
        self.file
            .at_once(|db| {
                if let Some(before) = before.filter(|before| !targets::is_at(before, &target)) {
                    tables::change_address(db, &before, &target, now.utc)?;
                }
                tables::use_target(db, &target, now.utc)
            })
            .map_err(|e| self.file.failed("add a target to database", e))?;
        self.targets.retire(|known| known.name == target.name);
        self.targets.set(target.clone(), TargetUse::InUse);
        Ok(target)
    }

    /// Retires a target: its samples stay, its number is not given to another.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn retire_target(&mut self, id: TargetId, now: Reading) -> Result<(), Error> {
        tables::retire(&self.file.db, id, now.utc)
            .map_err(|e| self.file.failed("retire a target in database", e))?;
        self.targets.retire(|known| known.id == id);
        Ok(())
    }

    /// Takes a measurement of the open run into memory.
    ///
    /// # Errors
    /// If no run is open, or (for one that comes minutes late) its minute cannot be read.
    pub fn record(&mut self, measurement: &Measurement) -> Result<(), Error> {
        let Some(run) = self.runs.open() else {
            return Err(Error::NoRun { path: self.file.path.clone() });
        };
        self.waiting
            .record(&self.file.db, run.id, measurement)
            .map_err(|e| self.file.failed("read database", e))
    }

    /// Replaces the measurement of the same target and send time, in memory or already committed, by
    /// this one. `false`: there is none.
    ///
    /// # Errors
    /// If the minute cannot be read.
    pub fn revise(&mut self, measurement: &Measurement) -> Result<bool, Error> {
        let key = match self.held_minute_of(measurement) {
            Some(key) => Some(key),
            None => self
                .load_minute_of(measurement)
                .map_err(|e| self.file.failed("read database", e))?,
        };
        let Some(held) = key.and_then(|key| self.waiting.minutes.get_mut(&key)) else {
            return Ok(false);
        };
        let Some(at) = held.position(measurement) else { return Ok(false) };
        held.revise(at, measurement);
        Ok(true)
    }

    /// The minute in memory that holds the sample a revision is about; of the latest run.
    fn held_minute_of(&self, measurement: &Measurement) -> Option<RawKey> {
        let (minute, target) = (measurement.sent_at.minute(), measurement.target);
        let mut held = self.waiting.minutes.iter().rev();
        held.find(|(key, held)| {
            (key.minute, key.target) == (minute, target) && held.position(measurement).is_some()
        })
        .map(|(key, _)| *key)
    }

    /// Loads the minute that holds the sample from the database, if it is not in memory.
    fn load_minute_of(&mut self, measurement: &Measurement) -> rusqlite::Result<Option<RawKey>> {
        let (minute, target) = (measurement.sent_at.minute(), measurement.target);
        for run in raw::runs_of(&self.file.db, minute, target)? {
            let key = RawKey { run, minute, target };
            if self.waiting.minutes.contains_key(&key) {
                continue;
            }
            let Some(stored) = HeldMinute::load(&self.file.db, key)? else { continue };
            if stored.position(measurement).is_some() {
                self.waiting.minutes.insert(key, stored);
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    /// Stores a drop at once, and with it all that is held; the one of the same key is brought up
    /// to date. Returns its number. If it fails, the next commit tries again.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn put_drop(&mut self, drop: &LinkDrop) -> Result<i64, Error> {
        self.waiting.put_drop(drop.key, Some(drop.clone()));
        self.commit_and_report()?;
        link_drop::number(&self.file.db, drop.key).map_err(|e| self.file.failed("read database", e))
    }

    /// As [`Self::put_drop`]; the drop was stored with key `before` and keeps its number: late
    /// replies moved its onset.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn move_drop(&mut self, before: Timestamp, drop: &LinkDrop) -> Result<i64, Error> {
        self.waiting.move_drop(before, drop.key);
        self.put_drop(drop)
    }

    /// Removes the provisional drop of that key: it proved not to be one. If it fails, the next
    /// commit tries again.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn withdraw_drop(&mut self, key: Timestamp) -> Result<(), Error> {
        self.waiting.put_drop(key, None);
        self.commit_and_report()
    }

    /// To be called once a second: writes the journal with `status` (the live status, JSON), and
    /// commits when a minute has been over for 4 s.
    ///
    /// # Errors
    /// The first failure of a commit, or of the journal; it is not reported again until one has
    /// succeeded. Everything is kept and tried again.
    pub fn second(&mut self, now: Reading, status: &str) -> Result<(), Error> {
        self.runs.observe(now);
        self.mend(now);
        let closed = closed_before(now.utc);
        if self.runs.open().is_some() && self.attempted != Some(closed) {
            self.attempted = Some(closed);
            if let Err(error) = self.commit(CommittedMinutes::Before(closed)) {
                self.failures.on_commit(error);
            }
        }
        self.close_some_hours(now.utc);
        self.keep_space(now);
        let written = self.write_journal(now.utc, status);
        self.failures.on_journal(written);
        self.failures.take()
    }

    /// Commits all that is held.
    ///
    /// # Errors
    /// If it cannot be written; it is kept.
    pub fn flush(&mut self, now: Reading) -> Result<(), Error> {
        self.runs.observe(now);
        self.commit_and_report()
    }

    /// Ends the open run, commits all that is held, and closes the database so that other users
    /// can still read it.
    ///
    /// # Errors
    /// If it cannot be written; the journal then stays, and the next start saves what it holds.
    pub fn close(mut self, now: Reading, end: RunEnd) -> Result<(), Error> {
        self.runs.observe(now);
        self.runs.end(end);
        if let Err(error) = self.commit(CommittedMinutes::All) {
            // The journal is all there is now; its status would claim that the daemon lives.
            let _: Result<(), Error> = self.write_journal(now.utc, "null");
            return Err(error);
        }
        let OpenFile { db, path, journal, .. } = self.file;
        let journal_path = journal.path().to_owned();
        journal.remove().map_err(|e| Error::io("remove", &journal_path, e))?;
        // SQLite would truncate the kept write-ahead log to nothing, and a reader of another user
        // could not make it again.
        db.pragma_update(None, "journal_size_limit", -1)
            .and_then(|()| db.close().map_err(|(_, e)| e))
            .map_err(|e| Error::sqlite("close database", &path, e))
    }

    /// The database, canonical.
    pub fn path(&self) -> &Path {
        &self.file.path
    }

    /// Whether the last commit, or the last journal, could not be written.
    pub fn is_failing(&self) -> bool {
        self.failures.is_failing()
    }
}

/// The minutes before this one are settled at `utc`.
fn closed_before(utc: Timestamp) -> i64 {
    (utc - SETTLED_AFTER).minute()
}
