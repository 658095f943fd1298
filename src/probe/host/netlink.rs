//! Route netlink (rtnetlink(7)), parsed by hand: octets to links, addresses and default routes.
//!
//! Only what linkmon looks at is understood; all else, and whatever is damaged, is passed over.
//! Numbers are in the machine's byte order. Nothing here does I/O or panics.

use std::net::IpAddr;

use nix::errno::Errno;

use super::Counters;

pub(super) const NLMSG_ERROR: u16 = 2;
pub(super) const NLMSG_DONE: u16 = 3;
pub(super) const RTM_NEWLINK: u16 = 16;
const RTM_DELLINK: u16 = 17;
pub(super) const RTM_GETLINK: u16 = 18;
pub(super) const RTM_NEWADDR: u16 = 20;
const RTM_DELADDR: u16 = 21;
pub(super) const RTM_GETADDR: u16 = 22;
pub(super) const RTM_NEWROUTE: u16 = 24;
const RTM_DELROUTE: u16 = 25;
pub(super) const RTM_GETROUTE: u16 = 26;
/// Flag of a dump during which something changed.
pub(super) const NLM_F_DUMP_INTR: u16 = 0x10;

const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
const IFF_UP: u32 = 0x1;
const IFF_LOOPBACK: u32 = 0x8;
const IFF_LOWER_UP: u32 = 0x1_0000;
const HEADER: usize = 16;

/// One message of a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Raw<'a> {
    pub(super) kind: u16,
    pub(super) flags: u16,
    pub(super) sequence: u32,
    pub(super) body: &'a [u8],
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Message {
    Link(Link),
    LinkGone {
        index: u32,
    },
    Address {
        index: u32,
        address: IpAddr,
        present: bool,
    },
    /// A default route of the main table; whether it came or went, all are read anew.
    DefaultRoute(Route),
    /// A default route that went, or that is not in use (of another table, unreachable, dead).
    NoDefaultRoute,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) index: u32,
    pub(super) name: String,
    pub(super) carrier: bool,
    pub(super) loopback: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) v6: bool,
    pub(super) index: u32,
    /// `None`: everything is on the link itself (PPP, tunnels).
    pub(super) gateway: Option<IpAddr>,
    /// The least is in use.
    pub(super) metric: u32,
}

/// The messages of a datagram; ends at the first that does not fit.
pub(super) fn messages(mut octets: &[u8]) -> impl Iterator<Item = Raw<'_>> {
    std::iter::from_fn(move || {
        let length = usize::try_from(u32_at(octets, 0)?).ok()?;
        let body = octets.get(HEADER..length)?;
        let raw = Raw {
            kind: u16_at(octets, 4)?,
            flags: u16_at(octets, 6)?,
            sequence: u32_at(octets, 8)?,
            body,
        };
        octets = octets.get(aligned(length)..).unwrap_or_default();
        Some(raw)
    })
}

impl Raw<'_> {
    /// The error that a message of kind [`NLMSG_ERROR`] tells.
    pub(super) fn error(&self) -> Errno {
        Errno::from_raw(u32_at(self.body, 0).map_or(0, |code| code.cast_signed().wrapping_neg()))
    }

    /// What it says; `None` if that is nothing of interest, or damaged.
    pub(super) fn understand(&self) -> Option<Message> {
        match self.kind {
            RTM_NEWLINK | RTM_DELLINK => self.link(),
            RTM_NEWADDR | RTM_DELADDR => self.address(),
            // Of a router with a million routes only the default ones are of interest.
            RTM_NEWROUTE | RTM_DELROUTE if *self.body.get(1)? != 0 => None,
            RTM_NEWROUTE => {
                Some(self.default_route().map_or(Message::NoDefaultRoute, Message::DefaultRoute))
            }
            RTM_DELROUTE => Some(Message::NoDefaultRoute),
            _ => None,
        }
    }

    /// The byte counters of the link with this name; `None` if it is another message or link.
    pub(super) fn counters(&self, of: &str) -> Option<Counters> {
        const NAME: u16 = 3;
        const STATS: u16 = 7;
        const STATS_64: u16 = 23;
        let is_link = self.kind == RTM_NEWLINK && *self.body.first()? == 0;
        let all = || Some(attributes(self.body.get(16..)?));
        let name = all()?.find(|a| a.kind == NAME)?.body.split(|&octet| octet == 0).next()?;
        if !is_link || name != of.as_bytes() {
            return None;
        }
        let index = u32_at(self.body, 4)?;
        // Packets received and sent come first, then the octets.
        if let Some(wide) = all()?.find(|a| a.kind == STATS_64) {
            let (received, sent) = (u64_at(wide.body, 16)?, u64_at(wide.body, 24)?);
            return Some(Counters { index, received, sent });
        }
        let narrow = all()?.find(|a| a.kind == STATS)?.body;
        let (received, sent) = (u32_at(narrow, 8)?.into(), u32_at(narrow, 12)?.into());
        Some(Counters { index, received, sent })
    }

    fn link(&self) -> Option<Message> {
        // Bridges tell of their ports in messages of the same kind, in which "gone" means gone
        // from the bridge; their family is AF_BRIDGE.
        if *self.body.first()? != 0 {
            return None;
        }
        let index = u32_at(self.body, 4)?;
        if self.kind == RTM_DELLINK {
            return Some(Message::LinkGone { index });
        }
        let flags = u32_at(self.body, 8)?;
        let name = attributes(self.body.get(16..)?).find(|a| a.kind == 3)?.body;
        let name = name.split(|&octet| octet == 0).next()?;
        Some(Message::Link(Link {
            index,
            name: String::from_utf8_lossy(name).into_owned(),
            carrier: flags & IFF_UP != 0 && flags & IFF_LOWER_UP != 0,
            loopback: flags & IFF_LOOPBACK != 0,
        }))
    }

    fn address(&self) -> Option<Message> {
        let family = *self.body.first()?;
        let index = u32_at(self.body, 4)?;
        let (mut address, mut local) = (None, None);
        for attribute in attributes(self.body.get(8..)?) {
            match attribute.kind {
                1 => address = ip(family, attribute.body),
                2 => local = ip(family, attribute.body),
                _ => {}
            }
        }
        // On point-to-point links IFA_ADDRESS is the other side's.
        let address = local.or(address)?;
        Some(Message::Address { index, address, present: self.kind == RTM_NEWADDR })
    }

    fn default_route(&self) -> Option<Route> {
        const MAIN_TABLE: u32 = 254;
        const UNICAST: u8 = 1;
        const CLONED: u32 = 0x200;
        const DEAD: u32 = 0x1;
        let &[family, to_bits, from_bits, _, table, _, _, kind] = self.body.get(..8)?.as_array()?;
        let flags = u32_at(self.body, 8)?;
        let to_all = to_bits == 0 && from_bits == 0 && kind == UNICAST;
        if !to_all || flags & (CLONED | DEAD) != 0 || !matches!(family, AF_INET | AF_INET6) {
            return None;
        }
        let mut table = u32::from(table);
        let mut route = Route { v6: family == AF_INET6, index: 0, gateway: None, metric: 0 };
        for attribute in attributes(self.body.get(12..)?) {
            match attribute.kind {
                6 => route.metric = u32_at(attribute.body, 0)?,
                9 => route.take_next_hop(family, attribute.body.get(8..first_hop(attribute.body))?),
                15 => table = u32_at(attribute.body, 0)?,
                _ => {}
            }
            if attribute.kind == 9 && route.index == 0 {
                route.index = u32_at(attribute.body, 4)?;
            }
        }
        let direct = self.body.get(12..)?;
        route.take_next_hop(family, direct);
        (table == MAIN_TABLE && route.index != 0).then_some(route)
    }
}

/// Length of the first next hop of several (`struct rtnexthop`).
fn first_hop(octets: &[u8]) -> usize {
    usize::from(u16_at(octets, 0).unwrap_or(0)).min(octets.len())
}

impl Route {
    /// Interface and gateway out of these attributes, where they have them.
    fn take_next_hop(&mut self, family: u8, octets: &[u8]) {
        for attribute in attributes(octets) {
            match attribute.kind {
                4 => self.index = u32_at(attribute.body, 0).unwrap_or(self.index),
                5 => self.gateway = ip(family, attribute.body).or(self.gateway),
                // RTA_VIA: a gateway of another family (RFC 5549).
                18 => {
                    let via = u16_at(attribute.body, 0).and_then(|f| u8::try_from(f).ok());
                    let gateway = via.and_then(|f| ip(f, attribute.body.get(2..)?));
                    self.gateway = gateway.or(self.gateway);
                }
                _ => {}
            }
        }
    }
}

struct Attribute<'a> {
    kind: u16,
    body: &'a [u8],
}

fn attributes(mut octets: &[u8]) -> impl Iterator<Item = Attribute<'_>> {
    std::iter::from_fn(move || {
        let length = usize::from(u16_at(octets, 0)?);
        let body = octets.get(4..length)?;
        // The upper two bits are flags.
        let kind = u16_at(octets, 2)? & 0x3fff;
        octets = octets.get(aligned(length)..).unwrap_or_default();
        Some(Attribute { kind, body })
    })
}

/// The request for all objects of a kind.
pub(super) fn dump_request(kind: u16, family: u8, sequence: u32) -> Vec<u8> {
    const NLM_F_REQUEST: u16 = 0x1;
    const NLM_F_DUMP: u16 = 0x300;
    // The longest of the three bodies (`struct ifinfomsg`) serves for all.
    let mut body = [0_u8; 16];
    body[0] = family;
    message(kind, NLM_F_REQUEST | NLM_F_DUMP, sequence, &body)
}

fn message(kind: u16, flags: u16, sequence: u32, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(HEADER + body.len()).unwrap_or(u32::MAX);
    let mut octets = length.to_ne_bytes().to_vec();
    octets.extend(kind.to_ne_bytes());
    octets.extend(flags.to_ne_bytes());
    octets.extend(sequence.to_ne_bytes());
    octets.extend([0; 4]);
    octets.extend(body);
    octets
}

fn aligned(length: usize) -> usize {
    length.next_multiple_of(4)
}

fn u16_at(octets: &[u8], at: usize) -> Option<u16> {
    octets.get(at..at + 2)?.try_into().ok().map(u16::from_ne_bytes)
}

fn u32_at(octets: &[u8], at: usize) -> Option<u32> {
    octets.get(at..at + 4)?.try_into().ok().map(u32::from_ne_bytes)
}

fn u64_at(octets: &[u8], at: usize) -> Option<u64> {
    octets.get(at..at + 8)?.try_into().ok().map(u64::from_ne_bytes)
}

/// An address of this family.
fn ip(family: u8, octets: &[u8]) -> Option<IpAddr> {
    match family {
        AF_INET => <[u8; 4]>::try_from(octets).ok().map(IpAddr::from),
        AF_INET6 => <[u8; 16]>::try_from(octets).ok().map(IpAddr::from),
        _ => None,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    fn attribute(kind: u16, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(4 + body.len()).unwrap();
        let mut octets = [length.to_ne_bytes(), kind.to_ne_bytes()].concat();
        octets.extend(body);
        octets.resize(aligned(octets.len()), 0);
        octets
    }

    fn link(family: u8, index: u32, flags: u32, name: &str) -> Vec<u8> {
        let mut body = vec![family, 0, 1, 0];
        body.extend(index.to_ne_bytes());
        body.extend(flags.to_ne_bytes());
        body.extend([0; 4]);
        body.extend(attribute(3, format!("{name}\0").as_bytes()));
        message(RTM_NEWLINK, 0, 0, &body)
    }

    fn route(family: u8, table: u8, attributes: &[Vec<u8>]) -> Vec<u8> {
        let mut body = vec![family, 0, 0, 0, table, 4, 0, 1, 0, 0, 0, 0];
        body.extend(attributes.concat());
        message(RTM_NEWROUTE, 0, 0, &body)
    }

    #[track_caller]
    fn check(octets: &[u8], expected: Option<Message>) {
        let all: Vec<_> = messages(octets).map(|raw| raw.understand()).collect();
        assert_eq!(all, [expected]);
    }

    #[test]
    fn carrier_is_lower_up_of_an_interface_that_is_up() {
        for (flags, carrier) in [(0x1_0001, true), (0x1, false), (0x1_0000, false)] {
            let expected = Link { index: 7, name: "eth0".to_owned(), carrier, loopback: false };
            check(&link(0, 7, flags, "eth0"), Some(Message::Link(expected)));
        }
    }

    #[test]
    fn counters_are_those_of_64_bits_where_there_are_any() {
        let narrow: Vec<u8> = (1..=23_u32).flat_map(u32::to_ne_bytes).collect();
        let wide: Vec<u8> = (101..=124_u64).flat_map(u64::to_ne_bytes).collect();
        let of = |more: &[Vec<u8>]| {
            let mut octets = link(0, 7, 1, "eth0");
            octets.extend(more.concat());
            let length = u32::try_from(octets.len()).unwrap();
            octets[..4].copy_from_slice(&length.to_ne_bytes());
            let raw = messages(&octets).next().unwrap();
            assert_eq!(raw.counters("eth1"), None);
            raw.counters("eth0")
        };
        let (narrow, wide) = (attribute(7, &narrow), attribute(23, &wide));
        assert_eq!(of(&[]), None);
        let expected = |received, sent| Some(Counters { index: 7, received, sent });
        assert_eq!(of(std::slice::from_ref(&narrow)), expected(3, 4));
        assert_eq!(of(&[narrow, wide]), expected(103, 104));
        assert_eq!(of(&[attribute(23, &[0; 31])]), None);
    }

    #[test]
    fn what_a_bridge_says_of_its_ports_is_no_link() {
        check(&link(7, 7, 0x1_0001, "eth0"), None);
    }

    #[test]
    fn an_address_is_our_own_side_of_a_point_to_point_link() {
        let mut body = vec![AF_INET, 32, 0, 0, 5, 0, 0, 0];
        body[4..8].copy_from_slice(&5_u32.to_ne_bytes());
        body.extend(attribute(1, &[10, 0, 0, 2]));
        body.extend(attribute(2, &[10, 0, 0, 1]));
        let expected = Message::Address { index: 5, address: [10, 0, 0, 1].into(), present: false };
        check(&message(RTM_DELADDR, 0, 0, &body), Some(expected));
    }

    #[test]
    fn default_routes_of_all_kinds_are_understood() {
        let oif = attribute(4, &3_u32.to_ne_bytes());
        let gateway = attribute(5, &[192, 168, 1, 1]);
        let metric = attribute(6, &100_u32.to_ne_bytes());
        let plain = Route { v6: false, index: 3, gateway: None, metric: 0 };
        let via = Route { gateway: Some([192, 168, 1, 1].into()), metric: 100, ..plain.clone() };
        check(&route(AF_INET, 254, std::slice::from_ref(&oif)), Some(Message::DefaultRoute(plain)));
        let all = [gateway.clone(), metric.clone(), oif.clone()];
        check(&route(AF_INET, 254, &all), Some(Message::DefaultRoute(via.clone())));
        check(&route(AF_INET, 100, &all), Some(Message::NoDefaultRoute));

        let mut hop = vec![0, 0, 0, 0];
        hop.extend(3_u32.to_ne_bytes());
        hop.extend(&gateway);
        let length = u16::try_from(hop.len()).unwrap();
        hop[..2].copy_from_slice(&length.to_ne_bytes());
        let two = [hop.clone(), hop].concat();
        let multipath = [metric, attribute(9, &two)];
        check(&route(AF_INET, 254, &multipath), Some(Message::DefaultRoute(via)));

        let six: IpAddr = "fe80::1".parse().unwrap();
        let IpAddr::V6(octets) = six else { unreachable!() };
        let via_six = [&10_u16.to_ne_bytes()[..], &octets.octets()].concat();
        let expected = Route { v6: false, index: 3, gateway: Some(six), metric: 0 };
        let all = [attribute(18, &via_six), oif];
        check(&route(AF_INET, 254, &all), Some(Message::DefaultRoute(expected)));
    }

    #[test]
    fn a_message_that_does_not_fit_ends_the_datagram() {
        let mut two = [link(0, 1, 0, "a"), link(0, 2, 0, "b")].concat();
        two.truncate(two.len() - 1);
        assert_eq!(messages(&two).count(), 1);
        assert_eq!(messages(&[0; 64]).count(), 0);
    }

    proptest! {
        #[test]
        fn no_octets_make_the_parser_panic(octets in prop::collection::vec(any::<u8>(), 0..200)) {
            for kind in RTM_NEWLINK..=RTM_DELROUTE {
                let raw = message(kind, 0, 0, &octets);
                for raw in messages(&raw) {
                    let _ = (raw.understand(), raw.counters("eth0"));
                }
            }
            let _ = messages(&octets).count();
        }

        #[test]
        fn no_damage_makes_the_parser_panic(at in 16_usize..80, octet: u8) {
            let hop = [&[20_u8, 0, 0, 0, 3, 0, 0, 0][..], &attribute(5, &[1, 2, 3, 4])].concat();
            let mut octets = route(AF_INET, 254, &[
                attribute(4, &[3, 0, 0, 0]), attribute(9, &hop), attribute(18, &[2, 0, 1, 2, 3, 4]),
            ]);
            if let Some(hit) = octets.get_mut(at) {
                *hit = octet;
            }
            for raw in messages(&octets) {
                let _ = raw.understand();
            }
        }
    }
}
