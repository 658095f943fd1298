//! Starts into trouble: what is not there yet is found when it comes.

use std::time::Duration;

use super::bed::TestBed;
use super::daemon::Home;
use super::record::Report;
use super::wait::let_pass;

/// From the end of a fault until everything that it hid is found.
const FIND_LIMIT: Duration = Duration::from_secs(90);

const ANCHORS: [(&str, &str); 3] =
    [("anchor", "1.1.1.1"), ("anchor", "8.8.8.8"), ("anchor", "9.9.9.9")];

#[test]
fn with_dns_dead_all_is_measured_and_names_follow_later() {
    let Some(bed) = TestBed::up() else { return };
    for server in ["router", "core", "cloudflare", "google", "quad9"] {
        bed.set(server, "dns=timeout");
    }
    let home = Home::new(&bed, "daemon");
    let mut daemon = home.start_and_measure();
    assert_eq!(home.drops(), []);
    bed.reset();
    daemon.wait_for_report(FIND_LIMIT, "DNS and HTTP answer", |report| {
        let answers = |accept: &dyn Fn(&super::record::TargetRow) -> bool| {
            let mut rows = report.targets.iter().filter(|row| accept(row)).peekable();
            rows.peek().is_some() && rows.all(|row| row.answered() > 0)
        };
        if answers(&|row| row.is_dns()) && answers(&|row| row.is_http()) {
            Ok(())
        } else {
            Err(format!("{:#?}", report.targets))
        }
    });
    daemon.stop();
}

#[test]
fn with_the_line_down_the_near_side_is_measured_and_the_rest_is_found_later() {
    let Some(bed) = TestBed::up() else { return };
    bed.set("line", "blackhole=on");
    let home = Home::new(&bed, "daemon");
    let mut daemon = home.start();
    daemon.wait_for_report(FIND_LIMIT, "gateway and modem answer", |report| {
        report.answers(&[("gateway", "192.168.1.1"), ("modem", "192.168.100.1")])
    });
    bed.reset();
    daemon.wait_until_all_answer(FIND_LIMIT);
    daemon.stop();
}

#[test]
fn the_far_side_of_a_router_whose_line_is_down_is_no_hop_of_the_isp() {
    let Some(bed) = TestBed::up() else { return };
    let home = Home::new(&bed, "daemon");
    let first = home.start_and_know_the_hops();
    bed.set("line", "blackhole=on");
    // The router looks for its neighbor, in vain, and says so with its own address out there.
    bed.in_host("router", &["ip", "neighbor", "flush", "to", "203.0.113.1"]);
    let_pass(Duration::from_secs(8));
    first.stop();
    let before = home.report().at("192.168.1.1").answered();
    let mut daemon = home.start();
    daemon.wait_for_report(FIND_LIMIT, "the path was looked for", |report| {
        let now = report.at("192.168.1.1").answered();
        if now > before + 8 { Ok(()) } else { Err(format!("{now} after {before}")) }
    });
    bed.reset();
    daemon.wait_until_all_answer(FIND_LIMIT);
    daemon.stop();
    let report = home.report();
    let routers = report.targets.iter().filter(|row| row.address == "203.0.113.10");
    assert_eq!(routers.count(), 0, "{:#?}", report.targets);
    let [drop] = &home.drops()[..] else { panic!("{:#?}", home.drops()) };
    drop.assert_at("access");
}

#[test]
fn without_any_route_it_starts_and_finds_all_when_one_comes() {
    let Some(bed) = TestBed::up() else { return };
    bed.in_home(&["ip", "route", "del", "default"]);
    bed.in_home(&["ip", "-6", "route", "del", "default"]);
    let home = Home::new(&bed, "daemon");
    let mut daemon = home.start();
    daemon.wait_for_report(FIND_LIMIT, "probes that could not be sent are recorded", |report| {
        let row = report.targets.iter().find(|row| row.address == "1.1.1.1");
        row.filter(|row| row.not_sent > 0)
            .map(|_| ())
            .ok_or_else(|| format!("{:#?}", report.targets))
    });
    bed.in_home(&["ip", "route", "add", "default", "via", "192.168.1.1", "dev", "lan0"]);
    bed.in_home(&["ip", "-6", "route", "add", "default", "via", "fe80::1", "dev", "lan0"]);
    daemon.wait_until_all_answer(FIND_LIMIT);
    daemon.stop();
}

#[test]
fn a_captive_portal_fails_http_and_nothing_else() {
    let Some(bed) = TestBed::up() else { return };
    let home = Home::new(&bed, "daemon");
    let mut daemon = home.start_and_measure();
    bed.set("router", "captive=http");
    daemon.wait_for_report(
        Duration::from_secs(60),
        "an HTTP check sees the portal",
        |report: &Report| {
            let http = report.targets.iter().filter(|row| row.address.starts_with("http://"));
            if http.clone().any(|row| row.lost > 0) {
                Ok(())
            } else {
                Err(format!("{:#?}", report.targets))
            }
        },
    );
    daemon.stop();
    assert_eq!(home.drops(), []);
    let report = home.report();
    assert!(report.answers(&ANCHORS).is_ok() && report.at("1.1.1.1").lost == 0, "the link is up");
}
