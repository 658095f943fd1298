//! A drop as the search for patterns sees it.

use std::time::Duration;

use crate::time::Timestamp;

/// A drop as the search for patterns sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strike {
    /// Middle of the bounds of its onset.
    pub onset: Timestamp,
    /// Middle of the bounds of its end; `None` while it lasts.
    pub end: Option<Timestamp>,
    /// Time that it was down within the watched time.
    pub down: Duration,
}
