#![allow(clippy::cast_precision_loss, reason = "pixels and seconds of tests")]

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;

use super::columns::{ColumnRange, MIN_WIDTH, strip};
use super::model::Model;
use super::palette::Tone;
use super::pen::{Align, Pen, Shape, width};
use super::places::LaneState;
use super::*;
use crate::config::Lang;
use crate::report::Report;
use crate::report::rows::COLUMNS;
use crate::report::synthetic::{Scene, at, flapping_week};
use crate::time::TimeRange;
use crate::vocabulary::{Endpoint, GapReason, Kind, Place};

mod layouts;
mod outlines;
mod pixels;
mod scenes;
mod words;

const LANGUAGES: [Lang; 3] = Lang::ALL;

use scenes::{day, details, empty, hour, outage, reports, scenes, year};

/// Writes the sheets to `target/sheets`, to be looked at:
/// `cargo test --lib chart::tests::sheets -- --ignored`.
#[test]
#[ignore = "for the eye"]
fn sheets_to_look_at() {
    let to = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/sheets");
    std::fs::create_dir_all(&to).unwrap();
    let write = |name: String, data: &[u8]| std::fs::write(to.join(name), data).unwrap();
    let all = |name: &str, draw: &dyn Fn(Theme) -> Drawing| {
        write(format!("{name}.png"), &draw(Theme::Light).png().unwrap());
        write(format!("{name}-dark.png"), &draw(Theme::Dark).png().unwrap());
        write(format!("{name}.svg"), draw(Theme::Light).svg_with_font().unwrap().as_bytes());
        write(format!("{name}-a4.pdf"), &draw(Theme::Light).pdf(Paper::A4).unwrap());
        write(format!("{name}-letter.pdf"), &draw(Theme::Dark).pdf(Paper::Letter).unwrap());
    };
    for (name, report) in in_all_languages() {
        let language = report.language;
        all(&format!("{name}-{language:?}"), &|theme| sheet(&report, theme).unwrap());
    }
    for language in LANGUAGES {
        for (name, detail) in details() {
            let detail = scenes::in_language(detail, language);
            all(&format!("{name}-{language:?}"), &|theme| drop_sheet(&detail, theme).unwrap());
        }
    }
}

/// The reports of all scenes in each language.
fn in_all_languages() -> Vec<(&'static str, Report)> {
    let texts =
        |language| reports().into_iter().map(move |(name, r)| (name, Report { language, ..r }));
    LANGUAGES.into_iter().flat_map(texts).collect()
}

fn period(seconds: i64) -> TimeRange {
    let from = at("2026-11-16T05:00:00Z");
    TimeRange { from, to: from.plus_micros(seconds * 1_000_000) }
}

/// Where drops and outages are.
fn drops(report: &Report) -> Vec<ColumnRange> {
    let spans = report.counted_drops().flat_map(|drop| &drop.judged.spans);
    spans.filter_map(|span| strip(report.period, *span)).collect()
}

proptest! {
    #[test]
    fn a_drop_is_never_hidden_and_never_more_than_two_columns_wider_than_it_lasted(
        days in 1_i64..400, from in 0.0..1.0_f64, length_ms in 1_i64..90_000_000,
    ) {
        let period = period(days * 86_400);
        #[allow(clippy::cast_possible_truncation, reason = "a share of a period")]
        let begin = period.from.plus_micros((from * days as f64 * 86.4e9) as i64);
        let end = begin.plus_micros(length_ms * 1_000).min(period.to);
        let strip = strip(period, TimeRange { from: begin, to: end }).unwrap();
        prop_assert!(strip.to <= COLUMNS && strip.to - strip.from >= MIN_WIDTH);
        let column = days as f64 * 86.4e9 / COLUMNS as f64;
        let true_width = end.micros_since(begin) as f64 / column;
        prop_assert!((strip.to - strip.from) as f64 <= true_width + MIN_WIDTH as f64);
        // It covers its time, but for being moved in at the very end.
        let middle = begin.plus_micros(end.micros_since(begin) / 2);
        let at = crate::report::rows::column_of(period, COLUMNS, middle).unwrap();
        prop_assert!((strip.from..strip.to).contains(&at));
    }
}

#[test]
fn each_drop_is_painted_on_the_link_and_all_of_them_no_wider_than_allowed() {
    for (name, report) in reports() {
        let model = Model::new(&report);
        let link = model.lanes.iter().find(|l| l.place.is_none()).unwrap();
        let down: Vec<_> = link
            .states
            .iter()
            .filter(|(_, s)| *s >= LaneState::PartDown)
            .map(|(s, _)| *s)
            .collect();
        let mut down: Vec<ColumnRange> = down;
        down.dedup_by(|b, a| {
            a.to == b.from && {
                a.to = b.to;
                true
            }
        });
        for drop in &drops(&report) {
            assert!(
                down.iter().any(|s| s.from <= drop.from && drop.to <= s.to),
                "{name}: {drop:?} is hidden"
            );
        }
        let painted: usize = down.iter().map(|s| s.to - s.from).sum();
        let column = report.period.length().as_secs_f64() / COLUMNS as f64;
        let most = report.summary.down.max.as_secs_f64() / column
            + (MIN_WIDTH * report.summary.counted()) as f64;
        assert!(painted as f64 <= most, "{name}: {painted} columns for at most {most}");
    }
}

#[test]
fn lines_have_no_point_in_a_column_that_a_drop_or_a_gap_fills_or_without_an_answer() {
    for (name, report) in reports() {
        let model = Model::new(&report);
        for point in model.smoke.iter().flatten() {
            let free = |s: &ColumnRange| s.to <= point.strip.from || point.strip.to <= s.from;
            let spans = report.counted_drops().flat_map(|drop| &drop.judged.spans).copied();
            let spans = spans.chain(report.gaps.iter().map(|gap| gap.range));
            let filled = spans.filter_map(|span| columns::filled(report.period, span));
            assert!(filled.into_iter().all(|strip| free(&strip)), "{name}");
            let deciders = report.targets.iter().filter(|t| t.decides);
            let mut columns = deciders.flat_map(|t| &t.columns[point.strip.from..point.strip.to]);
            assert!(columns.any(|c| c.rtt.is_some()), "{name}");
            let rising = [point.min, point.p5, point.p50, point.p95, point.max];
            assert!(point.min > 0 && rising.is_sorted(), "{name}: {point:?}");
        }
    }
}

#[test]
fn what_was_not_watched_is_hatched_and_never_up_nor_down() {
    let report = day().report();
    let model = Model::new(&report);
    assert_eq!(model.gaps.len(), 1);
    for lane in &model.lanes {
        let gap = model.gaps[0];
        let inside = lane.states.iter().filter(|(s, _)| s.from >= gap.from && s.to <= gap.to);
        assert!(inside.clone().count() > 0);
        assert!(inside.into_iter().all(|(_, state)| *state == LaneState::Unwatched));
    }
    let empty = empty().report();
    for lane in &Model::new(&empty).lanes {
        assert_eq!(lane.states.len(), 1);
        assert_eq!(lane.states[0].1, LaneState::Unwatched);
    }
}

#[test]
fn a_gap_inside_a_long_drop_is_not_claimed_to_have_been_down() {
    let mut scene = outage();
    scene.gaps = vec![(120_000.0, 130_000.0, GapReason::Asleep)];
    let report = scene.report();
    let model = Model::new(&report);
    let gap = model.gaps[0];
    let states = &model.lanes[0].states;
    let at = |column: usize| {
        states.iter().find(|(s, _)| (s.from..s.to).contains(&column)).map(|(_, state)| *state)
    };
    assert_eq!(at(gap.from), Some(LaneState::Unwatched));
    assert_eq!([at(gap.from - 1), at(gap.to)], [Some(LaneState::Down); 2]);
}

#[test]
fn a_fault_is_painted_at_its_place_nearer_ones_work_and_farther_ones_are_unknown() {
    let cases = [
        (
            vec![Place::Access],
            [LaneState::Up, LaneState::Up, LaneState::Down, LaneState::Hidden, LaneState::Hidden],
        ),
        (
            vec![Place::Lan],
            [
                LaneState::Down,
                LaneState::Hidden,
                LaneState::Hidden,
                LaneState::Hidden,
                LaneState::Hidden,
            ],
        ),
        (
            vec![Place::Access, Place::IspCore],
            [LaneState::Up, LaneState::Up, LaneState::Maybe, LaneState::Maybe, LaneState::Hidden],
        ),
        (
            vec![Place::Beyond],
            [LaneState::Up, LaneState::Up, LaneState::Up, LaneState::Up, LaneState::Down],
        ),
    ];
    for (places, want) in cases {
        let mut scene = Scene::new("2026-11-16T13:00:00Z", 3_600);
        scene.drops = vec![(700.0, Some(64.0), places.clone())];
        let report = scene.report();
        let model = Model::new(&report);
        let drop = drops(&report)[0];
        let middle = usize::midpoint(drop.from, drop.to);
        let got: Vec<_> = model
            .lanes
            .iter()
            .flat_map(|lane| &lane.states)
            .filter(|(s, _)| (s.from..s.to).contains(&middle))
            .map(|(_, state)| *state)
            .collect();
        assert_eq!(got[0], LaneState::Down, "{places:?}");
        assert_eq!(got[1..], want, "{places:?}");
    }
}

proptest! {
    #[test]
    fn two_drops_with_three_columns_of_up_time_between_them_never_touch(
        days in 1_i64..400, begin in 0.0..0.9_f64, first in 5.0..90_000.0_f64, wait in 3.0..40.0_f64,
    ) {
        let period = period(days * 86_400);
        let column = days as f64 * 86.4e9 / COLUMNS as f64;
        #[allow(clippy::cast_possible_truncation, reason = "a share of a period")]
        let at = |us: f64| period.from.plus_micros(us as i64);
        let begin = begin * days as f64 * 86.4e9;
        let end = begin + first * 1e6;
        let next = end + wait * column;
        prop_assume!(next + 5e6 + 4.0 * column < days as f64 * 86.4e9);
        let a = strip(period, TimeRange { from: at(begin), to: at(end) }).unwrap();
        let b = strip(period, TimeRange { from: at(next), to: at(next + 5e6) }).unwrap();
        prop_assert!(a.to < b.from, "{a:?} {b:?}");
    }
}

/// Left, top, right, bottom of a text, as measured.
fn text_box(shape: &Shape) -> Option<([i32; 4], &str)> {
    let Shape::Text { x, baseline, align, set, text } = shape else { return None };
    let w = width(text, *set);
    let left = match align {
        Align::Left => *x,
        Align::Centre => x - w / 2,
        Align::Right => x - w,
    };
    Some(([left, baseline - set.size * 3 / 4, left + w, baseline + set.size / 5], text))
}

fn text_clashes(pen: &Pen) -> Vec<String> {
    let boxes: Vec<_> = pen.shapes.iter().filter_map(text_box).collect();
    let mut out = Vec::new();
    for (i, (a, text)) in boxes.iter().enumerate() {
        if a[0] < 0 || a[1] < 0 || a[2] > pen.width || a[3] > pen.height {
            out.push(format!("{text:?} is cut off at {a:?}"));
        }
        for (b, other) in &boxes[..i] {
            if a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3] {
                out.push(format!("{text:?} lies over {other:?}"));
            }
        }
    }
    out
}

#[test]
fn no_text_covers_another_or_is_cut_off() {
    for (name, mut report) in in_all_languages() {
        assert_eq!(text_clashes(&sheet::draw(&report)), Vec::<String>::new(), "{name}");
        report.site.name = Some("A site with a name that does not fit in a line ".repeat(6));
        for target in &mut report.targets {
            target.target.name = "a-very-long-name-of-a-target-indeed".to_owned();
            target.target.endpoint =
                Endpoint::new(Kind::Icmp, "2001:0db8:85a3:0000:0000:8a2e:0370:7334");
        }
        assert_eq!(text_clashes(&sheet::draw(&report)), Vec::<String>::new(), "{name}, long names");
    }
    for (name, detail) in details() {
        for language in LANGUAGES {
            let detail = scenes::in_language(detail.clone(), language);
            assert_eq!(text_clashes(&detail::draw(&detail)), Vec::<String>::new(), "{name}");
        }
    }
}

#[test]
fn a_drop_that_reaches_over_the_period_has_an_arrow_out_of_it_and_says_so_in_the_list() {
    let arrows = |report: &Report| {
        let pen = sheet::draw(report);
        let tip = |s: &Shape| match s {
            Shape::Area { points, fill: Tone::Down } => Some(points[2].0),
            _ => None,
        };
        let (left, right) = (layout::PLOT, layout::end());
        let tips: Vec<_> = pen.shapes.iter().filter_map(tip).collect();
        [tips.iter().any(|x| *x < left), tips.iter().any(|x| *x > right)]
    };
    let (_, clipped) = scenes().into_iter().find(|(name, _)| *name == "clipped").unwrap();
    let clipped = clipped.report();
    assert_eq!(arrows(&clipped), [true, true]);
    assert_eq!(arrows(&hour().report()), [false, false]);
    assert_eq!(arrows(&outage().report()), [false, true]);
    let said: Vec<_> = sheet::draw(&clipped)
        .shapes
        .into_iter()
        .filter_map(|s| if let Shape::Text { text, .. } = s { Some(text) } else { None })
        .collect();
    for words in ["before the period", "after the period"] {
        assert!(said.iter().any(|text| text == words), "{said:?}");
    }
}

#[test]
fn a_pdf_has_one_page_of_the_paper_and_text_that_can_be_found() {
    let report = hour().report();
    for (paper, size) in [(Paper::A4, "595.28"), (Paper::Letter, "612")] {
        let pdf = sheet(&report, Theme::Light).unwrap().pdf(paper).unwrap();
        let text = String::from_utf8_lossy(&pdf);
        assert!(text.starts_with("%PDF-1."), "{}", &text[..20]);
        assert!(text.contains("/Count 1"));
        assert!(text.contains(&format!("/MediaBox[0 0 {size}")), "{size}");
        assert!(text.contains("/FontFile2"));
    }
}

#[test]
fn an_svg_carries_its_font_and_is_the_same_drawing_without() {
    let report = hour().report();
    let drawing = sheet(&report, Theme::Dark).unwrap();
    let (bare, full) = (drawing.svg().unwrap(), drawing.svg_with_font().unwrap());
    assert_eq!(full.matches("@font-face").count(), 2);
    let begin = full.find("<style>").unwrap();
    let end = full.find("</style>").unwrap() + "</style>".len();
    assert_eq!(format!("{}{}", full[..begin].trim_end(), &full[end..]), bare);
}

#[test]
fn neither_an_edge_of_a_drop_nor_a_default_target_is_cut() {
    let mut report = hour().report();
    assert!(report.summary.counted() > 0);
    let default = report.targets[0].clone();
    let url = "http://connectivitycheck.gstatic.com/generate_204";
    report.targets.resize_with(13, || {
        let mut http = default.clone();
        http.target.kind = crate::vocabulary::Kind::Http;
        http.target.endpoint = Endpoint::new(Kind::Http, url);
        http
    });
    let texts: Vec<_> = sheet::draw(&report)
        .shapes
        .into_iter()
        .filter_map(|s| if let Shape::Text { text, .. } = s { Some(text) } else { None })
        .collect();
    assert!(texts.iter().filter(|t| *t == url).count() >= 7, "{texts:?}");
    assert!(!texts.iter().any(|t| t.contains('…') || t.ends_with(" more")), "{texts:?}");
}

#[test]
fn of_a_drop_with_a_high_number_the_whole_number_is_drawn() {
    let mut report = hour().report();
    report.drops.iter_mut().for_each(|drop| drop.id = 23_738);
    let shapes = sheet::draw(&report).shapes;
    let is_it = |s: &Shape| matches!(s, Shape::Text { text, .. } if text == "23738");
    assert!(shapes.iter().any(is_it), "{shapes:?}");
}

#[test]
fn at_800_pixels_wide_letters_are_11_pixels_high_and_the_small_print_is_10() {
    let pens = reports().into_iter().map(|(name, r)| (name, sheet::draw(&r)));
    for (name, pen) in pens.chain(details().into_iter().map(|(name, d)| (name, detail::draw(&d)))) {
        let rule = |s: &Shape| match s {
            Shape::Box { at, fill: Tone::Rule } if at[2] - at[0] > 1_800 => Some(at[1]),
            _ => None,
        };
        let footer = pen.shapes.iter().filter_map(rule).max().unwrap();
        for shape in &pen.shapes {
            let Shape::Text { baseline, set, text, .. } = shape else { continue };
            let is_count = text.chars().all(|c| c.is_ascii_digit() || c == ',');
            let least = if *baseline > footer || is_count { 24 } else { 27 };
            assert!(set.size >= least, "{name}: {text:?} is {} high", set.size);
        }
    }
}

#[test]
fn names_with_signs_that_xml_forbids_are_drawn() {
    let mut report = hour().report();
    report.site.name = Some("<b>\u{0}\u{7}\u{ffff}& \"Müller\"</b>".to_owned());
    assert!(sheet_png(&report).is_ok());
}

/// CPU of a week at 1 Hz: counting 3.6 million samples, text, JSON and sheet.
/// `cargo test --release --lib chart::tests::cost -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn cost_of_a_week_of_six_targets() {
    use crate::report::{Collector, synthetic};
    use crate::time::Reading;
    let scene = flapping_week(Duration::from_secs(1));
    let mut samples = Vec::new();
    scene.samples(|m| samples.push(m.clone()));
    let report = scene.report();
    let since = |start: Reading| (Reading::now().monotonic_us - start.monotonic_us) as f64 / 1e3;
    let start = Reading::now();
    let mut collector = Collector::new(scene.period, &synthetic::targets(scene.interval));
    for sample in &samples {
        collector.add(sample);
    }
    let tallies = collector.finish().0.len();
    println!("{} samples of {tallies} targets counted: {:.0} ms", samples.len(), since(start));
    drop(samples);
    let folder = tempfile::tempdir().unwrap();
    let reader = crate::store::Reader::open(&scene.import_into(folder.path())).unwrap();
    let start = Reading::now();
    let rows = crate::report::gather(&reader, scene.period, None).unwrap();
    println!("gathered from the database, {} drops: {:.0} ms", rows.drops.len(), since(start));
    let start = Reading::now();
    let length = crate::render::text(&report).len() + crate::render::json(&report).len();
    println!("text and JSON, {length} bytes: {:.1} ms", since(start));
    let start = Reading::now();
    let svg = sheet_svg(&report).unwrap();
    println!("SVG, {} bytes: {:.0} ms", svg.len(), since(start));
    let start = Reading::now();
    let png = sheet_png(&report).unwrap();
    println!("PNG, {} bytes: {:.0} ms", png.len(), since(start));
    let start = Reading::now();
    let pdf = sheet(&report, Theme::Light).unwrap().pdf(Paper::A4).unwrap();
    println!("PDF, {} bytes: {:.0} ms", pdf.len(), since(start));
    let year = year().report();
    let start = Reading::now();
    let png = sheet_png(&year).unwrap();
    println!("a year drawn, {} bytes: {:.0} ms", png.len(), since(start));
}
