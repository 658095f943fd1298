//! IPv6 alone, name service alone, and anchors of which some are out of reach.

use super::world::*;
use crate::detect::*;
use crate::time::Timestamp;
use crate::vocabulary::{
    Bounds, Endpoint, Failed, FailedReason, Figures, Kind, NameServerPlace, NotSent, Outcome,
    Phase, TargetId,
};

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

#[test]
fn all_tcp_dead_with_pings_and_names_alive_is_one_trouble_and_no_ones_alone() {
    // 342 s; the checks are asked every 10 s, each of another owner.
    let dead = |ms: i64| (HOUR..HOUR + 342_000).contains(&ms);
    let reset = Outcome::Failed(Failed { phase: Phase::Connect, reason: FailedReason::Refused });
    let hang = Outcome::Failed(Failed { phase: Phase::FirstByte, reason: FailedReason::Timeout });
    for silence in [Outcome::Lost, hang, reset] {
        let home = watch_all(2 * HOUR, |ms, id| {
            Some(if WEB.contains(&id) && dead(ms) { silence.clone() } else { reply() })
        });
        assert_eq!(home.drops(), []);
        assert_eq!(home.troubles(), [], "what all lose is no trouble of one");
        assert_eq!(kinds(&home), ["tcp"]);
        check_edge(home.impairments()[0].onset, HOUR, 10_100);
        check_edge(home.impairments()[0].end.unwrap(), HOUR + 342_000, 10_100);
    }
}

#[test]
fn one_web_site_that_fails_alone_is_no_failure_of_tcp() {
    let dead = |ms: i64| (HOUR..HOUR + 20 * MINUTE).contains(&ms);
    let home = watch_all(2 * HOUR, |ms, id| unless(id == WEB[0] && dead(ms)));
    assert_eq!(kinds(&home), [] as [&str; 0]);
    let troubles: Vec<_> = home.troubles().iter().map(|t| (t.target, t.lost)).collect();
    assert_eq!(troubles, [(TargetId(WEB[0]), 120)]);
    // Two services of one owner that fail together are that owner's.
    let mut targets = home_with_services();
    targets.retain(|target| target.id != TargetId(WEB[1]));
    let mut same = targets.iter().find(|t| t.id == TargetId(WEB[0])).unwrap().clone();
    (same.id, same.name) = (TargetId(WEB[1]), "site".to_owned());
    same.endpoint = Endpoint::new(Kind::Http, "https://www.google.com/");
    targets.push(same);
    let mut home = Detector::new(Parameters::default());
    home.set_targets(&targets);
    home.begin_run(&run(1, START_MS));
    for m in all_probes(0, 2 * HOUR, |ms, id| unless(WEB.contains(&id) && dead(ms))) {
        home.on_measurement(&m);
    }
    home.finish();
    assert_eq!(kinds(&home), [] as [&str; 0]);
}

#[test]
fn tcp_that_stays_away_after_a_drop_is_told_and_a_drop_alone_is_not() {
    let dead = |ms: i64| (HOUR..HOUR + 5 * MINUTE).contains(&ms);
    let no_tcp = |ms: i64| (HOUR..HOUR + 15 * MINUTE).contains(&ms);
    let far = |id: u8| id < GATEWAY || id == ISP || id >= DNS;
    let home = watch_all(2 * HOUR, |ms, id| {
        unless((far(id) && dead(ms)) || (WEB.contains(&id) && no_tcp(ms)))
    });
    assert_eq!((home.drops().len(), kinds(&home)), (1, vec!["tcp"]));
    assert_eq!(home.troubles(), []);
}

#[test]
fn the_routers_name_server_alone_is_told_apart_from_all_of_them() {
    let dead = |ms: i64| (HOUR..HOUR + 20 * MINUTE).contains(&ms);
    let mut targets = home_with_services();
    let own = targets.iter_mut().find(|target| target.id == TargetId(DNS)).unwrap();
    own.endpoint = Endpoint::new(Kind::Dns, "example.com@192.168.1.1");
    for (silent, answering) in
        [(&[DNS][..], Some("192.0.2.1".parse().unwrap())), (&[DNS, OTHER_DNS][..], None)]
    {
        let mut home = Detector::new(Parameters::default());
        home.set_targets(&targets);
        home.begin_run(&run(1, START_MS));
        for m in all_probes(0, 2 * HOUR, |ms, id| unless(silent.contains(&id) && dead(ms))) {
            home.on_measurement(&m);
        }
        home.finish();
        assert_eq!((home.drops(), home.troubles()), (&[][..], &[][..]), "{silent:?}");
        let [found] = home.impairments() else { panic!("{:?}", home.impairments()) };
        let Figures::Dns(figures) = found.figures else { panic!("{found:?}") };
        assert_eq!((figures.server, figures.answering), (NameServerPlace::Home, answering));
        assert_eq!(figures.bearing, 120);
    }
}

#[test]
fn ipv6_that_loses_its_route_a_moment_after_ipv4_does_not_work() {
    let gone = |id: u8, ms: i64| {
        let from = if V6.contains(&id) { HOUR + 1_500 } else { HOUR };
        (from..HOUR + MINUTE).contains(&ms)
    };
    let home = watch_all(2 * HOUR, |ms, id| match id {
        GATEWAY => Some(reply()),
        _ if gone(id, ms) => Some(Outcome::NotSent(NotSent::NoRoute)),
        _ => Some(reply()),
    });
    assert_eq!(kinds(&home), [""; 0]);
    let [drop] = home.drops() else { panic!("{:?}", home.drops()) };
    assert!(drop.min.as_secs() >= 55, "{drop:?}");
    assert_eq!(drop.places, []);
}

#[test]
fn ipv6_that_returns_seconds_before_ipv4_is_the_end_of_a_drop() {
    let dead = |id: u8, ms: i64| {
        let back = if V6.contains(&id) { HOUR + 20_000 } else { HOUR + 22_000 };
        let again = HOUR + 29_000..HOUR + 49_000;
        (HOUR..back).contains(&ms) || again.contains(&ms)
    };
    let home = watch_all(2 * HOUR, |ms, id| unless(id != GATEWAY && dead(id, ms)));
    assert_eq!(kinds(&home), [""; 0]);
    let [drop] = home.drops() else { panic!("{:?}", home.drops()) };
    assert_eq!(drop.stretches.len(), 2, "{drop:?}");
    assert!((41..44).contains(&drop.min.as_secs()), "{drop:?}");
}

#[test]
fn a_drop_seconds_after_ipv4_alone_was_dead_begins_when_it_begins() {
    let dead = |id: u8, ms: i64| {
        let alone = HOUR..HOUR + 40_000;
        let whole = HOUR + 47_000..HOUR + 67_000;
        whole.contains(&ms) || (alone.contains(&ms) && !V6.contains(&id))
    };
    let home = watch_all(2 * HOUR, |ms, id| unless(id != GATEWAY && dead(id, ms)));
    assert_eq!(kinds(&home), ["ipv4"]);
    let [drop] = home.drops() else { panic!("{:?}", home.drops()) };
    check_edge(drop.onset, HOUR + 47_000, 700);
    check_edge(home.impairments()[0].end.unwrap(), HOUR + 40_000, 1_000);
}
