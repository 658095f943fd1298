//! The stretch of loss that lasts: its counts, and where it lies.

use std::time::Duration;

use super::sample::{LossHost, LossSample, SampleFate, SampleKind};
use crate::detect::impairments::ledger::Ledger;
use crate::detect::impairments::usual::LossRunCount;
use crate::detect::monotonic::Moment;
use crate::detect::place::likelihood::{self, AnchorSilence, AnswerCounts, HopEvidence};
use crate::time::Micros;
use crate::vocabulary::{Bounds, Figures, Impairment, LossFigures, Place};

/// What was seen since it began.
#[derive(Debug, Clone, Default)]
pub(super) struct StretchTally {
    lost: u32,
    late: u32,
    sent: u32,
    /// The lost ones that lie in blips: what the hops did during those is not known here.
    cut: u32,
    unobserved: Micros,
    /// Probes of the hops, by target.
    hops: Vec<AnswerCounts>,
}

impl StretchTally {
    pub(super) fn add(&mut self, sample: &LossSample) {
        match sample.what {
            SampleKind::Probe { votes: true, fate, .. } => {
                self.sent += 1;
                self.lost += u32::from(fate != SampleFate::Answered);
                self.late += u32::from(fate == SampleFate::Late);
            }
            SampleKind::Probe { target, fate, .. } => {
                let hop = self.hop(target);
                hop.answered += u32::from(fate == SampleFate::Answered);
                hop.lost += u32::from(fate != SampleFate::Answered);
            }
            // The probes of a blip count as lost, too; those of a drop are reported as a drop.
            SampleKind::Cut { lost } => {
                self.sent += lost;
                self.lost += lost;
                self.cut += lost;
            }
            SampleKind::Gap { length } => self.unobserved += length,
        }
    }

    /// Adds what was counted before, by target; `voters` are anchors that may vote.
    pub(super) fn add_before(&mut self, counts: &[LossRunCount], voters: &[u8]) {
        for (target, count) in (0_u8..).zip(counts) {
            if voters.contains(&target) {
                self.sent += count.sent;
                self.lost += count.lost;
            } else {
                let hop = self.hop(target);
                hop.answered += count.sent - count.lost;
                hop.lost += count.lost;
            }
        }
    }

    /// Undoes [`Self::add`].
    pub(super) fn take_back(&mut self, sample: &LossSample) {
        let mut one = Self::default();
        one.add(sample);
        self.sent = self.sent.saturating_sub(one.sent);
        self.lost = self.lost.saturating_sub(one.lost);
        self.late = self.late.saturating_sub(one.late);
        self.cut = self.cut.saturating_sub(one.cut);
        self.unobserved = (self.unobserved - one.unobserved).max(Micros::ZERO);
        for (known, one) in self.hops.iter_mut().zip(one.hops) {
            known.answered = known.answered.saturating_sub(one.answered);
            known.lost = known.lost.saturating_sub(one.lost);
        }
    }

    pub(super) fn rate(&self) -> f64 {
        LossRunCount { sent: self.sent, lost: self.lost, runs: 0 }.rate()
    }

    fn hop(&mut self, target: u8) -> &mut AnswerCounts {
        let target = usize::from(target);
        if self.hops.len() <= target {
            self.hops.resize(target + 1, AnswerCounts::default());
        }
        &mut self.hops[target]
    }
}

/// A stretch of loss that was declared and still lasts.
#[derive(Debug, Clone)]
pub(super) struct LossStretch {
    /// Its first lost probe.
    pub(super) first: Moment,
    /// What was usual before.
    pub(super) usual: LossRunCount,
    pub(super) tally: StretchTally,
    pub(super) rule: LossRule,
    number: u64,
}

/// Why it is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LossRule {
    /// It is much more than usual.
    Unusual,
    /// It is too much for any line, usual or not.
    Standing,
}

impl LossStretch {
    pub(super) fn declare(
        first: Moment,
        onset: Bounds,
        tally: StretchTally,
        usual: LossRunCount,
        rule: LossRule,
        ledger: &mut Ledger,
    ) -> Self {
        let number = ledger.declare(Impairment {
            key: first.utc,
            target: None,
            onset,
            end: None,
            unobserved: Duration::ZERO,
            places: Vec::new(),
            figures: figures(&tally, usual),
        });
        Self { first, usual, tally, rule, number }
    }

    /// Records what is known so far.
    pub(super) fn update(&self, hosts: &[Option<LossHost>], ledger: &mut Ledger) {
        if let Some(known) = ledger.get_mut(self.number) {
            known.figures = figures(&self.tally, self.usual);
            known.places = self.places(hosts);
            known.unobserved = self.tally.unobserved.to_duration();
        }
    }

    /// It is over.
    pub(super) fn end(&self, end: Bounds, hosts: &[Option<LossHost>], ledger: &mut Ledger) {
        self.update(hosts, ledger);
        if let Some(known) = ledger.get_mut(self.number) {
            known.end = Some(end);
        }
    }

    /// How a hop answers when nothing is wrong. Of standing loss the time before says nothing: there a
    /// hop that loses what the anchors lose lies beyond the fault, and one that loses more is slow to
    /// answer of itself.
    fn usual_of(&self, host: &LossHost) -> AnswerCounts {
        let usual = host.usual.total();
        let rate = self.tally.rate();
        let is_alike = (0.5 * rate..2.0 * rate).contains(&usual.rate());
        match self.rule {
            LossRule::Standing if is_alike => AnswerCounts { answered: usual.sent, lost: 0 },
            _ => AnswerCounts { answered: usual.sent - usual.lost, lost: usual.lost },
        }
    }

    /// As with a drop: a hop before the fault loses what it usually does, one beyond it as much as
    /// the anchors.
    fn places(&self, hosts: &[Option<LossHost>]) -> Vec<Place> {
        let StretchTally { lost, sent, cut, .. } = self.tally;
        let silence =
            AnchorSilence { answered: sent - lost, lost: lost - cut, ..AnchorSilence::default() };
        let hops: Vec<_> = hosts
            .iter()
            .zip(&self.tally.hops)
            .filter_map(|(host, core)| {
                let host = host.as_ref().filter(|host| !host.decides)?;
                let before = self.usual_of(host);
                Some(HopEvidence { position: host.hop?, core: *core, before })
            })
            .collect();
        likelihood::places(&silence, &hops, Place::Lan)
    }
}

fn figures(tally: &StretchTally, usual: LossRunCount) -> Figures {
    let figures = LossFigures {
        lost: tally.lost,
        late: tally.late,
        sent: tally.sent,
        usual_lost: usual.lost,
        usual_sent: usual.sent,
    };
    if 2 * u64::from(tally.late) > u64::from(tally.lost) {
        Figures::Late(figures)
    } else {
        Figures::Loss(figures)
    }
}
