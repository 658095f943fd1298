//! Route netlink (rtnetlink(7)): from octets to links, addresses and default routes, by the packet
//! crates of the rust-netlink project.
//!
//! Only what linkmon looks at is read; everything else, and whatever is damaged, is passed over.
//! Attributes are parsed one by one: an attribute that the crate does not understand, of a newer
//! kernel, say, does not cost the whole message. Nothing here does I/O or panics.

use std::net::IpAddr;

use netlink_packet_core::{
    Emitable, ErrorBuffer, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST, NLMSG_DONE, NLMSG_ERROR,
    NetlinkBuffer, NetlinkHeader, NlaBuffer, NlasIterator, Parseable, ParseableParametrized,
};
use netlink_packet_route::AddressFamily;
use netlink_packet_route::address::{AddressAttribute, AddressHeader};
use netlink_packet_route::link::{LinkAttribute, LinkFlags, LinkHeader};
use netlink_packet_route::route::{
    RouteAddress, RouteAttribute, RouteFlags, RouteHeader, RouteLwEnCapType, RouteNextHop,
    RouteType, RouteVia,
};
use nix::errno::Errno;

use super::Counters;
use crate::vocabulary::IpVersion;

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Objects {
    Links,
    Addresses,
    Routes(AddressFamily),
}

/// One message of a datagram.
pub(super) struct Raw<'a>(NetlinkBuffer<&'a [u8]>);

/// What a message is in the answer to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DumpPart {
    /// An object.
    Object,
    /// The end.
    Done,
    /// The request was refused.
    Refused(Errno),
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Message {
    Link(KernelLink),
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
pub(super) struct KernelLink {
    pub(super) index: u32,
    pub(super) name: String,
    pub(super) carrier: bool,
    pub(super) loopback: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) version: IpVersion,
    pub(super) index: u32,
    /// `None`: everything is on the link itself (PPP, tunnels).
    pub(super) gateway: Option<IpAddr>,
    /// The least is in use.
    pub(super) metric: u32,
}

/// The messages of a datagram; ends at the first that does not fit.
pub(super) fn messages(mut octets: &[u8]) -> impl Iterator<Item = Raw<'_>> {
    std::iter::from_fn(move || {
        if octets.is_empty() {
            return None;
        }
        let message = NetlinkBuffer::new_checked(octets).ok()?;
        let length = usize::try_from(message.length()).ok()?.next_multiple_of(4);
        octets = octets.get(length..).unwrap_or_default();
        Some(Raw(message))
    })
}

/// The request for all objects of a kind.
pub(super) fn dump_request(objects: Objects, sequence: u32) -> Vec<u8> {
    match objects {
        Objects::Links => request(libc::RTM_GETLINK, sequence, &LinkHeader::default()),
        Objects::Addresses => request(libc::RTM_GETADDR, sequence, &AddressHeader::default()),
        Objects::Routes(address_family) => {
            let body = RouteHeader { address_family, ..RouteHeader::default() };
            request(libc::RTM_GETROUTE, sequence, &body)
        }
    }
}

fn request(kind: u16, sequence: u32, body: &impl Emitable) -> Vec<u8> {
    let mut header = NetlinkHeader::default();
    let start = header.buffer_len();
    let mut octets = vec![0; start + body.buffer_len()];
    header.length = u32::try_from(octets.len()).unwrap_or(u32::MAX);
    header.message_type = kind;
    header.flags = NLM_F_REQUEST | NLM_F_DUMP;
    header.sequence_number = sequence;
    header.emit(&mut octets);
    body.emit(&mut octets[start..]);
    octets
}

impl<'a> Raw<'a> {
    /// Number of the request that it answers.
    pub(super) fn sequence(&self) -> u32 {
        self.0.sequence_number()
    }

    /// Whether something changed while the dump was taken.
    pub(super) fn was_disturbed(&self) -> bool {
        self.0.flags() & NLM_F_DUMP_INTR != 0
    }

    /// What it is in the answer.
    pub(super) fn part(&self) -> DumpPart {
        match self.0.message_type() {
            NLMSG_DONE => DumpPart::Done,
            NLMSG_ERROR => {
                let code = ErrorBuffer::new_checked(self.body()).ok().and_then(|e| e.code());
                DumpPart::Refused(Errno::from_raw(code.map_or(0, |code| code.get().wrapping_neg())))
            }
            _ => DumpPart::Object,
        }
    }

    /// What it says; `None` if that is nothing of interest, or damaged.
    pub(super) fn understand(&self) -> Option<Message> {
        match self.0.message_type() {
            libc::RTM_NEWLINK | libc::RTM_DELLINK => self.link(),
            libc::RTM_NEWADDR | libc::RTM_DELADDR => self.address(),
            libc::RTM_NEWROUTE | libc::RTM_DELROUTE => self.route(),
            _ => None,
        }
    }

    /// The byte counters of the link with this name; `None` if it is another message or link.
    pub(super) fn counters(&self, of: &str) -> Option<Counters> {
        if self.0.message_type() != libc::RTM_NEWLINK {
            return None;
        }
        let (header, attributes) = self.link_parts()?;
        let attributes = || attributes.clone().filter_map(|a| link_attribute(&a));
        if attributes().find_map(name)? != of {
            return None;
        }
        let index = header.index;
        let (mut wide, mut narrow) = (None, None);
        for attribute in attributes() {
            match attribute {
                LinkAttribute::Stats64(s) => wide = Some((s.rx_bytes, s.tx_bytes)),
                LinkAttribute::Stats(s) => narrow = Some((s.rx_bytes.into(), s.tx_bytes.into())),
                _ => {}
            }
        }
        let (received, sent) = wide.or(narrow)?;
        Some(Counters { index, received, sent })
    }

    fn body(&self) -> &'a [u8] {
        self.0.payload()
    }

    /// Header and attributes of a message about a link.
    fn link_parts(
        &self,
    ) -> Option<(LinkHeader, impl Iterator<Item = NlaBuffer<&'a [u8]>> + Clone)> {
        let header = LinkHeader::parse(self.body()).ok()?;
        // Bridges report their ports in messages of the same kind, in which "gone" means gone
        // from the bridge; their family is AF_BRIDGE.
        if header.interface_family != AddressFamily::Unspec {
            return None;
        }
        let attributes = attributes(self.body().get(header.buffer_len()..)?);
        Some((header, attributes))
    }

    fn link(&self) -> Option<Message> {
        let (header, mut attributes) = self.link_parts()?;
        let index = header.index;
        if self.0.message_type() == libc::RTM_DELLINK {
            return Some(Message::LinkGone { index });
        }
        Some(Message::Link(KernelLink {
            index,
            name: attributes.find_map(|a| link_attribute(&a).and_then(name))?,
            carrier: header.flags.contains(LinkFlags::Up | LinkFlags::LowerUp),
            loopback: header.flags.contains(LinkFlags::Loopback),
        }))
    }

    fn address(&self) -> Option<Message> {
        let header = AddressHeader::parse(self.body()).ok()?;
        let (mut address, mut local) = (None, None);
        for attribute in attributes(self.body().get(header.buffer_len()..)?) {
            match AddressAttribute::parse(&attribute) {
                Ok(AddressAttribute::Address(ip)) => address = Some(ip),
                Ok(AddressAttribute::Local(ip)) => local = Some(ip),
                _ => {}
            }
        }
        // On point-to-point links IFA_ADDRESS is the other side's.
        let address = local.or(address)?;
        let present = self.0.message_type() == libc::RTM_NEWADDR;
        Some(Message::Address { index: header.index, address, present })
    }

    fn route(&self) -> Option<Message> {
        let header = RouteHeader::parse(self.body()).ok()?;
        // Of a router with a million routes only the default ones are of interest.
        if header.destination_prefix_length != 0 {
            return None;
        }
        let came = self.0.message_type() == libc::RTM_NEWROUTE;
        let in_use = came.then(|| self.default_route(&header)).flatten();
        Some(in_use.map_or(Message::NoDefaultRoute, Message::DefaultRoute))
    }

    fn default_route(&self, header: &RouteHeader) -> Option<Route> {
        let family = header.address_family;
        let to_all = header.source_prefix_length == 0 && header.kind == RouteType::Unicast;
        if !to_all || header.flags.intersects(RouteFlags::Cloned | RouteFlags::Dead) {
            return None;
        }
        let version = match family {
            AddressFamily::Inet => IpVersion::V4,
            AddressFamily::Inet6 => IpVersion::V6,
            _ => return None,
        };
        let mut table = u32::from(header.table);
        let mut route = Route { version, index: 0, gateway: None, metric: 0 };
        let how = (family, header.kind, RouteLwEnCapType::None);
        let mut first_hop = None;
        for attribute in attributes(self.body().get(header.buffer_len()..)?) {
            if attribute.kind() == libc::RTA_MULTIPATH {
                first_hop = Some(RouteNextHop::parse_with_param(attribute.value(), how).ok()?);
                continue;
            }
            match RouteAttribute::parse_with_param(&attribute, how) {
                Ok(RouteAttribute::Priority(metric)) => route.metric = metric,
                Ok(RouteAttribute::Table(number)) => table = number,
                Ok(other) => route.take_next_hop(&other),
                Err(_) => {}
            }
        }
        if let Some(hop) = first_hop.filter(|_| route.index == 0) {
            route.index = hop.interface_index;
            for attribute in hop.attributes {
                route.take_next_hop(&attribute);
            }
        }
        (table == u32::from(RouteHeader::RT_TABLE_MAIN) && route.index != 0).then_some(route)
    }
}

impl Route {
    /// Takes interface and gateway out of an attribute, if it has them.
    fn take_next_hop(&mut self, attribute: &RouteAttribute) {
        match *attribute {
            RouteAttribute::Oif(index) => self.index = index,
            RouteAttribute::Gateway(RouteAddress::Inet(ip))
            | RouteAttribute::Via(RouteVia::Inet(ip)) => self.gateway = Some(ip.into()),
            // Via: a gateway of another family (RFC 5549).
            RouteAttribute::Gateway(RouteAddress::Inet6(ip))
            | RouteAttribute::Via(RouteVia::Inet6(ip)) => self.gateway = Some(ip.into()),
            _ => {}
        }
    }
}

/// The attributes up to the first that does not fit.
fn attributes(octets: &[u8]) -> impl Iterator<Item = NlaBuffer<&[u8]>> + Clone {
    NlasIterator::new(octets).map_while(Result::ok)
}

fn link_attribute(octets: &NlaBuffer<&[u8]>) -> Option<LinkAttribute> {
    LinkAttribute::parse_with_param(octets, AddressFamily::Unspec).ok()
}

fn name(attribute: LinkAttribute) -> Option<String> {
    match attribute {
        LinkAttribute::IfName(name) => Some(name),
        _ => None,
    }
}

#[cfg(test)]
#[path = "../../../tests/fuzz/netlink.rs"]
mod fuzz;
#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    const AF_INET: u8 = 2;

    fn message(kind: u16, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(16 + body.len()).unwrap();
        let mut octets = length.to_ne_bytes().to_vec();
        octets.extend(kind.to_ne_bytes());
        octets.extend([0; 10]);
        octets.extend(body);
        octets
    }

    fn attribute(kind: u16, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(4 + body.len()).unwrap();
        let mut octets = [length.to_ne_bytes(), kind.to_ne_bytes()].concat();
        octets.extend(body);
        octets.resize(octets.len().next_multiple_of(4), 0);
        octets
    }

    fn link(family: u8, index: u32, flags: u32, name: &str) -> Vec<u8> {
        let mut body = vec![family, 0, 1, 0];
        body.extend(index.to_ne_bytes());
        body.extend(flags.to_ne_bytes());
        body.extend([0; 4]);
        body.extend(attribute(3, format!("{name}\0").as_bytes()));
        message(libc::RTM_NEWLINK, &body)
    }

    fn route(family: u8, table: u8, attributes: &[Vec<u8>]) -> Vec<u8> {
        let mut body = vec![family, 0, 0, 0, table, 4, 0, 1, 0, 0, 0, 0];
        body.extend(attributes.concat());
        message(libc::RTM_NEWROUTE, &body)
    }

    #[track_caller]
    fn check(octets: &[u8], expected: Option<Message>) {
        let all: Vec<_> = messages(octets).map(|raw| raw.understand()).collect();
        assert_eq!(all, [expected]);
    }

    #[test]
    fn carrier_is_lower_up_of_an_interface_that_is_up() {
        for (flags, carrier) in [(0x1_0001, true), (0x1, false), (0x1_0000, false)] {
            let expected =
                KernelLink { index: 7, name: "eth0".to_owned(), carrier, loopback: false };
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
        check(&message(libc::RTM_DELADDR, &body), Some(expected));
    }

    #[test]
    fn default_routes_of_all_kinds_are_understood() {
        let oif = attribute(4, &3_u32.to_ne_bytes());
        let gateway = attribute(5, &[192, 168, 1, 1]);
        let metric = attribute(6, &100_u32.to_ne_bytes());
        let plain = Route { version: IpVersion::V4, index: 3, gateway: None, metric: 0 };
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
        let expected = Route { version: IpVersion::V4, index: 3, gateway: Some(six), metric: 0 };
        let all = [attribute(18, &via_six), oif];
        check(&route(AF_INET, 254, &all), Some(Message::DefaultRoute(expected)));
    }

    #[test]
    fn an_attribute_that_is_not_understood_costs_no_other() {
        let odd = attribute(4, &[1, 2]);
        let mut octets = link(0, 7, 1, "eth0");
        octets.splice(32..32, odd.clone());
        let length = u32::try_from(octets.len()).unwrap();
        octets[..4].copy_from_slice(&length.to_ne_bytes());
        let expected =
            KernelLink { index: 7, name: "eth0".to_owned(), carrier: false, loopback: false };
        check(&octets, Some(Message::Link(expected)));
        let oif = attribute(4, &3_u32.to_ne_bytes());
        let plain = Route { version: IpVersion::V4, index: 3, gateway: None, metric: 0 };
        let all = [odd, attribute(8, &[9; 3]), attribute(5, &[1]), oif];
        check(&route(AF_INET, 254, &all), Some(Message::DefaultRoute(plain)));
    }

    #[test]
    fn requests_ask_for_all_objects_of_a_kind() {
        let request = dump_request(Objects::Routes(AddressFamily::Inet6), 7);
        let mut expected = message(libc::RTM_GETROUTE, &[10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        expected[6..8].copy_from_slice(&0x301_u16.to_ne_bytes());
        expected[8] = 7;
        assert_eq!(request, expected);
        assert_eq!(dump_request(Objects::Links, 1).len(), 32);
        assert_eq!(dump_request(Objects::Addresses, 1).len(), 24);
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
            for kind in libc::RTM_NEWLINK..=libc::RTM_DELROUTE {
                let raw = message(kind, &octets);
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
