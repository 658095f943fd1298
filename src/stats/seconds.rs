//! The stream of anchor probes, counted by second, interval and quarter of an hour, in one pass.
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
/// Consecutive seconds that begin or end unavailable time (G.826).
const IN_A_ROW: u64 = 10;
/// Seconds without a probe that separate two stretches: fewer are skipped.
const PARTING_S: i64 = 3;
/// The fewest probes of an interval that is judged.
pub(super) const M_AV: u64 = 20;

/// Everything counted of a period.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SecondTally {
    /// Quarters of an hour with at least one probe, in the order of the record.
    pub quarters: Vec<QuarterHour>,
    /// G.826-style; `None` without ten watched seconds in a row.
    pub errored: Option<ErroredSeconds>,
    /// Y.1540-style, loss above 75 % over 5 min.
    pub old_intervals: LossIntervals,
    /// Y.1540-style, loss above 20 % over 1 min.
    pub new_intervals: LossIntervals,
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

/// Severely errored and unavailable seconds, after G.826. An SES is a second in which at least
/// half of the anchor probes are lost. Ten in a row begin unavailable time and belong to it; ten
/// other seconds in a row end it and do not. Up to two seconds in a row without a probe are passed
/// over; more, or another run, part two stretches, each judged alone from available time on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ErroredSeconds {
    /// SES in available time.
    pub severely_errored: u64,
    /// Seconds of unavailable time.
    pub unavailable: u64,
    /// Seconds with a probe.
    pub watched: u64,
}

/// Intervals judged by their loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LossIntervals {
    /// With loss above the limit.
    pub unavailable: u64,
    /// With at least 20 probes, the first and last at least half an interval apart.
    pub judged: u64,
}

/// Finds unavailable time, second by second.
#[derive(Debug, Default)]
struct AvailabilityMachine {
    last: Option<i64>,
    state: AvailabilityState,
    /// Seconds in a row that speak for the other state.
    pending: u64,
    stretch: u64,
    longest: u64,
    counts: ErroredSeconds,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum AvailabilityState {
    #[default]
    Available,
    Unavailable,
}

impl AvailabilityMachine {
    fn on_second(&mut self, second: i64, loss: LossRatio) {
        if self.last.is_some_and(|last| !(1..=PARTING_S).contains(&(second - last))) {
            self.part();
        }
        self.last = Some(second);
        self.stretch += 1;
        self.longest = self.longest.max(self.stretch);
        self.counts.watched += 1;
        let severely_errored = loss.lost * 2 >= loss.sent;
        match (self.state, severely_errored) {
            (AvailabilityState::Available, true) | (AvailabilityState::Unavailable, false) => {
                self.pending += 1;
                if self.pending == IN_A_ROW {
                    self.turn();
                }
            }
            (AvailabilityState::Available, false) => self.settle(),
            (AvailabilityState::Unavailable, true) => {
                self.settle();
                self.counts.unavailable += 1;
            }
        }
    }

    /// Ten in a row: the other state has held since the first of them.
    fn turn(&mut self) {
        self.state = match self.state {
            AvailabilityState::Available => {
                self.counts.unavailable += self.pending;
                AvailabilityState::Unavailable
            }
            AvailabilityState::Unavailable => AvailabilityState::Available,
        };
        self.pending = 0;
    }

    /// Not ten in a row: they belong to the state that continues.
    fn settle(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        match self.state {
            AvailabilityState::Available => self.counts.severely_errored += pending,
            AvailabilityState::Unavailable => self.counts.unavailable += pending,
        }
    }

    fn part(&mut self) {
        self.settle();
        (self.state, self.stretch, self.last) = (AvailabilityState::Available, 0, None);
    }
}

/// Counts intervals of one length as they pass.
#[derive(Debug)]
struct IntervalCounter {
    seconds: i64,
    /// Limit of the loss, percent.
    c1: u64,
    open: Option<OpenInterval>,
    counts: LossIntervals,
}

/// An interval that is not over yet.
#[derive(Debug)]
struct OpenInterval {
    /// Intervals since the Unix epoch.
    number: i64,
    loss: LossRatio,
    /// Its first and last second with a probe.
    first: i64,
    last: i64,
}

impl IntervalCounter {
    fn new(seconds: i64, c1: u64) -> Self {
        Self { seconds, c1, open: None, counts: LossIntervals::default() }
    }

    fn on_second(&mut self, second: i64, loss: LossRatio) {
        let number = second.div_euclid(self.seconds);
        if self.open.as_ref().is_some_and(|open| open.number != number || second <= open.last) {
            self.close();
        }
        let (first, last) = (second, second);
        let none = LossRatio::default();
        let open = self.open.get_or_insert(OpenInterval { number, loss: none, first, last });
        open.loss += loss;
        open.last = second;
    }

    fn close(&mut self) {
        let Some(OpenInterval { loss, first, last, .. }) = self.open.take() else { return };
        if loss.sent >= M_AV && (last - first) * 2 >= self.seconds {
            self.counts.judged += 1;
            self.counts.unavailable += u64::from(loss.lost * 100 > loss.sent * self.c1);
        }
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
    seconds: [LossRatio; 60],
    quarter: Option<QuarterHour>,
    machine: AvailabilityMachine,
    old: IntervalCounter,
    new: IntervalCounter,
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
            seconds: [LossRatio::default(); 60],
            quarter: None,
            machine: AvailabilityMachine::default(),
            old: IntervalCounter::new(300, 75),
            new: IntervalCounter::new(60, 20),
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
            self.close_minute();
            if self.minute.is_some_and(|(before, _)| before != run) {
                self.part();
            }
            self.minute = Some((run, minute));
            let number = minute.div_euclid(15);
            if self.quarter.is_some_and(|q| q.number != number) {
                self.quarters.extend(self.quarter.take());
            }
            self.quarter.get_or_insert(QuarterHour { number, ..QuarterHour::default() });
        }
        let second = sample.sent_at.as_millis().div_euclid(1_000).rem_euclid(60);
        self.seconds[usize::try_from(second).unwrap_or_default()].count(&sample.outcome);
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

    fn close_minute(&mut self) {
        let Some((_, minute)) = self.minute else { return };
        let first = minute.saturating_mul(60);
        for (second, loss) in (first..).zip(self.taken()) {
            if loss.sent > 0 {
                self.machine.on_second(second, loss);
                self.old.on_second(second, loss);
                self.new.on_second(second, loss);
            }
        }
    }

    fn taken(&mut self) -> [LossRatio; 60] {
        std::mem::replace(&mut self.seconds, [LossRatio::default(); 60])
    }

    /// Another run: seconds of two runs are not in a row, though a quarter and an interval that
    /// both touch are one.
    fn part(&mut self) {
        self.machine.part();
        self.before.fill(None);
    }

    /// What was counted.
    pub fn finish(mut self) -> SecondTally {
        self.close_minute();
        self.machine.part();
        self.old.close();
        self.new.close();
        self.quarters.extend(self.quarter.take());
        SecondTally {
            quarters: self.quarters,
            errored: (self.machine.longest >= IN_A_ROW).then_some(self.machine.counts),
            old_intervals: self.old.counts,
            new_intervals: self.new.counts,
        }
    }
}

#[cfg(test)]
mod tests;
