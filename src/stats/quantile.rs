//! Exact quantiles by nearest rank: the smallest value that at least a share `q` of all values does
//! not exceed. It is always a value that was measured; no interpolation.

use std::time::Duration;

/// Delays in ascending order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sorted(Vec<u32>);

impl Sorted {
    /// Sorts microseconds.
    pub fn new(mut us: Vec<u32>) -> Self {
        us.sort_unstable();
        Self(us)
    }
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// The quantile `q` from 0 to 1; `None` of nothing. 0 is the least, 1 the greatest.
    pub fn quantile(&self, q: f64) -> Option<Duration> {
        let at = rank(q, self.0.len() as u64)?;
        self.0.get(usize::try_from(at - 1).ok()?).map(|us| Duration::from_micros((*us).into()))
    }
    /// The arithmetic mean, rounded down to a microsecond; `None` of nothing.
    pub fn mean(&self) -> Option<Duration> {
        let sum: u64 = self.0.iter().map(|us| u64::from(*us)).sum();
        sum.checked_div(self.0.len() as u64).map(Duration::from_micros)
    }
}

/// The quantile `q` of microseconds in any order, in linear time; the slice is reordered.
pub fn quantile(us: &mut [u32], q: f64) -> Option<Duration> {
    let at = usize::try_from(rank(q, us.len() as u64)? - 1).ok()?;
    let (_, value, _) = us.select_nth_unstable(at);
    Some(Duration::from_micros((*value).into()))
}

/// Rank from 1 to `n` of the quantile `q` of `n` values.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts are far below 2^52, and the product lies between 0 and n"
)]
pub(super) fn rank(q: f64, n: u64) -> Option<u64> {
    // 0.95 x 20 is 19.000000000000004 in binary: the rank is 19 all the same.
    let exact = q.clamp(0.0, 1.0) * n as f64;
    let nearest = exact.round();
    let up = if (exact - nearest).abs() < 1e-9 * exact.max(1.0) { nearest } else { exact.ceil() };
    (n > 0).then(|| (up as u64).clamp(1, n))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_quantile_is_the_first_value_with_enough_below(
            mut us in prop::collection::vec(0_u32..100, 1..200),
            percent in 0_u32..=100,
        ) {
            let enough = |v: u32| {
                let below = us.iter().filter(|u| **u <= v).count() as u64;
                below * 100 >= u64::from(percent) * us.len() as u64
            };
            let least = *us.iter().min().unwrap();
            let naive = (least..=100).find(|v| enough(*v) && us.contains(v)).unwrap();
            let q = f64::from(percent) / 100.0;
            let naive = Some(Duration::from_micros(naive.into()));
            prop_assert_eq!(Sorted::new(us.clone()).quantile(q), naive);
            prop_assert_eq!(quantile(&mut us, q), naive);
        }
    }

    #[test]
    fn known_quantiles() {
        let sorted = Sorted::new((1..=20).rev().collect());
        let us = |q| sorted.quantile(q).unwrap().as_micros();
        assert_eq!((us(0.0), us(0.5), us(0.95), us(0.99), us(1.0)), (1, 10, 19, 20, 20));
        assert_eq!(sorted.mean(), Some(Duration::from_micros(10)));
        assert_eq!(Sorted::default().quantile(0.5), None);
        assert_eq!(Sorted::default().mean(), None);
        assert_eq!(quantile(&mut [], 0.5), None);
    }
}
