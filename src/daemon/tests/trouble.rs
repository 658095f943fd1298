//! When storing fails, and when the network changes its shape.

use super::*;
use crate::store::tests::refusal::{accept_writes, refuse_writes};
use crate::vocabulary::{Endpoint, LinkState};

#[test]
fn what_happens_while_storing_fails_is_stored_later_and_told_once() {
    let mut machine = Machine::new();
    machine.start(0, |mut life| {
        life.lives(100, &mut up);
        refuse_writes(life.daemon.writer().path());
        life.lives(300, &mut up);
        life.lives(20, &mut down);
        life.lives(300, &mut up);
        accept_writes(life.daemon.writer().path());
        life.lives(100, &mut up);
        life.stop();
    });
    let drops = machine.drops();
    assert_eq!(drops.len(), 1, "{drops:?}");
    assert_eq!(machine.heard.words(), ["trouble", "ended 1", "works"]);
    assert_eq!(machine.heard.status.as_ref().unwrap().storage_trouble, None);
    let mut samples = 0;
    let count = &mut |row: &crate::store::rows::MinuteSamples| samples += row.samples.len();
    machine.reader().for_each_minute(ALWAYS, count).unwrap();
    assert_eq!(samples, 820 * WHO.len());
    machine.check_replay();
}

#[test]
fn trouble_lasts_in_the_status_as_long_as_it_lasts() {
    let mut machine = Machine::new();
    machine.start(0, |mut life| {
        life.lives(100, &mut up);
        refuse_writes(life.daemon.writer().path());
        life.lives(300, &mut up);
    });
    assert_eq!(machine.heard.words(), ["trouble"]);
    let said = machine.heard.status.unwrap().storage_trouble.unwrap();
    assert!(said.starts_with("write to database"), "{said}");
}

#[test]
fn a_new_gateway_takes_the_place_of_the_old_and_drops_go_on() {
    let mut machine = Machine::new();
    machine.start(0, |mut life| {
        life.lives(100, &mut up);
        life.lives(10, &mut down);
        let mut other = wanted();
        other[0].endpoint = Endpoint::new(Kind::Icmp, "192.168.7.254");
        let now = life.now();
        assert_eq!(life.daemon.set_targets(other.clone(), now), Changed::Yes);
        assert_eq!(life.daemon.set_targets(other, now), Changed::No);
        life.lives(10, &mut down);
        life.lives(60, &mut up);
        life.stop();
    });
    let drops = machine.drops();
    assert_eq!(drops.len(), 1, "{drops:?}");
    assert_eq!(machine.heard.words(), ["began 1", "ended 1"]);
    let changes = machine.heard.events.iter().filter_map(|notice| match notice {
        Event::TargetAdded(t) => Some(format!("+{}", t.endpoint)),
        Event::TargetRemoved(t) => Some(format!("-{}", t.endpoint)),
        _ => None,
    });
    assert_eq!(changes.skip(WHO.len()).collect::<Vec<_>>(), ["-192.168.7.1", "+192.168.7.254"]);
    machine.check_replay();
}

#[test]
fn targets_that_cannot_be_stored_are_tried_again() {
    let mut machine = Machine::new();
    machine.start(0, |mut life| {
        life.lives(10, &mut up);
        refuse_writes(life.daemon.writer().path());
        let mut fewer = wanted();
        fewer.pop();
        let now = life.now();
        assert_eq!(life.daemon.set_targets(fewer, now), Changed::No);
        assert_eq!(life.daemon.targets().len(), WHO.len());
        life.lives(30, &mut up);
        let now = life.now();
        assert_eq!(life.daemon.retry_targets(now), Changed::No);
        accept_writes(life.daemon.writer().path());
        life.lives(11, &mut up);
        let now = life.now();
        assert_eq!(life.daemon.retry_targets(now), Changed::Yes);
        assert_eq!(life.daemon.targets().len(), WHO.len() - 1);
        life.daemon.second(now);
    });
    assert_eq!(machine.heard.words(), ["trouble", "works"]);
}

#[test]
#[ignore = "a measurement: run it alone, in release"]
fn cpu_of_a_second_with_13_targets_and_time_of_a_start() {
    let many = || {
        let mut many = wanted();
        for n in 0..8_u8 {
            many.push(WantedTarget {
                name: format!("more-{n}"),
                endpoint: Endpoint::new(Kind::Icmp, format!("192.168.7.{}", 100 + n)),
                ..many[0].clone()
            });
        }
        many
    };
    let mut machine = Machine::new();
    let seconds = 2 * 86_400;
    machine.start(0, |mut life| {
        let now = life.now();
        assert_eq!(life.daemon.set_targets(many(), now), Changed::Yes);
        let from = Reading::now();
        for _ in 0..seconds {
            for n in WHO.len()..13 {
                let ms = life.s * 1_000 + 5;
                life.send(n, ms, up(n, 0));
            }
            life.lives(1, &mut up);
        }
        let us = Reading::now().boot.since(from.boot).as_i64() / seconds;
        println!("{us} us a second, commits included");
    });
    let from = Reading::now();
    let path = machine.heard.database.clone();
    remember(&path, Parameters::default(), Waiting::default()).unwrap();
    println!("{} ms to look back", Reading::now().boot.since(from.boot).as_i64() / 1_000);
}

#[test]
fn the_link_is_told_to_be_up_once_and_targets_are_looked_for_after_a_drop_alone() {
    let mut machine = Machine::new();
    machine.start(0, |mut life| {
        life.lives(100, &mut up);
        assert!(!life.daemon.came_up(), "all was asked at the start");
        for _ in 0..5 {
            life.lives(2, &mut down);
            life.lives(20, &mut up);
        }
        assert!(!life.daemon.came_up(), "two seconds of silence are no change");
        life.lives(20, &mut down);
        life.lives(60, &mut up);
        assert!(life.daemon.came_up() && !life.daemon.came_up());
        life.stop();
    });
    let is_up = |n: &&Event| matches!(n, Event::State { to: LinkState::Up, .. });
    assert_eq!(machine.heard.events.iter().filter(is_up).count(), 2);
}

#[test]
fn a_target_that_is_gone_keeps_its_name_in_the_drop_it_witnessed() {
    let mut machine = Machine::new();
    machine.start(0, |mut life| {
        life.lives(100, &mut up);
        life.lives(20, &mut down);
        let mut other = wanted();
        other[0].endpoint = Endpoint::new(Kind::Icmp, "192.168.7.254");
        let now = life.now();
        assert_eq!(life.daemon.set_targets(other, now), Changed::Yes);
        life.lives(60, &mut up);
        life.stop();
    });
    let told = machine.heard.events.iter().find_map(|notice| match notice {
        Event::DropEnded { detail: Some(detail), .. } => Some(detail.witnesses.answered.clone()),
        _ => None,
    });
    assert_eq!(told.unwrap(), ["gateway"]);
}
