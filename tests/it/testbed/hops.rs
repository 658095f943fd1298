//! Many hops, and a home without a router of its own.

use std::time::Duration;

use super::bed::TestBed;
use super::daemon::{Home, Rights};
use super::wait::{let_pass, until};

/// Longer than a drop has to be, and than a router takes to find its neighbour again.
const FAULT: Duration = Duration::from_secs(11);
const PAUSE: Duration = Duration::from_secs(16);

/// A host that falls silent, and the places that may be named. Nobody can tell the modem or the ISP's
/// router that is dead from the way to it.
const SILENT: [(&str, &[&str]); 7] = [
    ("router", &["lan"]),
    ("modem", &["modem"]),
    ("isp", &["access"]),
    ("core", &["isp-core"]),
    ("hop1", &["isp-core"]),
    ("hop2", &["isp-core", "isp-core|beyond"]),
    ("hop3", &["isp-core|beyond", "beyond"]),
];

fn silence(bed: &TestBed, host: &str) {
    if host.starts_with("hop") {
        let rules = "table inet faults {
             chain dead {
              type filter hook prerouting priority -400
              drop
             }
            }";
        bed.in_host(host, &["sh", "-ec", &format!("echo '{rules}' | nft -f -")]);
    } else {
        bed.set(host, "state=silent");
    }
}

fn wake(bed: &TestBed, host: &str) {
    if host.starts_with("hop") {
        bed.in_host(host, &["nft", "flush ruleset"]);
    } else {
        bed.set(host, "state=default");
    }
}

fn wait_for_target(log: impl Fn() -> String, line: &str) {
    until(Duration::from_secs(60), line, || {
        let log = log();
        if log.contains(line) { Ok(()) } else { Err(log) }
    });
}

#[test]
fn of_eight_hops_none_that_answers_is_blamed_nor_one_before_it() {
    let Some(bed) = TestBed::up_with(&["--hops", "3", "--modem", "hop"]) else { return };
    let home = Home::new(&bed, "daemon");
    let daemon = home.start_and_know_the_hops();
    for hop in ["isp (icmp 203.0.113.1", "isp-2 (icmp 198.51.100.2", "isp-3 (icmp 198.51.100.14"] {
        wait_for_target(|| daemon.log(), &format!("target {hop}"));
    }
    let_pass(Duration::from_secs(25));
    for (host, _) in SILENT {
        silence(&bed, host);
        let_pass(FAULT);
        wake(&bed, host);
        let_pass(PAUSE);
    }
    let drops = home.wait_for_ended_drops(SILENT.len());
    let log = daemon.log();
    daemon.stop();
    let placed: Vec<_> = drops.iter().map(|drop| drop.place.as_str()).collect();
    assert_eq!(placed.len(), SILENT.len(), "{drops:#?}\n{log}");
    for (place, (host, may_be)) in placed.iter().zip(SILENT) {
        assert!(may_be.contains(place), "{host}: {place}; all: {placed:?}\n{log}");
    }
    assert_eq!(home.replayed(), drops, "replay finds what the daemon found");
}

#[test]
fn where_the_gateway_is_the_isps_its_silence_is_not_the_homes() {
    let Some(bed) = TestBed::up() else { return };
    // The ISP's router is next to this host, at a public address; no router of the home is there.
    bed.in_host("router", &["ip", "address", "add", "203.0.113.129/25", "dev", "lan0"]);
    bed.in_home(&[
        "sh",
        "-ec",
        "ip -4 address flush dev lan0; ip -6 route del default
         ip address add 203.0.113.130/25 dev lan0
         ip route add default via 203.0.113.129 dev lan0",
    ]);
    // Here the modem is behind the ISP's router, which no real one is.
    let home = Home::with(&bed, "daemon", Rights::Root, "[discover]\nmodem = false\n");
    let daemon = home.start();
    wait_for_target(|| daemon.log(), "target isp (icmp 203.0.113.129");
    wait_for_target(|| daemon.log(), "target isp-2 (icmp 203.0.113.1");
    let_pass(Duration::from_secs(25));
    for (target, fails) in [("router", "state=silent"), ("line", "blackhole=on")] {
        bed.set(target, fails);
        let_pass(FAULT);
        bed.reset();
        let_pass(PAUSE);
    }
    // The one fault that is the home's own.
    bed.in_home(&["ip", "link", "set", "lan0", "down"]);
    let_pass(FAULT);
    bed.in_home(&[
        "sh",
        "-ec",
        "ip link set lan0 up; ip route replace default via 203.0.113.129 dev lan0",
    ]);
    let_pass(PAUSE);
    let drops = home.wait_for_ended_drops(3);
    let log = daemon.log();
    daemon.stop();
    let placed: Vec<_> = drops.iter().map(|drop| drop.place.as_str()).collect();
    // From here a dead cable in the home and a dead router of the ISP look alike while the own
    // interface has its carrier, unless the kernel says that nobody answers ARP.
    let [first, rest @ ..] = &placed[..] else { panic!("{drops:#?}\n{log}") };
    assert!(["access", "lan|modem|access"].contains(first), "{first}\n{log}");
    assert_eq!(rest, ["isp-core", "lan"], "{drops:#?}\n{log}");
}
