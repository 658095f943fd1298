//! The detector: measurements in send order in; drops, gaps, troubles and impairments out.

mod link;

use super::Parameters;
use super::calm::{Calm, Held, Seen, Told};
use super::delays::Delays;
use super::evidence::{Evidence, Sighting, Sign, Watched};
use super::family::{self, Family, Witness};
use super::group::Group;
use super::ledger::Ledger;
use super::loss::Loss;
use super::partial::Partial;
use super::roster::{Class, Roster};
use super::silence::Pooled;
use super::slow::Slow;
use super::steady::{Axis, Crossing, Moment};
use super::trouble::{Candidate, Troubles};
use super::web::{Nature, Shown, Web};
use crate::time::{Timestamp, micros};
use crate::vocabulary::{
    FailedReason, Gap, GapReason, HostChange, HostEvent, Impairment, LinkDrop, LinkState,
    Measurement, NotSent, Outcome, Role, Run, RunEnd, Target, TargetId, TargetTrouble,
};

/// Finds drops, gaps, target trouble and impairments in a stream of measurements.
///
/// Feed it in the order of the record: runs by number, within a run measurements by send time.
/// Only measurements of the targets set count; others are ignored. What it holds after any prefix
/// of the record is the verdict on that prefix.
#[derive(Debug, Clone)]
pub struct Detector {
    parameters: Parameters,
    axis: Axis,
    roster: Roster,
    group: Group,
    evidence: Evidence,
    web: Web,
    /// Number of the impairment that the silence which lasts, or was closed last, is.
    web_declared: Option<u64>,
    troubles: Troubles,
    partial: Partial,
    ipv6: Family,
    dns: Family,
    witness: Witness,
    held: Held,
    loss: Loss,
    slow: Slow,
    ledger: Ledger,
    drops: Vec<LinkDrop>,
    /// First silent probe of each closed one of `drops` on the steady axis.
    firsts: Vec<i64>,
    gaps: Vec<Gap>,
    gaps_taken: usize,
    delays: Delays,
    between: Between,
    imported: bool,
    /// Between runs nothing is known of the link.
    watching: bool,
    /// Delay at the onset of the drop that lasts.
    usual_delay: i64,
    finished: bool,
}

/// What happened since the last anchor probe.
#[derive(Debug, Clone, Copy, Default)]
struct Between {
    /// Why a gap here is one, when a run ended.
    crossing: Option<GapReason>,
    slept: bool,
    /// How the last run ended, until the next begins.
    ended: Option<RunEnd>,
}

impl Detector {
    /// A detector that has seen nothing.
    pub fn new(parameters: Parameters) -> Self {
        Self {
            axis: Axis::default(),
            roster: Roster::new(),
            group: Group::new(&parameters),
            evidence: Evidence::default(),
            web: Web::default(),
            web_declared: None,
            troubles: Troubles::new(parameters.target_trouble_losses),
            partial: Partial::default(),
            ipv6: Family::new(family::Kind::Ipv6, &parameters),
            dns: Family::new(family::Kind::Dns, &parameters),
            witness: Witness::default(),
            held: Held::default(),
            loss: Loss::new(&parameters),
            slow: Slow::new(&parameters),
            ledger: Ledger::default(),
            drops: Vec::new(),
            firsts: Vec::new(),
            gaps: Vec::new(),
            gaps_taken: 0,
            delays: Delays::default(),
            between: Between::default(),
            imported: false,
            watching: false,
            usual_delay: 0,
            finished: false,
            parameters,
        }
    }

    /// Says who is who, before the first measurement and whenever targets change. What is known of
    /// targets that stay is kept. IPv4 anchors decide; IPv6 anchors only where there is no other.
    pub fn set_targets(&mut self, targets: &[Target]) {
        self.roster.set_targets(targets);
        let roster = &self.roster;
        self.group.set_members(roster.intervals(Class::Link));
        self.ipv6.group.set_members(roster.intervals(Class::Ipv6));
        self.dns.group.set_members(roster.intervals(Class::Dns));
        self.evidence.set_targets(roster.watched());
        self.troubles.set_targets(roster.iter().map(|(watched, listed)| Candidate {
            target: watched.id,
            decides: watched.decides,
            interval: listed.interval,
        }));
    }

    /// This target is known to answer, from a record that is finished: silence at its very begin
    /// is a verdict then.
    pub fn vouch_for(&mut self, target: TargetId) {
        if let Some(index) = self.roster.index(target) {
            self.group.vouch_for(usize::from(index));
        }
    }

    /// Goes on with the next run. A run that was not ended before is taken as crashed.
    pub fn begin_run(&mut self, run: &Run) {
        self.unfinish();
        let ended = self.between.ended.take();
        self.imported = run.ended == Some(RunEnd::Import) || run.boot_id.is_none();
        let crossing = self.axis.begin(run);
        self.between.crossing = match (crossing, ended) {
            (Crossing::First, _) => None,
            (_, Some(RunEnd::Import | RunEnd::Merged)) | (Crossing::Unknown, _) => {
                Some(GapReason::NoRecord)
            }
            (Crossing::OtherBoot, _) => Some(GapReason::Rebooted),
            (_, Some(RunEnd::Clean)) => Some(GapReason::Stopped),
            (_, Some(RunEnd::ClockStep)) => None,
            (_, Some(RunEnd::Crash) | None) => Some(GapReason::Crashed),
        };
        self.watching &= ended == Some(RunEnd::ClockStep);
        for group in [&mut self.group, &mut self.ipv6.group, &mut self.dns.group] {
            if crossing != Crossing::SameBoot {
                group.forget_seen();
            }
            if crossing == Crossing::OtherBoot {
                group.cut();
            }
        }
    }

    /// The run ended at `_at`, its own UTC.
    pub fn end_run(&mut self, _at: Timestamp, how: RunEnd) {
        self.between.ended = Some(how);
        self.watching &= how == RunEnd::ClockStep;
    }

    /// Takes note that the machine slept: the next gap has a reason.
    pub fn on_host(&mut self, event: &HostEvent) {
        self.between.slept |= matches!(event.what, HostChange::Slept { .. });
    }

    /// Whether measurements of this target matter here.
    pub fn watches(&self, target: TargetId) -> bool {
        self.roster.index(target).is_some()
    }

    /// Whether it is probed over ICMP.
    pub(super) fn is_icmp(&self, target: TargetId) -> bool {
        self.roster.index(target).is_some_and(|index| self.roster.listed(index).address.is_some())
    }

    /// Takes the next measurement.
    pub fn on_measurement(&mut self, m: &Measurement) {
        let Some(index) = self.roster.index(m.target) else { return };
        self.unfinish();
        let at = self.axis.moment(m.sent_at);
        let class = self.roster.listed(index).class;
        match class {
            Class::Link => self.on_link_probe(index, at, &m.outcome),
            Class::Ipv6 | Class::Dns => self.on_family_probe(class, index, at, &m.outcome),
            Class::Web => self.on_web(at, &m.outcome),
            Class::Other => {}
        }
        if class != Class::Link {
            self.on_service(class, index, at, &m.outcome);
        }
        self.partial.look(&self.troubles, &mut self.ledger);
    }

    fn on_link_probe(&mut self, index: u8, at: Moment, outcome: &Outcome) {
        let target = usize::from(index);
        let watched = self.roster.watched()[target];
        if watched.decides {
            self.group.on_due(target, at);
        }
        let (sign, answer) = match outcome {
            // A packet that waited in this host was still to go through the link.
            Outcome::Reply(reply) => {
                let whole = reply.rtt + reply.local_queue.unwrap_or_default();
                (Sign::Answered, Some(micros(whole)))
            }
            // It was on its way when sent, and waited somewhere: silence ends with its sending. Of
            // the end of a drop, its delay tells no more than the time to recover does.
            Outcome::Late { rtt } if self.group.link.open().is_some() => {
                (Sign::Answered, Some(micros((*rtt).min(self.parameters.recover_after))))
            }
            Outcome::Late { .. } => (Sign::Answered, Some(self.delays.median())),
            Outcome::Lost | Outcome::Failed(_) => (Sign::Lost, None),
            Outcome::Unreachable(error) => {
                self.hear(error.by, index, at);
                (if error.by.is_none() { Sign::LostHere } else { Sign::Lost }, None)
            }
            Outcome::NotSent(NotSent::NoRoute | NotSent::LinkDown) => (Sign::LostHere, None),
            Outcome::NotSent(_) => return,
        };
        // A hop that could not be asked has said nothing.
        if watched.decides || outcome.was_sent() {
            let sign = if watched.decides || sign != Sign::LostHere { sign } else { Sign::Lost };
            self.evidence.saw(Sighting { at: at.steady, target: index, sign });
        }
        if watched.decides {
            self.web.on_anchor(at, answer.is_some(), sign == Sign::LostHere);
            self.on_anchor(&Pooled { at, target: index, answer });
        }
        if let Some(seen) = seen(outcome) {
            let Watched { id, role, decides } = watched;
            self.hold(Calm { at, target: index, id, role, decides, seen });
        }
        match (answer, watched.role) {
            (Some(_), _) => self.troubles.on_answer(target, at),
            (None, Role::Anchor | Role::Service) if outcome.was_sent() => {
                self.troubles.on_lost(target, at);
            }
            _ => {}
        }
    }

    fn on_family_probe(&mut self, class: Class, index: u8, at: Moment, outcome: &Outcome) {
        let answer = match outcome {
            Outcome::Reply(reply) => Some(micros(reply.rtt)),
            Outcome::Late { .. } => Some(micros(self.parameters.recover_after)),
            Outcome::NotSent(_) => return,
            _ => None,
        };
        let family = if class == Class::Ipv6 { &mut self.ipv6 } else { &mut self.dns };
        let sample = Pooled { at, target: index, answer };
        family.on_sample(&sample, &self.witness, &mut self.ledger);
    }

    fn on_web(&mut self, at: Moment, outcome: &Outcome) {
        let (nature, known) = match outcome {
            Outcome::Reply(reply) => (Nature::Filtered, at.plus(micros(reply.rtt))),
            Outcome::Failed(failed) if failed.reason == FailedReason::CaptivePortal => {
                (Nature::Portal, at)
            }
            // Somebody answered, and nobody knows who.
            Outcome::Failed(failed) if failed.reason == FailedReason::Status => return,
            Outcome::NotSent(_) => return,
            _ => (Nature::Down, at),
        };
        if self.web.on_shown(Shown { sent: at, known, nature }) {
            self.vouch_by_web(known);
        }
    }

    /// Anchors that never answered are no witnesses of a drop, for who knows whether they ever
    /// would. Where the web shows that the link works, their silence since the begin is a verdict.
    fn vouch_by_web(&mut self, now: Moment) {
        let enough = micros(self.parameters.drop_after);
        let silent = self.group.link.silent_since();
        if silent.is_some_and(|(first, _)| now.since(first) >= enough) {
            self.group.vouch_for_silent();
        }
    }

    /// A service may be in trouble of its own, too.
    fn on_service(&mut self, class: Class, index: u8, at: Moment, outcome: &Outcome) {
        if !outcome.was_sent() {
            return;
        }
        if !outcome.is_lost() || matches!(outcome, Outcome::Late { .. }) {
            self.troubles.on_answer(usize::from(index), at);
        } else if class != Class::Ipv6 || !self.ipv6.is_silent() {
            self.troubles.on_lost(usize::from(index), at);
        }
    }

    fn hold(&mut self, calm: Calm) {
        let open = self.group.link.open();
        if open.is_none_or(|stretch| calm.at.since(stretch.first) < 0) {
            self.held.push(Told::Probe(calm));
        }
    }

    /// The record ends here, for now: [`Self::drops`] then holds the open drop as well.
    pub fn finish(&mut self) {
        if !self.finished
            && let Some(open) = self.open_drop()
        {
            self.finished = true;
            self.drops.push(open);
        }
    }

    /// The drops and blips found, by onset; after [`Self::finish`] the open one last.
    pub fn drops(&self) -> &[LinkDrop] {
        &self.drops
    }

    /// Stretches in which nobody watched.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// Troubles of single targets; those that last have no end.
    pub fn troubles(&self) -> &[TargetTrouble] {
        self.troubles.list()
    }

    /// What was wrong while the link was up, or with a part of what it carries; those that last
    /// have no end.
    pub fn impairments(&self) -> &[Impairment] {
        self.ledger.list()
    }

    /// The state of the link and since when; `None` where nothing is known.
    pub fn state(&self) -> (LinkState, Option<Timestamp>) {
        let utc = |moment: Moment| Some(moment.utc);
        if !self.watching {
            return (LinkState::Unknown, None);
        }
        let link = &self.group.link;
        if let Some(stretch) = link.open() {
            let state = match self.web.nature() {
                Nature::Down => LinkState::Down,
                Nature::Filtered | Nature::Portal => LinkState::Up,
            };
            return (state, utc(stretch.first));
        }
        match (link.silent_since(), link.up_since()) {
            (Some((first, true)), _) => (LinkState::Suspect, utc(first)),
            (_, Some(since)) => (LinkState::Up, utc(since)),
            _ => (LinkState::Unknown, None),
        }
    }

    /// Takes out the drops that nothing can change any more, and forgets gaps and troubles that
    /// are over.
    pub(super) fn take_settled(&mut self) -> Vec<LinkDrop> {
        self.unfinish();
        let link = &self.group.link;
        let from = link.may_reopen().or(link.open().map(|s| s.first));
        let from = [from, link.may_absorb()].into_iter().flatten().min_by_key(|m| m.steady);
        // A blip within the window may become part of a drop that stray replies interrupt.
        let now = link.last().map_or(0, |last| last.steady);
        let recent = now - 2 * link.window_length();
        let from = from.map_or(recent, |moment| moment.steady.min(recent));
        let settled = self.firsts.iter().take_while(|first| **first < from).count();
        self.firsts.drain(..settled);
        self.drops.drain(..settled).collect()
    }

    /// Forgets these drops: another detector of the same record gave them out.
    pub(super) fn discard(&mut self, given: &[LinkDrop]) {
        for gone in given {
            if let Some(place) = self.drops.iter().position(|drop| drop.key == gone.key) {
                self.firsts.remove(place);
                self.drops.remove(place);
            }
        }
    }

    /// Forgets gaps, troubles and impairments that were told.
    pub(super) fn forget(&mut self) {
        self.gaps_taken += self.gaps.len();
        self.gaps.clear();
        self.troubles.forget();
        self.ledger.forget();
    }

    pub(super) fn gaps_taken(&self) -> usize {
        self.gaps_taken
    }
    pub(super) fn troubles_taken(&self) -> u64 {
        self.troubles.taken()
    }
    pub(super) fn impairments_taken(&self) -> u64 {
        self.ledger.taken()
    }

    fn unfinish(&mut self) {
        if std::mem::take(&mut self.finished) {
            self.drops.pop();
        }
    }
}

#[cfg(test)]
impl Detector {
    pub(super) fn kept(&self) -> usize {
        self.loss.kept() + self.slow.kept()
    }
}

/// What an observer of the calm link learns of an outcome.
fn seen(outcome: &Outcome) -> Option<Seen> {
    Some(match outcome {
        Outcome::Reply(reply) => {
            Seen::Reply { rtt: micros(reply.rtt), own_queue: reply.local_queue.map(micros) }
        }
        Outcome::Late { .. } => Seen::Late,
        Outcome::Lost | Outcome::Failed(_) | Outcome::Unreachable(_) => Seen::Lost,
        Outcome::NotSent(_) => return None,
    })
}
