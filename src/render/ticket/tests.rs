use std::sync::LazyLock;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::config::Lang;
use crate::report::synthetic::{Scene, flapping_week};
use crate::vocabulary::{GapReason, Note, Place};

fn in_every_language(report: &Report) -> String {
    let text = |language| ticket(&Report { language, ..report.clone() }, TICKET_CHARS).unwrap();
    Lang::ALL.map(text).join("\n")
}

/// Built once: a report takes longer than its text.
static SCENES: LazyLock<[Report; 3]> = LazyLock::new(|| {
    let mut week = flapping_week(Duration::from_secs(600));
    week.interval = Duration::from_secs(600);
    [week, autumn(), Scene::new("2026-11-16T05:00:00Z", 600)].map(|scene| scene.report())
});

/// A day with summer time's end in it, a gap, a blip, a drop clipped at each end.
fn autumn() -> Scene {
    let mut scene = Scene::new("2026-11-01T04:00:00Z", 25 * 3_600);
    scene.interval = Duration::from_secs(5);
    scene.drops = vec![
        (-500.0, Some(700.0), vec![Place::Access]),
        (5_000.0, Some(3.0), vec![]),
        (6_000.0, Some(45.0), vec![Place::Lan]),
        (89_900.0, Some(500.0), vec![Place::Access, Place::IspCore]),
    ];
    scene.gaps = vec![(20_000.0, 27_200.0, GapReason::Asleep)];
    scene
}

#[test]
fn a_week_of_flapping_fits_the_form_of_a_desk() {
    insta::assert_snapshot!(in_every_language(&flapping_week(Duration::from_secs(10)).report()));
}

#[test]
fn a_day_of_25_hours_with_drops_over_both_ends() {
    insta::assert_snapshot!(in_every_language(&autumn().report()));
}

#[test]
fn an_open_drop_in_a_zone_of_half_hours() {
    let mut scene = Scene::new("2026-11-16T05:00:00Z", 7_200);
    scene.zone = "Asia/Kolkata";
    scene.drops = vec![(5_400.0, None, vec![])];
    insta::assert_snapshot!(in_every_language(&scene.report()));
}

#[test]
fn a_period_without_a_record() {
    let mut scene = Scene::new("2026-11-16T05:00:00Z", 86_400);
    scene.watched = false;
    insta::assert_snapshot!(in_every_language(&scene.report()));
}

#[test]
fn a_minute_with_hardly_a_probe() {
    let mut scene = Scene::new("2026-11-16T05:00:00Z", 60);
    scene.interval = Duration::from_secs(60);
    insta::assert_snapshot!(in_every_language(&scene.report()));
}

#[test]
fn what_is_cut_off_is_the_least_important() {
    let report = flapping_week(Duration::from_secs(60)).report();
    for (most, kept, lost) in [
        (1_200, "Method: ", "Limits: "),
        (800, "did not: the fault is on", "Method: "),
        (500, "Site: ", "did not: the fault is on"),
        (340, "Available: ", "Site: "),
    ] {
        for language in Lang::ALL {
            let text = ticket(&Report { language, ..report.clone() }, most).unwrap();
            assert!(text.contains("136 ") && text.contains("2026-11-23 00:00"), "{most}\n{text}");
            let english = language == Lang::En;
            assert!(!english || text.contains(kept), "{most}: {kept}\n{text}");
            assert!(!english || !text.contains(lost), "{most}: {lost}\n{text}");
        }
    }
}

#[test]
fn a_title_is_never_without_a_drop() {
    let report = &SCENES[0];
    for most in LEAST_TICKET_CHARS..TICKET_CHARS {
        let text = ticket(report, most).unwrap();
        assert_eq!(text.contains("Clearest"), text.contains(" UTC) +-"), "{text}");
    }
}

#[test]
fn too_few_characters_are_an_error_and_no_half_text() {
    let error = ticket(&autumn().report(), 299).unwrap_err();
    let text = "a ticket text takes at least 300 characters, 299 are too few";
    assert_eq!(error.to_string(), text);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn no_ticket_is_longer_than_it_may_be(
        most in LEAST_TICKET_CHARS..2_500,
        name in proptest::option::of("\\PC{0,200}"),
        account in proptest::option::of(".{0,200}"),
        note in ".{0,400}",
        nth in 0..Lang::ALL.len(),
        which in 0..3_usize,
    ) {
        let mut report = SCENES[which].clone();
        (report.site.name, report.site.account) = (name, account);
        report.language = Lang::ALL[nth];
        let at = report.period.from;
        report.notes.push(Note { text: note, at, ..SCENES[0].notes[0].clone() });
        let text = ticket(&report, most).unwrap();
        prop_assert!(text.chars().count() <= most, "{}", text);
        prop_assert!(text.lines().count() <= TICKET_LINES, "{}", text);
        prop_assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
        prop_assert!(text.starts_with(&one_line(&language::of(report.language).brief(Headline::of(&report).as_ref(), &report))[..20]));
    }
}

#[test]
fn constant_loss_is_reported_though_it_is_not_a_drop() {
    let mut report = Scene::new("2026-11-16T05:00:00Z", 3_600).report();
    let lossy = |report: &mut Report, lost| {
        let quality = report.analyses.calls.quality.as_mut().unwrap();
        quality.loss = crate::stats::LossRatio { lost, sent: 10_800 };
    };
    lossy(&mut report, 2_700);
    let text = in_every_language(&report);
    let english = "Loss: outside drops 25.00 % of the probes to the public servers were lost \
                   (2,700 of 10,800)\n";
    let french = "Perte : hors des coupures, 25,00 % des sondes vers les serveurs publics ont été \
                  perdues (2 700 sur 10 800)\n";
    assert!(text.contains(english) && text.contains(french), "{text}");
    let document = crate::render::markdown(&report);
    assert!(document.contains("outside drops 25.00 % of the probes"), "{document}");
    assert!(crate::render::text(&report).contains("Loss       outside drops 25.00 %"));
    lossy(&mut report, 54);
    assert!(!in_every_language(&report).contains("outside drops"), "half a percent is any line's");
}
