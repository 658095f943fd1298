//! How much each target usually loses: the last 1,440 minutes of calm time.

use std::collections::VecDeque;

/// Minutes with which the present is compared: a day.
const MINUTES: usize = 1_440;

/// Probes, and what of them was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct LossRunCount {
    pub(crate) sent: u32,
    /// Lost, late ones among them.
    pub(crate) lost: u32,
    /// Losses that do not follow another: losses come in runs, and runs alone are independent.
    pub(crate) runs: u32,
}

impl LossRunCount {
    pub(crate) fn add(&mut self, other: Self) {
        self.sent += other.sent;
        self.lost += other.lost;
        self.runs += other.runs;
    }
    pub(crate) fn rate(&self) -> f64 {
        ratio(self.lost, self.sent)
    }
    pub(crate) fn run_rate(&self) -> f64 {
        ratio(self.runs, self.sent)
    }
}

fn ratio(part: u32, whole: u32) -> f64 {
    if whole == 0 { 0.0 } else { f64::from(part) / f64::from(whole) }
}

/// The minutes of one target, oldest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct UsualLoss {
    minutes: VecDeque<[u16; 3]>,
    total: LossRunCount,
    /// The minute that is being filled.
    newest: Option<i64>,
}

impl UsualLoss {
    /// Adds what was seen in a part of the minute with this number.
    pub(crate) fn add(&mut self, minute: i64, count: LossRunCount) {
        if count.sent == 0 {
            return;
        }
        if self.newest != Some(minute) {
            self.newest = Some(minute);
            if self.minutes.len() == MINUTES
                && let Some([sent, lost, runs]) = self.minutes.pop_front()
            {
                self.total.sent -= u32::from(sent);
                self.total.lost -= u32::from(lost);
                self.total.runs -= u32::from(runs);
            }
            self.minutes.push_back([0; 3]);
        }
        let Some(newest) = self.minutes.back_mut() else { return };
        let more = [count.sent, count.lost, count.runs];
        let totals = [&mut self.total.sent, &mut self.total.lost, &mut self.total.runs];
        for ((known, more), total) in newest.iter_mut().zip(more).zip(totals) {
            let sum = u32::from(*known).saturating_add(more);
            let sum = u16::try_from(sum).unwrap_or(u16::MAX);
            *total += u32::from(sum - *known);
            *known = sum;
        }
    }

    /// All of the day.
    pub(crate) fn total(&self) -> LossRunCount {
        self.total
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
impl UsualLoss {
    pub(crate) fn kept(&self) -> usize {
        self.minutes.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_total_is_the_sum_of_the_last_minutes(
            parts in prop::collection::vec((0_i64..3, 0_u32..9, 0_u32..4), 0..4_000),
        ) {
            let mut usual = UsualLoss::default();
            let mut naive: Vec<(i64, LossRunCount)> = Vec::new();
            let mut minute = 0;
            for (step, sent, lost) in parts {
                minute += step;
                let count = LossRunCount { sent, lost: lost.min(sent), runs: lost.min(sent) / 2 };
                usual.add(minute, count);
                if sent > 0 {
                    naive.push((minute, count));
                }
            }
            let mut minutes: Vec<i64> = naive.iter().map(|(minute, _)| *minute).collect();
            minutes.dedup();
            let first = minutes[minutes.len().saturating_sub(MINUTES)..].first().copied();
            let mut sum = LossRunCount::default();
            naive.iter().filter(|(m, _)| Some(*m) >= first).for_each(|(_, c)| sum.add(*c));
            prop_assert_eq!(usual.total(), sum);
        }
    }
}
