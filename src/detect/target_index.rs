//! The targets by index: which of them decide on the link, and what the others are evidence of.

use std::net::IpAddr;

use super::place::evidence::WatchedTarget;
use crate::time::Micros;
use crate::vocabulary::well_known::{SYSTEM_RESOLVER, is_connectivity_check};
use crate::vocabulary::{DecidingFamily, Kind, Role, Target, TargetId};

/// What a target is a witness of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TargetClass {
    /// ICMP of the family that decides: the link and the hops on the way.
    Link,
    /// An IPv6 anchor where IPv4 decides.
    Ipv6,
    /// The name server of this network; where it is not known, any.
    Dns,
    /// A connectivity check.
    Web,
    /// Itself alone.
    Other,
}

/// A target with all that the rules need to know about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct IndexedTarget {
    pub(super) class: TargetClass,
    pub(super) address: Option<IpAddr>,
    /// Distance of its slots.
    pub(super) interval: Micros,
}

/// All targets there were, each with a number of its own that it keeps.
#[derive(Debug, Clone)]
pub(super) struct TargetIndex {
    by_id: Vec<Option<u8>>,
    watched: Vec<WatchedTarget>,
    listed: Vec<IndexedTarget>,
}

impl TargetIndex {
    pub(super) fn new() -> Self {
        Self { by_id: vec![None; 256], watched: Vec::new(), listed: Vec::new() }
    }

    /// Sets the targets. Those of the deciding family give evidence of the link.
    pub(super) fn set_targets(&mut self, targets: &[Target]) {
        let family = DecidingFamily::of(targets);
        let own_resolver = targets.iter().any(is_system_resolver);
        let class = |target: &Target| match target.kind {
            Kind::Icmp if family.covers(target) => TargetClass::Link,
            Kind::Icmp if target.is_v6() && target.role == Role::Anchor => TargetClass::Ipv6,
            Kind::Dns if is_system_resolver(target) || !own_resolver => TargetClass::Dns,
            Kind::Http if is_connectivity_check(target) => TargetClass::Web,
            _ => TargetClass::Other,
        };
        for watched in &mut self.watched {
            watched.decides = false;
        }
        self.by_id.fill(None);
        for target in targets {
            let known = self.watched.iter().position(|watched| watched.id == target.id);
            let index = known.unwrap_or(self.watched.len());
            let Ok(short) = u8::try_from(index) else { continue };
            let listed = IndexedTarget {
                class: class(target),
                address: target.ip(),
                interval: target.interval.into(),
            };
            let decides = family.is_decided_by(target);
            let watched = WatchedTarget { id: target.id, role: target.role, decides };
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
