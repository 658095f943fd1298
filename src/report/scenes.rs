//! Scenes in which everything is said that can be.

use std::sync::LazyLock;
use std::time::Duration;

use super::synthetic::{Scene, flapping_week};
use super::{ImpairmentEntry, Meanwhile, Rates, Report, TargetEntry};
use crate::stats::LossRatio;
use crate::time::Timestamp;
use crate::vocabulary::{
    BearingCounts, Bounds, Endpoint, Figures, GapReason, HostChange, Impairment, Kind, LossFigures,
    Place, Role, SlowFigures, StoredEvent, TargetId,
};

fn at(report: &Report, s: i64) -> Timestamp {
    report.period.from.plus_micros(s * 1_000_000)
}

fn impairment(report: &Report, s: i64, seconds: i64, figures: Figures) -> ImpairmentEntry {
    let bounds = |s: i64| Bounds { earliest: at(report, s), latest: at(report, s) };
    ImpairmentEntry {
        impairment: Impairment {
            key: at(report, s),
            target: Some(TargetId(5)),
            onset: bounds(s),
            end: (seconds > 0).then(|| bounds(s + seconds)),
            unobserved: Duration::ZERO,
            places: vec![Place::Access],
            figures,
        },
        targets: report.targets.iter().map(|t| t.target.clone()).collect(),
        length: Duration::from_secs(seconds.unsigned_abs()),
        starts_before: false,
        ends_after: seconds == 0,
        meanwhile: None,
    }
}

/// A day of 25 hours with drops over both ends, a blip, a drop of the own cable, gaps, notes,
/// every kind of impairment, a target that failed, web and DNS as witnesses.
fn make_everything() -> Report {
    let mut scene = Scene::new("2026-11-01T04:00:00Z", 25 * 3_600);
    scene.interval = Duration::from_secs(5);
    scene.drops = vec![
        (-500.0, Some(700.0), vec![Place::Access]),
        (5_000.0, Some(3.0), vec![]),
        (6_000.0, Some(45.0), vec![Place::Lan]),
        (50_000.0, Some(95.0), vec![Place::Access]),
        (60_000.0, Some(75.0), vec![]),
        (89_900.0, Some(500.0), vec![Place::Access, Place::IspCore]),
    ];
    scene.gaps = vec![(20_000.0, 27_200.0, GapReason::Asleep)];
    scene.troubles = vec![(6, 30_000.0, 31_000.0)];
    scene.notes = vec![(55_000.0, "rebooted the modem"), (70_000.0, "called, ticket 4711")];
    let mut report = scene.report();
    let mut service = report.targets[3].clone();
    service.target.id = TargetId(7);
    service.target.name = "http-google".to_owned();
    service.target.kind = Kind::Http;
    service.target.role = Role::Service;
    let url = "http://connectivitycheck.gstatic.com/generate_204";
    service.target.endpoint = Endpoint::new(Kind::Http, url);
    service.decides = false;
    for drop in report.drops.iter_mut().skip(2) {
        drop.silent.push(service.target.clone());
        drop.others = Some(LossRatio { lost: 4, sent: 4 });
    }
    report.targets.push(TargetEntry { ..service });
    let loss = LossFigures { lost: 51, late: 45, sent: 180, usual_lost: 1, usual_sent: 9_000 };
    let counts = BearingCounts { bearing: 29, sent: 30 };
    let slow = SlowFigures {
        usual_us: 22_000,
        median_us: 140_000,
        worst_us: 300_000,
        own_queue_us: Some(90_000),
    };
    let partial =
        Figures::Partial { silent: vec![TargetId(4), TargetId(5)], answering: vec![TargetId(6)] };
    report.impairments = [
        Figures::Loss(loss),
        Figures::Late(loss),
        Figures::Slow(slow),
        Figures::RouteStep { before_us: 12_000, after_us: 30_000 },
        Figures::Ipv6(counts),
        Figures::Dns(counts.into()),
        Figures::CaptivePortal(counts),
        Figures::IcmpFiltered(counts),
        partial,
    ]
    .into_iter()
    .zip(1..)
    .map(|(figures, n)| impairment(&report, 31_000 + n * 1_000, 600, figures))
    .collect();
    let rates = Rates { sent: 4_800_000.0, received: 200_000.0 };
    report.impairments[2].meanwhile =
        Some(Meanwhile { during: rates, hour_before: Some(rates), own_traffic_is_evident: true });
    let cable = |up| HostChange::Carrier { interface: "eth0".to_owned(), up };
    let address = |present| HostChange::Address {
        interface: "eth0".to_owned(),
        address: "192.168.1.23".parse().unwrap(),
        present,
    };
    let route = HostChange::DefaultRoute {
        v6: false,
        interface: Some("eth0".to_owned()),
        gateway: Some("192.168.1.1".parse().unwrap()),
    };
    let changes = [
        (5_999, cable(false)),
        (6_001, address(false)),
        (6_040, cable(true)),
        (6_041, address(true)),
        (6_042, route),
        (6_043, HostChange::Slept { seconds: 2.5 }),
        (6_044, HostChange::ClockStep { seconds: -1.5 }),
    ];
    report.events = changes.map(|(s, what)| StoredEvent { at: at(&report, s), what }).to_vec();
    report
}

/// Scenes of every kind; built once, for a report takes longer than its text.
pub(crate) fn scenes() -> Vec<Report> {
    static SCENES: LazyLock<Vec<Report>> = LazyLock::new(all_scenes);
    SCENES.clone()
}

/// The scene with everything.
pub(crate) fn everything() -> Report {
    static EVERYTHING: LazyLock<Report> = LazyLock::new(make_everything);
    EVERYTHING.clone()
}

fn all_scenes() -> Vec<Report> {
    let mut open = Scene::new("2026-11-16T05:00:00Z", 7_200);
    open.zone = "Asia/Kolkata";
    open.drops = vec![(5_400.0, None, vec![])];
    let mut unwatched = Scene::new("2026-11-16T05:00:00Z", 86_400);
    unwatched.watched = false;
    let mut hardly = Scene::new("2026-11-16T05:00:00Z", 3_600);
    hardly.gaps = vec![(1_400.0, 3_600.0, GapReason::Asleep)];
    hardly.troubles = vec![(5, 100.0, 200.0)];
    let mut one = Scene::new("2026-11-16T05:00:00Z", 60);
    one.interval = Duration::from_secs(60);
    let mut out: Vec<_> = [flapping_week(Duration::from_secs(600)), open, unwatched, hardly, one]
        .map(|scene| scene.report())
        .into();
    out.push(everything());
    out
}
