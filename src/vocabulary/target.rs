//! Targets: what is probed, how, and where it is.

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::endpoint::{Destination, Endpoint};
use super::kind::Kind;
use super::private::is_private;
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

/// Whether a default gateway with this address is the ISP's, not the home's: a public or shared
/// IPv4 address. Routers of homes have global IPv6 addresses, which say nothing.
pub fn is_isps_gateway(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            !is_private(ip.into()) || (a == 100 && b & 0xC0 == 64)
        }
        IpAddr::V6(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_at_a_public_or_shared_address_is_the_isps() {
        let isps = |text: &str| is_isps_gateway(text.parse().unwrap());
        for ours in
            ["192.168.1.1", "10.0.0.1", "172.31.0.1", "169.254.1.1", "fe80::1", "2001:db8::1"]
        {
            assert!(!isps(ours), "{ours}");
        }
        for theirs in
            ["203.0.113.1", "100.64.0.1", "100.127.255.254", "8.8.8.8", "::ffff:203.0.113.1"]
        {
            assert!(isps(theirs), "{theirs}");
        }
        assert!(isps("100.128.0.1") && !isps("192.0.0.1"));
    }
}
