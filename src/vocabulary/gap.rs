//! Gaps: time without observation.

use serde::{Deserialize, Serialize};

use crate::time::TimeRange;

/// A stretch in which nobody watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// From the last probe before to the first behind.
    pub range: TimeRange,
    /// Why.
    pub reason: GapReason,
}

/// Why nobody watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapReason {
    /// The daemon was stopped.
    Stopped,
    /// The daemon was killed, or lost power.
    Crashed,
    /// The machine was switched off or restarted.
    Rebooted,
    /// The machine slept.
    Asleep,
    /// The daemon ran and could not probe (over-committed machine, no permission).
    Stalled,
    /// No record: between the lines of an import.
    NoRecord,
    /// It was watched, and nothing is known of it: no anchor had ever answered, so that silence said
    /// nothing of the link.
    Unanswered,
}

impl GapReason {
    /// The word for it in database and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Crashed => "crashed",
            Self::Rebooted => "rebooted",
            Self::Asleep => "asleep",
            Self::Stalled => "stalled",
            Self::NoRecord => "no-record",
            Self::Unanswered => "unanswered",
        }
    }
}
