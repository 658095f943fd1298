//! The anchors' part of the detector: gaps, drops and blips with their evidence, and what the
//! observers of the calm link are told of the rest.

use std::net::IpAddr;
use std::time::Duration;

use super::super::calm::Told;
use super::super::evidence::{Finding, Keep, Sighting, Sign};
use super::super::silence::{Pooled, Step, Stretch};
use super::super::steady::Moment;
use super::super::web::{Nature, Turn};
use super::{Between, Detector};
use crate::time::{TimeRange, micros};
use crate::vocabulary::{Bounds, Counts, DropKind, Figures, Gap, GapReason, Impairment, LinkDrop};

impl Detector {
    /// The drop that lasts, as far as it is known.
    pub fn open_drop(&self) -> Option<LinkDrop> {
        let stretch = self.group.link.open().filter(|_| self.web.nature() == Nature::Down)?;
        let finding = self.evidence.finding(self.roster.watched());
        Some(self.link_drop(&stretch, finding, DropKind::Drop))
    }

    /// An ICMP error shows that the router which sent it lives.
    pub(super) fn hear(&mut self, by: Option<IpAddr>, about: u8, at: Moment) {
        if let Some(router) = by.and_then(|by| self.roster.router(by))
            && router != about
        {
            let told = Sighting { at: at.steady, target: router, sign: Sign::ToldError };
            self.evidence.saw(told);
        }
    }

    pub(super) fn on_anchor(&mut self, sample: &Pooled) {
        self.watching = true;
        let is_first_answer = sample.answer.is_some() && !self.group.has_answered();
        if let Some((first, _)) = self.group.link.silent_since().filter(|_| is_first_answer) {
            self.leave_out(sample.at.since(first), sample.at);
        }
        let found = self.group.on_sample(sample);
        if let Some(length) = found.gap {
            let reason = match self.between.crossing {
                Some(reason) => reason,
                None if self.between.slept => GapReason::Asleep,
                None if self.imported => GapReason::NoRecord,
                None => GapReason::Stalled,
            };
            // In the UTC of the run it leads to: a step of the clock inside must not turn it round.
            let from = sample.at.plus(-length).utc;
            self.gaps.push(Gap { range: TimeRange { from, to: sample.at.utc }, reason });
            self.held.push(Told::Gap { length, next: sample.at });
        }
        self.between = Between::default();
        for step in found.steps.into_iter().flatten() {
            self.on_step(step);
        }
        if let Some(rtt) = sample.answer {
            self.delays.push(rtt);
        }
        self.witness.on_anchor(sample.at, sample.answer.is_some());
        self.sort_evidence(sample);
        self.sort_nature();
        self.tell_observers(sample.at);
    }

    /// A silence at the begin of all that is known, up to the first answer, is neither up nor down.
    fn leave_out(&mut self, length: i64, end: Moment) {
        if length >= micros(self.parameters.drop_after) {
            let range = TimeRange { from: end.plus(-length).utc, to: end.utc };
            self.gaps.push(Gap { range, reason: GapReason::Unanswered });
        }
    }

    fn sort_evidence(&mut self, sample: &Pooled) {
        let link = &self.group.link;
        let uptime = link.uptime;
        if let Some(stretch) = link.open() {
            self.troubles.on_link_silence();
            if !link.may_be_over() {
                self.evidence.take(&stretch, uptime);
            }
            return;
        }
        let since = link.silent_since().map(|(first, _)| first.steady);
        let now = sample.at.steady;
        let keep = Keep { window: link.window_length(), spacing: link.spacing };
        self.evidence.remember(now, since, keep, uptime);
        // Longer than any one anchor's own spacing: what is lost is lost by all.
        let interval = self.group.interval(usize::from(sample.target));
        let alone = 1_500_000.max(interval * 3 / 2);
        if since.is_some_and(|first| now - first >= alone) {
            self.troubles.on_link_silence();
        }
    }

    /// What the web says of the silence that lasts.
    fn sort_nature(&mut self) {
        let Some(stretch) = self.group.link.open() else { return };
        match self.web.look(&stretch) {
            Some(Turn::Whole) => self.declare_nature(&stretch),
            Some(Turn::Split { last, at }) => {
                if let Some(over) = self.group.link.split(last, at) {
                    self.end_stretch(&over);
                }
                self.evidence.open(at.steady);
                self.web.turn();
                if let Some(now) = self.group.link.open().filter(|_| !self.is_down()) {
                    self.declare_nature(&now);
                }
            }
            None => {}
        }
        if !self.is_down()
            && let Some(known) = self.web_declared.and_then(|number| self.ledger.get_mut(number))
            && let Some(figures) = figures(self.web.nature(), self.web.counts())
        {
            known.figures = figures;
        }
    }

    fn is_down(&self) -> bool {
        self.web.nature() == Nature::Down
    }

    fn declare_nature(&mut self, stretch: &Stretch) {
        let Some(figures) = figures(self.web.nature(), self.web.counts()) else { return };
        let declared = Impairment {
            key: stretch.first.utc,
            target: None,
            onset: self.onset(stretch),
            end: None,
            unobserved: Duration::ZERO,
            places: Vec::new(),
            figures,
        };
        self.web_declared = Some(self.ledger.declare(declared));
    }

    /// Tells the observers what can no longer become part of a drop.
    fn tell_observers(&mut self, now: Moment) {
        let link = &self.group.link;
        // Stray replies, a blip before, a drop that goes on: all of them reach back so far.
        let mut until = now.steady - 2 * link.window_length();
        let silent = link.silent_since().map(|(first, _)| first);
        for first in [silent, link.open().map(|stretch| stretch.first), link.may_reopen()] {
            until = first.map_or(until, |first| until.min(first.steady));
        }
        let (spacing, interval) = (link.spacing, link.spacing * i64::from(link.anchors.max(1)));
        while let Some(told) = self.held.next_before(until) {
            self.loss.on_told(&told, spacing, &mut self.ledger);
            self.slow.on_told(&told, interval, &mut self.ledger);
        }
    }

    fn on_step(&mut self, step: Step) {
        let open = self.group.link.open();
        match step {
            Step::Opened => {
                let Some(stretch) = open else { return };
                self.swallow(stretch.first);
                self.held.open(stretch.first);
                self.usual_delay = self.delays.median();
                self.evidence.open(stretch.first.steady);
                self.web.open();
                self.web_declared = None;
            }
            Step::Reopened => {
                let Some(stretch) = open else { return };
                self.swallow(stretch.first);
                self.held.open(stretch.first);
                self.evidence.reopen();
                let declared = self.web_declared.and_then(|number| self.ledger.get_mut(number));
                if let Some(declared) = declared {
                    declared.end = None;
                }
            }
            Step::Closed(stretch) => self.end_stretch(&stretch),
            Step::Blip(stretch) => {
                self.usual_delay = self.delays.median();
                self.exclude(&stretch);
                let drop = self.link_drop(&stretch, Finding::default(), DropKind::Blip);
                self.firsts.push(stretch.first.steady);
                self.drops.push(drop);
            }
        }
    }

    /// A silence is over: a drop, or what the web showed it to be.
    fn end_stretch(&mut self, stretch: &Stretch) {
        self.exclude(stretch);
        self.evidence.close(stretch, self.group.link.uptime);
        if self.is_down() {
            let finding = self.evidence.finding(self.roster.watched());
            let drop = self.link_drop(stretch, finding, DropKind::Drop);
            self.firsts.push(stretch.first.steady);
            self.drops.push(drop);
        } else if let Some(known) = self.web_declared.and_then(|n| self.ledger.get_mut(n)) {
            known.end = end(stretch);
            known.unobserved = length(stretch.unobserved);
        }
    }

    fn exclude(&mut self, stretch: &Stretch) {
        self.held.exclude(stretch.first, stretch.ended.unwrap_or(stretch.last));
    }

    /// Blips and drops from `first` on are part of a longer drop.
    fn swallow(&mut self, first: Moment) {
        while self.firsts.last().is_some_and(|known| *known >= first.steady) {
            self.firsts.pop();
            self.drops.pop();
        }
    }

    fn onset(&self, stretch: &Stretch) -> Bounds {
        let first = stretch.first;
        let before = stretch.before.map_or(0, |before| first.since(before));
        Bounds { earliest: first.plus(-before).utc, latest: first.plus(self.usual_delay).utc }
    }

    fn link_drop(&self, stretch: &Stretch, finding: Finding, kind: DropKind) -> LinkDrop {
        let Stretch { first, last, .. } = *stretch;
        let before = stretch.before.map_or(0, |before| first.since(before));
        let newest = self.group.link.last().unwrap_or(last);
        let min = last.since(first) - self.usual_delay - stretch.unobserved;
        let max = stretch.ended.unwrap_or(newest).since(first) + before;
        let outage = min > micros(self.parameters.outage_after);
        LinkDrop {
            key: first.utc,
            kind: if outage && kind == DropKind::Drop { DropKind::Outage } else { kind },
            onset: self.onset(stretch),
            end: end(stretch),
            min: length(min),
            max: length(max),
            unobserved: length(stretch.unobserved),
            places: finding.places,
            answered: finding.answered,
            silent: finding.silent,
            flaps: stretch.flaps,
        }
    }
}

fn figures(nature: Nature, counts: Counts) -> Option<Figures> {
    match nature {
        Nature::Down => None,
        Nature::Filtered => Some(Figures::IcmpFiltered(counts)),
        Nature::Portal => Some(Figures::CaptivePortal(counts)),
    }
}

fn end(stretch: &Stretch) -> Option<Bounds> {
    stretch.ended.map(|ended| Bounds {
        earliest: ended.plus(-ended.since(stretch.last)).utc,
        latest: ended.utc,
    })
}

fn length(us: i64) -> Duration {
    Duration::from_micros(u64::try_from(us).unwrap_or(0))
}
