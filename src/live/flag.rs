//! The flags shown next to the state of the link.

use serde::{Deserialize, Serialize};

use crate::vocabulary::{Figures, NameServerPlace};

/// A flag shown next to the state of the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
pub enum Flag {
    /// Probes are lost, or answered late.
    Lossy,
    /// Delays are well above the usual.
    Slow,
    /// Some anchors are out of reach.
    Partial,
    /// One anchor answers alone, against all others.
    Disputed,
    /// A login page stands in the way.
    Login,
    /// ICMP is filtered.
    NoIcmp,
    /// IPv6 does not work.
    #[serde(rename = "NO-IPV6")]
    NoIpv6,
    /// Name servers do not answer, as far as they were asked.
    NoDns,
    /// The router's name server does not answer, another does.
    RouterDns,
    /// The network's name server does not answer, another does.
    NetworkDns,
    /// IPv4 does not work, IPv6 does.
    NoIpv4,
    /// Packets go by another way than the line.
    OtherWay,
    /// TCP does not work, pings do.
    NoTcp,
}

impl Flag {
    /// All flags, in the order in which they are shown.
    pub const ALL: [Self; 13] = [
        Self::Lossy,
        Self::Slow,
        Self::Partial,
        Self::Disputed,
        Self::Login,
        Self::NoIcmp,
        Self::NoIpv6,
        Self::NoDns,
        Self::RouterDns,
        Self::NetworkDns,
        Self::NoIpv4,
        Self::OtherWay,
        Self::NoTcp,
    ];

    /// The flag of an impairment; `None` for a route that became longer, which is an event and not
    /// a state.
    pub fn of(figures: &Figures) -> Option<Self> {
        Some(match figures {
            Figures::Loss(_) | Figures::Late(_) => Self::Lossy,
            Figures::Slow(_) => Self::Slow,
            Figures::RouteStep { .. } => return None,
            Figures::Ipv6(_) => Self::NoIpv6,
            Figures::Ipv4(_) => Self::NoIpv4,
            Figures::Dns(f) => match (f.answering, f.server) {
                (None, _) => Self::NoDns,
                (Some(_), NameServerPlace::Home) => Self::RouterDns,
                (Some(_), NameServerPlace::Beyond) => Self::NetworkDns,
            },
            Figures::Tcp(_) => Self::NoTcp,
            Figures::CaptivePortal(_) => Self::Login,
            Figures::IcmpFiltered(_) => Self::NoIcmp,
            Figures::SuspectVoice(_) | Figures::WebAlone(_) => Self::Disputed,
            Figures::OtherWay => Self::OtherWay,
            Figures::Partial { .. } => Self::Partial,
        })
    }

    /// Its word in the status, as shown and in JSON: `NO-IPV6`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lossy => "LOSSY",
            Self::Slow => "SLOW",
            Self::Partial => "PARTIAL",
            Self::Disputed => "DISPUTED",
            Self::Login => "LOGIN",
            Self::NoIcmp => "NO-ICMP",
            Self::NoIpv6 => "NO-IPV6",
            Self::NoDns => "NO-DNS",
            Self::RouterDns => "ROUTER-DNS",
            Self::NetworkDns => "NETWORK-DNS",
            Self::NoIpv4 => "NO-IPV4",
            Self::OtherWay => "OTHER-WAY",
            Self::NoTcp => "NO-TCP",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::NameServerFigures;

    #[test]
    fn a_flag_is_the_same_word_in_json() {
        for flag in Flag::ALL {
            assert_eq!(serde_json::to_value(flag).unwrap(), flag.as_str());
        }
    }

    #[test]
    fn a_name_server_that_fails_alone_has_a_flag_of_its_own() {
        let flag = |server, answering| {
            Flag::of(&Figures::Dns(NameServerFigures { server, answering, ..Default::default() }))
        };
        let other = Some("1.1.1.1".parse().unwrap());
        for (server, answering, expected) in [
            (NameServerPlace::Home, None, Flag::NoDns),
            (NameServerPlace::Beyond, None, Flag::NoDns),
            (NameServerPlace::Home, other, Flag::RouterDns),
            (NameServerPlace::Beyond, other, Flag::NetworkDns),
        ] {
            assert_eq!(flag(server, answering), Some(expected));
        }
    }
}
