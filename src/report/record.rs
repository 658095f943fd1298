//! The record that a report is made from: what it is, from when to when it reaches, and a period within it.

use std::time::Duration;

use super::{Chain, ClockFacts, Origin};
use crate::store::{Error, Reader, Unread};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{RemovedSamples, SimulatedShare};

/// What a report says about the record that it was made from.
#[derive(Debug, Clone)]
pub struct RecordFacts {
    /// Who measured.
    pub origin: Origin,
    /// Damaged rows of samples that had to be left out.
    pub unreadable_minutes: u64,
    /// Parts of the period whose samples are no longer there, in order.
    pub removed: Vec<RemovedSamples>,
    /// What of its tables could not be read and was left out.
    pub unread: Vec<Unread>,
    /// The head of its chain, which proves what it was then; `None`: it has none, or
    /// [`super::Report::build`] left it out.
    pub chain: Option<Chain>,
    /// What dated it.
    pub clock: ClockFacts,
    /// From when to when it reaches; `None`: nobody ever watched, or it is not known.
    pub holds: Option<TimeRange>,
    /// How much of it was simulated, and not measured.
    pub simulated: SimulatedShare,
}

impl RecordFacts {
    /// When the record begins, where the period begins with it or before.
    pub fn begins_in(&self, period: TimeRange) -> Option<Timestamp> {
        begins_in(self.holds, period)
    }

    /// What the record holds, where none of that is in the period.
    pub fn holds_outside(&self, period: TimeRange) -> Option<TimeRange> {
        outside(self.holds, period)
    }
}

/// When a record that holds `holds` begins, where `period` begins with it or before.
pub(crate) fn begins_in(holds: Option<TimeRange>, period: TimeRange) -> Option<Timestamp> {
    let begins = holds.map(|holds| holds.from)?;
    (period.from <= begins && begins < period.to).then_some(begins)
}

/// What a record holds, where none of that is in `period`.
pub(crate) fn outside(holds: Option<TimeRange>, period: TimeRange) -> Option<TimeRange> {
    holds.filter(|holds| holds.to < period.from || holds.from >= period.to)
}

/// The period from where the record begins: a young record would accuse itself of not having watched
/// what was before it. It is at least `shortest` long where it was before. One that is wholly before
/// the record stays as it is.
///
/// # Errors
/// When the record cannot be read.
pub fn within_record(
    reader: &Reader,
    period: TimeRange,
    shortest: Duration,
) -> Result<TimeRange, Error> {
    let begins = reader.watched_from_to()?.map(|holds| holds.from);
    let Some(begins) = begins.filter(|begins| *begins < period.to) else { return Ok(period) };
    let latest = period.to - shortest;
    Ok(TimeRange { from: begins.min(latest).max(period.from), ..period })
}
