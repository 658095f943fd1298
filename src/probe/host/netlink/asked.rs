//! What is asked about a single destination: the route that a packet there would take, and the
//! hardware addresses of neighbours.

use std::fmt::Write;
use std::net::IpAddr;

use netlink_packet_core::{NLM_F_REQUEST, ParseableParametrized};
use netlink_packet_route::AddressFamily;
use netlink_packet_route::neighbour::{
    NeighbourAddress, NeighbourAttribute, NeighbourHeader, NeighbourState,
};
use netlink_packet_route::route::{
    RouteAddress, RouteAttribute, RouteHeader, RouteLwEnCapType, RouteMessage, RouteType,
};

use super::{Neighbour, Raw, Route, RouteTaken, attributes, emit, request};
use crate::vocabulary::IpVersion;

/// Octets of the longest hardware address (`InfiniBand`).
const LONGEST_ADDRESS: usize = 20;

/// Asks for the route of a packet to `to`, over the interface `over` where one is given.
pub(in crate::probe::host) fn route_request(
    to: IpAddr,
    over: Option<u32>,
    sequence: u32,
) -> Vec<u8> {
    let mut message = RouteMessage::default();
    let (family, length, address) = match to {
        IpAddr::V4(ip) => (AddressFamily::Inet, 32, RouteAddress::Inet(ip)),
        IpAddr::V6(ip) => (AddressFamily::Inet6, 128, RouteAddress::Inet6(ip)),
    };
    message.header = RouteHeader {
        address_family: family,
        destination_prefix_length: length,
        ..RouteHeader::default()
    };
    message.attributes.push(RouteAttribute::Destination(address));
    message.attributes.extend(over.map(RouteAttribute::Oif));
    emit(libc::RTM_GETROUTE, NLM_F_REQUEST, sequence, &message)
}

/// Asks for all neighbours of a family.
pub(super) fn neighbours_request(version: IpVersion, sequence: u32) -> Vec<u8> {
    let family = match version {
        IpVersion::V4 => AddressFamily::Inet,
        IpVersion::V6 => AddressFamily::Inet6,
    };
    let header = NeighbourHeader { family, ..NeighbourHeader::default() };
    request(libc::RTM_GETNEIGH, sequence, &header)
}

impl Raw<'_> {
    /// The route that a packet would take, if this is the answer to [`route_request`] and there is
    /// one.
    pub(in crate::probe::host) fn route_taken(&self) -> Option<RouteTaken> {
        if self.0.message_type() != libc::RTM_NEWROUTE {
            return None;
        }
        let header = RouteHeader::parse(self.body()).ok()?;
        if header.kind != RouteType::Unicast {
            return None;
        }
        let mut route = Route { version: IpVersion::V4, index: 0, gateway: None, metric: 0 };
        let how = (header.address_family, header.kind, RouteLwEnCapType::None);
        for attribute in attributes(self.body().get(header_length(&header)..)?) {
            if let Ok(known) = RouteAttribute::parse_with_param(&attribute, how) {
                route.take_next_hop(&known);
            }
        }
        let Route { index, gateway, .. } = route;
        (index != 0).then_some(RouteTaken { index, gateway })
    }

    /// What it says of a neighbour.
    pub(super) fn neighbour(&self) -> Option<Neighbour> {
        let header = NeighbourHeader::parse(self.body()).ok()?;
        let (mut address, mut mac) = (None, None);
        for attribute in attributes(self.body().get(neighbour_header_length(&header)..)?) {
            match NeighbourAttribute::parse_with_param(&attribute, header.family) {
                Ok(NeighbourAttribute::Destination(NeighbourAddress::Inet(ip))) => {
                    address = Some(IpAddr::V4(ip));
                }
                Ok(NeighbourAttribute::Destination(NeighbourAddress::Inet6(ip))) => {
                    address = Some(IpAddr::V6(ip));
                }
                Ok(NeighbourAttribute::LinkLayerAddress(octets)) => mac = hardware(&octets),
                _ => {}
            }
        }
        let is_gone = self.0.message_type() == libc::RTM_DELNEIGH;
        let is_dead = matches!(header.state, NeighbourState::Failed | NeighbourState::Incomplete);
        let mac = mac.filter(|_| !is_gone && !is_dead);
        Some(Neighbour { index: header.ifindex, address: address?, mac })
    }
}

fn header_length(header: &RouteHeader) -> usize {
    netlink_packet_core::Emitable::buffer_len(header)
}

fn neighbour_header_length(header: &NeighbourHeader) -> usize {
    netlink_packet_core::Emitable::buffer_len(header)
}

/// A hardware address as it is written; `None` where there is none.
pub(super) fn hardware(octets: &[u8]) -> Option<String> {
    if octets.len() > LONGEST_ADDRESS || octets.iter().all(|octet| *octet == 0) {
        return None;
    }
    let mut text = String::with_capacity(octets.len() * 3);
    for (n, octet) in octets.iter().enumerate() {
        let colon = if n == 0 { "" } else { ":" };
        // Writing to a string cannot fail.
        let _ = write!(text, "{colon}{octet:02x}");
    }
    Some(text)
}
