//! The calendar, drawn: days by hours, hours by minutes, or a carpet of many days.

use super::axis::{Tick, YearShown};
use super::calendar::{self, CalendarRow, Grain, Half, MarkKind};
use super::frame::{LegendKey, time_axis, title, words};
use super::layout::{BODY, GAP, PLOT, QUIET, STRONG, end, x};
use super::palette::Tone;
use super::pen::{Align, Pen};
use crate::language::words as figures_of;
use crate::language::{self, Language};
use crate::report::Report;
use crate::report::rows::{COLUMNS, column_of};
use crate::time::Timestamp;

/// Columns of a row that has figures to its right.
const WITH_FIGURES: usize = 1_420;
/// Height of the carpet: five minutes a pixel.
const CARPET: usize = 288;

/// Draws it from `y` down; returns where it ends.
pub(super) fn draw(pen: &mut Pen, report: &Report, ticks: &[Tick], y: i32) -> i32 {
    let grain = calendar::grain(report.period).filter(|_| report.availability.is_some());
    // Without a drop or a gap it would be an empty frame.
    let is_empty = report.summary.counted() == 0 && report.gaps.is_empty();
    let Some(grain) = grain.filter(|_| !is_empty) else { return y };
    let y = y + GAP;
    let p = words(report);
    let keys = [(LegendKey::Bar(26, Tone::Down), p.drop), (LegendKey::Hatched, p.not_observed)];
    let keys = if report.gaps.is_empty() { &keys[..1] } else { &keys[..] };
    let name = match grain {
        Grain::Hours => p.hours,
        Grain::Days => p.days,
        Grain::Carpet => p.carpet,
    };
    let y = title(pen, name, keys, y) + 6;
    match grain {
        Grain::Carpet => carpet(pen, report, ticks, y),
        grain => rows(pen, report, grain, y),
    }
}

/// Height of a row and the space below it.
fn heights(rows: usize) -> (i32, i32) {
    match rows {
        0..=9 => (28, 6),
        10..=16 => (20, 3),
        17..=26 => (13, 2),
        _ => (11, 2),
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "pixels")]
fn rows(pen: &mut Pen, report: &Report, grain: Grain, y: i32) -> i32 {
    let (n, l) = (report.summary.per_day.len(), language::of(report.language));
    let has_figures = grain == Grain::Days && n <= 9;
    let wide = if has_figures { WITH_FIGURES } else { COLUMNS };
    let rows = calendar::rows(report, grain, wide);
    let (high, apart) = heights(rows.len());
    // A label takes 30 pixels.
    let every = 30 / (high + apart) + 1;
    let right = PLOT + wide as i32;
    let top = y;
    let bottom = top + rows.len() as i32 * (high + apart) - apart;
    let parts = if grain == Grain::Hours { 6 } else { 8 };
    let row_top = |i: usize| top + i as i32 * (high + apart);
    for i in 0..rows.len() {
        pen.fill([PLOT, row_top(i), right, row_top(i) + high], Tone::Panel);
    }
    for part in 0..=parts {
        let x = PLOT + wide as i32 * part / parts;
        pen.fill([x, top, x + 1, bottom + 8], Tone::Day);
        let label = if grain == Grain::Hours {
            format!(":{:02}", part * 60 / parts % 60)
        } else {
            format!("{:02}:00", part * 24 / parts)
        };
        let (x, align) = if x >= end() { (end(), Align::Right) } else { (x, Align::Centre) };
        pen.text(x, bottom + 36, align, QUIET, &label);
    }
    let mut year_shown = YearShown::of(report.period, &report.zone);
    for (i, row) in rows.iter().enumerate() {
        marks(pen, row, [row_top(i), row_top(i) + high]);
        let baseline = row_top(i) + high / 2 + 10;
        if shows_label(report, grain, row, every) {
            let is_day = grain != Grain::Hours;
            let has_year = is_day && year_shown.is_due(row.range.from, &report.zone);
            let pattern = if has_year { "%F" } else { pattern(l, grain) };
            let label = l.local(row.range.from, &report.zone, pattern);
            pen.text(PLOT - 14, baseline, Align::Right, BODY, &label);
        }
        let figures = figures(report, row);
        if has_figures && !figures.is_empty() {
            let set = if figures.starts_with('0') { QUIET } else { STRONG };
            pen.text(right + 16, baseline, Align::Left, set, &figures);
        }
    }
    if has_figures {
        pen.text(end(), bottom + 36, Align::Right, QUIET, words(report).drops_down);
    }
    bottom + 46
}

fn pattern(language: &Language, grain: Grain) -> &'static str {
    match grain {
        Grain::Hours => "%a %H:%M",
        Grain::Days | Grain::Carpet => language.phrases().dates.day,
    }
}

/// Every row where there is room; else Mondays, or every few hours.
fn shows_label(report: &Report, grain: Grain, row: &CalendarRow, every: i32) -> bool {
    let local = |pattern: &str| figures_of::local(row.range.from, &report.zone, pattern);
    match (every, grain) {
        (1, _) => true,
        (_, Grain::Hours) => {
            let hour: usize = local("%H").parse().unwrap_or(0);
            hour.is_multiple_of(3)
        }
        (2, _) => local("%u").parse().is_ok_and(|day: usize| !day.is_multiple_of(2)),
        _ => local("%u") == "1",
    }
}

/// `24, 36 min`.
fn figures(report: &Report, row: &CalendarRow) -> String {
    let inside = |at: Timestamp| row.range.contains(at) && report.period.contains(at);
    let started = report.counted_drops().filter(|d| inside(d.onset.midpoint())).count();
    let day = report.summary.per_day.iter().find(|d| row.range.contains(d.range.from));
    let Some(day) = day.filter(|day| !day.observed.is_zero()) else { return String::new() };
    match (started, day.down.is_zero()) {
        (0, true) => "0".to_owned(),
        _ => format!("{started}, {}", language::of(report.language).about(day.down)),
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "pixels")]
fn marks(pen: &mut Pen, row: &CalendarRow, [top, bottom]: [i32; 2]) {
    for mark in &row.marks {
        let middle = i32::midpoint(top, bottom);
        let (top, bottom) = match mark.half {
            Half::Whole => (top, bottom),
            Half::Upper => (top, middle),
            Half::Lower => (middle, bottom),
        };
        let at = [PLOT + mark.strip.from as i32, top, PLOT + mark.strip.to as i32, bottom];
        match mark.what {
            MarkKind::Down => pen.fill(at, Tone::Down),
            MarkKind::Unwatched => pen.hatch(at),
            MarkKind::Absent | MarkKind::Outside => pen.clear(at),
        }
    }
}

/// A mark of a day that is narrower than a column, or of seconds, wide and high enough to be seen.
fn seen_alone([left, top, right, bottom]: [i32; 4]) -> [i32; 4] {
    const LEAST: i32 = 5;
    let left = left.min(end() - LEAST);
    [left, top, right.max(left + LEAST), bottom.max(top + LEAST)]
}

/// Days from left to right on the axis of the other panels, midnight at the top.
#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "pixels")]
fn carpet(pen: &mut Pen, report: &Report, ticks: &[Tick], y: i32) -> i32 {
    let period = report.period;
    let (top, bottom) = (y, y + CARPET as i32);
    pen.fill([PLOT, top, end(), bottom], Tone::Panel);
    let column = |at: Timestamp| {
        let inside = at.max(period.from);
        if inside >= period.to { COLUMNS } else { column_of(period, COLUMNS, inside).unwrap_or(0) }
    };
    let mut drops = Vec::new();
    for row in calendar::rows(report, Grain::Carpet, CARPET) {
        let (from, to) = (x(column(row.range.from)), x(column(row.range.to)));
        let middle = i32::midpoint(from, to);
        for mark in &row.marks {
            let (from, to) = match mark.half {
                Half::Whole => (from, to),
                Half::Upper => (from, middle),
                Half::Lower => (middle, to),
            };
            let at = [from, top + mark.strip.from as i32, to, top + mark.strip.to as i32];
            match mark.what {
                MarkKind::Down => drops.push(seen_alone(at)),
                MarkKind::Unwatched => pen.weave(at),
                MarkKind::Absent | MarkKind::Outside => pen.clear(at),
            }
        }
    }
    for part in 0..=4 {
        let y = top + CARPET as i32 * part / 4;
        pen.fill([PLOT, y, end(), y + 1], Tone::Day);
        let baseline = (y + 10).clamp(top + 18, bottom);
        pen.text(PLOT - 14, baseline, Align::Right, QUIET, &format!("{:02}:00", part * 6));
    }
    for at in drops {
        pen.fill(at, Tone::Down);
    }
    time_axis(pen, report, ticks, bottom)
}
