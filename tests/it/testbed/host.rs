//! Faults of the host's own connection.

use std::time::Duration;

use super::bed::TestBed;
use super::daemon::Home;
use super::record::{SHORT_FAULT, assert_same};
use super::wait::{let_pass, unix_now};

#[test]
fn a_pulled_cable_is_a_drop_at_the_lan_and_the_host_saw_the_carrier_go() {
    let Some(bed) = TestBed::up() else { return };
    let home = Home::new(&bed, "daemon");
    let daemon = home.start_and_measure();
    let witness = bed.witness();
    let_pass(Duration::from_secs(3));
    bed.set("lan", "carrier=off");
    let_pass(Duration::from_secs(20));
    bed.set("lan", "carrier=on");
    let live = home.wait_for_ended_drops(1);
    assert_same(&live, &bed.intervals(), &witness.silences());
    live[0].assert_at("lan");
    let report = home.report();
    assert!(report.reports_carrier("lan0", false), "the carrier went");
    assert!(report.reports_carrier("lan0", true), "the carrier came back");
    daemon.stop();
    assert_eq!(home.replayed(), live, "replay finds what the daemon found");
}

#[test]
fn an_interface_taken_down_is_a_drop_at_the_lan_and_measuring_continues() {
    let Some(bed) = TestBed::up() else { return };
    let home = Home::new(&bed, "daemon");
    let daemon = home.start_and_measure();
    let_pass(Duration::from_secs(3));
    let began = unix_now();
    bed.in_home(&["ip", "link", "set", "lan0", "down"]);
    let_pass(SHORT_FAULT);
    bed.in_home(&["ip", "link", "set", "lan0", "up"]);
    // What went with the interface, and what DHCP would bring back.
    bed.in_home(&["ip", "route", "add", "default", "via", "192.168.1.1", "dev", "lan0"]);
    // The commands take their time on a busy machine.
    let seconds = unix_now() - began;
    let live = home.wait_for_ended_drops(1);
    let [drop] = &live[..] else { panic!("one drop: {live:#?}") };
    drop.assert_at("lan");
    assert_eq!(drop.kind, "drop");
    let fault = SHORT_FAULT.as_secs_f64();
    // So does ARP.
    assert!(drop.min_s < seconds + 2.0 && drop.max_s > fault - 0.1, "{seconds} s: {drop:#?}");
    daemon.stop();
    assert_eq!(home.replayed(), live, "replay finds what the daemon found");
    let report = home.report();
    assert!(report.at("1.1.1.1").not_sent > 0, "{:?}", report.at("1.1.1.1"));
    assert!(report.reports_any(&|object| object["kind"] == "default-route"), "the route changed");
}
