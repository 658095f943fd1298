//! Trouble of one target while the link is up.

use super::target::TargetId;
use crate::time::Timestamp;

/// A stretch in which one target was in trouble while the link was up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetTrouble {
    /// Whose trouble.
    pub target: TargetId,
    /// Send time of the first lost probe.
    pub from: Timestamp,
    /// First answered probe after it; `None` while it lasts.
    pub to: Option<Timestamp>,
    /// Lost probes in it.
    pub lost: u32,
    /// Probes sent in it.
    pub sent: u32,
}
