//! What dated the record, as JSON.

use serde::Serialize;

use crate::report::ClockFacts;
use crate::time::{Micros, TimeRange};

/// Offsets are seconds; those of servers are what they are ahead of the times in the record.
#[derive(Serialize)]
pub(super) struct DatingJson<'a> {
    provisional: &'a [TimeRange],
    dated: Vec<DatedJson>,
    servers: usize,
    offset_min_s: Option<f64>,
    offset_max_s: Option<f64>,
    within_s: Option<f64>,
    differs_s: Option<f64>,
}

#[derive(Serialize)]
struct DatedJson {
    from: crate::time::Timestamp,
    to: crate::time::Timestamp,
    clock_behind_s: f64,
}

impl<'a> DatingJson<'a> {
    pub(super) fn of(facts: &'a ClockFacts) -> Self {
        let check = facts.servers.as_ref();
        Self {
            provisional: &facts.provisional,
            dated: facts
                .dated
                .iter()
                .map(|stretch| DatedJson {
                    from: stretch.range.from,
                    to: stretch.range.to,
                    clock_behind_s: seconds(stretch.behind),
                })
                .collect(),
            servers: check.map_or(0, |check| check.servers),
            offset_min_s: check.map(|check| seconds(check.offset.least())),
            offset_max_s: check.map(|check| seconds(check.offset.most())),
            within_s: check.map(|check| seconds(check.offset.within())),
            differs_s: check.and_then(|check| check.difference).map(seconds),
        }
    }
}

/// To a millisecond.
#[allow(clippy::cast_precision_loss, reason = "microseconds of centuries fit 53 bits")]
fn seconds(of: Micros) -> f64 {
    (of.as_i64() as f64 / 1e3).round() / 1e3
}
