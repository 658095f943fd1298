//! The usual delay of the anchors: the median of the last answers.

use crate::time::Micros;

/// Delays of which the median is the usual one.
const DELAYS: usize = 31;

/// The last delays of the anchors, in microseconds.
#[derive(Debug, Clone, Default)]
pub(crate) struct UsualDelay {
    ring: [i32; DELAYS],
    next: usize,
    filled: usize,
}

impl UsualDelay {
    pub(crate) fn push(&mut self, delay: Micros) {
        self.ring[self.next] = i32::try_from(delay.as_i64()).unwrap_or(i32::MAX);
        self.next = (self.next + 1) % DELAYS;
        self.filled = (self.filled + 1).min(DELAYS);
    }
    /// The usual delay; zero before the first.
    pub(crate) fn median(&self) -> Micros {
        let mut sorted = self.ring;
        let known = &mut sorted[..self.filled];
        known.sort_unstable();
        Micros::new(known.get(known.len() / 2).copied().unwrap_or(0).into())
    }
}
