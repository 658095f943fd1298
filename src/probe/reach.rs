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

use super::path::{self, FirstHops, Hop};
use crate::vocabulary::is_private;

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

/// The home's own routers, as far as they are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HomeRouters {
    /// The gateway of the default route.
    pub gateway: Option<IpAddr>,
    /// The modem.
    pub modem: Option<IpAddr>,
}

/// Follows the way to the anchors of one family: to the first up to `max_ttl` hops, and where that
/// does not show the ISP's first hop to the next; to all others no further than the home. Blocks
/// for a second or two for each.
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
            Some(edge) => (edge - 1).max(1),
            None => max_ttl,
        };
        let hops = path::trace(anchor, limit, wait)?;
        paths.push(PathTo { anchor, hops });
    }
    Ok(paths)
}

/// The first hops of the ISP and the modem, by the first path that shows them.
pub fn first_hops(paths: &[PathTo], home: HomeRouters) -> FirstHops {
    let found = paths.iter().map(|path| path::classify(&path.before(), home.gateway, home.modem));
    let found: Vec<_> = found.collect();
    let shows = |sure: bool| found.iter().find(|f| f.isp.is_some() && f.is_isp_doubtful != sure);
    shows(true).or_else(|| shows(false)).or(found.first()).copied().unwrap_or_default()
}

/// The distance of the ISP's first hop; `None` where a hop before it is not known.
fn edge(paths: &[PathTo], home: HomeRouters) -> Option<u8> {
    let of = |path: &PathTo| {
        let before = path.before();
        let first = path::classify(&before, home.gateway, home.modem);
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

/// Such a gateway may be the home's router or the ISP's.
fn is_link_local_v6(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(ip) if ip.is_unicast_link_local())
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
        HomeRouters { gateway: Some(ip("192.168.1.1")), modem: Some(ip("192.168.100.1")) }
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
        let direct = HomeRouters { gateway: Some(ip("203.0.113.1")), modem: None };
        let paths = [path("1.1.1.1", &["1.1.1.1"]), path("8.8.8.8", &["203.0.113.1", "*"])];
        check(direct, &paths, &[]);
    }

    #[test]
    fn an_anchor_is_not_far_for_want_of_an_answer() {
        let paths = [path("8.8.8.8", &[GATEWAY, ISP]), path("9.9.9.9", &["*"])];
        check(home(), &paths, &[("8.8.8.8", Reach::Far)]);
    }

    #[test]
    fn the_rule_is_the_same_over_ipv6() {
        let v6 = HomeRouters { gateway: Some(ip("fe80::1")), modem: None };
        let router = "2001:db8:1:1::1";
        let paths = [
            path("2606:4700:4700::1111", &["2606:4700:4700::1111"]),
            path("2620:fe::fe", &[router, "2001:db8:0:1::1"]),
        ];
        check(v6, &paths, &[("2606:4700:4700::1111", Reach::Near), ("2620:fe::fe", Reach::Far)]);
    }
}
