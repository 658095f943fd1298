//! The onset axis: seconds of watched time in which the link was up, with down and unmeasured time
//! cut out, so that a drop could have begun at each of its instants.

use super::strike::Strike;
use crate::time::{TimeRange, Timestamp};

/// Maps instants to up time and back.
#[derive(Debug, Clone, Default)]
pub(super) struct UpTimeAxis {
    /// Spans watched and up, sorted, each with the up time in seconds before it.
    spans: Vec<(TimeRange, f64)>,
    length: f64,
}

/// Seconds of microseconds: exact to a microsecond for 280 years.
#[allow(clippy::cast_precision_loss, reason = "2^53 µs are 285 years")]
pub(super) fn seconds(us: i64) -> f64 {
    us as f64 / 1e6
}

/// Microseconds of seconds, rounded.
#[allow(clippy::cast_possible_truncation, reason = "seconds of a period")]
pub(super) fn to_micros(s: f64) -> i64 {
    (s * 1e6).round() as i64
}

/// A count as a real number; counts here are far below 2^32.
pub(super) fn real(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::from(u32::MAX), f64::from)
}

impl UpTimeAxis {
    /// From drops sorted by onset and watched spans, sorted and disjoint. A drop without an end lasts
    /// to the end of the period.
    pub(super) fn new(strikes: &[Strike], watched: &[TimeRange], period: TimeRange) -> Self {
        let mut spans = Vec::with_capacity(strikes.len() + watched.len());
        let mut length = 0.0;
        let mut push = |from: Timestamp, to: Timestamp| {
            if from < to {
                spans.push((TimeRange { from, to }, length));
                length += seconds(to.micros_since(from));
            }
        };
        let mut first = 0;
        for span in watched {
            let mut from = span.from;
            for strike in &strikes[first..] {
                if strike.onset >= span.to {
                    break;
                }
                push(from, strike.onset.min(span.to));
                from = from.max(strike.end.unwrap_or(period.to));
                if from < span.to {
                    first += 1;
                }
            }
            push(from, span.to);
        }
        Self { spans, length }
    }

    /// Up time of the whole period, in seconds.
    pub(super) fn length(&self) -> f64 {
        self.length
    }

    /// Up time before `at`, in seconds.
    pub(super) fn position(&self, at: Timestamp) -> f64 {
        let after = self.spans.partition_point(|(span, _)| span.from <= at);
        let Some((span, before)) = after.checked_sub(1).and_then(|i| self.spans.get(i)) else {
            return 0.0;
        };
        before + seconds(at.min(span.to).micros_since(span.from))
    }

    /// The instant with `position` seconds of up time before it; `None` off the axis.
    pub(super) fn instant(&self, position: f64) -> Option<Timestamp> {
        let after = self.spans.partition_point(|(_, before)| *before <= position);
        let (span, before) = self.spans.get(after.checked_sub(1)?)?;
        Some(span.from.plus_micros(to_micros(position - before)).min(span.to))
    }
}
