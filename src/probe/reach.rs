//! Where anchors are answered: echo requests whose hop limit is too small to leave the home must
//! not be. A router that owns 1.1.1.1 itself would otherwise vouch for a line that is dead.
//!
//! [`ask`] sends, [`judge`] is pure. Nothing is concluded where the ISP's first hop is not known,
//! or where every anchor seems to be near: a router that rewrites hop limits makes all of them look
//! so.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use super::path::{self, FirstHops, HomeRouters, Hop};
use crate::vocabulary::{are_numbered_alike, is_link_local_v6, is_private};

/// Where an anchor is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Beyond the home: what cannot leave it was turned back.
    Far,
    /// Within the home, before the ISP's first hop.
    Near,
}

/// The first hops on the way to an anchor. The hops end with the anchor where it was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathTo {
    /// The anchor.
    pub anchor: IpAddr,
    /// The hops towards it, as far as they were asked for.
    pub hops: Vec<Hop>,
}

impl PathTo {
    /// The hop limit with which the anchor itself answered.
    fn reached(&self) -> Option<u8> {
        self.hops.iter().find(|hop| hop.address == Some(self.anchor)).map(|hop| hop.ttl)
    }

    /// Whether another host turned back what was to go no further than `limit` hops.
    fn was_turned_back(&self, limit: u8) -> bool {
        let turned_back = |hop: &Hop| hop.address.is_some_and(|address| address != self.anchor);
        self.hops.iter().any(|hop| hop.ttl <= limit && turned_back(hop))
    }

    /// The hops before the anchor.
    fn before(&self) -> Vec<Hop> {
        self.hops.iter().copied().filter(|hop| hop.address != Some(self.anchor)).collect()
    }
}

/// Follows the way to the anchors of one family: to the first two up to `max_ttl` hops, and where
/// these do not show the ISP's first hop to the next; to all others no further than the home.
/// Blocks for a second or two for each.
///
/// # Errors
/// Those of [`path::trace`].
pub fn ask(
    anchors: &[IpAddr],
    home: HomeRouters,
    max_ttl: u8,
    wait: Duration,
) -> io::Result<Vec<PathTo>> {
    let mut paths: Vec<PathTo> = Vec::new();
    for &anchor in anchors {
        let limit = match edge(&paths, home) {
            Some(edge) if paths.len() >= 2 => (edge - 1).max(1),
            _ => max_ttl,
        };
        let hops = path::trace(anchor, limit, wait)?;
        paths.push(PathTo { anchor, hops });
    }
    Ok(paths)
}

/// The first hops of the ISP and the modem, by the first path that shows them.
pub fn first_hops(paths: &[PathTo], home: HomeRouters) -> FirstHops {
    let found = paths.iter().map(|path| path::classify(&path.before(), home));
    let found: Vec<_> = found.collect();
    let shows = |sure: bool| found.iter().find(|f| f.isp.is_some() && f.is_isp_doubtful != sure);
    shows(true).or_else(|| shows(false)).or(found.first()).copied().unwrap_or_default()
}

/// The hops of the ISP behind its first, at most two, in order.
///
/// A router belongs to the ISP when the ways to anchors of two owners lead through it, and another
/// router that they share comes after it: the last one they share may be the ISP's or that of a
/// network behind it. One that is numbered like the first hop, or not publicly at all, is the ISP's
/// in any case.
pub fn inner_hops(paths: &[PathTo], first: IpAddr) -> Vec<IpAddr> {
    const MOST: usize = 2;
    let behind = |path: &PathTo| -> Vec<IpAddr> {
        let hops: Vec<_> = path.before().iter().filter_map(|hop| hop.address).collect();
        let place = hops.iter().position(|hop| *hop == first);
        place.map_or_else(Vec::new, |place| hops[place + 1..].to_vec())
    };
    let ways: Vec<_> = paths.iter().map(behind).filter(|way| !way.is_empty()).collect();
    let [one, others @ ..] = &ways[..] else { return Vec::new() };
    let shared: Vec<_> = one
        .iter()
        .take_while(|hop| others.iter().any(|other| other.contains(hop)))
        .copied()
        .collect();
    let of_isp = |(index, hop): &(usize, IpAddr)| {
        index + 1 < shared.len() || is_private(*hop) || are_numbered_alike(*hop, first)
    };
    let inner = shared.iter().copied().enumerate().filter(of_isp).map(|(_, hop)| hop);
    inner.filter(|hop| !is_link_local_v6(*hop)).take(MOST).collect()
}

/// The distance of the ISP's first hop; `None` where a hop before it is not known.
pub fn edge(paths: &[PathTo], home: HomeRouters) -> Option<u8> {
    let of = |path: &PathTo| {
        let before = path.before();
        let first = path::classify(&before, home);
        let isp = first.isp.filter(|_| !first.is_isp_doubtful)?;
        before.iter().find(|hop| hop.address == Some(isp)).map(|hop| hop.ttl)
    };
    paths.iter().filter_map(of).min()
}

/// Where the anchors of one family are answered; those of which it is not known are left out.
pub fn judge(paths: &[PathTo], home: HomeRouters) -> HashMap<IpAddr, Reach> {
    let edge = edge(paths, home);
    // A private gateway is of the home, whatever comes after it.
    let is_home = |gateway: IpAddr| is_private(gateway) && !is_link_local_v6(gateway);
    let of_home =
        edge.map(|edge| edge - 1).or_else(|| home.gateway.filter(|g| is_home(*g)).map(|_| 1));
    let Some(of_home) = of_home else { return HashMap::new() };
    let is_near = |path: &PathTo| path.reached().is_some_and(|ttl| ttl <= of_home);
    if paths.iter().all(is_near) {
        return HashMap::new();
    }
    let reach = |path: &PathTo| {
        let found = if is_near(path) {
            Reach::Near
        } else {
            edge.filter(|edge| path.was_turned_back(edge - 1))?;
            Reach::Far
        };
        Some((path.anchor, found))
    };
    paths.iter().filter_map(reach).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(address: &str) -> IpAddr {
        address.parse().unwrap()
    }

    fn path(anchor: &str, hops: &[&str]) -> PathTo {
        let hops = (1..).zip(hops);
        let hops = hops.map(|(ttl, address)| Hop { ttl, address: address.parse().ok(), rtt: None });
        PathTo { anchor: ip(anchor), hops: hops.collect() }
    }

    fn home() -> HomeRouters {
        HomeRouters {
            gateway: Some(ip("192.168.1.1")),
            modem: Some(ip("192.168.100.1")),
            isp_distance: None,
        }
    }

    #[track_caller]
    fn check(home: HomeRouters, paths: &[PathTo], expected: &[(&str, Reach)]) {
        let expected = expected.iter().map(|(address, reach)| (ip(address), *reach)).collect();
        assert_eq!(judge(paths, home), expected);
    }

    const GATEWAY: &str = "192.168.1.1";
    const ISP: &str = "203.0.113.1";

    #[test]
    fn an_anchor_that_the_gateway_owns_is_near_and_the_others_are_far() {
        let paths = [
            path("1.1.1.1", &["1.1.1.1"]),
            path("8.8.8.8", &[GATEWAY, ISP, "198.51.100.2", "8.8.8.8"]),
            path("9.9.9.9", &[GATEWAY]),
        ];
        check(
            home(),
            &paths,
            &[("1.1.1.1", Reach::Near), ("8.8.8.8", Reach::Far), ("9.9.9.9", Reach::Far)],
        );
        assert_eq!(first_hops(&paths, home()).isp, Some(ip(ISP)));
    }

    #[test]
    fn an_anchor_that_the_routed_modem_owns_is_near_and_one_at_the_isps_first_hop_is_not() {
        let modem = "192.168.100.1";
        check(
            home(),
            &[
                path("8.8.8.8", &[GATEWAY, modem, ISP, "8.8.8.8"]),
                path("1.1.1.1", &[GATEWAY, "1.1.1.1"]),
            ],
            &[("1.1.1.1", Reach::Near), ("8.8.8.8", Reach::Far)],
        );
        check(
            home(),
            &[path("8.8.8.8", &[GATEWAY, ISP]), path("1.1.1.1", &[GATEWAY, "1.1.1.1"])],
            &[("1.1.1.1", Reach::Far), ("8.8.8.8", Reach::Far)],
        );
    }

    #[test]
    fn where_every_anchor_seems_near_hop_limits_are_rewritten_and_nothing_is_known() {
        let all = [path("1.1.1.1", &["1.1.1.1"]), path("8.8.8.8", &["8.8.8.8"])];
        check(home(), &all, &[]);
        check(home(), &[path("1.1.1.1", &["1.1.1.1"])], &[]);
        check(home(), &[], &[]);
    }

    #[test]
    fn where_the_isps_hop_is_not_known_only_what_the_private_gateway_owns_is() {
        let paths = [
            path("1.1.1.1", &["1.1.1.1"]),
            path("8.8.8.8", &[GATEWAY, "*", "203.0.113.1"]),
            path("9.9.9.9", &[GATEWAY, "9.9.9.9"]),
        ];
        check(home(), &paths, &[("1.1.1.1", Reach::Near)]);
        // This host is at the ISP itself.
        let direct = HomeRouters { gateway: Some(ip("203.0.113.1")), ..HomeRouters::default() };
        let paths = [path("1.1.1.1", &["1.1.1.1"]), path("8.8.8.8", &["203.0.113.1", "*"])];
        check(direct, &paths, &[]);
    }

    #[test]
    fn an_anchor_is_not_far_for_want_of_an_answer() {
        let paths = [path("8.8.8.8", &[GATEWAY, ISP]), path("9.9.9.9", &["*"])];
        check(home(), &paths, &[("8.8.8.8", Reach::Far)]);
    }

    #[test]
    fn routers_that_two_ways_share_before_another_shared_one_are_the_isps() {
        let inner = |one: &[&str], other: &[&str]| {
            let paths = [path("8.8.8.8", one), path("9.9.9.9", other)];
            inner_hops(&paths, ip(ISP)).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let (a, b, c) = ("198.51.100.2", "198.51.100.9", "192.0.2.1");
        assert_eq!(inner(&[GATEWAY, ISP, a, "8.8.8.8"], &[GATEWAY, ISP, a, "9.9.9.9"]), [""; 0]);
        assert_eq!(inner(&[GATEWAY, ISP, a, c], &[GATEWAY, ISP, a, c, "9.9.9.9"]), [a]);
        assert_eq!(inner(&[ISP, a, b, c], &[ISP, a, b, c]), [a, b]);
        assert_eq!(inner(&[ISP, a, b, c, "192.0.2.9"], &[ISP, a, b, c, "192.0.2.9"]), [a, b]);
        assert_eq!(inner(&[ISP, "10.20.0.1", "8.8.8.8"], &[ISP, "10.20.0.1"]), ["10.20.0.1"]);
        assert_eq!(inner(&[ISP, "203.0.9.9"], &[ISP, "203.0.9.9"]), ["203.0.9.9"]);
        assert_eq!(inner(&[ISP, a, c], &[ISP, b, c]), [""; 0], "the ways part at once");
        assert_eq!(inner(&[ISP, a, c], &[GATEWAY]), [""; 0], "one way alone");
        assert_eq!(inner_hops(&[], ip(ISP)), [] as [IpAddr; 0]);
    }

    #[test]
    fn the_rule_is_the_same_over_ipv6() {
        let v6 = HomeRouters { gateway: Some(ip("fe80::1")), ..HomeRouters::default() };
        let router = "2001:db8:1:1::1";
        let paths = [
            path("2606:4700:4700::1111", &["2606:4700:4700::1111"]),
            path("2620:fe::fe", &[router, "2001:db8:0:1::1"]),
        ];
        check(v6, &paths, &[("2606:4700:4700::1111", Reach::Near), ("2620:fe::fe", Reach::Far)]);
    }
}
