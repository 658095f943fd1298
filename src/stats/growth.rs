//! How fast a quantity grows: the median of the slopes between all pairs of observations (Theil
//! 1950, Sen 1968), after removing one jump that outweighs all others: a film that was copied,
//! or an old backup removed, is not growth. A jump each week is.

use crate::time::Timestamp;

const DAY_US: i128 = 86_400_000_000;

/// Growth a day of what was observed, in order of time, in the unit of the values; negative when it
/// shrinks. `None` without two different instants.
pub fn growth_per_day(observed: &[(Timestamp, u64)]) -> Option<i64> {
    let mut values: Vec<(Timestamp, i128)> =
        observed.iter().map(|(at, value)| (*at, i128::from(*value))).collect();
    if let Some((after, by)) = singular_jump(&values) {
        for (_, value) in &mut values[after..] {
            *value -= by;
        }
    }
    let median = median_slope(&values)?;
    Some(i64::try_from(median).unwrap_or(if median < 0 { i64::MIN } else { i64::MAX }))
}

/// The first observation after a jump, and its height, where it is higher than all others in its
/// direction together. A step is a jump by as much as it exceeds the usual step of its length.
fn singular_jump(values: &[(Timestamp, i128)]) -> Option<(usize, i128)> {
    let usual = median(values.windows(2).filter_map(|pair| slope(pair[0], pair[1])).collect())?;
    let beyond = |pair: &[(Timestamp, i128)]| {
        let length = i128::from(pair[1].0.micros_since(pair[0].0));
        pair[1].1 - pair[0].1 - usual * length / DAY_US
    };
    let jumps: Vec<i128> = values.windows(2).map(beyond).collect();
    let (n, highest) = jumps.iter().copied().enumerate().max_by_key(|(_, jump)| jump.abs())?;
    let alike = jumps.iter().filter(|jump| jump.signum() == highest.signum());
    let others = alike.map(|jump| jump.abs()).sum::<i128>() - highest.abs();
    (highest.abs() > others).then_some((n + 1, highest))
}

/// The median of the slopes of all pairs, a day.
fn median_slope(values: &[(Timestamp, i128)]) -> Option<i128> {
    let later_slopes = |(n, a): (usize, &(Timestamp, i128))| {
        let a = *a;
        values[n + 1..].iter().filter_map(move |b| slope(a, *b))
    };
    median(values.iter().enumerate().flat_map(later_slopes).collect())
}

/// Rounded down; `None` of one instant.
fn slope(from: (Timestamp, i128), to: (Timestamp, i128)) -> Option<i128> {
    let length = i128::from(to.0.micros_since(from.0));
    (length != 0).then(|| ((to.1 - from.1) * DAY_US * length.signum()).div_euclid(length.abs()))
}

/// The mean of the two in the middle where their number is even.
fn median(mut of: Vec<i128>) -> Option<i128> {
    let middle = of.len().checked_sub(1)? / 2;
    let is_even = of.len().is_multiple_of(2);
    let (_, lower, above) = of.select_nth_unstable(middle);
    let upper = if is_even { above.iter().min().copied().unwrap_or(*lower) } else { *lower };
    Some((*lower + upper).div_euclid(2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn days(values: &[u64]) -> Vec<(Timestamp, u64)> {
        (0..).map(|day| Timestamp::from_seconds(day * 86_400)).zip(values.iter().copied()).collect()
    }

    #[test]
    fn a_straight_line_has_its_slope_whichever_way_it_goes() {
        assert_eq!(growth_per_day(&days(&[100, 107, 114, 121])), Some(7));
        assert_eq!(growth_per_day(&days(&[121, 114, 107, 100])), Some(-7));
        assert_eq!(growth_per_day(&days(&[5, 5, 5])), Some(0));
    }

    #[test]
    fn of_one_instant_there_is_no_growth_known() {
        assert_eq!(growth_per_day(&[]), None);
        assert_eq!(growth_per_day(&days(&[5])), None);
        let at = Timestamp::from_seconds(5);
        assert_eq!(growth_per_day(&[(at, 1), (at, 9)]), None);
    }

    #[test]
    fn one_jump_up_or_down_does_not_count_as_growth_wherever_it_lies() {
        for at in 1..28 {
            for (before, after) in [(1_000, 90_000), (90_000, 1_000)] {
                let mut values: Vec<u64> = (0..28).map(|day| before + day * 30).collect();
                for (day, value) in (0..).zip(&mut values).skip(at) {
                    *value = after + day * 30;
                }
                assert_eq!(growth_per_day(&days(&values)), Some(30), "{before} {at}");
            }
        }
    }

    #[test]
    fn a_jump_each_week_does() {
        let values: Vec<u64> = (0..28).map(|day| 5_000 + day / 7 * 700).collect();
        let found = growth_per_day(&days(&values)).unwrap();
        assert!((75..=100).contains(&found), "{found}");
    }

    #[test]
    fn days_that_were_not_observed_are_no_jump() {
        let day = |n: i64| (Timestamp::from_seconds(n * 86_400), n.unsigned_abs() * 50);
        assert_eq!(growth_per_day(&[day(0), day(1), day(2), day(30)]), Some(50));
    }

    #[test]
    fn what_is_rotated_away_each_week_is_hardly_growth() {
        // 100 more a day, all of it removed each seventh day.
        let values: Vec<u64> = (0..28).map(|day| 5_000 + day % 7 * 100).collect();
        let found = growth_per_day(&days(&values)).unwrap();
        assert!((0..=10).contains(&found), "{found}");
    }

    proptest! {
        #[test]
        fn it_is_the_median_of_the_slopes_of_all_pairs(
            points in prop::collection::vec((0_i64..5_000_000, 0_u64..1 << 40), 0..40),
        ) {
            let points: Vec<_> =
                points.into_iter().map(|(s, n)| (Timestamp::from_seconds(s), n)).collect();
            #[allow(clippy::cast_precision_loss, reason = "an oracle to within a rounding")]
            let naive = {
                let mut all = Vec::new();
                for (a, x) in &points {
                    for (b, y) in &points {
                        if a < b {
                            let days = b.micros_since(*a) as f64 / 86_400e6;
                            all.push((*y as f64 - *x as f64) / days);
                        }
                    }
                }
                all.sort_by(f64::total_cmp);
                let n = all.len();
                (n > 0).then(|| f64::midpoint(all[(n - 1) / 2], all[n / 2]))
            };
            let values: Vec<_> = points.iter().map(|(at, n)| (*at, i128::from(*n))).collect();
            let found = median_slope(&values);
            prop_assert_eq!(found.is_some(), naive.is_some());
            if let (Some(found), Some(naive)) = (found, naive) {
                #[allow(clippy::cast_precision_loss, reason = "an oracle to within a rounding")]
                let off = (found as f64 - naive).abs();
                prop_assert!(off <= 2.0 + naive.abs() * 1e-9, "{} {}", found, naive);
            }
        }
    }
}
