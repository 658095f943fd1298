//! IPv4 or IPv6.

use std::net::IpAddr;

/// One of the two protocols of the internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IpVersion {
    /// IPv4, with ICMP (RFC 792).
    V4,
    /// IPv6, with `ICMPv6` (RFC 4443).
    V6,
}

impl IpVersion {
    /// Both of them.
    pub const BOTH: [Self; 2] = [Self::V4, Self::V6];

    /// Its place among both.
    pub fn index(self) -> usize {
        match self {
            Self::V4 => 0,
            Self::V6 => 1,
        }
    }

    /// That of an address.
    pub fn of(ip: IpAddr) -> Self {
        if ip.is_ipv4() { Self::V4 } else { Self::V6 }
    }
}
