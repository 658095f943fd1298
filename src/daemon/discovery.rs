//! When to look for targets, and whom to ask. [`crate::probe::discover`] decides what follows from
//! the answers.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use tokio::sync::mpsc::Receiver;
use tokio::time::sleep;

use crate::config::Config;
use crate::probe::discover::{self, Findings, WantedTarget};
use crate::probe::host::{self, HostSnapshot};
use crate::probe::path::HomeRouters;
use crate::probe::reach::{self, PathTo};
use crate::probe::resolve::{self, NameServers, Resolver};
use crate::text::describe;
use crate::vocabulary::{IpVersion, Kind, Role, is_isps_gateway, is_private};

/// Everything is asked anew this often.
const ROUTINE: Duration = Duration::from_secs(3_600);

/// While something is missing, it is asked for after this long, then after twice as long each time.
const FIRST_RETRY: Duration = Duration::from_secs(15);

/// Changes of the network come in groups: wait this long for the last of them.
const SETTLE: Duration = Duration::from_secs(2);

/// The ISP starts at fewer hops than this.
const MOST_HOPS: u8 = 8;

/// Wait this long for a router to answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// The result of a search.
#[derive(Debug)]
pub(super) struct FoundTargets {
    /// The targets to probe from now on.
    pub(super) wanted: Vec<WantedTarget>,
    /// What could not be asked, each in a sentence.
    pub(super) troubles: Vec<String>,
}

/// Looks for targets at once, whenever `asked`, when a name is resolved for the first time, and once
/// an hour; passes what it finds to `tell`.
pub(super) async fn keep_looking(
    config: Config,
    before: Vec<WantedTarget>,
    mut asked: Receiver<()>,
    tell: impl Fn(FoundTargets),
) {
    let resolver = Resolver::new(NameServers::System);
    let names = discover::names_to_resolve(&config);
    resolver.watch(names.iter().cloned());
    let mut before = before;
    // The first result is passed on even if it is as before: nothing is probed until then.
    let mut has_told = false;
    let mut retry = FIRST_RETRY;
    let mut findings = Findings::default();
    loop {
        let mut troubles = Vec::new();
        // What was found out before may be about another way.
        findings.reach.clear();
        let snapshot = host::snapshot().unwrap_or_else(|problem| {
            troubles.push(describe(&problem));
            HostSnapshot::default()
        });
        findings.nameserver = resolve::nameservers().first().copied();
        findings.resolved = resolved(&resolver, &names);
        // First whatever needs no answer from any host, so that the anchors are probed at once.
        let at_once = discover::wanted(&config, &snapshot, &findings, &before);
        if at_once != before || !has_told {
            has_told = true;
            before.clone_from(&at_once);
            tell(FoundTargets { wanted: at_once, troubles: std::mem::take(&mut troubles) });
        }
        ask_around(&config, &snapshot, &before, &mut findings, &mut troubles).await;
        findings.resolved = resolved(&resolver, &names);
        let wanted = discover::wanted(&config, &snapshot, &findings, &before);
        let complete = is_complete(&config, &wanted);
        if wanted != before || !troubles.is_empty() {
            before.clone_from(&wanted);
            tell(FoundTargets { wanted, troubles });
        }
        let pause = if complete { ROUTINE } else { retry };
        retry = if complete { FIRST_RETRY } else { (retry * 2).min(ROUTINE) };
        tokio::select! {
            () = sleep(pause) => {}
            () = resolver.learned_another() => {}
            Some(()) = asked.recv() => {
                retry = FIRST_RETRY;
                sleep(SETTLE).await;
                while asked.try_recv().is_ok() {}
            }
        }
    }
}

/// Asks the modem for a sign of life, and the path for the ISP's first hop and for where the
/// anchors `in_use` are answered.
async fn ask_around(
    config: &Config,
    snapshot: &HostSnapshot,
    in_use: &[WantedTarget],
    findings: &mut Findings,
    troubles: &mut Vec<String>,
) {
    if let Some(modem) = config.discover.modem {
        findings.modem_answers = discover::modem_answers(modem).await;
    }
    let routes =
        [(IpVersion::V4, &snapshot.default_route_v4), (IpVersion::V6, &snapshot.default_route_v6)];
    let mut isp_distance = None;
    for (version, route) in routes {
        let Some(route) = route else { continue };
        let home =
            HomeRouters { gateway: route.gateway, modem: config.discover.modem, isp_distance };
        match follow(far_ends(config, in_use, version), home).await {
            Ok(paths) => {
                findings.reach.extend(reach::judge(&paths, home));
                note_first_hops(config, snapshot, findings, &paths, (version, home));
                isp_distance = reach::edge(&paths, home);
            }
            Err(problem) => {
                troubles.push(format!("cannot follow the way to the anchors: {problem}"));
            }
        }
    }
}

async fn follow(anchors: Vec<IpAddr>, home: HomeRouters) -> std::io::Result<Vec<PathTo>> {
    let asked = move || reach::ask(&anchors, home, MOST_HOPS, PATIENCE);
    // One that panicked has been reported.
    tokio::task::spawn_blocking(asked).await.unwrap_or_else(|_| Ok(Vec::new()))
}

/// The ISP's first hops are those of IPv4, or of IPv6 where there is no IPv4.
fn note_first_hops(
    config: &Config,
    snapshot: &HostSnapshot,
    findings: &mut Findings,
    paths: &[PathTo],
    (version, home): (IpVersion, HomeRouters),
) {
    let is_only_v6 = version == IpVersion::V6 && snapshot.default_route_v4.is_none();
    let nearest = paths.iter().find_map(|path| path.hops.first()?.address);
    if is_only_v6 {
        findings.first_router_v6 = nearest.filter(|address| !is_private(*address));
    }
    if !config.discover.isp_hop {
        return;
    }
    let first = reach::first_hops(paths, home);
    if version == IpVersion::V6 && !is_only_v6 {
        findings.isp_hop_v6 = first.isp.filter(|_| !first.is_isp_doubtful);
        return;
    }
    let given = config.discover.isp_address;
    // At the other end of a point-to-point line there is the ISP, without a home before it.
    let direct = nearest.filter(|_| version == IpVersion::V4 && is_point_to_point(snapshot));
    findings.isp_hop = given.or(direct).or(first.isp);
    findings.is_isp_hop_doubtful = given.or(direct).is_none() && first.is_isp_doubtful;
    let gateway = home.gateway.filter(|gateway| is_isps_gateway(*gateway));
    let behind = gateway.or(findings.isp_hop);
    findings.inner_hops = behind.map_or_else(Vec::new, |hop| reach::inner_hops(paths, hop));
}

/// Whether the IPv4 default route leads over a PPP link, as it does where this host dials in.
fn is_point_to_point(snapshot: &HostSnapshot) -> bool {
    let route = snapshot.default_route_v4.as_ref();
    route.is_some_and(|route| route.gateway.is_none() && route.interface.starts_with("ppp"))
}

/// The path is followed towards the anchors of a family, whatever lies beyond the ISP's first hop;
/// without any, towards a public resolver.
fn far_ends(config: &Config, in_use: &[WantedTarget], version: IpVersion) -> Vec<IpAddr> {
    const USUAL: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(1, 1, 1, 1));
    let is_anchor = |w: &&WantedTarget| w.kind == Kind::Icmp && w.role == Role::Anchor;
    let anchors = in_use.iter().filter(is_anchor).filter_map(WantedTarget::ip);
    let mut ends: Vec<_> = anchors.filter(|ip| IpVersion::of(*ip) == version).collect();
    if ends.is_empty() && version == IpVersion::V4 && config.discover.isp_hop {
        ends.push(USUAL);
    }
    ends
}

fn resolved(resolver: &Resolver, names: &[String]) -> HashMap<String, Vec<IpAddr>> {
    let known = |name: &String| (name.clone(), resolver.addresses(name));
    names.iter().map(known).collect()
}

/// Whether everything that may be found has been found.
fn is_complete(config: &Config, wanted: &[WantedTarget]) -> bool {
    let has = |role| wanted.iter().any(|w| w.role == role && w.kind == Kind::Icmp);
    let unresolved = wanted.iter().any(|w| w.kind == Kind::Icmp && w.ip().is_none());
    let discover = &config.discover;
    !unresolved
        && (has(Role::Gateway) || has(Role::Isp) || !discover.gateway)
        && (has(Role::Isp) || !discover.isp_hop)
        && (has(Role::Modem) || discover.modem.is_none())
}
