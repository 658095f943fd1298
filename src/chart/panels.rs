//! Delays and loss over time.

use super::axis::{DelayScale, Tick};
use super::columns::ColumnRange;
use super::frame::{LegendKey, grid, time_axis, title, words};
use super::layout::{PLOT, QUIET, end, x};
use super::model::{LossOf, Model};
use super::palette::Tone;
use super::pen::{Align, Pen, fit, width};
use super::smoke::Point;
use crate::language::{self, fill};
use crate::report::Report;

const LATENCY: i32 = 230;
const LOSS: i32 = 96;

/// Draws both from `y` down; returns where they end.
pub(super) fn draw(pen: &mut Pen, report: &Report, model: &Model, ticks: &[Tick], y: i32) -> i32 {
    let y = latency(pen, report, model, ticks, y);
    let y = loss(pen, report, model, ticks, y + 26);
    time_axis(pen, report, ticks, y)
}

/// The ground of a panel: days, hatched gaps, pale drops.
fn ground(pen: &mut Pen, report: &Report, model: &Model, ticks: &[Tick], top: i32, bottom: i32) {
    pen.fill([PLOT, top, end(), bottom], Tone::Panel);
    let [drops, gaps] = &model.ground;
    for strip in drops {
        pen.fill([x(strip.from), top, x(strip.to), bottom], Tone::PaleDown);
    }
    for strip in gaps {
        pen.hatch([x(strip.from), top, x(strip.to), bottom]);
    }
    grid(pen, report, ticks, top, bottom);
}

/// The keys of the grounds that there are.
fn ground_keys(report: &Report, model: &Model) -> Vec<(LegendKey, &'static str)> {
    let p = words(report);
    let [drops, gaps] = &model.ground;
    let keys = [
        (drops, LegendKey::Bar(26, Tone::PaleDown), p.drop),
        (gaps, LegendKey::Hatched, p.not_observed),
    ];
    keys.into_iter().filter(|(there, ..)| !there.is_empty()).map(|(_, k, name)| (k, name)).collect()
}

/// `one public server`, `3 public servers together`.
fn servers(report: &Report) -> String {
    match report.targets.iter().filter(|t| t.decides).count() {
        0 => String::new(),
        1 => words(report).servers[0].to_owned(),
        n => fill(words(report).servers[1], &[("n", &n.to_string())]),
    }
}

#[allow(clippy::cast_possible_truncation, reason = "pixels")]
fn latency(pen: &mut Pen, report: &Report, model: &Model, ticks: &[Tick], y: i32) -> i32 {
    let p = words(report);
    let roles = language::of(report.language);
    let named = model.gateway.as_ref().map(|(t, _)| fit(roles.role(t.target.role), QUIET, 700));
    let mut keys = Vec::new();
    if !model.smoke.is_empty() {
        keys.push((LegendKey::Bar(5, Tone::Line), p.median));
        keys.push((LegendKey::Bar(26, Tone::Band), p.most));
        keys.push((LegendKey::Bar(26, Tone::PaleBand), p.extremes));
    }
    if let Some(name) = &named {
        keys.push((LegendKey::Bar(5, Tone::Second), name.as_str()));
    }
    keys.extend(ground_keys(report, model));
    let top = title(pen, &fill(p.delay, &[("servers", &servers(report))]), &keys, y) + 6;
    let bottom = top + LATENCY;
    ground(pen, report, model, ticks, top, bottom);
    let gateway = || model.gateway.iter().flat_map(|(_, lines)| lines);
    let points = || model.smoke.iter().chain(gateway()).flatten();
    let low = points().map(|p| p.min).min();
    let high = points().map(|p| p.max).max();
    let (Some(low), Some(high)) = (low, high) else {
        let middle = i32::midpoint(PLOT, end());
        let answered = report.targets.iter().any(|t| t.decides && t.total.rtt.is_some());
        let text = match report.availability {
            _ if answered => p.no_calm_column,
            None if report.coverage.observed.is_zero() => p.nothing_observed,
            _ => p.no_answer,
        };
        let (half, y) = (width(text, QUIET) / 2 + 24, i32::midpoint(top, bottom));
        pen.clear([middle - half, y - 32, middle + half, y + 28]);
        pen.text(middle, y + 8, Align::Centre, QUIET, text);
        return bottom;
    };
    let scale = DelayScale::new(low, high);
    let at = |us: u32| bottom - (scale.height(us) * f64::from(LATENCY)).round() as i32;
    // Steps of 1-2-5 where there is room for their labels, else powers of ten.
    let steps_of_5 = scale.ticks(usize::MAX);
    let apart = steps_of_5.windows(2).map(|w| at(w[0].0) - at(w[1].0)).min();
    let most = if apart.is_some_and(|apart| apart < 40) { 0 } else { usize::MAX };
    for (us, label) in scale.ticks(most) {
        pen.fill([PLOT, at(us), end(), at(us) + 1], Tone::Rule);
        let y = (at(us) + 10).clamp(top + 18, bottom);
        let label = language::of(report.language).figures(&format!("{label} ms"));
        pen.text(PLOT - 14, y, Align::Right, QUIET, &label);
    }
    for line in &model.smoke {
        band(pen, line, |p| (at(p.max), at(p.min)), Tone::PaleBand);
    }
    for line in &model.smoke {
        band(pen, line, |p| (at(p.p95), at(p.p5)), Tone::Band);
    }
    gateway().for_each(|line| steps(pen, line, |p| at(p.p50), Tone::Second));
    model.smoke.iter().for_each(|line| steps(pen, line, |p| at(p.p50), Tone::Line));
    bottom
}

/// An area between two heights, each point as wide as its columns.
fn band(pen: &mut Pen, line: &[Point], of: impl Fn(&Point) -> (i32, i32), fill: Tone) {
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

fn steps(pen: &mut Pen, line: &[Point], of: impl Fn(&Point) -> i32, colour: Tone) {
    let points = line.iter().flat_map(|p| [(x(p.strip.from), of(p)), (x(p.strip.to), of(p))]);
    pen.line(points.collect(), 3, colour);
}

#[allow(clippy::cast_possible_truncation, reason = "pixels")]
fn loss(pen: &mut Pen, report: &Report, model: &Model, ticks: &[Tick], y: i32) -> i32 {
    let p = words(report);
    let name = fill(p.loss, &[("servers", &servers(report))]);
    let of = match model.loss_of {
        LossOf::WorstMinute => p.worst_minute,
        LossOf::Column => p.whole_columns,
    };
    let mut keys = vec![(LegendKey::Bar(26, Tone::Down), of)];
    keys.extend(ground_keys(report, model));
    let top = title(pen, &name, &keys, y) + 6;
    let bottom = top + LOSS;
    ground(pen, report, model, ticks, top, bottom);
    for share in [0, 50, 100] {
        let label = language::of(report.language).figures(&format!("{share} %"));
        let at = bottom - LOSS * share / 100;
        pen.fill([PLOT, at, end(), at + 1], Tone::Rule);
        pen.text(PLOT - 14, (at + 10).clamp(top + 18, bottom), Align::Right, QUIET, &label);
    }
    // Neighbouring columns of the same height are one bar.
    let mut open: Option<(ColumnRange, i32)> = None;
    let mut close = |bar: Option<(ColumnRange, i32)>| {
        if let Some((strip, high)) = bar {
            pen.fill([x(strip.from), bottom - high, x(strip.to), bottom], Tone::Down);
        }
    };
    for (column, loss) in &model.loss {
        let ratio = loss.ratio().unwrap_or(0.0);
        let high = if ratio > 0.0 { ((ratio * f64::from(LOSS)).round() as i32).max(2) } else { 0 };
        match &mut open {
            Some((strip, same)) if *same == high && strip.to == *column => strip.to = column + 1,
            _ => {
                let next = Some((ColumnRange { from: *column, to: column + 1 }, high));
                close(std::mem::replace(&mut open, next).filter(|(_, high)| *high > 0));
            }
        }
    }
    close(open.filter(|(_, high)| *high > 0));
    bottom
}
