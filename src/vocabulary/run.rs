//! A run: the stretch of the record in which UTC and boot time run alike.

use crate::text::words::word_enum;
use crate::time::{BootTime, Timestamp};

/// One life of the daemon between steps of the clock: within it UTC and boot time run alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its number in this database, rising.
    pub id: i64,
    /// When it began.
    pub started: Timestamp,
    /// Boot time of the same instant; `None` for imported records.
    pub boot: Option<BootTime>,
    /// The boot it belongs to; `None` for imported records.
    pub boot_id: Option<String>,
    /// Until when it is known to have watched.
    pub last_seen: Timestamp,
    /// How it ended; `None` while it runs.
    pub ended: Option<RunEnd>,
}

word_enum! {
    /// How a run ended.
    pub enum RunEnd: "end of a run" {
        /// The daemon was told to stop.
        Clean = "clean",
        /// It was killed, or the power went; found at the next start.
        Crash = "crash",
        /// The clock was stepped; the next run goes on at once.
        ClockStep = "clock-step",
        /// An imported record.
        Import = "import",
        /// Taken over from the file of another linkmon, for the time without observation here.
        Merged = "merged",
    }
}

word_enum! {
    /// How much of a record was simulated and never measured: `linkmon demo` makes such records.
    pub enum SimulatedShare: "share of simulation" {
        /// Nothing.
        Nothing = "nothing",
        /// Some runs, taken over from a simulated record.
        Part = "part",
        /// All of it.
        All = "all",
    }
}

impl SimulatedShare {
    /// Whether any of it was.
    pub fn is_any(self) -> bool {
        self != Self::Nothing
    }
}

impl Run {
    /// Whether it watched at `at`.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.started <= at && at <= self.last_seen
    }

    /// Whether it is the record of another program.
    pub fn is_import(&self) -> bool {
        self.ended == Some(RunEnd::Import)
    }
}
