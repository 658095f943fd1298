//! What commands that need single probes say where samples are no longer kept.

use jiff::tz::TimeZone;

use super::failure;
use super::usage::Hinted;
use crate::language::words;
use crate::store::{self, Reader};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{RemovedSamples, SumsLeft};

/// The parts of a period whose samples are no longer kept.
pub(super) struct RemovedParts {
    parts: Vec<RemovedSamples>,
    /// Whether any sample of the period is there.
    some_left: bool,
    zone: TimeZone,
}

impl RemovedParts {
    /// # Errors
    /// When the record cannot be read.
    pub(super) fn of(
        reader: &Reader,
        period: TimeRange,
        zone: &TimeZone,
    ) -> Result<Self, store::Error> {
        let parts = joined(reader.removed_samples(period)?);
        let some_left = parts.is_empty() || reader.has_samples(period)?;
        Ok(Self { parts, some_left, zone: zone.clone() })
    }

    /// Those whose summaries of minutes are gone, too.
    pub(super) fn of_minutes(
        reader: &Reader,
        period: TimeRange,
        zone: &TimeZone,
    ) -> Result<Self, store::Error> {
        let mut parts = reader.removed_samples(period)?;
        let all = parts.len();
        parts.retain(|part| part.left == SumsLeft::Hours);
        let some_left = parts.len() < all || parts.is_empty() || reader.has_samples(period)?;
        Ok(Self { parts, some_left, zone: zone.clone() })
    }

    /// Whether an instant is in one of them.
    pub(super) fn contain(&self, at: Timestamp) -> bool {
        self.parts.iter().any(|part| part.range.contains(at))
    }

    /// Whether anything is gone.
    pub(super) fn is_none(&self) -> bool {
        self.parts.is_empty()
    }

    /// `WHAT from Mon 2026-09-14 13:20 to ... are no longer kept (removed 2026-10-14)`.
    pub(super) fn sentence(&self, what: &str) -> String {
        let part = |part: &RemovedSamples| {
            let when = part.removed.map_or_else(String::new, |(first, last)| {
                let [first, last] =
                    [first, last].map(|at| words::local(at, &TimeZone::UTC, "%Y-%m-%d"));
                if first == last {
                    format!(" (removed {first})")
                } else {
                    format!(" (removed {first} to {last})")
                }
            });
            format!("from {}{when}", words::span(part.range, &self.zone))
        };
        let parts: Vec<_> = self.parts.iter().map(part).collect();
        format!("{what} no longer kept: {}", parts.join("; "))
    }

    /// Refuses a command that would have nothing to say.
    ///
    /// # Errors
    /// When nothing of the period is there any more.
    pub(super) fn refuse_if_all(&self, what: &str, hint: &str) -> Result<(), Hinted> {
        if self.some_left {
            return Ok(());
        }
        Err(Hinted { sentence: self.sentence(what), hint: hint.to_owned() })
    }

    /// Says on standard error what is missing in the output.
    pub(super) fn warn(&self, what: &str) {
        if !self.is_none() {
            failure::say(&self.sentence(what));
        }
    }
}

/// Parts that touch, whatever is left of them, as one.
fn joined(parts: Vec<RemovedSamples>) -> Vec<RemovedSamples> {
    let mut all: Vec<RemovedSamples> = Vec::with_capacity(parts.len());
    for part in parts {
        match all.last_mut().filter(|before| before.range.to == part.range.from) {
            Some(before) => *before = before.joined(part),
            None => all.push(part),
        }
    }
    all
}
