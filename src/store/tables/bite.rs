//! What is taken over from another file in one go, and what becomes of its target numbers.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::TargetId;

/// A stretch of time of which rows are taken from another file.
pub(in crate::store) struct Bite<'a> {
    /// Where they go.
    pub(in crate::store) db: &'a Connection,
    /// Where they come from.
    pub(in crate::store) other: &'a Connection,
    /// What is taken over all bites; ordered and disjoint.
    pub(in crate::store) spans: &'a [TimeRange],
    /// Targets of the other file and what they are here.
    pub(in crate::store) targets: &'a BTreeMap<TargetId, TargetId>,
    /// This bite.
    pub(in crate::store) range: TimeRange,
    /// The last instant that the other file watched.
    pub(in crate::store) last: Timestamp,
}

impl Bite<'_> {
    /// The number that a target of the other file has here.
    pub(in crate::store) fn target(&self, theirs: TargetId) -> Option<TargetId> {
        self.targets.get(&theirs).copied()
    }

    /// The same of several; those that are not taken are left out.
    pub(in crate::store) fn translate(&self, theirs: &mut Vec<TargetId>) {
        *theirs = theirs.iter().filter_map(|id| self.target(*id)).collect();
    }
}

/// As what rows taken over are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Counted {
    /// As blips, drops and outages.
    Drops,
    /// As impairments and troubles of single targets.
    Others,
    /// As events of the other host.
    Events,
    /// Not at all.
    Nowhere,
}
