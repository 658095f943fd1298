//! Delays of long spans in bounded memory: an integer log-linear histogram with 64 buckets per
//! octave. Whole microseconds below 128 are exact, above that a value is off by at most 1/128 of
//! itself. Merging is addition: order does not matter, and results are the same on every machine.

use std::time::Duration;

use super::quantile::rank;

/// Below this each microsecond has a bucket of its own.
const EXACT: u32 = 128;
/// Buckets up to the last microsecond that fits 32 bits.
const BUCKETS: usize = 27 * 64;

/// Counts of delays by bucket.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Histogram {
    /// Number of the first bucket in `counts`.
    lowest: u32,
    counts: Vec<u64>,
    total: u64,
}

/// Why stored bytes cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SummaryDecodeError {
    /// Written by a later version.
    #[error("read a histogram: version {0} is unknown")]
    Version(u8),
    /// Cut off, too long, or out of range.
    #[error("read a histogram: the bytes are damaged")]
    Damaged,
}

fn bucket(us: u32) -> u32 {
    let octave = us.max(1).ilog2();
    if us < EXACT {
        us
    } else {
        let shift = octave - 6;
        (shift << 6) + (us >> shift)
    }
}

/// The middle of a bucket, in microseconds.
fn middle(bucket: u32) -> u64 {
    if bucket < EXACT {
        return bucket.into();
    }
    let shift = (bucket >> 6) - 1;
    let mantissa = u64::from(bucket - (shift << 6));
    // A bucket holds mantissa << shift up to, not including, (mantissa + 1) << shift.
    (mantissa << shift) + ((1_u64 << shift) - 1) / 2
}

impl Histogram {
    /// Counts one delay in whole microseconds.
    pub fn add(&mut self, us: u32) {
        *self.slot(bucket(us)) += 1;
        self.total += 1;
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, other: &Self) {
        let (Some(last), true) = (other.counts.len().checked_sub(1), other.total > 0) else {
            return;
        };
        self.slot(other.lowest);
        self.slot(other.lowest + u32::try_from(last).unwrap_or(0));
        let from = (other.lowest - self.lowest) as usize;
        for (count, more) in self.counts[from..].iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.total += other.total;
    }

    /// How many delays it holds.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The quantile `q` from 0 to 1 by nearest rank, within 1/128; `None` of nothing.
    pub fn quantile(&self, q: f64) -> Option<Duration> {
        let rank = rank(q, self.total)?;
        let mut below = 0;
        let at = self.counts.iter().position(|count| {
            below += count;
            below >= rank
        })?;
        Some(Duration::from_micros(middle(self.lowest + u32::try_from(at).ok()?)))
    }

    /// Bytes to store: version 1, the lowest bucket, then counts as varints, each zero followed by
    /// the length of its run of zeros.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![1];
        put(&mut bytes, self.lowest.into());
        let mut counts = self.counts.iter().copied().peekable();
        while let Some(count) = counts.next() {
            put(&mut bytes, count);
            if count == 0 {
                let mut run = 1;
                while counts.next_if_eq(&0).is_some() {
                    run += 1;
                }
                put(&mut bytes, run);
            }
        }
        bytes
    }

    /// Reads what [`Self::encode`] wrote.
    ///
    /// # Errors
    /// When the version is unknown or the bytes are damaged.
    pub fn decode(bytes: &[u8]) -> Result<Self, SummaryDecodeError> {
        let mut bytes = match bytes.split_first() {
            Some((1, rest)) => rest,
            Some((version, _)) => return Err(SummaryDecodeError::Version(*version)),
            None => return Err(SummaryDecodeError::Damaged),
        };
        let lowest = get(&mut bytes)?;
        let room = BUCKETS.checked_sub(usize::try_from(lowest).unwrap_or(usize::MAX));
        let room = room.ok_or(SummaryDecodeError::Damaged)?;
        let mut counts: Vec<u64> = Vec::new();
        while !bytes.is_empty() {
            let count = get(&mut bytes)?;
            let run = if count == 0 { get(&mut bytes)? } else { 1 };
            let run = usize::try_from(run).map_err(|_| SummaryDecodeError::Damaged)?;
            if run == 0 || run > room - counts.len() {
                return Err(SummaryDecodeError::Damaged);
            }
            counts.resize(counts.len() + run, count);
        }
        let total = counts.iter().try_fold(0_u64, |sum, count| sum.checked_add(*count));
        let total = total.ok_or(SummaryDecodeError::Damaged)?;
        Ok(Self { lowest: u32::try_from(lowest).unwrap_or(0), counts, total })
    }

    fn slot(&mut self, bucket: u32) -> &mut u64 {
        if self.counts.is_empty() {
            self.lowest = bucket;
        }
        if bucket < self.lowest {
            let missing = (self.lowest - bucket) as usize;
            self.counts.splice(0..0, std::iter::repeat_n(0, missing));
            self.lowest = bucket;
        }
        let at = (bucket - self.lowest) as usize;
        if at >= self.counts.len() {
            self.counts.resize(at + 1, 0);
        }
        &mut self.counts[at]
    }
}

pub(super) fn put(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    bytes.push(value.to_le_bytes()[0]);
}

pub(super) fn get(bytes: &mut &[u8]) -> Result<u64, SummaryDecodeError> {
    let mut value = 0_u64;
    for shift in (0..63).step_by(7) {
        let (byte, rest) = bytes.split_first().ok_or(SummaryDecodeError::Damaged)?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(SummaryDecodeError::Damaged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Sorted;
    use proptest::prelude::*;

    fn filled(us: &[u32]) -> Histogram {
        let mut histogram = Histogram::default();
        for us in us {
            histogram.add(*us);
        }
        histogram
    }

    fn near(found: u64, exact: u64) -> bool {
        found.abs_diff(exact) * 128 <= exact
    }

    #[test]
    fn every_delay_up_to_two_seconds_and_the_largest_are_within_one_128th() {
        for us in (0..2_000_000).chain([u32::MAX - 1, u32::MAX]) {
            assert!(near(middle(bucket(us)), us.into()), "{us}");
        }
        assert!((bucket(u32::MAX) as usize) < BUCKETS);
    }

    proptest! {
        #[test]
        fn quantiles_are_within_one_128th_of_the_exact_ones(
            us in prop::collection::vec(0_u32..5_000_000, 1..300), percent in 0_u32..=100,
        ) {
            let q = f64::from(percent) / 100.0;
            let found = filled(&us).quantile(q).unwrap().as_micros();
            let exact = Sorted::new(us).quantile(q).unwrap().as_micros();
            prop_assert!(near(u64::try_from(found).unwrap(), u64::try_from(exact).unwrap()));
        }

        #[test]
        fn merging_is_as_if_all_had_been_added_to_one(
            a in prop::collection::vec(any::<u32>(), 0..50),
            b in prop::collection::vec(any::<u32>(), 0..50),
        ) {
            let mut merged = filled(&a);
            merged.merge(&filled(&b));
            prop_assert_eq!(&merged, &filled(&[a, b].concat()));
            prop_assert_eq!(Histogram::decode(&merged.encode()), Ok(merged));
        }

        #[test]
        fn damaged_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let mut bytes = bytes;
            if let Some(first) = bytes.first_mut() { *first = 1; }
            if let Ok(histogram) = Histogram::decode(&bytes) {
                let _ = histogram.quantile(0.5);
            }
        }
    }

    #[test]
    fn nothing_has_no_quantile() {
        assert_eq!(Histogram::default().quantile(0.5), None);
        assert_eq!(Histogram::decode(&Histogram::default().encode()), Ok(Histogram::default()));
        assert_eq!(Histogram::decode(&[2]), Err(SummaryDecodeError::Version(2)));
        assert_eq!(Histogram::decode(&[]), Err(SummaryDecodeError::Damaged));
    }
}
