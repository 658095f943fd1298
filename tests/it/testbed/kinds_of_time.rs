//! Up, down and unknown at real speed: flaps, probes that this host refuses to send, and a route that is
//! withdrawn.

use std::fs;
use std::time::Duration;

use super::bed::TestBed;
use super::daemon::Home;
use super::wait::{let_pass, until};

const FAULT: Duration = Duration::from_secs(15);

fn is_unknown(status: &str) -> bool {
    status.contains("\"state\":\"unknown\"")
}

#[test]
fn flaps_seven_seconds_apart_are_one_drop_and_only_their_silence_is_down() {
    const SCENARIO: &str = r#"{"name": "flaps", "description": "7 s up between", "length": 105,
        "steps": [{"at": 1, "for": 20, "every": 27, "times": 4, "set": "line blackhole=on"}]}"#;
    let Some(bed) = TestBed::up() else { return };
    let home = Home::new(&bed, "daemon");
    let daemon = home.start_and_know_the_hops();
    let witness = bed.witness();
    let scenario = bed.directory().join("flaps.json");
    fs::write(&scenario, SCENARIO).expect("a scenario");
    bed.play(scenario.to_str().expect("temporary paths are UTF-8"));
    let live = home.wait_for_ended_drops(1);
    let silences = witness.silences();
    daemon.stop();
    let [drop] = &live[..] else { panic!("one drop: {live:#?}") };
    assert_eq!(silences.len(), 4, "{silences:#?}");
    let least: f64 = silences.iter().map(|s| s.last_lost - s.first_lost).sum();
    let most = silences.iter().map(|s| s.first_reply.expect("it has ended") - s.last_answered);
    let most: f64 = most.sum();
    assert!(drop.min_s <= most && least <= drop.max_s, "{least} to {most} s: {drop:#?}");
    // Two anchors a second, and a router that asks for its neighbor: eight edges.
    assert!(drop.max_s - drop.min_s < 12.0 && drop.max_s < 95.0, "{drop:#?}");
    drop.assert_at("access");
    assert_eq!(home.replayed(), live, "replay finds what the daemon found");
    let text = home.ask(&["drops"]);
    assert!(text.contains("4 times"), "how often is said: {text}");
}

#[test]
fn an_outage_in_which_this_host_refuses_to_send_is_unknown_time_and_never_up() {
    let Some(bed) = TestBed::up() else { return };
    let home = Home::new(&bed, "daemon");
    let daemon = home.start_and_know_the_hops();
    bed.in_home(&["nft", "add table inet refusal"]);
    bed.in_home(&["nft", "add chain inet refusal out { type filter hook output priority 0; }"]);
    bed.in_home(&["nft", "add rule inet refusal out meta l4proto { icmp, ipv6-icmp } drop"]);
    bed.set("line", "blackhole=on");
    let state = || home.ask(&["status", "--format", "json"]);
    until(Duration::from_secs(30), "the state is unknown", || {
        let text = state();
        if is_unknown(&text) { Ok(()) } else { Err(text) }
    });
    let_pass(FAULT);
    let text = state();
    assert!(is_unknown(&text), "it stays so: {text}");
    bed.set("line", "blackhole=default");
    bed.in_home(&["nft", "delete table inet refusal"]);
    until(Duration::from_secs(30), "the state is known again", || {
        let text = state();
        if is_unknown(&text) { Err(text) } else { Ok(()) }
    });
    daemon.stop();
    assert_eq!(home.drops(), [], "nothing was sent, so nothing was down");
    let report = home.report();
    let is_gap = |value: &serde_json::Value| value["reason"] == "not-sent";
    assert!(report.reports_any(&is_gap), "the time is listed as not sent");
}

#[test]
fn a_default_route_that_is_withdrawn_while_the_router_answers_has_no_known_place() {
    let Some(bed) = TestBed::up() else { return };
    let home = Home::new(&bed, "daemon");
    let daemon = home.start_and_know_the_hops();
    bed.in_home(&["ip", "route", "del", "default"]);
    bed.in_home(&["ip", "-6", "route", "del", "default"]);
    let_pass(FAULT);
    bed.in_home(&["ip", "route", "add", "default", "via", "192.168.1.1", "dev", "lan0"]);
    bed.in_home(&["ip", "-6", "route", "add", "default", "via", "fe80::1", "dev", "lan0"]);
    let live = home.wait_for_ended_drops(1);
    daemon.stop();
    let [drop] = &live[..] else { panic!("one drop: {live:#?}") };
    assert_eq!(drop.places, [""; 0], "the router answered all the while: {drop:#?}");
    assert!(drop.answered.contains(&"gateway".to_owned()), "{drop:#?}");
    assert_eq!(home.replayed(), live, "replay finds what the daemon found");
}
