//! For how long a delay has been above the usual, with the nights between: a computer that sleeps
//! each night would else never learn that the line has become slower for good.

use super::LEAVE;
use crate::detect::monotonic::Moment;
use crate::time::Micros;

/// A delay that has been slow for this long is the usual one,
const CHRONIC: Micros = Micros::from_seconds(6 * 86_400);
/// if it was watched for as long as what is usual is learnt from.
const WATCHED: Micros = Micros::from_seconds(86_400);

/// A delay above the usual, from the first period of it on. Only time watched speaks for it, and
/// only time watched against it.
#[derive(Debug, Clone, Copy)]
pub(super) struct LastingShift {
    since: Moment,
    watched: Micros,
    /// Blocks in a row that were not slow.
    calm: u32,
}

impl LastingShift {
    pub(super) fn new(since: Moment) -> Self {
        Self { since, watched: Micros::ZERO, calm: 0 }
    }

    /// A block of this length was slow.
    pub(super) fn watched(&mut self, length: Micros) {
        self.watched += length;
    }

    /// Whether the delay is as it was before, once one more block is known to be slow or not.
    pub(super) fn is_over(&mut self, slow: bool) -> bool {
        self.calm = if slow { 0 } else { self.calm + 1 };
        self.calm >= LEAVE
    }

    /// Whether at `now` it has lasted for so long that it is what is usual.
    pub(super) fn is_usual(&self, now: Moment) -> bool {
        now.since(self.since) >= CHRONIC && self.watched >= WATCHED
    }
}
