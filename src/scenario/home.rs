//! What a host in a scenario probes: the targets that linkmon finds on its own, each with its delay.

use std::time::Duration;

use serde::Deserialize;

use crate::probe::discover::WantedTarget;
use crate::vocabulary::{Endpoint, Kind, Place, PrivateAnchors, Role, Standing};

/// What the host probes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HomeKind {
    /// Gateway, modem, the ISP's first hop and three anchors.
    #[default]
    Plain,
    /// These, two web checks and two name servers.
    Services,
    /// These, and three IPv6 anchors.
    Full,
}

/// One target.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TargetLine {
    /// Unique.
    pub name: String,
    /// How it is probed. Default ICMP.
    #[serde(default = "icmp")]
    pub kind: Kind,
    /// Its place on the way.
    pub role: Role,
    /// As in the record.
    pub address: String,
    /// Its delay when nothing is in the way.
    #[serde(with = "crate::time::duration")]
    pub delay: Duration,
    /// Time between its slots. Default 1 s.
    #[serde(default = "a_second", with = "crate::time::duration")]
    pub interval: Duration,
}

fn icmp() -> Kind {
    Kind::Icmp
}

fn a_second() -> Duration {
    Duration::from_secs(1)
}

/// The most targets of a scenario.
pub(super) const MOST: usize = 64;

/// A target that linkmon finds on its own.
struct HomeTarget {
    name: &'static str,
    kind: Kind,
    role: Role,
    address: &'static str,
    delay_us: u64,
}

const fn icmp_target(
    name: &'static str,
    role: Role,
    address: &'static str,
    delay_us: u64,
) -> HomeTarget {
    HomeTarget { name, kind: Kind::Icmp, role, address, delay_us }
}

const fn service(
    name: &'static str,
    kind: Kind,
    address: &'static str,
    delay_us: u64,
) -> HomeTarget {
    HomeTarget { name, kind, role: Role::Service, address, delay_us }
}

const PLAIN: [HomeTarget; 6] = [
    icmp_target("gateway", Role::Gateway, "192.168.1.1", 900),
    icmp_target("modem", Role::Modem, "192.168.100.1", 1_400),
    icmp_target("isp", Role::Isp, "203.0.113.1", 9_200),
    icmp_target("cloudflare", Role::Anchor, "1.1.1.1", 12_800),
    icmp_target("google", Role::Anchor, "8.8.8.8", 17_400),
    icmp_target("quad9", Role::Anchor, "9.9.9.9", 22_600),
];

const SERVICES: [HomeTarget; 4] = [
    service("http-google", Kind::Http, "http://connectivitycheck.gstatic.com/generate_204", 38_000),
    service("http-firefox", Kind::Http, "http://detectportal.firefox.com/success.txt", 41_000),
    service("dns-system", Kind::Dns, "example.com@192.168.1.1", 14_000),
    service("dns-cloudflare", Kind::Dns, "example.com@1.1.1.1", 13_100),
];

const IPV6: [HomeTarget; 3] = [
    icmp_target("cloudflare-v6", Role::Anchor, "2606:4700:4700::1111", 12_900),
    icmp_target("google-v6", Role::Anchor, "2001:4860:4860::8888", 17_700),
    icmp_target("quad9-v6", Role::Anchor, "2620:fe::fe", 22_900),
];

/// A target of the simulated host.
#[derive(Debug, Clone)]
pub struct Neighbor {
    /// As the daemon gets it.
    pub wanted: WantedTarget,
    /// The last place on the way to it.
    pub reach: Place,
    /// Its delay in microseconds when nothing is in the way.
    pub delay: i64,
    /// Offset of its slots, in milliseconds from those of the host.
    pub phase: i64,
}

impl Neighbor {
    /// Whether it is an IPv6 address.
    pub fn is_v6(&self) -> bool {
        self.wanted.kind == Kind::Icmp && self.wanted.endpoint.as_str().contains(':')
    }
}

fn usual(home: HomeKind) -> Vec<TargetLine> {
    let services = if home == HomeKind::Plain { &[][..] } else { &SERVICES[..] };
    let ipv6 = if home == HomeKind::Full { &IPV6[..] } else { &[] };
    let line = |&HomeTarget { name, kind, role, address, delay_us }: &HomeTarget| TargetLine {
        name: name.to_owned(),
        kind,
        role,
        address: address.to_owned(),
        delay: Duration::from_micros(delay_us),
        interval: Duration::from_secs(if kind == Kind::Icmp { 1 } else { 10 }),
    };
    PLAIN.iter().chain(services).chain(ipv6).map(line).collect()
}

fn lines(home: HomeKind, targets: &[TargetLine]) -> Vec<TargetLine> {
    let mut lines = usual(home);
    for target in targets {
        match lines.iter_mut().find(|line| line.name == target.name) {
            Some(line) => *line = target.clone(),
            None => lines.push(target.clone()),
        }
    }
    lines
}

pub(super) fn names(home: HomeKind, targets: &[TargetLine]) -> Vec<String> {
    lines(home, targets).into_iter().map(|line| line.name).collect()
}

/// All targets, in the order of their numbers.
pub(super) fn neighbors(home: HomeKind, targets: &[TargetLine]) -> Vec<Neighbor> {
    let mut isp_hops = 0;
    let (mut anchors, mut others, mut services) = (0, 0, 0);
    lines(home, targets)
        .into_iter()
        .map(|line| {
            let reach = match line.role {
                Role::Gateway => Place::Lan,
                Role::Modem => Place::Modem,
                Role::Isp => {
                    isp_hops += 1;
                    if isp_hops == 1 { Place::Access } else { Place::IspCore }
                }
                Role::Anchor | Role::Service => Place::Beyond,
            };
            let interval = super::when::millis(line.interval).max(1);
            let is_v4_anchor = line.role == Role::Anchor && !line.address.contains(':');
            let phase = match line.kind {
                // An anchor in each third of a second, and the others with them a moment later.
                Kind::Icmp if is_v4_anchor => third(&mut anchors),
                Kind::Icmp => third(&mut others) + 1,
                _ => {
                    services += 1;
                    services * (interval / 4 + 103)
                }
            };
            Neighbor {
                reach,
                delay: crate::time::micros(line.delay),
                phase: phase.rem_euclid(interval),
                wanted: WantedTarget {
                    name: line.name,
                    kind: line.kind,
                    role: line.role,
                    standing: Standing::by_address(
                        line.role,
                        line.address.parse().ok(),
                        PrivateAnchors::Distrusted,
                    ),
                    endpoint: Endpoint::new(line.kind, line.address),
                    interval: line.interval,
                },
            }
        })
        .collect()
}

/// Slots lie in one third of a second after the other, a millisecond later each time round.
fn third(count: &mut i64) -> i64 {
    let n = *count;
    *count += 1;
    (n % 3) * 1_000 / 3 + n / 3
}
