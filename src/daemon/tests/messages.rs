//! What people are told, from simulated lines through kills and steps of the clock.

use std::collections::BTreeSet;

use super::*;
use crate::config::{AlertConfig, AlertKind, Config};
use crate::courier::{FakePost, Receiver, scribe_of, setup};
use crate::store::Outbox;
use crate::time::Micros;
use crate::vocabulary::MessageEvent::{Back, Blind, Down, Flapping, FlappingOver, StillDown};
use crate::vocabulary::{Message, MessageEvent};

fn config() -> Config {
    let alerts = vec![AlertConfig::of(AlertKind::Webhook)];
    Config { alerts, ..Config::default() }
}

impl Machine {
    /// As [`Machine::start`], with someone who writes messages.
    fn start_telling<T>(&mut self, s: i64, life: impl FnOnce(Life<'_>) -> T) -> T {
        let path = self.heard.database.clone();
        self.start(s, |mut started| {
            let drops = Reader::open(&path).unwrap().drops(ALWAYS).unwrap();
            let now = started.now().utc;
            let scribe = scribe_of(&config(), &setup(), &path, &drops, now);
            started.daemon.set_messages(scribe, None);
            life(started)
        })
    }

    fn messages(&self) -> Vec<Message> {
        let stored = Outbox::new(&self.heard.database).after(0).unwrap();
        stored.into_iter().map(|stored| stored.message).collect()
    }

    fn keys(&self) -> Vec<String> {
        self.messages().into_iter().map(|message| message.key).collect()
    }

    /// The name of the n-th drop of the record in messages.
    fn name(&self, n: usize) -> String {
        let stored = &self.drops()[n];
        format!("drop-{}", stored.first_key.unwrap_or(stored.drop.key).as_micros())
    }
}

#[test]
fn a_drop_is_told_when_it_is_confirmed_while_it_lasts_and_when_it_is_over() {
    let mut machine = Machine::new();
    machine.start_telling(0, |mut life| {
        life.lives(60, &mut up);
        life.lives(4_000, &mut down);
        life.lives(30, &mut up);
        life.stop();
    });
    let name = machine.name(0);
    let phases = ["down", "still-15m", "still-1h", "back"];
    assert_eq!(machine.keys(), phases.map(|phase| format!("{name}-{phase}")));
    let messages = machine.messages();
    let at = |n: usize| messages[n].at.micros_since(Timestamp::from_seconds(START_S)) / 1_000_000;
    assert!((65..=70).contains(&at(0)), "{}", at(0));
    assert!(
        (959..=962).contains(&at(1)) && (3_659..=3_662).contains(&at(2)),
        "{} {}",
        at(1),
        at(2)
    );
    let back = &messages[3];
    assert_eq!((back.count_today, back.place.as_deref()), (Some(1), messages[0].place.as_deref()));
    assert!(back.min_s.unwrap() > 3_990.0 && back.max_s.unwrap() < 4_010.0, "{back:?}");
    assert!(back.end.is_some() && messages[0].end.is_none());
}

/// What is told of the drops of a record, in any order.
fn expected(machine: &Machine) -> BTreeSet<String> {
    let drops = machine.drops();
    let down: Vec<usize> = (0..drops.len()).filter(|n| drops[*n].drop.kind.is_down()).collect();
    let mut keys = BTreeSet::new();
    for n in down.iter().take(2) {
        keys.extend(["down", "back"].map(|phase| format!("{}-{phase}", machine.name(*n))));
    }
    if down.len() > 2 {
        keys.insert(machine.name(down[0]).replace("drop", "flapping"));
    }
    keys
}

#[test]
fn three_drops_a_kill_and_a_step_of_the_clock_tell_exactly_what_happened() {
    for seed in 0..50 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut machine = Machine::new();
        let onsets = [60, 240, 430].map(|s| s + random.i64(0..60));
        let ends = onsets.map(|s| s + random.i64(20..100));
        let (killed, dead) = (random.i64(30..560), random.i64(1..8));
        let (stepped, by) = (random.i64(30..580), random.i32(-40..40));
        let alert = AlertConfig { least: Duration::ZERO, ..AlertConfig::of(AlertKind::Webhook) };
        let receiver = Receiver::default();
        let mut tried_while_down = 0;
        let is_down = |s: i64| (0..3).any(|n| (onsets[n]..ends[n]).contains(&s));
        let mut live = |life: &mut Life<'_>, until: i64, post: &mut FakePost| {
            while life.s < until {
                if life.s == stepped {
                    life.steps_the_clock(by);
                }
                let s = life.s;
                let (mut down, mut up) = (down, up);
                let world: World<'_> = if is_down(s) { &mut down } else { &mut up };
                life.lives(1, world);
                let before = post.receiver.keys().len();
                let status = life.daemon.present_status();
                post.second(&status, life.now());
                // It takes a few seconds to see either.
                let sent = post.receiver.keys().len() - before;
                tried_while_down += if is_down(s) && is_down(s - 12) { sent } else { 0 };
            }
        };
        let path = machine.heard.database.clone();
        machine.start_telling(0, |mut life| {
            let mut post = FakePost::new(&alert, &path, &receiver);
            live(&mut life, killed, &mut post);
        });
        machine.start_telling(killed + dead, |mut life| {
            let mut post = FakePost::new(&alert, &path, &receiver);
            live(&mut life, 700, &mut post);
            life.stop();
        });
        let said =
            format!("seed {seed}: {onsets:?} {ends:?} killed {killed} stepped {stepped} {by}");
        let told: BTreeSet<String> = machine.keys().into_iter().collect();
        assert_eq!(told, expected(&machine), "{said}");
        assert_eq!(told.len(), machine.keys().len(), "{said}");
        assert_eq!(tried_while_down, 0, "{said}");
        // Each is told once, and each that is told is of the record.
        let arrived = receiver.arrived.lock().unwrap().clone();
        let sent: Vec<&String> = arrived.iter().flat_map(|a| &a.messages).collect();
        assert_eq!(sent.iter().collect::<BTreeSet<_>>().len(), sent.len(), "{said}: {sent:?}");
        assert!(sent.iter().all(|key| told.contains(*key)), "{said}: {sent:?}");
        let ended: Vec<&String> = told.iter().filter(|key| !key.ends_with("-down")).collect();
        assert!(ended.iter().all(|key| sent.contains(key)), "{said}: {sent:?}");
        for message in machine.messages() {
            let of = if message.event == MessageEvent::Back { message.end } else { message.onset };
            let late = message.at.since(of.unwrap());
            let most = 60 + i64::from(by.abs());
            let is_storm = message.event == MessageEvent::Flapping;
            let near = -Micros::from_seconds(most)..=Micros::from_seconds(most);
            assert!(is_storm || near.contains(&late), "{said}: {message:?}");
        }
    }
}

#[test]
fn a_hundred_drops_in_two_hours_are_a_few_messages_and_calm_is_one() {
    let mut machine = Machine::new();
    machine.start_telling(0, |mut life| {
        life.lives(60, &mut up);
        for _ in 0..100 {
            life.lives(10, &mut down);
            life.lives(60, &mut up);
        }
        life.lives(3_700, &mut up);
        life.stop();
    });
    let events: Vec<MessageEvent> = machine.messages().iter().map(|m| m.event).collect();
    assert_eq!(events, [Down, Back, Down, Back, Flapping, FlappingOver]);
    let over = machine.messages().pop().unwrap();
    assert!(over.text.starts_with("100 drops from"), "{}", over.text);
}

#[test]
fn a_storm_lasts_through_a_restart_and_a_long_drop_in_it_is_told() {
    let mut machine = Machine::new();
    let drops = |life: &mut Life<'_>| {
        for _ in 0..3 {
            life.lives(60, &mut up);
            life.lives(20, &mut down);
        }
        life.lives(60, &mut up);
    };
    machine.start_telling(0, |mut life| drops(&mut life));
    machine.start_telling(310, |mut life| {
        drops(&mut life);
        life.lives(1_000, &mut down);
        life.lives(60, &mut up);
        life.stop();
    });
    let events: Vec<MessageEvent> = machine.messages().iter().map(|m| m.event).collect();
    assert_eq!(events, [Down, Back, Down, Back, Flapping, StillDown, Back]);
}

#[test]
fn where_no_alert_is_configured_no_message_is_stored() {
    let mut machine = Machine::new();
    machine.start(0, |mut life| {
        life.lives(60, &mut up);
        life.lives(20, &mut down);
        life.lives(60, &mut up);
        life.stop();
    });
    assert_eq!(machine.messages(), []);
}

#[test]
fn a_time_without_the_monitor_is_told_afterwards() {
    let mut machine = Machine::new();
    machine.start_telling(0, |mut life| life.lives(60, &mut up));
    machine.start_telling(100, |mut life| life.lives(60, &mut up));
    assert_eq!(machine.keys(), [""; 0]);
    machine.start_telling(1_000, |mut life| life.lives(60, &mut up));
    let messages = machine.messages();
    assert_eq!(messages.iter().map(|m| m.event).collect::<Vec<_>>(), [Blind]);
    assert!(messages[0].title.starts_with("linkmon was not watching for 14 min"), "{messages:?}");
}
