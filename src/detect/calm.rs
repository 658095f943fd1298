//! What the observers of impairments are told: probes outside of drops and blips, stretches that
//! were drops or blips, and gaps.

use super::steady::Moment;
use crate::measurement::Role;

/// One ICMP probe outside of drops and blips, of the family that decides, in send order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calm {
    pub(super) at: Moment,
    /// Index among the targets of the detector.
    pub(super) target: u8,
    pub(super) role: Role,
    /// Whether it is one of the anchors that decide.
    pub(super) decides: bool,
    pub(super) seen: Seen,
}

/// What became of a calm probe; one that was not sent is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// Answered in time; microseconds.
    Reply {
        rtt: i64,
        /// Time in this host's own queues, where the kernel tells it.
        own_queue: Option<i64>,
    },
    /// Answered after the loss threshold.
    Late,
    /// Lost.
    Lost,
}
