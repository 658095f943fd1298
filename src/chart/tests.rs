#![allow(clippy::cast_precision_loss, reason = "pixels and seconds of tests")]

use std::time::Duration;

use proptest::prelude::*;

use super::model::{MIN_WIDTH, Model, State, strip};
use super::pen::{Align, Pen, Shape, colour, width};
use super::*;
use crate::detect::{GapReason, Place};
use crate::measurement::Role;
use crate::report::rows::COLUMNS;
use crate::report::synthetic::{Scene, at, flapping_week};
use crate::time::TimeRange;

fn hour() -> Scene {
    let mut scene = Scene::new("2026-11-16T13:00:00Z", 3_600);
    scene.drops = vec![
        (700.0, Some(64.0), vec![Place::Access]),
        (1_900.0, Some(3.1), vec![Place::Access]),
        (2_400.0, Some(7.0), vec![Place::Lan]),
    ];
    scene
}

fn day() -> Scene {
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

fn outage() -> Scene {
    let mut scene = Scene::new("2026-11-14T05:00:00Z", 2 * 86_400);
    scene.interval = Duration::from_secs(2);
    scene.drops = vec![(86_400.0, None, vec![Place::Access, Place::IspCore])];
    scene
}

fn empty() -> Scene {
    let mut scene = Scene::new("2026-11-16T05:00:00Z", 86_400);
    scene.watched = false;
    scene
}

fn scenes() -> Vec<(&'static str, Scene)> {
    let mut calm = Scene::new("2026-03-07T18:30:00Z", 3 * 86_400);
    calm.zone = "Asia/Kolkata";
    calm.interval = Duration::from_secs(10);
    let mut year = flapping_week(Duration::from_secs(600));
    year.period = TimeRange { from: at("2026-01-01T05:00:00Z"), to: at("2027-01-01T05:00:00Z") };
    let mut minutes = Scene::new("2026-11-16T13:00:00Z", 300);
    minutes.drops = vec![(120.0, Some(64.0), vec![])];
    vec![
        ("week", flapping_week(Duration::from_secs(10))),
        ("day", day()),
        ("hour", hour()),
        ("empty", empty()),
        ("outage", outage()),
        ("calm", calm),
        ("year", year),
        ("minutes", minutes),
    ]
}

/// Writes the sheets to `target/sheets`, to be looked at:
/// `cargo test --lib chart:: -- --ignored`.
#[test]
#[ignore = "for the eye"]
fn sheets_to_look_at() {
    let to = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/sheets");
    std::fs::create_dir_all(&to).unwrap();
    for (name, scene) in scenes() {
        std::fs::write(to.join(format!("{name}.png")), sheet_png(&scene.report()).unwrap())
            .unwrap();
    }
}

fn period(seconds: i64) -> TimeRange {
    let from = at("2026-11-16T05:00:00Z");
    TimeRange { from, to: from.plus_micros(seconds * 1_000_000) }
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
fn each_drop_is_painted_as_silence_of_the_internet_and_all_of_them_no_wider_than_allowed() {
    for (name, scene) in scenes() {
        let report = scene.report();
        let model = Model::new(&report);
        let lane = model.lanes.iter().find(|l| l.role == Role::Anchor).unwrap();
        let silent: Vec<_> = lane
            .states
            .iter()
            .filter(|(_, s)| *s == State::Silent)
            .map(|(strip, _)| *strip)
            .collect();
        for drop in &model.drops {
            assert!(
                silent.iter().any(|s| s.from <= drop.from && drop.to <= s.to),
                "{name}: {drop:?} is hidden"
            );
        }
        let painted: usize = silent.iter().map(|s| s.to - s.from).sum();
        let column = report.period.length().as_secs_f64() / COLUMNS as f64;
        let down = report.summary.down.max.as_secs_f64();
        let most = down / column + (MIN_WIDTH * report.summary.counted()) as f64;
        assert!(painted as f64 <= most, "{name}: {painted} columns for at most {most}");
    }
}

#[test]
fn lines_have_no_point_in_a_column_of_a_drop_a_gap_or_without_an_answer() {
    for (name, scene) in scenes() {
        let report = scene.report();
        let model = Model::new(&report);
        let Some(anchor) = &model.anchor else { continue };
        for point in anchor.lines.iter().flatten() {
            let free =
                |s: &super::model::Strip| s.to <= point.strip.from || point.strip.to <= s.from;
            assert!(model.drops.iter().all(free) && model.gaps.iter().all(free), "{name}");
            let columns = &anchor.target.columns[point.strip.from..point.strip.to];
            assert!(columns.iter().any(|c| c.rtt.is_some()), "{name}");
            assert!(point.min > 0 && point.min <= point.p50 && point.p50 <= point.max);
        }
    }
}

#[test]
fn what_nobody_watched_is_hatched_and_never_answered() {
    let report = day().report();
    let model = Model::new(&report);
    assert_eq!(model.gaps.len(), 1);
    for lane in &model.lanes {
        let gap = model.gaps[0];
        let inside = lane.states.iter().filter(|(s, _)| s.from >= gap.from && s.to <= gap.to);
        assert!(inside.clone().count() > 0);
        assert!(inside.into_iter().all(|(_, state)| *state == State::Unwatched));
    }
    let empty = empty().report();
    let model = Model::new(&empty);
    assert_eq!(model.lanes.len(), 1);
    assert_eq!(model.lanes[0].states.len(), 1);
    assert_eq!(model.lanes[0].states[0].1, State::Unwatched);
}

#[test]
fn a_home_router_that_answers_is_not_painted_silent_when_the_line_is_down() {
    let report = hour().report();
    let model = Model::new(&report);
    let silent = |role: Role| {
        let lane = model.lanes.iter().find(|l| l.role == role).unwrap();
        lane.states.iter().filter(|(_, s)| *s == State::Silent).count()
    };
    // One drop on the access line, one in the home network; the blip is neither.
    assert_eq!([Role::Gateway, Role::Modem, Role::Isp, Role::Anchor].map(silent), [1, 1, 2, 2]);
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
fn no_text_lies_over_another_or_is_cut_off() {
    raster::register_fonts().unwrap();
    for (name, scene) in scenes() {
        let mut report = scene.report();
        assert_eq!(text_clashes(&sheet::draw(&report)), Vec::<String>::new(), "{name}");
        report.site.name = Some("A site with a name that nobody could fit in a line ".repeat(6));
        for target in &mut report.targets {
            target.target.name = "a-very-long-name-of-a-target-indeed".to_owned();
            target.target.address = "2001:0db8:85a3:0000:0000:8a2e:0370:7334".to_owned();
        }
        assert_eq!(text_clashes(&sheet::draw(&report)), Vec::<String>::new(), "{name}, long names");
    }
}

#[test]
fn a_sheet_is_2000_pixels_wide_and_shows_a_drop_in_its_colour() {
    raster::register_fonts().unwrap();
    let report = outage().report();
    let png = sheet_png(&report).unwrap();
    assert_eq!(&png[1..4], b"PNG");
    assert_eq!(u32::from_be_bytes([png[16], png[17], png[18], png[19]]), 2_000);
    let pixels = resvg::tiny_skia::Pixmap::decode_png(&png).unwrap();
    let silent = colour::SILENT;
    let drawn = sheet::draw(&report);
    // The second day is down: where the lane of the internet is painted, the pixels are so.
    let lane = drawn
        .shapes
        .iter()
        .find_map(|s| match s {
            Shape::Box { at, fill } if *fill == silent && at[2] - at[0] > 800 => Some(*at),
            _ => None,
        })
        .unwrap();
    let pixel = pixels
        .pixel(u32::try_from(lane[0] + 400).unwrap(), u32::try_from(lane[1] + 20).unwrap())
        .unwrap();
    assert_eq!((pixel.red(), pixel.green(), pixel.blue()), (silent.0, silent.1, silent.2));
    let corner = pixels.pixel(5, 5).unwrap();
    assert_eq!((corner.red(), corner.green(), corner.blue()), (255, 255, 255));
}

#[test]
fn neither_an_edge_of_a_drop_nor_a_default_target_is_cut() {
    let mut report = hour().report();
    assert!(report.summary.counted() > 0);
    let default = report.targets[0].clone();
    let url = "http://connectivitycheck.gstatic.com/generate_204";
    report.targets.resize_with(13, || {
        let mut http = default.clone();
        http.target.kind = crate::measurement::Kind::Http;
        http.target.address = url.to_owned();
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
    let rows = crate::report::gather(&reader, scene.period).unwrap();
    println!("gathered from the database, {} drops: {:.0} ms", rows.drops.len(), since(start));
    let start = Reading::now();
    let length = crate::report::text(&report).len() + crate::report::json(&report).len();
    println!("text and JSON, {length} bytes: {:.1} ms", since(start));
    let start = Reading::now();
    let svg = sheet_svg(&report).unwrap();
    println!("SVG, {} bytes: {:.0} ms", svg.len(), since(start));
    let start = Reading::now();
    let png = raster::png(&svg).unwrap();
    println!("PNG, {} bytes: {:.0} ms", png.len(), since(start));
}
