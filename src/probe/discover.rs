//! Which targets to probe: from configuration, the host's [`HostSnapshot`] and what was found on the
//! path to the list of [`WantedTarget`] targets. The decision is pure; [`modem_answers`] alone asks.
//!
//! To be run again at the start, when `HostChange::DefaultRoute` or
//! `HostChange::Address` is reported, when the path was explored, when a
//! configured name was resolved for the first time, and once an hour. Nothing
//! changes when the result is the same as before.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::host::HostSnapshot;
use super::reach::Reach;
use crate::config::Config;
use crate::vocabulary::well_known::{
    ANCHORS, DNS_TEST_NAME, HTTP_CHECKS, INNER_HOPS, SYSTEM_RESOLVER,
};
use crate::vocabulary::{Destination, Endpoint, Kind, Role, Standing, is_isps_gateway, is_of_home};

/// How long to wait for a modem.
const MODEM_PATIENCE: Duration = Duration::from_secs(2);

/// A target that is to be probed; it has no number yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedTarget {
    /// Unique among the wanted.
    pub name: String,
    /// How to probe it.
    pub kind: Kind,
    /// Its place between the host and the internet.
    pub role: Role,
    /// Where it is. For ICMP, as long as a configured name has never been resolved, that name: such a
    /// probe is not sent for want of an address.
    pub endpoint: Endpoint,
    /// Distance of its slots.
    pub interval: Duration,
    /// What its answers may prove.
    pub standing: Standing,
}

impl WantedTarget {
    /// The literal address of an ICMP target.
    pub fn ip(&self) -> Option<IpAddr> {
        match self.endpoint.destination() {
            Destination::Icmp(address) => Some(*address),
            _ => None,
        }
    }
}

/// What was found out by asking the network.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings {
    /// Whether the configured modem answered ([`modem_answers`]).
    pub modem_answers: bool,
    /// The ISP's first hop, as far as the path is known.
    pub isp_hop: Option<IpAddr>,
    /// The ISP's first hop over IPv6, where there is IPv4 too.
    pub isp_hop_v6: Option<IpAddr>,
    /// The ISP's hops behind [`Self::isp_hop`], at most two, in order ([`super::reach::inner_hops`]).
    pub inner_hops: Vec<IpAddr>,
    /// Whether a hop before [`Self::isp_hop`] did not answer, which may be the first.
    pub is_isp_hop_doubtful: bool,
    /// The system's first name server ([`super::resolve::nameservers`]).
    pub nameserver: Option<SocketAddr>,
    /// Addresses of the ICMP targets configured by name ([`names_to_resolve`]), all of each.
    pub resolved: HashMap<String, Vec<IpAddr>>,
    /// The first router on the way out over IPv6, by a global address.
    pub first_router_v6: Option<IpAddr>,
    /// Where anchors are answered, as far as it could be found out ([`super::reach`]).
    pub reach: HashMap<IpAddr, Reach>,
}

/// The targets to be probed from now on. `before` are those until now (empty at the start).
///
/// What depends on a link that is down stays as it was: an outage must not take the evidence
/// away with the targets. So without an IPv4 default route, gateway, modem and ISP hop are kept;
/// with the same gateway, modem and ISP hop are kept when they do not answer, even when a hop
/// beyond does; and the IPv6 anchors are kept once there has been an IPv6 default route. In a home
/// that has only ever had an IPv6 one there are no IPv4 anchors: they would decide, and cannot be
/// asked. A configured target replaces a discovered one of the same name.
pub fn wanted(
    config: &Config,
    snapshot: &HostSnapshot,
    findings: &Findings,
    before: &[WantedTarget],
) -> Vec<WantedTarget> {
    let mut all = path(config, snapshot, findings, before);
    let icmp = |name: String, role, address: IpAddr| WantedTarget {
        name,
        kind: Kind::Icmp,
        role,
        endpoint: Endpoint::icmp(address),
        interval: config.probe.interval,
        standing: Standing::NoAnchor,
    };
    if config.discover.anchors {
        let anchors = anchors(&config.discover.anchor_addresses);
        let given = !config.discover.anchor_addresses.is_empty();
        let had_v6 = |w: &WantedTarget| w.role == Role::Anchor && w.endpoint.as_str().contains(':');
        let v6 = snapshot.default_route_v6.is_some() || before.iter().any(had_v6);
        let v4 = !is_ipv6_only(snapshot, before);
        let family = |ip: &IpAddr| if ip.is_ipv4() { v4 } else { v6 };
        let in_use = anchors.into_iter().filter(|(_, address)| given || family(address));
        all.extend(in_use.map(|(name, address)| icmp(name, Role::Anchor, address)));
    }
    let service = |name: &str, kind, role, endpoint| WantedTarget {
        name: name.to_owned(),
        kind,
        role,
        endpoint,
        interval: config.probe.service_interval,
        standing: Standing::NoAnchor,
    };
    if config.discover.dns {
        let ask = |server| Endpoint::dns(DNS_TEST_NAME, server);
        let (_, v4, v6) = ANCHORS[0];
        let cloudflare: IpAddr = if is_ipv6_only(snapshot, before) { v6.into() } else { v4.into() };
        let cloudflare = SocketAddr::new(cloudflare, 53);
        match findings.nameserver {
            Some(server) => {
                let role = role_of_resolver(server.ip());
                all.push(service(SYSTEM_RESOLVER, Kind::Dns, role, ask(server)));
            }
            None => all.extend(find(before, SYSTEM_RESOLVER).cloned()),
        }
        if findings.nameserver != Some(cloudflare) {
            all.push(service("dns-cloudflare", Kind::Dns, Role::Service, ask(cloudflare)));
        }
    }
    if config.discover.http {
        for (name, url) in HTTP_CHECKS {
            all.push(service(name, Kind::Http, Role::Service, Endpoint::new(Kind::Http, url)));
        }
    }
    let configured = configured(config, findings, before);
    all.retain(|wanted| configured.iter().all(|c| c.name != wanted.name));
    all.extend(configured);
    let way = if is_same_way(snapshot, before) { before } else { &[] };
    for target in &mut all {
        target.standing = standing(target, config, findings, way);
    }
    all
}

/// What the answers of a target may prove. What is known of an anchor from `before` remains while
/// nothing new is known of it: an outage must not make a witness of one that is answered at home.
fn standing(
    target: &WantedTarget,
    config: &Config,
    findings: &Findings,
    before: &[WantedTarget],
) -> Standing {
    let private = config.discover.trust_private.into();
    let by_address = Standing::by_address(target.role, target.endpoint.literal(), private);
    let Some(ip) = target.ip().filter(|_| by_address == Standing::Unproven) else {
        return by_address;
    };
    let known = before.iter().find(|b| b.role == Role::Anchor && b.ip() == Some(ip));
    let known = known.map(|b| b.standing).filter(|s| matches!(s, Standing::Far | Standing::Near));
    match findings.reach.get(&ip) {
        Some(Reach::Far) => Standing::Far,
        Some(Reach::Near) => Standing::Near,
        None => known.unwrap_or(Standing::Unproven),
    }
}

/// Whether packets leave this network as they did before, as far as is known: without a default
/// route nothing new can be said.
fn is_same_way(snapshot: &HostSnapshot, before: &[WantedTarget]) -> bool {
    let known = known_gateway(before);
    let gateway = gateway(snapshot, before);
    !has_default_route(snapshot, before) || known.is_none() || gateway == known
}

/// The gateway until now: where it is the ISP's, it is the ISP's first hop.
fn known_gateway(before: &[WantedTarget]) -> Option<IpAddr> {
    let isps = || find(before, "isp").and_then(WantedTarget::ip).filter(|ip| is_isps_gateway(*ip));
    find(before, "gateway").and_then(WantedTarget::ip).or_else(isps)
}

/// Whether this home has IPv6 and no IPv4, as far as is known: it has an IPv6 default route, and
/// neither had nor has an IPv4 one.
fn is_ipv6_only(snapshot: &HostSnapshot, before: &[WantedTarget]) -> bool {
    let had_v4 = |w: &WantedTarget| w.role == Role::Anchor && w.ip().is_some_and(|ip| ip.is_ipv4());
    snapshot.default_route_v6.is_some()
        && snapshot.default_route_v4.is_none()
        && !before.iter().any(had_v4)
}

/// Whether there is a default route of the family whose gateway is probed.
fn has_default_route(snapshot: &HostSnapshot, before: &[WantedTarget]) -> bool {
    snapshot.default_route_v4.is_some() || is_ipv6_only(snapshot, before)
}

/// The addresses towards which the way out of this host is asked for: its anchors that have one.
pub fn far_ends(config: &Config) -> Vec<IpAddr> {
    let given = config.targets.iter().filter(|t| t.kind == Kind::Icmp && t.role == Role::Anchor);
    let given = given.filter_map(|target| target.address.parse().ok());
    let found = anchors(&config.discover.anchor_addresses).into_iter().map(|(_, address)| address);
    if config.discover.anchors { found.chain(given).collect() } else { given.collect() }
}

/// linkmon's own anchors, IPv4 first, or those given by hand, which are named by their addresses.
fn anchors(given: &[IpAddr]) -> Vec<(String, IpAddr)> {
    if !given.is_empty() {
        return given.iter().map(|address| (address.to_string(), *address)).collect();
    }
    let v4 = ANCHORS.iter().map(|(name, v4, _)| ((*name).to_owned(), (*v4).into()));
    let v6 = ANCHORS.iter().map(|(name, _, v6)| (format!("{name}-v6"), (*v6).into()));
    v4.chain(v6).collect()
}

/// Gateway, modem and the ISP's first hops.
fn path(
    config: &Config,
    snapshot: &HostSnapshot,
    findings: &Findings,
    before: &[WantedTarget],
) -> Vec<WantedTarget> {
    let icmp = |name: &str, role, address: IpAddr| WantedTarget {
        name: name.to_owned(),
        kind: Kind::Icmp,
        role,
        endpoint: Endpoint::icmp(address),
        interval: config.probe.interval,
        standing: Standing::NoAnchor,
    };
    let discover = &config.discover;
    let known_gateway = known_gateway(before);
    let only_v6 = is_ipv6_only(snapshot, before);
    let gateway =
        gateway(snapshot, before).or_else(|| findings.first_router_v6.filter(|_| only_v6));
    // Without a default route nothing new can be said of the path, and none of IPv6 without a gateway
    // says which router is its first.
    let same_path = !has_default_route(snapshot, before)
        || gateway == known_gateway
        || (only_v6 && gateway.is_none());
    let gateway = gateway.or_else(|| known_gateway.filter(|_| same_path));
    let kept = |name: &str| find(before, name).filter(|_| same_path)?.ip();
    let modem =
        discover.modem.filter(|_| findings.modem_answers || kept("modem") == discover.modem);
    let isp = match (findings.isp_hop, kept("isp")) {
        // One that is further away would pass faults before it for those of the access line.
        (Some(_), Some(known)) if findings.is_isp_hop_doubtful => Some(known),
        (found, known) => found.or(known),
    };
    // A router of the ISP that is the first there is: nothing lies before it but the modem.
    let is_isps = gateway.is_some_and(is_isps_gateway);
    let isp = if is_isps { gateway } else { isp };
    let isp = isp.filter(|_| discover.isp_hop && (is_isps || isp != gateway) && isp != modem);
    let inner = inner(findings, before, isp, same_path);
    let candidates = [
        ("gateway", Role::Gateway, gateway.filter(|_| discover.gateway && !is_isps)),
        // In a home where the router is the modem, it is the gateway that is probed.
        ("modem", Role::Modem, modem.filter(|_| modem != gateway)),
        ("isp", Role::Isp, isp),
        (INNER_HOPS[0], Role::Isp, inner[0]),
        (INNER_HOPS[1], Role::Isp, inner[1]),
        ("isp-v6", Role::Isp, isp_v6(config, snapshot, findings, before)),
    ];
    candidates
        .into_iter()
        .filter_map(|(name, role, address)| Some(icmp(name, role, address?)))
        .collect()
}

/// The ISP's first hop over IPv6, where IPv4 has one of its own.
fn isp_v6(
    config: &Config,
    snapshot: &HostSnapshot,
    findings: &Findings,
    before: &[WantedTarget],
) -> Option<IpAddr> {
    let known = || find(before, "isp-v6").and_then(WantedTarget::ip);
    let both = !is_ipv6_only(snapshot, before) && config.discover.isp_hop;
    both.then(|| findings.isp_hop_v6.or_else(known)).flatten()
}

/// The ISP's hops behind its first: those found now, or else those that are known behind the same
/// first hop.
fn inner(
    findings: &Findings,
    before: &[WantedTarget],
    isp: Option<IpAddr>,
    same_path: bool,
) -> [Option<IpAddr>; 2] {
    let address = |name: &str| find(before, name).and_then(WantedTarget::ip);
    let found = || {
        let mut found = findings.inner_hops.iter().copied().filter(|hop| Some(*hop) != isp);
        [found.next(), found.next()]
    };
    if isp.is_none() {
        [None; 2]
    } else if !findings.inner_hops.is_empty() {
        found()
    } else if same_path && address("isp") == isp {
        INNER_HOPS.map(address)
    } else {
        [None; 2]
    }
}

/// The IPv4 gateway; the IPv6 one in a home that has no IPv4. Mostly that is a link-local address, to
/// which probes leave over the interface of its route.
fn gateway(snapshot: &HostSnapshot, before: &[WantedTarget]) -> Option<IpAddr> {
    let v4 = snapshot.default_route_v4.as_ref();
    let v6 = snapshot.default_route_v6.as_ref().filter(|_| is_ipv6_only(snapshot, before));
    v4.or(v6)?.gateway
}

/// A resolver at a public address that is no anchor's is the ISP's. One in the home (mostly the
/// gateway) only passes questions on: whether it answers depends on everything beyond it, so it
/// is a service, as are the anchors' resolvers.
fn role_of_resolver(server: IpAddr) -> Role {
    let anchor = ANCHORS.iter().any(|&(_, v4, v6)| server == v4 || server == v6);
    if anchor || is_of_home(server) { Role::Service } else { Role::Isp }
}

fn configured(config: &Config, findings: &Findings, before: &[WantedTarget]) -> Vec<WantedTarget> {
    let targets = config.targets.iter().map(|target| {
        let icmp = target.kind == Kind::Icmp;
        let default = if icmp { config.probe.interval } else { config.probe.service_interval };
        let answers = findings.resolved.get(&target.address).filter(|_| icmp);
        // Where a name has several addresses they come in any order: it keeps the one it has.
        let known = find(before, &target.name).and_then(WantedTarget::ip);
        let resolved = answers.and_then(|all| {
            all.iter().find(|address| Some(**address) == known).or_else(|| all.first())
        });
        WantedTarget {
            name: target.name.clone(),
            kind: target.kind,
            role: target.role,
            endpoint: resolved.map_or_else(
                || Endpoint::new(target.kind, target.address.as_str()),
                |address| Endpoint::icmp(*address),
            ),
            interval: target.interval.unwrap_or(default),
            standing: Standing::NoAnchor,
        }
    });
    targets.collect()
}

/// The host names of configured ICMP targets, for [`super::resolve::Resolver::watch`].
pub fn names_to_resolve(config: &Config) -> Vec<String> {
    let icmp = config.targets.iter().filter(|target| target.kind == Kind::Icmp);
    icmp.map(|target| target.address.clone()).filter(|a| a.parse::<IpAddr>().is_err()).collect()
}

fn find<'a>(targets: &'a [WantedTarget], name: &str) -> Option<&'a WantedTarget> {
    targets.iter().find(|target| target.name == name)
}

/// Whether something at the modem's address answers an ICMP echo or accepts a connection to its
/// web page, within 2 s. A refused connection does not count: it may come from a firewall of the
/// ISP, to which packets for unknown private addresses find their way.
pub async fn modem_answers(address: IpAddr) -> bool {
    let web = async {
        let connected = super::tcp::connect_any(&[SocketAddr::new(address, 80)]).await;
        if connected.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let echo = async {
        let reply = surge_ping::ping(address, &[0; 8]).await;
        // Error messages come as successes, too.
        let answered = match reply {
            Ok((surge_ping::IcmpPacket::V4(packet), _)) => packet.get_icmp_type().0 == 0,
            Ok((surge_ping::IcmpPacket::V6(packet), _)) => packet.get_icmpv6_type().0 == 129,
            Err(_) => false,
        };
        if !answered {
            std::future::pending::<()>().await;
        }
    };
    let either = async {
        tokio::select! {
            () = web => {}
            () = echo => {}
        }
    };
    tokio::time::timeout(MODEM_PATIENCE, either).await.is_ok()
}

#[cfg(test)]
mod tests;
