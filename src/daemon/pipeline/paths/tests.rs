use super::*;
use crate::vocabulary::{Endpoint, Kind, PathHop, RosterEntry, Standing};

const S: i64 = 1_000_000;

fn at(s: f64) -> Reading {
    #[allow(clippy::cast_possible_truncation, reason = "seconds of a test")]
    let us = (s * 1e6) as i64;
    Reading {
        utc: Timestamp::from_micros(1_700_000_000 * S + us),
        boot: BootTime::from_micros(us),
        monotonic_us: us,
    }
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

const V4: &str = "1.1.1.1";
const V6: &str = "2606:4700:4700::1111";
const WAY_V4: [&str; 4] = ["192.168.1.1", "203.0.113.1", "198.51.100.2", V4];
const WAY_V6: [&str; 4] = ["2001:db8:1:1::1", "2001:db8:0:1::1", "2001:db8:0:2::2", V6];

/// Paths of a home whose usual ways are known.
fn known() -> DropPaths {
    let mut paths = DropPaths::default();
    let target = |id: u8, address: &str| Target {
        id: TargetId(id),
        name: format!("a{id}"),
        kind: Kind::Icmp,
        role: Role::Anchor,
        endpoint: Endpoint::icmp(ip(address)),
        interval: Duration::from_secs(1),
    };
    let targets = [target(1, V4), target(2, V6)];
    let entry = |t: &Target| RosterEntry { target: t.id, standing: Standing::Far, decides: true };
    let roster = Roster::new(targets.iter().map(entry));
    paths.set_targets(&targets, &roster, at(0.0).boot);
    assert_eq!(paths.second(&at(5.0), true), None);
    assert_eq!(paths.question(), None, "not before the link has settled");
    paths.second(&at(11.0), true);
    let question = paths.question().unwrap();
    assert_eq!(question.moment, PathMoment::Usual);
    for way in [WAY_V4, WAY_V6] {
        assert_eq!(paths.on_round(&round(PathMoment::Usual, 11.0, &way, 4), at(12.0).boot), None);
    }
    paths
}

/// A round in which the first so many hops answered.
fn round(moment: PathMoment, s: f64, way: &[&str], answered: usize) -> PathRound {
    let target = ip(way[way.len() - 1]);
    let hop = |(ttl, address): (u8, &&str)| PathHop {
        ttl,
        usual: None,
        by: (usize::from(ttl) <= answered).then(|| ip(address)),
        rtt: None,
    };
    PathRound {
        at: at(s).utc,
        family: IpVersion::of(target),
        moment,
        towards: Some(target),
        hops: (1..).zip(way).map(hop).collect(),
        returns: Vec::new(),
        unsent: None,
    }
}

fn drop(from: f64, to: Option<f64>) -> LinkDrop {
    let bounds = |s: f64| Bounds { earliest: at(s - 0.2).utc, latest: at(s + 0.2).utc };
    LinkDrop::bare(bounds(from), to.map(bounds), [Duration::from_secs(5); 2])
}

#[test]
fn a_drop_has_its_moments_and_no_more_than_sixty_packets() {
    let mut paths = known();
    let mut packets = 0;
    let mut ask = |paths: &mut DropPaths| {
        let questions: Vec<_> = std::iter::from_fn(|| paths.question()).collect();
        packets += questions.iter().map(PathQuestion::packets).sum::<usize>();
        questions.iter().map(|question| question.moment).collect::<Vec<_>>()
    };
    paths.on_silence(IpVersion::V6, IpVersion::V4, &at(100.0));
    assert_eq!(ask(&mut paths), [], "IPv6 alone is no silence of the link");
    paths.on_silence(IpVersion::V4, IpVersion::V4, &at(101.2));
    assert_eq!(ask(&mut paths), [PathMoment::FirstSecond]);
    let first = round(PathMoment::FirstSecond, 101.2, &WAY_V4, 1);
    assert_eq!(paths.on_round(&first, at(102.0).boot), None, "it may be no drop");
    let stored = paths.on_drop(&drop(100.0, None), &at(108.5));
    let [stored] = &stored[..] else { panic!("{stored:?}") };
    assert_eq!(stored.hops[1].usual, Some(ip("203.0.113.1")));
    assert_eq!((stored.hops[0].by, stored.hops[1].by), (Some(ip("192.168.1.1")), None));
    assert_eq!(ask(&mut paths), [PathMoment::Confirmed]);
    let confirmed = round(PathMoment::Confirmed, 108.5, &WAY_V4, 1);
    assert!(paths.on_round(&confirmed, at(109.0).boot).is_some(), "it belongs to the drop");
    let (mut minutes, mut said) = (0, 0);
    for s in 109..1_200 {
        let row = paths.second(&at(f64::from(s)), false);
        said += usize::from(row.is_some_and(|row| row.unsent == Some(PathObstacle::Spent)));
        minutes += ask(&mut paths).len();
    }
    assert!((9..=12).contains(&minutes), "{minutes}");
    assert_eq!(said, 1, "that no more is asked is said once");
    assert_eq!(paths.on_drop(&drop(100.0, Some(1_200.0)), &at(1_204.0)), []);
    assert_eq!(ask(&mut paths), [PathMoment::End]);
    assert!(packets <= PACKETS, "{packets}");
    let end = round(PathMoment::End, 1_204.0, &WAY_V4, 4);
    assert!(paths.on_round(&end, at(1_205.0).boot).is_some());
}

#[test]
fn each_minute_only_the_last_that_answered_and_the_next_are_asked() {
    let mut paths = known();
    paths.on_drop(&drop(100.0, None), &at(108.5));
    paths.question();
    paths.on_round(&round(PathMoment::Confirmed, 108.5, &WAY_V4, 2), at(109.0).boot);
    paths.second(&at(169.0), false);
    let question = paths.question().unwrap();
    assert_eq!(question.towards, [(ip(V4), vec![2, 3]), (ip(V6), vec![1])]);
}

#[test]
fn silences_that_are_no_drops_are_asked_about_once_a_minute_and_leave_nothing() {
    let mut paths = known();
    for s in [100.0, 110.0, 150.0] {
        paths.on_silence(IpVersion::V4, IpVersion::V4, &at(s));
    }
    assert_eq!(paths.question().map(|q| q.moment), Some(PathMoment::FirstSecond));
    assert_eq!(paths.question(), None);
    // The drop has none of its own, and says so.
    let stored = paths.on_drop(&drop(149.0, None), &at(157.0));
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0].unsent, Some(PathObstacle::Paced));
    let mut paths = known();
    paths.on_silence(IpVersion::V4, IpVersion::V4, &at(100.0));
    paths.on_round(&round(PathMoment::FirstSecond, 100.0, &WAY_V4, 4), at(101.0).boot);
    assert_eq!(paths.on_drop(&drop(500.0, None), &at(508.0)), []);
}

#[test]
fn what_came_back_is_stored_with_the_bounds_of_its_return() {
    let mut paths = known();
    let mut probe = |id: u8, address: &str, s: f64, answered: bool| {
        let outcome =
            if answered { Outcome::reply(Duration::from_millis(20)) } else { Outcome::Lost };
        let m = Measurement { target: TargetId(id), sent_at: at(s).utc, outcome };
        paths.on_measured(&m, ip(address));
    };
    for s in 90..130 {
        let s = f64::from(s);
        probe(9, "203.0.113.1", s, !(100.0..110.0).contains(&s));
        probe(1, V4, s + 0.3, !(100.0..118.0).contains(&s));
    }
    paths.on_drop(&drop(100.0, None), &at(108.5));
    let rows = paths.on_drop(&drop(100.0, Some(118.0)), &at(122.0));
    let [back] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!(back.moment, PathMoment::Back);
    let of = |address: &str| {
        let found = back.returns.iter().find(|r| r.address == ip(address)).unwrap();
        (found.earliest_ms, found.latest_ms)
    };
    assert_eq!(of("203.0.113.1"), (-9_200, -8_180));
    assert_eq!(of(V4), (-900, 120));
}

#[test]
fn a_restart_and_a_drop_of_long_ago_ask_nothing_about_the_past() {
    let mut paths = known();
    assert_eq!(paths.on_drop(&drop(20.0, Some(30.0)), &at(300.0)), []);
    assert_eq!(paths.question(), None);
}
