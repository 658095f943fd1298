//! IPv4 or IPv6.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// One of the two protocols of the internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum IpVersion {
    #[serde(rename = "ipv4")]
    /// IPv4, with ICMP (RFC 792).
    V4,
    #[serde(rename = "ipv6")]
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

    /// `ipv4` or `ipv6`, as in the database and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::V4 => "ipv4",
            Self::V6 => "ipv6",
        }
    }

    /// That of an address.
    pub fn of(ip: IpAddr) -> Self {
        if ip.is_ipv4() { Self::V4 } else { Self::V6 }
    }
}
