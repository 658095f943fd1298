//! Lengths counted by size, between round borders that fit them: how long drops were, how long it
//! was from one to the next. Pure.

use std::time::Duration;

use crate::report::Report;

/// Round lengths in seconds, about a fifth apart; about an hour, where flapping lines are, finer.
const BORDERS: [u64; 50] = [
    5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 75, 90, 105, 120, 150, 180, 240, 300, 360, 480,
    600, 720, 900, 1_200, 1_500, 1_800, 2_100, 2_400, 2_700, 3_000, 3_300, 3_600, 3_900, 4_200,
    4_500, 5_400, 7_200, 9_000, 10_800, 14_400, 21_600, 28_800, 43_200, 64_800, 86_400, 172_800,
    604_800, 2_592_000,
];

/// Bars at most.
const MOST: usize = 24;

/// Lengths from `from` to below the next border.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bin {
    pub(super) from: Duration,
    pub(super) count: usize,
}

/// A count by size; `to` is the border behind the last bin, `None` when it is open.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Bins {
    pub(super) bins: Vec<Bin>,
    pub(super) to: Option<Duration>,
}

impl Bins {
    /// Counts `lengths`; with a bin to spare on both sides.
    pub(super) fn of(lengths: &[Duration]) -> Self {
        let bin = |d: &Duration| BORDERS.partition_point(|b| *b <= d.as_secs()).saturating_sub(1);
        let (Some(low), Some(high)) =
            (lengths.iter().map(bin).min(), lengths.iter().map(bin).max())
        else {
            return Self::default();
        };
        let (low, high) = (low.saturating_sub(1), (high + 1).min(BORDERS.len() - 1));
        // Where the range is wide, neighbours share a bar.
        let step = (high - low + 1).div_ceil(MOST);
        let mut bins: Vec<Bin> = (low..=high)
            .step_by(step)
            .map(|i| Bin { from: Duration::from_secs(BORDERS[i]), count: 0 })
            .collect();
        for length in lengths {
            bins[(bin(length) - low) / step].count += 1;
        }
        let end = low + bins.len() * step;
        Self { bins, to: BORDERS.get(end).map(|s| Duration::from_secs(*s)) }
    }

    /// The highest bar.
    pub(super) fn highest(&self) -> usize {
        self.bins.iter().map(|b| b.count).max().unwrap_or(0)
    }
}

/// Lengths of all drops and outages, whole also where the period cuts them.
pub(super) fn lengths(report: &Report) -> Vec<Duration> {
    report.counted_drops().map(|d| d.length.midpoint()).collect()
}

/// Times from the begin of each drop to the begin of the next.
pub(super) fn intervals(report: &Report) -> Vec<Duration> {
    let onsets: Vec<_> = report.counted_drops().map(|d| d.onset.midpoint()).collect();
    onsets.windows(2).filter_map(|w| w[1].duration_since(w[0])).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_has_no_bars() {
        assert_eq!(Bins::of(&[]), Bins::default());
    }

    proptest! {
        #[test]
        fn every_length_is_in_the_bar_whose_borders_it_lies_between(
            seconds in prop::collection::vec(5.0..4e6_f64, 1..60),
        ) {
            let lengths: Vec<_> = seconds.iter().map(|s| Duration::from_secs_f64(*s)).collect();
            let bins = Bins::of(&lengths);
            prop_assert!(bins.bins.len() <= MOST);
            prop_assert_eq!(bins.bins.iter().map(|b| b.count).sum::<usize>(), lengths.len());
            for (i, bin) in bins.bins.iter().enumerate() {
                let to = bins.bins.get(i + 1).map(|b| b.from).or(bins.to);
                let inside = lengths.iter().filter(|l| **l >= bin.from && to.is_none_or(|t| **l < t));
                prop_assert_eq!(inside.count(), bin.count, "from {:?}", bin.from);
            }
        }
    }
}
