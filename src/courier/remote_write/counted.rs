//! What was counted up to a minute of the record: stored with the cursor, so that counters go on where
//! they were, whoever was restarted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::series::SampleOrigin;
use crate::live::EDGES_MS;
use crate::store::rows::MinuteRow;
use crate::time::micros;
use crate::vocabulary::{Measurement, Outcome};

/// Everything counted since sending began.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct SentCounts {
    /// By [`identity`](super::series::identity).
    pub(super) targets: BTreeMap<String, TargetSent>,
    /// By place.
    pub(super) places: BTreeMap<String, PlaceSent>,
    /// Time in which the link was observed, microseconds.
    pub(super) observed_us: i64,
    /// Drops that ended before are counted, microseconds since 1970.
    pub(super) drops_until_us: Option<i64>,
    /// The newest sample of the link, milliseconds; `None`: its series are ended.
    pub(super) link_at_ms: Option<i64>,
    /// Samples that the receiver refused, and that were left out; only in the record.
    pub(super) skipped: u64,
    /// Of the newest samples.
    pub(super) origin: SampleOrigin,
}

/// The probes of a target.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct TargetSent {
    pub(super) sent: u64,
    pub(super) lost: u64,
    pub(super) late: u64,
    pub(super) not_sent: u64,
    /// Sent while the link was up.
    pub(super) outside: u64,
    /// Of these, lost.
    pub(super) outside_lost: u64,
    /// Sum of the delays, microseconds.
    pub(super) rtt_us: u64,
    /// Answers by the first of [`EDGES_MS`] that they do not exceed; the last cell has the rest.
    pub(super) delays: [u64; EDGES_MS.len() + 1],
    /// Whether any delay can be known: only sums are left of old minutes.
    pub(super) has_delays: bool,
    /// Slots further apart than this leave a gap, milliseconds.
    pub(super) gap_ms: i64,
    /// When the newest slot was, milliseconds; `None`: its series are ended.
    pub(super) slot_ms: Option<i64>,
}

/// The drops of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct PlaceSent {
    pub(super) count: u64,
    /// The middle of the bounds of each, microseconds.
    pub(super) length_us: i64,
}

/// Whether a probe was sent while the link was up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProbeTime {
    /// Not in a drop, and not near one.
    OfUp,
    /// In or near a drop, or not known.
    Other,
}

impl TargetSent {
    /// Counts a slot.
    pub(super) fn count(&mut self, m: &Measurement, time: ProbeTime) {
        let outcome = &m.outcome;
        let (sent, lost) = (u64::from(outcome.was_sent()), u64::from(outcome.is_lost()));
        self.sent += sent;
        self.lost += lost;
        self.late += u64::from(outcome.is_late());
        self.not_sent += u64::from(matches!(outcome, Outcome::NotSent(_)));
        if time == ProbeTime::OfUp {
            self.outside += sent;
            self.outside_lost += lost;
        }
        if let Some(rtt) = outcome.rtt() {
            let us = micros(rtt);
            let cell = EDGES_MS.partition_point(|edge| i64::from(*edge) * 1_000 < us);
            self.delays[cell] += 1;
            self.rtt_us += us.unsigned_abs();
        }
        self.has_delays = true;
        self.slot_ms = Some(m.sent_at.as_millis());
    }

    /// Counts a minute of which only the sums are left. Where its probes were is not known any more: they
    /// are in no count of those outside of drops.
    pub(super) fn count_sum(&mut self, row: &MinuteRow) {
        self.sent += u64::from(row.sent);
        self.lost += u64::from(row.lost);
        self.late += u64::from(row.late);
        self.not_sent += u64::from(row.not_sent);
    }

    /// Answers in time.
    pub(super) fn answered(&self) -> u64 {
        self.delays.iter().sum()
    }
}
