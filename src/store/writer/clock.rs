//! What is known of the clock: of each run, and by the answers of web servers. Written with the next
//! commit.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::Writer;
use crate::store::error::Error;
use crate::store::tables::{RunRow, StoredTable};
use crate::time::{Micros, Timestamp};
use crate::vocabulary::{ClockState, Run, RunClock, RunEnd, ServerClock, TargetId};

/// Rows about the clock that the next commit writes.
#[derive(Debug, Default)]
pub(super) struct ClockRows {
    runs: BTreeMap<i64, RunClock>,
    servers: BTreeMap<(Timestamp, TargetId), ServerClock>,
    /// Of the run that is about to begin, with how far the host's clock is behind.
    next: Option<(ClockState, Micros)>,
    /// Of the open run.
    state: Option<ClockState>,
}

impl ClockRows {
    /// Writes them.
    pub(super) fn write(&self, db: &Connection) -> rusqlite::Result<()> {
        for row in self.runs.values() {
            row.put(db)?;
        }
        for row in self.servers.values() {
            row.put(db)?;
        }
        Ok(())
    }

    /// Whether the times of the open run can be relied on.
    pub(super) fn is_set(&self) -> bool {
        self.state != Some(ClockState::Provisional)
    }

    /// The clock of the open run has been set.
    pub(super) fn set(&mut self) {
        self.state = Some(ClockState::Set);
    }

    /// A run began.
    pub(super) fn on_run(&mut self, run: &Run) {
        self.state = self.next.map(|(state, _)| state);
        if let Some((state, behind)) = self.next.take() {
            let host = run.started + -behind;
            self.runs.insert(run.id, RunClock { run: run.id, state, host, dated: None });
        }
    }

    /// They are in the database.
    pub(super) fn committed(&mut self) {
        self.runs.clear();
        self.servers.clear();
    }
}

impl Writer {
    /// Says of the run that begins next whether its times can be relied on, and how far the host's
    /// clock is behind them.
    pub fn expect_clock(&mut self, state: ClockState, behind: Micros) {
        self.clocks.next = Some((state, behind));
    }

    /// Stores with the next commit what a web server's answers showed; that of the same target and
    /// first answer is replaced.
    pub fn put_server_clock(&mut self, clock: ServerClock) {
        self.clocks.servers.insert((clock.from, clock.target), clock);
    }

    /// The last run that was measured here, with its clock; `None` before the first.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn last_run(&self) -> Result<Option<(Run, Option<RunClock>)>, Error> {
        let read = || {
            let db = &self.file.db;
            let ours = "WHERE ended IS NULL OR ended NOT IN (?1, ?2) ORDER BY id DESC LIMIT 1";
            let others = (RunEnd::Import.as_str(), RunEnd::Merged.as_str());
            let Some(run) = RunRow::all(db, ours, others)?.pop() else { return Ok(None) };
            let clock = RunClock::all(db, "WHERE run = ?1", [run.id])?.pop();
            Ok(Some((run.to_run(), clock)))
        };
        read().map_err(|e| self.file.failed("read database", e))
    }
}
