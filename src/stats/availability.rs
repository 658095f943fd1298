//! Availability: the share of observed time in which the link was not down, and how much of a
//! period was observed.
//!
//! Drops of 5 s or more are down time; blips are listed separately and do not count, for random loss
//! alone causes some. Unwatched time is in neither numerator nor denominator. The
//! bounds follow from those of the drops: with each as long as it can have been, and as short.

use std::time::Duration;

use crate::time::{TimeRange, Timestamp, micros};
use crate::vocabulary::{Bounds, DropKind, Gap, LinkDrop, Run};

/// Share of the observed time of a period in which the link was up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Availability {
    /// From 0 to 1, by the midpoints of the bounds of each drop.
    pub ratio: f64,
    /// The least it can have been.
    pub lower: f64,
    /// The most it can have been.
    pub upper: f64,
    /// Observed time in which the link was down, by the midpoints.
    pub down: Duration,
    /// Watched time.
    pub observed: Duration,
    /// Length of the period.
    pub elapsed: Duration,
}

impl Availability {
    /// Of `period`, of which `watched` was [`observed`]; `None` when nothing was. A drop that is
    /// not over is down to the end of what was observed.
    pub fn compute(period: &TimeRange, watched: &[TimeRange], drops: &[LinkDrop]) -> Option<Self> {
        let all = total(watched);
        if all.is_zero() {
            return None;
        }
        let down = |length: fn(&LinkDrop, Timestamp) -> TimeRange| {
            let counted = drops.iter().filter(|drop| drop.kind != DropKind::Blip);
            let ranges = counted.map(|drop| length(drop, period.to)).collect();
            total(&common(&union(ranges), watched))
        };
        let likely = down(likely);
        let up = |down: Duration| 1.0 - down.as_secs_f64() / all.as_secs_f64();
        Some(Self {
            ratio: up(likely),
            lower: up(down(longest)),
            upper: up(down(shortest)),
            down: likely,
            observed: all,
            elapsed: period.length(),
        })
    }

    /// Observed time in which the link was up.
    pub fn up(&self) -> Duration {
        self.observed.saturating_sub(self.down)
    }
}

/// What was observed of `period`: what the runs watched, less the gaps; ordered and disjoint.
pub fn observed(period: &TimeRange, runs: &[Run], gaps: &[Gap]) -> Vec<TimeRange> {
    let lives = runs.iter().map(|run| TimeRange { from: run.started, to: run.last_seen });
    let clipped = union(lives.filter_map(|life| life.intersect(period)).collect());
    let gaps = union(gaps.iter().map(|gap| gap.range).collect());
    let mut watched = Vec::new();
    let mut first = 0;
    for life in clipped {
        let mut from = life.from;
        while gaps.get(first).is_some_and(|gap| gap.to <= life.from) {
            first += 1;
        }
        for gap in gaps[first..].iter().take_while(|gap| gap.from < life.to) {
            watched.push(TimeRange { from, to: gap.from });
            from = gap.to;
        }
        watched.push(TimeRange { from, to: life.to });
    }
    watched.retain(|range| range.from < range.to);
    watched
}

/// The length of disjoint spans together.
pub fn total(ranges: &[TimeRange]) -> Duration {
    ranges.iter().map(TimeRange::length).sum()
}

/// The same instants as ordered and disjoint spans; empty ones are dropped.
pub fn union(mut ranges: Vec<TimeRange>) -> Vec<TimeRange> {
    ranges.retain(|range| range.from < range.to);
    ranges.sort_by_key(|range| range.from);
    let mut joined: Vec<TimeRange> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.from <= last.to => last.to = last.to.max(range.to),
            _ => joined.push(range),
        }
    }
    joined
}

/// What two lists of ordered and disjoint spans have in common.
pub(super) fn common(a: &[TimeRange], b: &[TimeRange]) -> Vec<TimeRange> {
    let (mut i, mut j) = (0, 0);
    let mut both = Vec::new();
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        both.extend(x.intersect(y));
        if x.to < y.to { i += 1 } else { j += 1 }
    }
    both
}

fn longest(drop: &LinkDrop, to: Timestamp) -> TimeRange {
    range(drop, to, |bounds| bounds.earliest, |bounds| bounds.latest, drop.max)
}

fn shortest(drop: &LinkDrop, to: Timestamp) -> TimeRange {
    let length = drop.min + drop.unobserved;
    range(drop, to, |bounds| bounds.latest, |bounds| bounds.earliest, length)
}

/// The likely span of a drop, from midpoint to midpoint of its bounds; one that is not over extends to `to`.
pub fn likely(drop: &LinkDrop, to: Timestamp) -> TimeRange {
    let length = (drop.min + drop.unobserved + drop.max) / 2;
    range(drop, to, Bounds::midpoint, Bounds::midpoint, length)
}

fn range(
    drop: &LinkDrop,
    to: Timestamp,
    onset: impl Fn(&Bounds) -> Timestamp,
    end: impl Fn(&Bounds) -> Timestamp,
    length: Duration,
) -> TimeRange {
    const STEPPED_US: u64 = 1_000_000;
    let from = onset(&drop.onset);
    let Some(bounds) = &drop.end else { return TimeRange { from, to } };
    let label = end(bounds);
    // Where the clock was stepped inside the drop, its labels do not give its length.
    let stepped = label.micros_since(from).abs_diff(micros(length)) > STEPPED_US;
    TimeRange { from, to: if stepped { from + length } else { label } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::GapReason;
    use proptest::prelude::*;

    fn s(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn span(from: i64, to: i64) -> TimeRange {
        TimeRange { from: s(from), to: s(to) }
    }

    fn run(from: i64, to: i64) -> Run {
        let (started, last_seen) = (s(from), s(to));
        Run { id: 1, started, boot: None, boot_id: None, last_seen, ended: None }
    }

    fn gap(from: i64, to: i64) -> Gap {
        Gap { range: span(from, to), reason: GapReason::Stalled }
    }

    /// Down from `from` to `to`, each a second early or late.
    fn drop(from: i64, to: Option<i64>) -> LinkDrop {
        let bounds = |at| Bounds { earliest: s(at - 1), latest: s(at + 1) };
        let length = |more: i64| to.map_or(0, |to| to - from + more).max(0).unsigned_abs();
        LinkDrop {
            key: s(from),
            kind: DropKind::Drop,
            onset: bounds(from),
            end: to.map(bounds),
            min: Duration::from_secs(length(-2)),
            max: Duration::from_secs(length(2)),
            unobserved: Duration::ZERO,
            places: Vec::new(),
            answered: Vec::new(),
            silent: Vec::new(),
            flaps: 1,
        }
    }

    #[test]
    fn it_comes_with_bounds_and_with_what_was_observed() {
        let period = span(0, 1_000);
        let watched = observed(&period, &[run(100, 600), run(500, 900)], &[gap(600, 700)]);
        assert_eq!(watched, [span(100, 600), span(700, 900)]);
        let a = Availability::compute(&period, &watched, &[drop(200, Some(270))]).unwrap();
        assert_eq!((a.observed.as_secs(), a.elapsed.as_secs(), a.down.as_secs()), (700, 1_000, 70));
        let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
        assert!(near(a.ratio, 0.9) && near(a.lower, 1.0 - 72.0 / 700.0));
        assert!(near(a.upper, 1.0 - 68.0 / 700.0));
    }

    #[test]
    fn of_nothing_observed_there_is_none() {
        let period = span(0, 1_000);
        assert_eq!(Availability::compute(&period, &observed(&period, &[], &[]), &[]), None);
    }

    #[test]
    fn blips_do_not_count_and_a_drop_that_lasts_does() {
        let period = span(0, 1_000);
        let watched = observed(&period, &[run(0, 800)], &[]);
        let blip = LinkDrop { kind: DropKind::Blip, ..drop(10, Some(14)) };
        let a = Availability::compute(&period, &watched, &[blip, drop(600, None)]).unwrap();
        assert_eq!(a.down.as_secs(), 200);
    }

    #[test]
    fn a_step_of_the_clock_inside_a_drop_does_not_count() {
        let period = span(0, 10_000);
        let watched = observed(&period, &[run(0, 10_000)], &[]);
        let mut stepped = drop(1_000, Some(1_090));
        stepped.end = Some(Bounds { earliest: s(4_689), latest: s(4_691) });
        let a = Availability::compute(&period, &watched, &[stepped]).unwrap();
        assert_eq!(a.down.as_secs(), 90);
    }

    fn spans() -> impl Strategy<Value = Vec<(i64, i64)>> {
        prop::collection::vec((0_i64..300, 0_i64..60).prop_map(|(at, n)| (at, at + n)), 0..8)
    }

    proptest! {
        #[test]
        fn up_down_and_unobserved_are_the_elapsed_time(
            lives in spans(), gaps in spans(), down in spans(), from in 0_i64..200, n in 1_i64..200,
        ) {
            let period = span(from, from + n);
            let runs: Vec<_> = lives.iter().map(|(a, b)| run(*a, *b)).collect();
            let gapped: Vec<_> = gaps.iter().map(|(a, b)| gap(*a, *b)).collect();
            let drops: Vec<_> = down.iter().map(|(a, b)| drop(*a, Some(*b))).collect();
            let within = |spans: &[(i64, i64)], t: i64| spans.iter().any(|(a, b)| (*a..*b).contains(&t));
            let watched_at = |t: &i64| within(&lives, *t) && !within(&gaps, *t);
            let seconds = (from..from + n).filter(watched_at).count() as u64;
            let dark = (from..from + n).filter(|t| watched_at(t) && within(&down, *t)).count() as u64;
            let watched = observed(&period, &runs, &gapped);
            prop_assert_eq!(total(&watched).as_secs(), seconds);
            match Availability::compute(&period, &watched, &drops) {
                None => prop_assert_eq!(seconds, 0),
                Some(a) => {
                    prop_assert_eq!(a.down.as_secs(), dark);
                    prop_assert!(0.0 <= a.lower && a.lower <= a.ratio && a.ratio <= a.upper);
                    let unobserved = a.elapsed.checked_sub(a.observed).unwrap();
                    prop_assert_eq!(a.up() + a.down + unobserved, a.elapsed);
                }
            }
        }
    }
}
