//! Delay variation: PDV (RFC 5481 §4.2, delay above the least delay) and IPDV (RFC 3393, difference
//! between successive packets). Both are defined for answered probes only; here of round trips.

use std::time::Duration;

use super::quantile::Sorted;

/// The quantile `q` of the PDV: that of the delays above the least of them; `None` of nothing.
pub fn pdv(delays: &Sorted, q: f64) -> Option<Duration> {
    delays.quantile(q)?.checked_sub(delays.quantile(0.0)?)
}

/// Differences D(i) - D(i-1) in microseconds between probes sent one after the other that were both
/// answered; a lost one (`None`) leaves its two neighbors without a difference.
pub fn ipdv(us: impl IntoIterator<Item = Option<u32>>) -> impl Iterator<Item = i64> {
    let mut before = None;
    us.into_iter().filter_map(move |now| {
        let pair = std::mem::replace(&mut before, now).zip(now);
        pair.map(|(d0, d1)| i64::from(d1) - i64::from(d0))
    })
}

/// Mean of the absolute differences of [`ipdv`], rounded down to a microsecond; `None` of nothing.
pub fn mean_ipdv(us: impl IntoIterator<Item = Option<u32>>) -> Option<Duration> {
    let (sum, n) = ipdv(us).fold((0_u64, 0_u64), |(s, n), d| (s + d.unsigned_abs(), n + 1));
    sum.checked_div(n).map(Duration::from_micros)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_lost_probe_parts_the_pairs() {
        let us = [Some(10), Some(14), None, Some(20), Some(17), Some(17)];
        assert_eq!(ipdv(us).collect::<Vec<_>>(), [4, -3, 0]);
        assert_eq!(mean_ipdv(us), Some(Duration::from_micros(2)));
        assert_eq!(mean_ipdv([Some(1), None, Some(2)]), None);
    }

    proptest! {
        #[test]
        fn ipdv_is_the_difference_of_each_answered_pair(
            us in prop::collection::vec(prop::option::of(0_u32..5_000_000), 0..100),
        ) {
            let mut naive = Vec::new();
            for pair in us.windows(2) {
                if let (Some(a), Some(b)) = (pair[0], pair[1]) {
                    naive.push(i64::from(b) - i64::from(a));
                }
            }
            prop_assert_eq!(ipdv(us).collect::<Vec<_>>(), naive);
        }

        #[test]
        fn pdv_is_the_quantile_of_delays_above_the_least(
            us in prop::collection::vec(0_u32..5_000_000, 1..100), percent in 0_u32..=100,
        ) {
            let least = *us.iter().min().unwrap();
            let above = Sorted::new(us.iter().map(|u| u - least).collect());
            let q = f64::from(percent) / 100.0;
            prop_assert_eq!(pdv(&Sorted::new(us), q), above.quantile(q));
        }
    }
}
