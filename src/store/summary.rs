//! Samples of one target and minute to the summary row that stays in plain SQL.

use std::time::Duration;

use super::rows::{MinuteRow, RttSummary};
use crate::vocabulary::{Measurement, Outcome, TargetId};

/// Summarizes the samples of one target in one minute, those of all runs, each in send order.
pub(super) fn summarize(minute: i64, target: TargetId, samples: &[Measurement]) -> MinuteRow {
    let mut row = MinuteRow {
        minute,
        target,
        sent: 0,
        received: 0,
        lost: 0,
        late: 0,
        not_sent: 0,
        rtt: None,
    };
    let mut delays = Vec::with_capacity(samples.len());
    for sample in samples {
        match &sample.outcome {
            Outcome::NotSent(_) => row.not_sent += 1,
            Outcome::Reply(reply) => {
                row.received += 1;
                delays.push(reply.rtt);
            }
            other => {
                row.lost += 1;
                row.late += u32::from(matches!(other, Outcome::Late { .. }));
            }
        }
    }
    row.sent = row.received + row.lost;
    delays.sort_unstable();
    if let (Some(&min), Some(&max)) = (delays.first(), delays.last()) {
        row.rtt =
            Some(RttSummary {
                min,
                p50: nearest_rank(&delays, 50),
                p95: nearest_rank(&delays, 95),
                max,
                mean: mean(delays.iter().copied()).unwrap_or_default(),
                jitter: mean(samples.windows(2).filter_map(|pair| {
                    Some(pair[0].outcome.rtt()?.abs_diff(pair[1].outcome.rtt()?))
                })),
            });
    }
    row
}

/// The least value that `percent` % of the (sorted, not empty) values do not exceed.
fn nearest_rank(sorted: &[Duration], percent: usize) -> Duration {
    sorted[(sorted.len() * percent).div_ceil(100).max(1) - 1]
}

/// In whole microseconds, rounded down; `None` of nothing.
fn mean(delays: impl Iterator<Item = Duration>) -> Option<Duration> {
    let (count, sum) = delays.fold((0_u128, 0_u128), |(n, sum), d| (n + 1, sum + d.as_micros()));
    let mean = sum.checked_div(count)?;
    Some(Duration::from_micros(u64::try_from(mean).unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;
    use crate::vocabulary::NotSent;

    fn row(outcomes: &[Outcome]) -> MinuteRow {
        let samples: Vec<_> = (0_i64..)
            .zip(outcomes)
            .map(|(n, outcome)| Measurement {
                target: TargetId(1),
                sent_at: Timestamp::from_seconds(n),
                outcome: outcome.clone(),
            })
            .collect();
        summarize(0, TargetId(1), &samples)
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_probe_not_sent_is_in_no_ratio_and_a_late_one_is_lost() {
        let row = row(&[
            Outcome::reply(ms(10)),
            Outcome::Late { rtt: ms(4_000) },
            Outcome::Lost,
            Outcome::NotSent(NotSent::NoRoute),
        ]);
        assert_eq!((row.sent, row.received, row.lost, row.late, row.not_sent), (3, 1, 2, 1, 1));
        let rtt = row.rtt.unwrap();
        assert_eq!((rtt.min, rtt.p50, rtt.p95, rtt.max), (ms(10), ms(10), ms(10), ms(10)));
        assert_eq!(rtt.jitter, None, "one reply has no jitter");
    }

    #[test]
    fn jitter_does_not_reach_across_a_lost_probe() {
        let row = row(&[
            Outcome::reply(ms(10)),
            Outcome::reply(ms(14)),
            Outcome::Lost,
            Outcome::reply(ms(100)),
            Outcome::reply(ms(98)),
        ]);
        assert_eq!(row.rtt.unwrap().jitter, Some(ms(3)));
    }

    #[test]
    fn nothing_received_has_no_delays() {
        assert_eq!(row(&[Outcome::Lost]).rtt, None);
        assert_eq!(row(&[]).rtt, None);
    }

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let outcomes: Vec<_> = (1..=60).map(|n| Outcome::reply(ms(n))).collect();
        let rtt = row(&outcomes).rtt.unwrap();
        assert_eq!((rtt.p50, rtt.p95, rtt.mean), (ms(30), ms(57), Duration::from_micros(30_500)));
    }
}
