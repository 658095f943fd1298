//! The verdicts on the link: its drops, blips and gaps with their evidence, and what a silence of
//! its anchors is.

use std::net::IpAddr;

use super::drop_book::DropBook;
use super::findings::{drop_stretch, end, gap, seen};
use super::group::Group;
use super::receipts::{DelayedReceipt, DelayedReceipts, held_until, is_prompt};
use super::run_context::RunContext;
use super::silence::{LinkStep, PooledProbe};
use super::stretch::{SilentPiece, SilentStretch};
use super::support::HopSupport;
use super::unknown::UnknownTime;
use super::usual_delay::UsualDelay;
use crate::detect::impairments::calm::CalmProbe;
use crate::detect::impairments::observers::Observers;
use crate::detect::impairments::web::{SilenceNature, WebWitness};
use crate::detect::monotonic::{Moment, RunCrossing};
use crate::detect::parameters::Parameters;
use crate::detect::place::evidence::{
    Evidence, PlaceFinding, Sighting, SightingRetention, Sign, WatchedTarget,
};
use crate::detect::target_index::{TargetClass, TargetIndex};
use crate::time::Micros;
use crate::vocabulary::{
    Bounds, DropKind, GapReason, HostChange, HostEvent, IpVersion, Lengths, LinkDrop, NotSent,
    Outcome, Role, Run, RunEnd,
};

/// The link, judged by its anchors, its hops and the web.
#[derive(Debug, Clone)]
pub(crate) struct LinkVerdicts {
    pub(super) parameters: Parameters,
    pub(super) group: Group,
    pub(super) evidence: Evidence,
    pub(super) web: WebWitness,
    /// Number of the impairment that the silence in progress, or the one closed last, turned out to
    /// be.
    pub(super) web_declared: Option<u64>,
    pub(super) run: RunContext,
    pub(super) drops: DropBook,
    pub(super) unknown: UnknownTime,
    pub(super) support: HopSupport,
    pub(super) delayed: DelayedReceipts,
    pub(super) delays: UsualDelay,
    /// Delay at the onset of the drop in progress.
    pub(super) usual_delay: Micros,
    /// The newest probe of an anchor or a hop, sent or not.
    pub(super) newest: Option<Moment>,
    /// Since when there has been no probe of an anchor: the first of the record, or the end of a
    /// gap that has been listed.
    pub(super) unasked: Option<Moment>,
}

impl LinkVerdicts {
    pub(crate) fn new(parameters: Parameters) -> Self {
        Self {
            group: Group::new(&parameters),
            evidence: Evidence::default(),
            web: WebWitness::default(),
            web_declared: None,
            run: RunContext::default(),
            drops: DropBook::default(),
            unknown: UnknownTime::default(),
            support: HopSupport::default(),
            delayed: DelayedReceipts::default(),
            delays: UsualDelay::default(),
            usual_delay: Micros::ZERO,
            newest: None,
            unasked: None,
            parameters,
        }
    }

    pub(crate) fn set_targets(&mut self, targets: &TargetIndex) {
        self.group.set_members(targets.intervals(TargetClass::Link));
        self.evidence.set_targets(targets.watched());
    }

    /// The target with this index is known to answer.
    pub(crate) fn vouch_for(&mut self, index: u8) {
        self.group.vouch_for(usize::from(index));
    }

    /// How long the link has been up.
    pub(crate) fn uptime(&self) -> Micros {
        self.group.link.uptime
    }

    /// Continues with the next run.
    pub(crate) fn begin_run(&mut self, run: &Run, crossing: RunCrossing) {
        self.run.begin(run, crossing);
        self.group.begin_run(crossing);
    }

    /// The run ended.
    pub(crate) fn end_run(&mut self, how: RunEnd) {
        if let Some(gap) = self.refused_gap().filter(|_| how != RunEnd::ClockStep) {
            self.unknown.push(gap);
            self.unasked = self.newest;
        }
        self.run.end(how);
    }

    /// Notes that the machine slept, so that the next gap has a reason; that a fresh ICMP identifier
    /// was not answered either, without which ICMP is not known to be filtered; and that this host came
    /// to another network, of which nothing is known.
    pub(crate) fn on_host(&mut self, event: &HostEvent, targets: &TargetIndex) {
        match event.what {
            HostChange::Slept { .. } => self.run.on_sleep(),
            HostChange::FreshIdentifierUnanswered { v6 } => {
                let family = if v6 { IpVersion::V6 } else { IpVersion::V4 };
                self.web.on_fresh_identifier(family);
            }
            HostChange::DefaultRoute { v6: false, gateway: Some(gateway), .. }
                if targets.is_other_gateway(gateway) =>
            {
                self.web.on_new_network();
                self.support = HopSupport::default();
            }
            _ => {}
        }
    }

    /// A probe of an anchor that decides, or of a hop on the way.
    pub(crate) fn on_link_probe(
        &mut self,
        index: u8,
        at: Moment,
        outcome: &Outcome,
        targets: &TargetIndex,
        observers: &mut Observers,
    ) {
        let target = usize::from(index);
        let watched = targets.watched()[target];
        self.newest = Some(at);
        if self.group.link.last().is_none() {
            self.unasked.get_or_insert(at);
        }
        while let Some(receipt) = self.delayed.next(at) {
            let DelayedReceipt { at, target, held } = receipt;
            let held = Some(held);
            let probe = PooledProbe { at, target, answer: Some(Micros::ZERO), held };
            self.on_anchor(&probe, targets, observers);
        }
        if watched.decides {
            self.group.on_due(target, at);
        }
        let in_drop = self.group.link.open().is_some();
        let (sign, answer) = match outcome {
            // A packet that waited in this host had yet to go through the link.
            Outcome::Reply(reply) => {
                let whole = reply.rtt + reply.local_queue.unwrap_or_default();
                (Sign::Answered, Some(whole.into()))
            }
            // What came late out of a drop was held somewhere: the way did not work meanwhile.
            Outcome::Late { rtt } if in_drop => (Sign::Lost, Some((*rtt).into())),
            Outcome::Late { rtt } => (Sign::Answered, Some((*rtt).into())),
            Outcome::Lost | Outcome::Failed(_) => (Sign::Lost, None),
            Outcome::Unreachable(error) => {
                self.on_error(error.by, index, at, targets);
                (if error.by.is_none() { Sign::NoNextHop } else { Sign::Lost }, None)
            }
            Outcome::NotSent(NotSent::LinkDown) => (Sign::NoLink, None),
            Outcome::NotSent(NotSent::NoRoute) => (Sign::NoNextHop, None),
            Outcome::NotSent(refusal) => {
                if watched.decides && *refusal != NotSent::Missed {
                    self.run.on_refusal(*refusal);
                }
                self.note_unasked(at, observers);
                return;
            }
        };
        // A hop to which there was no route has said nothing.
        if watched.decides || outcome.was_sent() || sign == Sign::NoLink {
            let sign = if watched.decides || !sign.is_local() { sign } else { Sign::Lost };
            self.evidence.on_sighting(Sighting { at: at.mono, target: index, sign });
        }
        if watched.role == Role::Isp && outcome.was_sent() {
            let delay = outcome.rtt().map(Micros::from);
            self.support.on_hop(index, at.mono, delay, self.group.link.uptime);
        }
        if watched.decides {
            self.web.on_anchor(at, if answer.is_some() { Sign::Answered } else { sign });
            let usual = self.delays.median();
            let whole = PooledProbe { at, target: index, answer, held: None };
            let prompt = answer.filter(|delay| is_prompt(*delay, usual));
            if let Some(delay) = answer.filter(|_| prompt.is_none()) {
                let at = at.plus(delay);
                let held = held_until(at, usual);
                self.delayed.push(DelayedReceipt { at, target: index, held });
            }
            self.on_anchor(&PooledProbe { answer: prompt, ..whole }, targets, observers);
            if let Some(delay) = outcome.rtt() {
                self.delays.push(delay.into());
            }
            observers.on_anchor(&whole);
        }
        if let Some(seen) = seen(outcome) {
            let WatchedTarget { id, hop, decides, .. } = watched;
            let calm = CalmProbe { at, target: index, id, hop, decides, seen };
            observers.hold(calm, self.group.link.open());
        }
        match (answer, watched.role) {
            (Some(_), _) => observers.on_answer(index, at),
            (None, Role::Anchor | Role::Service) if outcome.was_sent() => {
                observers.on_lost(index, at);
            }
            _ => {}
        }
        self.note_unasked(at, observers);
    }

    /// The drop in progress, as far as it is known.
    pub(crate) fn open_drop(&self, targets: &TargetIndex) -> Option<LinkDrop> {
        let link = &self.group.link;
        let stretch = link.open().filter(|_| self.web.nature() == SilenceNature::Down)?;
        let finding = self.evidence.finding(targets.watched());
        Some(self.link_drop(&stretch, &link.open_pieces(), finding))
    }

    /// An ICMP error shows that the router which sent it lives.
    fn on_error(&mut self, by: Option<IpAddr>, about: u8, at: Moment, targets: &TargetIndex) {
        if let Some(router) = by.and_then(|by| targets.router(by))
            && router != about
        {
            let sighting = Sighting { at: at.mono, target: router, sign: Sign::ReportedError };
            self.evidence.on_sighting(sighting);
            if targets.watched()[usize::from(about)].decides {
                self.support.on_report(targets.watched()[usize::from(router)].role, at.mono);
            }
        }
    }

    fn on_anchor(
        &mut self,
        sample: &PooledProbe,
        targets: &TargetIndex,
        observers: &mut Observers,
    ) {
        self.run.watching = true;
        let why = self.why_unproven();
        let accounted = self.unasked.take();
        let is_first = self.group.link.last().is_none();
        let found = self.group.on_sample(sample, &self.support);
        let unasked = accounted.map(|from| sample.at.since(from));
        let unknown = match found.gap {
            Some(length) => Some(unasked.map_or(length, |unasked| length.min(unasked))),
            None => unasked.filter(|length| is_first && *length > self.group.longest_pause()),
        };
        if let Some(length) = unknown {
            self.unknown.push(gap(sample.at.plus(-length), sample.at, self.run.gap_reason()));
        }
        if let Some(length) = found.gap {
            observers.on_gap(length, sample.at);
        }
        self.run.on_probe();
        for step in found.steps.into_iter().flatten() {
            self.on_step(step, why, targets, observers);
        }
        self.update_evidence(sample, observers);
        self.update_nature(targets, observers);
        observers.release(sample.at, &self.group.link);
    }

    fn update_evidence(&mut self, sample: &PooledProbe, observers: &mut Observers) {
        let link = &self.group.link;
        let uptime = link.uptime;
        if let Some(stretch) = link.open() {
            observers.on_link_silence();
            if !link.may_be_over() {
                self.evidence.take(&stretch, uptime);
            }
            return;
        }
        let since = link.present_silence().map(|silence| silence.first().mono);
        let now = sample.at.mono;
        let keep = SightingRetention { window: link.window_length(), spacing: link.spacing };
        self.evidence.remember(now, since, keep, uptime);
        // Longer than the spacing of any single anchor: all of them lose what is lost.
        let interval = self.group.interval(usize::from(sample.target)).unwrap_or_default();
        let alone = interval.max(Micros::SECOND) * 3 / 2;
        if since.is_some_and(|first| now - first >= alone) {
            observers.on_link_silence();
        }
    }

    fn on_step(
        &mut self,
        step: LinkStep,
        why: GapReason,
        targets: &TargetIndex,
        observers: &mut Observers,
    ) {
        let open = self.group.link.open();
        match step {
            LinkStep::Opened => {
                let Some(stretch) = open else { return };
                self.drops.swallow(stretch.first);
                observers.on_open_drop(stretch.first);
                self.usual_delay = self.delays.median();
                self.evidence.open(stretch.first.mono);
                self.web.open();
                self.web_declared = None;
            }
            LinkStep::Reopened => {
                let Some(stretch) = open else { return };
                self.drops.swallow(stretch.first);
                observers.on_open_drop(stretch.first);
                self.evidence.reopen(self.group.link.up_before_reopening());
                let declared =
                    self.web_declared.and_then(|number| observers.impairment_mut(number));
                if let Some(declared) = declared {
                    declared.end = None;
                }
            }
            LinkStep::Closed(stretch) => self.end_stretch(&stretch, targets, observers),
            LinkStep::Blip(stretch) => {
                self.usual_delay = self.delays.median();
                observers.exclude(&stretch);
                let pieces = self.group.link.finished_pieces();
                let mut drop = self.link_drop(&stretch, pieces, PlaceFinding::default());
                if drop.kind.is_down() {
                    // Silence that adds up across a gap is confirmed on neither side.
                    drop.kind = DropKind::Possible;
                }
                self.drops.push(stretch.first, drop);
            }
            LinkStep::Unconfirmed(stretch) => {
                observers.exclude(&stretch);
                let from = stretch.before.unwrap_or(stretch.first);
                self.unknown.push(gap(from, stretch.ended.unwrap_or(stretch.last), why));
            }
        }
    }

    /// A silence is over: a drop, or what the web showed it to be.
    pub(super) fn end_stretch(
        &mut self,
        stretch: &SilentStretch,
        targets: &TargetIndex,
        observers: &mut Observers,
    ) {
        observers.exclude(stretch);
        self.evidence.close(stretch, self.group.link.uptime);
        if self.is_down() {
            let finding = self.evidence.finding(targets.watched());
            let drop = self.link_drop(stretch, self.group.link.finished_pieces(), finding);
            self.drops.push(stretch.first, drop);
            return;
        }
        self.group.link.seal();
        if let Some(known) = self.web_declared.and_then(|n| observers.impairment_mut(n)) {
            known.end = end(stretch);
            known.unobserved = stretch.unobserved.to_duration();
        }
    }

    pub(super) fn onset(&self, stretch: &SilentStretch) -> Bounds {
        let first = stretch.first;
        let before = stretch.before.map_or(Micros::ZERO, |before| first.since(before));
        Bounds { earliest: first.plus(-before).utc, latest: first.plus(self.usual_delay).utc }
    }

    /// A drop or a blip, by the bounds of the time without an answer.
    pub(super) fn link_drop(
        &self,
        stretch: &SilentStretch,
        pieces: &[SilentPiece],
        finding: PlaceFinding,
    ) -> LinkDrop {
        let newest = self.group.link.last().unwrap_or(stretch.last);
        let stretches: Vec<_> =
            pieces.iter().map(|piece| drop_stretch(piece, self.usual_delay, newest)).collect();
        let listed = stretches.iter().map(|s| s.onset).find(|o| o.earliest <= stretch.first.utc);
        let onset = listed.unwrap_or_else(|| self.onset(stretch));
        let [min, max] = [
            stretches.iter().map(|s| s.lengths.min).sum(),
            stretches.iter().map(|s| s.lengths.max).sum(),
        ];
        let Parameters { drop_after, outage_after, .. } = self.parameters;
        let drop = LinkDrop {
            key: stretch.first.utc,
            kind: DropKind::by_bounds(Lengths { min, max }, end(stretch), drop_after, outage_after),
            onset,
            end: end(stretch),
            min,
            max,
            unobserved: stretch.unobserved.to_duration(),
            stretches,
            places: finding.places,
            answered: finding.answered,
            silent: finding.silent,
            flaps: stretch.flaps,
        };
        if drop.stretches.len() < 2 { drop.in_one_stretch() } else { drop }
    }

    /// Removes and returns the drops that nothing can change any more.
    pub(crate) fn take_settled(&mut self) -> Vec<LinkDrop> {
        self.drops.unfinish();
        let link = &self.group.link;
        let from = link.may_reopen().or(link.open().map(|s| s.first));
        let from = [from, link.may_absorb()].into_iter().flatten().min_by_key(|m| m.mono);
        // A blip within the window may become part of a drop that stray replies interrupt.
        let now = link.last().map_or(Micros::ZERO, |last| last.mono);
        let recent = now - 2 * link.window_length();
        let from = from.map_or(recent, |moment| moment.mono.min(recent));
        self.drops.take_before(from)
    }

    /// The record ends here, for now: [`Self::drops`] then includes the open drop.
    pub(crate) fn finish(&mut self, targets: &TargetIndex) {
        self.drops.finish(self.open_drop(targets));
        self.unknown.finish(self.unproven().or_else(|| self.refused_gap()));
    }

    /// The record continues.
    pub(crate) fn unfinish(&mut self) {
        self.drops.unfinish();
        self.unknown.unfinish();
    }

    pub(crate) fn drops(&self) -> &[LinkDrop] {
        self.drops.list()
    }
    /// Forgets these drops: another detector of the same record gave them out.
    pub(crate) fn discard(&mut self, given: &[LinkDrop]) {
        self.drops.discard(given);
    }
}
