//! The targets by index: which of them decide on the link, and what the others are evidence of.

use std::net::IpAddr;

use super::impairments::web::WebAsked;
use super::place::evidence::WatchedTarget;
use super::place::hop::HopPosition;
use crate::time::Micros;
use crate::vocabulary::well_known::{SYSTEM_RESOLVER, is_at_home, is_connectivity_check, owner};
use crate::vocabulary::{DecidingFamily, Kind, Role, Roster, Target, TargetId, is_private};

/// What a target is a witness of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TargetClass {
    /// The anchors of the family that decides, and the hops of both families on the way.
    Link,
    /// An IPv6 anchor that may vote, where IPv4 decides.
    Ipv6,
    /// The name server of this network; where it is not known, any.
    Dns,
    /// A connectivity check.
    Web,
    /// Itself alone: a service, or an anchor that does not decide.
    Other,
}

/// What a target is a witness of against an anchor that answers alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WitnessKind {
    /// An anchor that may vote, of either family.
    Anchor,
    /// The ISP's first hop.
    Hop,
    /// A web check, or a name server that is not of the home.
    Service,
}

/// A target with all that the rules need to know about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct IndexedTarget {
    pub(super) class: TargetClass,
    pub(super) address: Option<IpAddr>,
    pub(super) witness: Option<WitnessKind>,
    /// Where a service is, if that is a literal address.
    pub(super) literal: Option<IpAddr>,
    /// Distance of its slots.
    pub(super) interval: Micros,
    /// Targets of one owner have the same number.
    pub(super) owner: u8,
    /// Not pinged itself, it has the address of an anchor that decides.
    pub(super) at_anchor: bool,
    /// What carries its probes.
    pub(super) transport: Transport,
}

/// What carries the probes of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    /// ICMP.
    Pings,
    /// UDP, for names.
    Names,
    /// TCP, to something beyond the home.
    Connections,
    /// TCP within the home.
    Home,
}

impl Transport {
    fn of(target: &Target) -> Self {
        match target.kind {
            Kind::Icmp => Self::Pings,
            Kind::Dns => Self::Names,
            Kind::Http | Kind::Tcp if is_at_home(&target.endpoint) => Self::Home,
            Kind::Http | Kind::Tcp => Self::Connections,
        }
    }
}

impl IndexedTarget {
    /// Whether its answers say that the far side is reached while the anchors are silent.
    fn says_reached(&self) -> bool {
        self.class == TargetClass::Web || self.at_anchor
    }

    /// How it is asked, with the number `target`, where its answers say that the far side is reached
    /// while the anchors are silent.
    pub(super) fn web_asked(&self, target: u8) -> Option<WebAsked> {
        let Self { owner, at_anchor, interval, .. } = *self;
        self.says_reached().then_some(WebAsked { target, owner, at_anchor, interval })
    }
}

/// All targets there were, each with a number of its own that it keeps.
#[derive(Debug, Clone)]
pub(super) struct TargetIndex {
    by_id: Vec<Option<u8>>,
    watched: Vec<WatchedTarget>,
    listed: Vec<IndexedTarget>,
    targets: Vec<Target>,
    roster: Roster,
    family: DecidingFamily,
}

impl TargetIndex {
    pub(super) fn new() -> Self {
        Self {
            by_id: vec![None; 256],
            watched: Vec::new(),
            listed: Vec::new(),
            targets: Vec::new(),
            roster: Roster::default(),
            family: DecidingFamily::default(),
        }
    }

    /// Sets the targets. Those of the deciding family give evidence of the link.
    pub(super) fn set_targets(&mut self, targets: &[Target]) {
        targets.clone_into(&mut self.targets);
        self.choose_family();
        self.list();
    }

    /// Sets which of the targets are in use, and which may vote.
    pub(super) fn set_roster(&mut self, roster: &Roster) {
        self.roster.clone_from(roster);
        self.choose_family();
        self.list();
    }

    /// Sets the family that decides.
    pub(super) fn set_family(&mut self, family: DecidingFamily) {
        self.family = family;
        self.list();
    }

    pub(super) fn family(&self) -> DecidingFamily {
        self.family
    }

    pub(super) fn roster(&self) -> &Roster {
        &self.roster
    }

    /// The ICMP anchors that may vote, of either family, with their indexes.
    pub(super) fn voters(&self) -> impl Iterator<Item = (u8, &Target)> {
        let voter = |target: &&Target| target.kind == Kind::Icmp && self.is_voter(target);
        let targets = self.targets.iter().filter(voter);
        targets.filter_map(|target| Some((self.index(target.id)?, target)))
    }

    fn decides(&self, target: &Target) -> bool {
        self.family.covers(target) && self.is_voter(target)
    }

    fn is_voter(&self, target: &Target) -> bool {
        target.role == Role::Anchor && self.roster.may_vote(target.id)
    }

    /// Without a history of the targets, the family follows from those there ever were. With one,
    /// the family that decides goes on deciding for as long as there is an anchor of it.
    fn choose_family(&mut self) {
        let voting: Vec<_> = self.targets.iter().filter(|t| self.is_voter(t)).collect();
        let goes_on = voting.iter().any(|target| self.family.covers(*target));
        if !self.roster.is_known() || !goes_on {
            self.family = DecidingFamily::of(voting);
        }
    }

    fn list(&mut self) {
        let in_use = |target: &&Target| self.roster.standing(target.id).is_some();
        let own_resolver = self.targets.iter().filter(in_use).any(is_system_resolver);
        for watched in &mut self.watched {
            watched.decides = false;
        }
        self.by_id.fill(None);
        let deciding: Vec<_> = self.targets.iter().filter(|t| self.decides(t)).collect();
        let deciding: Vec<IpAddr> = deciding.into_iter().filter_map(Target::ip).collect();
        let mut owners: Vec<String> = Vec::new();
        for target in &self.targets {
            let known = self.watched.iter().position(|watched| watched.id == target.id);
            let index = known.unwrap_or(self.watched.len());
            let Ok(short) = u8::try_from(index) else { continue };
            let decides = self.decides(target);
            let believed = !self.roster.is_refused(target.id);
            let class = match target.kind {
                Kind::Icmp if decides => TargetClass::Link,
                Kind::Icmp if target.role == Role::Anchor => {
                    if target.is_v6() && believed {
                        TargetClass::Ipv6
                    } else {
                        TargetClass::Other
                    }
                }
                Kind::Icmp => TargetClass::Link,
                Kind::Dns if is_system_resolver(target) || !own_resolver => TargetClass::Dns,
                Kind::Http if is_connectivity_check(target) && believed => TargetClass::Web,
                _ => TargetClass::Other,
            };
            let role = target.witness_role();
            let address = target.ip();
            let literal = target.endpoint.literal();
            let witness = match target.kind {
                Kind::Icmp if self.is_voter(target) => Some(WitnessKind::Anchor),
                Kind::Icmp if role == Role::Isp => Some(WitnessKind::Hop),
                Kind::Dns if !literal.is_some_and(is_private) => Some(WitnessKind::Service),
                _ if class == TargetClass::Web => Some(WitnessKind::Service),
                _ => None,
            };
            let interval = target.interval.into();
            let own = owner(&target.endpoint);
            let number = owners.iter().position(|known| *known == own).unwrap_or_else(|| {
                owners.push(own);
                owners.len() - 1
            });
            let at_anchor = target.endpoint.is_beyond_pings()
                && literal.is_some_and(|address| deciding.contains(&address));
            let listed = IndexedTarget {
                class,
                address,
                witness,
                literal,
                interval,
                owner: u8::try_from(number).unwrap_or(u8::MAX),
                at_anchor,
                transport: Transport::of(target),
            };
            let hop = HopPosition::of(target, &self.targets);
            let watched = WatchedTarget { id: target.id, role, hop, decides };
            if known.is_none() {
                self.watched.push(watched);
                self.listed.push(listed);
            }
            self.watched[index] = watched;
            self.listed[index] = listed;
            self.by_id[usize::from(target.id.0)] = Some(short);
        }
    }

    /// Its number; `None` when it is not one of the targets.
    pub(super) fn index(&self, target: TargetId) -> Option<u8> {
        self.by_id[usize::from(target.0)]
    }

    pub(super) fn watched(&self) -> &[WatchedTarget] {
        &self.watched
    }

    pub(super) fn listed(&self, index: u8) -> &IndexedTarget {
        &self.listed[usize::from(index)]
    }

    /// All of them, in the order of their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&WatchedTarget, &IndexedTarget)> {
        self.watched.iter().zip(&self.listed)
    }

    /// The intervals of those of `class`, `None` for all others; of the link only those that
    /// decide.
    pub(super) fn intervals(&self, class: TargetClass) -> impl Iterator<Item = Option<Micros>> {
        self.iter().map(move |(watched, listed)| {
            let member = listed.class == class && (class != TargetClass::Link || watched.decides);
            member.then_some(listed.interval)
        })
    }

    /// The intervals of the targets beyond the home that are asked over TCP, `None` for all others;
    /// for all where they are of one owner, whose failure is not that of TCP.
    pub(super) fn connections(&self) -> Vec<Option<Micros>> {
        let is_member = |listed: &IndexedTarget| listed.transport == Transport::Connections;
        let in_use = self.targets.iter().filter(|t| self.roster.standing(t.id).is_some());
        let in_use: Vec<_> = in_use.filter_map(|target| self.index(target.id)).collect();
        let mut owners = in_use.iter().map(|index| self.listed(*index));
        let mut owners = owners.by_ref().filter(|l| is_member(l)).map(|listed| listed.owner);
        let one = owners.next();
        let several = owners.any(|owner| Some(owner) != one);
        let all = (0_u8..).zip(&self.listed);
        let member = |(index, listed): (u8, &IndexedTarget)| {
            (several && is_member(listed) && in_use.contains(&index)).then_some(listed.interval)
        };
        all.map(member).collect()
    }

    /// The name server in use, where the name servers are one.
    pub(super) fn name_server(&self) -> Option<IpAddr> {
        self.listed.iter().find(|listed| listed.class == TargetClass::Dns)?.literal
    }

    /// Whether another protocol than ping is asked of an anchor's own address, often enough to say
    /// something of a short silence.
    pub(super) fn asks_anchors(&self) -> bool {
        let in_use = self.targets.iter().filter(|t| self.roster.standing(t.id).is_some());
        let mut listed = in_use.filter_map(|target| Some(self.listed(self.index(target.id)?)));
        listed.any(|listed| listed.at_anchor && listed.interval <= Micros::MINUTE)
    }

    /// Whether gateways are known, and this is none of them.
    pub(super) fn is_other_gateway(&self, address: IpAddr) -> bool {
        let gateways = || self.targets.iter().filter(|target| target.role == Role::Gateway);
        let known = |target: &Target| target.ip() == Some(address);
        gateways().next().is_some() && !gateways().any(known)
    }

    /// The router of the link with this address.
    pub(super) fn router(&self, by: IpAddr) -> Option<u8> {
        let found =
            self.listed.iter().position(|l| l.class == TargetClass::Link && l.address == Some(by));
        found.and_then(|index| u8::try_from(index).ok())
    }
}

fn is_system_resolver(target: &Target) -> bool {
    target.kind == Kind::Dns && target.name == SYSTEM_RESOLVER
}
