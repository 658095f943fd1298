//! Simulated lines: three anchors in three slots a second, a router that may keep dead entries.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::*;
use crate::probe::icmp::IcmpTarget;
use crate::probe::icmp::driver::{Adopted, Driver};
use crate::probe::inflight::EchoAnswer;
use crate::time::{Reading, Timestamp};
use crate::vocabulary::{
    HostChange, IpVersion, NotSent, Observation, Outcome, Role, Standing, Waiting,
};

const RTT: i64 = 20_000;

/// An identifier as the simulated engine numbers it: 0 is the first.
type Identifier = u64;

/// What the world does with a request sent at a time with an identifier: whether it is answered.
type World<'a> = &'a dyn Fn(i64, Identifier) -> bool;

struct Simulation {
    driver: Driver,
    reported: Receiver<Vec<Observation>>,
    now: i64,
    current: Identifier,
    former: Option<Identifier>,
    next: Identifier,
    arriving: Vec<(i64, EchoAnswer, Identifier)>,
    packets: Vec<(i64, Identifier)>,
    seen: Vec<Observation>,
}

fn reading(us: i64) -> Reading {
    Reading {
        utc: Timestamp::from_micros(1_700_000_000_000_000 + us),
        boot: BootTime::from_micros(us),
        monotonic_us: us,
    }
}

fn anchor(id: u8, standing: Standing) -> IcmpTarget {
    IcmpTarget {
        id: TargetId(id),
        ip: IpAddr::from([192, 0, 2, id]),
        role: Role::Anchor,
        interval: Duration::from_secs(1),
        standing,
        over: None,
    }
}

impl Simulation {
    fn new(targets: Vec<IcmpTarget>) -> Self {
        let (out, reported) = channel();
        let driver = Driver::new(&reading(0), Waiting::default(), targets, out);
        Self {
            driver,
            reported,
            now: 0,
            current: 0,
            former: None,
            next: 1,
            arriving: Vec::new(),
            packets: Vec::new(),
            seen: Vec::new(),
        }
    }

    fn three() -> Self {
        Self::new((1..4).map(|id| anchor(id, Standing::Far)).collect())
    }

    /// Runs on to `until`, with a wake-up at each slot, as the engines do.
    fn run(&mut self, until_s: f64, world: World<'_>) {
        #[allow(clippy::cast_possible_truncation, reason = "seconds of a test")]
        let until = (until_s * 1e6) as i64;
        let mut due = Vec::new();
        while let Some(wake) = self.driver.next_wake().filter(|wake| wake.as_micros() < until) {
            self.now = wake.as_micros().max(self.now + 1);
            let now = reading(self.now);
            if self.driver.must_read(now.boot) {
                self.read(now.boot);
            }
            let changes = [None, None];
            self.driver.tick(&now, changes, &mut due);
            for family in self.driver.look(&now) {
                if family == IpVersion::V4 {
                    (self.current, self.next) = (self.next, self.next + 1);
                }
            }
            let fresh = self.next;
            self.next += 1;
            for slot in due.drain(..) {
                let number = self.driver.inflight.next_number();
                let sent = self.driver.departure(&slot, now.boot, number * 2);
                self.driver.sent(sent);
                self.leave(number, number * 2, slot.ip, self.current, world);
                let other = match self.driver.other_identifier(&slot) {
                    None => continue,
                    Some(OtherIdentifier::Fresh) => fresh,
                    Some(OtherIdentifier::Former) => self.former.unwrap(),
                };
                self.leave(number, number * 2 + 1, slot.ip, other, world);
                self.driver.sent_again(&sent, number * 2 + 1);
            }
            self.driver.hand_over(now.boot).unwrap();
            self.seen.extend(self.reported.try_iter().flatten());
        }
    }

    #[allow(clippy::cast_possible_truncation, reason = "the low 16 bits are meant")]
    fn leave(&mut self, number: u64, nonce: u64, to: IpAddr, by: Identifier, world: World<'_>) {
        self.packets.push((self.now, by));
        let answer = EchoAnswer {
            number,
            sequence: number as u16,
            nonce,
            from: to,
            rtt: Duration::from_micros(20_000),
            local_queue: None,
            ttl: None,
        };
        if world(self.now, by) {
            self.arriving.push((self.now + RTT, answer, by));
        }
    }

    fn read(&mut self, now: BootTime) {
        self.driver.on_read(now);
        let (come, still) = self.arriving.drain(..).partition(|(at, ..)| *at <= now.as_micros());
        self.arriving = still;
        let come: Vec<(i64, EchoAnswer, Identifier)> = come;
        for (_, answer, by) in come {
            if self.driver.answer(&answer, now) == Adopted::Yes {
                self.former = Some(std::mem::replace(&mut self.current, by));
            }
        }
    }

    fn events(&self) -> Vec<&HostChange> {
        let events = self.seen.iter().filter_map(|o| match o {
            Observation::Host(event) => Some(&event.what),
            _ => None,
        });
        events.collect()
    }

    /// When the probes with this outcome were sent, in seconds.
    fn sent_with(&self, is: impl Fn(&Outcome) -> bool) -> Vec<f64> {
        let times = self.seen.iter().filter_map(|o| match o {
            Observation::Measured(m) if is(&m.outcome) => {
                let us = m.sent_at.as_micros() - 1_700_000_000_000_000;
                #[allow(clippy::cast_precision_loss, reason = "seconds of a test")]
                Some(us as f64 / 1e6)
            }
            _ => None,
        });
        times.collect()
    }

    fn lost(&self) -> Vec<f64> {
        self.sent_with(Outcome::is_lost)
    }
}

const S: i64 = 1_000_000;

#[test]
fn a_fresh_identifier_asks_in_the_slots_of_a_silence_and_no_one_else_does() {
    let mut line = Simulation::three();
    line.run(30.0, &|at, _| !(10 * S..20 * S).contains(&at));
    let other = |(at, by): &&(i64, Identifier)| *by != line.packets[0].1 && *at < 21 * S;
    let others: Vec<_> = line.packets.iter().filter(other).collect();
    assert!(others.iter().all(|(at, _)| (12_900_000..21 * S).contains(at)), "{others:?}");
    // Each asks in one wake-up only: an entry made before the line had another address would be dead.
    let by: BTreeSet<_> = others.iter().map(|(_, by)| by).collect();
    assert_eq!(by.len(), others.len());
    // At most twice the packets.
    let during = |range: std::ops::Range<i64>| {
        line.packets.iter().filter(|(at, _)| range.contains(at)).count()
    };
    assert!(during(14 * S..19 * S) <= 2 * during(4 * S..9 * S));
    let lost = line.lost();
    assert!(lost.first().is_some_and(|at| (10.0..10.4).contains(at)), "{lost:?}");
    assert!(lost.last().is_some_and(|at| (19.6..20.0).contains(at)), "{lost:?}");
    assert_eq!(lost.len(), 30);
    assert_eq!(line.events(), [&HostChange::FreshIdentifierUnanswered { v6: false }]);
}

#[test]
fn where_the_old_identifier_stays_dead_the_drop_ends_with_the_line_and_the_fresh_one_is_used() {
    let mut line = Simulation::three();
    // The line has another address from the thirteenth second on, and carries packets from the 28th on.
    // Whatever identifier had an entry before is dead.
    let used_before = std::cell::RefCell::new(BTreeSet::new());
    line.run(120.0, &|at, by| {
        if at < 16 * S {
            used_before.borrow_mut().insert(by);
        }
        at < 10 * S || (at >= 28 * S && !used_before.borrow().contains(&by))
    });
    let lost = line.lost();
    assert!(lost.last().is_some_and(|at| *at < 28.0), "{lost:?}");
    assert_eq!(lost.len(), 54);
    assert_eq!(
        line.events(),
        [
            &HostChange::FreshIdentifierUnanswered { v6: false },
            &HostChange::DeadEntry { v6: false }
        ]
    );
    assert_ne!(line.current, 0);
    // The old one is left alone, so that its entry can end.
    assert!(line.packets.iter().all(|(at, by)| *by != 0 || *at < 36 * S));
}

#[test]
fn a_dead_entry_without_a_drop_makes_none() {
    let mut line = Simulation::three();
    line.run(60.0, &|at, by| at < 10 * S || by != 0);
    assert_eq!(line.lost(), Vec::<f64>::new());
    let void = line.sent_with(|o| *o == Outcome::NotSent(NotSent::DeadEntry));
    assert!((9..=11).contains(&void.len()), "{void:?}");
    assert_eq!(line.events(), [&HostChange::DeadEntry { v6: false }]);
}

#[test]
fn a_drop_that_ends_just_when_the_fresh_identifier_asks_is_a_drop() {
    for ends_after_ms in [3_100, 3_300, 3_400, 3_700, 4_000] {
        let mut line = Simulation::three();
        line.run(60.0, &|at, _| !(10 * S..10 * S + ends_after_ms * 1_000).contains(&at));
        let lost = line.lost();
        assert!((9..=12).contains(&lost.len()), "{ends_after_ms}: {lost:?}");
        assert_eq!(line.events(), Vec::<&HostChange>::new(), "{ends_after_ms}");
        assert_eq!(line.sent_with(|o| matches!(o, Outcome::NotSent(_))), Vec::<f64>::new());
    }
}

#[test]
fn a_lossy_return_is_no_dead_entry() {
    for seed in 0..20 {
        let mut line = Simulation::three();
        let chance = std::cell::RefCell::new(fastrand::Rng::with_seed(seed));
        line.run(90.0, &|at, _| at < 10 * S || (at > 25 * S && chance.borrow_mut().u8(..) < 128));
        assert!(!line.events().contains(&&HostChange::DeadEntry { v6: false }), "{seed}");
    }
}

#[test]
fn a_silence_of_a_second_is_reported_once_and_within_a_second_and_a_half() {
    let mut line = Simulation::three();
    line.run(60.0, &|at, _| !(10 * S..25 * S).contains(&at) && !(40 * S..43 * S).contains(&at));
    let silent = line.seen.iter().filter_map(|o| match o {
        Observation::Silent { family, at } => Some((*family, at.boot.as_micros())),
        _ => None,
    });
    let silent: Vec<_> = silent.collect();
    let [(first, _), (second, _)] = silent[..] else { panic!("{silent:?}") };
    assert_eq!([first, second], [IpVersion::V4; 2]);
    for ((_, at), began) in silent.iter().zip([10 * S, 40 * S]) {
        assert!((700_000..1_700_000).contains(&(at - began)), "{silent:?}");
    }
}

#[test]
fn anchors_that_never_answered_are_asked_with_a_fresh_identifier_too() {
    let mut line = Simulation::three();
    line.run(20.0, &|_, _| false);
    assert_eq!(line.events(), [&HostChange::FreshIdentifierUnanswered { v6: false }]);
}

#[test]
fn an_anchor_that_is_answered_at_home_does_not_hide_the_silence_of_the_others() {
    let far = |id| anchor(id, Standing::Far);
    let mut line = Simulation::new(vec![anchor(9, Standing::Near), far(2), far(3)]);
    line.run(30.0, &|at, by| at < 10 * S || by != 0);
    // The near one answers whatever identifier; here all is dead alike, which is all the same to it.
    assert_eq!(line.events(), [&HostChange::DeadEntry { v6: false }]);
}

#[test]
fn the_identifier_changes_once_a_day_at_a_random_moment_and_when_addresses_change() {
    let mut watch = IdentifierWatch::new(BootTime::from_micros(0));
    let mut changes = Vec::new();
    for minute in 0..5 * 1_440 {
        let now = BootTime::from_micros(minute * 60 * S);
        if watch.look(now, now) == Some(Finding::Change) {
            changes.push(minute);
        }
    }
    let per_day = |day: i64| changes.iter().filter(|at| **at / 1_440 == day).count();
    assert!((1..4).all(|day| (1..=2).contains(&per_day(day))), "{changes:?}");
    assert!((4..=6).contains(&changes.len()), "{changes:?}");

    let mut line = Simulation::three();
    line.run(5.0, &|_, _| true);
    line.driver.change_identifiers();
    line.run(10.0, &|_, _| true);
    assert_ne!(line.current, 0);
    assert_eq!(line.lost(), Vec::<f64>::new());
}
