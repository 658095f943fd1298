//! The way by which packets leave this computer: its interface, the router next to it, and whether a
//! tunnel is in between.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::ip_version::IpVersion;
use crate::text::words::word_enum;
use crate::time::Timestamp;

word_enum! {
    /// What an interface is.
    pub enum Medium: "kind of interface" {
        /// Ethernet, or anything that looks like it.
        Cable = "cable",
        /// Wi-Fi.
        Wifi = "wifi",
        /// A modem for a mobile network, or a phone on USB.
        Mobile = "mobile",
        /// A link to the ISP without a router in between (`PPPoE` and the like).
        Ppp = "ppp",
        /// A tunnel, as of a VPN.
        Tunnel = "tunnel",
        /// Anything else.
        Other = "other",
    }
}

/// A way out, for one address family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Way {
    /// Name of the interface.
    pub interface: String,
    /// What it is.
    pub medium: Medium,
    /// The next router; `None` on links without one (PPP, tunnels).
    pub gateway: Option<IpAddr>,
    /// The hardware address of that router: `aa:bb:cc:dd:ee:ff`.
    #[serde(default)]
    pub mac: Option<String>,
    /// The ISP's first hop by this way, as far as it is known.
    #[serde(default)]
    pub isp_hop: Option<IpAddr>,
    /// The tunnel that other packets to the same place take, and that the probes keep out of.
    #[serde(default)]
    pub avoids: Option<String>,
}

impl Way {
    /// Whether it leads into the same line: by the same router, over whichever interface.
    pub fn is_same_line(&self, other: &Self) -> bool {
        let is_tunnel = |way: &Self| way.medium == Medium::Tunnel;
        if is_tunnel(self) != is_tunnel(other) {
            return false;
        }
        match (&self.mac, &other.mac) {
            (Some(a), Some(b)) if a == b => true,
            (Some(_), Some(_)) => self.has_known_hop_of(other),
            _ if self.interface != other.interface => false,
            _ => match (self.gateway, other.gateway) {
                (Some(a), Some(b)) if a.is_ipv4() == b.is_ipv4() => a == b,
                _ => true,
            },
        }
    }

    /// Another router at the same address in front of the same hop of the ISP: it was replaced.
    fn has_known_hop_of(&self, other: &Self) -> bool {
        let is_same = |a: Option<IpAddr>, b: Option<IpAddr>| a.is_some() && a == b;
        is_same(self.gateway, other.gateway) && is_same(self.isp_hop, other.isp_hop)
    }

    /// Whether the words of `name` (interface, kind, address or hardware address of the router) all
    /// describe it: `eth0`, `wlan0 192.168.1.1`.
    pub fn is_named(&self, name: &str) -> bool {
        let mut words = name.split([' ', ',', '\t']).filter(|word| !word.is_empty()).peekable();
        words.peek().is_some()
            && words.all(|word| {
                word == self.interface
                    || word == self.medium.as_str()
                    || word.parse().is_ok_and(|ip: IpAddr| Some(ip) == self.gateway)
                    || self.mac.as_deref().is_some_and(|mac| mac.eq_ignore_ascii_case(word))
            })
    }

    /// Whether its router is a phone's, by an address that phones and computers give to their
    /// hotspots, or its interface leads into a mobile network.
    pub fn is_mobile(&self) -> bool {
        const HOTSPOTS: [([u8; 4], u32); 4] = [
            ([172, 20, 10, 0], 28),   // iOS
            ([192, 168, 43, 0], 24),  // Android
            ([192, 168, 42, 0], 24),  // Android over USB
            ([192, 168, 137, 0], 24), // Windows
        ];
        let is_hotspot = |ip: std::net::Ipv4Addr| {
            HOTSPOTS.iter().any(|(net, bits)| {
                let mask = u32::MAX << (32 - bits);
                u32::from(ip) & mask == u32::from_be_bytes(*net)
            })
        };
        let by_address = |ip| matches!(ip, IpAddr::V4(ip) if is_hotspot(ip));
        self.medium == Medium::Mobile || self.gateway.is_some_and(by_address)
    }
}

/// From when on packets of a family leave by another way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayChange {
    /// The run in which it was seen.
    pub run: i64,
    /// When, in the UTC of that run.
    pub from: Timestamp,
    /// Whose packets.
    pub version: IpVersion,
    /// The way from then on; `None`: there is none.
    pub way: Option<Way>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(interface: &str, gateway: &str, mac: &str) -> Way {
        Way {
            interface: interface.to_owned(),
            medium: Medium::Cable,
            gateway: gateway.parse().ok(),
            mac: (!mac.is_empty()).then(|| mac.to_owned()),
            isp_hop: None,
            avoids: None,
        }
    }

    #[test]
    fn the_line_is_that_of_the_router_over_cable_or_wifi_and_either_family() {
        let cable = way("eth0", "192.168.1.1", "a");
        let wifi = Way { medium: Medium::Wifi, ..way("wlan0", "192.168.1.1", "a") };
        assert!(cable.is_same_line(&wifi));
        assert!(cable.is_same_line(&way("eth0", "fe80::1", "a")));
        assert!(cable.is_same_line(&way("eth0", "fe80::1", "")), "one router of each family");
        assert!(!cable.is_same_line(&way("wlan0", "172.20.10.1", "b")));
        assert!(!cable.is_same_line(&way("eth0", "192.168.1.1", "b")), "another home");
        assert!(!cable.is_same_line(&way("eth0", "192.168.2.1", "")));
        let tunnel = Way { medium: Medium::Tunnel, ..way("eth0", "", "") };
        assert!(!cable.is_same_line(&tunnel));
    }

    #[test]
    fn a_router_that_was_replaced_leads_into_the_same_line_if_the_isps_hop_is_the_same() {
        let isp_hop = "203.0.113.1".parse().ok();
        let old = Way { isp_hop, ..way("eth0", "192.168.1.1", "a") };
        assert!(old.is_same_line(&Way { isp_hop, ..way("eth0", "192.168.1.1", "b") }));
        assert!(!old.is_same_line(&way("eth0", "192.168.1.1", "b")));
    }

    #[test]
    fn a_way_is_named_by_any_of_its_words() {
        let way = way("eth0", "192.168.1.1", "aa:bb:cc:00:11:22");
        for name in ["eth0", "cable", "192.168.1.1", "eth0, 192.168.1.1", "AA:BB:CC:00:11:22"] {
            assert!(way.is_named(name), "{name}");
        }
        for name in ["", " ", "eth1", "eth0 192.168.2.1"] {
            assert!(!way.is_named(name), "{name}");
        }
    }

    #[test]
    fn a_phone_is_known_by_the_addresses_of_its_hotspot() {
        assert!(way("wlan0", "172.20.10.1", "").is_mobile());
        assert!(way("usb0", "192.168.42.129", "").is_mobile());
        assert!(!way("wlan0", "172.20.10.17", "").is_mobile());
        assert!(!way("wlan0", "192.168.1.1", "").is_mobile());
    }
}
