//! A laptop that is at home, at a hotspot, behind a tunnel.

use std::net::IpAddr;

use super::*;
use crate::vocabulary::{IpVersion, RunEnd};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn range(from: i64, to: i64) -> TimeRange {
    TimeRange { from: at(from), to: at(to) }
}

fn way(interface: &str, gateway: &str) -> Way {
    Way {
        interface: interface.to_owned(),
        medium: if interface == "tun0" { Medium::Tunnel } else { Medium::Cable },
        gateway: gateway.parse::<IpAddr>().ok(),
        mac: None,
        isp_hop: None,
        avoids: None,
    }
}

fn home() -> Way {
    way("lan0", "192.168.1.1")
}

fn cafe() -> Way {
    way("wlan0", "10.1.1.1")
}

fn span(from: i64, to: i64, way: Option<Way>) -> WaySpan {
    WaySpan { range: range(from, to), way }
}

fn run(id: i64, from: i64, to: i64) -> Run {
    let (started, last_seen) = (at(from), at(to));
    Run { id, started, boot: None, boot_id: None, last_seen, ended: Some(RunEnd::Clean) }
}

fn change(run: i64, from: i64, version: IpVersion, way: Option<Way>) -> WayChange {
    WayChange { run, from: at(from), version, way }
}

#[test]
fn a_way_holds_until_the_next_or_the_end_of_its_run() {
    let changes = [
        change(1, 0, IpVersion::V4, Some(home())),
        change(1, 0, IpVersion::V6, None),
        change(1, 50, IpVersion::V4, None),
        change(1, 52, IpVersion::V4, Some(cafe())),
        change(2, 300, IpVersion::V4, Some(home())),
    ];
    let spans = way_spans(&changes, &[run(1, 0, 100), run(2, 300, 400)]);
    let expected = [
        span(0, 50, Some(home())),
        span(50, 52, None),
        span(52, 100, Some(cafe())),
        span(300, 400, Some(home())),
    ];
    assert_eq!(spans, expected);
}

#[test]
fn without_ipv4_the_way_of_ipv6_counts() {
    let v6 = way("lan0", "fe80::1");
    let changes = [
        change(1, 0, IpVersion::V4, Some(home())),
        change(1, 0, IpVersion::V6, Some(v6.clone())),
        change(1, 10, IpVersion::V4, None),
    ];
    let spans = way_spans(&changes, &[run(1, 0, 20)]);
    assert_eq!(spans, [span(0, 10, Some(home())), span(10, 20, Some(v6))]);
}

#[test]
fn the_line_is_the_way_that_is_named_or_the_one_seen_most() {
    let day = 86_400;
    let spans = [span(0, day, Some(home())), span(day, 3 * day, Some(cafe()))];
    let line = |named, until| LineWay::of(named, &spans, at(until));
    assert!(line(None, day + 100).is_by(&home()));
    assert!(line(None, day + 20 * 3_600).is_by(&home()), "the first has half a day ahead");
    assert!(line(None, 3 * day).is_by(&cafe()));
    assert!(line(Some("lan0"), 3 * day).is_by(&home()));
    assert!(!line(Some("lan0"), 3 * day).is_by(&cafe()));
    assert!(!line(Some("nothing"), 3 * day).is_by(&cafe()), "never seen");
    assert!(LineWay::of(None, &[], at(0)).is_by(&cafe()), "nothing is known of ways");
}

#[test]
fn a_phone_seen_first_and_longer_is_the_line_only_while_there_is_no_other() {
    let hour = 3_600;
    let phone = way("wlan0", "172.20.10.1");
    let spans = [span(0, 10 * hour, Some(phone.clone())), span(10 * hour, 11 * hour, Some(home()))];
    assert!(LineWay::of(None, &spans, at(11 * hour)).is_by(&home()));
    assert!(LineWay::of(None, &spans[..1], at(10 * hour)).is_by(&phone));
}

#[test]
fn a_tunnel_is_the_line_only_where_it_is_named() {
    let tunnel = way("tun0", "");
    let spans = [span(0, 36_000, Some(tunnel.clone()))];
    assert!(!LineWay::of(None, &spans, at(36_000)).is_by(&tunnel));
    assert!(LineWay::of(Some("tun0"), &spans, at(36_000)).is_by(&tunnel));
    assert!(LineWay::of(None, &spans, at(36_000)).is_by(&home()), "whatever it will be");
}

#[test]
fn time_by_another_way_and_between_ways_is_not_the_lines() {
    let hotspot = way("wlan0", "172.20.10.1");
    let spans = [
        span(0, 50, Some(home())),
        span(50, 52, None),
        span(52, 200, Some(hotspot.clone())),
        span(200, 203, None),
        span(203, 300, Some(home())),
        span(300, 320, None),
        span(320, 400, Some(home())),
    ];
    let line = LineWay::of(None, &spans, at(400));
    let ways = SiteWays::compute(line, &spans, range(0, 400));
    assert_eq!(ways.apart, [range(50, 203)], "a cable that was pulled is the line's");
    assert_eq!(ways.others, [OtherWay { way: hotspot, spans: vec![range(52, 200)] }]);
    assert_eq!(ways.by_line, [(home(), Duration::from_secs(50 + 97 + 80))]);
    assert_eq!(ways.apart_within(range(40, 60)), Duration::from_secs(10));
    assert!(ways.other_at(at(100)).is_some() && ways.other_at(at(51)).is_none());
}
