//! The detector: measurements in send order in; drops, gaps, troubles and impairments out.

use std::time::Duration;

use super::failover::{FailoverTurn, FailoverWatch, Taken};
use super::impairments::observers::Observers;
use super::link::ability::Ability;
use super::link::verdicts::LinkVerdicts;
use super::monotonic::MonotonicLine;
use super::parameters::Parameters;
use super::target_index::{TargetClass, TargetIndex, Transport};
use crate::time::{Micros, Timestamp};
use crate::vocabulary::{
    Bounds, Figures, Gap, HostEvent, Impairment, LinkDrop, LinkState, Measurement, NotSent,
    Outcome, Roster, Run, RunEnd, Target, TargetId, TargetTrouble,
};

/// Finds drops, gaps, target trouble and impairments in a stream of measurements.
///
/// Feed it in the order of the record: runs by number, within a run measurements by send time.
/// Only measurements of the targets set count; others are ignored. What it holds after any prefix
/// of the record is the verdict on that prefix.
#[derive(Debug, Clone)]
pub struct Detector {
    line: MonotonicLine,
    targets: TargetIndex,
    link: LinkVerdicts,
    observers: Observers,
    ability: Ability,
    failover: FailoverWatch,
    /// Number of the impairment that the failover in progress is.
    failover_number: Option<u64>,
    /// How long the link is watched before a family that does not answer gives way to the other.
    patience: Micros,
}

impl Detector {
    /// A detector that has seen nothing.
    pub fn new(parameters: Parameters) -> Self {
        Self {
            line: MonotonicLine::default(),
            targets: TargetIndex::new(),
            observers: Observers::new(&parameters),
            ability: Ability::default(),
            failover: FailoverWatch::new(parameters.drop_after.into()),
            failover_number: None,
            patience: parameters.drop_after.into(),
            link: LinkVerdicts::new(parameters),
        }
    }

    /// Sets the targets, before the first measurement and whenever they change. Targets that stay
    /// keep what is known about them. Until [`Self::set_roster`] says more, all are taken to be in
    /// use, IPv4 anchors decide, and IPv6 anchors only where there is no other.
    pub fn set_targets(&mut self, targets: &[Target]) {
        self.targets.set_targets(targets);
        self.take_targets();
    }

    /// Sets which targets are in use from here on, and which anchors may vote. IPv4 anchors decide
    /// where two of them are able, else those over IPv6.
    pub fn set_roster(&mut self, roster: &Roster) {
        let false_witnesses = self.observers.voice().false_witnesses();
        let believed = false_witnesses.iter().fold(roster.clone(), |r, id| r.without_vote_of(*id));
        self.targets.set_roster(&believed);
        self.take_targets();
    }

    /// Anchors that answered alone, against all others, more than once: they do not vote from then
    /// on.
    pub fn false_witnesses(&self) -> &[TargetId] {
        self.observers.voice().false_witnesses()
    }

    /// A later part of the record shows that this anchor is a false witness.
    pub fn disbelieve(&mut self, target: TargetId) {
        self.observers.voice_mut().disbelieve(target);
        self.set_roster(&self.targets.roster().clone());
    }

    /// This anchor answered alone, against all others, in an earlier part of the record.
    pub(super) fn suspect(&mut self, target: TargetId) {
        self.observers.voice_mut().suspect(target);
    }

    fn take_targets(&mut self) {
        self.link.set_targets(&self.targets);
        self.observers.set_targets(&self.targets);
    }

    /// This target is known to answer, from a record that is finished: silence at its very start
    /// is a verdict then.
    pub fn vouch_for(&mut self, target: TargetId) {
        if let Some(index) = self.targets.index(target) {
            self.link.vouch_for(index);
        }
    }

    /// Continues with the next run. A run that was not ended is taken to have crashed.
    pub fn begin_run(&mut self, run: &Run) {
        self.release_held();
        self.link.unfinish();
        let crossing = self.line.begin(run);
        self.link.begin_run(run, crossing);
        self.observers.begin_run(crossing);
    }

    /// The run ended at `_at`, its own UTC.
    pub fn end_run(&mut self, _at: Timestamp, how: RunEnd) {
        self.release_held();
        self.link.end_run(how);
    }

    /// Notes that the machine slept, so that the next gap has a reason, and that it came to another
    /// network.
    pub fn on_host(&mut self, event: &HostEvent) {
        self.link.on_host(event, &self.targets);
    }

    /// All that was sent up to `at` has been reported, or would have been: where nothing was, the
    /// state is not known any more.
    pub(super) fn on_time(&mut self, at: Timestamp) {
        if !self.failover.is_holding() {
            self.link.on_time(self.line.peek(at));
        }
    }

    /// Whether measurements of this target matter here.
    pub fn watches(&self, target: TargetId) -> bool {
        self.targets.index(target).is_some()
    }

    /// Whether its silence decides, with others, that the link is down.
    pub fn decides(&self, target: TargetId) -> bool {
        let index = self.targets.index(target);
        index.is_some_and(|index| self.targets.watched()[usize::from(index)].decides)
    }

    /// The anchors that decide now.
    pub fn deciding(&self) -> Vec<TargetId> {
        self.targets.watched().iter().filter(|w| w.decides).map(|w| w.id).collect()
    }

    /// Whether it is probed over ICMP.
    pub(super) fn is_icmp(&self, target: TargetId) -> bool {
        self.targets.index(target).is_some_and(|index| self.targets.listed(index).address.is_some())
    }

    /// Takes the next measurement.
    pub fn on_measurement(&mut self, m: &Measurement) {
        let Some(index) = self.targets.index(m.target) else { return };
        match self.failover.take(m, index, &self.targets) {
            Taken::AsItIs => {}
            Taken::Nothing | Taken::Held => return,
            Taken::Lost => {
                self.judge(&Measurement { outcome: Outcome::Lost, ..m.clone() });
                return;
            }
            Taken::Unknown => {
                let outcome = Outcome::NotSent(NotSent::OtherWay);
                self.judge(&Measurement { outcome, ..m.clone() });
                return;
            }
            Taken::Released(held) => {
                for m in &held {
                    self.judge(m);
                }
                self.follow_failover();
                return;
            }
        }
        self.judge(m);
        self.follow_failover();
    }

    /// Since when the router has sent packets by another way, if it does.
    pub fn by_another_way_since(&self) -> Option<Timestamp> {
        self.failover.other_since()
    }

    fn release_held(&mut self) {
        for m in &self.failover.release() {
            self.judge(m);
        }
    }

    /// A failover that began or ended is an impairment, which says whose answers those are.
    fn follow_failover(&mut self) {
        for turn in self.failover.take_turns() {
            match turn {
                FailoverTurn::Began { answered, silent } => {
                    let earliest = answered.unwrap_or(silent).min(silent);
                    self.failover_number = Some(self.observers.declare(Impairment {
                        key: silent,
                        target: None,
                        onset: Bounds { earliest, latest: silent },
                        end: None,
                        unobserved: Duration::ZERO,
                        places: Vec::new(),
                        figures: Figures::OtherWay,
                    }));
                }
                FailoverTurn::Ended { last, first } => {
                    let number = self.failover_number.take();
                    if let Some(known) = number.and_then(|n| self.observers.impairment_mut(n)) {
                        known.end = Some(Bounds { earliest: last, latest: first });
                    }
                }
            }
        }
    }

    fn judge(&mut self, m: &Measurement) {
        let Some(index) = self.targets.index(m.target) else { return };
        self.link.unfinish();
        let at = self.line.moment(m.sent_at);
        let class = self.targets.listed(index).class;
        let Self { targets, link, observers, .. } = self;
        match class {
            TargetClass::Link => link.on_link_probe(index, at, &m.outcome, targets, observers),
            TargetClass::Ipv6 | TargetClass::Dns => {
                if class == TargetClass::Ipv6 {
                    link.on_other_family(index, at, &m.outcome);
                }
                observers.on_family_probe(class, index, at, &m.outcome);
            }
            TargetClass::Web | TargetClass::Other => {}
        }
        if let Some(asked) = targets.listed(index).web_asked(index) {
            link.on_web(asked, at, &m.outcome);
            if class == TargetClass::Web && link.is_answered() {
                observers.on_check(asked, at, &m.outcome);
            }
        }
        let listed = targets.listed(index);
        match (listed.transport, listed.literal) {
            (Transport::Connections, _) => {
                observers.on_connection(index, listed.owner, at, &m.outcome);
            }
            (Transport::Names, Some(server))
                if class != TargetClass::Dns && targets.name_server() != Some(server) =>
            {
                observers.on_other_server(index, server, at, &m.outcome);
            }
            _ => {}
        }
        if class != TargetClass::Link {
            observers.on_service(listed, index, at, &m.outcome);
        }
        observers.look();
        if targets.roster().is_known()
            && let Some(false_witness) = observers.on_witness(index, at, &m.outcome, targets)
        {
            let believed = targets.roster().without_vote_of(false_witness);
            self.targets.set_roster(&believed);
            self.take_targets();
        }
        if matches!(m.outcome, Outcome::Reply(_) | Outcome::Late { .. }) {
            self.on_answer(index, at.mono);
        }
    }

    /// An answer of an anchor may show that another family is to decide.
    fn on_answer(&mut self, index: u8, at: Micros) {
        if !self.targets.roster().is_known() || self.targets.voters().all(|(v, _)| v != index) {
            return;
        }
        let uptime = self.link.uptime();
        self.ability.on_answer(index, at, uptime);
        let family = self.ability.family(&self.targets, at, uptime, self.patience);
        if family != self.targets.family() {
            self.targets.set_family(family);
            self.take_targets();
            let able = self.targets.voters().map(|(index, _)| index);
            for index in able.filter(|index| self.ability.is_able(*index, uptime)) {
                self.link.vouch_for(index);
            }
        }
    }

    /// The drop in progress, as far as it is known.
    pub fn open_drop(&self) -> Option<LinkDrop> {
        self.link.open_drop(&self.targets)
    }

    /// The record ends here, for now: [`Self::drops`] then includes the open drop.
    pub fn finish(&mut self) {
        self.release_held();
        self.link.finish(&self.targets);
    }

    /// The drops and blips found, by onset; after [`Self::finish`] the open one last.
    pub fn drops(&self) -> &[LinkDrop] {
        self.link.drops()
    }

    /// Stretches of which it is not known whether the link was up; after [`Self::finish`] the one
    /// in progress last.
    pub fn gaps(&self) -> &[Gap] {
        self.link.gaps()
    }

    /// The unknown time in progress, up to the newest measurement.
    pub fn open_gap(&self) -> Option<Gap> {
        self.link.open_gap()
    }

    /// Troubles of single targets; those that still last have no end.
    pub fn troubles(&self) -> &[TargetTrouble] {
        self.observers.troubles()
    }

    /// What was wrong while the link was up, or with a part of what it carries; those that still
    /// last have no end.
    pub fn impairments(&self) -> &[Impairment] {
        self.observers.impairments()
    }

    /// The state of the link and since when; `None` where nothing is known.
    pub fn state(&self) -> (LinkState, Option<Timestamp>) {
        let (state, since) = self.link.state();
        match self.observers.login_since() {
            Some(login) if state == LinkState::Up => {
                (LinkState::Disputed, since.map(|up| up.max(login)))
            }
            _ => (state, since),
        }
    }

    /// Removes and returns the drops that nothing can change any more.
    pub(super) fn take_settled(&mut self) -> Vec<LinkDrop> {
        self.link.take_settled()
    }

    /// Forgets these drops: another detector of the same record gave them out.
    pub(super) fn discard(&mut self, given: &[LinkDrop]) {
        self.link.discard(given);
    }

    /// Removes and returns the gaps.
    pub(super) fn take_gaps(&mut self) -> Vec<Gap> {
        self.link.take_gaps()
    }

    /// Lists a gap again that was taken too early.
    pub(super) fn restore_gap(&mut self, gap: Option<&Gap>) {
        self.link.restore_gap(gap);
    }

    /// Forgets these gaps: another detector of the same record gave them out.
    pub(super) fn discard_gaps(&mut self, given: &[Gap]) {
        self.link.discard_gaps(given);
    }

    /// Forgets the troubles and impairments that are over.
    pub(super) fn forget(&mut self) {
        self.observers.forget();
    }

    /// The numbers of [`Self::troubles`].
    pub(super) fn trouble_numbers(&self) -> &[u64] {
        self.observers.trouble_numbers()
    }

    /// The numbers of [`Self::impairments`].
    pub(super) fn impairment_numbers(&self) -> &[u64] {
        self.observers.impairment_numbers()
    }
}

#[cfg(test)]
impl Detector {
    pub(super) fn kept(&self) -> usize {
        self.observers.kept()
    }
}
