use std::time::Duration;

use super::*;
use jiff::tz::TimeZone;

use crate::config::{Config, Lang, Site};
use crate::language;
use crate::prose;
use crate::report::synthetic::{Scene, at, flapping_week, targets};
use crate::report::*;
use crate::time::TimeRange;
use crate::vocabulary::{
    DropKind, Endpoint, GapReason, HostChange, Kind, Measurement, Outcome, Place, SimulatedShare,
    StoredEvent, TargetId,
};

fn secs(d: Duration) -> f64 {
    d.as_secs_f64()
}

fn one_drop() -> Scene {
    let mut scene = Scene::new("2026-11-16T05:00:00Z", 3_600);
    scene.drops = vec![(1_000.0, Some(90.0), vec![Place::Access])];
    scene
}

#[test]
fn a_week_of_flapping_as_text() {
    let text = text(&flapping_week(Duration::from_secs(10)).report());
    insta::assert_snapshot!(text);
}

#[test]
fn a_week_of_flapping_in_french() {
    let report = flapping_week(Duration::from_secs(10)).report();
    let report = Report { language: Lang::Fr, ..report };
    insta::assert_snapshot!("week_text_fr", text(&report));
    insta::assert_snapshot!("week_markdown_fr", markdown(&report));
    // For programs nothing is another but the headline.
    let [english, others @ ..] =
        Lang::ALL.map(|language| json(&Report { language, ..report.clone() }));
    for other in others {
        let differing = other.lines().zip(english.lines()).filter(|(a, b)| a != b);
        let differing: Vec<_> = differing.map(|(a, _)| a.trim_start()).collect();
        assert!(matches!(differing.as_slice(), [line] if line.starts_with("\"headline\": ")));
    }
}

#[test]
fn a_period_without_a_record_as_text_and_json() {
    let mut scene = Scene::new("2026-11-16T05:00:00Z", 86_400);
    scene.watched = false;
    let report = scene.report();
    assert_eq!(report.availability, None);
    insta::assert_snapshot!("empty_text", text(&report));
    insta::assert_snapshot!("empty_json", json(&report));
}

#[test]
fn an_open_drop_as_text_and_json() {
    let mut scene = Scene::new("2026-11-16T05:00:00Z", 7_200);
    scene.zone = "Asia/Kolkata";
    scene.drops = vec![(5_400.0, None, vec![])];
    let report = scene.report();
    insta::assert_snapshot!("open_text", text(&report));
    insta::assert_snapshot!("open_json", json(&report));
}

#[test]
fn a_drop_in_which_the_record_ends_is_not_over_then_and_has_one_length() {
    let folder = tempfile::tempdir().unwrap();
    let mut scene = Scene::new("2026-11-16T05:00:00Z", 3_600);
    scene.drops = vec![(3_000.0, None, vec![Place::Access])];
    let path = scene.import_into(folder.path());
    let reader = crate::store::Reader::open(&path).unwrap();
    // Asked hours later.
    let period = TimeRange { to: scene.period.to + Duration::from_secs(7_200), ..scene.period };
    let rows = gather(&reader, period, None).unwrap();
    let [ends] = rows.record_ends.values().copied().collect::<Vec<_>>()[..] else { panic!() };
    assert!(scene.period.to.micros_since(ends).abs() < 2_000_000, "{ends}");
    let stored = rows.drops.clone();
    let site = Site::default();
    let method = Method::new(&Config::default(), None);
    let report = Report::build(rows, TimeZone::UTC, &site, period.to, method);
    for text in [text(&report), ticket(&report, TICKET_CHARS).unwrap(), markdown(&report)] {
        let said = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("not over when the record ends at Mon 2026-11-16 0"), "{said}");
        assert!(!said.contains("so far") && !said.contains("ongoing"), "{said}");
        assert!(said.contains("10 min"), "{said}");
    }
    let keys: Vec<_> = stored.iter().map(|stored| stored.drop.key).collect();
    let list = drops_text(&stored, &[], &TimeZone::UTC, &[], &[], &keys, language::of(Lang::En));
    assert!(list.contains("not over") && !list.contains("so far"), "{list}");
}

#[test]
fn an_open_drop_is_as_long_as_its_time_down() {
    let mut scene = Scene::new("2026-11-16T05:00:00Z", 7_200);
    scene.drops = vec![(5_400.0, None, vec![])];
    let mut rows = scene.rows();
    // Written down when it was confirmed, and not since.
    rows.drops[0].drop.min = Duration::from_secs(5);
    rows.drops[0].drop.max = Duration::from_secs(6);
    let Report { zone, site, made, method, .. } = scene.report();
    let report = Report::build(rows, zone, &site, made, method);
    let drop = report.counted_drops().next().unwrap();
    assert_eq!((drop.length, drop.down), (report.summary.down, report.summary.down));
    assert!(drop.length.min > Duration::from_secs(1_790), "{:?}", drop.length);
}

#[test]
fn gaps_and_a_target_in_trouble_as_text() {
    let mut scene = Scene::new("2026-11-16T05:00:00Z", 43_200);
    scene.interval = Duration::from_secs(5);
    scene.gaps =
        vec![(3_600.0, 10_800.0, GapReason::Asleep), (20_000.0, 20_030.0, GapReason::Stopped)];
    scene.troubles = vec![(5, 30_000.0, 31_000.0)];
    scene.watched_from = 600.0;
    insta::assert_snapshot!(text(&scene.report()));
}

#[test]
fn no_text_is_wider_than_100_columns_or_longer_than_150_lines() {
    let mut wide = Scene::new("2026-11-16T05:00:00Z", 86_400);
    wide.interval = Duration::from_secs(60);
    wide.drops = vec![
        (-700.0, None, Place::ALL.to_vec()),
        (40_000.0, Some(9_000.0), vec![Place::IspCore, Place::Beyond]),
    ];
    let scenes = [
        wide,
        flapping_week(Duration::from_secs(30)),
        one_drop(),
        Scene::new("2026-01-01T00:00:00Z", 60),
    ];
    for scene in scenes {
        let text = text(&scene.report());
        assert!(text.lines().all(|l| l.chars().count() <= 100), "{text}");
        assert!(text.lines().count() <= 150, "{} lines\n{text}", text.lines().count());
        assert!(text.is_ascii());
    }
}

#[test]
fn time_not_watched_is_in_neither_part_of_availability() {
    let mut scene = Scene::new("2026-11-16T05:00:00Z", 10_000);
    scene.gaps = vec![(0.0, 5_000.0, GapReason::Asleep)];
    scene.drops = vec![(6_000.0, Some(500.0), vec![Place::Access])];
    let report = scene.report();
    assert_eq!(report.coverage.observed, Duration::from_secs(5_000));
    assert!((report.coverage.ratio().unwrap() - 0.5).abs() < 1e-9);
    let availability = report.availability.unwrap();
    assert!((availability.ratio - 0.9).abs() < 1e-4, "{availability:?}");
    assert!(availability.lower < 0.9 && 0.9 < availability.upper);
}

#[test]
fn a_drop_over_both_ends_of_the_period_is_clipped_to_it_and_says_so() {
    let mut scene = Scene::new("2026-11-16T05:00:00Z", 1_000);
    scene.drops = vec![(-500.0, Some(2_000.0), vec![Place::Modem])];
    let report = scene.report();
    let drop = &report.drops[0];
    assert!(drop.starts_before && drop.ends_after);
    assert_eq!(drop.kind, DropKind::Outage);
    assert!((secs(drop.length.max) - 2_000.3).abs() < 0.1);
    assert_eq!((secs(drop.down.min), secs(drop.down.max)), (1_000.0, 1_000.0));
    assert!(report.availability.unwrap().upper.abs() < 1e-9);
    let text = text(&report);
    assert!(text.contains("began before the period"), "{text}");
    assert!(text.contains("continued after the period"), "{text}");
}

#[test]
fn what_happened_to_the_computer_is_reported() {
    let mut report = one_drop().report();
    let at = report.period.from;
    let cable = |up| HostChange::Carrier { interface: "eth0".to_owned(), up };
    report.events = [cable(false), cable(true), HostChange::Slept { seconds: 7.0 }]
        .map(|what| StoredEvent { at, what })
        .to_vec();
    let text = text(&report);
    assert!(text.contains("Computer   slept once; lost its cable or Wi-Fi once\n"), "{text}");
}

#[test]
fn what_happened_to_the_computer_is_among_the_remarks_on_a_drop() {
    let mut scene = one_drop();
    scene.drops = vec![(1_000.0, Some(90.0), vec![Place::Lan])];
    let mut report = scene.report();
    let cable = |s: i64, up| StoredEvent {
        at: report.period.from.plus_micros(s * 1_000_000),
        what: HostChange::Carrier { interface: "eth0".to_owned(), up },
    };
    report.events =
        vec![cable(500, false), cable(501, true), cable(999, false), cable(1_089, true)];
    let text = text(&report).split_whitespace().collect::<Vec<_>>().join(" ");
    let want = "This computer: eth0 lost carrier 00:16:39; eth0 has carrier 00:18:09";
    assert!(text.contains(want), "{text}");
    assert!(text.contains("the fault is in the home network, not the ISP's."), "{text}");
}

#[test]
fn a_headline_of_a_period_hardly_watched_says_so_first() {
    let mut scene = one_drop();
    scene.gaps = vec![(1_400.0, 3_600.0, GapReason::Asleep)];
    let headline = prose::headline(&scene.report());
    let want = "Only 38.89 % of 1 hour was watched: 1 drop of 1 min 30 s in that time. ";
    assert!(headline.starts_with(want), "{headline}");
    scene.drops.clear();
    let headline = prose::headline(&scene.report());
    let want = "Only 38.89 % of 1 hour was watched: no drop of 5 s or more in that time.";
    assert_eq!(headline, want);
}

#[test]
fn a_headline_without_drops_mentions_blips_and_targets_that_failed() {
    let mut scene = one_drop();
    scene.drops = vec![(100.0, Some(3.0), vec![])];
    scene.troubles = vec![(5, 2_000.0, 2_100.0), (5, 3_000.0, 3_100.0)];
    assert_eq!(
        prose::headline(&scene.report()),
        "No drop of 5 s or more in 1 hour, 1 blip of 2 s to 5 s; google failed at times, the link did not."
    );
}

#[test]
fn an_imported_record_is_not_said_to_have_been_probed_by_linkmon() {
    let folder = tempfile::tempdir().unwrap();
    let scene = one_drop();
    let path = scene.import_into(folder.path());
    let reader = crate::store::Reader::open(&path).unwrap();
    let rows = gather(&reader, scene.period, None).unwrap();
    let method = Method::new(&Config::default(), None);
    let zone = jiff::tz::TimeZone::UTC;
    let report = Report::build(rows, zone, &Site::default(), scene.period.to, method);
    assert_eq!(report.record.origin, Origin::Imported);
    let how = prose::how(&report).join(" ");
    assert!(how.contains("imported from the record of another program"), "{how}");
    assert!(how.contains("sent nothing") && !how.contains("linkmon sent an"), "{how}");
}

#[test]
fn an_address_too_long_for_its_row_is_whole_on_the_next() {
    let mut report = one_drop().report();
    let url = "http://connectivitycheck.gstatic.com/generate_204".to_owned();
    report.targets[0].target.endpoint = Endpoint::new(Kind::Http, url.as_str());
    report.targets[0].target.kind = Kind::Http;
    report.targets[1].target.endpoint = Endpoint::new(Kind::Icmp, "2001:4860:4860::8888");
    let text = text(&report);
    assert!(text.contains(&format!("\n      {url}\n")), "{text}");
    assert!(text.contains("  2001:4860:4860::8888\n"), "{text}");
    assert!(text.lines().all(|l| l.chars().count() <= 100), "{text}");
}

#[test]
fn a_gap_inside_a_drop_is_not_down_time() {
    let mut scene = Scene::new("2026-11-16T05:00:00Z", 2_000);
    scene.drops = vec![(500.0, Some(1_000.0), vec![Place::Access])];
    scene.gaps = vec![(700.0, 1_000.0, GapReason::Rebooted)];
    let mut rows = scene.rows();
    rows.drops[0].drop.unobserved = Duration::from_secs(300);
    rows.drops[0].drop.min -= Duration::from_secs(300);
    let zone = jiff::tz::TimeZone::UTC;
    let method = Method::new(&Config::default(), None);
    let report = Report::build(rows, zone, &Site::default(), scene.period.to, method);
    assert!((secs(report.summary.down.max) - 700.0).abs() < 1.0, "{:?}", report.summary.down);
    assert!((secs(report.summary.down.min) - 700.0).abs() < 1.0);
}

#[test]
fn blips_are_counted_and_are_no_down_time() {
    let mut scene = one_drop();
    scene.drops = vec![(100.0, Some(3.0), vec![])];
    let report = scene.report();
    assert_eq!((report.summary.blips, report.summary.counted()), (1, 0));
    assert!((report.availability.unwrap().lower - 1.0).abs() < 1e-9);
    assert!(prose::headline(&report).starts_with("No drop of 5 s or more in 1 hour"));
}

#[test]
fn days_have_the_hours_that_the_zone_gives_them() {
    let mut scene = Scene::new("2026-10-31T04:00:00Z", 3 * 86_400 + 3_600);
    scene.interval = Duration::from_secs(60);
    scene.drops = vec![(86_400.0 + 24.5 * 3_600.0, Some(60.0), vec![Place::Access])];
    let report = scene.report();
    let days: Vec<_> = report
        .summary
        .per_day
        .iter()
        .map(|d| (d.date.to_string(), d.range.length().as_secs() / 3_600, d.drops))
        .collect();
    let want = [("2026-10-31", 24, 0), ("2026-11-01", 25, 1), ("2026-11-02", 24, 0)];
    assert_eq!(days, want.map(|(date, hours, n)| (date.to_owned(), hours, n)));

    let mut spring = Scene::new("2026-03-08T05:00:00Z", 23 * 3_600);
    spring.interval = Duration::from_secs(60);
    let days = spring.report().summary.per_day;
    assert_eq!((days.len(), days[0].range.length().as_secs() / 3_600), (1, 23));
}

#[test]
fn the_headline_claims_a_place_only_when_every_drop_has_it() {
    let mut scene = one_drop();
    assert!(prose::headline(&scene.report()).ends_with(
        "The home router and the modem answered during the drop, the ISP's first hop did not: \
         the fault is on the access line."
    ));
    scene.drops =
        vec![(1_000.0, Some(90.0), vec![Place::Access]), (2_000.0, Some(90.0), vec![Place::Lan])];
    let headline = prose::headline(&scene.report());
    assert!(
        headline.ends_with("the fault is on the access line in 1 of 2, in the home network in 1."),
        "{headline}"
    );
    scene.drops = vec![(1_000.0, Some(90.0), vec![])];
    assert!(prose::headline(&scene.report()).contains("where the fault lies is not known"));
}

#[test]
fn the_list_of_drops_as_json_has_null_for_an_end_that_has_not_come() {
    let mut scene = one_drop();
    scene.drops.push((2_000.0, None, vec![Place::Access, Place::IspCore]));
    let rows = scene.rows();
    let (targets, zone) = (targets(scene.interval), TimeZone::get(scene.zone).unwrap());
    let context = DropsContext {
        targets: &targets,
        zone: &zone,
        simulated: SimulatedShare::Nothing,
        others: &[],
        ended: &[],
    };
    insta::assert_snapshot!(drops_json(&rows.drops, context));
    assert_eq!(drops_json(&[], context), "[]\n");
    // By another way, and not over when the record ends.
    let last = &rows.drops[1];
    let ended = [(last.drop.key, at("2026-11-30T12:00:00Z"))];
    let json =
        drops_json(&rows.drops, DropsContext { others: &[last.id], ended: &ended, ..context });
    let listed: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&listed[0]["other_way"], &listed[0]["record_ends"]),
        (&serde_json::Value::Null, &serde_json::Value::Null)
    );
    assert_eq!(
        (&listed[1]["other_way"], &listed[1]["end"]),
        (&serde_json::Value::Bool(true), &serde_json::Value::Null)
    );
    assert_eq!(listed[1]["record_ends"], "2026-11-30T12:00:00.000Z");
}

#[test]
fn the_list_of_drops_as_a_table() {
    let mut scene = one_drop();
    scene.drops.push((2_000.0, None, vec![Place::Access, Place::IspCore]));
    let rows = scene.rows();
    let zone = jiff::tz::TimeZone::get("Asia/Kolkata").unwrap();
    insta::assert_snapshot!(drops_text(
        &rows.drops,
        &rows.targets,
        &zone,
        &[],
        &[],
        &[],
        language::of(Lang::En)
    ));
    assert_eq!(drops_text(&[], &[], &zone, &[], &[], &[], language::of(Lang::En)), "No drops.\n");
}

#[test]
fn columns_of_a_series_add_up_to_its_total() {
    let scene = flapping_week(Duration::from_secs(20));
    for tally in scene.rows().tallies {
        let sum = |of: fn(&Bucket) -> u64| tally.columns.iter().map(of).sum::<u64>();
        assert_eq!(sum(|b| b.probes.sent), tally.total.probes.sent);
        assert_eq!(sum(|b| b.probes.lost), tally.total.probes.lost);
        let max = tally.columns.iter().filter_map(|b| b.rtt).map(|r| r.max).max();
        assert_eq!(max, tally.total.rtt.map(|r| r.max));
    }
}

#[test]
fn a_clock_put_back_counts_the_hour_twice_and_loses_nothing() {
    let period = TimeRange { from: at("2026-11-16T05:00:00Z"), to: at("2026-11-16T06:00:00Z") };
    let mut collector = Collector::new(period, &targets(Duration::from_secs(1)));
    let mut feed = |s: i64, rtt: u64| {
        let sent_at = period.from.plus_micros(s * 1_000_000);
        let outcome = Outcome::reply(Duration::from_micros(rtt));
        collector.add(&Measurement { target: TargetId(4), sent_at, outcome });
    };
    (0..1_000).for_each(|s| feed(s, 10_000));
    (500..1_500).for_each(|s| feed(s, 20_000));
    let (tallies, _) = collector.finish();
    assert_eq!(tallies[0].total.probes.sent, 2_000);
    let column = rows::column_of(period, COLUMNS, period.from.plus_micros(700_000_000)).unwrap();
    let rtt = tallies[0].columns[column].rtt.unwrap();
    assert_eq!((rtt.min, rtt.max), (10_000, 20_000));
}

#[test]
fn a_link_of_which_nothing_ever_answered_is_not_said_to_be_available() {
    let scene = Scene::new("2026-11-16T05:00:00Z", 3_600);
    let mut rows = scene.rows();
    for tally in &mut rows.tallies {
        tally.total.probes.lost = tally.total.probes.sent;
    }
    let made = |rows| {
        let Report { zone, site, made, method, .. } = scene.report();
        Report::build(rows, zone, &site, made, method)
    };
    let report = made(rows.clone());
    assert_eq!((report.availability, report.analyses.calls.clear), (None, None));
    assert!(report.coverage.ratio().unwrap() > 0.9);
    let text = text(&report);
    assert!(text.starts_with("No public server ever answered in this period: whether"), "{text}");
    assert!(!text.contains("No drop") && !text.contains("Available  "), "{text}");
    // One answer, though late, proves that the link was there.
    rows.tallies.last_mut().unwrap().total.probes.late = 1;
    assert!(made(rows).availability.is_some());
}

#[test]
fn one_is_written_as_one() {
    let mut report = one_drop().report();
    report.record.chain =
        Some(Chain { entries: 1, hour: report.period.from, head: "3f5a".to_owned() });
    for (language, word) in
        [(Lang::En, "1 entry up to"), (Lang::Fr, "1 entrée jusqu’à"), (Lang::De, "1 Eintrag bis")]
    {
        let chain = language::of(language).chain(&report).unwrap();
        assert!(chain.starts_with(word), "{chain}");
    }
}

#[test]
fn a_name_cannot_turn_the_words_around_it() {
    let mut report = one_drop().report();
    report.site.name = Some("Home\u{202e}evil".to_owned());
    for text in [text(&report), ticket(&report, 1_500).unwrap(), markdown(&report)] {
        assert!(text.contains("Home evil") && !text.contains('\u{202e}'), "{text}");
    }
    assert!(!crate::chart::sheet_svg(&report).unwrap().contains('\u{202e}'));
}

#[test]
fn a_span_from_one_length_to_the_same_is_written_as_one_length() {
    let mut scene = Scene::new("2026-11-16T05:00:00Z", 4 * 3_600);
    let drop = |n: u32| (f64::from(n) * 1_200.0 + 600.0, Some(40.0), vec![Place::Access]);
    scene.drops = (0..9).map(drop).collect();
    for (language, half) in [
        (Lang::En, "(half of the times between drops are about 20 min)"),
        (Lang::Fr, "(la moitié des intervalles sont de 20\u{a0}min environ)"),
        (Lang::De, "(die Hälfte der Abstände liegt bei etwa 20\u{a0}min)"),
    ] {
        let report = Report { language, ..scene.report() };
        let text = language::of(language).pattern_found(&report);
        assert!(text.contains(half), "{text}");
    }
}
