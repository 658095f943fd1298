//! The link and each place on the way, over time, with notes as numbered flags.

use super::axis::Tick;
use super::columns::ColumnRange;
use super::frame::{LegendKey, PartHeight, grid, legend, rails, time_axis, title, words, x_of};
use super::layout::{BODY, LEFT, PLOT, QUIET, RIGHT, STRONG, end, lines, x};
use super::model::Model;
use super::palette::Tone;
use super::pen::{Align, Pen, TypeStyle, Weight, shrunk, width, wrap};
use super::places::{Disturbance, Lane, LaneState};
use crate::language::{self, fill};
use crate::report::Report;
use crate::report::rows::COLUMNS;
use crate::text::order::InOrder;
use crate::vocabulary::Note;

const LINK: i32 = 44;
const PLACE: i32 = 26;
const APART: i32 = 8;
/// Height of the bar of the link where it works, and of a place.
const BAR: i32 = 12;
const PLACE_BAR: i32 = 10;
const FLAG: i32 = 34;
/// The most notes that are written out.
const NOTES: usize = 12;

/// Draws the rows and their axis from `y` down; gives where they end.
pub(super) fn draw(pen: &mut Pen, report: &Report, model: &Model, ticks: &[Tick], y: i32) -> i32 {
    let y = title(pen, words(report).places, &keys(report, model), y) + 6;
    let y = match disturbance_keys(report, model).as_slice() {
        [] => y,
        keys => legend(pen, keys, RIGHT - LEFT, y),
    };
    let flags = flags(report);
    let levels = flags.iter().map(|flag| flag.level + 1).max().unwrap_or(0);
    let step = |level: usize| i32::try_from(level).unwrap_or(0) * (FLAG + 4);
    let top = y + step(levels);
    let mut y = top;
    for lane in &model.lanes {
        y = row(pen, report, (lane, part_height(model)), ticks, y) + APART;
    }
    if !model.disturbances.is_empty() {
        y = disturbances(pen, report, model, ticks, y) + APART;
    }
    let bottom = y - APART;
    edges(pen, report, top);
    border(pen, report, top, bottom);
    // Behind the cloths, so that no pole crosses a number.
    for flag in &flags {
        let y = top - step(flag.level + 1);
        pen.fill([flag.pole, y, flag.pole + 3, bottom + 6], Tone::Ink);
    }
    for flag in &flags {
        let y = top - step(flag.level + 1);
        let [left, right] = flag.cloth;
        pen.clear([left - 2, y - 2, right + 2, y + FLAG - 2]);
        pen.fill([left, y, right, y + FLAG - 4], Tone::Ink);
        let middle = i32::midpoint(left, right) + 1;
        pen.text(middle, y + 24, Align::Centre, NoteFlag::SET, &flag.label());
    }
    let y = time_axis(pen, report, ticks, bottom + 8);
    notice(pen, report, model, y)
}

/// The line between both sides of a comparison, with their names where there is room.
fn border(pen: &mut Pen, report: &Report, top: i32, bottom: i32) {
    let Some(comparison) = &report.analyses.compare else { return };
    let Some(x) = x_of(report, comparison.border) else { return };
    let c = &language::of(report.language).phrases().comparing;
    pen.fill([x, top - 8, x + 3, bottom + 8], Tone::Ink);
    let room = 150;
    if x - LEFT > room {
        pen.text(x - 10, bottom + 4, Align::Right, QUIET, c.before);
    }
    if RIGHT - x > room {
        pen.text(x + 12, bottom + 4, Align::Left, QUIET, c.after);
    }
}

/// Where nearly every column has a drop in it, that is said: the rows look worse than the line is.
fn notice(pen: &mut Pen, report: &Report, model: &Model, y: i32) -> i32 {
    let Some(up) = report.availability.filter(|_| model.with_drops.are_all()) else { return y };
    let l = language::of(report.language);
    let column = report.period.length() / u32::try_from(COLUMNS).unwrap_or(1);
    let number = |n: usize| l.number(n as u64);
    let values = [
        ("n", number(model.with_drops.with)),
        ("of", number(model.with_drops.of)),
        ("wide", l.about(column)),
        ("ratio", l.percent(up.ratio)),
    ];
    lines(pen, &fill(words(report).every_column, &values), BODY, y + 6, 3)
}

/// How high drops of a part of a column are.
fn part_height(model: &Model) -> PartHeight {
    if model.with_drops.are_many() { PartHeight::Low } else { PartHeight::Tall }
}

/// A flag: its pole, its cloth, and the notes that it stands for, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoteFlag {
    pub(super) pole: i32,
    /// Left and right edge.
    pub(super) cloth: [i32; 2],
    pub(super) level: usize,
    pub(super) notes: [usize; 2],
}

impl NoteFlag {
    const SET: TypeStyle = TypeStyle { colour: Tone::Paper, size: 24, weight: Weight::Bold };

    /// `3`, or `3–5` where notes are too near to each other for a flag each.
    fn label(self) -> String {
        let [first, last] = self.notes;
        if first == last { first.to_string() } else { format!("{first}–{last}") }
    }

    /// The cloth from `from` on, no farther right than the sheet.
    fn fitted(self, from: i32) -> Self {
        let wide = (width(&self.label(), Self::SET) + 10).max(FLAG);
        let left = from.min(RIGHT + 54 - wide);
        Self { cloth: [left, left + wide], ..self }
    }
}

/// A flag for every note, none over another: on the lowest level that is free, else together with the
/// one before it.
pub(super) fn flags(report: &Report) -> Vec<NoteFlag> {
    const LEVELS: usize = 4;
    let mut free = [i32::MIN; LEVELS];
    let mut flags: Vec<NoteFlag> = Vec::new();
    for (note, number) in flagged(report).into_iter().zip(1..) {
        let Some(pole) = x_of(report, note.at) else { continue };
        let own = NoteFlag { pole, cloth: [0, 0], level: 0, notes: [number, number] };
        let own = own.fitted(pole);
        match (free.iter().position(|free| *free <= own.cloth[0]), flags.last_mut()) {
            (None, Some(last)) => {
                last.notes[1] = number;
                *last = last.fitted(last.cloth[0]);
                free[last.level] = last.cloth[1] + 4;
            }
            (level, _) => {
                let level = level.unwrap_or_default();
                free[level] = own.cloth[1] + 4;
                flags.push(NoteFlag { level, ..own });
            }
        }
    }
    flags
}

/// The notes that have a flag, by time.
fn flagged(report: &Report) -> Vec<&Note> {
    let mut inside: Vec<_> = report.notes.iter().filter(|n| report.period.contains(n.at)).collect();
    inside.order_by_key(|note| note.at);
    inside
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
        (LaneState::PartDown, LegendKey::InPart(part_height(model)), p.drop),
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

fn row(
    pen: &mut Pen,
    report: &Report,
    (lane, part): (&Lane, PartHeight),
    ticks: &[Tick],
    y: i32,
) -> i32 {
    let (high, works, label, set) = match lane.place {
        None => (LINK, BAR, words(report).link, STRONG),
        Some(place) => (PLACE, PLACE_BAR, words(report).lanes.of(place), BODY),
    };
    let (bottom, middle) = (y + high, y + high / 2);
    pen.fill([PLOT, y, end(), bottom], Tone::Panel);
    grid(pen, report, ticks, y, bottom);
    row_label(pen, label, set, middle);
    for (strip, state) in lane.beneath.iter().chain(&lane.states) {
        let (left, right) = (x(strip.from), x(strip.to));
        let bar = |high: i32| [left, middle - high / 2, right, middle + high / 2];
        let parts = part.around([y, bottom], works);
        match state {
            LaneState::Nothing | LaneState::Hidden => pen.fill(bar(4), Tone::Hatch),
            LaneState::Up => pen.fill(bar(works), Tone::Up),
            LaneState::Unwatched => pen.hatch(bar(high)),
            LaneState::PartMaybe => {
                // Two thin lines, as far apart as they are high.
                let thin = |[top, bottom]: [i32; 2]| {
                    let high = ((bottom - top) / 4).max(2);
                    [[top, top + high], [top + 2 * high, (top + 3 * high).min(bottom)]]
                };
                for [top, bottom] in parts.into_iter().flat_map(thin) {
                    pen.fill([left, top, right, bottom], Tone::Down);
                }
            }
            LaneState::PartDown => {
                for [top, bottom] in parts {
                    pen.fill([left, top, right, bottom], Tone::Down);
                }
            }
            LaneState::Maybe => pen.stripes(bar(high), Tone::Down),
            LaneState::Down => pen.fill(bar(high), Tone::Down),
        }
    }
    bottom
}

/// The name of a row, in smaller letters where it would reach the plot.
fn row_label(pen: &mut Pen, label: &str, set: TypeStyle, middle: i32) {
    const LEAST: i32 = 27;
    let set = shrunk(label, set, PLOT - LEFT - 8, LEAST);
    pen.text(LEFT, middle + 10, Align::Left, set, label);
}

fn disturbances(pen: &mut Pen, report: &Report, model: &Model, ticks: &[Tick], y: i32) -> i32 {
    let (bottom, middle) = (y + PLACE, y + PLACE / 2);
    pen.fill([PLOT, y, end(), bottom], Tone::Panel);
    grid(pen, report, ticks, y, bottom);
    row_label(pen, words(report).wrong, BODY, middle);
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
    for (note, number) in flagged.iter().take(NOTES).zip(1..) {
        y += 38;
        pen.fill([LEFT, y - 24, LEFT + FLAG, y + 6], Tone::Ink);
        let set = TypeStyle { colour: Tone::Paper, size: 24, weight: Weight::Bold };
        pen.text(LEFT + FLAG / 2, y, Align::Centre, set, &format!("{number}"));
        let when = l.day_minute(note.at, &report.zone);
        pen.text(LEFT + 52, y, Align::Left, STRONG, &when);
        let indent = LEFT + 330;
        for (line, n) in wrap(&l.note(note), BODY, RIGHT - indent, 3).iter().zip(0..) {
            y += if n > 0 { 36 } else { 0 };
            pen.text(indent, y, Align::Left, BODY, line);
        }
    }
    let more = report.notes.len().saturating_sub(flagged.len().min(NOTES));
    if more > 0 {
        y += 38;
        let text =
            fill(words(report).notes[usize::from(more > 1)], &[("n", &l.number(more as u64))]);
        pen.text(LEFT + 52, y, Align::Left, QUIET, &text);
    }
    // The last line is not part of what follows.
    y + 16
}
