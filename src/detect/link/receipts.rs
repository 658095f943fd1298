//! Answers that came long after they were asked for. Such an answer proves that the link worked
//! when it was received: until then its probe was silent, whatever held the packets back.

use crate::detect::monotonic::Moment;
use crate::time::Micros;

/// An answer that took this much longer than twice the usual delay was held back.
const HELD: Micros = Micros::from_millis(30);
/// Silence of this length would be seen: an answer after it does not count at its probe, however
/// long the usual delay.
const AT_MOST: Micros = Micros::SECOND;

/// Whether an answer after `delay` counts at its probe.
pub(super) fn is_prompt(delay: Micros, usual: Micros) -> bool {
    delay <= (usual * 2 + HELD).min(AT_MOST)
}

/// Until when the way of an answer that was held back and received at `received` cannot have been
/// free: it left the place where it was held shortly before.
pub(super) fn held_until(received: Moment, usual: Micros) -> Moment {
    received.plus(-(usual * 2))
}

/// The answer to a probe of an anchor, at its receipt.
#[derive(Debug, Clone, Copy)]
pub(super) struct DelayedReceipt {
    pub(super) at: Moment,
    pub(super) target: u8,
    /// Until when it was held back.
    pub(super) held: Moment,
}

/// Receipts that lie after the newest probe, the latest first.
#[derive(Debug, Clone, Default)]
pub(super) struct DelayedReceipts(Vec<DelayedReceipt>);

impl DelayedReceipts {
    pub(super) fn push(&mut self, receipt: DelayedReceipt) {
        let place = self.0.partition_point(|known| known.at.mono > receipt.at.mono);
        self.0.insert(place, receipt);
    }

    /// The next one up to `until`, in order.
    pub(super) fn next(&mut self, until: Moment) -> Option<DelayedReceipt> {
        self.0.pop_if(|receipt| receipt.at.mono <= until.mono)
    }
}
