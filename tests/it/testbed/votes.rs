//! Who may vote: an anchor that the home router owns, and a home with IPv6 alone.

use std::time::Duration;

use serde_json::Value;

use super::bed::TestBed;
use super::daemon::{Home, Rights};
use super::record::LinkDrop;
use super::wait::{let_pass, until};

const FAULT: Duration = Duration::from_secs(15);

/// What `linkmon status --format json` says, once it has `what`.
#[track_caller]
fn status_with(home: &Home<'_>, what: &str) -> String {
    until(Duration::from_secs(40), what, || {
        let text = home.ask(&["status", "--format", "json"]);
        if text.contains(what) { Ok(text) } else { Err(text) }
    })
}

/// One drop, as long as the fault; two anchors a second, and a second for ARP after it.
#[track_caller]
fn assert_is_the_fault(bed: &TestBed, live: &[LinkDrop], place: &str) {
    let truth = bed.intervals();
    let [fault] = &truth[..] else { panic!("{truth:?}") };
    let seconds = fault.to_unix.expect("it has ended") - fault.from_unix;
    let [drop] = live else { panic!("{live:?}") };
    assert!(drop.min_s < seconds + 1.5 && seconds - 0.1 < drop.max_s, "{seconds} s: {drop:?}");
    assert!(drop.max_s - drop.min_s < 3.5, "{drop:?}");
    assert_eq!(drop.place, place, "{drop:?}");
}

#[test]
fn an_anchor_that_the_router_owns_hides_no_drop() {
    let Some(bed) = TestBed::up() else { return };
    bed.in_host("router", &["ip", "addr", "add", "1.1.1.1/32", "dev", "lo"]);
    let home = Home::new(&bed, "daemon");
    let daemon = home.start_and_know_the_hops();
    status_with(&home, "\"near\"");
    assert!(home.ask(&["status"]).contains("no vote: answered at home"));
    bed.set("line", "blackhole=on");
    let_pass(FAULT);
    bed.set("line", "blackhole=default");
    let live = home.wait_for_ended_drops(1);
    daemon.stop();
    assert_is_the_fault(&bed, &live, "access");
    assert_eq!(home.replayed(), live, "replay finds what the daemon found");
    let text = home.ask(&["report", "--since", "1h", "--format", "full"]);
    assert!(text.contains("answered within the home"), "{text}");
}

#[test]
fn with_ipv6_alone_a_drop_has_a_place() {
    let Some(bed) = TestBed::up() else { return };
    bed.in_home(&["ip", "route", "del", "default", "via", "192.168.1.1", "dev", "lan0"]);
    let home = Home::with(&bed, "daemon", Rights::Root, "");
    let daemon = home.start();
    for hop in ["target gateway (icmp fe80::1", "target isp (icmp 2001:db8:0:1::1"] {
        until(Duration::from_secs(40), "the hops are found", || {
            let log = daemon.log();
            if log.contains(hop) { Ok(()) } else { Err(log) }
        });
    }
    // The hops have to answer for a while before their silence says where a fault lies.
    let_pass(Duration::from_secs(25));
    bed.set("line", "blackhole=on");
    let_pass(FAULT);
    bed.set("line", "blackhole=default");
    let live = home.wait_for_ended_drops(1);
    daemon.stop();
    // No modem can be asked over IPv6.
    assert_is_the_fault(&bed, &live, "modem|access");
    let report = home.ask(&["report", "--since", "1h", "--format", "json"]);
    let report: Value = serde_json::from_str(&report).expect("a report is JSON");
    let targets = report["targets"].as_array().expect("it has targets");
    let gateway = targets.iter().find(|target| target["name"] == "gateway").expect("it is probed");
    assert_eq!(gateway["lost"], 0, "the gateway answers by its link-local address: {gateway}");
    assert_eq!(home.replayed(), live, "replay finds what the daemon found");
}
