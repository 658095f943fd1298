//! Samples that are no longer kept.

use serde::Serialize;

use crate::time::Timestamp;
use crate::vocabulary::{RemovedSamples, SumsLeft};

/// A stretch of them.
#[derive(Serialize)]
pub(super) struct RemovedJson {
    from: Timestamp,
    to: Timestamp,
    left: SumsLeft,
    first_removed: Option<Timestamp>,
    last_removed: Option<Timestamp>,
}

impl RemovedJson {
    pub(super) fn of(removed: &RemovedSamples) -> Self {
        Self {
            from: removed.range.from,
            to: removed.range.to,
            left: removed.left,
            first_removed: removed.removed.map(|(first, _)| first),
            last_removed: removed.removed.map(|(_, last)| last),
        }
    }
}
