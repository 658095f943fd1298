//! Echo requests and replies as octets (RFC 792, RFC 4443), built and parsed with pnet.
//!
//! The payload is a magic word, the 64-bit number of the probe and a 64-bit random nonce, all in
//! network order. The kernel computes `ICMPv6` checksums, and on datagram sockets it puts in its
//! own identifier. Nothing here trusts what it reads, and nothing panics on it.

use pnet::packet::icmp::{self, IcmpPacket, IcmpTypes, echo_reply, echo_request};
use pnet::packet::icmpv6::{
    Icmpv6Packet, Icmpv6Types, echo_reply as echo_reply6, echo_request as echo_request6,
};
use pnet::packet::ipv4::Ipv4Packet;
use pnet::packet::{MutablePacket, Packet};

use crate::vocabulary::IpVersion;

const MAGIC: [u8; 8] = *b"linkmon1";
const HEADER: usize = 8;
/// Where the nonce begins in an echo message.
pub(crate) const NONCE_AT: u32 = 24;
/// Octets of payload.
pub(crate) const PAYLOAD: usize = 24;
/// Octets of a whole request.
pub(crate) const LENGTH: usize = HEADER + PAYLOAD;

/// What distinguishes one probe from all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ProbeMark {
    /// Number of the probe in this process.
    pub(crate) number: u64,
    /// Random, so that only those who have seen the request can answer it.
    pub(crate) nonce: u64,
}

/// An echo header and, where the payload is one of ours, its mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Echo {
    /// Identifier of the socket.
    pub(crate) ident: u16,
    /// Sequence number.
    pub(crate) sequence: u16,
    /// The payload; `None` when it is not ours, or was cut off.
    pub(crate) mark: Option<ProbeMark>,
}

/// The payload of a request.
pub(crate) fn payload(mark: ProbeMark) -> [u8; PAYLOAD] {
    let mut octets = [0; PAYLOAD];
    octets[..8].copy_from_slice(&MAGIC);
    octets[8..16].copy_from_slice(&mark.number.to_be_bytes());
    octets[16..].copy_from_slice(&mark.nonce.to_be_bytes());
    octets
}

/// Reads a payload; `None` when it is not one of ours.
pub(crate) fn parse_payload(octets: &[u8]) -> Option<ProbeMark> {
    let rest = octets.strip_prefix(&MAGIC)?;
    let (number, rest) = rest.split_first_chunk()?;
    let (nonce, _) = rest.split_first_chunk()?;
    Some(ProbeMark { number: u64::from_be_bytes(*number), nonce: u64::from_be_bytes(*nonce) })
}

/// A whole echo request.
pub(crate) fn request(
    family: IpVersion,
    ident: u16,
    sequence: u16,
    mark: ProbeMark,
) -> [u8; LENGTH] {
    let mut octets = [0; LENGTH];
    match family {
        IpVersion::V4 => {
            let mut echo = echo_request::MutableEchoRequestPacket::new(&mut octets)
                .expect("the buffer has room for the header");
            echo.set_icmp_type(IcmpTypes::EchoRequest);
            echo.set_identifier(ident);
            echo.set_sequence_number(sequence);
            echo.payload_mut().copy_from_slice(&payload(mark));
            let view = IcmpPacket::new(&octets).expect("the buffer has room for the header");
            let checksum = icmp::checksum(&view);
            octets[2..4].copy_from_slice(&checksum.to_be_bytes());
        }
        IpVersion::V6 => {
            let mut echo = echo_request6::MutableEchoRequestPacket::new(&mut octets)
                .expect("the buffer has room for the header");
            echo.set_icmpv6_type(Icmpv6Types::EchoRequest);
            echo.set_identifier(ident);
            echo.set_sequence_number(sequence);
            echo.payload_mut().copy_from_slice(&payload(mark));
        }
    }
    octets
}

/// The ICMP message in what a raw IPv4 socket hands out: the IP header comes first there.
pub(crate) fn after_ip_header(octets: &[u8]) -> Option<&[u8]> {
    let header = usize::from(Ipv4Packet::new(octets)?.get_header_length()) * 4;
    octets.get(header..).filter(|_| header >= 20)
}

/// Reads an echo reply; `None` for every other message.
pub(crate) fn parse_reply(family: IpVersion, octets: &[u8]) -> Option<Echo> {
    match family {
        IpVersion::V4 => {
            let echo = echo_reply::EchoReplyPacket::new(octets)?;
            (echo.get_icmp_type() == IcmpTypes::EchoReply).then(|| Echo {
                ident: echo.get_identifier(),
                sequence: echo.get_sequence_number(),
                mark: parse_payload(echo.payload()),
            })
        }
        IpVersion::V6 => {
            let echo = echo_reply6::EchoReplyPacket::new(octets)?;
            (echo.get_icmpv6_type() == Icmpv6Types::EchoReply).then(|| Echo {
                ident: echo.get_identifier(),
                sequence: echo.get_sequence_number(),
                mark: parse_payload(echo.payload()),
            })
        }
    }
}

/// Reads an echo request that an ICMP error quotes; `None` for every other message.
pub(crate) fn parse_quoted_request(family: IpVersion, octets: &[u8]) -> Option<Echo> {
    let is_request = match family {
        IpVersion::V4 => IcmpPacket::new(octets)?.get_icmp_type() == IcmpTypes::EchoRequest,
        IpVersion::V6 => Icmpv6Packet::new(octets)?.get_icmpv6_type() == Icmpv6Types::EchoRequest,
    };
    // The layout of the two families and of request and reply is the same from here on.
    let echo = echo_request::EchoRequestPacket::new(octets)?;
    is_request.then(|| Echo {
        ident: echo.get_identifier(),
        sequence: echo.get_sequence_number(),
        mark: parse_payload(echo.payload()),
    })
}

#[cfg(test)]
#[path = "../../../tests/fuzz/packet.rs"]
mod fuzz;
#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn family() -> impl Strategy<Value = IpVersion> {
        prop_oneof![Just(IpVersion::V4), Just(IpVersion::V6)]
    }

    #[test]
    fn an_ipv4_request_has_the_checksum_of_rfc_792() {
        let octets = request(IpVersion::V4, 0x1234, 7, ProbeMark { number: 1, nonce: u64::MAX });
        let sum = octets.chunks(2).fold(0u32, |sum, pair| {
            let sum = sum + u32::from(u16::from_be_bytes([pair[0], pair[1]]));
            (sum & 0xffff) + (sum >> 16)
        });
        assert_eq!(sum, 0xffff);
        assert_eq!(octets[..2], [8, 0]);
    }

    #[test]
    fn an_icmp_error_is_not_a_reply() {
        let mut octets = request(IpVersion::V4, 1, 1, ProbeMark { number: 1, nonce: 1 });
        for icmp_type in [3, 8, 11] {
            octets[0] = icmp_type;
            assert_eq!(parse_reply(IpVersion::V4, &octets), None);
        }
    }

    proptest! {
        #[test]
        fn what_is_sent_is_read_back(
            family in family(), ident: u16, sequence: u16, number: u64, nonce: u64,
        ) {
            let mark = ProbeMark { number, nonce };
            let mut octets = request(family, ident, sequence, mark);
            let echo = Some(Echo { ident, sequence, mark: Some(mark) });
            prop_assert_eq!(parse_quoted_request(family, &octets), echo);
            octets[0] = if family == IpVersion::V4 { 0 } else { 129 };
            prop_assert_eq!(parse_reply(family, &octets), echo);
            let mut raw = vec![0x45; 1];
            raw.resize(20, 0);
            raw.extend(octets);
            prop_assert_eq!(after_ip_header(&raw), Some(&octets[..]));
        }

        #[test]
        fn damaged_packets_never_panic_nor_carry_a_mark_by_chance(
            family in family(), octets in prop::collection::vec(any::<u8>(), 0..80),
        ) {
            for echo in [parse_reply(family, &octets), parse_quoted_request(family, &octets)] {
                prop_assert!(echo.is_none_or(|e| e.mark.is_none()));
            }
            if let Some(rest) = after_ip_header(&octets) {
                prop_assert!(rest.len() + 20 <= octets.len());
            }
        }
    }
}
