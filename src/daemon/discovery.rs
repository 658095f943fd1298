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
use crate::probe::path;
use crate::probe::resolve::{self, NameServers, Resolver};
use crate::text::describe;
use crate::vocabulary::{Kind, Role};

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
        ask_around(&config, &snapshot, &mut findings, &mut troubles).await;
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

/// Asks the modem for a sign of life, and the path for the ISP's first hop.
async fn ask_around(
    config: &Config,
    snapshot: &HostSnapshot,
    findings: &mut Findings,
    troubles: &mut Vec<String>,
) {
    if let Some(modem) = config.discover.modem {
        findings.modem_answers = discover::modem_answers(modem).await;
    }
    let Some(route) = snapshot.default_route_v4.as_ref().filter(|_| config.discover.isp_hop) else {
        return;
    };
    let (gateway, modem) = (route.gateway, config.discover.modem);
    let far = far_end(config);
    let traced = tokio::task::spawn_blocking(move || path::trace(far, MOST_HOPS, PATIENCE)).await;
    match traced {
        Ok(Ok(mut hops)) => {
            hops.retain(|hop| hop.address != Some(far));
            let first = path::classify(&hops, gateway, modem);
            let given = config.discover.isp_address;
            findings.isp_hop = given.or(first.isp);
            findings.is_isp_hop_doubtful = given.is_none() && first.is_isp_doubtful;
        }
        Ok(Err(problem)) => {
            troubles.push(format!("cannot look for the ISP's first hop: {problem}"));
        }
        Err(_) => {}
    }
}

/// The path is followed towards the first anchor, whatever lies beyond the ISP's first hop.
fn far_end(config: &Config) -> IpAddr {
    const USUAL: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(1, 1, 1, 1));
    config.discover.anchor_addresses.iter().copied().find(IpAddr::is_ipv4).unwrap_or(USUAL)
}

fn resolved(resolver: &Resolver, names: &[String]) -> HashMap<String, IpAddr> {
    let known = |name: &String| Some((name.clone(), *resolver.addresses(name).first()?));
    names.iter().filter_map(known).collect()
}

/// Whether everything that may be found has been found.
fn is_complete(config: &Config, wanted: &[WantedTarget]) -> bool {
    let has = |role| wanted.iter().any(|w| w.role == role && w.kind == Kind::Icmp);
    let unresolved = wanted.iter().any(|w| w.kind == Kind::Icmp && w.ip().is_none());
    let discover = &config.discover;
    !unresolved
        && (has(Role::Gateway) || !discover.gateway)
        && (has(Role::Isp) || !discover.isp_hop)
        && (has(Role::Modem) || discover.modem.is_none())
}
