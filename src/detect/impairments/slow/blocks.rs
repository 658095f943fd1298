//! Blocks of delays, and their arithmetic.

use crate::detect::monotonic::Moment;
use crate::time::Micros;
use crate::vocabulary::Bounds;

/// One block of one target, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BlockDelay {
    pub(super) median: u32,
    pub(super) least: u32,
    /// Median time in this host's own queues.
    pub(super) own: Option<u32>,
}

/// When a block that began at `start` turned slow: within half a block before or after its start.
pub(super) fn around(start: Moment, length: Micros) -> Bounds {
    Bounds { earliest: start.plus(-length / 2).utc, latest: start.plus(length / 2).utc }
}

/// The lower median.
pub(super) fn median(values: &mut [u32]) -> Option<u32> {
    let middle = values.len().checked_sub(1)? / 2;
    Some(*values.select_nth_unstable(middle).1)
}
