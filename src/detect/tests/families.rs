//! IPv6 alone, name service alone, and anchors of which some are out of reach.

use super::world::*;
use crate::detect::*;
use crate::time::Timestamp;
use crate::vocabulary::{Bounds, Failed, FailedReason, Figures, Outcome, Phase, TargetId};

const MINUTE: i64 = 60_000;

fn kinds(home: &Detector) -> Vec<&'static str> {
    home.impairments().iter().map(|i| i.figures.kind()).collect()
}

/// The true instant lies within the bounds, and they are no wider than `width` ms.
#[track_caller]
fn check_edge(bounds: Bounds, true_ms: i64, width: i64) {
    let truth: Timestamp = at(START_MS + true_ms);
    assert!(bounds.earliest <= truth && truth <= bounds.latest.plus_micros(20_000), "{bounds:?}");
    assert!(bounds.latest.micros_since(bounds.earliest) <= width * 1_000, "{bounds:?}");
}

fn no_name() -> Outcome {
    Outcome::Failed(Failed { phase: Phase::Resolve, reason: FailedReason::Timeout })
}

#[test]
fn s17_two_hours_without_ipv6_are_ipv6_trouble_and_no_drop() {
    let dead = |ms: i64| (HOUR..3 * HOUR).contains(&ms);
    let home = watch_all(4 * HOUR, |ms, id| unless(V6.contains(&id) && dead(ms)));
    assert_eq!(home.drops(), []);
    assert_eq!(home.troubles(), [], "what all IPv6 anchors lose is no trouble of one");
    assert_eq!(kinds(&home), ["ipv6"]);
    let found = &home.impairments()[0];
    check_edge(found.onset, HOUR, 1_000);
    check_edge(found.end.unwrap(), 3 * HOUR, 1_000);
    let Figures::Ipv6(counts) = found.figures else { panic!("{found:?}") };
    assert_eq!(counts.bearing, 3 * 7_200, "every probe was lost");
}

#[test]
fn a_drop_of_the_whole_link_is_no_ipv6_and_no_dns_trouble() {
    let dead = |ms: i64| (HOUR..HOUR + 10 * MINUTE).contains(&ms);
    let behind = |id: u8| id < GATEWAY || id == ISP || id >= DNS;
    let home = watch_all(2 * HOUR, |ms, id| unless(behind(id) && dead(ms)));
    assert_eq!(home.drops().len(), 1);
    assert_eq!(home.impairments(), []);
}

#[test]
fn ipv6_that_stays_away_behind_a_drop_is_told_from_its_end() {
    let dead = |ms: i64| (HOUR..HOUR + 2 * MINUTE).contains(&ms);
    let v6_dead = |ms: i64| (HOUR..HOUR + 12 * MINUTE).contains(&ms);
    let behind = |id: u8| id < V6[0] || id == ISP || id >= DNS;
    let home = watch_all(2 * HOUR, |ms, id| {
        unless((behind(id) && dead(ms)) || (V6.contains(&id) && v6_dead(ms)))
    });
    assert_eq!(home.drops().len(), 1);
    assert_eq!(kinds(&home), ["ipv6"]);
    let onset = home.impairments()[0].onset.earliest;
    let end_of_drop = at(START_MS + HOUR + 2 * MINUTE);
    assert!(onset >= end_of_drop && onset.micros_since(end_of_drop) < 60_000_000, "{onset}");
    check_edge(home.impairments()[0].end.unwrap(), HOUR + 12 * MINUTE, 1_000);
}

#[test]
fn s05_name_servers_silent_for_20_minutes_are_dns_trouble_and_no_drop() {
    let dead = |ms: i64| (HOUR..HOUR + 20 * MINUTE).contains(&ms);
    let home = watch_all(2 * HOUR, |ms, id| {
        let silent = (id == DNS || id == OTHER_DNS) && dead(ms);
        Some(if silent { no_name() } else { reply() })
    });
    assert_eq!(home.drops(), []);
    assert_eq!(kinds(&home), ["dns"]);
    check_edge(home.impairments()[0].onset, HOUR, 10_100);
    check_edge(home.impairments()[0].end.unwrap(), HOUR + 20 * MINUTE, 10_100);
}

#[test]
fn thirty_seconds_without_the_own_name_server_are_dns_trouble() {
    let dead = |ms: i64| (HOUR..HOUR + 30_000).contains(&ms);
    let home =
        watch_all(2 * HOUR, |ms, id| Some(if id == DNS && dead(ms) { no_name() } else { reply() }));
    assert_eq!(kinds(&home), ["dns"]);
    assert_eq!(home.troubles(), []);
}

#[test]
fn a_foreign_name_server_that_is_silent_is_trouble_of_one_target() {
    let dead = |ms: i64| (HOUR..HOUR + 20 * MINUTE).contains(&ms);
    let home = watch_all(2 * HOUR, |ms, id| {
        Some(if id == OTHER_DNS && dead(ms) { no_name() } else { reply() })
    });
    assert_eq!(home.impairments(), []);
    let troubles: Vec<_> = home.troubles().iter().map(|t| (t.target, t.lost)).collect();
    assert_eq!(troubles, [(TargetId(OTHER_DNS), 120)]);
}

#[test]
fn names_lost_by_chance_are_no_dns_trouble() {
    // A month of 5 % loss: three queries in a row are lost about 30 times.
    let mut rng = fastrand::Rng::with_seed(5);
    let home = watch_all(30 * 24 * HOUR / 10, |_, id| {
        let chance = if id == DNS || id <= 3 { 0.05 } else { 0.0 };
        (id == DNS || id <= 3).then(|| unless(rng.f64() < chance).unwrap())
    });
    assert_eq!(kinds(&home).iter().filter(|kind| **kind == "dns").count(), 0);
}

#[test]
fn s22_two_of_three_anchors_dead_are_partial_with_the_link_up() {
    let dead = |ms: i64| (HOUR..HOUR + 10 * MINUTE).contains(&ms);
    let home = watch_all(2 * HOUR, |ms, id| unless((id == 1 || id == 2) && dead(ms)));
    assert_eq!(home.drops(), []);
    assert_eq!(home.troubles().len(), 2);
    assert_eq!(kinds(&home), ["partial"]);
    let found = &home.impairments()[0];
    let figures =
        Figures::Partial { silent: vec![TargetId(1), TargetId(2)], answering: vec![TargetId(3)] };
    assert_eq!(found.figures, figures);
    let from = found.onset.earliest.micros_since(at(START_MS + HOUR));
    let to = found.end.unwrap().latest.micros_since(at(START_MS + HOUR + 10 * MINUTE));
    assert!((0..1_000_000).contains(&from) && (0..1_000_000).contains(&to), "{found:?}");
}
