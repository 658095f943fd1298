use super::*;
use crate::language;
use crate::report::Report;
use crate::report::synthetic::Scene;
use crate::stats::compare::ChangeVerdict;
use crate::vocabulary::{
    GapReason, NoteKind, Place, Role, Roster, RosterChange, RosterEntry, Standing,
};

const DAY_S: f64 = 86_400.0;

/// Hourly drops of 90 s for four days, then four days with one.
fn repaired() -> Scene {
    let mut scene = Scene::new("2026-10-30T04:00:00Z", 8 * 86_400);
    scene.interval = Duration::from_secs(30);
    scene.drops = (0..96)
        .map(|n| (f64::from(n) * 3_600.0 + 1_800.0, Some(90.0), vec![Place::Access]))
        .collect();
    scene.drops.push((6.0 * DAY_S, Some(90.0), vec![Place::Access]));
    scene
}

fn border(scene: &Scene, day: f64) -> Timestamp {
    scene.period.from + Duration::from_secs_f64(day * DAY_S)
}

fn compared(scene: &Scene, border: Timestamp, note: Option<Note>) -> Comparison {
    compared_with(scene, &RosterHistory::default(), border, note)
}

fn compared_with(
    scene: &Scene,
    rosters: &RosterHistory,
    border: Timestamp,
    note: Option<Note>,
) -> Comparison {
    let rows = scene.rows();
    let ground = Ground {
        elapsed: scene.period,
        border,
        runs: &rows.runs,
        gaps: &rows.gaps,
        impairments: &[],
        drops: &rows.drops,
        troubles: &rows.troubles,
        targets: &rows.targets,
        rosters,
        apart: &[],
    };
    let mut sides = Sides::new(ground);
    scene.samples(|sample| sides.add(sample));
    sides.finish(note)
}

#[test]
fn a_line_that_was_repaired_has_fewer_drops_and_less_loss_afterwards() {
    let scene = repaired();
    let at = border(&scene, 4.0);
    let comparison = compared(&scene, at, None);
    let Compared { before, after, drops, loss, median, .. } = comparison.compared;
    assert_eq!((before.drops, after.drops), (96, 1));
    assert_eq!(comparison.anchors, ["cloudflare", "google", "quad9"]);
    // Counted sample by sample.
    for (side, inside) in [
        (before, TimeRange { from: scene.period.from, to: at }),
        (after, TimeRange { from: at, to: scene.period.to }),
    ] {
        let (mut want, mut delays) = (LossRatio::default(), Vec::new());
        scene.samples(|m| {
            if m.target.0 >= 4 && inside.contains(m.sent_at) {
                want.count(&m.outcome);
                delays.extend(m.outcome.rtt().map(|d| u32::try_from(d.as_micros()).unwrap()));
            }
        });
        assert_eq!(side.loss, want);
        let exact = crate::stats::quantile(&mut delays, 0.5).unwrap().as_secs_f64();
        assert!((side.median.unwrap().as_secs_f64() / exact - 1.0).abs() < 0.008);
        let up = 4.0 * DAY_S - 90.0 * f64::from(u32::try_from(side.drops).unwrap());
        assert!((side.up_s - up).abs() < 1.0, "{} is not {up}", side.up_s);
    }
    assert_eq!(drops.unwrap().verdict, ChangeVerdict::Less);
    assert_eq!(loss.unwrap().verdict, ChangeVerdict::Less);
    assert_eq!(median.unwrap().verdict, ChangeVerdict::Same);
}

#[test]
fn the_comparison_has_both_counts_coverage_and_intervals() {
    let mut scene = repaired();
    scene.gaps = vec![(5.0 * DAY_S, 5.5 * DAY_S, GapReason::Asleep)];
    let mut report = scene.report();
    assert_eq!(lines(&report), Vec::<String>::new());
    let at = border(&scene, 4.0);
    let note = Note {
        id: 3,
        at,
        kind: NoteKind::Visit,
        ticket: Some("INC-9".to_owned()),
        text: "new splitter".to_owned(),
        added: at,
        edited: None,
    };
    report.analyses.compare = Some(compared(&scene, at, Some(note)));
    let lines_of_it = lines(&report);
    assert_eq!(
        lines_of_it[0],
        "before and after Mon 2026-11-02 23:00 (technician's visit, ticket INC-9: new splitter); \
         watched 100 % of 4 days before and 87.50 % of 4 days after; intervals of 95 %"
    );
    let available = "availability: 97.50 % (down 2 h 24 min of 4 d watched) before, 99.97 % (down 1 min 30 s \
                     of 3 d 12 h watched) after: higher, +2.47 points";
    assert_eq!(lines_of_it[1], available);
    assert!(
        lines_of_it[2].starts_with(
            "drops: 24.6 a day (96 in 3 d 22 h up) before, 0.29 a day (1 in 3 d \
                             12 h up) after: fewer, 0.012 times the rate ("
        ),
        "{lines_of_it:#?}"
    );
    assert!(lines_of_it[3].contains(" after: lower, -2."), "{lines_of_it:#?}");
    assert!(lines_of_it[4].contains(" after: the same within 10 %, "), "{lines_of_it:#?}");
    let text = crate::render::text(&report);
    assert!(text.contains("\n  Before and after Mon 2026-11-02 23:00"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    let json: serde_json::Value = serde_json::from_str(&crate::render::json(&report)).unwrap();
    let compare = &json["compare"];
    assert_eq!(compare["border"], "2026-11-03T04:00:00.000Z");
    assert_eq!(compare["note"]["ticket"], "INC-9");
    assert_eq!((&compare["before"]["drops"], &compare["after"]["drops"]), (&96.into(), &1.into()));
    assert_eq!(compare["after"]["coverage"], 0.875);
    assert_eq!(compare["drops"]["verdict"], "less");
    assert!(compare["drops"]["upper"].as_f64().unwrap() < 0.2, "{compare:#}");
}

#[test]
fn an_hour_after_the_visit_it_is_too_early_to_tell() {
    let scene = repaired();
    let comparison = compared(&scene, border(&scene, 8.0 - 1.0 / 24.0), None);
    let compared = comparison.compared;
    assert_eq!((compared.before.drops, compared.after.drops), (97, 0));
    assert_eq!(compared.drops.unwrap().verdict, ChangeVerdict::TooEarly);
    let mut report = scene.report();
    report.analyses.compare = Some(comparison);
    assert!(lines(&report)[2].contains("after: inconclusive so far, 0 times the rate (0 to "));
}

#[test]
fn a_dead_line_is_not_one_with_few_drops() {
    let mut scene = Scene::new("2026-11-01T04:00:00Z", 4 * 86_400);
    scene.interval = Duration::from_secs(60);
    let hourly = |n: u32| (f64::from(n) * 3_600.0 + 1_800.0, Some(90.0), vec![Place::Access]);
    scene.drops = (0..52).map(hourly).collect();
    // From the third day on the line is dead but for some hours.
    scene.drops.push((52.0 * 3_600.0, Some(40.0 * 3_600.0), vec![Place::Access]));
    scene.drops.extend((92..96).map(hourly));
    let compared = compared(&scene, border(&scene, 2.0), None).compared;
    let (before, after) = (compared.before.drops_per_day(), compared.after.drops_per_day());
    assert!((after.unwrap() / before.unwrap() - 1.0).abs() < 0.35, "{before:?} {after:?}");
    assert_ne!(compared.drops.unwrap().verdict, ChangeVerdict::Less);
}

#[test]
fn an_anchor_probed_on_one_side_only_is_not_compared_nor_one_in_trouble_of_its_own() {
    let mut scene = repaired();
    // The last anchor fails from the border on, while the link is up.
    scene.troubles = vec![(6, 4.0 * DAY_S, 8.0 * DAY_S)];
    let comparison = compared(&scene, border(&scene, 4.0), None);
    assert_eq!(comparison.anchors, ["cloudflare", "google"]);
    scene.troubles = vec![(6, 4.0 * DAY_S, 7.0 * DAY_S)];
    let comparison = compared(&scene, border(&scene, 4.0), None);
    assert_eq!(comparison.anchors.len(), 3);
    assert!(comparison.compared.after.loss.ratio().unwrap() < 0.01);
}

#[test]
fn an_anchor_that_is_answered_at_home_is_not_compared() {
    let scene = repaired();
    let rows = scene.rows();
    let anchors = rows.targets.iter().filter(|target| target.role == Role::Anchor);
    let entries = anchors.enumerate().map(|(n, target)| RosterEntry {
        target: target.id,
        standing: if n == 0 { Standing::Near } else { Standing::Far },
        decides: n > 0,
    });
    let run = &rows.runs[0];
    let change = RosterChange { run: run.id, from: run.started, roster: Roster::new(entries) };
    let rosters = RosterHistory::new(vec![change], &rows.runs);
    let comparison = compared_with(&scene, &rosters, border(&scene, 4.0), None);
    assert_eq!(comparison.anchors, ["google", "quad9"]);
}

#[test]
fn what_is_read_from_the_record_is_what_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let mut scene = repaired();
    scene.interval = Duration::from_secs(60);
    let at = border(&scene, 4.0);
    let path = scene.import_into(folder.path());
    let got = gather(&Reader::open(&path).unwrap(), scene.period, at, None, None).unwrap();
    let want = compared(&scene, at, None);
    let counts = |c: &Comparison| {
        [c.compared.before, c.compared.after].map(|side| (side.drops, side.loss, side.median))
    };
    assert_eq!(counts(&got), counts(&want));
    assert_eq!(got.anchors, want.anchors);
}

/// The comparison in sentences in the language of the report, the border first; nothing where none
/// was asked for.
fn lines(report: &Report) -> Vec<String> {
    let language = language::of(report.language);
    let Some(compared) = language.compared(report) else { return Vec::new() };
    let rows = compared.rows.iter().map(|row| language.compared_line(row));
    std::iter::once(compared.border).chain(rows).collect()
}
