//! Targets: what is probed, how, and where it stands.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A target in one database, 1 to 255; never given to another target later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TargetId(pub u8);

/// Where a target stands, seen from the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The router of the home.
    Gateway,
    /// The modem's own address.
    Modem,
    /// The ISP's first hop or resolver.
    Isp,
    /// An independent public host: the silence of all of them means that the uplink is down.
    Anchor,
    /// What the owner cares about: a mail server, a VPN, a web site.
    Service,
}

impl Role {
    /// All of them, from the host outwards.
    pub const ALL: [Self; 5] = [Self::Gateway, Self::Modem, Self::Isp, Self::Anchor, Self::Service];

    /// The word for it in configuration, database and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Modem => "modem",
            Self::Isp => "isp",
            Self::Anchor => "anchor",
            Self::Service => "service",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for Role {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|r| r.as_str() == word)
            .ok_or_else(|| format!("no role \"{word}\" (gateway, modem, isp, anchor or service)"))
    }
}

/// How a target is probed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// ICMP or `ICMPv6` echo.
    Icmp,
    /// HTTP or HTTPS GET over a fresh connection.
    Http,
    /// A DNS query over UDP to a chosen server.
    Dns,
    /// TCP connect.
    Tcp,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Icmp, Self::Http, Self::Dns, Self::Tcp];

    /// The word for it in configuration, database and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Icmp => "icmp",
            Self::Http => "http",
            Self::Dns => "dns",
            Self::Tcp => "tcp",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for Kind {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|k| k.as_str() == word)
            .ok_or_else(|| format!("no kind of probe \"{word}\" (icmp, http, dns or tcp)"))
    }
}

/// What is probed, as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Its number in this database.
    pub id: TargetId,
    /// Short name, unique among the targets in use: `gateway`, `cloudflare`, `cloudflare-v6`.
    pub name: String,
    /// How it is probed.
    pub kind: Kind,
    /// Where it stands.
    pub role: Role,
    /// Literal address for ICMP (`1.1.1.1`), URL for HTTP, `name@server[:port]` for DNS,
    /// `host:port` for TCP.
    pub address: String,
    /// Distance of its slots.
    pub interval: Duration,
}

impl Target {
    /// The literal address of an ICMP target.
    pub fn ip(&self) -> Option<IpAddr> {
        self.address.parse().ok()
    }
    /// Whether it is an ICMP target with an IPv6 address.
    pub fn is_v6(&self) -> bool {
        self.ip().is_some_and(|ip| ip.is_ipv6())
    }
}
