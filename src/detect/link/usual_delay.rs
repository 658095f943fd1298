//! The usual delay of the anchors: the median of the last answers.

use crate::time::Micros;

/// Delays of which the median is the usual one.
const DELAYS: usize = 31;

/// The last delays of the anchors, in microseconds.
#[derive(Debug, Clone, Default)]
pub(crate) struct UsualDelay {
    ring: [i32; DELAYS],
    /// The same in order, as far as it is filled: it is asked for at every probe.
    sorted: [i32; DELAYS],
    next: usize,
    filled: usize,
}

impl UsualDelay {
    pub(crate) fn push(&mut self, delay: Micros) {
        let delay = i32::try_from(delay.as_i64()).unwrap_or(i32::MAX);
        if self.filled == DELAYS {
            let oldest = self.sorted.partition_point(|known| *known < self.ring[self.next]);
            self.sorted.copy_within(oldest + 1.., oldest);
            self.filled -= 1;
        }
        let place = self.sorted[..self.filled].partition_point(|known| *known < delay);
        self.sorted.copy_within(place..self.filled, place + 1);
        self.sorted[place] = delay;
        self.ring[self.next] = delay;
        self.next = (self.next + 1) % DELAYS;
        self.filled += 1;
    }

    /// The usual delay; zero before the first.
    pub(crate) fn median(&self) -> Micros {
        let known = &self.sorted[..self.filled];
        Micros::new(known.get(known.len() / 2).copied().unwrap_or(0).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_the_median_of_the_last_delays(delays in prop::collection::vec(0_i32..50, 0..200)) {
            let mut usual = UsualDelay::default();
            for delay in &delays {
                usual.push(Micros::new((*delay).into()));
            }
            let mut last: Vec<_> = delays.iter().rev().take(DELAYS).collect();
            last.sort_unstable();
            let median = last.get(last.len() / 2).map_or(0, |delay| **delay);
            prop_assert_eq!(usual.median(), Micros::new(median.into()));
        }
    }
}
