//! The page: its margins and columns, its type, and running text on it.

use std::collections::BTreeSet;

use super::font;
use super::palette::Tone;
use super::pen::{Align, Pen, Shape, TypeStyle, Weight, width, wrap};
use crate::language;
use crate::prose;
use crate::report::Report;
use crate::report::rows::COLUMNS;

/// Width of the sheet and of its margins.
pub(super) const WIDTH: i32 = 2_000;
pub(super) const LEFT: i32 = 60;
pub(super) const RIGHT: i32 = WIDTH - 60;

pub(super) const HEADLINE: TypeStyle =
    TypeStyle { size: 46, weight: Weight::Bold, colour: Tone::Ink };
pub(super) const TITLE: TypeStyle = TypeStyle { size: 31, weight: Weight::Bold, colour: Tone::Ink };
pub(super) const BODY: TypeStyle =
    TypeStyle { size: 28, weight: Weight::Regular, colour: Tone::Ink };
pub(super) const STRONG: TypeStyle =
    TypeStyle { size: 28, weight: Weight::Bold, colour: Tone::Ink };
pub(super) const QUIET: TypeStyle =
    TypeStyle { size: 28, weight: Weight::Regular, colour: Tone::Soft };
pub(super) const SMALL: TypeStyle =
    TypeStyle { size: 25, weight: Weight::Regular, colour: Tone::Soft };

/// Between two parts of the sheet.
pub(super) const GAP: i32 = 24;

/// Left edge of the columns; there are [`COLUMNS`], a pixel each.
pub(super) const PLOT: i32 = 260;

/// Pixel of a column.
#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "at most 1,680")]
pub(super) fn x(column: usize) -> i32 {
    PLOT + column as i32
}

/// Right edge of the columns.
pub(super) fn end() -> i32 {
    x(COLUMNS)
}

/// Lines of text from `y` on; returns where the next thing may start.
pub(super) fn lines(pen: &mut Pen, text: &str, set: TypeStyle, y: i32, most: usize) -> i32 {
    let step = set.size * 13 / 10;
    let mut y = y;
    for line in wrap(text, set, RIGHT - LEFT, most) {
        pen.text(LEFT, y + set.size, Align::Left, set, &line);
        y += step;
    }
    y
}

/// Who and where. Where that does not fit one line, account and ticket have a line of their own, so
/// that a long name never hides them.
pub(super) fn site(pen: &mut Pen, report: &Report, y: i32) -> i32 {
    let whole = prose::site(report);
    if width(&whole, STRONG) <= RIGHT - LEFT {
        return if whole.is_empty() { y } else { lines(pen, &whole, STRONG, y, 1) };
    }
    let [who, numbers] = language::of(report.language).site_parts(&report.site);
    let y = if who.is_empty() { y } else { lines(pen, &who, STRONG, y, 4) };
    if numbers.is_empty() { y } else { lines(pen, &numbers, STRONG, y, 4) }
}

/// Which letters of a drawing no font has, if there are any: by their numbers, as they cannot be drawn.
pub(super) fn missing_letters(pen: &Pen, report: &Report) -> Option<String> {
    const NAMED: usize = 12;
    let texts = pen.shapes.iter().filter_map(|shape| match shape {
        Shape::Text { text, .. } => Some(text),
        _ => None,
    });
    let missing: BTreeSet<char> = texts.flat_map(|text| font::missing(text)).collect();
    let mut names: Vec<_> =
        missing.iter().take(NAMED).map(|c| format!("U+{:04X}", u32::from(*c))).collect();
    if missing.len() > NAMED {
        names.push("…".to_owned());
    }
    let words = &language::of(report.language).phrases().sheet;
    (!names.is_empty()).then(|| language::fill(words.no_letters, &[("list", &names.join(", "))]))
}

/// The headline in lines of about the same width: no last word is left alone.
pub(super) fn headline(pen: &mut Pen, text: &str, y: i32) -> i32 {
    const MOST: usize = 12;
    const STEP: i32 = 60;
    let in_lines = |room: i32| wrap(text, HEADLINE, room, MOST);
    let full = in_lines(RIGHT - LEFT);
    let narrower = (1..).map(|n| in_lines(RIGHT - LEFT - n * STEP));
    let cut = |lines: &Vec<String>| lines.len() > full.len() || lines.concat().contains('…');
    let balanced = narrower.take(12).take_while(|lines| !cut(lines)).last();
    let mut y = y;
    for line in balanced.as_ref().unwrap_or(&full) {
        pen.text(LEFT, y + HEADLINE.size, Align::Left, HEADLINE, line);
        y += HEADLINE.size * 13 / 10;
    }
    y + 14
}
