//! The verdicts on the link: its drops, blips and gaps with their evidence, and what a silence of
//! its anchors is.

use std::net::IpAddr;
use std::time::Duration;

use super::drop_book::DropBook;
use super::group::Group;
use super::run_context::RunContext;
use super::silence::{LinkStep, PooledProbe, SilentStretch};
use super::usual_delay::UsualDelay;
use crate::detect::impairments::calm::{CalmOutcome, CalmProbe};
use crate::detect::impairments::observers::Observers;
use crate::detect::impairments::web::{NatureTurn, SilenceNature, WebResult, WebWitness};
use crate::detect::monotonic::{Moment, RunCrossing};
use crate::detect::parameters::Parameters;
use crate::detect::place::evidence::{
    Evidence, PlaceFinding, Sighting, SightingRetention, Sign, WatchedTarget,
};
use crate::detect::target_index::{TargetClass, TargetIndex};
use crate::time::{Micros, TimeRange, Timestamp};
use crate::vocabulary::{
    BearingCounts, Bounds, DropKind, FailedReason, Figures, Gap, GapReason, HostChange, HostEvent,
    Impairment, LinkDrop, LinkState, NotSent, Outcome, Role, Run, RunEnd,
};

/// The link, judged by its anchors, its hops and the web.
#[derive(Debug, Clone)]
pub(crate) struct LinkVerdicts {
    parameters: Parameters,
    group: Group,
    evidence: Evidence,
    web: WebWitness,
    /// Number of the impairment that the silence in progress, or the one closed last, turned out to
    /// be.
    web_declared: Option<u64>,
    run: RunContext,
    drops: DropBook,
    gaps: Vec<Gap>,
    /// Gaps taken out of the front of the list.
    gaps_taken: usize,
    delays: UsualDelay,
    /// Delay at the onset of the drop in progress.
    usual_delay: Micros,
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
            gaps: Vec::new(),
            gaps_taken: 0,
            delays: UsualDelay::default(),
            usual_delay: Micros::ZERO,
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
        self.run.end(how);
    }

    /// Notes that the machine slept: the next gap has a reason.
    pub(crate) fn on_host(&mut self, event: &HostEvent) {
        if matches!(event.what, HostChange::Slept { .. }) {
            self.run.on_sleep();
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
        if watched.decides {
            self.group.on_due(target, at);
        }
        let (sign, answer) = match outcome {
            // A packet that waited in this host had yet to go through the link.
            Outcome::Reply(reply) => {
                let whole = reply.rtt + reply.local_queue.unwrap_or_default();
                (Sign::Answered, Some(whole.into()))
            }
            // It was under way from when it was sent, and waited somewhere: silence ends when it
            // was sent. About the end of a drop, its delay says no more than the time to recover
            // does.
            Outcome::Late { rtt } if self.group.link.open().is_some() => {
                (Sign::Answered, Some((*rtt).min(self.parameters.recover_after).into()))
            }
            Outcome::Late { .. } => (Sign::Answered, Some(self.delays.median())),
            Outcome::Lost | Outcome::Failed(_) => (Sign::Lost, None),
            Outcome::Unreachable(error) => {
                self.on_error(error.by, index, at, targets);
                (if error.by.is_none() { Sign::LostHere } else { Sign::Lost }, None)
            }
            Outcome::NotSent(NotSent::NoRoute | NotSent::LinkDown) => (Sign::LostHere, None),
            Outcome::NotSent(_) => return,
        };
        // A hop that could not be probed has said nothing.
        if watched.decides || outcome.was_sent() {
            let sign = if watched.decides || sign != Sign::LostHere { sign } else { Sign::Lost };
            self.evidence.on_sighting(Sighting { at: at.mono, target: index, sign });
        }
        if watched.decides {
            self.web.on_anchor(at, sign);
            let probe = PooledProbe { at, target: index, answer };
            self.on_anchor(&probe, targets, observers);
        }
        if let Some(seen) = seen(outcome) {
            let WatchedTarget { id, role, decides } = watched;
            let calm = CalmProbe { at, target: index, id, role, decides, seen };
            observers.hold(calm, self.group.link.open());
        }
        match (answer, watched.role) {
            (Some(_), _) => observers.on_answer(index, at),
            (None, Role::Anchor | Role::Service) if outcome.was_sent() => {
                observers.on_lost(index, at);
            }
            _ => {}
        }
    }

    /// A connectivity check.
    pub(crate) fn on_web(&mut self, at: Moment, outcome: &Outcome) {
        let (nature, known) = match outcome {
            Outcome::Reply(reply) => (SilenceNature::Filtered, at.plus(reply.rtt.into())),
            Outcome::Failed(failed) if failed.reason == FailedReason::CaptivePortal => {
                (SilenceNature::Portal, at)
            }
            // Something answered, and there is no telling what.
            Outcome::Failed(failed) if failed.reason == FailedReason::Status => return,
            Outcome::NotSent(_) => return,
            _ => (SilenceNature::Down, at),
        };
        if self.web.on_shown(WebResult { sent: at, known, nature }) {
            self.vouch_by_web(known);
        }
    }

    /// Anchors that never answered cannot witness a drop: they may never answer at all. Where the
    /// web shows that the link works, their silence since the beginning is a verdict.
    fn vouch_by_web(&mut self, now: Moment) {
        let enough = Micros::from(self.parameters.drop_after);
        let silence = self.group.link.present_silence();
        if silence.is_some_and(|silence| now.since(silence.first) >= enough) {
            self.group.vouch_for_silent();
        }
    }

    /// The drop in progress, as far as it is known.
    pub(crate) fn open_drop(&self, targets: &TargetIndex) -> Option<LinkDrop> {
        let stretch =
            self.group.link.open().filter(|_| self.web.nature() == SilenceNature::Down)?;
        let finding = self.evidence.finding(targets.watched());
        Some(self.link_drop(&stretch, finding, DropKind::Drop))
    }

    /// An ICMP error shows that the router which sent it lives.
    fn on_error(&mut self, by: Option<IpAddr>, about: u8, at: Moment, targets: &TargetIndex) {
        if let Some(router) = by.and_then(|by| targets.router(by))
            && router != about
        {
            let sighting = Sighting { at: at.mono, target: router, sign: Sign::ReportedError };
            self.evidence.on_sighting(sighting);
        }
    }

    fn on_anchor(
        &mut self,
        sample: &PooledProbe,
        targets: &TargetIndex,
        observers: &mut Observers,
    ) {
        self.run.watching = true;
        let is_first_answer = sample.answer.is_some() && !self.group.has_answered();
        if let Some(silence) = self.group.link.present_silence().filter(|_| is_first_answer) {
            self.leave_out(sample.at.since(silence.first), sample.at);
        }
        let found = self.group.on_sample(sample);
        if let Some(length) = found.gap {
            // In the UTC of the run it leads to: a step of the clock inside must not reverse it.
            let from = sample.at.plus(-length).utc;
            let range = TimeRange { from, to: sample.at.utc };
            self.gaps.push(Gap { range, reason: self.run.gap_reason() });
            observers.on_gap(length, sample.at);
        }
        self.run.on_probe();
        for step in found.steps.into_iter().flatten() {
            self.on_step(step, targets, observers);
        }
        if let Some(rtt) = sample.answer {
            self.delays.push(rtt);
        }
        observers.on_anchor(sample);
        self.update_evidence(sample, observers);
        self.update_nature(targets, observers);
        observers.release(sample.at, &self.group.link);
    }

    /// A silence at the very beginning of the record, up to the first answer, is neither up nor
    /// down.
    fn leave_out(&mut self, length: Micros, end: Moment) {
        if length >= Micros::from(self.parameters.drop_after) {
            let range = TimeRange { from: end.plus(-length).utc, to: end.utc };
            self.gaps.push(Gap { range, reason: GapReason::Unanswered });
        }
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
        let since = link.present_silence().map(|silence| silence.first.mono);
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

    /// What the web says about the silence in progress.
    fn update_nature(&mut self, targets: &TargetIndex, observers: &mut Observers) {
        let Some(stretch) = self.group.link.open() else { return };
        match self.web.look(&stretch) {
            Some(NatureTurn::Whole) => self.declare_nature(&stretch, observers),
            Some(NatureTurn::Split { last, at }) => {
                if let Some(over) = self.group.link.split(last, at) {
                    self.end_stretch(&over, targets, observers);
                }
                self.evidence.open(at.mono);
                self.web.turn();
                if let Some(now) = self.group.link.open().filter(|_| !self.is_down()) {
                    self.declare_nature(&now, observers);
                }
            }
            None => {}
        }
        if !self.is_down()
            && let Some(known) =
                self.web_declared.and_then(|number| observers.impairment_mut(number))
            && let Some(figures) = figures(self.web.nature(), self.web.counts())
        {
            known.figures = figures;
        }
    }

    fn is_down(&self) -> bool {
        self.web.nature() == SilenceNature::Down
    }

    fn declare_nature(&mut self, stretch: &SilentStretch, observers: &mut Observers) {
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
        self.web_declared = Some(observers.declare(declared));
    }

    fn on_step(&mut self, step: LinkStep, targets: &TargetIndex, observers: &mut Observers) {
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
                self.evidence.reopen();
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
                let drop = self.link_drop(&stretch, PlaceFinding::default(), DropKind::Blip);
                self.drops.push(stretch.first, drop);
            }
        }
    }

    /// A silence is over: a drop, or what the web showed it to be.
    fn end_stretch(
        &mut self,
        stretch: &SilentStretch,
        targets: &TargetIndex,
        observers: &mut Observers,
    ) {
        observers.exclude(stretch);
        self.evidence.close(stretch, self.group.link.uptime);
        if self.is_down() {
            let finding = self.evidence.finding(targets.watched());
            let drop = self.link_drop(stretch, finding, DropKind::Drop);
            self.drops.push(stretch.first, drop);
        } else if let Some(known) = self.web_declared.and_then(|n| observers.impairment_mut(n)) {
            known.end = end(stretch);
            known.unobserved = stretch.unobserved.to_duration();
        }
    }

    fn onset(&self, stretch: &SilentStretch) -> Bounds {
        let first = stretch.first;
        let before = stretch.before.map_or(Micros::ZERO, |before| first.since(before));
        Bounds { earliest: first.plus(-before).utc, latest: first.plus(self.usual_delay).utc }
    }

    fn link_drop(
        &self,
        stretch: &SilentStretch,
        finding: PlaceFinding,
        kind: DropKind,
    ) -> LinkDrop {
        let SilentStretch { first, last, .. } = *stretch;
        let before = stretch.before.map_or(Micros::ZERO, |before| first.since(before));
        let newest = self.group.link.last().unwrap_or(last);
        let min = last.since(first) - self.usual_delay - stretch.unobserved;
        let max = stretch.ended.unwrap_or(newest).since(first) + before;
        let outage = min > Micros::from(self.parameters.outage_after);
        LinkDrop {
            key: first.utc,
            kind: if outage && kind == DropKind::Drop { DropKind::Outage } else { kind },
            onset: self.onset(stretch),
            end: end(stretch),
            min: min.to_duration(),
            max: max.to_duration(),
            unobserved: stretch.unobserved.to_duration(),
            places: finding.places,
            answered: finding.answered,
            silent: finding.silent,
            flaps: stretch.flaps,
        }
    }

    /// The state of the link and since when; `None` where nothing is known.
    pub(crate) fn state(&self) -> (LinkState, Option<Timestamp>) {
        let utc = |moment: Moment| Some(moment.utc);
        if !self.run.watching {
            return (LinkState::Unknown, None);
        }
        let link = &self.group.link;
        if let Some(stretch) = link.open() {
            let state = match self.web.nature() {
                SilenceNature::Down => LinkState::Down,
                SilenceNature::Filtered | SilenceNature::Portal => LinkState::Up,
            };
            return (state, utc(stretch.first));
        }
        match (link.present_silence(), link.up_since()) {
            (Some(silence), _) if silence.is_noticeable => (LinkState::Suspect, utc(silence.first)),
            (_, Some(since)) => (LinkState::Up, utc(since)),
            _ => (LinkState::Unknown, None),
        }
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
    }

    /// The record continues.
    pub(crate) fn unfinish(&mut self) {
        self.drops.unfinish();
    }

    pub(crate) fn drops(&self) -> &[LinkDrop] {
        self.drops.list()
    }
    pub(crate) fn gaps(&self) -> &[Gap] {
        &self.gaps
    }
    pub(crate) fn gaps_taken(&self) -> usize {
        self.gaps_taken
    }

    /// Forgets these drops: another detector of the same record gave them out.
    pub(crate) fn discard(&mut self, given: &[LinkDrop]) {
        self.drops.discard(given);
    }

    /// Forgets the gaps.
    pub(crate) fn forget(&mut self) {
        self.gaps_taken += self.gaps.len();
        self.gaps.clear();
    }
}

fn figures(nature: SilenceNature, counts: BearingCounts) -> Option<Figures> {
    match nature {
        SilenceNature::Down => None,
        SilenceNature::Filtered => Some(Figures::IcmpFiltered(counts)),
        SilenceNature::Portal => Some(Figures::CaptivePortal(counts)),
    }
}

fn end(stretch: &SilentStretch) -> Option<Bounds> {
    stretch.ended.map(|ended| Bounds {
        earliest: ended.plus(-ended.since(stretch.last)).utc,
        latest: ended.utc,
    })
}

/// What an observer of the calm link learns of an outcome.
fn seen(outcome: &Outcome) -> Option<CalmOutcome> {
    Some(match outcome {
        Outcome::Reply(reply) => CalmOutcome::Reply {
            rtt: reply.rtt.into(),
            own_queue: reply.local_queue.map(Micros::from),
        },
        Outcome::Late { .. } => CalmOutcome::Late,
        Outcome::Lost | Outcome::Failed(_) | Outcome::Unreachable(_) => CalmOutcome::Lost,
        Outcome::NotSent(_) => return None,
    })
}
