//! Availability: the share of judged time in which the link was up, up / (up + down), and how much
//! of a period was judged.
//!
//! Blips are listed separately and do not count, for random loss alone causes some. The bounds hold
//! the truth whatever the disputed time was: the upper with disputed time as up and each drop as
//! short as it can have been, the lower with disputed time as down and each as long.

use std::time::Duration;

use super::ledger::TimeLedger;
use crate::time::spans::total;

/// Share of the judged time of a period in which the link was up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Availability {
    /// From 0 to 1, by the likely length of each drop.
    pub ratio: f64,
    /// The least it can have been.
    pub lower: f64,
    /// The most it can have been.
    pub upper: f64,
    /// Judged time in which the link was down, likely.
    pub down: Duration,
    /// Judged time: up and down.
    pub observed: Duration,
    /// Time in which the anchors were silent and something else answered: in the bounds alone.
    pub disputed: Duration,
    /// Length of the period.
    pub elapsed: Duration,
}

impl Availability {
    /// Of the time of a period; `None` when none of it was judged.
    pub fn of(ledger: &TimeLedger) -> Option<Self> {
        let (judged, disputed) = (total(&ledger.judged), total(&ledger.disputed));
        if judged.is_zero() {
            return None;
        }
        let share = |up: Duration, of: Duration| up.as_secs_f64() / of.as_secs_f64();
        let all = judged + disputed;
        Some(Self {
            ratio: share(ledger.up(), judged),
            lower: share(judged.saturating_sub(ledger.down.max), all),
            upper: share((judged + disputed).saturating_sub(ledger.down.min), all),
            down: ledger.likely_down,
            observed: judged,
            disputed,
            elapsed: ledger.elapsed,
        })
    }

    /// Judged time in which the link was up.
    pub fn up(&self) -> Duration {
        self.observed.saturating_sub(self.down)
    }
}
