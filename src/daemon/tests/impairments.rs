//! Impairments: stored, and announced once, also across a restart.

use super::*;
use crate::live::Flag;
use crate::vocabulary::{Bounds, DropKind, Figures, Impairment, LossFigures, Place};

/// Whether an announced impairment was over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    No,
    Yes,
}

fn loss(from: i64, lost: u32, to: Option<i64>) -> Impairment {
    let at = |s: i64| {
        let at = reading(0, s * 1_000).utc;
        Bounds { earliest: at, latest: at.plus_micros(333_333) }
    };
    let figures = LossFigures { lost, late: 0, sent: 180, usual_lost: 0, usual_sent: 0 };
    Impairment {
        key: at(from).earliest,
        target: None,
        onset: at(from),
        end: to.map(at),
        unobserved: Duration::ZERO,
        places: Vec::new(),
        figures: Figures::Loss(figures),
    }
}

/// The impairments announced: lost probes, and whether it was over.
fn announced(machine: &Machine) -> Vec<(u32, Over)> {
    let of_loss = |event: &Event| match event {
        Event::Impairment { impairment, .. } => {
            let Figures::Loss(f) = impairment.figures else { panic!("{impairment:?}") };
            Some((f.lost, if impairment.end.is_some() { Over::Yes } else { Over::No }))
        }
        _ => None,
    };
    machine.heard.events.iter().filter_map(of_loss).collect()
}

#[test]
fn an_impairment_is_stored_each_time_and_announced_when_it_begins_and_when_it_is_over() {
    let mut machine = Machine::new();
    machine.start(0, |mut life| {
        life.lives(100, &mut up);
        for (lost, to) in [(40, None), (60, None), (80, Some(90)), (81, Some(91))] {
            life.daemon.put_impairment(&loss(30, lost, to));
            life.lives(1, &mut up);
            let stored = Reader::open(&life.database).unwrap().impairments(ALWAYS).unwrap();
            assert_eq!(stored, [loss(30, lost, to)], "from the tail");
        }
        life.stop();
    });
    assert_eq!(announced(&machine), [(40, Over::No), (80, Over::Yes)]);
    assert_eq!(machine.reader().impairments(ALWAYS).unwrap(), [loss(30, 81, Some(91))]);
}

#[test]
fn an_impairment_over_when_it_is_first_known_is_announced_once() {
    let mut machine = Machine::new();
    machine.start(0, |mut life| {
        life.lives(100, &mut up);
        life.daemon.put_impairment(&loss(30, 80, Some(90)));
        life.daemon.put_impairment(&loss(30, 81, Some(90)));
    });
    assert_eq!(announced(&machine), [(80, Over::Yes)]);
}

/// A third of what goes beyond the gateway is lost.
fn lossy() -> impl FnMut(usize, i64) -> Outcome {
    let mut rng = fastrand::Rng::with_seed(7);
    move |who, ms| if who > 0 && rng.f64() < 0.3 { Outcome::Lost } else { up(who, ms) }
}

/// The flags that a status shows next to the state of the link.
fn flags(machine: &Machine) -> Vec<Flag> {
    machine.heard.status.as_ref().unwrap().impairments.iter().map(|i| i.flag).collect()
}

/// The impairments announced: their kinds, and whether they were over.
fn words(machine: &Machine) -> Vec<(&'static str, Over)> {
    let word = |event: &Event| match event {
        Event::Impairment { impairment, .. } => {
            let over = if impairment.end.is_some() { Over::Yes } else { Over::No };
            Some((impairment.figures.kind(), over))
        }
        _ => None,
    };
    machine.heard.events.iter().filter_map(word).collect()
}

#[test]
fn a_daemon_that_was_killed_knows_what_it_had_announced() {
    let mut machine = Machine::new();
    machine.start(0, |mut life| {
        life.lives(1_900, &mut up);
        life.lives(300, &mut lossy());
    });
    assert_eq!(words(&machine), [("loss", Over::No)]);
    assert_eq!(flags(&machine), [Flag::Lossy]);
    machine.start(2_205, |mut life| {
        life.lives(1, &mut lossy());
    });
    assert_eq!(flags(&machine), [Flag::Lossy], "at once: the record has it");
    machine.start(2_210, |mut life| {
        life.lives(200, &mut lossy());
        life.lives(200, &mut up);
        life.stop();
    });
    assert_eq!(words(&machine), [("loss", Over::No), ("loss", Over::Yes)]);
    assert_eq!(flags(&machine), []);
    let stored = machine.reader().impairments(ALWAYS).unwrap();
    assert_eq!(stored, machine.replayed().impairments());
    let [one] = &stored[..] else { panic!("{stored:?}") };
    let length = one.end.unwrap().midpoint().duration_since(one.onset.midpoint()).unwrap();
    assert!((495..=525).contains(&length.as_secs()), "{one:?}");
    assert_eq!(one.places, [Place::Modem, Place::Access]);
    assert_eq!(machine.drops().iter().filter(|d| d.drop.kind != DropKind::Blip).count(), 0);
}

#[test]
fn a_full_line_is_shown_as_slow_while_it_lasts_and_told_once() {
    let mut slow = |who, ms| {
        let delay: i64 = if who > 0 { 90 + ms % 40 } else { 1 };
        Outcome::reply(Duration::from_millis(delay.unsigned_abs()))
    };
    let mut machine = Machine::new();
    machine.start(0, |mut life| {
        life.lives(1_900, &mut up);
        life.lives(200, &mut slow);
    });
    assert_eq!(flags(&machine), [Flag::Slow]);
    machine.start(2_105, |mut life| {
        life.lives(100, &mut slow);
        life.lives(400, &mut up);
        life.stop();
    });
    assert_eq!(flags(&machine), []);
    assert_eq!(words(&machine), [("slow", Over::No), ("slow", Over::Yes)]);
    let stored = machine.reader().impairments(ALWAYS).unwrap();
    assert_eq!(stored, machine.replayed().impairments());
    assert_eq!(stored[0].places, [Place::Access]);
}

#[test]
fn what_the_record_does_not_bear_out_is_over_after_a_restart() {
    let mut machine = Machine::new();
    machine.start(0, |mut life| {
        life.lives(100, &mut up);
        life.daemon.put_impairment(&loss(30, 40, None));
        life.lives(1, &mut up);
    });
    machine.start(110, |mut life| {
        life.lives(10, &mut up);
        life.stop();
    });
    assert_eq!(announced(&machine), [(40, Over::No), (40, Over::Yes)]);
}
