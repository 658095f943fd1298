//! Sets of time: what was watched and what was not, as sorted spans that do not touch.

use std::time::Duration;

use crate::time::{TimeRange, Timestamp, micros};

/// A set of instants, as sorted spans with something between each two.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spans(Vec<TimeRange>);

impl Spans {
    /// The union of `ranges`, in any order, overlapping or not; empty ones are left out.
    pub fn union(ranges: impl IntoIterator<Item = TimeRange>) -> Self {
        let mut sorted: Vec<_> = ranges.into_iter().filter(|r| r.from < r.to).collect();
        sorted.sort_by_key(|r| (r.from, r.to));
        let mut out: Vec<TimeRange> = Vec::with_capacity(sorted.len());
        for range in sorted {
            match out.last_mut() {
                Some(last) if range.from <= last.to => last.to = last.to.max(range.to),
                _ => out.push(range),
            }
        }
        Self(out)
    }

    /// What of `self` lies within `range`.
    #[must_use]
    pub fn within(&self, range: TimeRange) -> Self {
        Self(self.0.iter().filter_map(|r| r.intersect(&range)).collect())
    }

    /// What of `range` is not in `self`.
    #[must_use]
    pub fn missing_from(&self, range: TimeRange) -> Self {
        let mut out = Vec::new();
        let mut from = range.from;
        for taken in self.within(range).0 {
            if from < taken.from {
                out.push(TimeRange { from, to: taken.from });
            }
            from = taken.to;
        }
        if from < range.to {
            out.push(TimeRange { from, to: range.to });
        }
        Self(out)
    }

    /// The sum of all lengths.
    pub fn length(&self) -> Duration {
        self.0.iter().map(TimeRange::length).sum()
    }

    /// How much of `range` is in the set.
    pub fn length_within(&self, range: TimeRange) -> Duration {
        // Spans before `range` are skipped by search: a year of flapping has thousands.
        let first = self.0.partition_point(|r| r.to <= range.from);
        let us: i64 = self.0[first..]
            .iter()
            .take_while(|r| r.from < range.to)
            .filter_map(|r| r.intersect(&range))
            .map(|r| micros(r.length()))
            .sum();
        Duration::from_micros(u64::try_from(us).unwrap_or_default())
    }

    /// Whether `at` is in the set.
    pub fn contains(&self, at: Timestamp) -> bool {
        let first = self.0.partition_point(|r| r.to <= at);
        self.0.get(first).is_some_and(|r| r.contains(at))
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
    }
}
