//! Everything over time: who answered, delays, loss, with one axis of local time.

use plotters::prelude::RGBColor;

use super::axis::{self, Delays, Tick};
use super::model::{Curve, Model, Point, State, Strip};
use super::pen::{Align, Pen, Type, colour, fit, width};
use super::sheet::{BODY, LEFT, QUIET, RIGHT, STRONG, TITLE};
use crate::report::rows::{COLUMNS, column_of};
use crate::report::{Report, words};
use crate::time::Timestamp;

/// Left edge of the columns; there are [`COLUMNS`], a pixel each.
pub(super) const PLOT: i32 = 260;
const LANE: i32 = 46;
const LANE_APART: i32 = 14;
const LATENCY: i32 = 330;
const LOSS: i32 = 150;

/// Pixel of a column.
#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "at most 1,680")]
pub(super) fn x(column: usize) -> i32 {
    PLOT + column as i32
}

fn end() -> i32 {
    x(COLUMNS)
}

fn x_of(report: &Report, at: Timestamp) -> Option<i32> {
    column_of(report.period, COLUMNS, at).map(x)
}

/// Draws the panels from `y` down; gives where they end.
pub(super) fn draw(pen: &mut Pen, report: &Report, model: &Model, y: i32) -> i32 {
    let ticks = axis::time_ticks(report.period, &report.zone, 10);
    let y = lanes(pen, report, model, &ticks, y);
    let y = latency(pen, report, model, &ticks, y + 44);
    let y = loss(pen, report, model, &ticks, y + 44);
    let y = time_axis(pen, report, &ticks, y);
    let y = per_day(pen, report, y);
    notes(pen, report, y)
}

/// Title of a panel on the left, what its colours mean on the right.
fn title(pen: &mut Pen, text: &str, keys: &[(Key, &str)], y: i32) -> i32 {
    pen.text(LEFT, y + 30, Align::Left, TITLE, text);
    let mut x = RIGHT;
    for (key, name) in keys.iter().rev() {
        x -= width(name, QUIET);
        pen.text(x, y + 30, Align::Left, QUIET, name);
        x -= 46;
        let at = |high: i32| [x, y + 22 - high / 2, x + 34, y + 22 + high / 2];
        match key {
            Key::Bar(high, fill) => pen.fill(at(*high), *fill),
            Key::Hatched => pen.hatch(at(28)),
        }
        x -= 34;
    }
    y + 48
}

/// A sample of how something is drawn.
enum Key {
    Bar(i32, RGBColor),
    Hatched,
}

/// The ground of a panel: days, hatched gaps, pale drops.
fn ground(pen: &mut Pen, report: &Report, model: &Model, ticks: &[Tick], top: i32, bottom: i32) {
    pen.fill([PLOT, top, end(), bottom], colour::PANEL);
    for strip in &model.drops {
        pen.fill([x(strip.from), top, x(strip.to), bottom], colour::PALE_SILENT);
    }
    for strip in &model.gaps {
        pen.hatch([x(strip.from), top, x(strip.to), bottom]);
    }
    days(pen, report, ticks, top, bottom);
}

fn days(pen: &mut Pen, report: &Report, ticks: &[Tick], top: i32, bottom: i32) {
    for tick in ticks {
        if let Some(x) = x_of(report, tick.at) {
            let (fill, wide) = if tick.is_day { (colour::DAY, 2) } else { (colour::RULE, 1) };
            pen.fill([x, top, x + wide, bottom], fill);
        }
    }
}

fn lanes(pen: &mut Pen, report: &Report, model: &Model, ticks: &[Tick], y: i32) -> i32 {
    let keys = [
        (Key::Bar(12, colour::ANSWERED), "answered"),
        (Key::Bar(40, colour::SILENT), "silent: link down"),
        (Key::Bar(26, colour::TROUBLE), "blip, or one target silent"),
        (Key::Hatched, "not observed"),
    ];
    let top = title(pen, "Who answered", &keys, y) + 8;
    let mut y = top;
    for lane in &model.lanes {
        let bottom = y + LANE;
        pen.fill([PLOT, y, end(), bottom], colour::PANEL);
        days(pen, report, ticks, y, bottom);
        pen.text(LEFT, y + LANE / 2 + 10, Align::Left, BODY, words::role_label(lane.role));
        let middle = y + LANE / 2;
        let bar = |strip: &Strip, high: i32| {
            [x(strip.from), middle - high / 2, x(strip.to), middle + high / 2]
        };
        // The bad is drawn behind the good, so that nothing good can cover it.
        for (strip, state) in &lane.states {
            match state {
                State::Nothing => {}
                State::Answered => pen.fill(bar(strip, 12), colour::ANSWERED),
                State::Unwatched => pen.hatch(bar(strip, LANE)),
                State::Trouble => pen.fill(bar(strip, 26), colour::TROUBLE),
                State::Silent => pen.fill(bar(strip, LANE), colour::SILENT),
            }
        }
        y = bottom + LANE_APART;
    }
    let bottom = y - LANE_APART;
    for (number, note) in (1..).zip(&report.notes) {
        let Some(x) = x_of(report, note.at) else { continue };
        pen.fill([x, top - 6, x + 3, bottom + 6], colour::INK);
        if number <= tables_notes() {
            pen.area(vec![(x, top - 6), (x + 24, top + 4), (x, top + 14)], colour::INK);
        }
    }
    bottom
}

/// How many notes are told in words.
const fn tables_notes() -> usize {
    4
}

#[allow(clippy::cast_possible_truncation, reason = "pixels")]
fn latency(pen: &mut Pen, report: &Report, model: &Model, ticks: &[Tick], y: i32) -> i32 {
    let named = |curve: &Curve| {
        let t = &curve.target.target;
        fit(&format!("{} {}", t.name, t.address), QUIET, 420)
    };
    let second = model.gateway.as_ref().map(named);
    let main = model.anchor.as_ref().map(named);
    let mut keys = Vec::new();
    if let Some(name) = &main {
        keys.push((Key::Bar(5, colour::LINE), name.as_str()));
        keys.push((Key::Bar(26, colour::BAND), "5 to 95 %"));
        keys.push((Key::Bar(26, colour::PALE_BAND), "min to max"));
    }
    if let Some(name) = &second {
        keys.push((Key::Bar(5, colour::SECOND), name.as_str()));
    }
    let top = title(pen, "Delay there and back", &keys, y) + 8;
    let bottom = top + LATENCY;
    ground(pen, report, model, ticks, top, bottom);
    let points = || {
        [&model.anchor, &model.gateway].into_iter().flatten().flat_map(|c| c.lines.iter().flatten())
    };
    let low = points().map(|p| p.min).min();
    let high = points().map(|p| p.max).max();
    let (Some(low), Some(high)) = (low, high) else {
        let middle = i32::midpoint(PLOT, end());
        let text = if report.availability.is_none() { "nothing observed" } else { "no answer" };
        let (half, y) = (width(text, QUIET) / 2 + 24, i32::midpoint(top, bottom));
        pen.fill([middle - half, y - 32, middle + half, y + 28], colour::PAPER);
        pen.text(middle, y + 8, Align::Centre, QUIET, text);
        return bottom;
    };
    let scale = Delays::new(low, high);
    let at = |us: u32| bottom - (scale.height(us) * f64::from(LATENCY)).round() as i32;
    for (us, label) in scale.ticks(9) {
        pen.fill([PLOT, at(us), end(), at(us) + 1], colour::RULE);
        pen.text(PLOT - 14, (at(us) + 9).min(bottom), Align::Right, QUIET, &format!("{label} ms"));
    }
    if let Some(anchor) = &model.anchor {
        for line in &anchor.lines {
            band(pen, line, |p| (at(p.max), at(p.min)), colour::PALE_BAND);
        }
        for line in &anchor.lines {
            band(pen, line, |p| (at(p.p95), at(p.p5)), colour::BAND);
        }
    }
    if let Some(gateway) = &model.gateway {
        gateway.lines.iter().for_each(|line| steps(pen, line, |p| at(p.p50), 3, colour::SECOND));
    }
    if let Some(anchor) = &model.anchor {
        anchor.lines.iter().for_each(|line| steps(pen, line, |p| at(p.p50), 3, colour::LINE));
    }
    bottom
}

/// An area between two heights, each point as wide as its columns.
fn band(pen: &mut Pen, line: &[Point], of: impl Fn(&Point) -> (i32, i32), fill: RGBColor) {
    let over = line.iter().flat_map(|p| {
        let top = of(p).0 - 1;
        [(x(p.strip.from), top), (x(p.strip.to), top)]
    });
    let under = line.iter().rev().flat_map(|p| {
        let bottom = of(p).1 + 1;
        [(x(p.strip.to), bottom), (x(p.strip.from), bottom)]
    });
    pen.area(over.chain(under).collect(), fill);
}

fn steps(pen: &mut Pen, line: &[Point], of: impl Fn(&Point) -> i32, width: u32, colour: RGBColor) {
    let points = line.iter().flat_map(|p| [(x(p.strip.from), of(p)), (x(p.strip.to), of(p))]);
    pen.line(points.collect(), width, colour);
}

#[allow(clippy::cast_possible_truncation, reason = "pixels")]
fn loss(pen: &mut Pen, report: &Report, model: &Model, ticks: &[Tick], y: i32) -> i32 {
    let n = report.targets.iter().filter(|t| t.decides).count();
    let name = match n {
        0 => "Loss per minute".to_owned(),
        1 => "Loss per minute, one public server".to_owned(),
        n => format!("Loss per minute, {n} public servers together"),
    };
    let top =
        title(pen, &name, &[(Key::Bar(26, colour::SILENT), "lost of sent, worst minute")], y) + 8;
    let bottom = top + LOSS;
    ground(pen, report, model, ticks, top, bottom);
    for (share, label) in [(0, "0 %"), (50, "50 %"), (100, "100 %")] {
        let at = bottom - LOSS * share / 100;
        pen.fill([PLOT, at, end(), at + 1], colour::RULE);
        pen.text(PLOT - 14, (at + 9).clamp(top + 18, bottom), Align::Right, QUIET, label);
    }
    // Neighbouring columns of the same height are one bar.
    let mut open: Option<(Strip, i32)> = None;
    let mut close = |bar: Option<(Strip, i32)>| {
        if let Some((strip, high)) = bar {
            pen.fill([x(strip.from), bottom - high, x(strip.to), bottom], colour::SILENT);
        }
    };
    for (column, loss) in &model.loss {
        let ratio = loss.ratio().unwrap_or(0.0);
        let high = if ratio > 0.0 { ((ratio * f64::from(LOSS)).round() as i32).max(2) } else { 0 };
        match &mut open {
            Some((strip, same)) if *same == high && strip.to == *column => strip.to = column + 1,
            _ => {
                let next = Some((Strip { from: *column, to: column + 1 }, high));
                close(std::mem::replace(&mut open, next).filter(|(_, high)| *high > 0));
            }
        }
    }
    close(open.filter(|(_, high)| *high > 0));
    bottom
}

fn time_axis(pen: &mut Pen, report: &Report, ticks: &[Tick], y: i32) -> i32 {
    pen.fill([PLOT, y, end(), y + 2], colour::SOFT);
    let mut free_from = 0;
    for tick in ticks {
        let Some(x) = x_of(report, tick.at) else { continue };
        pen.fill([x, y, x + 2, y + 12], colour::SOFT);
        let set = if tick.is_day { Type { size: 26, ..STRONG } } else { QUIET };
        let half = width(&tick.label, set) / 2 + 1;
        let centre = x.clamp(PLOT - 55 + half, RIGHT + 20 - half);
        if centre - half >= free_from {
            pen.text(centre, y + 42, Align::Centre, set, &tick.label);
            free_from = centre + half + 18;
        }
    }
    pen.text(LEFT, y + 42, Align::Left, QUIET, "Local time");
    y + 52
}

/// Drops that began on each day, under the day, where there is room for the figures.
fn per_day(pen: &mut Pen, report: &Report, y: i32) -> i32 {
    let days = &report.summary.per_day;
    if days.len() < 2 || days.len() > 28 || report.availability.is_none() {
        return y;
    }
    pen.text(LEFT, y + 32, Align::Left, QUIET, "Drops begun");
    let down: Vec<_> = days.iter().map(|d| words::about(d.down)).collect();
    let narrowest = days.iter().filter(|d| !d.down.is_zero()).filter_map(|d| {
        Some(x_of(report, d.range.to.plus_micros(-1))? - x_of(report, d.range.from)?)
    });
    let widest = down.iter().map(|text| width(text, QUIET)).max().unwrap_or(0);
    let room_for_down = narrowest.min().is_some_and(|room| widest + 8 < room);
    if room_for_down {
        pen.text(LEFT, y + 70, Align::Left, QUIET, "Time down");
    }
    for (day, down) in days.iter().zip(&down) {
        let (Some(from), Some(to)) =
            (x_of(report, day.range.from), x_of(report, day.range.to.plus_micros(-1)))
        else {
            continue;
        };
        let text = if day.observed.is_zero() { "-".to_owned() } else { day.drops.to_string() };
        let set = if day.drops > 0 { Type { size: 26, ..STRONG } } else { QUIET };
        if to - from > width(&text, set) + 8 {
            pen.text(i32::midpoint(from, to), y + 32, Align::Centre, set, &text);
        }
        if room_for_down && !day.down.is_zero() {
            pen.text(i32::midpoint(from, to), y + 70, Align::Centre, QUIET, down);
        }
    }
    y + if room_for_down { 80 } else { 42 }
}

fn notes(pen: &mut Pen, report: &Report, y: i32) -> i32 {
    let mut y = y;
    for note in report.notes.iter().take(tables_notes()) {
        y += 40;
        pen.area(vec![(LEFT, y - 22), (LEFT + 24, y - 12), (LEFT, y - 2)], colour::INK);
        let when = words::local(note.at, &report.zone, "%a %-d %b %H:%M");
        pen.text(LEFT + 40, y, Align::Left, STRONG, &when);
        let indent = LEFT + 310;
        pen.text(indent, y, Align::Left, BODY, &fit(&note.text, BODY, RIGHT - indent));
    }
    let more = report.notes.len().saturating_sub(tables_notes());
    if more > 0 {
        y += 40;
        let text = format!("and {}", words::count(more, "more note", "more notes"));
        pen.text(LEFT + 40, y, Align::Left, QUIET, &text);
    }
    y
}
