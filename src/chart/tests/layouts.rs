//! What has to be on a drawing whatever the record is: no drop hidden or grown, every note, every
//! figure.

use std::sync::LazyLock;

use super::*;
use crate::vocabulary::Note;

static NOTED: LazyLock<Report> = LazyLock::new(|| {
    let mut scene = empty();
    scene.notes = vec![(0.0, "a note")];
    scene.report()
});

#[test]
fn a_month_with_a_short_drop_in_every_column_keeps_its_delays() {
    let mut scene = Scene::new("2026-06-01T04:00:00Z", 30 * 86_400);
    let drop = |n: u32| (f64::from(n) * 1_500.0 + 10.0, Some(6.0), vec![Place::Access]);
    scene.drops = (0..1_728).map(drop).collect();
    let report = scene.report();
    let model = Model::new(&report);
    let drawn: usize = model.smoke.iter().flatten().map(|p| p.strip.to - p.strip.from).sum();
    assert!(drawn > COLUMNS * 9 / 10, "{drawn} of {COLUMNS} columns have delays");
    // What works is seen in all of them, and that there is a drop in each is said.
    let link = &model.lanes[0];
    let works = link.beneath.iter().filter(|(_, state)| *state == LaneState::Up);
    let works: usize = works.map(|(strip, _)| strip.to - strip.from).sum();
    assert!(works > COLUMNS * 9 / 10, "{works} of {COLUMNS} columns work");
    assert!(model.with_drops.are_all(), "{:?}", model.with_drops);
    for language in LANGUAGES {
        let pen = sheet::draw(&Report { language, ..report.clone() });
        let red = |s: &Shape| match s {
            Shape::Box { at, fill: Tone::Down } if at[3] - at[1] > 20 => at[2] - at[0],
            _ => 0,
        };
        assert_eq!(pen.shapes.iter().map(red).filter(|wide| *wide > 10 * 34).count(), 0);
        let many = language::of(language).number(model.with_drops.with as u64);
        let is_said = |s: &Shape| matches!(s, Shape::Text { text, .. } if text.contains(&many));
        assert!(pen.shapes.iter().any(is_said));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn every_note_has_a_flag_and_no_flag_covers_another(
        at in prop::collection::vec(0.0..86_400.0_f64, 1..60), near in 1.0..400.0_f64,
    ) {
        let mut report = NOTED.clone();
        let first = report.notes[0].clone();
        let time = |s: &f64| report.period.from + Duration::from_secs_f64(s / near);
        report.notes = at.iter().map(|s| Note { at: time(s), ..first.clone() }).collect();
        let flags = timeline::flags(&report);
        let noted: Vec<usize> = flags.iter().flat_map(|f| f.notes[0]..=f.notes[1]).collect();
        prop_assert_eq!(noted, (1..=at.len()).collect::<Vec<_>>());
        for (i, flag) in flags.iter().enumerate() {
            prop_assert!(flag.cloth[1] <= layout::WIDTH, "{:?}", flag);
            prop_assert!(flag.cloth[0] <= flag.pole, "{:?}", flag);
            for other in flags[..i].iter().filter(|other| other.level == flag.level) {
                let [a, b] = [flag.cloth, other.cloth];
                prop_assert!(a[1] <= b[0] || b[1] <= a[0], "{:?} {:?}", flag, other);
            }
        }
    }
}

#[test]
fn no_figure_is_cut_and_account_and_ticket_are_on_the_sheet_however_long_names_are() {
    for language in LANGUAGES {
        let mut scene = outage();
        scene.drops = vec![(86_000.0, Some(3_000.0), vec![Place::Access, Place::IspCore])];
        scene.gaps = vec![(88_000.0, 160_000.0, GapReason::Asleep)];
        let mut report = Report { language, ..scene.report() };
        report.site.name = Some("Maison-au-bout-du-rang ".repeat(12));
        report.site.isp = Some("Fournisseur".repeat(30));
        report.site.account = Some("123-456-789".to_owned());
        report.site.ticket = Some("T-2026-000123".to_owned());
        for target in &mut report.targets {
            target.target.name = "a-name-of-a-target-that-nobody-would-want-to-type".to_owned();
            target.total.probes.lost = 3_153_600_000;
            target.total.probes.sent = 9_153_600_000;
        }
        let pen = sheet::draw(&report);
        assert_eq!(text_clashes(&pen), Vec::<String>::new(), "{language:?}");
        let texts: Vec<_> = pen
            .shapes
            .iter()
            .filter_map(|s| if let Shape::Text { text, .. } = s { Some(text) } else { None })
            .collect();
        for whole in ["123-456-789", "T-2026-000123"] {
            assert!(texts.iter().any(|text| text.contains(whole)), "{whole}");
        }
        let cut: Vec<_> = texts.iter().filter(|text| text.contains('…')).collect();
        assert!(cut.iter().all(|text| !text.contains(|c: char| c.is_ascii_digit())), "{cut:?}");
    }
}
