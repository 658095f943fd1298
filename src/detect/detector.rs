//! The detector: measurements in send order in, drops, gaps and troubles out.

use std::time::Duration;

use super::delays::Delays;
use super::evidence::{Evidence, Finding, Keep, Sighting, Sign, Watched};
use super::impairment::Ledger;
use super::silence::{Link, Pooled, Step, Stretch};
use super::steady::{Axis, Crossing, Moment};
use super::trouble::Troubles;
use super::{
    Bounds, DropKind, Gap, GapReason, Impairment, LinkDrop, LinkState, Parameters, Run, RunEnd,
    TargetTrouble,
};
use crate::measurement::{Kind, Measurement, NotSent, Outcome, Role, Target, TargetId};
use crate::probe::{HostChange, HostEvent};
use crate::time::{TimeRange, Timestamp, micros};

/// An anchor decides while it answered within this much link-up time.
const ELIGIBLE_US: i64 = 3_600_000_000;

/// Finds drops, gaps and target trouble in a stream of measurements.
///
/// Feed it in the order of the record: runs by number, within a run measurements by send time.
/// Only ICMP measurements of the targets set count; others are ignored. What it holds after any
/// prefix of the record is the verdict on that prefix.
#[derive(Debug, Clone)]
pub struct Detector {
    parameters: Parameters,
    axis: Axis,
    by_id: Vec<Option<u8>>,
    targets: Vec<Watched>,
    anchors: Vec<Anchor>,
    link: Link,
    /// Between two sends of the anchors while somebody watches, however their slots lie.
    longest_pause: i64,
    evidence: Evidence,
    troubles: Troubles,
    ledger: Ledger,
    drops: Vec<LinkDrop>,
    /// First silent probe of each closed one of `drops` on the steady axis.
    firsts: Vec<i64>,
    gaps: Vec<Gap>,
    gaps_taken: usize,
    delays: Delays,
    before: Before,
    imported: bool,
    /// Between runs nothing is known of the link.
    watching: bool,
    /// Delay at the onset of the drop that lasts.
    usual_delay: i64,
    finished: bool,
}

/// What happened since the last anchor probe.
#[derive(Debug, Clone, Copy, Default)]
struct Before {
    /// Why a gap here is one, when a run ended.
    crossing: Option<GapReason>,
    /// Whether the next sample follows a gap however near it is: another boot.
    cut: bool,
    slept: bool,
    /// How the last run ended, until the next begins.
    ended: Option<RunEnd>,
}

/// What decides whether a target may vote; in the order of the targets.
#[derive(Debug, Clone, Default)]
struct Anchor {
    address: Option<std::net::IpAddr>,
    interval: i64,
    /// Link-up time of its last answer.
    answered: Option<i64>,
    /// Last slot in this record; `None` when it is no longer probed.
    seen: Option<i64>,
}

impl Detector {
    /// A detector that has seen nothing.
    pub fn new(parameters: Parameters) -> Self {
        Self {
            axis: Axis::default(),
            by_id: vec![None; 256],
            targets: Vec::new(),
            anchors: Vec::new(),
            link: Link::new(&parameters),
            longest_pause: 0,
            evidence: Evidence::default(),
            troubles: Troubles::new(parameters.target_trouble_losses),
            ledger: Ledger::default(),
            drops: Vec::new(),
            firsts: Vec::new(),
            gaps: Vec::new(),
            gaps_taken: 0,
            delays: Delays::default(),
            before: Before::default(),
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
        let icmp = || targets.iter().filter(|target| target.kind == Kind::Icmp);
        let anchors = || icmp().filter(|target| target.role == Role::Anchor);
        let v6 = anchors().count() > 0 && anchors().all(Target::is_v6);
        for watched in &mut self.targets {
            watched.decides = false;
        }
        self.by_id.fill(None);
        for target in icmp().filter(|target| target.is_v6() == v6) {
            let known = self.targets.iter().position(|watched| watched.id == target.id);
            let index = known.unwrap_or(self.targets.len());
            let Ok(short) = u8::try_from(index) else { continue };
            if known.is_none() {
                let fresh = Watched { id: target.id, role: target.role, decides: false };
                self.targets.push(fresh);
                self.anchors.push(Anchor::default());
            }
            self.targets[index].role = target.role;
            self.targets[index].decides = target.role == Role::Anchor;
            self.anchors[index].address = target.ip();
            self.anchors[index].interval = micros(target.interval).max(1_000);
            self.by_id[usize::from(target.id.0)] = Some(short);
        }
        self.evidence.resize(self.targets.len());
        self.troubles.set_targets(self.targets.iter().map(|t| (t.id, t.decides)));
        self.measure_spacing();
    }

    /// This target is known to answer, from a record that is finished: silence at its very begin
    /// is a verdict then.
    pub fn vouch_for(&mut self, target: TargetId) {
        if let Some(index) = self.by_id[usize::from(target.0)] {
            self.anchors[usize::from(index)].answered.get_or_insert(self.link.uptime);
        }
    }

    /// Goes on with the next run. A run that was not ended before is taken as crashed.
    pub fn begin_run(&mut self, run: &Run) {
        self.unfinish();
        let ended = self.before.ended.take();
        self.imported = run.ended == Some(RunEnd::Import) || run.boot_id.is_none();
        let crossing = self.axis.begin(run);
        self.before.cut = crossing == Crossing::OtherBoot;
        self.before.crossing = match (crossing, ended) {
            (Crossing::First, _) => None,
            (_, Some(RunEnd::Import)) | (Crossing::Unknown, _) => Some(GapReason::NoRecord),
            (Crossing::OtherBoot, _) => Some(GapReason::Rebooted),
            (_, Some(RunEnd::Clean)) => Some(GapReason::Stopped),
            (_, Some(RunEnd::ClockStep)) => None,
            (_, Some(RunEnd::Crash) | None) => Some(GapReason::Crashed),
        };
        self.watching &= ended == Some(RunEnd::ClockStep);
        if crossing != Crossing::SameBoot {
            for anchor in &mut self.anchors {
                anchor.seen = None;
            }
            self.measure_spacing();
        }
    }

    /// The run ended at `_at`, its own UTC.
    pub fn end_run(&mut self, _at: Timestamp, how: RunEnd) {
        self.before.ended = Some(how);
        self.watching &= how == RunEnd::ClockStep;
    }

    /// Takes note that the machine slept: the next gap has a reason.
    pub fn on_host(&mut self, event: &HostEvent) {
        self.before.slept |= matches!(event.what, HostChange::Slept { .. });
    }

    /// Whether measurements of this target matter here: ICMP, of the family that decides.
    pub fn watches(&self, target: TargetId) -> bool {
        self.by_id[usize::from(target.0)].is_some()
    }

    /// Takes the next measurement.
    pub fn on_measurement(&mut self, m: &Measurement) {
        let Some(index) = self.by_id[usize::from(m.target.0)] else { return };
        self.unfinish();
        let at = self.axis.moment(m.sent_at);
        let target = usize::from(index);
        let decides = self.targets[target].decides;
        if decides {
            self.see(target, at.steady);
        }
        let (sign, answer) = match &m.outcome {
            // A packet that waited in this host was still to go through the link.
            Outcome::Reply(reply) => {
                let whole = reply.rtt + reply.local_queue.unwrap_or_default();
                (Sign::Answered, Some(micros(whole)))
            }
            // It was on its way when sent, and waited somewhere: silence ends with its sending. Of
            // the end of a drop, its delay tells no more than the time to recover does.
            Outcome::Late { rtt } if self.link.open().is_some() => {
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
        if decides || m.outcome.was_sent() {
            let sign = if decides || sign != Sign::LostHere { sign } else { Sign::Lost };
            self.evidence.saw(Sighting { at: at.steady, target: index, sign });
        }
        if decides {
            self.on_anchor(&Pooled { at, target: index, answer });
        }
        match (answer, self.targets[target].role) {
            (Some(_), _) => self.troubles.on_answer(target, at),
            (None, Role::Anchor | Role::Service) if m.outcome.was_sent() => {
                self.troubles.on_lost(target, at);
            }
            _ => {}
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

    /// The drop that lasts, as far as it is known.
    pub fn open_drop(&self) -> Option<LinkDrop> {
        let stretch = self.link.open()?;
        Some(self.link_drop(&stretch, self.evidence.finding(&self.targets), DropKind::Drop))
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
        if let Some(stretch) = self.link.open() {
            return (LinkState::Down, utc(stretch.first));
        }
        match (self.link.silent_since(), self.link.up_since()) {
            (Some((first, true)), _) => (LinkState::Suspect, utc(first)),
            (_, Some(since)) => (LinkState::Up, utc(since)),
            _ => (LinkState::Unknown, None),
        }
    }

    /// Takes out the drops that nothing can change any more, and forgets gaps and troubles that
    /// are over.
    pub(super) fn take_settled(&mut self) -> Vec<LinkDrop> {
        self.unfinish();
        let from = self.link.may_reopen().or(self.link.open().map(|s| s.first));
        // A blip within the window may become part of a drop that stray replies interrupt.
        let now = self.link.last().map_or(0, |last| last.steady);
        let recent = now - 2 * self.link.window_length();
        let from = from.map_or(recent, |moment| moment.steady.min(recent));
        let settled = self.firsts.iter().take_while(|first| **first < from).count();
        self.firsts.drain(..settled);
        self.drops.drain(..settled).collect()
    }

    /// Forgets the first `count` drops: another detector of the same record gave them out.
    pub(super) fn discard(&mut self, count: usize) {
        self.firsts.drain(..count.min(self.firsts.len()));
        self.drops.drain(..count.min(self.drops.len()));
    }

    /// Forgets gaps and troubles that were told.
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

    /// An ICMP error shows that the router which sent it lives.
    fn hear(&mut self, by: Option<std::net::IpAddr>, about: u8, at: Moment) {
        let Some(by) = by else { return };
        let router = self.anchors.iter().position(|a| a.address == Some(by));
        if let Some(router) = router.and_then(|index| u8::try_from(index).ok())
            && router != about
        {
            let told = Sighting { at: at.steady, target: router, sign: Sign::ToldError };
            self.evidence.saw(told);
        }
    }

    /// The anchor `target` was due at `now`; those not due for long are no longer probed.
    fn see(&mut self, target: usize, now: i64) {
        let mut changed = self.anchors[target].seen.replace(now).is_none();
        for anchor in &mut self.anchors {
            let patience = 10_000_000 + 10 * anchor.interval;
            if anchor.seen.is_some_and(|then| now - then > patience) {
                anchor.seen = None;
                changed = true;
            }
        }
        if changed {
            self.measure_spacing();
        }
    }

    fn on_anchor(&mut self, sample: &Pooled) {
        self.watching = true;
        let anchors = &self.anchors;
        let uptime = self.link.uptime;
        let sole = self.targets.iter().zip(anchors).filter(|(t, a)| t.decides && a.seen.is_some());
        let needed = if sole.count() == 1 { 1 } else { 2 };
        let confirms = |silent: u128| {
            let eligible = |(index, anchor): &(usize, &Anchor)| {
                silent & super::window::bit(u8::try_from(*index).unwrap_or(u8::MAX)) != 0
                    && anchor.answered.is_some_and(|then| uptime - then <= ELIGIBLE_US)
            };
            anchors.iter().enumerate().filter(eligible).count() >= needed
        };
        let gap = self.link.last().filter(|last| {
            let limit = micros(self.parameters.gap_after).max(self.longest_pause);
            self.before.cut || sample.at.since(*last) > limit
        });
        let mut step = None;
        if let Some(last) = gap {
            let length = sample.at.since(last);
            step = self.link.on_gap(length, sample, confirms);
            let reason = match self.before.crossing {
                Some(reason) => reason,
                None if self.before.slept => GapReason::Asleep,
                None if self.imported => GapReason::NoRecord,
                None => GapReason::Stalled,
            };
            // In the UTC of the run it leads to: a step of the clock inside must not turn it round.
            let from = sample.at.plus(-length).utc;
            self.gaps.push(Gap { range: TimeRange { from, to: sample.at.utc }, reason });
        }
        self.before = Before::default();
        let next = self.link.on_sample(sample, confirms);
        for step in [step, next].into_iter().flatten() {
            self.on_step(step);
        }
        if let Some(rtt) = sample.answer {
            let now = self.link.uptime;
            let before = self.anchors[usize::from(sample.target)].answered.replace(now);
            if before.is_none_or(|then| now - then > ELIGIBLE_US) {
                self.link.on_new_witness();
            }
            self.delays.push(rtt);
        }
        self.sort_evidence(sample);
    }

    fn sort_evidence(&mut self, sample: &Pooled) {
        let uptime = self.link.uptime;
        if let Some(stretch) = self.link.open() {
            self.troubles.on_link_silence();
            if !self.link.may_be_over() {
                self.evidence.take(&stretch, uptime);
            }
            return;
        }
        let since = self.link.silent_since().map(|(first, _)| first.steady);
        let now = sample.at.steady;
        let keep = Keep { window: self.link.window_length(), spacing: self.link.spacing };
        self.evidence.remember(now, since, keep, uptime);
        // Longer than any one anchor's own spacing: what is lost is lost by all.
        let alone = 1_500_000.max(self.anchors[usize::from(sample.target)].interval * 3 / 2);
        if since.is_some_and(|first| now - first >= alone) {
            self.troubles.on_link_silence();
        }
    }

    fn on_step(&mut self, step: Step) {
        let open = self.link.open();
        match step {
            Step::Opened => {
                let Some(stretch) = open else { return };
                self.swallow(stretch.first);
                self.usual_delay = self.delays.median();
                self.evidence.open(stretch.first.steady);
            }
            Step::Reopened => {
                let Some(stretch) = open else { return };
                self.swallow(stretch.first);
                self.evidence.reopen();
            }
            Step::Closed(stretch) => {
                self.evidence.close(&stretch, self.link.uptime);
                let finding = self.evidence.finding(&self.targets);
                let drop = self.link_drop(&stretch, finding, DropKind::Drop);
                self.firsts.push(stretch.first.steady);
                self.drops.push(drop);
            }
            Step::Blip(stretch) => {
                self.usual_delay = self.delays.median();
                let drop = self.link_drop(&stretch, Finding::default(), DropKind::Blip);
                self.firsts.push(stretch.first.steady);
                self.drops.push(drop);
            }
        }
    }

    /// Blips and drops from `first` on are part of a longer drop.
    fn swallow(&mut self, first: Moment) {
        while self.firsts.last().is_some_and(|known| *known >= first.steady) {
            self.firsts.pop();
            self.drops.pop();
        }
    }

    fn link_drop(&self, stretch: &Stretch, finding: Finding, kind: DropKind) -> LinkDrop {
        let length = |us: i64| Duration::from_micros(u64::try_from(us).unwrap_or(0));
        let Stretch { first, last, .. } = *stretch;
        let before = stretch.before.map_or(0, |before| first.since(before));
        let onset =
            Bounds { earliest: first.plus(-before).utc, latest: first.plus(self.usual_delay).utc };
        let end = stretch.ended.map(|ended| Bounds {
            earliest: ended.plus(-ended.since(last)).utc,
            latest: ended.utc,
        });
        let newest = self.link.last().unwrap_or(last);
        let min = last.since(first) - self.usual_delay - stretch.unobserved;
        let max = stretch.ended.unwrap_or(newest).since(first) + before;
        let outage = min > micros(self.parameters.outage_after);
        LinkDrop {
            key: first.utc,
            kind: if outage && kind == DropKind::Drop { DropKind::Outage } else { kind },
            onset,
            end,
            min: length(min),
            max: length(max),
            unobserved: length(stretch.unobserved),
            places: finding.places,
            answered: finding.answered,
            silent: finding.silent,
            flaps: stretch.flaps,
        }
    }

    /// Pooled spacing: that of the anchors being probed together; of all before the first.
    fn measure_spacing(&mut self) {
        let rate = |seen: bool| {
            let anchors = self.targets.iter().zip(&self.anchors);
            let deciding = anchors.filter(|(t, a)| t.decides && (!seen || a.seen.is_some()));
            deciding.map(|(_, a)| 1_000_000_000_000 / a.interval).sum::<i64>()
        };
        let rate = Some(rate(true)).filter(|rate| *rate > 0).unwrap_or_else(|| rate(false));
        self.link.spacing = 1_000_000_000_000 / rate.max(1);
        let seen =
            self.targets.iter().zip(&self.anchors).filter(|(t, a)| t.decides && a.seen.is_some());
        self.link.anchors = u32::try_from(seen.clone().count()).unwrap_or(u32::MAX);
        // Other tools probe all anchors at once and then none until the next round.
        let round = seen.map(|(_, anchor)| anchor.interval).min().unwrap_or(0);
        self.longest_pause = (self.link.spacing * 5 / 2).max(round * 3 / 2);
    }
}
