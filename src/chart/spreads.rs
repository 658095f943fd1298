//! How long drops were, how long it was from one to the next, and the pattern in words, side by
//! side.

use std::time::Duration;

use super::bins::{self, Bins};
use super::palette::Tone;
use super::pen::{Align, Pen, Type, width, wrap};
use super::sheet::{BODY, LEFT, QUIET, RIGHT, STRONG, TITLE};
use crate::report::{Report, pattern_lines, words};

const HIGH: i32 = 150;
const WIDE: i32 = 580;
const APART: i32 = 60;

/// Draws them from `y` down; gives where they end.
pub(super) fn draw(pen: &mut Pen, report: &Report, y: i32) -> i32 {
    let lengths = bins::lengths(report);
    if lengths.len() < 2 {
        return y;
    }
    let intervals = bins::intervals(report);
    let second = LEFT + WIDE + APART;
    bars(pen, "How long drops lasted", &Bins::of(&lengths), [LEFT, y]);
    bars(pen, "From one to the next", &Bins::of(&intervals), [second, y]);
    let text = text(pen, report, [second + WIDE + APART, y]);
    (y + 48 + HIGH + 50).max(text)
}

fn text(pen: &mut Pen, report: &Report, [x, y]: [i32; 2]) -> i32 {
    const LINES: usize = 7;
    pen.text(x, y + 30, Align::Left, TITLE, "Pattern found");
    let mut y = y + 48;
    let mut left = LINES;
    for (_, said) in pattern_lines(report) {
        for line in wrap(&capital(&said), BODY, RIGHT - x, left) {
            y += 36;
            left = left.saturating_sub(1);
            pen.text(x, y, Align::Left, BODY, &line);
        }
        if left == 0 {
            break;
        }
    }
    y + 16
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    first + letters.as_str()
}

#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "pixels")]
fn bars(pen: &mut Pen, name: &str, counted: &Bins, [x, y]: [i32; 2]) {
    pen.text(x, y + 30, Align::Left, TITLE, name);
    let (top, bottom) = (y + 48 + 28, y + 48 + HIGH);
    pen.fill([x, y + 48, x + WIDE, bottom], Tone::Panel);
    let highest = counted.highest().max(1);
    let n = counted.bins.len().max(1) as i32;
    let edge = |i: usize| x + WIDE * i as i32 / n;
    let mut free_from = x;
    for (i, bin) in counted.bins.iter().enumerate() {
        if bin.count > 0 {
            let high = ((bottom - top) as usize * bin.count / highest).max(3) as i32;
            pen.fill([edge(i) + 1, bottom - high, edge(i + 1) - 1, bottom], Tone::Line);
            let count = words::number(bin.count as u64);
            let half = width(&count, SMALL) / 2 + 1;
            let middle = i32::midpoint(edge(i), edge(i + 1)).clamp(x + half, x + WIDE - half);
            // Counts of neighbours must not run into each other.
            if middle - half >= free_from || bin.count == highest {
                pen.text(middle, bottom - high - 7, Align::Centre, SMALL, &count);
                free_from = middle + half + 8;
            }
        }
    }
    pen.fill([x, bottom, x + WIDE, bottom + 2], Tone::Soft);
    borders(pen, counted, [x, bottom], &edge);
}

const SMALL: Type = Type { size: 25, ..STRONG };

/// Borders of bars, from the left as many as fit.
fn borders(pen: &mut Pen, counted: &Bins, [x, y]: [i32; 2], edge: &dyn Fn(usize) -> i32) {
    let behind = counted.to.map(|to| (counted.bins.len(), to));
    let all = counted.bins.iter().map(|b| b.from).enumerate().chain(behind);
    let mut free_from = x - 40;
    for (i, from) in all {
        let label = label(from);
        let half = width(&label, QUIET) / 2 + 1;
        let centre = edge(i).clamp(x + half - 8, x + WIDE - half + 8);
        if centre - half >= free_from {
            pen.fill([edge(i), y, edge(i) + 2, y + 8], Tone::Soft);
            pen.text(centre, y + 38, Align::Centre, QUIET, &label);
            free_from = centre + half + 16;
        }
    }
}

/// `90 s`, `5 min`, `75 min`, `3 h`, `2 d`.
fn label(d: Duration) -> String {
    match d.as_secs() {
        s @ ..120 => format!("{s} s"),
        s @ 120..7_200 => format!("{} min", tenths(s, 60)),
        s @ 7_200..172_800 => format!("{} h", tenths(s, 3_600)),
        s => format!("{} d", s / 86_400),
    }
}

fn tenths(s: u64, unit: u64) -> String {
    match (s * 10 / unit) % 10 {
        0 => (s / unit).to_string(),
        tenth => format!("{}.{tenth}", s / unit),
    }
}
