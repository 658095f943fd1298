//! The link and each place on the way, over time, with notes as numbered flags.

use super::axis::Tick;
use super::columns::ColumnRange;
use super::frame::{LegendKey, grid, legend, rails, time_axis, title, words, x_of};
use super::layout::{BODY, LEFT, PLOT, QUIET, RIGHT, STRONG, end, x};
use super::model::Model;
use super::palette::Tone;
use super::pen::{Align, Pen, TypeStyle, Weight, fit};
use super::places::{Disturbance, Lane, LaneState};
use crate::language::{self, fill};
use crate::report::Report;
use crate::vocabulary::Note;

const LINK: i32 = 44;
const PLACE: i32 = 26;
const APART: i32 = 8;
/// Height of the bar of a place that works.
const BAR: i32 = 12;
const FLAG: i32 = 34;
/// The most notes that are drawn as flags and in words.
const NOTES: usize = 5;

/// Draws the rows and their axis from `y` down; gives where they end.
pub(super) fn draw(pen: &mut Pen, report: &Report, model: &Model, ticks: &[Tick], y: i32) -> i32 {
    let y = title(pen, words(report).places, &keys(report, model), y) + 6;
    let y = match disturbance_keys(report, model).as_slice() {
        [] => y,
        keys => legend(pen, keys, RIGHT - LEFT, y),
    };
    let levels = flag_levels(report);
    let flags = levels.iter().map(|(_, level)| level + 1).max().unwrap_or(0);
    let top = y + flags * (FLAG + 4);
    let mut y = top;
    for lane in &model.lanes {
        y = row(pen, report, lane, ticks, y) + APART;
    }
    if !model.disturbances.is_empty() {
        y = disturbances(pen, report, model, ticks, y) + APART;
    }
    let bottom = y - APART;
    edges(pen, report, top);
    for ((x, level), number) in levels.iter().zip(1..) {
        let flag = top - (level + 1) * (FLAG + 4);
        pen.fill([*x, flag, x + 3, bottom + 6], Tone::Ink);
        pen.fill([*x, flag, x + FLAG, flag + FLAG - 4], Tone::Ink);
        let set = TypeStyle { colour: Tone::Paper, size: 24, weight: Weight::Bold };
        pen.text(x + FLAG / 2 + 1, flag + 24, Align::Centre, set, &format!("{number}"));
    }
    time_axis(pen, report, ticks, bottom + 8)
}

/// Where flags are: pixel and level, chosen so that none covers another.
fn flag_levels(report: &Report) -> Vec<(i32, i32)> {
    let mut free = [i32::MIN; 3];
    let shown = flagged(report).into_iter().filter_map(|note| x_of(report, note.at));
    shown
        .map(|x| {
            let x = x.min(end() - FLAG);
            let level = free.iter().position(|free| *free <= x).unwrap_or(free.len() - 1);
            free[level] = x + FLAG + 4;
            (x, i32::try_from(level).unwrap_or(0))
        })
        .collect()
}

/// The notes that have a flag.
fn flagged(report: &Report) -> Vec<&Note> {
    let inside = report.notes.iter().filter(|n| report.period.contains(n.at));
    inside.take(NOTES).collect()
}

fn keys(report: &Report, model: &Model) -> Vec<(LegendKey, &'static str)> {
    let p = words(report);
    let has = |state: LaneState| {
        let is =
            |s: LaneState| s == state || (s == LaneState::PartMaybe && state == LaneState::Maybe);
        model.lanes.iter().any(|lane| lane.states.iter().any(|(_, s)| is(*s)))
    };
    let all = [
        (LaneState::Up, LegendKey::Bar(BAR, Tone::Up), p.works),
        (LaneState::PartDown, LegendKey::Upper(Tone::Down), p.drop),
        (LaneState::Down, LegendKey::Bar(30, Tone::Down), p.down_throughout),
        (LaneState::Maybe, LegendKey::Striped(Tone::Down), p.here_or_next),
        (LaneState::Hidden, LegendKey::Bar(4, Tone::Hatch), p.hidden),
        (LaneState::Unwatched, LegendKey::Hatched, p.not_observed),
    ];
    all.into_iter().filter(|(s, ..)| has(*s)).map(|(_, key, name)| (key, name)).collect()
}

fn disturbance_keys(report: &Report, model: &Model) -> Vec<(LegendKey, &'static str)> {
    let [loss, blip, slow, part] = words(report).wrongs;
    let has = |wrong: Disturbance| model.disturbances.iter().any(|(_, w)| *w == wrong);
    let all = [
        (Disturbance::Loss, LegendKey::Bar(28, Tone::Trouble), loss),
        (Disturbance::Blip, LegendKey::Bar(14, Tone::Trouble), blip),
        (Disturbance::Slow, LegendKey::Striped(Tone::Trouble), slow),
        (Disturbance::Part, LegendKey::Rails(Tone::Trouble), part),
    ];
    all.into_iter().filter(|(w, ..)| has(*w)).map(|(_, key, name)| (key, name)).collect()
}

fn row(pen: &mut Pen, report: &Report, lane: &Lane, ticks: &[Tick], y: i32) -> i32 {
    let (high, label, set) = match lane.place {
        None => (LINK, words(report).link, STRONG),
        Some(place) => (PLACE, words(report).lanes.of(place), BODY),
    };
    let (bottom, middle) = (y + high, y + high / 2);
    pen.fill([PLOT, y, end(), bottom], Tone::Panel);
    grid(pen, report, ticks, y, bottom);
    pen.text(LEFT, middle + 10, Align::Left, set, label);
    for (strip, state) in &lane.states {
        let bar = |high: i32| [x(strip.from), middle - high / 2, x(strip.to), middle + high / 2];
        match state {
            LaneState::Nothing | LaneState::Hidden => pen.fill(bar(4), Tone::Hatch),
            LaneState::Up => pen.fill(bar(BAR), Tone::Up),
            LaneState::Unwatched => pen.hatch(bar(high)),
            LaneState::PartMaybe => pen.stripes(upper(bar(high)), Tone::Down),
            LaneState::PartDown => pen.fill(upper(bar(high)), Tone::Down),
            LaneState::Maybe => pen.stripes(bar(high), Tone::Down),
            LaneState::Down => pen.fill(bar(high), Tone::Down),
        }
    }
    bottom
}

/// The upper two thirds: down for part of the time.
fn upper([left, top, right, bottom]: [i32; 4]) -> [i32; 4] {
    [left, top, right, bottom - (bottom - top) / 3]
}

fn disturbances(pen: &mut Pen, report: &Report, model: &Model, ticks: &[Tick], y: i32) -> i32 {
    let (bottom, middle) = (y + PLACE, y + PLACE / 2);
    pen.fill([PLOT, y, end(), bottom], Tone::Panel);
    grid(pen, report, ticks, y, bottom);
    pen.text(LEFT, middle + 10, Align::Left, BODY, words(report).wrong);
    for strip in &model.gaps {
        pen.hatch([x(strip.from), y, x(strip.to), bottom]);
    }
    for (ColumnRange { from, to }, wrong) in &model.disturbances {
        let at = [x(*from), y, x(*to).max(x(*from) + 2), bottom];
        match wrong {
            Disturbance::Loss => pen.fill(at, Tone::Trouble),
            Disturbance::Blip => pen.fill([at[0], middle - 7, at[2], middle + 7], Tone::Trouble),
            Disturbance::Slow => pen.stripes(at, Tone::Trouble),
            Disturbance::Part => rails(pen, at, Tone::Trouble),
        }
    }
    bottom
}

/// Arrows out of the row of the link where a drop extends beyond the period.
fn edges(pen: &mut Pen, report: &Report, top: i32) {
    let (high, middle) = (14, top + LINK / 2);
    if report.counted_drops().any(|d| d.starts_before) {
        let points =
            vec![(PLOT - 2, middle - high), (PLOT - 2, middle + high), (PLOT - 20, middle)];
        pen.area(points, Tone::Down);
    }
    if report.counted_drops().any(|d| d.ends_after || d.end.is_none()) {
        let points =
            vec![(end() + 2, middle - high), (end() + 2, middle + high), (end() + 20, middle)];
        pen.area(points, Tone::Down);
    }
}

/// The notes in words, with the numbers of their flags.
pub(super) fn notes(pen: &mut Pen, report: &Report, y: i32) -> i32 {
    let (flagged, l) = (flagged(report), language::of(report.language));
    if flagged.is_empty() && report.notes.is_empty() {
        return y;
    }
    let mut y = y;
    for (note, number) in flagged.iter().zip(1..) {
        y += 38;
        pen.fill([LEFT, y - 24, LEFT + FLAG, y + 6], Tone::Ink);
        let set = TypeStyle { colour: Tone::Paper, size: 24, weight: Weight::Bold };
        pen.text(LEFT + FLAG / 2, y, Align::Centre, set, &format!("{number}"));
        let when = l.day_minute(note.at, &report.zone);
        pen.text(LEFT + 52, y, Align::Left, STRONG, &when);
        let indent = LEFT + 330;
        pen.text(indent, y, Align::Left, BODY, &fit(&l.note(note), BODY, RIGHT - indent));
    }
    let more = report.notes.len().saturating_sub(flagged.len());
    if more > 0 {
        y += 38;
        let text =
            fill(words(report).notes[usize::from(more > 1)], &[("n", &l.number(more as u64))]);
        pen.text(LEFT + 52, y, Align::Left, QUIET, &text);
    }
    // The last line is not part of what follows.
    y + 16
}
