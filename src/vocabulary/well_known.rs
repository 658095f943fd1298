//! Targets that linkmon knows without configuration: public anchors, connectivity checks, names
//! that it gives itself.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::address::is_private;
use super::endpoint::Endpoint;
use super::kind::Kind;
pub use super::target::INNER_HOPS;
use super::target::{Role, Target};

/// Public resolvers in networks of different owners: name, IPv4 address, IPv6 address.
pub const ANCHORS: [(&str, Ipv4Addr, Ipv6Addr); 3] = [
    (
        "cloudflare",
        Ipv4Addr::new(1, 1, 1, 1),
        Ipv6Addr::new(0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1111),
    ),
    (
        "google",
        Ipv4Addr::new(8, 8, 8, 8),
        Ipv6Addr::new(0x2001, 0x4860, 0x4860, 0, 0, 0, 0, 0x8888),
    ),
    ("quad9", Ipv4Addr::new(9, 9, 9, 9), Ipv6Addr::new(0x2620, 0xfe, 0, 0, 0, 0, 0, 0xfe)),
];

/// Connectivity checks of different owners, name and URL; plain HTTP, as portals cannot redirect
/// HTTPS.
pub const HTTP_CHECKS: [(&str, &str); 2] = [
    ("http-google", "http://connectivitycheck.gstatic.com/generate_204"),
    ("http-firefox", "http://detectportal.firefox.com/success.txt"),
];

/// Ends of names, and who owns them, where that is not plain from the name itself.
const OWNERS: [(&str, &str); 12] = [
    ("gstatic.com", "google"),
    ("google.com", "google"),
    ("googleapis.com", "google"),
    ("dns.google", "google"),
    ("firefox.com", "mozilla"),
    ("mozilla.org", "mozilla"),
    ("cloudflare.com", "cloudflare"),
    ("one.one.one.one", "cloudflare"),
    ("quad9.net", "quad9"),
    ("apple.com", "apple"),
    ("msftconnecttest.com", "microsoft"),
    ("microsoft.com", "microsoft"),
];

/// Who owns the far end of a target, as far as its address shows: a word that targets of one owner
/// share. Of an unknown name its last two labels, of an unknown address the address.
pub fn owner(endpoint: &Endpoint) -> String {
    if let Some(address) = endpoint.literal() {
        let known = ANCHORS
            .iter()
            .find(|(_, v4, v6)| address == IpAddr::V4(*v4) || address == IpAddr::V6(*v6));
        return known.map_or_else(|| address.to_string(), |(name, ..)| (*name).to_owned());
    }
    let Some(host) = endpoint.host() else { return endpoint.as_str().to_owned() };
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let is_of = |end: &str| host == end || host.ends_with(&format!(".{end}"));
    if let Some((_, owner)) = OWNERS.iter().find(|(end, _)| is_of(end)) {
        return (*owner).to_owned();
    }
    let mut labels = host.rsplit('.');
    match (labels.next(), labels.next()) {
        (Some(last), Some(before)) => format!("{before}.{last}"),
        _ => host,
    }
}

/// Whether only a home has a host of this name.
pub fn is_home_name(host: &str) -> bool {
    const ENDINGS: [&str; 7] =
        ["local", "lan", "home", "internal", "localdomain", "home.arpa", "fritz.box"];
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let ends = |ending: &&str| {
        host.strip_suffix(*ending).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    !host.contains('.') || ENDINGS.iter().any(ends)
}

/// Whether a web site or service is one of the home itself.
pub fn is_at_home(endpoint: &Endpoint) -> bool {
    match endpoint.literal() {
        Some(address) => is_private(address),
        None => endpoint.host().is_some_and(is_home_name),
    }
}

/// The name that DNS probes query unless another is configured. It is IANA's own (RFC 2606), exists
/// as long as DNS does, belongs to no provider whose outage or blocking would be mistaken for the
/// resolver's, has a small answer, and is known to every resolver, which nearly always answers it
/// from its cache. The root's own records would do as well, but some home routers and providers
/// refuse to forward such queries because they are used in amplification attacks.
pub const DNS_TEST_NAME: &str = "example.com";

/// The name of the target that queries the system's own name server.
pub const SYSTEM_RESOLVER: &str = "dns-system";

/// Whether the right answer of this HTTP target is known and only its owner gives it: it is one of
/// the connectivity checks, or was configured as an anchor.
pub fn is_connectivity_check(target: &Target) -> bool {
    let known = |(_, url): &(&str, &str)| *url == target.endpoint.as_str();
    target.kind == Kind::Http && (target.role == Role::Anchor || HTTP_CHECKS.iter().any(known))
}

/// Whether an address is one of linkmon's own public test points: it is the same for everyone and
/// reveals nothing about who probes it.
pub fn is_public_test_point(address: &str) -> bool {
    let anchor = |text: &str| {
        text.parse::<IpAddr>()
            .is_ok_and(|ip| ANCHORS.iter().any(|(_, v4, v6)| ip == IpAddr::V4(*v4) || ip == *v6))
    };
    let asked = address.split_once('@').filter(|(name, _)| *name == DNS_TEST_NAME);
    anchor(address)
        || asked.is_some_and(|(_, server)| anchor(server))
        || HTTP_CHECKS.iter().any(|(_, url)| *url == address)
}

/// Whether this is a name that linkmon itself gives to a target.
pub fn is_own_name(name: &str) -> bool {
    const OTHERS: [&str; 8] =
        ["gateway", "modem", "isp", "isp-2", "isp-3", "isp-v6", SYSTEM_RESOLVER, "dns-cloudflare"];
    let v4 = name.strip_suffix("-v6").unwrap_or(name);
    OTHERS.contains(&name)
        || ANCHORS.iter().any(|(anchor, ..)| *anchor == v4)
        || HTTP_CHECKS.iter().any(|(check, _)| *check == name)
}
