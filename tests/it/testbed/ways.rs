//! By which way packets leave: a laptop at a hotspot, a VPN that dies, LTE inside the router.

use std::time::Duration;

use serde_json::Value;

use super::bed::TestBed;
use super::daemon::Home;
use super::wait::{let_pass, until};

const CUT: Duration = Duration::from_secs(12);

fn report(home: &Home<'_>) -> Value {
    let text = home.ask(&["report", "--since", "1h", "--format", "json"]);
    serde_json::from_str(&text).expect("a report is JSON")
}

/// What `linkmon status` says, once it has `what`.
#[track_caller]
fn status_with(home: &Home<'_>, what: &str) -> String {
    until(Duration::from_secs(40), what, || {
        let text = home.ask(&["status"]);
        if text.contains(what) { Ok(text) } else { Err(text) }
    })
}

fn sh(bed: &TestBed, host: &str, script: &str) {
    bed.in_host(host, &["sh", "-ec", script]);
}

/// Makes `core` the router of another way, on the interface with a 1 at the end of its name: what comes in
/// by it goes out to the internet. The chain `filt` is there to cut it.
fn lead_out(bed: &TestBed, way: &str, address: &str) {
    let script = format!(
        "ip addr add {address} dev {way}1; ip link set {way}1 up
         printf 'table ip {way} {{
          chain post {{ type nat hook postrouting priority srcnat
           ip saddr {address} oifname \"transit0\" masquerade
          }}
          chain filt {{ type filter hook forward priority 0
          }}
         }}' | nft -f -"
    );
    sh(bed, "core", &script);
}

#[test]
fn nothing_of_a_hotspot_is_charged_to_the_line() {
    let Some(bed) = TestBed::up() else { return };
    let name = bed.name();
    sh(&bed, "home", &format!("ip link add hot0 type veth peer name hot1 netns {name}-core"));
    lead_out(&bed, "hot", "172.20.10.1/28");
    let home = Home::new(&bed, "daemon");
    let daemon = home.start_and_know_the_hops();
    sh(
        &bed,
        "home",
        "ip link set lan0 down; sleep 1; ip addr add 172.20.10.5/28 dev hot0
                      ip link set hot0 up; ip route add default via 172.20.10.1 dev hot0",
    );
    let status = status_with(&home, "OTHER-WAY");
    assert!(status.starts_with("UNKNOWN"), "{status}");
    assert!(status.contains("connected by cable (hot0, router 172.20.10.1); not the line"));
    // Its anchors have to have answered before they can fall silent.
    let_pass(Duration::from_secs(15));
    sh(&bed, "core", "nft add rule ip hot filt iifname hot1 drop");
    let_pass(CUT);
    sh(&bed, "core", "nft flush chain ip hot filt");
    let_pass(Duration::from_secs(10));
    sh(
        &bed,
        "home",
        "ip link set hot0 down; ip link set lan0 up
                      ip route add default via 192.168.1.1 dev lan0",
    );
    status_with(&home, "UP since");
    let_pass(Duration::from_secs(8));
    let log = daemon.log();
    daemon.stop();
    assert!(!log.contains("DOWN"), "{log}");
    let listed = home.drops();
    assert_eq!(listed.len(), 1, "the cut is in the record: {listed:?}\n{log}");
    let report = report(&home);
    assert_eq!(report["drops"].as_array().map(Vec::len), Some(0), "{}", report["drops"]);
    let ways = &report["ways"];
    assert_eq!(ways["line"][0]["interface"], "lan0", "{ways}");
    let [other] = &ways["others"].as_array().unwrap()[..] else { panic!("{ways}") };
    assert_eq!((&other["interface"], &other["gateway"]), (&"hot0".into(), &"172.20.10.1".into()));
    assert_eq!(other["drops"].as_array().map(Vec::len), Some(1), "{ways}");
    let ticket = home.ask(&["report", "--since", "1h", "--format", "text"]);
    assert!(ticket.contains("by another way: cable (hot0, router 172.20.10.1)"), "{ticket}");
    assert!(ticket.contains("100 %"), "{ticket}");
}

#[test]
fn a_router_that_moves_to_another_line_is_down_until_the_line_is_back() {
    let Some(bed) = TestBed::up() else { return };
    let name = bed.name();
    sh(&bed, "router", &format!("ip link add lte0 type veth peer name lte1 netns {name}-core"));
    lead_out(&bed, "lte", "10.64.0.1/30");
    sh(
        &bed,
        "router",
        "ip addr add 10.64.0.2/30 dev lte0; ip link set lte0 up
                        nft add rule ip nat postrouting oifname lte0 masquerade",
    );
    let home = Home::new(&bed, "daemon");
    let daemon = home.start_and_know_the_hops();
    // How anchors and hop answer is known after 20 answers of each.
    let_pass(Duration::from_secs(25));
    bed.set("line", "blackhole=on");
    let_pass(Duration::from_secs(8));
    sh(&bed, "router", "ip route replace default via 10.64.0.1 dev lte0");
    let status = status_with(&home, "OTHER-WAY");
    assert!(status.starts_with("DOWN"), "{status}");
    let_pass(Duration::from_secs(10));
    // The other way fails, too: no drop of the line's own.
    sh(&bed, "core", "ip link set lte1 down");
    let_pass(CUT);
    sh(&bed, "core", "ip link set lte1 up");
    let_pass(Duration::from_secs(8));
    sh(&bed, "router", "ip route replace default via 203.0.113.1 dev wan0");
    bed.set("line", "blackhole=default");
    let live = home.wait_for_ended_drops(1);
    daemon.stop();
    let truth = bed.intervals();
    let [fault] = &truth[..] else { panic!("{truth:?}") };
    let seconds = fault.to_unix.expect("it has ended") - fault.from_unix;
    let [drop] = &live[..] else { panic!("{live:?}") };
    assert!(drop.min_s > seconds - 2.0 && drop.max_s < seconds + 6.0, "{seconds} s: {drop:?}");
    assert_eq!(drop.place, "access", "{drop:?}");
    assert_eq!(home.replayed(), live, "replay finds what the daemon found");
    let report = report(&home);
    let other = report["impairments"].to_string();
    assert!(other.contains("\"other-way\""), "{other}");
}

#[test]
fn a_vpn_that_dies_is_not_the_line_whether_it_can_be_kept_out_of_or_not() {
    let Some(bed) = TestBed::up() else { return };
    sh(
        &bed,
        "core",
        "printf 'table ip vpn {
          chain post { type nat hook postrouting priority srcnat
           ip saddr 10.8.0.0/24 oifname \"transit0\" masquerade
          }
         }' | nft -f -",
    );
    let server = || bed.tunnel("core", &["vpn0", "10.8.0.1/24", "server", "5555"]);
    let mut far_end = server();
    let home = Home::new(&bed, "daemon");
    let daemon = home.start_and_know_the_hops();
    let _near_end = bed.tunnel("home", &["vpn0", "10.8.0.2/24", "client", "198.51.100.2", "5555"]);
    sh(
        &bed,
        "home",
        "ip route add 198.51.100.2/32 via 192.168.1.1
                      ip route add 0.0.0.0/1 via 10.8.0.1 dev vpn0
                      ip route add 128.0.0.0/1 via 10.8.0.1 dev vpn0",
    );
    status_with(&home, "keep out of the tunnel vpn0");
    let_pass(Duration::from_secs(5));
    drop(far_end);
    let_pass(CUT);
    assert!(home.ask(&["status"]).starts_with("UP"), "the line works");
    far_end = server();
    // Now without any route but the tunnel's: IPv6 would show that the line works.
    sh(&bed, "home", "ip route del default via 192.168.1.1; ip -6 route del default");
    let status = status_with(&home, "through a tunnel");
    assert!(status.contains("OTHER-WAY"), "{status}");
    let_pass(Duration::from_secs(15));
    drop(far_end);
    let_pass(CUT);
    far_end = server();
    let_pass(Duration::from_secs(8));
    daemon.stop();
    drop(far_end);
    let listed = home.drops();
    assert!(!listed.is_empty(), "the death of the tunnel is in the record");
    let report = report(&home);
    assert_eq!(report["drops"].as_array().map(Vec::len), Some(0), "{}", report["drops"]);
    let others = report["ways"]["others"].as_array().unwrap();
    let tunnel = others.iter().find(|way| way["medium"] == "tunnel").expect("the tunnel is a way");
    assert_eq!(tunnel["interface"], "vpn0");
    assert!(!tunnel["drops"].as_array().unwrap().is_empty(), "{tunnel}");
}
