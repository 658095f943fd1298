//! A router whose NAT keeps dead entries after the line has another address.

use std::time::Duration;

use super::bed::TestBed;
use super::daemon::{Home, Rights};
use super::wait::let_pass;

/// NAT with an address that is written down, so that no entry ends with the address.
fn translate_to(address: &str) -> String {
    format!(
        "nft delete table ip nat; printf 'table ip nat {{\n chain postrouting {{\n  type nat hook \
         postrouting priority srcnat\n  oifname \"wan0\" ip saddr 192.168.1.0/24 snat to \
         {address}\n }}\n}}\n' | nft -f -"
    )
}

#[test]
fn a_dead_entry_of_the_router_after_a_new_address_makes_no_drop_and_no_loss() {
    let Some(bed) = TestBed::up() else { return };
    let router = |script: &str| bed.in_host("router", &["sh", "-c", script]);
    router(&translate_to("203.0.113.10"));
    let linux = Home::with(&bed, "linux", Rights::Root, "[probe]\nengine = \"linux\"\n");
    let portable = Home::with(&bed, "portable", Rights::Root, "[probe]\nengine = \"portable\"\n");
    let homes = [&linux, &portable];
    let daemons = homes.map(Home::start_and_know_the_hops);
    // The nightly reconnect, with another address.
    bed.set("line", "blackhole=on");
    let_pass(Duration::from_secs(3));
    router("ip addr del 203.0.113.10/24 dev wan0; ip addr add 203.0.113.77/24 dev wan0");
    router("ip route replace default via 203.0.113.1 dev wan0");
    router(&translate_to("203.0.113.77"));
    let_pass(Duration::from_secs(15));
    bed.set("line", "blackhole=default");
    // Within a minute, what the ISP still delivers to the old address ends, too.
    let_pass(Duration::from_secs(100));
    let truth = bed.intervals();
    let [fault] = &truth[..] else { panic!("{truth:?}") };
    let seconds = fault.to_unix.expect("it has ended") - fault.from_unix;
    for (home, daemon) in homes.iter().zip(daemons) {
        let log = daemon.log();
        daemon.stop();
        let drops = home.drops();
        let [drop] = &drops[..] else { panic!("{drops:#?}\n{log}") };
        // And a second for ARP after it.
        assert!(drop.min_s < seconds + 1.5 && seconds - 0.1 < drop.max_s, "{drop:#?}\n{log}");
        assert!(drop.max_s - drop.min_s < 1.0, "{drop:#?}\n{log}");
        assert_eq!(home.replayed(), drops, "replay finds what the daemon found");
        assert!(log.contains("the router kept a stale entry for us: over IPv4"), "{log}");
        let report = home.ask(&["report", "--since", "1h", "--format", "full"]);
        assert!(report.contains("kept a stale entry for linkmon's pings once"), "{report}");
        assert!(!report.contains("filtered"), "{report}");
        let events = home.ask(&["report", "--since", "1h", "--format", "json"]);
        assert!(events.contains("\"kind\": \"dead-entry\""), "{events}");
    }
}
