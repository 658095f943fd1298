//! By which way packets leave this host, asked of the kernel for the anchors themselves: its default
//! routes do not show what a VPN does to them.
//!
//! Where a tunnel takes the anchors, the uplink beneath it is looked for: an interface with a default
//! route of its own, over which the kernel would send to them if it were asked to. Such a way is the
//! uplink's, and says which tunnel it keeps out of.

use std::net::IpAddr;

use super::netlink::{self, KernelNews, RouteTaken};
use super::world::World;
use super::{Objects, QueuedMessages, ask, dump};
use crate::time::Reading;
use crate::vocabulary::{IpVersion, Medium, Observation, Way};

/// The kernel's answers about routes and neighbours.
pub(super) trait Routing {
    /// The route of a packet to `to`, over the interface `over` where one is given.
    fn route(&self, to: IpAddr, over: Option<u32>) -> Option<RouteTaken>;
    /// The hardware address of a neighbour, where it is known.
    fn mac(&self, index: u32, address: IpAddr) -> Option<String>;
    /// Whether answers are refused that come in by another interface than packets to their sender
    /// would leave by (`rp_filter` 1).
    fn refuses_detours(&self, interface: &str) -> bool;
}

/// This host's kernel.
pub(super) struct Kernel;

impl Routing for Kernel {
    #[allow(clippy::redundant_closure_for_method_calls, reason = "a path is not general enough")]
    fn route(&self, to: IpAddr, over: Option<u32>) -> Option<RouteTaken> {
        let request = netlink::route_request(to, over, 1);
        ask(&request, |raw| raw.route_taken()).ok()?
    }

    fn mac(&self, index: u32, address: IpAddr) -> Option<String> {
        let of_it = |raw: &netlink::Raw<'_>| match raw.understand() {
            Some(KernelNews::Neighbour(found))
                if (found.index, found.address) == (index, address) =>
            {
                found.mac
            }
            _ => None,
        };
        dump(Objects::Neighbours(IpVersion::of(address)), &of_it).ok()?.pop()
    }

    fn refuses_detours(&self, interface: &str) -> bool {
        let of = |name: &str| {
            let path = format!("/proc/sys/net/ipv4/conf/{name}/rp_filter");
            std::fs::read_to_string(path).ok()?.trim().parse::<u8>().ok()
        };
        // The greater of the two counts: 2 is looser than 1.
        of("all").max(of(interface)) == Some(1)
    }
}

/// The interface over which a packet to `to` keeps out of the tunnel that it would take; `None` where it
/// takes none, or where there is no way around it.
pub(super) fn beneath_tunnel(to: IpAddr, world: &World) -> Option<u32> {
    let found = find(to, IpVersion::of(to), world, &Kernel)?;
    found.way.avoids.as_ref().map(|_| found.index)
}

/// Finds the ways of both families and says when they change.
#[derive(Debug)]
pub(super) struct WayFinder {
    far_ends: Vec<IpAddr>,
    /// Those that were reported, IPv4 first; `None` before the first look.
    #[allow(clippy::option_option, reason = "not looked yet, no way, a way")]
    known: [Option<Option<FoundWay>>; 2],
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct FoundWay {
    index: u32,
    way: Way,
}

impl WayFinder {
    /// Will ask for the way to these addresses.
    pub(super) fn new(far_ends: Vec<IpAddr>) -> Self {
        Self { far_ends, known: [None, None] }
    }

    /// Whether the ways may be others after these messages: neighbours are looked at all day.
    pub(super) fn concerns(&self, news: &QueuedMessages) -> bool {
        news.overrun
            || news.messages.iter().any(|message| match message {
                KernelNews::Neighbour(seen) => self.known.iter().flatten().flatten().any(|known| {
                    (known.index, known.way.gateway) == (seen.index, Some(seen.address))
                        && seen.mac.is_some()
                        && seen.mac != known.way.mac
                }),
                _ => true,
            })
    }

    /// The ways that are others than at the last look.
    pub(super) fn look(
        &mut self,
        world: &World,
        routing: &impl Routing,
        at: Reading,
    ) -> Vec<Observation> {
        let mut changed = Vec::new();
        for (version, known) in IpVersion::BOTH.into_iter().zip(&mut self.known) {
            let ends = || self.far_ends.iter().copied().filter(|ip| IpVersion::of(*ip) == version);
            let mut found = ends().find_map(|to| find(to, version, world, routing));
            if let (Some(found), Some(Some(known))) = (&mut found, &known) {
                let is_same = (found.index, found.way.gateway) == (known.index, known.way.gateway);
                if is_same && found.way.mac.is_none() {
                    // The kernel forgets neighbours that are silent.
                    found.way.mac.clone_from(&known.way.mac);
                }
            }
            if known.as_ref() != Some(&found) {
                let way = found.as_ref().map(|found| Box::new(found.way.clone()));
                let keeps_out = found.as_ref().filter(|found| found.way.avoids.is_some());
                let over = keeps_out.map(|found| found.index);
                let index = found.as_ref().map(|found| found.index);
                changed.push(Observation::Way { at, version, way, index, over });
                *known = Some(found);
            }
        }
        changed
    }
}

fn find(to: IpAddr, version: IpVersion, world: &World, routing: &impl Routing) -> Option<FoundWay> {
    let taken = routing.route(to, None)?;
    let medium = |index| world.medium(index).unwrap_or(Medium::Other);
    let found = |RouteTaken { index, gateway }, avoids| {
        let mac = gateway.and_then(|gateway| routing.mac(index, gateway));
        let interface = world.name(index);
        let medium = medium(index);
        FoundWay { index, way: Way { interface, medium, gateway, mac, isp_hop: None, avoids } }
    };
    if medium(taken.index) != Medium::Tunnel {
        return Some(found(taken, None));
    }
    let beneath = world.uplinks(version).iter().filter(|index| medium(**index) != Medium::Tunnel);
    let beneath = beneath.filter_map(|index| {
        let over = routing.route(to, Some(*index)).filter(|over| over.index == *index)?;
        if version == IpVersion::V4 && routing.refuses_detours(&world.name(*index)) {
            return None;
        }
        // Without any route the kernel takes the whole world to be next to the interface.
        (over.gateway.is_some() || medium(*index) == Medium::Ppp).then_some(over)
    });
    let tunnel = world.name(taken.index);
    Some(match beneath.into_iter().next() {
        Some(uplink) => found(uplink, Some(tunnel)),
        None => found(taken, None),
    })
}

#[cfg(test)]
mod tests {
    use super::super::netlink::{KernelLink, LinkNature, Neighbour, Route};
    use super::*;

    const CABLE: u32 = 2;
    const TUNNEL: u32 = 3;
    const ROUTER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 168, 1, 1));
    const FAR: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(1, 1, 1, 1));

    /// A host with a cable, on which packets may take a tunnel.
    #[derive(Default)]
    struct Host {
        takes: Option<u32>,
        over_cable: Option<IpAddr>,
        mac: Option<String>,
        strict: Strictness,
    }

    #[derive(Default, PartialEq)]
    enum Strictness {
        #[default]
        Loose,
        Strict,
    }

    impl Routing for Host {
        fn route(&self, _: IpAddr, over: Option<u32>) -> Option<RouteTaken> {
            let index = over.or(self.takes)?;
            let gateway = self.over_cable.filter(|_| index == CABLE);
            Some(RouteTaken { index, gateway })
        }
        fn mac(&self, index: u32, _: IpAddr) -> Option<String> {
            self.mac.clone().filter(|_| index == CABLE)
        }
        fn refuses_detours(&self, _: &str) -> bool {
            self.strict == Strictness::Strict
        }
    }

    fn world() -> World {
        let mut world = World::default();
        let nature = |arphrd, kind: &str| LinkNature { arphrd, kind: Some(kind.to_owned()) };
        for (index, name, nature) in
            [(CABLE, "lan0", nature(1, "veth")), (TUNNEL, "tun0", nature(65534, "tun"))]
        {
            let link = KernelLink { index, name: name.to_owned(), nature, ..KernelLink::default() };
            world.apply(&KernelNews::Link(link));
        }
        let gateway = Some(ROUTER);
        world.set_routes(&[Route { version: IpVersion::V4, index: CABLE, gateway, metric: 0 }]);
        world
    }

    fn look(finder: &mut WayFinder, host: &Host) -> Vec<Option<Way>> {
        let seen = finder.look(&world(), host, Reading::now()).into_iter();
        let way = |seen| match seen {
            Observation::Way { version: IpVersion::V4, way, .. } => Some(way.map(|way| *way)),
            _ => None,
        };
        seen.filter_map(way).collect()
    }

    fn cable() -> Way {
        Way {
            interface: "lan0".to_owned(),
            medium: Medium::Cable,
            gateway: Some(ROUTER),
            mac: None,
            isp_hop: None,
            avoids: None,
        }
    }

    #[test]
    fn a_way_is_reported_once_and_again_when_it_is_another() {
        let mut finder = WayFinder::new(vec![FAR]);
        let mut host = Host { takes: Some(CABLE), over_cable: Some(ROUTER), ..Host::default() };
        assert_eq!(look(&mut finder, &host), [Some(cable())]);
        assert_eq!(look(&mut finder, &host), []);
        host.mac = Some("02:00:00:00:00:01".to_owned());
        let known = Way { mac: host.mac.clone(), ..cable() };
        assert_eq!(look(&mut finder, &host), [Some(known)]);
        host.mac = None;
        assert_eq!(look(&mut finder, &host), [], "forgotten by the kernel alone");
        host.takes = None;
        assert_eq!(look(&mut finder, &host), [None]);
    }

    #[test]
    fn the_uplink_beneath_a_tunnel_is_the_way_where_there_is_one() {
        let mut finder = WayFinder::new(vec![FAR]);
        let mut host = Host { takes: Some(TUNNEL), over_cable: Some(ROUTER), ..Host::default() };
        let beneath = Way { avoids: Some("tun0".to_owned()), ..cable() };
        assert_eq!(look(&mut finder, &host), [Some(beneath)]);
        // Its answers would not be let in.
        host.strict = Strictness::Strict;
        let [Some(tunnel)] = &look(&mut finder, &host)[..] else { panic!("no tunnel") };
        assert_eq!(tunnel.medium, Medium::Tunnel);
        host.strict = Strictness::Loose;
        look(&mut finder, &host);
        // No route but by the tunnel.
        host.over_cable = None;
        let [Some(tunnel)] = &look(&mut finder, &host)[..] else { panic!("no tunnel") };
        assert_eq!((tunnel.interface.as_str(), tunnel.medium), ("tun0", Medium::Tunnel));
        assert_eq!(tunnel.avoids, None);
    }

    #[test]
    fn neighbours_are_of_interest_only_when_the_gateway_has_another_address() {
        let mut finder = WayFinder::new(vec![FAR]);
        look(
            &mut finder,
            &Host { takes: Some(CABLE), over_cable: Some(ROUTER), ..Host::default() },
        );
        let concerns = |address: IpAddr, mac: Option<&str>| {
            let mac = mac.map(str::to_owned);
            let seen = KernelNews::Neighbour(Neighbour { index: CABLE, address, mac });
            finder.concerns(&QueuedMessages { messages: vec![seen], ..QueuedMessages::default() })
        };
        assert!(concerns(ROUTER, Some("02:00:00:00:00:01")));
        assert!(!concerns(ROUTER, None));
        assert!(!concerns([192, 168, 1, 9].into(), Some("02:00:00:00:00:01")));
    }
}
