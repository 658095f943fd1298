//! A home with gateway, modem, ISP and three anchors in simulated time.

use std::time::Duration;

use crate::detect::*;
use crate::time::{BootTime, Timestamp};
use crate::vocabulary::{Endpoint, Kind, Measurement, Outcome, Role, Run, Target, TargetId};

pub(crate) const START_MS: i64 = 1_770_000_000_000;
pub(crate) const GATEWAY: u8 = 11;
pub(crate) const MODEM: u8 = 12;
pub(crate) const ISP: u8 = 13;
pub(crate) const HOUR: i64 = 3_600_000;

pub(crate) fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

pub(crate) fn target(id: u8, role: Role) -> Target {
    Target {
        id: TargetId(id),
        name: format!("t{id}"),
        kind: Kind::Icmp,
        role,
        endpoint: Endpoint::new(Kind::Icmp, format!("{}.{id}", network(role))),
        interval: Duration::from_secs(1),
    }
}

fn network(role: Role) -> &'static str {
    if role == Role::Gateway { "192.168.1" } else { "192.0.2" }
}

/// A run of boot "a" whose boot time is the milliseconds since [`START_MS`], an hour added.
pub(crate) fn run(id: i64, started_ms: i64) -> Run {
    Run {
        id,
        started: at(started_ms),
        boot: Some(BootTime::from_micros((started_ms - START_MS + HOUR) * 1_000)),
        boot_id: Some("a".to_owned()),
        last_seen: at(started_ms),
        ended: None,
    }
}

pub(crate) fn home() -> Vec<Target> {
    let mut targets: Vec<_> = (1..=3).map(|id| target(id, Role::Anchor)).collect();
    targets.push(target(GATEWAY, Role::Gateway));
    targets.push(target(MODEM, Role::Modem));
    targets.push(target(ISP, Role::Isp));
    targets
}

/// Six probes a second, an anchor and a hop in each third, in `[from, to)` milliseconds since
/// [`START_MS`]; `outcome` tells what becomes of each.
pub(crate) fn probes(
    from: i64,
    to: i64,
    mut outcome: impl FnMut(i64, u8) -> Option<Outcome>,
) -> impl Iterator<Item = Measurement> {
    let order = [(0, 1), (1, GATEWAY), (333, 2), (334, MODEM), (667, 3), (668, ISP)];
    (from.div_euclid(1_000)..=to.div_euclid(1_000))
        .flat_map(move |s| order.map(|(ms, id)| (s * 1_000 + ms, id)))
        .filter(move |(ms, _)| (from..to).contains(ms))
        .filter_map(move |(ms, id)| {
            let (target, sent_at) = (TargetId(id), at(START_MS + ms));
            outcome(ms, id).map(|outcome| Measurement { target, sent_at, outcome })
        })
}

pub(crate) fn reply() -> Outcome {
    Outcome::reply(Duration::from_millis(15))
}

/// A home fed with `[0, to)` in one run.
pub(crate) fn watch(to: i64, outcome: impl FnMut(i64, u8) -> Option<Outcome>) -> Detector {
    let mut detector = Detector::new(Parameters::default());
    detector.set_targets(&home());
    detector.begin_run(&run(1, START_MS));
    for m in probes(0, to, outcome) {
        detector.on_measurement(&m);
    }
    detector.finish();
    detector
}

/// Lost when `dead`, else answered.
#[allow(clippy::unnecessary_wraps, reason = "it is what `probes` wants")]
pub(crate) fn unless(dead: bool) -> Option<Outcome> {
    Some(if dead { Outcome::Lost } else { reply() })
}

pub(crate) const V6: [u8; 3] = [4, 5, 6];
pub(crate) const DNS: u8 = 21;
pub(crate) const OTHER_DNS: u8 = 22;
pub(crate) const WEB: [u8; 2] = [31, 32];

/// [`home`] with IPv6 anchors, name servers and connectivity checks.
pub(crate) fn home_with_services() -> Vec<Target> {
    let service = |id: u8, name: &str, kind, address: &str| Target {
        name: name.to_owned(),
        kind,
        endpoint: Endpoint::new(kind, address),
        interval: Duration::from_secs(10),
        ..target(id, Role::Service)
    };
    let v6 = V6.map(|id| Target {
        endpoint: Endpoint::new(Kind::Icmp, format!("2001:db8::{id}")),
        ..target(id, Role::Anchor)
    });
    let mut targets = home();
    targets.extend(v6);
    targets.push(service(DNS, "dns-system", Kind::Dns, "example.com@192.0.2.53"));
    targets.push(service(OTHER_DNS, "dns-cloudflare", Kind::Dns, "example.com@192.0.2.1"));
    let google = "http://connectivitycheck.gstatic.com/generate_204";
    targets.push(service(WEB[0], "http-google", Kind::Http, google));
    let firefox = "http://detectportal.firefox.com/success.txt";
    targets.push(service(WEB[1], "http-firefox", Kind::Http, firefox));
    targets
}

/// [`probes`] of all of [`home_with_services`], in the order in which they are sent.
pub(crate) fn all_probes(
    from: i64,
    to: i64,
    mut outcome: impl FnMut(i64, u8) -> Option<Outcome>,
) -> Vec<Measurement> {
    let mut all = Vec::new();
    for s in from.div_euclid(1_000)..=to.div_euclid(1_000) {
        let icmp = [(0, 1), (1, GATEWAY), (2, V6[0]), (333, 2), (334, MODEM), (335, V6[1])];
        let more = [(667, 3), (668, ISP), (669, V6[2])];
        let services: &[(i64, u8)] = match s.rem_euclid(10) {
            2 => &[(100, WEB[0])],
            4 => &[(300, DNS)],
            7 => &[(100, WEB[1])],
            9 => &[(300, OTHER_DNS)],
            _ => &[],
        };
        let mut second: Vec<_> = icmp.iter().chain(&more).chain(services).copied().collect();
        second.sort_unstable();
        for (ms, id) in second {
            let ms = s * 1_000 + ms;
            if (from..to).contains(&ms)
                && let Some(outcome) = outcome(ms, id)
            {
                all.push(Measurement { target: TargetId(id), sent_at: at(START_MS + ms), outcome });
            }
        }
    }
    all
}

/// [`home_with_services`] fed with `[0, to)` in one run.
pub(crate) fn watch_all(to: i64, outcome: impl FnMut(i64, u8) -> Option<Outcome>) -> Detector {
    let mut detector = Detector::new(Parameters::default());
    detector.set_targets(&home_with_services());
    detector.begin_run(&run(1, START_MS));
    for m in all_probes(0, to, outcome) {
        detector.on_measurement(&m);
    }
    detector.finish();
    detector
}
