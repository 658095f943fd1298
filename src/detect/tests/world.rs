//! A home with gateway, modem, ISP and three anchors in simulated time.

use std::time::Duration;

use crate::detect::*;
use crate::measurement::{Kind, Measurement, Outcome, Role, Target, TargetId};
use crate::time::{BootTime, Timestamp};

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
        address: format!("192.0.2.{id}"),
        interval: Duration::from_secs(1),
    }
}

/// A run of boot "a" whose boot time is the milliseconds since [`START_MS`], an hour added.
pub(crate) fn run(id: i64, started_ms: i64) -> Run {
    Run {
        id,
        started: at(started_ms),
        boot: Some(BootTime((started_ms - START_MS + HOUR) * 1_000)),
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
