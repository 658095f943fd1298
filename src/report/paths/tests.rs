use super::*;
use crate::report::synthetic::at;
use crate::vocabulary::{Bounds, Endpoint, TargetId};

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

const WAY: [&str; 4] = ["192.168.1.1", "203.0.113.1", "198.51.100.2", "1.1.1.1"];

fn targets() -> Vec<Target> {
    let roles = [Role::Gateway, Role::Isp, Role::Isp, Role::Anchor];
    let target = |(id, (address, role)): (u8, (&&str, Role))| Target {
        id: TargetId(id),
        name: format!("t{id}"),
        kind: Kind::Icmp,
        role,
        endpoint: Endpoint::icmp(ip(address)),
        interval: Duration::from_secs(1),
    };
    (1..).zip(WAY.iter().zip(roles)).map(target).collect()
}

fn start() -> Timestamp {
    at("2026-11-16T13:00:00Z")
}

fn drop_of(seconds: u64) -> LinkDrop {
    let bounds = |from: Timestamp| Bounds { earliest: from, latest: from + ROUND };
    let length = Duration::from_secs(seconds);
    let key = start();
    LinkDrop { key, ..LinkDrop::bare(bounds(key), Some(bounds(key + length)), [length; 2]) }
}

/// A round so many seconds into the drop, in which these hops answered.
fn round(moment: PathMoment, seconds: u64, answered: &[u8]) -> PathRound {
    let hop = |(ttl, address): (u8, &&str)| PathHop {
        ttl,
        usual: Some(ip(address)),
        by: answered.contains(&ttl).then(|| ip(address)),
        rtt: None,
    };
    PathRound {
        at: start() + Duration::from_secs(seconds),
        family: IpVersion::V4,
        moment,
        towards: Some(ip("1.1.1.1")),
        hops: (1..).zip(&WAY).map(hop).collect(),
        returns: Vec::new(),
        unsent: None,
    }
}

#[track_caller]
fn check(drop: &LinkDrop, rounds: &[PathRound], last: Option<&str>, first: Option<&str>) {
    let path = DropPath::of(drop, rounds, &targets()).unwrap();
    let finding = path.finding.unwrap();
    let address = |hop: Option<NamedHop>| hop.and_then(|hop| hop.address);
    assert_eq!(address(finding.last_answered), last.map(ip));
    assert_eq!(address(finding.first_silent), first.map(ip));
}

#[test]
fn the_furthest_hop_that_answered_in_any_round_is_the_last() {
    let drop = drop_of(20);
    // A router that answers few errors a second is silent in one of them.
    let rounds =
        [round(PathMoment::FirstSecond, 1, &[1, 2]), round(PathMoment::Confirmed, 8, &[1])];
    check(&drop, &rounds, Some("203.0.113.1"), Some("198.51.100.2"));
    check(&drop, &rounds[1..], Some("192.168.1.1"), Some("203.0.113.1"));
    check(&drop, &[round(PathMoment::FirstSecond, 1, &[])], None, Some("192.168.1.1"));
    // Hops that do not answer at all are no fault where those beyond them do.
    check(&drop, &[round(PathMoment::FirstSecond, 1, &[3])], Some("198.51.100.2"), Some("1.1.1.1"));
}

#[test]
fn what_was_asked_after_the_end_says_nothing_of_the_drop() {
    let rounds = [
        round(PathMoment::FirstSecond, 1, &[1]),
        // Confirmed when it was over.
        round(PathMoment::Confirmed, 6, &[1, 2, 3, 4]),
        round(PathMoment::End, 9, &[1, 2, 3, 4]),
    ];
    check(&drop_of(6), &rounds, Some("192.168.1.1"), Some("203.0.113.1"));
    let path = DropPath::of(&drop_of(6), &rounds[1..], &targets()).unwrap();
    assert_eq!(path.finding, None);
    assert_eq!(DropPath::of(&drop_of(6), &[], &targets()), None);
}

#[test]
fn a_hop_that_answered_each_second_is_not_silent() {
    let drop = LinkDrop { answered: vec![TargetId(2)], ..drop_of(20) };
    let rounds = [round(PathMoment::FirstSecond, 1, &[1])];
    check(&drop, &rounds, Some("203.0.113.1"), Some("198.51.100.2"));
}

#[test]
fn a_hop_of_which_no_address_is_known_has_its_number() {
    let mut first = round(PathMoment::FirstSecond, 1, &[1]);
    for hop in &mut first.hops {
        hop.usual = None;
    }
    let path = DropPath::of(&drop_of(20), &[first], &targets()).unwrap();
    let silent = path.finding.unwrap().first_silent.unwrap();
    assert_eq!((silent.ttl, silent.address), (Some(2), None));
}

#[test]
fn what_came_back_first_was_certainly_there_before_the_others() {
    let back = |returns: &[(&str, i64, i64)]| {
        let returns: Vec<_> = returns
            .iter()
            .map(|(address, earliest_ms, latest_ms)| HopReturn {
                address: ip(address),
                earliest_ms: *earliest_ms,
                latest_ms: *latest_ms,
            })
            .collect();
        came_back(&returns, &HopNames { targets: &targets() })
    };
    let isp = NamedHop { ttl: None, address: Some(ip(WAY[1])), role: Some(Role::Isp) };
    assert_eq!(back(&[(WAY[1], -9_000, -8_000), (WAY[3], -900, 100)]), CameBack::First(vec![isp]));
    assert_eq!(back(&[(WAY[1], -1_200, -200), (WAY[3], -900, 100)]), CameBack::Together);
    assert_eq!(back(&[(WAY[3], -900, 100)]), CameBack::Unknown);
    assert_eq!(back(&[]), CameBack::Unknown);
}

#[test]
fn without_addresses_the_hops_keep_number_and_role() {
    let rounds = [round(PathMoment::FirstSecond, 1, &[1, 2])];
    let path = DropPath::of(&drop_of(20), &rounds, &targets()).unwrap();
    let secrets = path.private_addresses();
    assert!(
        secrets.contains(&"203.0.113.1".to_owned()) && !secrets.contains(&"1.1.1.1".to_owned())
    );
    let path = path.without_addresses();
    let text = format!("{path:?}");
    for address in &WAY[..3] {
        assert!(!text.contains(address), "{text}");
    }
    let last = path.finding.unwrap().last_answered.unwrap();
    assert_eq!((last.ttl, last.address, last.role), (Some(2), None, Some(Role::Isp)));
}
