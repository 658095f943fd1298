//! Hours: which minutes they have, and all samples of one target in one hour summed up to the row
//! that stays when they are gone.

use super::codec;
use super::rows::{HourRow, HourRtt};
use crate::stats::{AnchorHour, Histogram, Sorted};
use crate::text::order::InOrder;
use crate::time::{TimeRange, Timestamp, micros};
use crate::vocabulary::{Kind, Measurement, Outcome, Role, Target, TargetId};

/// Minutes of an hour.
pub(super) const MINUTES: i64 = 60;

/// The hour of a minute, Unix time / 3600 s.
pub(super) fn hour_of_minute(minute: i64) -> i64 {
    minute.div_euclid(MINUTES)
}

/// The hour of an instant, Unix time / 3600 s.
pub(super) fn hour_of(at: Timestamp) -> i64 {
    hour_of_minute(at.minute())
}

/// When an hour begins.
pub(super) fn start(hour: i64) -> Timestamp {
    Timestamp::from_seconds(hour.saturating_mul(3_600))
}

/// From the start of an hour to its end.
pub(super) fn range_of(hour: i64) -> TimeRange {
    TimeRange { from: start(hour), to: start(hour.saturating_add(1)) }
}

/// The first and last minute of an hour.
pub(super) fn minutes_of(hour: i64) -> (i64, i64) {
    let first = hour.saturating_mul(MINUTES);
    (first, first.saturating_add(MINUTES - 1))
}

/// Sums up the rows of `target` in `hour`: minute, run, samples. They come in any order. Damaged
/// ones are left out and counted.
pub(super) fn sum_up(hour: i64, target: &Target, rows: &mut [(i64, i64, &[u8])]) -> HourRow {
    rows.order_by_key(|(minute, run, _)| (*run, *minute));
    let mut samples: Vec<Measurement> = Vec::with_capacity(rows.len() * 60);
    let mut runs = Vec::with_capacity(rows.len() * 60);
    let mut damaged = 0;
    for (minute, run, blob) in rows.iter() {
        if codec::decode(blob, *minute, target.id, &mut samples).is_err() {
            damaged += 1;
        }
        runs.resize(samples.len(), *run);
    }
    let mut row = HourRow { damaged, ..HourRow::empty(hour, target.id) };
    let mut delays = Vec::with_capacity(samples.len());
    let (mut sum_us, mut jitter_us, mut jitter_pairs) = (0, 0, 0);
    let mut before: Option<(i64, &Outcome)> = None;
    for (run, sample) in runs.iter().zip(&samples) {
        let earlier = before.replace((*run, &sample.outcome));
        let earlier = earlier.filter(|(r, _)| r == run).map(|(_, outcome)| outcome);
        match &sample.outcome {
            Outcome::NotSent(_) => row.not_sent += 1,
            Outcome::Reply(reply) => {
                row.received += 1;
                delays.push(u32::try_from(reply.rtt.as_micros()).unwrap_or(u32::MAX));
                sum_us += micros(reply.rtt).unsigned_abs();
                if let Some(d0) = earlier.and_then(Outcome::rtt) {
                    jitter_pairs += 1;
                    jitter_us += micros(reply.rtt.abs_diff(d0)).unsigned_abs();
                }
            }
            other => {
                row.lost += 1;
                row.late += u32::from(matches!(other, Outcome::Late { .. }));
                row.loss_runs += u32::from(earlier.is_none_or(|o| !o.is_lost()));
            }
        }
    }
    row.sent = row.received + row.lost;
    for us in &delays {
        row.delays.add(*us);
    }
    let delays = Sorted::new(delays);
    let at = |q| delays.quantile(q);
    if let [Some(min), Some(p50), Some(p95), Some(p99), Some(max)] =
        [at(0.0), at(0.5), at(0.95), at(0.99), at(1.0)]
    {
        row.rtt = Some(HourRtt { min, p50, p95, p99, max, sum_us, jitter_us, jitter_pairs });
    }
    row.anchor = (target.role == Role::Anchor && target.kind == Kind::Icmp)
        .then(|| AnchorHour::count(target.interval, runs.into_iter().zip(&samples)));
    row
}

impl HourRow {
    pub(super) fn empty(hour: i64, target: TargetId) -> Self {
        Self {
            hour,
            target,
            sent: 0,
            received: 0,
            lost: 0,
            late: 0,
            not_sent: 0,
            loss_runs: 0,
            damaged: 0,
            rtt: None,
            delays: Histogram::default(),
            anchor: None,
        }
    }
}
