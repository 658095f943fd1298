//! What is known of this host's interfaces and default routes, and the changes that new knowledge
//! means. Pure. Each change is reported once, however often the kernel repeats it; the loopback
//! interface is of no interest.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::medium;
use super::netlink::{KernelNews, LinkNature, Route};
use super::{DefaultRoute, HostSnapshot, Interface};
use crate::text::order::InOrder;
use crate::vocabulary::{HostChange, IpVersion, Medium};

/// Links by their number, and the default routes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct World {
    links: BTreeMap<u32, KnownLink>,
    routes: [Option<DefaultRoute>; 2],
    /// The interfaces of all default routes, the one in use first.
    uplinks: [Vec<u32>; 2],
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct KnownLink {
    name: String,
    carrier: bool,
    addresses: BTreeSet<IpAddr>,
    nature: LinkNature,
}

impl World {
    /// Takes in what one message says of a link or an address; routes are [`World::set_routes`]'s.
    pub(super) fn apply(&mut self, message: &KernelNews) -> Vec<HostChange> {
        let mut changes = Vec::new();
        match message {
            KernelNews::Link(link) if link.loopback => {}
            KernelNews::Link(link) => {
                if self.links.get(&link.index).is_some_and(|known| known.name != link.name) {
                    self.remove(link.index, &mut changes);
                }
                let known = self.links.entry(link.index).or_insert_with(|| {
                    changes.push(interface(&link.name, Existence::Came));
                    let addresses = BTreeSet::new();
                    let (name, nature) = (link.name.clone(), link.nature.clone());
                    KnownLink { name, carrier: false, addresses, nature }
                });
                if known.carrier != link.carrier {
                    known.carrier = link.carrier;
                    let (interface, up) = (link.name.clone(), link.carrier);
                    changes.push(HostChange::Carrier { interface, up });
                }
            }
            KernelNews::LinkGone { index } => self.remove(*index, &mut changes),
            KernelNews::Address { index, address, present } => {
                if let Some(known) = self.links.get_mut(index) {
                    let new = if *present {
                        known.addresses.insert(*address)
                    } else {
                        known.addresses.remove(address)
                    };
                    if new {
                        changes.push(address_change(&known.name, *address, *present));
                    }
                }
            }
            KernelNews::DefaultRoute(_)
            | KernelNews::NoDefaultRoute
            | KernelNews::OtherRoute
            | KernelNews::Neighbour(_) => {}
        }
        changes
    }

    fn remove(&mut self, index: u32, changes: &mut Vec<HostChange>) {
        if let Some(known) = self.links.remove(&index) {
            changes.extend(known.addresses.iter().map(|&a| address_change(&known.name, a, false)));
            changes.push(interface(&known.name, Existence::Went));
        }
    }

    /// Takes in all default routes there are; of each family that with the least metric counts, and
    /// one through a tunnel only where there is no other: the probes keep out of it.
    pub(super) fn set_routes(&mut self, all: &[Route]) -> Vec<HostChange> {
        let mut changes = Vec::new();
        for version in IpVersion::BOTH {
            let mut of_family: Vec<_> = all.iter().filter(|r| r.version == version).collect();
            let is_tunnel = |index| self.medium(index) == Some(Medium::Tunnel);
            of_family.order_by_key(|route| (is_tunnel(route.index), route.metric));
            self.uplinks[family(version)] = of_family.iter().map(|route| route.index).collect();
            let best = of_family.first().map(|route| DefaultRoute {
                interface: self.name(route.index),
                gateway: route.gateway,
            });
            changes.extend(self.set_route(version, best));
        }
        changes
    }

    /// The name of an interface; of one that is not known its number.
    pub(super) fn name(&self, index: u32) -> String {
        self.links.get(&index).map_or_else(|| format!("if{index}"), |known| known.name.clone())
    }

    /// What an interface is; `None` for one that is not known.
    pub(super) fn medium(&self, index: u32) -> Option<Medium> {
        self.links.get(&index).map(|known| medium::of(&known.name, &known.nature))
    }

    /// The interfaces of all default routes of a family, those of tunnels last.
    pub(super) fn uplinks(&self, version: IpVersion) -> &[u32] {
        &self.uplinks[family(version)]
    }

    fn set_route(&mut self, version: IpVersion, route: Option<DefaultRoute>) -> Option<HostChange> {
        let v6 = version == IpVersion::V6;
        let known = &mut self.routes[family(version)];
        (*known != route).then(|| {
            known.clone_from(&route);
            let (interface, gateway) = route.map(|r| (r.interface, r.gateway)).unzip();
            HostChange::DefaultRoute { v6, interface, gateway: gateway.flatten() }
        })
    }

    /// Takes in a world that was read completely anew.
    pub(super) fn replace(&mut self, new: Self) -> Vec<HostChange> {
        let mut changes = Vec::new();
        let gone = |(index, known): (&u32, &KnownLink)| {
            new.links.get(index).is_none_or(|now| now.name != known.name).then_some(*index)
        };
        let gone: Vec<_> = self.links.iter().filter_map(gone).collect();
        for index in gone {
            self.remove(index, &mut changes);
        }
        for (&index, now) in &new.links {
            let (name, carrier) = (now.name.clone(), now.carrier);
            let nature = now.nature.clone();
            let link = super::netlink::KernelLink { index, name, carrier, loopback: false, nature };
            changes.extend(self.apply(&KernelNews::Link(link)));
            let before =
                self.links.get(&index).map(|known| known.addresses.clone()).unwrap_or_default();
            for &address in before.symmetric_difference(&now.addresses) {
                let present = now.addresses.contains(&address);
                changes.extend(self.apply(&KernelNews::Address { index, address, present }));
            }
        }
        self.uplinks = new.uplinks;
        let [v4, v6] = new.routes;
        changes.extend(self.set_route(IpVersion::V4, v4));
        changes.extend(self.set_route(IpVersion::V6, v6));
        changes
    }

    pub(super) fn snapshot(&self) -> HostSnapshot {
        let [default_route_v4, default_route_v6] = self.routes.clone();
        let interfaces = self
            .links
            .values()
            .map(|known| Interface {
                name: known.name.clone(),
                carrier: known.carrier,
                addresses: known.addresses.iter().copied().collect(),
            })
            .collect();
        HostSnapshot { interfaces, default_route_v4, default_route_v6 }
    }
}

fn family(version: IpVersion) -> usize {
    usize::from(version == IpVersion::V6)
}

#[derive(Clone, Copy)]
enum Existence {
    Came,
    Went,
}

fn interface(name: &str, presence: Existence) -> HostChange {
    let present = matches!(presence, Existence::Came);
    HostChange::Interface { interface: name.to_owned(), present }
}

fn address_change(name: &str, address: IpAddr, present: bool) -> HostChange {
    HostChange::Address { interface: name.to_owned(), address, present }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::netlink::KernelLink;
    use super::*;

    fn link(index: u32, name: &str, carrier: bool) -> KernelNews {
        KernelNews::Link(KernelLink {
            index,
            name: name.to_owned(),
            carrier,
            ..KernelLink::default()
        })
    }

    fn address(index: u32, last: u8, present: bool) -> KernelNews {
        KernelNews::Address { index, address: IpAddr::from([10, 0, 0, last]), present }
    }

    fn route(index: u32, gateway: u8, metric: u32) -> Route {
        Route { version: IpVersion::V4, index, gateway: Some([10, 0, 0, gateway].into()), metric }
    }

    #[test]
    fn a_change_is_reported_once() {
        let mut world = World::default();
        assert_eq!(world.apply(&link(2, "eth0", true)).len(), 2);
        assert_eq!(world.apply(&link(2, "eth0", true)), []);
        let carrier = |up| HostChange::Carrier { interface: "eth0".to_owned(), up };
        assert_eq!(world.apply(&link(2, "eth0", false)), [carrier(false)]);
        assert_eq!(world.apply(&link(2, "eth0", true)), [carrier(true)]);
        assert_eq!(world.apply(&address(2, 1, true)).len(), 1);
        assert_eq!(world.apply(&address(2, 1, true)), []);
        assert_eq!(world.apply(&address(2, 2, false)), []);
    }

    #[test]
    fn loopback_is_of_no_interest() {
        let mut world = World::default();
        let mut lo = KernelLink { index: 1, name: "lo".to_owned(), ..KernelLink::default() };
        (lo.carrier, lo.loopback) = (true, true);
        assert_eq!(world.apply(&KernelNews::Link(lo)), []);
        assert_eq!(world.apply(&address(1, 1, true)), []);
    }

    #[test]
    fn an_interface_that_goes_takes_its_addresses_along() {
        let mut world = World::default();
        world.apply(&link(2, "wlan0", true));
        world.apply(&address(2, 1, true));
        let name = || "wlan0".to_owned();
        let expected = [
            HostChange::Address {
                interface: name(),
                address: [10, 0, 0, 1].into(),
                present: false,
            },
            HostChange::Interface { interface: name(), present: false },
        ];
        assert_eq!(world.apply(&KernelNews::LinkGone { index: 2 }), expected);
        assert_eq!(world, World::default());
    }

    #[test]
    fn the_default_route_with_the_least_metric_counts() {
        let mut world = World::default();
        world.apply(&link(2, "eth0", true));
        world.apply(&link(3, "wlan0", true));
        let change = |interface: &str, gateway| HostChange::DefaultRoute {
            v6: false,
            interface: Some(interface.to_owned()),
            gateway: Some([10, 0, 0, gateway].into()),
        };
        assert_eq!(world.set_routes(&[route(3, 9, 600), route(2, 1, 100)]), [change("eth0", 1)]);
        assert_eq!(world.set_routes(&[route(2, 1, 100), route(3, 9, 600)]), []);
        assert_eq!(world.set_routes(&[route(3, 9, 600)]), [change("wlan0", 9)]);
        let none = HostChange::DefaultRoute { v6: false, interface: None, gateway: None };
        assert_eq!(world.set_routes(&[]), [none]);
    }

    fn any_message() -> impl Strategy<Value = KernelNews> {
        prop_oneof![
            (1_u32..4, 0_usize..2, any::<bool>()).prop_map(|(i, name, carrier)| link(
                i,
                ["a", "b"][name],
                carrier
            )),
            (1_u32..4).prop_map(|index| KernelNews::LinkGone { index }),
            (1_u32..4, 0_u8..4, any::<bool>()).prop_map(|(i, last, p)| address(i, last, p)),
        ]
    }

    proptest! {
        #[test]
        fn a_world_read_anew_becomes_the_known_one_and_reports_nothing_twice(
            before in prop::collection::vec(any_message(), 0..30),
            after in prop::collection::vec(any_message(), 0..30),
        ) {
            let mut world = World::default();
            let mut other = World::default();
            for message in &before {
                world.apply(message);
            }
            for message in &after {
                other.apply(message);
            }
            world.replace(other.clone());
            prop_assert_eq!(&world, &other);
            prop_assert_eq!(world.replace(other), []);
        }
    }
}
