//! The link and each place on the way, over time, with notes as numbered flags, and the axis of
//! local time that all panels share.

use super::axis::Tick;
use super::model::{Model, Strip};
use super::palette::Tone;
use super::pen::{Align, Pen, Type, Weight, fit, width};
use super::places::{Lane, State, Wrong};
use super::sheet::{BODY, LEFT, QUIET, RIGHT, STRONG, TITLE};
use crate::report::Report;
use crate::report::language::{self, Sheet, fill};
use crate::report::rows::{COLUMNS, column_of};
use crate::time::Timestamp;
use crate::vocabulary::Note;

/// Left edge of the columns; there are [`COLUMNS`], a pixel each.
pub(super) const PLOT: i32 = 260;
const LINK: i32 = 44;
const PLACE: i32 = 26;
const APART: i32 = 8;
/// Height of the bar that says "works".
const BAR: i32 = 12;
const FLAG: i32 = 34;
/// Notes told in words, and flags.
const NOTES: usize = 5;

/// Pixel of a column.
#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "at most 1,680")]
pub(super) fn x(column: usize) -> i32 {
    PLOT + column as i32
}

/// Right edge of the columns.
pub(super) fn end() -> i32 {
    x(COLUMNS)
}

pub(super) fn x_of(report: &Report, at: Timestamp) -> Option<i32> {
    column_of(report.period, COLUMNS, at).map(x)
}

/// A sample of how something is drawn.
#[derive(Debug, Clone, Copy)]
pub(super) enum Key {
    Bar(i32, Tone),
    Hatched,
    Striped(Tone),
    Upper(Tone),
    Rails(Tone),
}

/// Title of a panel on the left, what its colours mean on the right; gives where the panel begins.
/// Meanings that do not fit beside the title stand below, each line to the right.
pub(super) fn title(pen: &mut Pen, text: &str, keys: &[(Key, &str)], y: i32) -> i32 {
    pen.text(LEFT, y + 30, Align::Left, TITLE, text);
    legend(pen, keys, RIGHT - LEFT - width(text, TITLE) - APART, y)
}

/// Between meanings of colours.
const APART_KEYS: i32 = 30;
/// Height of a line of meanings.
const LEGEND: i32 = 48;

/// Meanings of colours in lines, the first of which has `room` pixels; gives where they end.
fn legend(pen: &mut Pen, keys: &[(Key, &str)], room: i32, y: i32) -> i32 {
    const SAMPLE: i32 = 46;
    let wide = |name: &str| SAMPLE + width(name, QUIET) + APART_KEYS;
    let mut lines: Vec<Vec<(Key, &str)>> = vec![Vec::new()];
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

fn sample(pen: &mut Pen, key: Key, x: i32, y: i32) {
    let at = |high: i32| [x, y + 21 - high / 2, x + 34, y + 21 + high / 2];
    match key {
        Key::Bar(high, fill) => pen.fill(at(high), fill),
        Key::Hatched => pen.hatch(at(28)),
        Key::Striped(fill) => pen.stripes(at(28), fill),
        Key::Upper(fill) => pen.fill([x + 24, y + 6, x + 30, y + 32], fill),
        Key::Rails(fill) => rails(pen, at(28), fill),
    }
}

/// A line at the top and one at the bottom.
fn rails(pen: &mut Pen, [left, top, right, bottom]: [i32; 4], fill: Tone) {
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

/// Draws the rows and their axis from `y` down; gives where they end.
pub(super) fn draw(pen: &mut Pen, report: &Report, model: &Model, ticks: &[Tick], y: i32) -> i32 {
    let y = title(pen, words(report).places, &keys(report, model), y) + 6;
    let y = match wrong_keys(report, model).as_slice() {
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
    if !model.wrongs.is_empty() {
        y = wrongs(pen, report, model, ticks, y) + APART;
    }
    let bottom = y - APART;
    edges(pen, report, top);
    for ((x, level), number) in levels.iter().zip(1..) {
        let flag = top - (level + 1) * (FLAG + 4);
        pen.fill([*x, flag, x + 3, bottom + 6], Tone::Ink);
        pen.fill([*x, flag, x + FLAG, flag + FLAG - 4], Tone::Ink);
        let set = Type { colour: Tone::Paper, size: 24, weight: Weight::Bold };
        pen.text(x + FLAG / 2 + 1, flag + 24, Align::Centre, set, &format!("{number}"));
    }
    time_axis(pen, report, ticks, bottom + 8)
}

/// Where flags stand: pixel and level, such that none covers another.
fn flag_levels(report: &Report) -> Vec<(i32, i32)> {
    let mut free = [i32::MIN; 3];
    let shown = told(report).into_iter().filter_map(|note| x_of(report, note.at));
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
fn told(report: &Report) -> Vec<&Note> {
    let inside = report.notes.iter().filter(|n| report.period.contains(n.at));
    inside.take(NOTES).collect()
}

/// The words of the sheet in the language of the report.
pub(super) fn words(report: &Report) -> &'static Sheet {
    &language::of(report.language).phrases().sheet
}

fn keys(report: &Report, model: &Model) -> Vec<(Key, &'static str)> {
    let p = words(report);
    let has = |state: State| {
        let is = |s: State| s == state || (s == State::PartMaybe && state == State::Maybe);
        model.lanes.iter().any(|lane| lane.states.iter().any(|(_, s)| is(*s)))
    };
    let all = [
        (State::Up, Key::Bar(BAR, Tone::Up), p.works),
        (State::PartDown, Key::Upper(Tone::Down), p.drop),
        (State::Down, Key::Bar(30, Tone::Down), p.down_throughout),
        (State::Maybe, Key::Striped(Tone::Down), p.here_or_next),
        (State::Hidden, Key::Bar(4, Tone::Hatch), p.hidden),
        (State::Unwatched, Key::Hatched, p.not_observed),
    ];
    all.into_iter().filter(|(s, ..)| has(*s)).map(|(_, key, name)| (key, name)).collect()
}

fn wrong_keys(report: &Report, model: &Model) -> Vec<(Key, &'static str)> {
    let [loss, blip, slow, part] = words(report).wrongs;
    let has = |wrong: Wrong| model.wrongs.iter().any(|(_, w)| *w == wrong);
    let all = [
        (Wrong::Loss, Key::Bar(28, Tone::Trouble), loss),
        (Wrong::Blip, Key::Bar(14, Tone::Trouble), blip),
        (Wrong::Slow, Key::Striped(Tone::Trouble), slow),
        (Wrong::Part, Key::Rails(Tone::Trouble), part),
    ];
    all.into_iter().filter(|(w, ..)| has(*w)).map(|(_, key, name)| (key, name)).collect()
}

fn row(pen: &mut Pen, report: &Report, lane: &Lane, ticks: &[Tick], y: i32) -> i32 {
    let (high, label, set) = match lane.place {
        None => (LINK, words(report).link, STRONG),
        Some(place) => (PLACE, words(report).lanes[place as usize], BODY),
    };
    let (bottom, middle) = (y + high, y + high / 2);
    pen.fill([PLOT, y, end(), bottom], Tone::Panel);
    grid(pen, report, ticks, y, bottom);
    pen.text(LEFT, middle + 10, Align::Left, set, label);
    for (strip, state) in &lane.states {
        let bar = |high: i32| [x(strip.from), middle - high / 2, x(strip.to), middle + high / 2];
        match state {
            State::Nothing | State::Hidden => pen.fill(bar(4), Tone::Hatch),
            State::Up => pen.fill(bar(BAR), Tone::Up),
            State::Unwatched => pen.hatch(bar(high)),
            State::PartMaybe => pen.stripes(upper(bar(high)), Tone::Down),
            State::PartDown => pen.fill(upper(bar(high)), Tone::Down),
            State::Maybe => pen.stripes(bar(high), Tone::Down),
            State::Down => pen.fill(bar(high), Tone::Down),
        }
    }
    bottom
}

/// The upper two thirds: down for a part of the time.
fn upper([left, top, right, bottom]: [i32; 4]) -> [i32; 4] {
    [left, top, right, bottom - (bottom - top) / 3]
}

fn wrongs(pen: &mut Pen, report: &Report, model: &Model, ticks: &[Tick], y: i32) -> i32 {
    let (bottom, middle) = (y + PLACE, y + PLACE / 2);
    pen.fill([PLOT, y, end(), bottom], Tone::Panel);
    grid(pen, report, ticks, y, bottom);
    pen.text(LEFT, middle + 10, Align::Left, BODY, words(report).wrong);
    for strip in &model.gaps {
        pen.hatch([x(strip.from), y, x(strip.to), bottom]);
    }
    for (Strip { from, to }, wrong) in &model.wrongs {
        let at = [x(*from), y, x(*to).max(x(*from) + 2), bottom];
        match wrong {
            Wrong::Loss => pen.fill(at, Tone::Trouble),
            Wrong::Blip => pen.fill([at[0], middle - 7, at[2], middle + 7], Tone::Trouble),
            Wrong::Slow => pen.stripes(at, Tone::Trouble),
            Wrong::Part => rails(pen, at, Tone::Trouble),
        }
    }
    bottom
}

/// Arrows out of the row of the link where a drop goes on outside the period.
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

/// The notes in words, with the numbers of their flags.
pub(super) fn notes(pen: &mut Pen, report: &Report, y: i32) -> i32 {
    let (told, l) = (told(report), language::of(report.language));
    if told.is_empty() && report.notes.is_empty() {
        return y;
    }
    let mut y = y;
    for (note, number) in told.iter().zip(1..) {
        y += 38;
        pen.fill([LEFT, y - 24, LEFT + FLAG, y + 6], Tone::Ink);
        let set = Type { colour: Tone::Paper, size: 24, weight: Weight::Bold };
        pen.text(LEFT + FLAG / 2, y, Align::Centre, set, &format!("{number}"));
        let when = l.day_minute(note.at, &report.zone);
        pen.text(LEFT + 52, y, Align::Left, STRONG, &when);
        let indent = LEFT + 330;
        pen.text(indent, y, Align::Left, BODY, &fit(&l.note(note), BODY, RIGHT - indent));
    }
    let more = report.notes.len().saturating_sub(told.len());
    if more > 0 {
        y += 38;
        let text =
            fill(words(report).notes[usize::from(more > 1)], &[("n", &l.number(more as u64))]);
        pen.text(LEFT + 52, y, Align::Left, QUIET, &text);
    }
    // The last line is no part of what follows.
    y + 16
}
