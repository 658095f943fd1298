//! Scenarios at real speed in which the link is up and something else is wrong: no drop, and the
//! right word for it. `tests/bench/verdicts.py` plays all there are.

use std::time::Duration;

use super::bed::{Interval, TestBed};
use super::daemon::Home;
use super::record::assert_same;
use super::wait::until;

/// Plays the scenario; what is found apart from drops must be of `kind` alone, once for each fault,
/// with its length within `slack` seconds.
#[track_caller]
fn check(scenario: &str, kind: &str, slack: f64) {
    let Some(bed) = TestBed::up() else { return };
    let home = Home::new(&bed, "daemon");
    let mut daemon = home.start_and_know_the_hops();
    bed.play(scenario);
    daemon.assert_alive();
    daemon.stop();

    let drops = home.drops();
    assert!(drops.iter().all(|drop| drop.kind == "blip"), "no drop: {drops:#?}");
    let truth: Vec<Interval> = bed.intervals();
    let found = home.report().impairments();
    let kinds: Vec<_> = found.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, vec![kind; truth.len()], "{truth:#?}");
    for (interval, (_, seconds)) in truth.iter().zip(&found) {
        let made = interval.to_unix.expect("the fault has ended") - interval.from_unix;
        assert!((seconds - made).abs() <= slack, "{seconds} s found, {interval:?}");
    }
}

#[test]
fn ipv6_alone_that_fails_is_ipv6_trouble() {
    check("ipv6-only", "ipv6", 2.5);
}

#[test]
fn a_name_server_that_fails_is_dns_trouble() {
    check("dns-only", "dns", 12.0);
}

#[test]
fn a_captive_portal_is_a_portal() {
    check("captive-portal", "captive-portal", 2.5);
}

#[test]
fn pings_that_die_while_the_web_works_are_filtered_icmp() {
    check("icmp-filtered", "icmp-filtered", 2.5);
}

#[test]
fn tcp_alone_that_fails_is_one_trouble() {
    check("tcp-only", "tcp", 12.0);
}

#[test]
fn the_routers_name_server_that_fails_is_told_apart() {
    let Some(bed) = TestBed::up() else { return };
    let home = Home::new(&bed, "daemon");
    let daemon = home.start_and_know_the_hops();
    bed.play("resolver-only");
    daemon.stop();
    let text = home.ask(&["report", "--since", "1h", "--format", "full"]);
    let flat: Vec<_> = text.split_whitespace().collect();
    let said = "no answer from the name server in your home (usually the router), 1.1.1.1 answers";
    assert!(flat.join(" ").contains(said), "{text}");
    assert_eq!(home.report().troubles.len(), 0, "it is not told twice");
}

#[test]
fn the_routers_own_page_ends_no_drop_of_a_dead_line() {
    let Some(bed) = TestBed::up() else { return };
    let home = Home::new(&bed, "daemon");
    let daemon = home.start_and_know_the_hops();
    let witness = bed.witness();
    bed.play("wan-down-page");
    let truth: Vec<Interval> =
        bed.intervals().into_iter().filter(|interval| interval.key == "blackhole").collect();
    assert_eq!(truth.len(), 2);
    let live = home.wait_for_ended_drops(2);
    assert_same(&live, &truth, &witness.silences());
    daemon.stop();
    assert_eq!(home.replayed(), live, "replay finds what the daemon found");
    assert_eq!(home.report().impairments(), []);
}

#[test]
fn a_login_page_that_was_there_from_the_start_is_never_up() {
    let Some(bed) = TestBed::up() else { return };
    bed.set("router", "captive=strict");
    let home = Home::new(&bed, "daemon");
    let daemon = home.start();
    until(Duration::from_secs(150), "the login page is told", || {
        let log = daemon.log();
        if log.contains("a login page stands in the way since") { Ok(()) } else { Err(log) }
    });
    let status = || home.ask(&["status"]);
    until(Duration::from_secs(10), "the status says so, too", || {
        let said = status();
        if said.starts_with("DISPUTED") && said.contains("LOGIN") { Ok(()) } else { Err(said) }
    });
    bed.set("router", "captive=off");
    until(Duration::from_secs(60), "the link is up behind it", || {
        let said = status();
        if said.starts_with("UP") { Ok(()) } else { Err(said) }
    });
    daemon.stop();
    assert_eq!(home.drops(), []);
    let kinds: Vec<_> = home.report().impairments().into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["captive-portal"]);
}
