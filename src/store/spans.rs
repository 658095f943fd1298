//! Arithmetic on ordered and disjoint spans of time.

use crate::time::{TimeRange, Timestamp};

/// What of `spans` is in none of `others`; both are ordered and disjoint.
pub(in crate::store) fn without(spans: &[TimeRange], others: &[TimeRange]) -> Vec<TimeRange> {
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
pub(in crate::store) fn within(
    spans: &[TimeRange],
    range: TimeRange,
) -> impl Iterator<Item = TimeRange> {
    let first = spans.partition_point(|span| span.to <= range.from);
    let overlapping = spans[first..].iter().take_while(move |span| span.from < range.to);
    overlapping.filter_map(move |span| span.intersect(&range))
}

/// The span that holds an instant.
pub(in crate::store) fn span_at(spans: &[TimeRange], at: Timestamp) -> Option<&TimeRange> {
    let first = spans.partition_point(|span| span.to <= at);
    spans.get(first).filter(|span| span.from <= at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::union;

    fn range(from: i64, to: i64) -> TimeRange {
        TimeRange { from: Timestamp::from_seconds(from), to: Timestamp::from_seconds(to) }
    }

    fn spans(parts: &[(i64, i64)]) -> Vec<TimeRange> {
        union(parts.iter().map(|(from, length)| range(*from, from + length)).collect())
    }

    proptest! {
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
