//! Scenarios at real speed: exactly the drops that were made, at the right place, with true bounds.

use std::fs;
use std::time::Duration;

use super::bed::TestBed;
use super::daemon::{Home, Rights};
use super::record::{SHORT_FAULT, assert_same, unix};
use super::wait::let_pass;

/// Plays the scenario and compares what was found live, after the stop and by replay.
#[track_caller]
fn check(scenario: &str, place: &str) {
    let Some(bed) = TestBed::up() else { return };
    let home = Home::new(&bed, "daemon");
    let mut daemon = home.start_and_know_the_hops();
    let witness = bed.witness();
    bed.play(scenario);

    let truth = bed.intervals();
    assert!(!truth.is_empty(), "{scenario} impairs something");
    let live = home.wait_for_ended_drops(truth.len());
    let silences = witness.silences();
    assert_same(&live, &truth, &silences);
    for drop in &live {
        drop.assert_at(place);
    }

    daemon.assert_alive();
    daemon.stop();
    assert_eq!(home.drops(), live, "a stop changes no verdict");
    assert_eq!(home.replayed(), live, "replay finds what the daemon found");

    let text = home.ask(&["report", "--since", "1h", "--format", "full"]);
    assert!(text.contains(place), "no {place} in: {text}");
    let sheet = bed.directory().join("report.png");
    let path = sheet.to_str().expect("temporary paths are UTF-8");
    home.ask(&["report", "--since", "1h", "--format", "png", "-o", path]);
    let png = fs::read(&sheet).expect("the sheet is there");
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"), "a PNG");
    let width = u32::from_be_bytes(png[16..20].try_into().expect("four octets"));
    assert!(width >= 1_600, "{width} pixels wide");
}

#[test]
fn a_modem_that_forwards_nothing_gives_drops_at_the_modem() {
    check("modem-flap", "modem");
}

#[test]
fn a_dead_line_gives_drops_at_the_access() {
    check("line-drops", "access");
}

#[test]
fn a_router_that_hangs_or_has_no_power_gives_drops_at_the_lan() {
    check("gateway-dies", "lan");
}

#[test]
fn a_dead_first_hop_gives_a_drop_at_the_access() {
    check("isp-hop-dies", "access");
}

#[test]
fn a_dead_target_is_no_drop() {
    let Some(bed) = TestBed::up() else { return };
    let home = Home::new(&bed, "daemon");
    let daemon = home.start_and_measure();
    let witness = bed.witness();
    bed.play("target-dies");
    assert!(witness.silences().is_empty(), "the link was up");

    let [truth] = &bed.intervals()[..] else { panic!("{:?}", bed.intervals()) };
    let seconds = truth.to_unix.expect("the fault has ended") - truth.from_unix;
    assert!((59.0..61.0).contains(&seconds), "{truth:?}");
    daemon.stop();
    assert_eq!(home.drops(), [], "found live");
    assert_eq!(home.replayed(), [], "found by replay");
    let report = home.report();
    let dead = report.at("1.1.1.1");
    // All that was asked of the dead host is in trouble, and nothing else.
    let mut names: Vec<_> = report.troubles.iter().map(|t| t.target.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["cloudflare", "cloudflare-v6", "dns-cloudflare"]);
    let trouble = report.troubles.iter().find(|t| t.target == dead.name).expect("it is there");
    let from = unix(trouble.from) - truth.from_unix;
    assert!((-0.1..1.1).contains(&from), "{trouble:?} {truth:?}");
    assert!((30..=62).contains(&trouble.lost), "{trouble:?}");
    assert!((58..=62).contains(&dead.lost), "{dead:?}");
    for row in report.targets.iter().filter(|row| matches!(&*row.role, "gateway" | "modem" | "isp"))
    {
        assert_eq!(row.lost, 0, "{row:?}");
    }
    for address in ["8.8.8.8", "9.9.9.9"] {
        assert_eq!(report.at(address).lost, 0, "{:?}", report.at(address));
    }
}

#[test]
fn the_portable_engine_finds_a_short_drop_too() {
    let Some(bed) = TestBed::up() else { return };
    let home = Home::with(&bed, "daemon", Rights::Root, "[probe]\nengine = \"portable\"\n");
    let daemon = home.start_and_know_the_hops();
    let witness = bed.witness();
    bed.set("line", "blackhole=on");
    let_pass(SHORT_FAULT);
    bed.set("line", "blackhole=off");
    let live = home.wait_for_ended_drops(1);
    assert_same(&live, &bed.intervals(), &witness.silences());
    live[0].assert_at("access");
    daemon.stop();
    assert_eq!(home.replayed(), live, "replay finds what the daemon found");
}

#[test]
fn two_seconds_of_silence_are_a_blip_and_no_drop() {
    let Some(bed) = TestBed::up() else { return };
    let home = Home::new(&bed, "daemon");
    let daemon = home.start_and_measure();
    let_pass(Duration::from_secs(3));
    bed.set("line", "blackhole=on");
    let_pass(Duration::from_secs(3));
    bed.set("line", "blackhole=off");
    let live = home.wait_for_ended_drops(1);
    assert_eq!(live.iter().map(|drop| &*drop.kind).collect::<Vec<_>>(), ["blip"], "{live:#?}");
    daemon.stop();
    assert_eq!(home.replayed(), live, "replay finds what the daemon found");
}
