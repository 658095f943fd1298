//! Samples that are no longer in the record.

use crate::text::words::word_enum;
use crate::time::{TimeRange, Timestamp};

word_enum! {
    /// What is left where samples were removed.
    pub enum SumsLeft: "sums" {
        /// The summary of each minute, and that of each hour.
        Minutes = "minutes",
        /// The summary of each hour alone.
        Hours = "hours",
    }
}

/// A stretch whose samples were removed, because of their age or to free space, or were never in this
/// file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemovedSamples {
    /// From the first to the last; whole hours, except at the ends of the time asked for.
    pub range: TimeRange,
    /// What is left of it.
    pub left: SumsLeft,
    /// The days (UTC) on which the first and the last of it were removed, each as an instant of that day;
    /// `None` where the record does not say.
    pub removed: Option<(Timestamp, Timestamp)>,
}

impl RemovedSamples {
    /// The two as one stretch.
    #[must_use]
    pub fn joined(self, later: Self) -> Self {
        let removed = match (self.removed, later.removed) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (one, other) => one.or(other),
        };
        let (from, to) = (self.range.from.min(later.range.from), self.range.to.max(later.range.to));
        Self { range: TimeRange { from, to }, left: self.left, removed }
    }
}
