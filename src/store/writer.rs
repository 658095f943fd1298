//! Writing the record: one connection, owned by the pipeline's thread.
//!
//! Samples are held in memory and committed once a minute with `synchronous=FULL`; drops at once,
//! together with all that is held. In between, [`Writer::second`] keeps the journal up to date, so
//! that neither a kill of the daemon nor a reader misses a second. A commit that fails leaves
//! everything in memory, and the next minute tries again.

mod commit;
mod gone;
mod health;
mod hours;
mod import;
mod mend;
mod merge;
mod open;
mod room;
mod small;
#[cfg(test)]
mod tests;
mod watch;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};

pub(super) use commit::summarize;

pub(super) use hours::close_hour;
pub use mend::StoreEvent;
pub use open::{Durability, Opening, Recovery};
pub(super) use open::{identity, lock};
pub(super) use room::raw_removed_before;
pub(super) use watch::{look, stored as stored_room};

use super::journal::JournalFile;
use super::table::{self, Pending, RunRow};
use super::{Error, codec};
use crate::time::{BootTime, Reading, Timestamp};
use crate::vocabulary::{
    Endpoint, Kind, LinkDrop, Measurement, Outcome, Role, Run, RunEnd, Target, TargetId,
};

/// A minute is committed when it has been over for this long: Tmax (3 s) and a second for the
/// pipeline. What comes later is written at the next minute's commit.
const SETTLED_AFTER: Duration = Duration::from_secs(4);
/// UTC may be slewed against boot time; beyond this it was stepped, and a run ends.
const LARGEST_SLEW_US: i64 = 250_000;
/// Minutes kept in memory after their commit, for replies that come late (60 s).
const KEEP_MINUTES: i64 = 2;

/// Run, minute, target: the key of a row of samples.
type Key = (i64, i64, TargetId);

/// The one writer of a database.
#[derive(Debug)]
pub struct Writer {
    db: Connection,
    path: PathBuf,
    /// HeldMinute for its lock.
    lock: open::Lock,
    journal: JournalFile,
    identity: i64,
    commits: i64,
    version: String,
    targets: Vec<(Target, TargetUse)>,
    last_run: i64,
    /// The open run last, before it ended ones that are not yet committed as such.
    runs: Vec<RunRow>,
    /// UTC as it goes on from the start of the run, and the boot time of the same instant.
    clock: Option<(Timestamp, BootTime)>,
    minutes: BTreeMap<Key, HeldMinute>,
    /// Minutes of the open run up to this one may be in the database and not in memory.
    evicted: i64,
    pending: Vec<Pending>,
    /// Drops not yet stored; `None`: to be withdrawn.
    drops: BTreeMap<Timestamp, Option<LinkDrop>>,
    /// Drops not yet stored under their new keys: before, now.
    moved: Vec<(Timestamp, Timestamp)>,
    /// Which minute's close was last answered with a commit.
    attempted: Option<i64>,
    /// Hours may be over and not be summed up.
    hours_wait: bool,
    room: room::Retention,
    watch: watch::SpaceWatch,
    mend: mend::Repair,
    trouble: Trouble,
    last_commit: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TargetUse {
    Yes,
    Retired,
}

/// Samples of one target in one minute and run.
#[derive(Debug, Default)]
struct HeldMinute {
    samples: Vec<Measurement>,
    /// Whether the database has a row of this key.
    stored: bool,
    /// Whether that row, if there is one, is not what is held here.
    dirty: bool,
    /// The samples encoded, unless they changed since.
    encoded: Option<Vec<u8>>,
}

impl HeldMinute {
    fn changed(&mut self) {
        self.dirty = true;
        self.encoded = None;
    }
}

/// What fails, so that each failure is told once and not each second.
#[derive(Debug, Default)]
struct Trouble {
    commit_fails: bool,
    journal_fails: bool,
    untold: Option<Error>,
}

impl Writer {
    /// Begins a run at `now`. Should the commit fail, the run goes on in memory, and the next
    /// [`second`](Self::second) tells the error.
    ///
    /// # Errors
    /// When a run is open.
    pub fn begin_run(&mut self, now: Reading, boot_id: Option<String>) -> Result<Run, Error> {
        if let Some(run) = self.open_run() {
            return Err(Error::RunOpen { path: self.path.clone(), run: run.id });
        }
        self.last_run += 1;
        let row = RunRow {
            id: self.last_run,
            started_us: now.utc.as_micros(),
            boot_us: Some(now.boot.0),
            boot_id,
            last_seen_us: now.utc.as_micros(),
            ended: None,
            version: self.version.clone(),
            minutes: None,
        };
        let run = row.to_run();
        self.runs.push(row);
        self.clock = Some((now.utc, now.boot));
        // Nothing of this run is in the database.
        self.evicted = i64::MIN;
        self.attempted = Some(closed_before(now.utc));
        self.commit_or_note();
        Ok(run)
    }

    /// Ends the open run and commits all that is held. Should the commit fail, all is kept, and
    /// the next [`second`](Self::second) tells the error.
    ///
    /// # Errors
    /// When there is no open run.
    pub fn end_run(&mut self, now: Reading, end: RunEnd) -> Result<(), Error> {
        self.observe(now);
        let path = self.path.clone();
        let run = self.open_run_mut().ok_or(Error::NoRun { path })?;
        run.ended = Some(end);
        self.clock = None;
        self.commit_or_note();
        Ok(())
    }

    /// The targets in use, by number.
    pub fn targets(&self) -> Vec<Target> {
        let in_use = self.targets.iter().filter(|(_, in_use)| *in_use == TargetUse::Yes);
        in_use.map(|(target, _)| target.clone()).collect()
    }

    /// The target that is like this in all; added when there is none. One that was retired is
    /// used again; one of the same name that differs is retired.
    ///
    /// # Errors
    /// When it cannot be written, or all 255 numbers are used.
    pub fn target(
        &mut self,
        name: &str,
        kind: Kind,
        role: Role,
        address: &str,
        interval: Duration,
        now: Reading,
    ) -> Result<Target, Error> {
        let wanted = |t: &Target| {
            (t.name.as_str(), t.kind, t.role, t.endpoint.as_str(), t.interval)
                == (name, kind, role, address, interval)
        };
        let known = self.targets.iter().find(|(t, _)| wanted(t));
        if let Some((target, TargetUse::Yes)) = known {
            return Ok(target.clone());
        }
        let target = if let Some((target, TargetUse::Retired)) = known {
            target.clone()
        } else {
            let last = self.targets.iter().map(|(t, _)| t.id.0).max().unwrap_or(0);
            let id = last.checked_add(1).map(TargetId).ok_or_else(|| Error::TargetsExhausted {
                name: name.to_owned(),
                path: self.path.clone(),
            })?;
            let (name, endpoint) = (name.to_owned(), Endpoint::new(kind, address));
            Target { id, name, kind, role, endpoint, interval }
        };
        let write = || {
            let transaction = self.db.unchecked_transaction()?;
            transaction.execute(
                "UPDATE target SET retired_ms = ?2 WHERE name = ?1 AND retired_ms IS NULL",
                (name, now.utc.as_millis()),
            )?;
            transaction.execute(
                "INSERT INTO target(id, name, kind, role, address, interval_ms, added_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT(id) DO UPDATE SET retired_ms = NULL",
                (
                    target.id.0,
                    name,
                    kind.as_str(),
                    role.as_str(),
                    address,
                    i64::try_from(interval.as_millis()).unwrap_or(i64::MAX),
                    now.utc.as_millis(),
                ),
            )?;
            transaction.commit()
        };
        write().map_err(|e| Error::sqlite("add a target to database", &self.path, e))?;
        self.retire_in_memory(|t| t.name == name);
        self.targets.retain(|(t, _)| t.id != target.id);
        self.targets.push((target.clone(), TargetUse::Yes));
        self.targets.sort_by_key(|(t, _)| t.id);
        Ok(target)
    }

    /// Retires a target: its samples stay, its number is not given to another.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn retire_target(&mut self, id: TargetId, now: Reading) -> Result<(), Error> {
        self.db
            .execute(
                "UPDATE target SET retired_ms = ?2 WHERE id = ?1 AND retired_ms IS NULL",
                (id.0, now.utc.as_millis()),
            )
            .map_err(|e| Error::sqlite("retire a target in database", &self.path, e))?;
        self.retire_in_memory(|t| t.id == id);
        Ok(())
    }

    /// Takes a measurement of the open run into memory.
    ///
    /// # Errors
    /// When no run is open, or (for one that comes minutes late) its minute cannot be read.
    pub fn record(&mut self, measurement: &Measurement) -> Result<(), Error> {
        let Some(run) = self.open_run() else {
            return Err(Error::NoRun { path: self.path.clone() });
        };
        let key = (run.id, measurement.sent_at.minute(), measurement.target);
        if key.1 <= self.evicted && !self.minutes.contains_key(&key) {
            let stored = self.load(key)?;
            self.minutes.insert(key, stored.unwrap_or_default());
        }
        let held = self.minutes.entry(key).or_default();
        held.unpack(key);
        let at = held.samples.partition_point(|s| s.sent_at <= measurement.sent_at);
        held.samples.insert(at, measurement.clone());
        held.changed();
        Ok(())
    }

    /// Puts `measurement` in the place of the one of the same target and send time, in memory or
    /// already committed. `false`: there is none.
    ///
    /// # Errors
    /// When the minute cannot be read.
    pub fn revise(&mut self, measurement: &Measurement) -> Result<bool, Error> {
        let (minute, target) = (measurement.sent_at.minute(), measurement.target);
        let held = self.minutes.iter().rev().filter(|((_, m, t), _)| (*m, *t) == (minute, target));
        let mut key = held.clone().find(|(_, h)| position(h, measurement).is_some()).map(|e| *e.0);
        if key.is_none() {
            let known: Vec<i64> = held.map(|((run, _, _), _)| *run).collect();
            for run in self.runs_of(minute, target)? {
                if known.contains(&run) {
                    continue;
                }
                let Some(stored) = self.load((run, minute, target))? else { continue };
                if position(&stored, measurement).is_some() {
                    self.minutes.insert((run, minute, target), stored);
                    key = Some((run, minute, target));
                    break;
                }
            }
        }
        let Some(held) = key.and_then(|key| self.minutes.get_mut(&key)) else { return Ok(false) };
        let Some(at) = position(held, measurement) else { return Ok(false) };
        if held.samples[at] != *measurement {
            held.samples[at] = measurement.clone();
            held.changed();
        }
        Ok(true)
    }

    /// Stores a drop at once, and with it all that is held; the one of the same key is brought up
    /// to date. Gives its number. Should it fail, the next commit tries again.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put_drop(&mut self, drop: &LinkDrop) -> Result<i64, Error> {
        self.drops.insert(drop.key, Some(drop.clone()));
        self.commit_and_tell()?;
        self.db
            .query_row(
                "SELECT id FROM link_drop WHERE key_us = ?1",
                [drop.key.as_micros()],
                |row| row.get(0),
            )
            .map_err(|e| Error::sqlite("read database", &self.path, e))
    }

    /// Removes the provisional drop of that key: it proved to be none. Should it fail, the next
    /// commit tries again.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn withdraw_drop(&mut self, key: Timestamp) -> Result<(), Error> {
        self.drops.insert(key, None);
        self.commit_and_tell()
    }

    /// To be called once a second: writes the journal with `status` (the live status, JSON), and
    /// commits when a minute has been over for 4 s.
    ///
    /// # Errors
    /// The first failure of a commit, or of the journal; it is not told again until one has
    /// succeeded. Everything is kept and tried again.
    pub fn second(&mut self, now: Reading, status: &str) -> Result<(), Error> {
        self.observe(now);
        self.mend(now);
        let closed = closed_before(now.utc);
        if self.open_run().is_some() && self.attempted != Some(closed) {
            self.attempted = Some(closed);
            if let Err(error) = self.commit(commit::Which::Before(closed)) {
                self.note_failure(error);
            }
        }
        self.close_some_hours(now.utc);
        self.keep_room(now);
        match self.write_journal(now.utc, status) {
            Ok(()) => self.trouble.journal_fails = false,
            Err(error) => {
                if !std::mem::replace(&mut self.trouble.journal_fails, true) {
                    self.trouble.untold.get_or_insert(error);
                }
            }
        }
        self.trouble.untold.take().map_or(Ok(()), Err)
    }

    /// Commits all that is held.
    ///
    /// # Errors
    /// When it cannot be written; it is kept.
    pub fn flush(&mut self, now: Reading) -> Result<(), Error> {
        self.observe(now);
        self.commit_and_tell()
    }

    /// Ends the open run, commits all that is held, and closes the database so that other users
    /// can still read it.
    ///
    /// # Errors
    /// When it cannot be written; the journal then stays, and the next start saves what it holds.
    pub fn close(mut self, now: Reading, end: RunEnd) -> Result<(), Error> {
        self.observe(now);
        if let Some(run) = self.open_run_mut() {
            run.ended = Some(end);
        }
        if let Err(error) = self.commit(commit::Which::All) {
            // The journal is all there is now; its status would claim that the daemon lives.
            let _: Result<(), Error> = self.write_journal(now.utc, "null");
            return Err(error);
        }
        let Self { db, path, journal, .. } = self;
        let journal_path = journal.path().to_owned();
        journal.remove().map_err(|e| Error::io("remove", &journal_path, e))?;
        // SQLite would cut the kept write-ahead log to nothing, and a reader of another user
        // could not make it again.
        db.pragma_update(None, "journal_size_limit", -1)
            .and_then(|()| db.close().map_err(|(_, e)| e))
            .map_err(|e| Error::sqlite("close database", &path, e))
    }

    /// The database, canonical.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn open_run(&self) -> Option<&RunRow> {
        self.runs.last().filter(|run| run.ended.is_none())
    }

    fn open_run_mut(&mut self) -> Option<&mut RunRow> {
        self.runs.last_mut().filter(|run| run.ended.is_none())
    }

    /// Brings `last_seen` of the open run forward. A run's times go on from its start: when the
    /// clock was stepped, its end is told by boot time and not by the new clock.
    fn observe(&mut self, now: Reading) {
        let Some((utc, boot)) = &mut self.clock else { return };
        let expected = utc.plus_micros(now.boot.0 - boot.0);
        let stepped = now.utc.micros_since(expected).abs() > LARGEST_SLEW_US;
        *utc = if stepped { expected } else { now.utc };
        *boot = now.boot;
        let seen = utc.as_micros();
        if let Some(run) = self.open_run_mut() {
            run.last_seen_us = run.last_seen_us.max(seen);
        }
    }

    fn interval(&self, target: TargetId) -> Duration {
        let known = self.targets.iter().find(|(t, _)| t.id == target);
        known.map_or(Duration::from_secs(1), |(t, _)| t.interval)
    }

    fn retire_in_memory(&mut self, which: impl Fn(&Target) -> bool) {
        for (_, in_use) in self.targets.iter_mut().filter(|(t, _)| which(t)) {
            *in_use = TargetUse::Retired;
        }
    }

    /// The runs that have samples of the target in the minute, the last first.
    fn runs_of(&self, minute: i64, target: TargetId) -> Result<Vec<i64>, Error> {
        let read = || -> rusqlite::Result<Vec<i64>> {
            self.db
                .prepare_cached(
                    "SELECT run FROM raw WHERE minute = ?1 AND target = ?2 ORDER BY run DESC",
                )?
                .query_map((minute, target.0), |row| row.get(0))?
                .collect::<rusqlite::Result<Vec<i64>>>()
        };
        read().map_err(|e| Error::sqlite("read database", &self.path, e))
    }

    /// A row of samples; one that is damaged counts as none.
    fn load(&self, (run, minute, target): Key) -> Result<Option<HeldMinute>, Error> {
        let blob: Option<Vec<u8>> = self
            .db
            .prepare_cached(
                "SELECT samples FROM raw WHERE minute = ?1 AND target = ?2 AND run = ?3",
            )
            .and_then(|mut s| s.query_row((minute, target.0, run), |row| row.get(0)).optional())
            .map_err(|e| Error::sqlite("read database", &self.path, e))?;
        let mut samples = Vec::new();
        Ok(blob
            .filter(|blob| codec::decode(blob, minute, target, &mut samples).is_ok())
            .map(|blob| HeldMinute { samples, stored: true, dirty: false, encoded: Some(blob) }))
    }
}

/// The minutes before this one are settled at `utc`.
fn closed_before(utc: Timestamp) -> i64 {
    (utc - SETTLED_AFTER).minute()
}

/// Where the sample stands that `revised` is about: it is there already, or a reply to it can come.
fn position(held: &HeldMinute, revised: &Measurement) -> Option<usize> {
    let first = held.samples.partition_point(|s| s.sent_at < revised.sent_at);
    let same = held.samples[first..].iter().take_while(|s| s.sent_at == revised.sent_at).count();
    let candidates = first..first + same;
    let is = |at: &usize, test: fn(&Outcome) -> bool| test(&held.samples[*at].outcome);
    candidates.clone().find(|at| held.samples[*at] == *revised).or_else(|| {
        candidates
            .clone()
            .find(|at| is(at, |o| matches!(o, Outcome::Lost | Outcome::Unreachable(_))))
    })
}
