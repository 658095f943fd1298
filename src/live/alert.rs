//! How a channel of alerts is doing, in a status.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// A channel of alerts. Counts are those since it was configured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertStatus {
    /// Its name.
    pub name: String,
    /// By what it sends: `webhook`.
    pub kind: String,
    /// Messages that are to go out.
    pub waiting: u32,
    /// When the oldest of these was stored; `None` where none waits.
    pub oldest: Option<Timestamp>,
    /// Deliveries that were taken.
    pub delivered: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Messages that waited too long.
    pub expired: u64,
    /// Messages that were refused for good.
    pub set_aside: u64,
    /// When something was last taken; `None`: nothing was.
    pub last_delivered: Option<Timestamp>,
    /// Why the last attempt failed; `None` where it did not.
    pub trouble: Option<String>,
    /// Why the last message was refused for good; `None`: none was.
    pub refused: Option<String>,
}
