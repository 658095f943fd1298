//! Times as numbers of seconds, without what binary fractions would add.

use std::time::Duration;

use crate::time::{Timestamp, micros};

/// Exact: whole microseconds as a decimal, without trailing zeros.
pub(super) fn seconds(length: Duration) -> String {
    decimal(micros(length))
}

/// An instant, as a Unix time.
pub(super) fn seconds_of(at: Timestamp) -> String {
    decimal(at.as_micros())
}

/// Microseconds as seconds.
pub(super) fn decimal(us: i64) -> String {
    let sign = if us < 0 { "-" } else { "" };
    let us = us.unsigned_abs();
    let text = format!("{sign}{}.{:06}", us / 1_000_000, us % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
