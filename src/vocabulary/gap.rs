//! Gaps: time of which it is not known whether the link was up or down.

use crate::text::words::word_enum;
use crate::time::TimeRange;

/// A stretch of unknown time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// From the last probe before to the first after.
    pub range: TimeRange,
    /// Why.
    pub reason: GapReason,
}

word_enum! {
    /// Why nothing is known.
    pub enum GapReason: "reason of a gap" {
        /// The daemon was stopped.
        Stopped = "stopped",
        /// The daemon was killed, or lost power.
        Crashed = "crashed",
        /// The machine was switched off or restarted.
        Rebooted = "rebooted",
        /// The machine slept.
        Asleep = "asleep",
        /// The daemon ran and could not probe (over-committed machine, no permission).
        Stalled = "stalled",
        /// No record: between the lines of an import.
        NoRecord = "no-record",
        /// It was watched, and nothing is known of it: no anchor had ever answered, so that silence
        /// said nothing of the link.
        Unanswered = "unanswered",
        /// This host did not send the probes: a local rule, a missing address, a full queue.
        NotSent = "not-sent",
        /// The home's router kept a dead entry for the probes: they never left the home.
        DeadEntry = "dead-entry",
        /// A silence as long as a drop that too few anchors saw, with no hop to support it.
        Unconfirmed = "unconfirmed",
        /// This computer reached the internet by another way than the line. It is not stored as a gap:
        /// which way is the line follows from the ways of the record.
        OtherWay = "other-way",
    }
}
