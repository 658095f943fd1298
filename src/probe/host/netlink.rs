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
use netlink_packet_route::link::{LinkAttribute, LinkFlags, LinkHeader, LinkInfo};
use netlink_packet_route::route::{
    RouteAddress, RouteAttribute, RouteFlags, RouteHeader, RouteLwEnCapType, RouteNextHop,
    RouteType, RouteVia,
};
use nix::errno::Errno;

use super::Counters;
use crate::vocabulary::IpVersion;

mod asked;
mod wireless;

use asked::neighbours_request;
pub(super) use asked::route_request;
pub(super) use wireless::{KernelStation, family_request, stations_request};

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Objects {
    Links,
    Addresses,
    Routes(AddressFamily),
    Neighbours(IpVersion),
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
pub(super) enum KernelNews {
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
    /// A route to some part of the world, which may be that of the anchors.
    OtherRoute,
    /// What is known of a neighbour's hardware address.
    Neighbour(Neighbour),
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct KernelLink {
    pub(super) index: u32,
    pub(super) name: String,
    pub(super) carrier: bool,
    pub(super) loopback: bool,
    pub(super) nature: LinkNature,
}

/// What the kernel says of the kind of a link.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct LinkNature {
    /// `ARPHRD_...` of `linux/if_arp.h`.
    pub(super) arphrd: u16,
    /// The driver's name for a virtual link (`tun`, `wireguard`, `vlan`).
    pub(super) kind: Option<String>,
}

/// An entry of the kernel's table of neighbours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Neighbour {
    pub(super) index: u32,
    pub(super) address: IpAddr,
    /// Its hardware address, where it has one.
    pub(super) mac: Option<String>,
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

/// How the kernel would send a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RouteTaken {
    /// Number of the interface.
    pub(super) index: u32,
    /// The next hop; `None`: the destination itself is next.
    pub(super) gateway: Option<IpAddr>,
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
        Objects::Neighbours(version) => neighbours_request(version, sequence),
    }
}

fn request(kind: u16, sequence: u32, body: &impl Emitable) -> Vec<u8> {
    emit(kind, NLM_F_REQUEST | NLM_F_DUMP, sequence, body)
}

/// A whole message.
fn emit(kind: u16, flags: u16, sequence: u32, body: &impl Emitable) -> Vec<u8> {
    let mut header = NetlinkHeader::default();
    let start = header.buffer_len();
    let mut octets = vec![0; start + body.buffer_len()];
    header.length = u32::try_from(octets.len()).unwrap_or(u32::MAX);
    header.message_type = kind;
    header.flags = flags;
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
    pub(super) fn understand(&self) -> Option<KernelNews> {
        match self.0.message_type() {
            libc::RTM_NEWLINK | libc::RTM_DELLINK => self.link(),
            libc::RTM_NEWADDR | libc::RTM_DELADDR => self.address(),
            libc::RTM_NEWROUTE | libc::RTM_DELROUTE => self.route(),
            libc::RTM_NEWNEIGH | libc::RTM_DELNEIGH => self.neighbour().map(KernelNews::Neighbour),
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

    fn link(&self) -> Option<KernelNews> {
        let (header, attributes) = self.link_parts()?;
        let index = header.index;
        if self.0.message_type() == libc::RTM_DELLINK {
            return Some(KernelNews::LinkGone { index });
        }
        let attributes = || attributes.clone().filter_map(|a| link_attribute(&a));
        let arphrd = header.link_layer_type.into();
        Some(KernelNews::Link(KernelLink {
            index,
            name: attributes().find_map(name)?,
            carrier: header.flags.contains(LinkFlags::Up | LinkFlags::LowerUp),
            loopback: header.flags.contains(LinkFlags::Loopback),
            nature: LinkNature { arphrd, kind: attributes().find_map(driver_kind) },
        }))
    }

    fn address(&self) -> Option<KernelNews> {
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
        Some(KernelNews::Address { index: header.index, address, present })
    }

    fn route(&self) -> Option<KernelNews> {
        let header = RouteHeader::parse(self.body()).ok()?;
        // Of a router with a million routes only the default ones are read.
        if header.destination_prefix_length != 0 {
            return Some(KernelNews::OtherRoute);
        }
        let came = self.0.message_type() == libc::RTM_NEWROUTE;
        let in_use = came.then(|| self.default_route(&header)).flatten();
        Some(in_use.map_or(KernelNews::NoDefaultRoute, KernelNews::DefaultRoute))
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

fn driver_kind(attribute: LinkAttribute) -> Option<String> {
    let LinkAttribute::LinkInfo(infos) = attribute else { return None };
    infos.into_iter().find_map(|info| match info {
        LinkInfo::Kind(kind) => Some(kind.to_string()),
        _ => None,
    })
}

#[cfg(test)]
#[path = "../../../tests/fuzz/netlink.rs"]
mod fuzz;
#[cfg(test)]
mod tests;
