//! What panels share: title and legend, the vertical grid, and the axis of local time.

use super::axis::Tick;
use super::layout::{LEFT, PLOT, QUIET, RIGHT, STRONG, TITLE, end, x};
use super::palette::Tone;
use super::pen::{Align, Pen, width};
use crate::language::{self, Sheet};
use crate::report::Report;
use crate::report::rows::{COLUMNS, column_of};
use crate::time::Timestamp;

/// The words of the sheet in the language of the report.
pub(super) fn words(report: &Report) -> &'static Sheet {
    &language::of(report.language).phrases().sheet
}

pub(super) fn x_of(report: &Report, at: Timestamp) -> Option<i32> {
    column_of(report.period, COLUMNS, at).map(x)
}

/// How high a drop is drawn in a column that it takes only in part: next to the bar of what works,
/// which stays to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PartHeight {
    /// Above and below the bar.
    Tall,
    /// At the upper edge, where such columns are many.
    Low,
}

impl PartHeight {
    /// From top to bottom, the parts of a row that it takes, whose bar is `bar` high.
    pub(super) fn around(self, [top, bottom]: [i32; 2], bar: i32) -> Vec<[i32; 2]> {
        let middle = i32::midpoint(top, bottom);
        let (over, under) = (middle - bar / 2, middle + bar / 2);
        match self {
            Self::Tall => vec![[top, over], [under, bottom]],
            Self::Low => vec![[top, i32::midpoint(top, over)]],
        }
    }
}

/// How the sample of a legend entry is drawn.
#[derive(Debug, Clone, Copy)]
pub(super) enum LegendKey {
    Bar(i32, Tone),
    Hatched,
    Striped(Tone),
    /// A drop in a part of a column, over what works.
    InPart(PartHeight),
    Rails(Tone),
}

/// Title of a panel on the left, its legend on the right; returns where the panel starts.
/// Entries that do not fit next to the title go below it, right-aligned.
pub(super) fn title(pen: &mut Pen, text: &str, keys: &[(LegendKey, &str)], y: i32) -> i32 {
    pen.text(LEFT, y + 30, Align::Left, TITLE, text);
    legend(pen, keys, RIGHT - LEFT - width(text, TITLE) - APART, y)
}

/// Between a title and its legend, at least.
const APART: i32 = 8;
/// Between entries of a legend.
const APART_KEYS: i32 = 30;
/// Height of a line of the legend.
const LEGEND: i32 = 48;

/// The legend in lines, the first of which has `room` pixels; returns where it ends.
pub(super) fn legend(pen: &mut Pen, keys: &[(LegendKey, &str)], room: i32, y: i32) -> i32 {
    const SAMPLE: i32 = 46;
    let wide = |name: &str| SAMPLE + width(name, QUIET) + APART_KEYS;
    let mut lines: Vec<Vec<(LegendKey, &str)>> = vec![Vec::new()];
    let mut left = room;
    for (key, name) in keys {
        if wide(name) > left + APART_KEYS {
            lines.push(Vec::new());
            left = RIGHT - LEFT;
        }
        left -= wide(name);
        lines.last_mut().expect("there is a first").push((*key, *name));
    }
    let mut y = y;
    for line in &lines {
        let mut x = RIGHT;
        for (key, name) in line.iter().rev() {
            x -= width(name, QUIET);
            pen.text(x, y + 30, Align::Left, QUIET, name);
            x -= SAMPLE;
            sample(pen, *key, x, y);
            x -= APART_KEYS;
        }
        y += LEGEND;
    }
    y
}

fn sample(pen: &mut Pen, key: LegendKey, x: i32, y: i32) {
    let at = |high: i32| [x, y + 21 - high / 2, x + 34, y + 21 + high / 2];
    match key {
        LegendKey::Bar(high, fill) => pen.fill(at(high), fill),
        LegendKey::Hatched => pen.hatch(at(28)),
        LegendKey::Striped(fill) => pen.stripes(at(28), fill),
        LegendKey::InPart(height) => {
            pen.fill([x, y + 15, x + 34, y + 27], Tone::Up);
            for [top, bottom] in height.around([y, y + 42], 12) {
                pen.fill([x + 15, top, x + 21, bottom], Tone::Down);
            }
        }
        LegendKey::Rails(fill) => rails(pen, at(28), fill),
    }
}

/// A line at the top and one at the bottom.
pub(super) fn rails(pen: &mut Pen, [left, top, right, bottom]: [i32; 4], fill: Tone) {
    pen.fill([left, top, right, top + 6], fill);
    pen.fill([left, bottom - 6, right, bottom], fill);
}

pub(super) fn grid(pen: &mut Pen, report: &Report, ticks: &[Tick], top: i32, bottom: i32) {
    for tick in ticks {
        if let Some(x) = x_of(report, tick.at) {
            let (fill, wide) = if tick.is_day { (Tone::Day, 2) } else { (Tone::Rule, 1) };
            pen.fill([x, top, x + wide, bottom], fill);
        }
    }
}

pub(super) fn time_axis(pen: &mut Pen, report: &Report, ticks: &[Tick], y: i32) -> i32 {
    pen.fill([PLOT, y, end(), y + 2], Tone::Soft);
    let mut free_from = 0;
    for tick in ticks {
        let Some(x) = x_of(report, tick.at) else { continue };
        pen.fill([x, y, x + 2, y + 10], Tone::Soft);
        let set = if tick.is_day { STRONG } else { QUIET };
        let half = width(&tick.label, set) / 2 + 1;
        let centre = x.clamp(PLOT - 62 + half, RIGHT + 20 - half);
        if centre - half >= free_from {
            pen.text(centre, y + 40, Align::Centre, set, &tick.label);
            free_from = centre + half + 18;
        }
    }
    pen.text(LEFT, y + 40, Align::Left, QUIET, words(report).local);
    y + 48
}
