//! Lengths counted by size, between round borders that suit them: how long drops were, and how much
//! time passed from one to the next. Pure.

use std::time::Duration;

use crate::report::{DropEntry, Report};

/// Round lengths in seconds, about a fifth apart; around an hour, where flapping lines are, finer.
const BORDERS: [u64; 50] = [
    5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 75, 90, 105, 120, 150, 180, 240, 300, 360, 480,
    600, 720, 900, 1_200, 1_500, 1_800, 2_100, 2_400, 2_700, 3_000, 3_300, 3_600, 3_900, 4_200,
    4_500, 5_400, 7_200, 9_000, 10_800, 14_400, 21_600, 28_800, 43_200, 64_800, 86_400, 172_800,
    604_800, 2_592_000,
];

/// The most bars there are.
const MOST: usize = 18;

/// Lengths from `from` to below `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bin {
    pub(super) from: Duration,
    /// `None`: without an upper border.
    pub(super) to: Option<Duration>,
    pub(super) count: usize,
}

/// What is drawn side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Bar(Bin),
    /// Several empty bins, left out.
    Break,
}

/// Counts `lengths` by size. Where they spread widely, neighbours share a bar.
pub(super) fn bins(lengths: &[Duration]) -> Vec<Slot> {
    (1..=BORDERS.len())
        .map(|step| slots(lengths, step))
        .find(|slots| slots.len() <= MOST)
        .unwrap_or_default()
}

/// With `step` borders per bar.
fn slots(lengths: &[Duration], step: usize) -> Vec<Slot> {
    const EMPTY: usize = 3;
    let bin = |d: &Duration| BORDERS.partition_point(|b| *b <= d.as_secs()).saturating_sub(1);
    let (Some(low), Some(high)) = (lengths.iter().map(bin).min(), lengths.iter().map(bin).max())
    else {
        return Vec::new();
    };
    let border = |i: usize| BORDERS.get(i).map(|s| Duration::from_secs(*s));
    let mut bars: Vec<Bin> = (low..=high)
        .step_by(step)
        .map(|i| Bin { from: border(i).unwrap_or_default(), to: border(i + step), count: 0 })
        .collect();
    for length in lengths {
        bars[(bin(length) - low) / step].count += 1;
    }
    let mut out = Vec::new();
    for run in bars.chunk_by(|a, b| (a.count == 0) == (b.count == 0)) {
        if run[0].count == 0 && run.len() >= EMPTY {
            out.push(Slot::Break);
        } else {
            out.extend(run.iter().map(|bar| Slot::Bar(*bar)));
        }
    }
    out
}

/// Lengths of all drops and outages, in full even where the period cuts them.
pub(super) fn lengths(report: &Report) -> Vec<Duration> {
    report.counted_drops().map(DropEntry::likely_length).collect()
}

/// Times from the start of each drop to the start of the next.
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
        assert_eq!(bins(&[]), []);
    }

    #[test]
    fn lengths_far_apart_are_on_both_sides_of_a_break() {
        let lengths = [61, 62, 95, 86_400].map(Duration::from_secs);
        let slots = bins(&lengths);
        let counts: Vec<_> = slots
            .iter()
            .map(|slot| if let Slot::Bar(bar) = slot { Some(bar.count) } else { None })
            .collect();
        assert_eq!(counts, [Some(2), Some(0), Some(1), None, Some(1)]);
    }

    proptest! {
        #[test]
        fn every_length_is_in_the_bar_whose_borders_it_lies_between(
            seconds in prop::collection::vec(5.0..4e6_f64, 1..60),
        ) {
            let lengths: Vec<_> = seconds.iter().map(|s| Duration::from_secs_f64(*s)).collect();
            let slots = bins(&lengths);
            prop_assert!(!slots.is_empty() && slots.len() <= MOST);
            let bars: Vec<_> = slots
                .iter()
                .filter_map(|slot| if let Slot::Bar(bar) = slot { Some(*bar) } else { None })
                .collect();
            prop_assert_eq!(bars.iter().map(|b| b.count).sum::<usize>(), lengths.len());
            for bar in &bars {
                let inside =
                    lengths.iter().filter(|l| **l >= bar.from && bar.to.is_none_or(|to| **l < to));
                prop_assert_eq!(inside.count(), bar.count, "from {:?}", bar.from);
            }
            prop_assert!(bars.windows(2).all(|w| w[0].from < w[1].from));
        }
    }
}
