//! What is on the pixels: drops, gaps, columns.

use super::*;

pub(super) fn pixels(drawing: &Drawing) -> tiny_skia::Pixmap {
    tiny_skia::Pixmap::decode_png(&drawing.png().unwrap()).unwrap()
}

/// The pixels of a tone in a row of a picture.
pub(super) fn of_tone(
    pixels: &tiny_skia::Pixmap,
    y: i32,
    tone: Tone,
    theme: Theme,
) -> BTreeSet<i32> {
    let want = tone.on(theme);
    let is = |x: &i32| {
        let pixel = pixels.pixel(u32::try_from(*x).unwrap(), u32::try_from(y).unwrap()).unwrap();
        (pixel.red(), pixel.green(), pixel.blue()) == (want.0, want.1, want.2)
    };
    (layout::PLOT..layout::end()).filter(is).collect()
}

/// A row of pixels near the upper edge of the lane of the link, where nothing but drops is.
pub(super) fn link_row(pen: &Pen) -> i32 {
    let label = pen.shapes.iter().find_map(|s| match s {
        Shape::Text { text, baseline, .. } if text == "Internet link" => Some(*baseline),
        _ => None,
    });
    label.unwrap() - 10 - 18
}

#[test]
fn on_the_pixels_a_drop_of_5_s_in_a_year_is_two_wide_and_nothing_else_is_of_its_colour() {
    for theme in [Theme::Light, Theme::Dark] {
        let mut scene = year();
        scene.notes.clear();
        let lonely = scene.drops[110].clone();
        assert_eq!(lonely.1, Some(5.0));
        scene.drops = vec![lonely];
        let report = scene.report();
        let drawing = sheet(&report, theme).unwrap();
        let pixels = pixels(&drawing);
        assert_eq!(pixels.width(), 2_000);
        let y = link_row(&drawing.pen);
        let down = of_tone(&pixels, y, Tone::Down, theme);
        let want = frame::x_of(&report, report.drops[0].onset.midpoint()).unwrap();
        assert_eq!(down, BTreeSet::from([want, want + 1]));
        assert!(of_tone(&pixels, 5, Tone::Paper, theme).len() == COLUMNS);
    }
}

#[test]
fn on_the_pixels_of_six_years_every_drop_has_its_mark_in_the_calendar() {
    let mut scene = Scene::new("2019-01-01T05:00:00Z", 2_373 * 86_400);
    scene.interval = Duration::from_secs(600);
    let from = |i: i32| f64::from(i) * 79.0 * 86_400.0 + 43_200.0;
    scene.drops = (0..30).map(|i| (from(i) + 1_800.0, Some(10.0), vec![Place::Access])).collect();
    let ends = (1..30).map(|i| (from(i - 1) + 3_600.0, from(i)));
    scene.gaps = ends.map(|(from, to)| (from, to, GapReason::Stopped)).collect();
    let report = scene.report();
    let drawing = sheet(&report, Theme::Light).unwrap();
    let pixels = pixels(&drawing);
    let title = drawing.pen.shapes.iter().find_map(|s| match s {
        Shape::Text { text, baseline, .. } if text.contains("day by day") => Some(*baseline),
        _ => None,
    });
    let rows = title.unwrap() + 10..title.unwrap() + 290;
    let inked: BTreeSet<_> =
        rows.flat_map(|y| of_tone(&pixels, y, Tone::Down, Theme::Light)).collect();
    assert_eq!(inked.iter().filter(|x| !inked.contains(&(**x - 1))).count(), 30);
}

#[test]
fn on_the_pixels_every_column_is_what_the_model_says_and_gaps_are_neither_up_nor_down() {
    for (name, report) in reports() {
        let drawing = sheet(&report, Theme::Light).unwrap();
        let pixels = pixels(&drawing);
        let y = link_row(&drawing.pen);
        let flags = report.notes.iter().filter_map(|n| frame::x_of(&report, n.at));
        let flags: Vec<_> = flags.flat_map(|x| x..x + 3).collect();
        let down = of_tone(&pixels, y, Tone::Down, Theme::Light);
        let up = of_tone(&pixels, y + 18, Tone::Up, Theme::Light);
        let model = Model::new(&report);
        let is_beneath = |column: usize| {
            let mut works = model.lanes[0].beneath.iter().filter(|(_, s)| *s == LaneState::Up);
            works.any(|(strip, _)| (strip.from..strip.to).contains(&column))
        };
        for (strip, state) in &model.lanes[0].states {
            for column in strip.from..strip.to {
                let x = layout::x(column);
                if flags.contains(&x) {
                    continue;
                }
                let is_down = matches!(state, LaneState::Down | LaneState::PartDown);
                assert_eq!(down.contains(&x), is_down, "{name}, column {column}");
                // The strokes of a hatched gap reach over its edge.
                if column > strip.from && column + 1 < strip.to {
                    let is_up = *state == LaneState::Up || is_beneath(column);
                    assert_eq!(up.contains(&x), is_up, "{name}, column {column}");
                }
            }
        }
    }
}
