//! Targets: what is probed, how, and where it is.

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::address::is_isps_gateway;
use super::endpoint::{Destination, Endpoint};
use super::kind::Kind;
use crate::text::words::word_enum;

/// Names of the ISP's hops behind its first, in order.
pub const INNER_HOPS: [&str; 2] = ["isp-2", "isp-3"];

/// A target in one database, 1 to 255; never given to another target later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TargetId(pub u8);

word_enum! {
    /// Where a target is, seen from the host.
    pub enum Role: "role" {
        /// The router of the home.
        Gateway = "gateway",
        /// The modem's own address.
        Modem = "modem",
        /// The ISP's first hop or resolver.
        Isp = "isp",
        /// An independent public host: the silence of all of them means that the uplink is down.
        Anchor = "anchor",
        /// What the owner cares about: a mail server, a VPN, a web site.
        Service = "service",
    }
}

/// What is probed, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its number in this database.
    pub id: TargetId,
    /// Short name, unique among the targets in use: `gateway`, `cloudflare`, `cloudflare-v6`.
    pub name: String,
    /// How it is probed.
    pub kind: Kind,
    /// Where it is, seen from the host.
    pub role: Role,
    /// Its address: a literal address for ICMP (`1.1.1.1`), a URL for HTTP, `name@server[:port]`
    /// for DNS, `host:port` for TCP.
    pub endpoint: Endpoint,
    /// Distance of its slots.
    pub interval: Duration,
}

impl Target {
    /// The literal address of an ICMP target.
    pub fn ip(&self) -> Option<IpAddr> {
        match self.endpoint.destination() {
            Destination::Icmp(address) => Some(*address),
            _ => None,
        }
    }

    /// Its role as a witness of the place of a fault. A gateway at a public IPv4 address, or at one
    /// that an ISP shares among customers (RFC 6598), is a router of the ISP: behind it, there is
    /// no home.
    pub fn witness_role(&self) -> Role {
        match self.ip() {
            Some(ip) if self.role == Role::Gateway && is_isps_gateway(ip) => Role::Isp,
            _ => self.role,
        }
    }

    /// Whether it is one of the ISP's hops behind its first, as discovery names them.
    pub fn is_inner_hop(&self) -> bool {
        self.role == Role::Isp && INNER_HOPS.contains(&self.name.as_str())
    }

    /// Whether it is an ICMP target with an IPv6 address.
    pub fn is_v6(&self) -> bool {
        self.ip().is_some_and(|ip| ip.is_ipv6())
    }
}
