//! Records that the drawings are tested on.

use std::time::Duration;

use crate::config::Lang;
use crate::report::synthetic::{Scene, flapping_week};
use crate::report::{Detail, Mark, Probe, Report};
use crate::time::TimeRange;
use crate::vocabulary::{
    BearingCounts, Bounds, Figures, GapReason, Impairment, LossFigures, Place, Role, SlowFigures,
};

pub(super) fn hour() -> Scene {
    let mut scene = Scene::new("2026-11-16T13:00:00Z", 3_600);
    scene.drops = vec![
        (700.0, Some(64.0), vec![Place::Access]),
        (1_900.0, Some(3.1), vec![Place::Access]),
        (2_400.0, Some(7.0), vec![Place::Lan]),
    ];
    scene
}

pub(super) fn day() -> Scene {
    let mut scene = Scene::new("2026-11-16T05:00:00Z", 86_400);
    let drop = |n: u32| {
        let place = if n % 3 == 1 { Place::IspCore } else { Place::Access };
        (f64::from(n) * 3_650.0 + 900.0, Some(60.0 + f64::from(n * 7 % 60)), vec![place])
    };
    scene.drops = (0..23).map(drop).collect();
    scene.drops.retain(|d| !(30_000.0..50_000.0).contains(&d.0));
    scene.gaps = vec![(33_000.0, 47_000.0, GapReason::Asleep)];
    scene.troubles = vec![(2, 60_000.0, 64_000.0)];
    scene.notes = vec![(52_000.0, "technician on site, new splitter")];
    scene
}

pub(super) fn outage() -> Scene {
    let mut scene = Scene::new("2026-11-14T05:00:00Z", 2 * 86_400);
    scene.interval = Duration::from_secs(2);
    scene.drops = vec![(86_400.0, None, vec![Place::Access, Place::IspCore])];
    scene
}

pub(super) fn empty() -> Scene {
    let mut scene = Scene::new("2026-11-16T05:00:00Z", 86_400);
    scene.watched = false;
    scene
}

/// A year of a probe a minute: short drops in one spring month, a summer of sleep at night.
pub(super) fn year() -> Scene {
    let mut scene = Scene::new("2026-01-01T05:00:00Z", 365 * 86_400);
    scene.interval = Duration::from_secs(600);
    let day = 86_400.0;
    let drop = |n: u32| {
        let begin = f64::from(n) * 31_013.0 + 70.0 * day;
        (begin, Some(5.0 + f64::from(n * 97 % 240)), vec![Place::Access])
    };
    scene.drops = (0..110).map(drop).collect();
    scene.drops.push((251.0 * day, Some(5.0), vec![Place::Access]));
    scene.drops.push((300.4 * day, Some(2.2 * day), vec![Place::IspCore]));
    let night = |n: u32| {
        let begin = (180.0 + f64::from(n)) * day + 3_600.0;
        (begin, begin + 21_600.0, GapReason::Asleep)
    };
    scene.gaps = (0..60).map(night).collect();
    scene.notes =
        vec![(110.0 * day, "technician on site, new splitter"), (302.0 * day, "repaired")];
    scene
}

/// A month with everything that is wrong and no drop, and some drops.
fn month() -> Scene {
    let mut scene = Scene::new("2026-10-15T04:00:00Z", 30 * 86_400 + 3_600);
    scene.interval = Duration::from_secs(60);
    let drop = |n: u32| {
        let begin = f64::from(n) * 43_711.0 + 4_000.0;
        let places = match n % 9 {
            3 => vec![Place::Lan],
            5 => vec![Place::Access, Place::IspCore],
            _ => vec![Place::Access],
        };
        (begin, Some(30.0 + f64::from(n * n % 400)), places)
    };
    scene.drops = (0..58).map(drop).collect();
    scene.gaps = vec![(1_200_000.0, 1_400_000.0, GapReason::Rebooted)];
    scene.drops.retain(|d| !(1_190_000.0..1_410_000.0).contains(&d.0));
    scene.troubles = vec![(6, 500_000.0, 560_000.0)];
    scene.notes = vec![
        (400_000.0, "called support"),
        (430_000.0, "called again"),
        (1_900_000.0, "new modem"),
    ];
    scene
}

fn impaired(report: &mut Report) {
    let long = report.period.length().as_secs_f64();
    let mut put = |share: f64, length: f64, figures: Figures| {
        let from = report.period.from + Duration::from_secs_f64(share * long);
        let to = from + Duration::from_secs_f64(length * long);
        let impairment = Impairment {
            key: from,
            target: None,
            onset: Bounds { earliest: from, latest: from },
            end: Some(Bounds { earliest: to, latest: to }),
            unobserved: Duration::ZERO,
            places: vec![Place::Access],
            figures,
        };
        report.impairments.push(crate::report::ImpairmentEntry {
            impairment,
            targets: Vec::new(),
            length: Duration::from_secs_f64(length * long),
            starts_before: false,
            ends_after: false,
            meanwhile: None,
        });
    };
    put(0.2, 0.03, Figures::Loss(LossFigures::default()));
    put(0.3, 0.001, Figures::Loss(LossFigures::default()));
    put(0.5, 0.02, Figures::Slow(SlowFigures::default()));
    put(0.62, 0.04, Figures::Dns(BearingCounts::default().into()));
}

pub(super) fn scenes() -> Vec<(&'static str, Scene)> {
    let mut calm = Scene::new("2026-03-07T18:30:00Z", 3 * 86_400);
    calm.zone = "Asia/Kolkata";
    calm.interval = Duration::from_secs(10);
    let mut minutes = Scene::new("2026-11-16T13:00:00Z", 300);
    minutes.drops = vec![(120.0, Some(64.0), vec![])];
    let mut clipped = Scene::new("2026-11-16T13:00:00Z", 7_200);
    clipped.drops = vec![
        (-200.0, Some(900.0), vec![Place::Access]),
        (3_000.0, Some(5.0), vec![Place::Beyond]),
        (6_900.0, Some(900.0), vec![Place::Modem]),
    ];
    let mut summer = Scene::new("2026-11-01T04:00:00Z", 25 * 3_600);
    summer.interval = Duration::from_secs(10);
    summer.drops = (0..24)
        .map(|n| (f64::from(n) * 3_700.0 + 900.0, Some(75.0), vec![Place::Access]))
        .collect();
    vec![
        ("week", flapping_week(Duration::from_secs(10))),
        ("day", day()),
        ("hour", hour()),
        ("empty", empty()),
        ("outage", outage()),
        ("calm", calm),
        ("month", month()),
        ("year", year()),
        ("minutes", minutes),
        ("25-hours", summer),
        ("clipped", clipped),
    ]
}

/// The reports of all scenes and some more, made once.
pub(super) fn reports() -> Vec<(&'static str, Report)> {
    static MADE: std::sync::LazyLock<Vec<(&'static str, Report)>> =
        std::sync::LazyLock::new(make_reports);
    MADE.clone()
}

fn make_reports() -> Vec<(&'static str, Report)> {
    let mut reports: Vec<_> =
        scenes().into_iter().map(|(name, scene)| (name, scene.report())).collect();
    reports.iter_mut().filter(|(name, _)| *name == "month").for_each(|(_, r)| impaired(r));
    let mut one = hour().report();
    one.targets.retain(|t| t.target.name == "cloudflare");
    reports.push(("one-target", one));
    reports
}

/// One drop, probe by probe, with the minutes around it.
pub(super) fn one_drop(length: Option<f64>, places: Vec<Place>) -> Detail {
    let mut scene = Scene::new("2026-11-16T13:00:00Z", 7_200);
    scene.drops = vec![(1_000.0, length, places)];
    if length.is_none() {
        scene.period.to = scene.period.from + Duration::from_secs(1_200);
    }
    let stored = scene.rows().drops[0].drop.clone();
    let end = stored.end.map(|end| end.latest);
    let windows = crate::report::drop_windows(stored.onset.earliest, end, scene.period.to);
    let (from, to) = (windows[0].from, windows[windows.len() - 1].to);
    let shift = from.micros_since(scene.period.from) as f64 / 1e6;
    scene.period = TimeRange { from, to };
    scene.drops[0].0 -= shift;
    scene.troubles = vec![(5, 40.0, 52.0)];
    let mut report = scene.report();
    let mut late = report.targets[5].clone();
    late.target.id = crate::vocabulary::TargetId(7);
    late.target.name = "dns-system".to_owned();
    late.target.role = Role::Service;
    report.targets.push(late);
    let mut detail = Detail::build(report, 1, windows, |take| {
        scene.samples(take);
        Ok(())
    })
    .unwrap()
    .unwrap();
    // A service every ten seconds with everything that can come of a probe.
    let marks = [Mark::Answered(9_000), Mark::Late, Mark::Wrong, Mark::NotSent, Mark::Lost];
    detail.rows[6].decides = false;
    detail.report.targets[6].decides = false;
    detail.rows[6].target.interval = Duration::from_secs(10);
    detail.rows[6].probes = (0..400)
        .zip(marks.into_iter().cycle())
        .map(|(n, mark)| Probe { at: from + Duration::from_secs(n * 10), mark })
        .take_while(|p| p.at < to)
        .collect();
    detail
}

pub(super) fn details() -> Vec<(&'static str, Detail)> {
    vec![
        ("drop", one_drop(Some(74.0), vec![Place::Access])),
        ("drop-short", one_drop(Some(5.2), vec![Place::Lan])),
        ("drop-long", one_drop(Some(3_000.0), vec![Place::Access, Place::IspCore])),
        ("drop-open", one_drop(None, vec![])),
    ]
}

/// The same drop in another language.
pub(super) fn in_language(mut detail: Detail, language: Lang) -> Detail {
    detail.report.language = language;
    detail
}
