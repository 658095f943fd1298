//! The one place where outcomes are counted.

use super::loss::LossRatio;
use super::measurement::Outcome;

/// Slots of one target or of several together, counted by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ProbeCounts {
    /// Probes sent.
    pub sent: u64,
    /// Of those sent, the ones without a right answer in time; late ones are among them.
    pub lost: u64,
    /// Of those lost, the ones that were answered after the loss threshold.
    pub late: u64,
    /// Slots in which no probe left this host: neither sent nor lost.
    pub not_sent: u64,
}

impl ProbeCounts {
    /// Counts one more outcome.
    pub fn count(&mut self, outcome: &Outcome) {
        self.sent += u64::from(outcome.was_sent());
        self.lost += u64::from(outcome.is_lost());
        self.late += u64::from(outcome.is_late());
        self.not_sent += u64::from(!outcome.was_sent());
    }

    /// A probe that was counted as lost turned out to be `outcome`: only a late answer changes a
    /// count, and a late probe stays lost.
    pub fn revise(&mut self, outcome: &Outcome) {
        self.late += u64::from(outcome.is_late());
    }

    /// Probes answered in time.
    pub fn answered(&self) -> u64 {
        self.sent.saturating_sub(self.lost)
    }

    /// Slots in all.
    pub fn slots(&self) -> u64 {
        self.sent + self.not_sent
    }

    /// Lost of sent.
    pub fn loss(&self) -> LossRatio {
        LossRatio { lost: self.lost, sent: self.sent }
    }
}

impl std::ops::AddAssign for ProbeCounts {
    fn add_assign(&mut self, other: Self) {
        self.sent += other.sent;
        self.lost += other.lost;
        self.late += other.late;
        self.not_sent += other.not_sent;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::vocabulary::NotSent;

    const LATE: Outcome = Outcome::Late { rtt: Duration::from_secs(4) };

    #[test]
    fn every_slot_is_either_sent_or_not_and_a_late_answer_counts_as_lost() {
        let mut counts = ProbeCounts::default();
        for outcome in [
            Outcome::reply(Duration::from_millis(1)),
            Outcome::Lost,
            LATE,
            Outcome::NotSent(NotSent::NoRoute),
        ] {
            counts.count(&outcome);
        }
        assert_eq!(counts, ProbeCounts { sent: 3, lost: 2, late: 1, not_sent: 1 });
        assert_eq!((counts.answered(), counts.slots()), (1, 4));
        assert_eq!(counts.loss(), LossRatio { lost: 2, sent: 3 });
    }

    #[test]
    fn a_revision_ends_in_the_counts_that_the_late_answer_would_have_made_at_once() {
        let (mut revised, mut at_once) = (ProbeCounts::default(), ProbeCounts::default());
        revised.count(&Outcome::Lost);
        revised.revise(&LATE);
        at_once.count(&LATE);
        assert_eq!(revised, at_once);
    }
}
