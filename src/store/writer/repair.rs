//! The state of what is done when the database cannot be written, and what is reported of it.

use std::path::PathBuf;

use crate::store::salvage::Salvage;
use crate::time::{BootTime, Micros};
use crate::vocabulary::{Filling, Forecast};

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
    /// The disk or the limit will soon be reached.
    Filling {
        /// Which of them.
        of: Filling,
        /// When, and all that is known of it.
        forecast: Box<Forecast>,
    },
}

/// What is to be done about a database that cannot be written.
#[derive(Debug, Default)]
pub(super) struct Repair {
    pub(super) next: Option<NextRepair>,
    pub(super) salvage: Option<Salvage>,
    pub(super) events: Vec<StoreEvent>,
    /// Giving up samples did not help; no more are given up before a commit succeeds.
    pub(super) in_vain: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NextRepair {
    Reopen { attempt: usize, at: BootTime },
    PutAside,
}

impl NextRepair {
    /// Opening the file again after attempt `attempt` (0: none yet), which ended at `now`.
    pub(super) fn reopen(attempt: usize, now: BootTime) -> Self {
        let wait = REOPEN_AFTER_MIN[attempt.min(REOPEN_AFTER_MIN.len() - 1)];
        Self::Reopen { attempt, at: now + wait * Micros::MINUTE }
    }
}

impl Repair {
    pub(super) fn on_commit_made(&mut self) {
        self.in_vain = false;
        self.next = None;
    }
}
