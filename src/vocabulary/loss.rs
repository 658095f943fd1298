//! Round-trip loss (RFC 6673): probes without a right answer within the loss threshold, of those
//! sent. Probes not sent are in neither count.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::measurement::Outcome;

/// Lost of sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LossRatio {
    /// Probes without a right answer in time; late ones are among them.
    pub lost: u64,
    /// Probes sent.
    pub sent: u64,
}

impl LossRatio {
    /// Counts one more outcome.
    pub fn count(&mut self, outcome: &Outcome) {
        self.lost += u64::from(outcome.is_lost());
        self.sent += u64::from(outcome.was_sent());
    }

    /// From 0 to 1; `None` when nothing was sent.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    pub fn ratio(&self) -> Option<f64> {
        (self.sent > 0).then(|| self.lost as f64 / self.sent as f64)
    }
}

impl std::ops::AddAssign for LossRatio {
    fn add_assign(&mut self, other: Self) {
        self.lost += other.lost;
        self.sent += other.sent;
    }
}

impl std::iter::Sum for LossRatio {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |mut sum, one| {
            sum += one;
            sum
        })
    }
}

/// `2.3 % (14 of 604)`. A loss too small for one digit shows as many as it takes: `0.0012 %`
/// is not `0.0 %`, and neither is 100 % what is not all.
impl fmt::Display for LossRatio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(ratio) = self.ratio() else { return f.write_str("nothing sent") };
        let percent = 100.0 * ratio;
        let rest = if self.lost == 0 || self.lost == self.sent {
            100.0
        } else {
            percent.min(100.0 - percent)
        };
        let digits = (1..=9).find(|d| rest >= 10_f64.powi(-d)).unwrap_or(9);
        let digits = usize::try_from(digits).unwrap_or(1);
        write!(f, "{percent:.digits$} % ({} of {})", self.lost, self.sent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::NotSent;
    use std::time::Duration;

    #[test]
    fn late_counts_as_lost_and_not_sent_as_nothing() {
        let mut loss = LossRatio::default();
        for outcome in [
            Outcome::reply(Duration::from_millis(1)),
            Outcome::Lost,
            Outcome::Late { rtt: Duration::from_secs(4) },
            Outcome::NotSent(NotSent::NoRoute),
        ] {
            loss.count(&outcome);
        }
        assert_eq!(loss, LossRatio { lost: 2, sent: 3 });
    }

    #[test]
    fn it_prints_with_both_counts() {
        let text = |lost, sent| LossRatio { lost, sent }.to_string();
        assert_eq!(text(14, 604), "2.3 % (14 of 604)");
        assert_eq!(text(0, 604), "0.0 % (0 of 604)");
        assert_eq!(text(604, 604), "100.0 % (604 of 604)");
        assert_eq!(text(1, 86_400), "0.001 % (1 of 86400)");
        assert_eq!(text(86_399, 86_400), "99.999 % (86399 of 86400)");
        assert_eq!(text(0, 0), "nothing sent");
    }

    #[test]
    fn sums_add_both_counts() {
        let sum: LossRatio = (0..4).map(|lost| LossRatio { lost, sent: 10 }).sum();
        assert_eq!(sum, LossRatio { lost: 6, sent: 40 });
    }
}
