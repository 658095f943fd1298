//! The probes of one anchor in one hour: lost and sent for every second, and the delays of
//! every quarter of an hour, in a few dozen bytes. From these a year's yardsticks are counted without reading
//! its probes.

use std::time::Duration;

use super::histogram::{SummaryDecodeError, get, put};
use super::seconds::{CRTC_RTT, SAMKNOWS_TMAX};
use crate::time::micros;
use crate::vocabulary::LossRatio;
use crate::vocabulary::{Measurement, Outcome};

/// Seconds of an hour.
const SECONDS: usize = 3_600;
const VERSION: u8 = 1;

/// One anchor in one hour, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AnchorHour {
    /// The delays of its quarters.
    pub(super) quarters: [QuarterDelays; 4],
    /// From the first second on, runs of equal seconds; after the last, nothing was sent.
    pub(super) stretches: Vec<EqualSeconds>,
}

/// Seconds in a row with the same counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EqualSeconds {
    pub(super) seconds: usize,
    pub(super) loss: LossRatio,
}

/// The delays of a quarter of an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct QuarterDelays {
    pub(super) answered: u64,
    pub(super) within_2s: u64,
    pub(super) within_50ms: u64,
    pub(super) rtt_us: u64,
    pub(super) ipdv_us: u64,
    pub(super) pairs: u64,
}

impl AnchorHour {
    /// Counts the samples of an hour, each with its run, in the order of runs and of time;
    /// `interval` is the time between their slots.
    pub fn count<'a>(
        interval: Duration,
        samples: impl IntoIterator<Item = (i64, &'a Measurement)>,
    ) -> Self {
        let mut seconds = vec![LossRatio::default(); SECONDS];
        let mut quarters = [QuarterDelays::default(); 4];
        let mut before: Option<(i64, i64, u64)> = None;
        for (run, sample) in samples {
            if !sample.outcome.was_sent() {
                continue;
            }
            let at = sample.sent_at.as_micros();
            let second = at.div_euclid(1_000_000).rem_euclid(3_600);
            let second = usize::try_from(second).unwrap_or_default();
            seconds[second].count(&sample.outcome);
            let quarter = &mut quarters[second / 900];
            let answer = match &sample.outcome {
                Outcome::Reply(reply) => Some(reply.rtt),
                Outcome::Late { rtt } => Some(*rtt),
                _ => None,
            };
            quarter.within_2s += u64::from(answer.is_some_and(|rtt| rtt <= SAMKNOWS_TMAX));
            let now = sample.outcome.rtt().map(|rtt| (run, at, micros(rtt).unsigned_abs()));
            let earlier = std::mem::replace(&mut before, now);
            let (Some(rtt), Some((_, _, us))) = (sample.outcome.rtt(), now) else { continue };
            quarter.answered += 1;
            quarter.within_50ms += u64::from(rtt <= CRTC_RTT);
            quarter.rtt_us += us;
            let close = 1..micros(interval).saturating_mul(2);
            if let Some((_, _, us_before)) =
                earlier.filter(|(r, t, _)| *r == run && close.contains(&(at - t)))
            {
                quarter.pairs += 1;
                quarter.ipdv_us += us.abs_diff(us_before);
            }
        }
        let end = seconds.iter().rposition(|loss| loss.sent > 0).map_or(0, |last| last + 1);
        let stretches = seconds[..end]
            .chunk_by(|a, b| a == b)
            .map(|equal| EqualSeconds { seconds: equal.len(), loss: equal[0] })
            .collect();
        Self { quarters, stretches }
    }

    /// Adds what was lost and sent in each second to `seconds`, those of an hour.
    pub fn add_to(&self, seconds: &mut [LossRatio]) {
        self.each(|range, loss| {
            if let Some(equal) = seconds.get_mut(range) {
                for second in equal {
                    *second += loss;
                }
            }
        });
    }

    /// Each stretch in which something was sent, as a range of seconds.
    pub(super) fn each(&self, mut take: impl FnMut(std::ops::Range<usize>, LossRatio)) {
        let mut from = 0;
        for stretch in &self.stretches {
            let to = from + stretch.seconds;
            if stretch.loss.sent > 0 {
                take(from..to, stretch.loss);
            }
            from = to;
        }
    }

    /// Bytes to store: version 1; four times the six counts of a quarter; then stretches of
    /// seconds, each its length, sent and lost. All numbers are varints.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        for q in &self.quarters {
            let QuarterDelays { answered, within_2s, within_50ms, rtt_us, ipdv_us, pairs } = *q;
            for count in [answered, within_2s, within_50ms, rtt_us, ipdv_us, pairs] {
                put(&mut bytes, count);
            }
        }
        for stretch in &self.stretches {
            put(&mut bytes, stretch.seconds as u64);
            put(&mut bytes, stretch.loss.sent);
            put(&mut bytes, stretch.loss.lost);
        }
        bytes
    }

    /// Reads what [`Self::encode`] wrote.
    ///
    /// # Errors
    /// When the version is unknown or the bytes are damaged.
    pub fn decode(bytes: &[u8]) -> Result<Self, SummaryDecodeError> {
        let mut bytes = match bytes.split_first() {
            Some((&VERSION, rest)) => rest,
            Some((version, _)) => return Err(SummaryDecodeError::Version(*version)),
            None => return Err(SummaryDecodeError::Damaged),
        };
        let mut hour = Self::default();
        for q in &mut hour.quarters {
            let QuarterDelays { answered, within_2s, within_50ms, rtt_us, ipdv_us, pairs } = q;
            for count in [answered, within_2s, within_50ms, rtt_us, ipdv_us, pairs] {
                *count = get(&mut bytes)?;
            }
        }
        let mut room = SECONDS;
        while !bytes.is_empty() {
            let seconds =
                usize::try_from(get(&mut bytes)?).map_err(|_| SummaryDecodeError::Damaged)?;
            let loss = LossRatio { sent: get(&mut bytes)?, lost: get(&mut bytes)? };
            // More than one probe per microsecond cannot have been counted.
            if seconds == 0 || seconds > room || loss.lost > loss.sent || loss.sent > 1_000_000 {
                return Err(SummaryDecodeError::Damaged);
            }
            room -= seconds;
            hour.stretches.push(EqualSeconds { seconds, loss });
        }
        Ok(hour)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;
    use crate::vocabulary::{NotSent, TargetId};
    use proptest::prelude::*;

    fn sample(ms: i64, outcome: Outcome) -> Measurement {
        Measurement { target: TargetId(4), sent_at: Timestamp::from_millis(ms), outcome }
    }

    fn outcome(kind: u8, us: u64) -> Outcome {
        match kind {
            0 => Outcome::Lost,
            1 => Outcome::Late { rtt: Duration::from_micros(us * 50) },
            2 => Outcome::NotSent(NotSent::NoRoute),
            _ => Outcome::reply(Duration::from_micros(us)),
        }
    }

    proptest! {
        #[test]
        fn what_is_counted_is_what_was_sent_and_survives_being_stored(
            outcomes in prop::collection::vec((0_u8..8, 1_u64..90_000), 0..400), first in 0_i64..3_000,
        ) {
            let samples: Vec<_> = (first..)
                .zip(&outcomes)
                .map(|(n, (kind, us))| sample(n * 1_000 + 333, outcome(*kind, *us)))
                .collect();
            let hour = AnchorHour::count(Duration::from_secs(1), samples.iter().map(|s| (1, s)));
            let mut seconds = vec![LossRatio::default(); SECONDS];
            hour.add_to(&mut seconds);
            for (second, found) in (0_i64..).zip(&seconds) {
                let mut naive = LossRatio::default();
                for s in samples.iter().filter(|s| s.sent_at.as_millis() / 1_000 == second) {
                    naive.count(&s.outcome);
                }
                prop_assert_eq!(*found, naive);
            }
            let replies: Vec<_> = samples.iter().filter_map(|s| s.outcome.rtt()).collect();
            let sum = |of: fn(&QuarterDelays) -> u64| hour.quarters.iter().map(of).sum::<u64>();
            prop_assert_eq!(sum(|q| q.answered), replies.len() as u64);
            let total = replies.iter().map(Duration::as_micros).sum::<u128>();
            prop_assert_eq!(u128::from(sum(|q| q.rtt_us)), total);
            let pairs = samples.iter().filter(|s| s.outcome.was_sent()).collect::<Vec<_>>();
            let close = pairs.windows(2).filter(|w| {
                w[1].sent_at.as_millis() - w[0].sent_at.as_millis() == 1_000
                    && w.iter().all(|s| s.outcome.rtt().is_some())
            });
            prop_assert_eq!(sum(|q| q.pairs), close.count() as u64);
            prop_assert_eq!(AnchorHour::decode(&hour.encode()), Ok(hour));
        }

        #[test]
        fn damaged_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let mut bytes = bytes;
            if let Some(first) = bytes.first_mut() { *first = 1; }
            if let Ok(hour) = AnchorHour::decode(&bytes) {
                hour.add_to(&mut vec![LossRatio::default(); SECONDS]);
            }
        }
    }

    #[test]
    fn an_hour_without_a_loss_takes_few_bytes() {
        let samples: Vec<_> = (0..3_600)
            .map(|n| sample(n * 1_000 + 5, Outcome::reply(Duration::from_millis(12))))
            .collect();
        let hour = AnchorHour::count(Duration::from_secs(1), samples.iter().map(|s| (1, s)));
        assert_eq!(hour.stretches.len(), 1);
        assert!(hour.encode().len() < 64, "{}", hour.encode().len());
        assert_eq!(AnchorHour::decode(&[]), Err(SummaryDecodeError::Damaged));
        assert_eq!(AnchorHour::decode(&[9]), Err(SummaryDecodeError::Version(9)));
    }
}
