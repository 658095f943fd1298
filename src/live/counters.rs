//! What the metrics count, since the start of the daemon: probes when they are resolved, drops
//! when they are over, time as it is watched. Pure: observations and times in, counts out. A count
//! never falls.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::time::{BootTime, Timestamp, micros};
use crate::vocabulary::{Kind, Measurement, Outcome, Place, ProbeCounts, Role, Target, TargetId};

/// Upper edges of the histogram of delays: from a LAN to the loss threshold, denser where access
/// lines are.
pub(crate) const EDGES_MS: [u32; 17] =
    [1, 2, 5, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500, 1_000, 2_000, 3_000];

/// Drops whose ends were told, so that one that goes on after its end is not counted twice. Such a
/// one goes on within seconds.
const REMEMBERED: usize = 16;

/// The family of a target that may be asked over either.
const EITHER: &str = "any";

/// A drop that is over, as it is counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    /// Its number.
    pub id: i64,
    /// `access`, `access|isp-core`, `unknown`.
    pub place: String,
    /// Middle of the bounds of its length.
    pub length: Duration,
}

/// Everything that is counted.
#[derive(Debug)]
pub(crate) struct Tally {
    /// Probes of anchors further apart leave a gap.
    gap_after: Duration,
    targets: BTreeMap<TargetId, Counted>,
    drops: BTreeMap<String, Drops>,
    ended: Vec<Ended>,
    last_anchor: Option<Timestamp>,
    last_tick: Option<BootTime>,
    /// Time in which anchors were probed.
    pub(crate) observed: Duration,
    /// Time since the start.
    pub(crate) elapsed: Duration,
}

/// The probes of one target.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) target: Target,
    pub(crate) family: &'static str,
    /// One that is no longer probed keeps its counts, in case it comes back.
    in_use: InUse,
    pub(crate) counts: ProbeCounts,
    /// Replies in time by the first edge that they do not exceed; the last cell has the rest.
    pub(crate) delays: [u64; EDGES_MS.len() + 1],
    pub(crate) delay_sum: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InUse {
    Yes,
    No,
}

/// The drops of one place.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Drops {
    pub(crate) count: u64,
    pub(crate) length: Duration,
}

impl Tally {
    /// Nothing counted yet. Every place is there from the first: a count that begins at 1 would
    /// hide its first step from a database of rates.
    pub(crate) fn new(gap_after: Duration) -> Self {
        Self {
            gap_after,
            targets: BTreeMap::new(),
            drops: places().into_iter().map(|place| (place, Drops::default())).collect(),
            ended: Vec::new(),
            last_anchor: None,
            last_tick: None,
            observed: Duration::ZERO,
            elapsed: Duration::ZERO,
        }
    }

    /// Counts this target from now on.
    pub(crate) fn add_target(&mut self, target: Target) {
        let family = family(&target);
        let counted = self.targets.entry(target.id).or_insert_with(|| Counted {
            target: target.clone(),
            family,
            in_use: InUse::Yes,
            counts: ProbeCounts::default(),
            delays: [0; EDGES_MS.len() + 1],
            delay_sum: Duration::ZERO,
        });
        (counted.target, counted.family, counted.in_use) = (target, family, InUse::Yes);
    }

    /// It is no longer probed, and no longer shown.
    pub(crate) fn remove_target(&mut self, id: TargetId) {
        if let Some(counted) = self.targets.get_mut(&id) {
            counted.in_use = InUse::No;
        }
    }

    /// A probe is resolved.
    pub(crate) fn on_measurement(&mut self, m: &Measurement) {
        let Some(counted) = self.targets.get_mut(&m.target) else { return };
        counted.count(&m.outcome);
        let local = matches!(&m.outcome, Outcome::NotSent(why) if why.is_local_outage());
        let is_anchor = counted.target.role == Role::Anchor && counted.target.kind == Kind::Icmp;
        if is_anchor && (m.outcome.was_sent() || local) {
            let step = self.last_anchor.and_then(|last| m.sent_at.duration_since(last));
            self.observed += step.filter(|step| *step <= self.gap_after).unwrap_or_default();
            self.last_anchor = Some(m.sent_at);
        }
    }

    /// A probe that was told lost is answered late.
    pub(crate) fn on_revision(&mut self, m: &Measurement) {
        if let Some(counted) = self.targets.get_mut(&m.target) {
            counted.counts.revise(&m.outcome);
        }
    }

    /// A drop is over. One that was told before has gone on: only what was added counts.
    pub(crate) fn on_drop(&mut self, ended: Ended) {
        let before = self.ended.iter().position(|e| e.id == ended.id);
        let before = before.map(|at| self.ended.remove(at));
        let known = before.as_ref().map_or(Duration::ZERO, |before| before.length);
        let drops = self.drops.entry(ended.place.clone()).or_default();
        drops.count += u64::from(before.is_none());
        drops.length += ended.length.saturating_sub(known);
        let length = ended.length.max(known);
        self.ended.push(Ended { length, ..ended });
        if self.ended.len() > REMEMBERED {
            self.ended.remove(0);
        }
    }

    /// A second has passed.
    pub(crate) fn on_second(&mut self, at: BootTime) {
        let step = self.last_tick.and_then(|last| u64::try_from(at.0 - last.0).ok());
        self.elapsed += Duration::from_micros(step.unwrap_or(0));
        self.last_tick = Some(at);
    }

    /// The targets in use.
    pub(crate) fn targets(&self) -> impl Iterator<Item = &Counted> {
        self.targets.values().filter(|counted| counted.in_use == InUse::Yes)
    }

    /// Drops by place.
    pub(crate) fn drops(&self) -> impl Iterator<Item = (&str, &Drops)> {
        self.drops.iter().map(|(place, drops)| (place.as_str(), drops))
    }
}

impl Counted {
    fn count(&mut self, outcome: &Outcome) {
        self.counts.count(outcome);
        if let Some(rtt) = outcome.rtt() {
            let us = micros(rtt);
            let cell = EDGES_MS.partition_point(|edge| i64::from(*edge) * 1_000 < us);
            self.delays[cell] += 1;
            self.delay_sum += rtt;
        }
    }
}

/// All places that a drop can have: every range, from the host outwards.
fn places() -> Vec<String> {
    let all = Place::ALL;
    let mut places = vec!["unknown".to_owned()];
    for first in 0..all.len() {
        for last in first..all.len() {
            let words: Vec<_> = all[first..=last].iter().map(|place| place.as_str()).collect();
            places.push(words.join("|"));
        }
    }
    places
}

/// `ipv4` or `ipv6` where the address is a literal, else `any`.
fn family(target: &Target) -> &'static str {
    match target.endpoint.literal() {
        Some(ip) if ip.is_ipv4() => "ipv4",
        Some(_) => "ipv6",
        None => EITHER,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::vocabulary::{Endpoint, NotSent};

    fn target(id: u8, kind: Kind, role: Role, address: &str) -> Target {
        Target {
            id: TargetId(id),
            name: format!("t{id}"),
            kind,
            role,
            endpoint: Endpoint::new(kind, address),
            interval: Duration::from_secs(1),
        }
    }

    fn tally() -> Tally {
        let mut tally = Tally::new(Duration::from_millis(2_500));
        tally.add_target(target(1, Kind::Icmp, Role::Anchor, "192.0.2.1"));
        tally
    }

    fn measured(ms: i64, outcome: Outcome) -> Measurement {
        Measurement { target: TargetId(1), sent_at: Timestamp::from_millis(ms), outcome }
    }

    #[track_caller]
    fn check_family(kind: Kind, address: &str, expected: &str) {
        assert_eq!(family(&target(1, kind, Role::Service, address)), expected, "{address}");
    }

    #[test]
    fn the_family_is_that_of_a_literal_address() {
        check_family(Kind::Icmp, "192.0.2.1", "ipv4");
        check_family(Kind::Icmp, "2001:db8::1", "ipv6");
        check_family(Kind::Icmp, "vpn.example.net", "any");
        check_family(Kind::Dns, "example.com@192.0.2.53", "ipv4");
        check_family(Kind::Dns, "example.com@[2001:db8::53]:53", "ipv6");
        check_family(Kind::Tcp, "mail.example.net:993", "any");
        check_family(Kind::Tcp, "[2001:db8::1]:993", "ipv6");
        check_family(Kind::Http, "http://192.0.2.80:81/x?y", "ipv4");
        check_family(Kind::Http, "https://example.net/", "any");
    }

    #[test]
    fn a_drop_that_goes_on_after_its_end_is_one_drop_with_all_of_its_length() {
        let mut tally = tally();
        let ended = |id, place: &str, s| Ended {
            id,
            place: place.to_owned(),
            length: Duration::from_secs(s),
        };
        tally.on_drop(ended(7, "access", 60));
        tally.on_drop(ended(7, "access", 75));
        tally.on_drop(ended(7, "access", 70));
        tally.on_drop(ended(8, "access", 10));
        let access = tally.drops().find(|(place, _)| *place == "access").unwrap().1;
        assert_eq!(*access, Drops { count: 2, length: Duration::from_secs(85) });
    }

    #[test]
    fn time_between_probes_is_watched_unless_it_is_a_gap_or_the_clock_was_put_back() {
        let mut tally = tally();
        for ms in [0, 1_000, 2_000, 60_000, 61_000, 1_000, 2_000] {
            tally.on_measurement(&measured(ms, Outcome::Lost));
        }
        assert_eq!(tally.observed, Duration::from_secs(4));
        tally.on_measurement(&measured(3_000, Outcome::NotSent(NotSent::QueueFull)));
        assert_eq!(tally.observed, Duration::from_secs(4), "could not look");
        tally.on_measurement(&measured(4_000, Outcome::NotSent(NotSent::NoRoute)));
        assert_eq!(tally.observed, Duration::from_secs(6), "looked, and there was no route");
    }

    #[test]
    fn a_target_that_left_is_not_shown_and_goes_on_when_it_comes_back() {
        let mut tally = tally();
        tally.on_measurement(&measured(0, Outcome::Lost));
        tally.remove_target(TargetId(1));
        assert_eq!(tally.targets().count(), 0);
        tally.add_target(target(1, Kind::Icmp, Role::Anchor, "192.0.2.1"));
        assert_eq!(tally.targets().next().unwrap().counts.sent, 1);
    }

    proptest! {
        #[test]
        fn counts_are_those_of_the_naive_way(
            outcomes in proptest::collection::vec((0_u8..5, 0_u32..4_000_000), 0..200)
        ) {
            let mut tally = tally();
            let made: Vec<Outcome> = outcomes
                .iter()
                .map(|(kind, us)| match kind {
                    0 => Outcome::Lost,
                    1 => Outcome::Late { rtt: Duration::from_micros((*us).into()) },
                    2 => Outcome::NotSent(NotSent::Missed),
                    _ => Outcome::reply(Duration::from_micros((*us).into())),
                })
                .collect();
            for (second, outcome) in (0..).zip(&made) {
                tally.on_measurement(&measured(second * 1_000, outcome.clone()));
            }
            let count = |test: fn(&Outcome) -> bool| made.iter().filter(|o| test(o)).count() as u64;
            let counted = tally.targets().next().unwrap();
            prop_assert_eq!(counted.counts.sent, count(Outcome::was_sent));
            prop_assert_eq!(counted.counts.lost, count(Outcome::is_lost));
            prop_assert_eq!(counted.counts.not_sent, count(|o| !o.was_sent()));
            prop_assert_eq!(counted.counts.late, count(|o| matches!(o, Outcome::Late { .. })));
            let rtts: Vec<Duration> = made.iter().filter_map(Outcome::rtt).collect();
            prop_assert_eq!(counted.delay_sum, rtts.iter().sum::<Duration>());
            let mut below = 0;
            for (edge, cell) in EDGES_MS.iter().zip(&counted.delays) {
                below += cell;
                let edge = Duration::from_millis((*edge).into());
                prop_assert_eq!(below, rtts.iter().filter(|rtt| **rtt <= edge).count() as u64);
            }
            prop_assert_eq!(counted.delays.iter().sum::<u64>(), rtts.len() as u64);
        }
    }
}
