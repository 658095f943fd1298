//! Who may vote, and the targets in use at each time.

use super::world::*;
use crate::detect::*;
use crate::vocabulary::{
    Endpoint, Figures, Outcome, Role, Roster, RosterEntry, Standing, Target, TargetId,
};

const MINUTE: i64 = 60_000;

/// All of [`home_with_services`] in use, but for some, and the standings of some.
fn roster(gone: &[u8], standings: &[(u8, Standing)]) -> Roster {
    let targets = home_with_services();
    let in_use = targets.iter().filter(|t| !gone.contains(&t.id.0));
    Roster::new(in_use.map(|t| {
        let usual = if t.role == Role::Anchor { Standing::Unproven } else { Standing::NoAnchor };
        let given = standings.iter().find(|(id, _)| *id == t.id.0);
        let standing = given.map_or(usual, |(_, standing)| *standing);
        RosterEntry { target: t.id, standing, decides: false }
    }))
}

fn watch_with(
    rosters: &[(i64, Roster)],
    to: i64,
    outcome: impl FnMut(i64, u8) -> Option<Outcome>,
) -> Detector {
    let mut detector = Detector::new(Parameters::default());
    detector.set_targets(&home_with_services());
    detector.begin_run(&run(1, START_MS));
    let mut rosters = rosters.iter().peekable();
    for m in all_probes(0, to, outcome) {
        let ms = m.sent_at.as_millis() - START_MS;
        while let Some((_, roster)) = rosters.next_if(|(from, _)| *from <= ms) {
            detector.set_roster(roster);
        }
        detector.on_measurement(&m);
    }
    detector.finish();
    detector
}

fn kinds(home: &Detector) -> Vec<&'static str> {
    home.impairments().iter().map(|i| i.figures.kind()).collect()
}

fn ids(ids: &[u8]) -> Vec<TargetId> {
    ids.iter().copied().map(TargetId).collect()
}

/// Everything beyond the router is dead from 30 to 31 min; the router owns anchor 1.
fn owned_by_the_router(ms: i64, id: u8) -> Option<Outcome> {
    let dead = (30 * MINUTE..31 * MINUTE).contains(&ms);
    unless(dead && id != 1 && id != GATEWAY && id != MODEM)
}

#[test]
fn an_anchor_that_does_not_vote_neither_hides_a_drop_nor_decides() {
    for standing in [Standing::Near, Standing::Private, Standing::FalseWitness] {
        let home = watch_with(&[(0, roster(&[], &[(1, standing)]))], HOUR, owned_by_the_router);
        assert_eq!(home.drops().len(), 1, "{standing}");
        assert_eq!(home.drops()[0].min.as_secs(), 59, "{standing}");
        assert_eq!(home.deciding(), ids(&[2, 3]));
        assert_eq!(kinds(&home), <[&str; 0]>::default(), "{standing}");
    }
    let private = Standing::Trusted;
    let trusted = watch_with(&[(0, roster(&[], &[(1, private)]))], HOUR, owned_by_the_router);
    assert_eq!(trusted.drops(), [], "one that is trusted proves that the link works");
}

#[test]
fn an_anchor_loses_its_vote_from_when_it_is_found_out() {
    let found = [(0, roster(&[], &[])), (20 * MINUTE, roster(&[], &[(1, Standing::Near)]))];
    assert_eq!(watch_with(&found, HOUR, owned_by_the_router).drops().len(), 1);
    let late = [(0, roster(&[], &[])), (40 * MINUTE, roster(&[], &[(1, Standing::Near)]))];
    assert_eq!(watch_with(&late, HOUR, owned_by_the_router).drops(), []);
}

#[test]
fn one_voice_against_all_is_disputed_time_and_the_second_time_a_false_witness() {
    let minutes = [30, 50, 70];
    let home = watch_with(&[(0, roster(&[], &[]))], 2 * HOUR, |ms, id| {
        let dead = minutes.iter().any(|m| (m * MINUTE..(m + 1) * MINUTE).contains(&ms));
        unless(dead && id != 1 && id != GATEWAY && id != MODEM)
    });
    assert_eq!(kinds(&home), ["suspect-voice", "suspect-voice"]);
    let first = &home.impairments()[0];
    assert_eq!(first.target, Some(TargetId(1)));
    let (from, to) = (at(START_MS + 30 * MINUTE), at(START_MS + 31 * MINUTE));
    let end = first.end.unwrap();
    assert!(first.onset.earliest <= from && from <= first.onset.latest.plus_micros(1_000_000));
    assert!(end.earliest <= to && to <= end.latest.plus_micros(1_000_000), "{first:?}");
    let Figures::SuspectVoice(counts) = first.figures else { panic!("{first:?}") };
    assert!((50..=62).contains(&counts.bearing), "{counts:?}");
    assert_eq!(home.false_witnesses(), ids(&[1]));
    assert_eq!(home.deciding(), ids(&[2, 3]));
    let lengths: Vec<_> = home.drops().iter().map(|drop| drop.min.as_secs()).collect();
    assert_eq!(lengths.len(), 2, "{lengths:?}");
    assert!(lengths[0] >= 45 && lengths[1] == 59, "{lengths:?}");
}

#[test]
fn known_as_a_false_witness_from_the_beginning_an_anchor_hides_nothing() {
    let mut detector = Detector::new(Parameters::default());
    detector.set_targets(&home_with_services());
    detector.disbelieve(TargetId(1));
    detector.begin_run(&run(1, START_MS));
    detector.set_roster(&roster(&[], &[]));
    for m in all_probes(0, HOUR, owned_by_the_router) {
        detector.on_measurement(&m);
    }
    detector.finish();
    assert_eq!(detector.drops().len(), 1);
    assert_eq!(kinds(&detector), <[&str; 0]>::default());
}

#[test]
fn an_anchor_is_not_alone_while_any_other_witness_answers() {
    // The ISP's hop, a web check, an IPv6 anchor, another anchor.
    for other in [ISP, WEB[0], V6[2], 3] {
        let home = watch_with(&[(0, roster(&[], &[]))], HOUR, |ms, id| {
            let dead = (30 * MINUTE..31 * MINUTE).contains(&ms);
            unless(dead && ![1, other, GATEWAY, MODEM].contains(&id))
        });
        let suspects = kinds(&home).into_iter().filter(|kind| *kind == "suspect-voice").count();
        assert_eq!(suspects, 0, "{other}");
        assert_eq!(home.drops(), [], "{other}");
    }
}

#[test]
fn a_record_that_had_ipv4_anchors_and_later_only_ipv6_ones_still_finds_drops() {
    let v4 = [1, 2, 3];
    let rosters = [(0, roster(&[], &[])), (20 * MINUTE, roster(&v4, &[]))];
    let home = watch_with(&rosters, HOUR, |ms, id| {
        if ms >= 20 * MINUTE && v4.contains(&id) {
            return None;
        }
        unless((30 * MINUTE..31 * MINUTE).contains(&ms) && id != GATEWAY && id != MODEM)
    });
    assert_eq!(home.deciding(), ids(&V6));
    assert_eq!(home.drops().len(), 1);
    assert_eq!(home.drops()[0].min.as_secs(), 59);
    assert_eq!(home.drops()[0].place_text(), "access");
}

#[test]
fn where_one_ipv4_anchor_is_dead_two_able_ipv6_ones_decide() {
    let gone = [2, 3, V6[2]];
    let home = watch_with(&[(0, roster(&gone, &[]))], HOUR, |ms, id| {
        if gone.contains(&id) {
            return None;
        }
        unless(id == 1 || (30 * MINUTE..31 * MINUTE).contains(&ms) && id != GATEWAY && id != MODEM)
    });
    assert_eq!(home.deciding(), ids(&V6[..2]));
    assert_eq!(home.drops().len(), 1);
    assert_eq!(home.drops()[0].min.as_secs(), 59);
}

#[test]
fn two_able_ipv4_anchors_decide_whatever_ipv6_does() {
    let home = watch_with(&[(0, roster(&[3], &[]))], HOUR, |ms, id| {
        if id == 3 {
            return None;
        }
        unless(V6.contains(&id) && ms > 30 * MINUTE)
    });
    assert_eq!(home.deciding(), ids(&[1, 2]));
    assert_eq!(home.drops(), []);
    assert_eq!(kinds(&home), ["ipv6"]);
}

#[test]
fn without_a_history_of_targets_verdicts_are_those_of_before() {
    let home = watch_all(HOUR, owned_by_the_router);
    assert_eq!(home.drops(), []);
    assert_eq!(kinds(&home), ["partial"]);
}

#[test]
fn the_daemon_and_a_replay_apply_a_change_between_the_same_probes() {
    let change = |from, roster| crate::vocabulary::RosterChange { run: 1, from, roster };
    let found = 30 * MINUTE + 30_500;
    let rosters = [(0, roster(&[], &[])), (found, roster(&[], &[(1, Standing::Near)]))];
    let replayed = watch_with(&rosters, HOUR, owned_by_the_router);
    let mut judge = LiveDetector::new(Parameters::default(), crate::vocabulary::Waiting::default());
    judge.set_targets(&home_with_services());
    judge.begin_run(&run(1, START_MS));
    judge.set_roster(&change(at(START_MS), rosters[0].1.clone()));
    let mut was_set = false;
    for m in all_probes(0, HOUR, owned_by_the_router) {
        // What was sent before the change is reported after it.
        if !was_set && m.sent_at >= at(START_MS + found - 3_000) {
            judge.set_roster(&change(at(START_MS + found), rosters[1].1.clone()));
            was_set = true;
        }
        judge.on(&crate::vocabulary::Observation::Measured(m));
    }
    judge.settle();
    judge.changes();
    assert_eq!(judge.last_drop().as_ref(), replayed.drops().last());
    assert_eq!(replayed.drops().len(), 1);
    assert_eq!(judge.deciding(), Some(ids(&[2, 3])));
}

#[test]
fn a_hop_of_either_family_is_evidence_of_the_place() {
    let v6_router = Target {
        endpoint: Endpoint::new(crate::vocabulary::Kind::Icmp, "2001:db8:1:1::1"),
        ..target(GATEWAY, Role::Gateway)
    };
    let v6: Vec<_> = home_with_services().into_iter().filter(|t| V6.contains(&t.id.0)).collect();
    let mut detector = Detector::new(Parameters::default());
    detector.set_targets(&[vec![v6_router, target(ISP, Role::Isp)], v6].concat());
    detector.begin_run(&run(1, START_MS));
    for m in all_probes(0, HOUR, |ms, id| {
        unless((30 * MINUTE..31 * MINUTE).contains(&ms) && id != GATEWAY)
    }) {
        detector.on_measurement(&m);
    }
    detector.finish();
    assert_eq!(detector.drops().len(), 1);
    assert_eq!(detector.drops()[0].place_text(), "modem|access", "no modem is known");
}
