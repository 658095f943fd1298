//! Lengths counted by size: how long drops were, and how much time passed from one to the next. Pure.
//!
//! Bars widen from the left to the right and never get narrower again, so that lengths spread
//! evenly never look like hills and dips; they are whole multiples of what a length is uncertain by,
//! and their borders lie where the fewest lengths are, so that equal lengths share a bar.

use std::time::Duration;

use crate::report::{DropEntry, Report};
use crate::time::micros;

/// The most bars there are.
const MOST: usize = 18;

/// Lengths from `from` to below `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bin {
    pub(super) from: Duration,
    pub(super) to: Duration,
    pub(super) count: usize,
    /// The one in the middle of those in it.
    pub(super) typical: Duration,
}

/// What is drawn side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Bar(Bin),
    /// Several empty bins, left out.
    Break,
}

/// Lengths, and how far each may be from the truth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MeasuredLengths {
    pub(super) all: Vec<Duration>,
    pub(super) error: Duration,
}

/// By how much a bar is wider than what it starts with, from the finest on.
const RATIOS: [f64; 17] =
    [1.1, 1.15, 1.2, 1.25, 1.3, 1.4, 1.5, 1.6, 1.8, 2.0, 2.5, 3.0, 4.0, 6.0, 10.0, 30.0, 100.0];

/// Counts lengths by size. Where they spread widely, bars are wide; where there are few lengths,
/// there are few bars.
pub(super) fn bins(lengths: &MeasuredLengths) -> Vec<Slot> {
    let mut sorted: Vec<i64> = lengths.all.iter().map(|length| micros(*length)).collect();
    sorted.sort_unstable();
    let most = (4 + 2 * sorted.len().isqrt()).min(MOST);
    let error = micros(lengths.error).max(50_000);
    RATIOS
        .into_iter()
        .map(|ratio| slots(&sorted, error, ratio))
        .find(|slots| slots.len() <= most)
        .unwrap_or_default()
}

/// The width of a bar that starts at `from`: a whole multiple of `error`, and wide enough for
/// lengths that are equal but for it.
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "years of us")]
fn width(from: i64, error: i64, ratio: f64) -> i64 {
    let wide = (from.max(0) as f64 * (ratio - 1.0)) as i64;
    (wide / error).max(3) * error
}

/// Borders from the first on until all lengths are below the last.
fn borders(first: i64, last: i64, error: i64, ratio: f64) -> Vec<i64> {
    let mut borders = vec![first];
    let mut at = first;
    while at <= last {
        at += width(at, error, ratio);
        borders.push(at);
    }
    borders
}

/// How near the borders lengths lie: 1 for each on a border, nearly nothing for one in the middle.
#[allow(clippy::cast_precision_loss, reason = "years of us")]
fn nearness(sorted: &[i64], borders: &[i64]) -> f64 {
    let near = |length: &i64| {
        let over = borders.partition_point(|border| border <= length).min(borders.len() - 1);
        let (low, high) = (borders[over.max(1) - 1], borders[over.max(1)]);
        let nearest = (length - low).min(high - length).max(0) as f64;
        (1.0 - 2.0 * nearest / (high - low) as f64).powi(4)
    };
    sorted.iter().map(near).sum()
}

fn slots(sorted: &[i64], error: i64, ratio: f64) -> Vec<Slot> {
    const EMPTY: usize = 3;
    const OFFSETS: i64 = 24;
    let (Some(low), Some(high)) = (sorted.first(), sorted.last()) else { return Vec::new() };
    let first = |n: i64| low - width(*low, error, ratio) * (2 * n + 1) / (2 * OFFSETS);
    let tried = (0..OFFSETS).map(|n| borders(first(n), *high, error, ratio));
    let best = tried.min_by(|a, b| nearness(sorted, a).total_cmp(&nearness(sorted, b)));
    let best = best.unwrap_or_default();
    let length = |us: i64| Duration::from_micros(us.max(0).unsigned_abs());
    let bars: Vec<Bin> = best
        .windows(2)
        .map(|w| {
            let start = sorted.partition_point(|length| *length < w[0]);
            let inside = &sorted[start..sorted.partition_point(|length| *length < w[1])];
            let typical = inside.get(inside.len() / 2).copied().unwrap_or(w[0]);
            Bin {
                from: length(w[0]),
                to: length(w[1]),
                count: inside.len(),
                typical: length(typical),
            }
        })
        .collect();
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

/// The error that half of the lengths have or less.
fn median(mut errors: Vec<Duration>) -> Duration {
    errors.sort_unstable();
    errors.get(errors.len() / 2).copied().unwrap_or_default()
}

/// Lengths of all drops and outages, in full even where the period cuts them.
pub(super) fn lengths(report: &Report) -> MeasuredLengths {
    let clear = report.counted_drops().filter(|drop| drop.end.is_some() && !drop.is_vague());
    MeasuredLengths {
        all: report.counted_drops().map(DropEntry::likely_length).collect(),
        error: median(
            clear.map(|drop| drop.length.max.saturating_sub(drop.length.min) / 2).collect(),
        ),
    }
}

/// Times from the start of each drop to the start of the next.
pub(super) fn intervals(report: &Report) -> MeasuredLengths {
    let onsets: Vec<_> = report.counted_drops().map(|d| d.onset.midpoint()).collect();
    let width = |drop: &DropEntry| drop.onset.latest.duration_since(drop.onset.earliest);
    MeasuredLengths {
        all: onsets.windows(2).filter_map(|w| w[1].duration_since(w[0])).collect(),
        error: median(report.counted_drops().filter_map(width).collect()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn measured(seconds: &[f64], error: f64) -> MeasuredLengths {
        MeasuredLengths {
            all: seconds.iter().map(|s| Duration::from_secs_f64(*s)).collect(),
            error: Duration::from_secs_f64(error),
        }
    }

    fn bars(slots: &[Slot]) -> Vec<Bin> {
        slots
            .iter()
            .filter_map(|slot| if let Slot::Bar(bar) = slot { Some(*bar) } else { None })
            .collect()
    }

    #[test]
    fn nothing_has_no_bars() {
        assert_eq!(bins(&measured(&[], 1.0)), []);
    }

    #[test]
    fn lengths_far_apart_are_on_both_sides_of_a_break() {
        let slots = bins(&measured(&[61.0, 62.0, 95.0, 86_400.0], 0.5));
        let counts: Vec<_> = bars(&slots).iter().map(|bar| bar.count).collect();
        assert_eq!(counts.iter().sum::<usize>(), 4);
        assert!(slots.contains(&Slot::Break), "{slots:?}");
        assert_eq!((counts[0], counts[counts.len() - 1]), (2, 1), "{slots:?}");
    }

    proptest! {
        #[test]
        fn every_length_is_in_the_bar_whose_borders_it_lies_between(
            seconds in prop::collection::vec(5.0..4e6_f64, 1..60), error in 0.0..6.0_f64,
        ) {
            let lengths = measured(&seconds, error);
            let slots = bins(&lengths);
            prop_assert!(!slots.is_empty() && slots.len() <= MOST);
            let bars = bars(&slots);
            prop_assert_eq!(bars.iter().map(|b| b.count).sum::<usize>(), lengths.all.len());
            for bar in &bars {
                let micros = |d: &Duration| Duration::from_micros(micros(*d).unsigned_abs());
                let all = lengths.all.iter().map(micros);
                let inside = all.filter(|l| *l >= bar.from && *l < bar.to);
                prop_assert_eq!(inside.count(), bar.count, "from {:?}", bar.from);
            }
            prop_assert!(bars.windows(2).all(|w| w[0].from < w[1].from));
            let wide = |bar: &Bin| bar.to.checked_sub(bar.from).unwrap();
            prop_assert!(bars[1..].windows(2).all(|w| wide(&w[0]) <= wide(&w[1])));
        }

        #[test]
        fn lengths_that_are_equal_but_for_what_they_are_uncertain_by_share_one_bar(
            length in 5.0..100_000.0_f64, error in 0.1..6.0_f64,
            off in prop::collection::vec(-1.0..1.0_f64, 1..200),
        ) {
            let length = length + error;
            let seconds: Vec<_> = off.iter().map(|off| length + off * error).collect();
            let bars = bars(&bins(&measured(&seconds, error)));
            prop_assert_eq!(bars.len(), 1, "{:?}", bars);
        }

        #[test]
        fn lengths_spread_evenly_show_no_dip(
            from in 5_u32..400, every in 1_u32..15, n in 20_u32..400,
        ) {
            // As probes that far apart measure them.
            let seconds: Vec<_> =
                (0..n).map(|i| f64::from(from) + f64::from(every) * f64::from(i)).collect();
            let bars = bars(&bins(&measured(&seconds, f64::from(every))));
            let inner = &bars[1..bars.len().max(2) - 1];
            prop_assert!(inner.windows(2).all(|w| w[0].count <= w[1].count), "{:?}", bars);
        }
    }
}
