//! Sets of time: arithmetic on ordered and disjoint spans, and [`Spans`], a set that keeps them so.

use std::time::Duration;

use super::{TimeRange, Timestamp};

/// The length of disjoint spans together.
pub fn total(ranges: &[TimeRange]) -> Duration {
    ranges.iter().map(TimeRange::length).sum()
}

/// The same instants as ordered and disjoint spans; empty ones are dropped.
pub fn union(mut ranges: Vec<TimeRange>) -> Vec<TimeRange> {
    ranges.retain(|range| range.from < range.to);
    ranges.sort_unstable_by_key(|range| range.from);
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
pub fn common(a: &[TimeRange], b: &[TimeRange]) -> Vec<TimeRange> {
    let (mut i, mut j) = (0, 0);
    let mut both = Vec::new();
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        both.extend(x.intersect(y));
        if x.to < y.to { i += 1 } else { j += 1 }
    }
    both
}

/// What of `spans` is in none of `others`; both are ordered and disjoint.
pub fn without(spans: &[TimeRange], others: &[TimeRange]) -> Vec<TimeRange> {
    let mut left = Vec::new();
    let mut first = 0;
    for span in spans {
        while others.get(first).is_some_and(|other| other.to <= span.from) {
            first += 1;
        }
        let mut from = span.from;
        for other in others[first..].iter().take_while(|other| other.from < span.to) {
            left.push(TimeRange { from, to: other.from });
            from = from.max(other.to);
        }
        left.push(TimeRange { from, to: span.to });
    }
    left.retain(|range| range.from < range.to);
    left
}

/// What of ordered and disjoint spans lies in `range`.
pub fn within(spans: &[TimeRange], range: TimeRange) -> impl Iterator<Item = TimeRange> {
    let first = spans.partition_point(|span| span.to <= range.from);
    let overlapping = spans[first..].iter().take_while(move |span| span.from < range.to);
    overlapping.filter_map(move |span| span.intersect(&range))
}

/// How much of `range` lies in ordered and disjoint spans. Those before it are skipped by search: a
/// year of flapping has thousands.
pub fn length_within(spans: &[TimeRange], range: TimeRange) -> Duration {
    within(spans, range).map(|part| part.length()).sum()
}

/// The span that holds an instant.
pub fn span_at(spans: &[TimeRange], at: Timestamp) -> Option<&TimeRange> {
    let first = spans.partition_point(|span| span.to <= at);
    spans.get(first).filter(|span| span.from <= at)
}

/// A set of instants, as sorted spans with something between each two.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spans(Vec<TimeRange>);

impl Spans {
    /// The union of `ranges`, in any order, overlapping or not; empty ones are left out.
    pub fn union(ranges: impl IntoIterator<Item = TimeRange>) -> Self {
        Self(union(ranges.into_iter().collect()))
    }

    /// What of `self` lies within `range`.
    #[must_use]
    pub fn within(&self, range: TimeRange) -> Self {
        Self(within(&self.0, range).collect())
    }

    /// What of `range` is not in `self`.
    #[must_use]
    pub fn missing_from(&self, range: TimeRange) -> Self {
        Self(without(&[range], &self.0))
    }

    /// The sum of all lengths.
    pub fn length(&self) -> Duration {
        total(&self.0)
    }

    /// How much of `range` is in the set.
    pub fn length_within(&self, range: TimeRange) -> Duration {
        length_within(&self.0, range)
    }

    /// Whether `at` is in the set.
    pub fn contains(&self, at: Timestamp) -> bool {
        span_at(&self.0, at).is_some()
    }

    /// The spans, in order.
    pub fn into_inner(self) -> Vec<TimeRange> {
        self.0
    }

    /// The spans, in order.
    pub fn as_slice(&self) -> &[TimeRange] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn range(from: i64, to: i64) -> TimeRange {
        TimeRange { from: Timestamp::from_seconds(from), to: Timestamp::from_seconds(to) }
    }

    fn spans(parts: &[(i64, i64)]) -> Vec<TimeRange> {
        union(parts.iter().map(|(from, length)| range(*from, from + length)).collect())
    }

    proptest! {
        #[test]
        fn sets_of_time_agree_with_a_count_of_every_second(
            parts in prop::collection::vec((0_i64..60, 0_i64..20), 0..8),
            (from, length) in (0_i64..60, 0_i64..60),
        ) {
            let set = Spans::union(parts.iter().map(|&(a, n)| range(a, a + n)));
            let whole = range(from, from + length);
            let inside = |s: i64| parts.iter().any(|&(a, n)| (a..a + n).contains(&s));
            let hit = (from..from + length).filter(|&s| inside(s)).count() as u64;
            let missed = (from..from + length).filter(|&s| !inside(s)).count() as u64;
            prop_assert_eq!(set.length_within(whole).as_secs(), hit);
            prop_assert_eq!(set.within(whole).length().as_secs(), hit);
            prop_assert_eq!(set.missing_from(whole).length().as_secs(), missed);
            for s in 0..90 {
                prop_assert_eq!(set.contains(Timestamp::from_seconds(s)), inside(s));
            }
            prop_assert!(set.as_slice().windows(2).all(|w| w[0].to < w[1].from));
        }

        #[test]
        fn what_is_left_is_what_a_count_of_every_second_leaves(
            a in prop::collection::vec((0_i64..60, 1_i64..20), 0..6),
            b in prop::collection::vec((0_i64..60, 1_i64..20), 0..6),
            (from, length) in (0_i64..60, 1_i64..60),
        ) {
            let (a, b) = (spans(&a), spans(&b));
            let (left, cut) = (without(&a, &b), range(from, from + length));
            let cut: Vec<_> = within(&a, cut).collect();
            for second in 0..130 {
                let at = Timestamp::from_seconds(second);
                let in_a = span_at(&a, at).is_some();
                prop_assert_eq!(in_a, a.iter().any(|span| span.contains(at)));
                prop_assert_eq!(span_at(&left, at).is_some(), in_a && span_at(&b, at).is_none());
                let inside = (from..from + length).contains(&second);
                prop_assert_eq!(span_at(&cut, at).is_some(), in_a && inside);
            }
            prop_assert!(left.windows(2).all(|pair| pair[0].to <= pair[1].from));
        }
    }
}
