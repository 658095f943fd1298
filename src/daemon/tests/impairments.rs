//! Impairments: stored, told once, also across a restart.

use super::*;
use crate::daemon::notice::Over;
use crate::detect::{Bounds, Figures, Impairment, LossFigures};

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

/// What was told of impairments: lost probes, and whether it is over.
fn told(machine: &Machine) -> Vec<(u32, Over)> {
    let told = |notice: &Notice| match notice {
        Notice::Impairment { impairment, .. } => {
            let Figures::Loss(f) = impairment.figures else { panic!("{impairment:?}") };
            Some((f.lost, if impairment.end.is_some() { Over::Yes } else { Over::No }))
        }
        _ => None,
    };
    machine.heard.notices.iter().filter_map(told).collect()
}

#[test]
fn an_impairment_is_stored_each_time_and_told_when_it_begins_and_when_it_is_over() {
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
    assert_eq!(told(&machine), [(40, Over::No), (80, Over::Yes)]);
    assert_eq!(machine.reader().impairments(ALWAYS).unwrap(), [loss(30, 81, Some(91))]);
}

#[test]
fn an_impairment_over_when_it_is_first_known_is_told_once() {
    let mut machine = Machine::new();
    machine.start(0, |mut life| {
        life.lives(100, &mut up);
        life.daemon.put_impairment(&loss(30, 80, Some(90)));
        life.daemon.put_impairment(&loss(30, 81, Some(90)));
    });
    assert_eq!(told(&machine), [(80, Over::Yes)]);
}

#[test]
fn a_daemon_that_is_killed_knows_what_it_had_told() {
    let mut machine = Machine::new();
    machine.start(0, |mut life| {
        life.lives(100, &mut up);
        life.daemon.put_impairment(&loss(30, 40, None));
        life.lives(1, &mut up);
    });
    machine.start(110, |mut life| {
        life.daemon.put_impairment(&loss(30, 60, None));
        life.daemon.put_impairment(&loss(30, 80, Some(115)));
        life.lives(10, &mut up);
        life.stop();
    });
    assert_eq!(told(&machine), [(40, Over::No), (80, Over::Yes)]);
    assert_eq!(machine.reader().impairments(ALWAYS).unwrap(), [loss(30, 80, Some(115))]);
}
