//! Everything counted since the start of the daemon: probes when they are resolved, drops when they
//! are over, time as it is watched. A count never falls.

use std::collections::BTreeMap;
use std::time::Duration;

use super::outside::OutsideDrops;
use super::spent::TimeSpent;
use super::status::Status;
use crate::time::{BootTime, Timestamp, micros};
use crate::vocabulary::{
    LinkDrop, LossRatio, Measurement, Outcome, Phases, Place, ProbeCounts, Reply, StrayKind,
    Target, TargetId,
};

/// Upper edges of the histogram of delays, in milliseconds: from a LAN to the loss threshold, denser
/// where access lines are.
pub const EDGES_MS: [u32; 17] =
    [1, 2, 5, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500, 1_000, 2_000, 3_000];

/// This many drops that ended are remembered, so that one that goes on after its end is not counted
/// twice. It goes on within seconds if it does.
const REMEMBERED: usize = 16;

/// The family of a target that may be asked over either.
const EITHER: &str = "any";

/// Everything that is counted.
#[derive(Debug, Clone)]
pub struct LiveCounters {
    /// Time in which the deciding anchors were probed.
    pub observed: Duration,
    /// Time since the start, time asleep included.
    pub elapsed: Duration,
    /// Replies that answered no probe.
    pub strays: BTreeMap<StrayKind, u64>,
    /// Probes of deciding anchors further apart leave a gap.
    gap_after: Duration,
    targets: BTreeMap<TargetId, TargetCounters>,
    /// The anchors that decide, of the targets in use.
    deciding: Vec<TargetId>,
    drops: BTreeMap<String, DropCounters>,
    ended: Vec<EndedDrop>,
    outside: OutsideDrops,
    spent: TimeSpent,
    last_anchor: Option<Timestamp>,
    last_second: Option<BootTime>,
}

/// The probes of one target.
#[derive(Debug, Clone)]
pub struct TargetCounters {
    /// The target.
    pub target: Target,
    /// `ipv4`, `ipv6` or `any`.
    pub family: &'static str,
    /// From when on it is counted; `None`: since the start of the daemon.
    pub since: Option<Timestamp>,
    /// Its probes by outcome.
    pub probes: ProbeCounts,
    /// Replies in time by the first of [`EDGES_MS`] that they do not exceed; the last cell has the
    /// rest.
    pub delays: [u64; EDGES_MS.len() + 1],
    /// Sum of the delays of replies in time.
    pub delay_sum: Duration,
    /// Its probes sent while the link was up.
    pub outside_drops: LossRatio,
    /// Sums of the phases of its HTTP requests, to resolve, to connect, TLS, to the first
    /// byte, to the last. `None` before the first answer with phases.
    pub phases: Option<PhaseSums>,
    in_use: Use,
}

/// The phases of HTTP requests answered in time, together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PhaseSums {
    /// How many answers.
    pub count: u64,
    /// To resolve, to connect, TLS, to the first byte, to the last.
    pub sums: [Duration; 5],
}

impl PhaseSums {
    /// Their names, in order.
    pub const NAMES: [&str; 5] = ["resolve", "connect", "tls", "first-byte", "transfer"];

    fn add(&mut self, phases: &Phases) {
        let Phases { resolve, connect, tls, first_byte, transfer } = *phases;
        let all = [resolve, Some(connect), tls, Some(first_byte), Some(transfer)];
        self.count += 1;
        for (sum, phase) in self.sums.iter_mut().zip(all) {
            *sum += phase.unwrap_or_default();
        }
    }
}

/// Whether a target is probed. One that no longer is keeps its counts, in case it comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Current,
    Former,
}

/// The drops of one place.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct DropCounters {
    /// How many ended.
    pub count: u64,
    /// Their length together: the middle of the bounds of each.
    pub length: Duration,
}

/// A drop that has been counted.
#[derive(Debug, Clone, Copy)]
struct EndedDrop {
    id: i64,
    length: Duration,
}

impl LiveCounters {
    /// Nothing counted yet; probes of deciding anchors further apart than `gap_after` leave a gap. Every
    /// place is there from the start: a count that begins at 1 would hide its first step from a
    /// database of rates.
    pub fn new(gap_after: Duration) -> Self {
        Self {
            observed: Duration::ZERO,
            elapsed: Duration::ZERO,
            strays: BTreeMap::new(),
            gap_after,
            targets: BTreeMap::new(),
            deciding: Vec::new(),
            drops: places().into_iter().map(|place| (place, DropCounters::default())).collect(),
            ended: Vec::new(),
            outside: OutsideDrops::default(),
            spent: TimeSpent::default(),
            last_anchor: None,
            last_second: None,
        }
    }

    /// Counts these targets from `now` on, the last second that has passed; `None` before the first.
    pub fn set_targets(&mut self, targets: &[Target], now: Option<Timestamp>) {
        for counted in self.targets.values_mut() {
            counted.in_use = Use::Former;
        }
        for target in targets {
            let counted = self.targets.entry(target.id).or_insert_with(|| TargetCounters {
                target: target.clone(),
                family: EITHER,
                since: now,
                probes: ProbeCounts::default(),
                delays: [0; EDGES_MS.len() + 1],
                delay_sum: Duration::ZERO,
                outside_drops: LossRatio::default(),
                phases: None,
                in_use: Use::Current,
            });
            counted.target = target.clone();
            counted.family = family_of(target);
            counted.in_use = Use::Current;
        }
    }

    /// These anchors decide from now on.
    pub fn set_deciding(&mut self, deciding: &[TargetId]) {
        deciding.clone_into(&mut self.deciding);
    }

    /// A probe is resolved.
    pub fn on_measurement(&mut self, m: &Measurement) {
        let Some(counted) = self.targets.get_mut(&m.target) else { return };
        counted.count(&m.outcome);
        if m.outcome.was_sent() {
            self.outside.on_probe(m.target, m.sent_at, u64::from(m.outcome.is_lost()));
        }
        let local = matches!(&m.outcome, Outcome::NotSent(why) if why.is_local_outage());
        if self.deciding.contains(&m.target) && (m.outcome.was_sent() || local) {
            let step = self.last_anchor.and_then(|last| m.sent_at.duration_since(last));
            self.observed += step.filter(|step| *step <= self.gap_after).unwrap_or_default();
            self.last_anchor = Some(m.sent_at);
        }
    }

    /// A probe reported as lost was answered late.
    pub fn on_revision(&mut self, m: &Measurement) {
        if let Some(counted) = self.targets.get_mut(&m.target) {
            counted.probes.revise(&m.outcome);
        }
    }

    /// A reply that answered no probe.
    pub fn on_stray(&mut self, kind: StrayKind) {
        *self.strays.entry(kind).or_default() += 1;
    }

    /// A drop is over. If one counted before has gone on, only what was added counts.
    pub fn on_drop_ended(&mut self, id: i64, drop: &LinkDrop) {
        let length = (drop.min + drop.max) / 2;
        let before = self.ended.iter().position(|ended| ended.id == id);
        let before = before.map(|at| self.ended.remove(at));
        let known = before.map_or(Duration::ZERO, |before| before.length);
        let drops = self.drops.entry(drop.place_text()).or_default();
        drops.count += u64::from(before.is_none());
        drops.length += length.saturating_sub(known);
        self.ended.push(EndedDrop { id, length: length.max(known) });
        if self.ended.len() > REMEMBERED {
            self.ended.remove(0);
        }
    }

    /// A second has passed, at boot time `at`; `status` is what the link was in it.
    pub fn on_second(&mut self, status: &Status, at: BootTime) {
        let step = self.last_second.and_then(|last| u64::try_from(at.since(last).as_i64()).ok());
        let step = Duration::from_micros(step.unwrap_or(0));
        self.elapsed += step;
        self.spent.on_second(status, step);
        self.last_second = Some(at);
        self.on_status(status);
    }

    fn on_status(&mut self, status: &Status) {
        let targets = &mut self.targets;
        self.outside.on_second(status, |id, lost| {
            if let Some(counted) = targets.get_mut(&id) {
                counted.outside_drops.sent += 1;
                counted.outside_drops.lost += lost;
            }
        });
    }

    /// The targets in use, by number.
    pub fn targets(&self) -> impl Iterator<Item = &TargetCounters> {
        self.targets.values().filter(|counted| counted.in_use == Use::Current)
    }

    /// How the time elapsed was spent.
    pub fn spent(&self) -> &TimeSpent {
        &self.spent
    }

    /// The anchors that decide, of the targets in use.
    #[cfg(test)]
    pub(crate) fn deciding(&self) -> &[TargetId] {
        &self.deciding
    }

    /// Drops by place: `access`, `access|isp-core`, `unknown`.
    pub fn drops(&self) -> impl Iterator<Item = (&str, &DropCounters)> {
        self.drops.iter().map(|(place, drops)| (place.as_str(), drops))
    }
}

impl TargetCounters {
    fn count(&mut self, outcome: &Outcome) {
        self.probes.count(outcome);
        if let Some(rtt) = outcome.rtt() {
            let us = micros(rtt);
            let cell = EDGES_MS.partition_point(|edge| i64::from(*edge) * 1_000 < us);
            self.delays[cell] += 1;
            self.delay_sum += rtt;
        }
        if let Outcome::Reply(Reply { phases: Some(phases), .. }) = outcome {
            self.phases.get_or_insert_default().add(phases);
        }
    }
}

/// Every place a drop can have: unknown, and every range of places from the host outwards.
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

/// `ipv4` or `ipv6` where the address of a target is a literal, else `any`.
pub fn family_of(target: &Target) -> &'static str {
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
    use crate::vocabulary::{Bounds, DropKind, Endpoint, Kind, NotSent, Role};

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

    fn anchor() -> Target {
        target(1, Kind::Icmp, Role::Anchor, "192.0.2.1")
    }

    fn counters() -> LiveCounters {
        let mut counters = LiveCounters::new(Duration::from_millis(2_500));
        counters.set_targets(&[anchor()], None);
        counters.set_deciding(&[anchor().id]);
        counters
    }

    fn measured(ms: i64, outcome: Outcome) -> Measurement {
        Measurement { target: TargetId(1), sent_at: Timestamp::from_millis(ms), outcome }
    }

    #[track_caller]
    fn check_family(kind: Kind, address: &str, expected: &str) {
        assert_eq!(family_of(&target(1, kind, Role::Service, address)), expected, "{address}");
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
    fn a_drop_that_goes_on_after_its_end_is_one_drop_with_its_whole_length() {
        let mut counters = counters();
        let mut ended = |id, s| {
            let onset = Bounds { earliest: Timestamp::default(), latest: Timestamp::default() };
            let length = Duration::from_secs(s);
            let drop = LinkDrop {
                key: Timestamp::default(),
                kind: DropKind::Drop,
                onset,
                end: Some(onset),
                min: length,
                max: length,
                unobserved: Duration::ZERO,
                stretches: Vec::new(),
                places: vec![Place::Access],
                answered: Vec::new(),
                silent: Vec::new(),
                flaps: 1,
            };
            counters.on_drop_ended(id, &drop);
        };
        for (id, s) in [(7, 60), (7, 75), (7, 70), (8, 10)] {
            ended(id, s);
        }
        let access = counters.drops().find(|(place, _)| *place == "access").unwrap().1;
        assert_eq!(*access, DropCounters { count: 2, length: Duration::from_secs(85) });
    }

    #[test]
    fn time_between_probes_is_observed_unless_it_is_a_gap_or_the_clock_was_put_back() {
        let mut counters = counters();
        for ms in [0, 1_000, 2_000, 60_000, 61_000, 1_000, 2_000] {
            counters.on_measurement(&measured(ms, Outcome::Lost));
        }
        assert_eq!(counters.observed, Duration::from_secs(4));
        counters.on_measurement(&measured(3_000, Outcome::NotSent(NotSent::QueueFull)));
        assert_eq!(counters.observed, Duration::from_secs(4), "could not look");
        counters.on_measurement(&measured(4_000, Outcome::NotSent(NotSent::NoRoute)));
        assert_eq!(counters.observed, Duration::from_secs(6), "looked, and there was no route");
    }

    #[test]
    fn a_target_that_left_is_not_shown_and_goes_on_when_it_comes_back() {
        let mut counters = counters();
        counters.on_measurement(&measured(0, Outcome::Lost));
        counters.set_targets(&[], None);
        assert_eq!(counters.targets().count(), 0);
        let later = Timestamp::from_seconds(60);
        let other = target(2, Kind::Icmp, Role::Isp, "192.0.2.2");
        counters.set_targets(&[anchor(), other], Some(later));
        let [back, new] = counters.targets().collect::<Vec<_>>()[..] else { panic!() };
        assert_eq!((back.probes.sent, back.since), (1, None));
        assert_eq!((new.probes.sent, new.since), (0, Some(later)), "a new one counts from here");
    }

    proptest! {
        #[test]
        fn delays_are_counted_as_in_the_naive_way(
            rtts_us in proptest::collection::vec(0_u32..4_000_000, 0..200)
        ) {
            let mut counters = counters();
            let rtts = rtts_us.iter().map(|us| Duration::from_micros((*us).into()));
            let rtts: Vec<_> = rtts.collect();
            for (second, rtt) in (0..).zip(&rtts) {
                counters.on_measurement(&measured(second * 1_000, Outcome::reply(*rtt)));
            }
            let counted = counters.targets().next().unwrap();
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
