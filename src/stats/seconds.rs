//! The stream of anchor probes, counted by quarter of an hour, in one pass.
//!
//! Samples come in the order of the record: run, minute, target. What is kept is a quarter of an
//! hour at a time and a few counters, so a year takes a few megabytes. A minute whose label comes
//! again after the clock was set back is another minute.

mod hours;

use std::time::Duration;

use crate::time::{TimeRange, Timestamp, micros};
use crate::vocabulary::LossRatio;
use crate::vocabulary::{Measurement, Outcome, TargetId};

/// An answer after this is lost by the rule of `SamKnows`.
pub(super) const SAMKNOWS_TMAX: Duration = Duration::from_secs(2);
/// The round trip that CRTC 2018-241 asks for at peak.
pub(super) const CRTC_RTT: Duration = Duration::from_millis(50);

/// Everything counted of a period.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SecondTally {
    /// Quarters of an hour with at least one probe, in the order of the record.
    pub quarters: Vec<QuarterHour>,
}

/// Anchor probes of a quarter of an hour, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QuarterHour {
    /// Quarters of an hour since the Unix epoch.
    pub number: i64,
    /// Lost of sent.
    pub loss: LossRatio,
    /// Lost of sent when an answer is waited for 2 s.
    pub loss_2s: LossRatio,
    /// Answers in time.
    pub answered: u64,
    /// Answers within 50 ms.
    pub within_50ms: u64,
    /// Outside drops.
    pub calm: CalmProbes,
}

/// Anchor probes outside drops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CalmProbes {
    /// Lost of sent.
    pub loss: LossRatio,
    /// Sum of the delays of answers in time, microseconds.
    pub rtt_us: u64,
    /// Answers in time.
    pub answered: u64,
    /// Sum of the absolute IPDV (RFC 3393), microseconds.
    pub ipdv_us: u64,
    /// Pairs of which IPDV is defined.
    pub pairs: u64,
}

impl std::ops::AddAssign for CalmProbes {
    fn add_assign(&mut self, other: Self) {
        self.loss += other.loss;
        self.rtt_us += other.rtt_us;
        self.answered += other.answered;
        self.ipdv_us += other.ipdv_us;
        self.pairs += other.pairs;
    }
}

/// A deciding anchor whose probes are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedAnchor {
    /// Which.
    pub target: TargetId,
    /// Time between its probes.
    pub interval: Duration,
    /// Its troubles of its own, ordered and disjoint: they say nothing about the link, and its
    /// probes in them are passed over.
    pub troubles: Vec<TimeRange>,
}

/// Takes the samples of the record, gives a [`SecondTally`].
#[derive(Debug)]
pub struct SecondCounter {
    period: TimeRange,
    anchors: Vec<CountedAnchor>,
    /// When the previous probe of each anchor was sent, and its delay; `None` where it had none.
    before: Vec<Option<(i64, u32)>>,
    down: Vec<TimeRange>,
    /// A stretch that is wholly within a drop or wholly outside.
    here: Option<(TimeRange, LinkCondition)>,
    minute: Option<(i64, i64)>,
    quarter: Option<QuarterHour>,
    quarters: Vec<QuarterHour>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LinkCondition {
    Down,
    Calm,
}

impl SecondCounter {
    /// For `anchors` in `period`; `down` are its drops, ordered and disjoint.
    pub fn new(period: TimeRange, anchors: Vec<CountedAnchor>, down: Vec<TimeRange>) -> Self {
        Self {
            period,
            before: vec![None; anchors.len()],
            anchors,
            down,
            here: None,
            minute: None,
            quarter: None,
            quarters: Vec::new(),
        }
    }

    /// Counts one sample of run `run`; those of other targets, outside the period or not sent are
    /// passed over.
    pub fn add(&mut self, run: i64, sample: &Measurement) {
        let Some(anchor) = self.anchors.iter().position(|a| a.target == sample.target) else {
            return;
        };
        let troubles = &self.anchors[anchor].troubles;
        let next = troubles.partition_point(|trouble| trouble.to <= sample.sent_at);
        if troubles.get(next).is_some_and(|trouble| trouble.contains(sample.sent_at)) {
            self.before[anchor] = None;
            return;
        }
        if !sample.outcome.was_sent() || !self.period.contains(sample.sent_at) {
            return;
        }
        let minute = sample.sent_at.minute();
        if self.minute != Some((run, minute)) {
            if self.minute.is_some_and(|(before, _)| before != run) {
                self.before.fill(None);
            }
            self.minute = Some((run, minute));
            let number = minute.div_euclid(15);
            if self.quarter.is_some_and(|q| q.number != number) {
                self.quarters.extend(self.quarter.take());
            }
            self.quarter.get_or_insert(QuarterHour { number, ..QuarterHour::default() });
        }
        let place = self.place(sample.sent_at);
        let ipdv = self.ipdv(anchor, place, sample);
        let Some(quarter) = &mut self.quarter else { return };
        quarter.loss.count(&sample.outcome);
        let answer = match &sample.outcome {
            Outcome::Reply(reply) => Some(reply.rtt),
            Outcome::Late { rtt } => Some(*rtt),
            _ => None,
        };
        quarter.loss_2s.sent += 1;
        quarter.loss_2s.lost += u64::from(answer.is_none_or(|rtt| rtt > SAMKNOWS_TMAX));
        let rtt = sample.outcome.rtt();
        quarter.answered += u64::from(rtt.is_some());
        quarter.within_50ms += u64::from(rtt.is_some_and(|rtt| rtt <= CRTC_RTT));
        if place == LinkCondition::Calm {
            let calm = &mut quarter.calm;
            calm.loss.count(&sample.outcome);
            calm.answered += u64::from(rtt.is_some());
            calm.rtt_us += rtt.map_or(0, |rtt| micros(rtt).unsigned_abs());
            calm.pairs += u64::from(ipdv.is_some());
            calm.ipdv_us += ipdv.unwrap_or_default();
        }
    }

    /// Whether an instant lies in a drop; searched only where the last answer no longer applies.
    fn place(&mut self, at: Timestamp) -> LinkCondition {
        if let Some((_, place)) = self.here.filter(|(range, _)| range.contains(at)) {
            return place;
        }
        let next = self.down.partition_point(|down| down.to <= at);
        let before = next.checked_sub(1).map_or(self.period.from, |i| self.down[i].to);
        let here = match self.down.get(next) {
            Some(down) if down.contains(at) => (*down, LinkCondition::Down),
            Some(down) => (TimeRange { from: before, to: down.from }, LinkCondition::Calm),
            None => (TimeRange { from: before, to: self.period.to }, LinkCondition::Calm),
        };
        self.here = Some(here);
        here.1
    }

    /// The absolute IPDV of the sample and the one before it of the same anchor, microseconds.
    fn ipdv(&mut self, anchor: usize, place: LinkCondition, sample: &Measurement) -> Option<u64> {
        let at = sample.sent_at.as_micros();
        let rtt = sample.outcome.rtt().filter(|_| place == LinkCondition::Calm);
        let rtt = rtt.and_then(|rtt| u32::try_from(rtt.as_micros()).ok());
        let (before, d0) = std::mem::replace(&mut self.before[anchor], rtt.map(|us| (at, us)))?;
        let d1 = rtt?;
        let neighbors =
            (1..micros(self.anchors[anchor].interval).saturating_mul(2)).contains(&(at - before));
        neighbors.then(|| u64::from(d1.abs_diff(d0)))
    }

    /// What was counted.
    pub fn finish(mut self) -> SecondTally {
        self.quarters.extend(self.quarter.take());
        SecondTally { quarters: self.quarters }
    }
}

#[cfg(test)]
mod tests;
