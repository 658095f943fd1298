//! Drops as the modem's words are laid next to them.

use std::time::Duration;

use crate::vocabulary::{Bounds, LinkDrop, Place};

/// Entries are of a drop within this of it, and within the bounds of both.
pub(super) const NEAR: Duration = Duration::from_secs(60);

/// A drop as it was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeasuredDrop {
    /// When it began.
    pub onset: Bounds,
    /// When it ended; `None` while it lasts.
    pub end: Option<Bounds>,
    /// Whether the probes place it at home alone: a page that did not answer says nothing of the modem.
    pub is_at_home: bool,
}

impl MeasuredDrop {
    /// What of a drop is laid next to the modem's words.
    pub fn of(drop: &LinkDrop) -> Self {
        let is_at_home = drop.places == [Place::Lan];
        Self { onset: drop.onset, end: drop.end, is_at_home }
    }
}
