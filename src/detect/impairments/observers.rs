//! All observers of what is not a drop, and the one ledger that they write to.

use std::net::IpAddr;
use std::time::Duration;

use super::calm::{CalmEvent, CalmProbe, HeldEvents};
use super::family::{LinkWitness, ServiceGroup, ServiceGroupKind};
use super::ledger::Ledger;
use super::login::LoginObserver;
use super::loss::LossObserver;
use super::partial::PartialOutage;
use super::slow::SlowObserver;
use super::trouble::{Candidate, Troubles};
use super::voice::VoiceObserver;
use super::web::WebAsked;
use crate::detect::link::silence::{LinkTracker, PooledProbe};
use crate::detect::link::stretch::SilentStretch;
use crate::detect::monotonic::{Moment, RunCrossing};
use crate::detect::parameters::Parameters;
use crate::detect::target_index::{IndexedTarget, TargetClass, TargetIndex, Transport};
use crate::time::{Micros, Timestamp};
use crate::vocabulary::{
    FailedReason, Impairment, NameServerPlace, Outcome, TargetId, TargetTrouble, is_private,
};

/// The rules for target trouble, partial outages, IPv6, name service, loss and delay.
#[derive(Debug, Clone)]
pub(crate) struct Observers {
    recover_after: Duration,
    troubles: Troubles,
    partial: PartialOutage,
    ipv6: ServiceGroup,
    dns: ServiceGroup,
    tcp: ServiceGroup,
    /// Name servers other than the one in use, by index: when each last answered, with its address.
    other_servers: Vec<(u8, Option<Moment>, IpAddr)>,
    witness: LinkWitness,
    voice: VoiceObserver,
    login: LoginObserver,
    held: HeldEvents,
    loss: LossObserver,
    slow: SlowObserver,
    ledger: Ledger,
}

impl Observers {
    pub(crate) fn new(parameters: &Parameters) -> Self {
        Self {
            recover_after: parameters.recover_after,
            troubles: Troubles::new(parameters.target_trouble_losses),
            partial: PartialOutage::default(),
            ipv6: ServiceGroup::new(ServiceGroupKind::Ipv6, parameters),
            dns: ServiceGroup::new(ServiceGroupKind::Dns, parameters),
            tcp: ServiceGroup::new(ServiceGroupKind::Tcp, parameters),
            other_servers: Vec::new(),
            witness: LinkWitness::default(),
            voice: VoiceObserver::new(parameters.drop_after.into()),
            login: LoginObserver::default(),
            held: HeldEvents::default(),
            loss: LossObserver::new(parameters),
            slow: SlowObserver::new(parameters),
            ledger: Ledger::default(),
        }
    }

    pub(crate) fn set_targets(&mut self, targets: &TargetIndex) {
        self.ipv6.group.set_members(targets.intervals(TargetClass::Ipv6));
        self.dns.group.set_members(targets.intervals(TargetClass::Dns));
        let connections = targets.connections();
        if connections.iter().all(Option::is_none) {
            self.tcp.disband(&mut self.ledger);
        }
        self.tcp.group.set_members(connections.into_iter());
        let at_home = |address: &IpAddr| is_private(*address) && !address.is_loopback();
        self.dns.name_server.server = match targets.name_server().filter(at_home) {
            Some(_) => NameServerPlace::Home,
            None => NameServerPlace::Beyond,
        };
        if targets.intervals(TargetClass::Ipv6).all(|interval| interval.is_none()) {
            self.ipv6.disband(&mut self.ledger);
        }
        self.troubles.set_targets(targets.iter().map(|(watched, listed)| Candidate {
            target: watched.id,
            decides: watched.decides,
            interval: listed.interval,
            transport: listed.transport,
        }));
    }

    pub(crate) fn begin_run(&mut self, crossing: RunCrossing) {
        self.ipv6.group.begin_run(crossing);
        self.dns.group.begin_run(crossing);
        self.tcp.group.begin_run(crossing);
        self.voice.begin_run(crossing);
    }

    /// Any probe: gives the anchor that it shows to be a false witness.
    pub(crate) fn on_witness(
        &mut self,
        index: u8,
        at: Moment,
        outcome: &Outcome,
        targets: &TargetIndex,
    ) -> Option<TargetId> {
        let found = self.voice.on_probe(index, at, outcome, targets, &mut self.ledger);
        if self.voice.is_open() {
            // Then it is not the others that are in trouble.
            self.troubles.on_link_silence();
        }
        found
    }

    /// What became of a connectivity check while the anchors answer.
    pub(crate) fn on_check(&mut self, asked: WebAsked, at: Moment, outcome: &Outcome) {
        self.login.on_check(asked, at, outcome, &mut self.ledger);
    }

    /// Since when a login page stands in the way while the anchors answer.
    pub(crate) fn login_since(&self) -> Option<Timestamp> {
        self.login.since()
    }

    /// Who answers alone against all others.
    pub(crate) fn voice(&self) -> &VoiceObserver {
        &self.voice
    }

    /// The same, to be told what is known of earlier times.
    pub(crate) fn voice_mut(&mut self) -> &mut VoiceObserver {
        &mut self.voice
    }

    /// A probe of an IPv6 anchor or a name server.
    pub(crate) fn on_family_probe(
        &mut self,
        class: TargetClass,
        index: u8,
        at: Moment,
        outcome: &Outcome,
    ) {
        let answer = match outcome {
            Outcome::Reply(reply) => Some(reply.rtt.into()),
            Outcome::Late { .. } => Some(self.recover_after.into()),
            Outcome::NotSent(_) => return,
            // The server answers, if wrongly.
            Outcome::Failed(failed) if failed.reason == FailedReason::HomePage => {
                Some(Micros::ZERO)
            }
            _ => None,
        };
        let family = if class == TargetClass::Ipv6 { &mut self.ipv6 } else { &mut self.dns };
        let sample = PooledProbe { at, target: index, answer, held: None };
        family.on_sample(&sample, 0, &self.witness, &mut self.ledger);
        if class == TargetClass::Dns {
            self.name_other_server();
        }
    }

    /// A probe of a name server that is not the one in use, at `address`.
    pub(crate) fn on_other_server(
        &mut self,
        index: u8,
        address: IpAddr,
        at: Moment,
        outcome: &Outcome,
    ) {
        if !outcome.was_sent() {
            return;
        }
        let answered = matches!(outcome, Outcome::Reply(_)).then_some(at);
        match self.other_servers.iter_mut().find(|(known, ..)| *known == index) {
            Some(known) => (known.1, known.2) = (answered, address),
            None => self.other_servers.push((index, answered, address)),
        }
        self.name_other_server();
    }

    /// Whether another name server answers while the one in use is silent.
    fn name_other_server(&mut self) {
        let since = self.dns.silent_since();
        let answers = |(_, answered, address): &(u8, Option<Moment>, IpAddr)| {
            let answered = (*answered)?;
            (answered.since(since?) >= Micros::ZERO).then_some(*address)
        };
        self.dns.name_server.answering = self.other_servers.iter().find_map(answers);
    }

    /// A probe over TCP of something beyond the home that belongs to `owner`.
    pub(crate) fn on_connection(&mut self, index: u8, owner: u8, at: Moment, outcome: &Outcome) {
        let answer = match outcome {
            Outcome::Reply(reply) => Some(reply.rtt.into()),
            Outcome::NotSent(_) => return,
            Outcome::Failed(failed) => match failed.reason {
                FailedReason::Dns => return,
                FailedReason::Timeout | FailedReason::Refused => None,
                // Whatever it was, it came over a connection.
                _ => Some(Micros::ZERO),
            },
            _ => None,
        };
        let sample = PooledProbe { at, target: index, answer, held: None };
        self.tcp.on_sample(&sample, owner, &self.witness, &mut self.ledger);
    }

    /// Whether others of its group are silent with it, which explains the loss of one.
    fn is_explained(&self, listed: &IndexedTarget) -> bool {
        match (listed.class, listed.transport) {
            (TargetClass::Ipv6, _) => self.ipv6.is_silent(),
            (TargetClass::Dns, _) => self.dns.is_declared(),
            (_, Transport::Connections) => self.tcp.is_declared(),
            _ => false,
        }
    }

    /// Services and IPv6 anchors can be in trouble of their own, too.
    pub(crate) fn on_service(
        &mut self,
        listed: &IndexedTarget,
        index: u8,
        at: Moment,
        outcome: &Outcome,
    ) {
        let is_page = matches!(outcome, Outcome::Failed(failed) if failed.reason.is_page());
        if !outcome.was_sent() || (is_page && self.login.since().is_some()) {
            return;
        }
        if !outcome.is_lost() || outcome.is_late() {
            self.on_answer(index, at);
        } else if self.is_explained(listed) {
            self.troubles.on_shared_silence(usize::from(index));
        } else {
            self.on_lost(index, at);
        }
    }

    /// The target `index` answered.
    pub(crate) fn on_answer(&mut self, index: u8, at: Moment) {
        self.troubles.on_answer(usize::from(index), at);
    }

    /// A probe of `index` was lost.
    pub(crate) fn on_lost(&mut self, index: u8, at: Moment) {
        self.troubles.on_lost(usize::from(index), at);
    }

    /// A deciding anchor answered, or did not.
    pub(crate) fn on_anchor(&mut self, probe: &PooledProbe) {
        self.witness.on_anchor(probe);
    }

    /// No deciding anchor is probed: whether the link works is not known.
    pub(crate) fn on_unasked(&mut self) {
        self.witness.on_unasked();
        self.login.on_silence(&mut self.ledger);
    }

    /// Probes lost since another anchor answered were lost by the link.
    pub(crate) fn on_link_silence(&mut self) {
        self.troubles.on_link_silence();
        self.login.on_silence(&mut self.ledger);
    }

    /// Looks for a partial outage; to be called after each measurement.
    pub(crate) fn look(&mut self) {
        self.partial.look(&self.troubles, &mut self.ledger);
    }

    /// Holds back a probe that may still become part of a drop; one inside `open` already is.
    pub(crate) fn hold(&mut self, calm: CalmProbe, open: Option<SilentStretch>) {
        if open.is_none_or(|stretch| calm.at.since(stretch.first) < Micros::ZERO) {
            self.held.push(CalmEvent::Probe(calm));
        }
    }

    /// Nothing was observed for `length` before `next`.
    pub(crate) fn on_gap(&mut self, length: Micros, next: Moment) {
        self.held.push(CalmEvent::Gap { length, next });
    }

    /// A drop that began at `first` is open.
    pub(crate) fn on_open_drop(&mut self, first: Moment) {
        self.held.open(first);
    }

    /// A drop or blip is over.
    pub(crate) fn exclude(&mut self, stretch: &SilentStretch) {
        self.held.exclude(stretch.first, stretch.ended.unwrap_or(stretch.last));
    }

    /// Passes on to loss and delay what can no longer become part of a drop.
    pub(crate) fn release(&mut self, now: Moment, link: &LinkTracker) {
        // Stray replies, a blip before, a drop that continues: each may reach back this far.
        let mut until = now.mono - 2 * link.window_length();
        let silent = link.present_silence().map(|silence| silence.first());
        for first in [silent, link.open().map(|stretch| stretch.first), link.may_reopen()] {
            until = first.map_or(until, |first| until.min(first.mono));
        }
        let (spacing, interval) = (link.spacing, link.spacing * i64::from(link.anchors.max(1)));
        while let Some(event) = self.held.next_before(until) {
            self.loss.on_event(&event, spacing, &mut self.ledger);
            self.slow.on_event(&event, interval, &mut self.ledger);
        }
    }

    pub(crate) fn troubles(&self) -> &[TargetTrouble] {
        self.troubles.list()
    }
    pub(crate) fn trouble_numbers(&self) -> &[u64] {
        self.troubles.numbers()
    }
    pub(crate) fn impairments(&self) -> &[Impairment] {
        self.ledger.list()
    }
    pub(crate) fn impairment_numbers(&self) -> &[u64] {
        self.ledger.numbers()
    }

    /// Declares an impairment that the silence of the link turned out to be; gives its number.
    pub(crate) fn declare(&mut self, impairment: Impairment) -> u64 {
        self.ledger.declare(impairment)
    }

    /// The impairment with this number, unless it was forgotten.
    pub(crate) fn impairment_mut(&mut self, number: u64) -> Option<&mut Impairment> {
        self.ledger.get_mut(number)
    }

    /// Forgets the troubles and impairments that are over.
    pub(crate) fn forget(&mut self) {
        self.troubles.forget();
        self.ledger.forget(|impairment| impairment.end.is_some());
    }
}

#[cfg(test)]
impl Observers {
    pub(crate) fn kept(&self) -> usize {
        self.loss.kept() + self.slow.kept()
    }
}
