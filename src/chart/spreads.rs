//! How long drops were, how much time passed from one to the next, and the pattern in words, side by
//! side.

use std::time::Duration;

use super::bins::{self, Bin, Slot};
use super::layout::{BODY, GAP, LEFT, QUIET, RIGHT, STRONG, TITLE};
use super::palette::Tone;
use super::pen::{Align, Pen, TypeStyle, width, wrap};
use crate::language::{self, Language, capital};
use crate::report::Report;
use crate::text::order::InOrder;

const HIGH: i32 = 170;
const WIDE: i32 = 470;
const APART: i32 = 50;

/// Draws them from `y` down; gives where they end.
pub(super) fn draw(pen: &mut Pen, report: &Report, y: i32) -> i32 {
    let lengths = bins::lengths(report);
    if lengths.all.len() < 2 {
        return y;
    }
    let (y, intervals) = (y + GAP, bins::intervals(report));
    let second = LEFT + WIDE + APART;
    let l = language::of(report.language);
    let p = &l.phrases().sheet;
    bars(pen, l, p.lengths, &bins::bins(&lengths), [LEFT, y]);
    bars(pen, l, p.intervals, &bins::bins(&intervals), [second, y]);
    let text = text(pen, report, [second + WIDE + APART, y]);
    (y + 48 + HIGH + 50).max(text)
}

fn text(pen: &mut Pen, report: &Report, [x, y]: [i32; 2]) -> i32 {
    const LINES: usize = 40;
    let l = language::of(report.language);
    pen.text(x, y + 30, Align::Left, TITLE, l.phrases().sheet.pattern);
    let mut y = y + 48;
    let mut left = LINES;
    for (_, said) in l.pattern(report) {
        // A sign stays with its figure.
        let said = capital(&said).replace("< ", "<\u{a0}");
        for line in wrap(&said, BODY, RIGHT - x, left) {
            y += 35;
            left = left.saturating_sub(1);
            pen.text(x, y, Align::Left, BODY, &line);
        }
        if left == 0 {
            break;
        }
    }
    y + 16
}

#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "pixels")]
fn bars(pen: &mut Pen, l: &Language, name: &str, slots: &[Slot], [x, y]: [i32; 2]) {
    const WIDEST: i32 = 80;
    pen.text(x, y + 30, Align::Left, TITLE, name);
    let (top, bottom) = (y + 48 + 32, y + 48 + HIGH);
    pen.fill([x, y + 48, x + WIDE, bottom], Tone::Panel);
    let bins =
        slots.iter().filter_map(|s| if let Slot::Bar(bin) = s { Some(bin.count) } else { None });
    let highest = bins.max().unwrap_or(1).max(1);
    // A few bars are drawn together in the middle.
    let n = slots.len().max(1) as i32;
    let bar = (WIDE - 80).min(WIDEST * n);
    let left = x + (WIDE - bar) / 2;
    let edge = |i: usize| left + bar * i as i32 / n;
    let mut free_from = x;
    for (i, slot) in slots.iter().enumerate() {
        let middle = i32::midpoint(edge(i), edge(i + 1));
        let Slot::Bar(bin) = slot else {
            for dot in [-10, 0, 10] {
                pen.fill(
                    [middle + dot - 2, bottom - 14, middle + dot + 2, bottom - 10],
                    Tone::Soft,
                );
            }
            continue;
        };
        if bin.count == 0 {
            continue;
        }
        let high = ((bottom - top) * bin.count as i32 / highest as i32).max(3);
        pen.fill([edge(i) + 1, bottom - high, edge(i + 1) - 1, bottom], Tone::Line);
        let count = l.number(bin.count as u64);
        let half = width(&count, SMALL) / 2 + 1;
        // Counts of neighbours must not run into each other.
        if middle - half >= free_from {
            pen.text(middle, bottom - high - 7, Align::Centre, SMALL, &count);
            free_from = middle + half + 6;
        }
    }
    pen.fill([x, bottom, x + WIDE, bottom + 2], Tone::Soft);
    self::lengths(pen, l, slots, [x, bottom], &edge);
}

const SMALL: TypeStyle = TypeStyle { size: 25, ..STRONG };

/// The typical length of bars, below them: of those at the ends and next to breaks first, then of
/// the highest, then of as many as fit.
fn lengths(
    pen: &mut Pen,
    l: &Language,
    slots: &[Slot],
    [x, y]: [i32; 2],
    edge: &dyn Fn(usize) -> i32,
) {
    let is_end = |i: usize| {
        let next_to =
            |at: Option<usize>| at.and_then(|at| slots.get(at)).is_none_or(|s| *s == Slot::Break);
        next_to(i.checked_sub(1)) || next_to(Some(i + 1))
    };
    let mut all: Vec<(usize, &Bin)> = slots
        .iter()
        .enumerate()
        .filter_map(|(i, s)| if let Slot::Bar(bin) = s { Some((i, bin)) } else { None })
        .filter(|(_, bin)| bin.count > 0)
        .collect();
    all.order_by_key(|(i, bin)| (!is_end(*i), std::cmp::Reverse(bin.count), *i));
    let mut taken: Vec<(i32, i32)> = Vec::new();
    for (i, bin) in all {
        let label = l.figures(&label(bin.typical));
        let half = width(&label, QUIET) / 2 + 7;
        let middle = i32::midpoint(edge(i), edge(i + 1));
        let centre = middle.clamp(x + half - 8, x + WIDE - half + 8);
        let (from, to) = (centre - half, centre + half);
        if taken.iter().all(|(a, b)| to <= *a || *b <= from) {
            pen.fill([middle - 1, y, middle + 1, y + 8], Tone::Soft);
            pen.text(centre, y + 38, Align::Centre, QUIET, &label);
            taken.push((from, to));
        }
    }
}

/// To two or three digits: `6.5 s`, `90 s`, `5 min`, `75 min`, `3 h`, `2 d`.
fn label(d: Duration) -> String {
    let (unit, name, tenths) = match d.as_secs() {
        ..10 => (1.0, "s", true),
        10..120 => (1.0, "s", false),
        120..600 => (60.0, "min", true),
        600..7_200 => (60.0, "min", false),
        7_200..36_000 => (3_600.0, "h", true),
        36_000..172_800 => (3_600.0, "h", false),
        172_800..864_000 => (86_400.0, "d", true),
        _ => (86_400.0, "d", false),
    };
    let figure = d.as_secs_f64() / unit;
    let figure = if tenths { format!("{figure:.1}") } else { format!("{figure:.0}") };
    format!("{} {name}", figure.trim_end_matches(".0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_two_or_three_digits() {
        let label = |s: f64| label(Duration::from_secs_f64(s));
        let all = [6.5, 9.0, 60.4, 119.0, 150.0, 3_600.0, 86_400.0, 216_000.0, 2_592_000.0];
        let want = ["6.5 s", "9 s", "60 s", "119 s", "2.5 min", "60 min", "24 h", "2.5 d", "30 d"];
        assert_eq!(all.map(label), want);
    }
}
