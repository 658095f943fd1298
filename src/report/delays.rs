//! Round-trip times to quantiles in bounded memory.
//!
//! A count per class of delay: exact up to 511 us, above that 256 classes to an octave, so that
//! any quantile is at most 0.2 % off. Least and greatest are exact. Quantiles are by nearest rank
//! (the smallest value that at least this share of all values does not exceed).

use serde::Serialize;

/// Classes in an octave, as a power of two.
const FINENESS: u32 = 8;
/// Delays of an hour and more share the last class: far behind any loss threshold.
const GREATEST_US: u32 = 3_600_000_000;

/// Counts of delays.
#[derive(Debug, Clone, Default)]
pub struct Delays {
    counts: Vec<u64>,
    total: u64,
    min: u32,
    max: u32,
}

/// Quantiles of delays in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Spread {
    pub min: u32,
    pub p5: u32,
    pub p25: u32,
    pub p50: u32,
    pub p75: u32,
    pub p95: u32,
    pub p99: u32,
    pub max: u32,
}

fn class(us: u32) -> usize {
    let octave = (32 - us.leading_zeros()).saturating_sub(FINENESS + 1);
    ((octave << FINENESS) + (us >> octave)) as usize
}

/// The middle of a class.
fn middle(class: usize) -> u32 {
    let class = u32::try_from(class).unwrap_or(u32::MAX);
    let octave = (class >> FINENESS).saturating_sub(1);
    let lowest = (class - (octave << FINENESS)) << octave;
    lowest + ((1 << octave) >> 1)
}

impl Delays {
    /// Counts one delay in microseconds.
    pub fn add(&mut self, us: u32) {
        let us = us.min(GREATEST_US);
        let at = class(us);
        if at >= self.counts.len() {
            self.counts.resize(at + 1, 0);
        }
        self.counts[at] += 1;
        (self.min, self.max) =
            if self.total == 0 { (us, us) } else { (self.min.min(us), self.max.max(us)) };
        self.total += 1;
    }

    /// Adds the counts of `other`, and empties it for use anew.
    pub fn take_from(&mut self, other: &mut Self) {
        if other.total == 0 {
            return;
        }
        if self.counts.len() < other.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        let first = class(other.min);
        for (mine, theirs) in self.counts[first..].iter_mut().zip(&mut other.counts[first..]) {
            *mine += std::mem::take(theirs);
        }
        (self.min, self.max) = if self.total == 0 {
            (other.min, other.max)
        } else {
            (self.min.min(other.min), self.max.max(other.max))
        };
        self.total += std::mem::take(&mut other.total);
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.total
    }

    /// Quantiles; `None` when nothing was counted.
    pub fn spread(&self) -> Option<Spread> {
        if self.total == 0 {
            return None;
        }
        let mut out = [0; 6];
        let mut seen = 0;
        let mut at = class(self.min);
        for (slot, percent) in out.iter_mut().zip([5, 25, 50, 75, 95, 99]) {
            let rank = (self.total * percent).div_ceil(100).max(1);
            while seen + self.counts[at] < rank {
                seen += self.counts[at];
                at += 1;
            }
            *slot = middle(at).clamp(self.min, self.max);
        }
        let [p5, p25, p50, p75, p95, p99] = out;
        Some(Spread { min: self.min, p5, p25, p50, p75, p95, p99, max: self.max })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn quantiles_are_within_a_quarter_percent_of_those_of_the_sorted_values(
            mut values in prop::collection::vec(0_u32..4_000_000, 1..400),
            split in 0_usize..400,
        ) {
            let (mut delays, mut second) = (Delays::default(), Delays::default());
            for (i, &v) in values.iter().enumerate() {
                if i < split { delays.add(v) } else { second.add(v) }
            }
            delays.take_from(&mut second);
            prop_assert_eq!(second.count(), 0);
            prop_assert_eq!(second.spread(), None);
            values.sort_unstable();
            let exact = |percent: usize| values[(values.len() * percent).div_ceil(100).max(1) - 1];
            let s = delays.spread().unwrap();
            prop_assert_eq!((s.min, s.max), (values[0], values[values.len() - 1]));
            for (got, percent) in
                [(s.p5, 5), (s.p25, 25), (s.p50, 50), (s.p75, 75), (s.p95, 95), (s.p99, 99)]
            {
                let want = exact(percent);
                let off = f64::from(got.abs_diff(want));
                prop_assert!(off <= f64::from(want) * 0.002_5, "p{}: {} for {}", percent, got, want);
            }
        }
    }

    #[test]
    fn a_delay_beyond_all_measure_is_counted_in_the_last_class() {
        let mut delays = Delays::default();
        delays.add(u32::MAX);
        assert_eq!(delays.spread().unwrap().max, GREATEST_US);
    }
}
