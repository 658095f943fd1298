//! A run: the stretch of the record in which UTC and boot time run alike.

use serde::{Deserialize, Serialize};

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

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunEnd {
    /// The daemon was told to stop.
    Clean,
    /// It was killed, or the power went; found at the next start.
    Crash,
    /// The clock was stepped; the next run goes on at once.
    ClockStep,
    /// An imported record.
    Import,
    /// Taken over from the file of another linkmon, as far as nobody watched here.
    Merged,
}
