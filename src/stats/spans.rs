//! Lists of spans: what was observed, unions and intersections.

use std::time::Duration;

use crate::time::TimeRange;
use crate::vocabulary::{Gap, Run};

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

/// How much of `range` lies in ordered and disjoint spans.
pub(super) fn length_within(spans: &[TimeRange], range: TimeRange) -> Duration {
    let first = spans.partition_point(|span| span.to <= range.from);
    let parts = spans[first..].iter().take_while(|span| span.from < range.to);
    parts.filter_map(|span| span.intersect(&range)).map(|part| part.length()).sum()
}

/// What of `a` is not in `b`; both ordered and disjoint.
pub(super) fn without(a: &[TimeRange], b: &[TimeRange]) -> Vec<TimeRange> {
    let mut left = Vec::new();
    let mut first = 0;
    for span in a {
        let mut from = span.from;
        first += b[first..].partition_point(|gone| gone.to <= span.from);
        for gone in b[first..].iter().take_while(|gone| gone.from < span.to) {
            left.push(TimeRange { from, to: gone.from });
            from = from.max(gone.to);
        }
        left.push(TimeRange { from, to: span.to });
    }
    left.retain(|span| span.from < span.to);
    left
}
