//! Scenarios at real speed in which the link is up and something else is wrong: no drop, and the
//! right word for it. `tests/bench/verdicts.py` plays all there are.

use super::bed::{Interval, TestBed};
use super::daemon::Home;

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
