//! Two tables: the longest drops, and what was probed with what result.

use std::time::Duration;

use super::axis;
use super::layout::{BODY, GAP, LEFT, QUIET, RIGHT, TITLE};
use super::palette::Tone;
use super::pen::{Align, Pen, TypeStyle, Weight, shrunk, width, wrap};
use crate::language::words;
use crate::language::{self, Language, Noun, fill};
use crate::prose;
use crate::report::{DropEntry, Report};
use crate::vocabulary::{Place, Role, Target};

/// Rows shown; the rest is counted.
const DROPS: usize = 8;
const TARGETS: usize = 20;
const STEP: i32 = 37;
/// Width of the lengths of drops.
const LASTED: i32 = 199;
const HEAD: TypeStyle = TypeStyle { size: 27, ..QUIET };
const CELL: TypeStyle = TypeStyle { size: 27, ..BODY };

/// A column: where it starts or (if right-aligned) ends, and how wide it is.
struct TextColumn {
    x: i32,
    room: i32,
    align: Align,
}

const fn left(x: i32, room: i32) -> TextColumn {
    TextColumn { x, room, align: Align::Left }
}

const fn right(x: i32, room: i32) -> TextColumn {
    TextColumn { x, room, align: Align::Right }
}

/// Draws both from `y` down; gives where they end.
pub(super) fn draw(pen: &mut Pen, report: &Report, y: i32) -> i32 {
    let y = drops(pen, report, y + GAP);
    targets(pen, report, y)
}

/// Writes a row with its first line at `y`, and returns its last: words take as many lines as they
/// need, figures smaller letters.
fn row(pen: &mut Pen, columns: &[TextColumn], cells: &[String], set: TypeStyle, y: i32) -> i32 {
    const LEAST: i32 = 13;
    const LINES: usize = 6;
    let mut last = y;
    for (column, cell) in columns.iter().zip(cells) {
        if column.align == Align::Right {
            let set = shrunk(cell, set, column.room, LEAST);
            pen.text(column.x, y, column.align, set, cell);
            continue;
        }
        for (line, n) in wrap(cell, set, column.room, LINES).iter().zip(0..) {
            pen.text(column.x, y + n * STEP, column.align, set, line);
            last = last.max(y + n * STEP);
        }
    }
    last
}

fn head(pen: &mut Pen, columns: &[TextColumn], titles: &[&str], y: i32) -> i32 {
    let titles: Vec<_> = titles.iter().map(|title| (*title).to_owned()).collect();
    row(pen, columns, &titles, HEAD, y + 26);
    pen.fill([LEFT, y + 38, RIGHT, y + 40], Tone::Rule);
    y + 40
}

fn drops(pen: &mut Pen, report: &Report, y: i32) -> i32 {
    const COLUMNS: [TextColumn; 8] = [
        // Numbers of five digits reach into the margin: a truncated number would be that of another drop.
        right(LEFT + 62, 110),
        left(LEFT + 84, 338),
        left(LEFT + 432, 246),
        left(LEFT + 687, 262),
        left(LEFT + 957, 104),
        left(LEFT + 1_069, LASTED),
        left(LEFT + 1_276, 345),
        left(LEFT + 1_629, 251),
    ];
    let total = report.summary.counted();
    if total == 0 {
        return y;
    }
    let shown = prose::longest(report, DROPS);
    let l = language::of(report.language);
    let p = &l.phrases().sheet;
    let all = l.count(total, Noun::Drop);
    let title = if shown.len() < total {
        fill(p.longest_of, &[("n", &shown.len().to_string()), ("all", &all)])
    } else {
        all
    };
    pen.text(LEFT, y + 30, Align::Left, TITLE, &title);
    let mut y = head(pen, &COLUMNS, &p.drop_columns, y + 44);
    for drop in shown {
        y = row(pen, &COLUMNS, &cells(drop, report, l), CELL, y + STEP);
    }
    if DROPS < total {
        y += STEP;
        let text = fill(p.more, &[("n", &l.number((total - DROPS) as u64))]);
        pen.text(LEFT + 100, y, Align::Left, QUIET, &text);
    }
    y + 34
}

fn cells(drop: &DropEntry, report: &Report, l: &Language) -> [String; 8] {
    let (zone, p, dates) = (&report.zone, &l.phrases().sheet, &l.phrases().dates);
    let onset = drop.onset.midpoint().plus_micros(50_000);
    let local = |pattern: &str| l.local(onset, zone, pattern);
    let [mut began, mut utc] = [p.before_period.to_owned(), String::new()];
    if !drop.starts_before {
        // Of another year than the report, or where there are several.
        let is_of_years = axis::spans_years(report.period, zone)
            || axis::year(report.made, zone) != axis::year(onset, zone);
        began = local(if is_of_years { "%F %H:%M:%S%.1f" } else { dates.second });
        let zone = &jiff::tz::TimeZone::UTC;
        let same_day = words::local(onset, zone, "%F") == local("%F");
        utc = l.local(onset, zone, if same_day { "%H:%M:%S" } else { "%m-%d %H:%M:%S" });
    }
    let ended = match drop.shown_end() {
        None if drop.record_ends.is_some() => l.no_end(drop).to_owned(),
        None => p.lasts.to_owned(),
        Some(_) if drop.ends_after => p.after_period.to_owned(),
        Some(end) => end.mark.to_owned() + &l.end(drop.onset.midpoint(), end.at, zone),
    };
    let lasted = if drop.end.is_none() {
        l.lasted_so_far(drop, &l.length(drop.down.min))
    } else {
        let bounds = l.figures(&words::bounds(drop.down, "–").replace(" – ", "–"));
        // A longer one has its margin in the column before.
        let fits = width(&bounds, CELL) <= LASTED;
        if fits { bounds } else { l.lasted(drop) }
    };
    [
        drop.id.to_string(),
        began,
        utc,
        ended,
        l.figures(&format!("± {}", short(half_width(drop)))),
        lasted,
        place(drop, l),
        roles(&drop.answered, l),
    ]
}

/// The wider of the bounds of onset and end, to either side; an end that was not watched is shown by
/// its earliest time.
fn half_width(drop: &DropEntry) -> Duration {
    let end = drop.shown_end().map_or(Duration::ZERO, |end| end.half_width);
    words::half_width(drop.onset).max(end)
}

/// `0.2 s`, `100 s`, `12 min`.
fn short(d: Duration) -> String {
    match d.as_secs() {
        ..60 => words::length(d),
        s @ 60..600 => format!("{s} s"),
        s => format!("{} min", s.div_ceil(60)),
    }
}

/// One place, either of two, or from one to another.
fn place(drop: &DropEntry, l: &Language) -> String {
    let p = &l.phrases().sheet;
    let short = |place: &Place| p.short_places.of(*place);
    match drop.places.as_slice() {
        [first, _, .., last] => fill(p.from_to, &[("first", short(first)), ("last", short(last))]),
        [first, second] => fill(p.either, &[("first", short(first)), ("second", short(second))]),
        places => l.place(places),
    }
}

fn roles(targets: &[Target], l: &Language) -> String {
    let p = &l.phrases().sheet;
    // That no anchor answers is what makes a drop: it is only mentioned where nothing else is.
    let only_anchors = targets.iter().all(|t| t.role == Role::Anchor);
    let words: Vec<_> = Role::ALL
        .into_iter()
        .filter(|role| targets.iter().any(|t| t.role == *role))
        .filter(|role| only_anchors || *role != Role::Anchor)
        .map(|role| p.who.of(role))
        .collect();
    if words.is_empty() { p.no_role.to_owned() } else { words.join(", ") }
}

/// What a target is; a router of the ISP behind its first is not called its first.
fn role(language: &Language, target: &Target) -> String {
    if target.is_inner_hop() {
        language::capital(language.role(Role::Isp))
    } else {
        language.phrases().sheet.roles.of(target.role).to_owned()
    }
}

fn targets(pen: &mut Pen, report: &Report, y: i32) -> i32 {
    const COLUMNS: [TextColumn; 8] = [
        left(LEFT, 205),
        left(LEFT + 215, 680),
        left(LEFT + 903, 172),
        right(LEFT + 1_193, 112),
        right(LEFT + 1_360, 158),
        right(LEFT + 1_482, 118),
        right(LEFT + 1_650, 162),
        right(RIGHT, 225),
    ];
    if report.targets.is_empty() {
        return y;
    }
    let l = language::of(report.language);
    let p = &l.phrases().sheet;
    pen.text(LEFT, y + 30, Align::Left, TITLE, p.probed);
    let mut y = head(pen, &COLUMNS, &p.target_columns, y + 44);
    for entry in report.targets.iter().take(TARGETS) {
        let (t, total) = (&entry.target, &entry.total);
        let is_gone = entry.uncounted.is_some() && total.probes.slots() == 0;
        let no_delay =
            if entry.uncounted.is_some() { l.phrases().removed.gone } else { p.no_reply };
        let cells = [
            t.name.clone(),
            words::address(t),
            role(l, t),
            if is_gone { String::new() } else { l.number(total.probes.lost) },
            if is_gone { String::new() } else { l.number(total.probes.sent) },
            total.loss().ratio().map_or_else(|| "-".to_owned(), |ratio| l.percent(ratio)),
            total.rtt.map_or_else(|| no_delay.to_owned(), |r| l.figures(&words::ms(r.p50))),
            total.rtt.map_or_else(String::new, |r| {
                l.figures(&format!("{} / {}", words::ms(r.p95), words::ms(r.max)))
            }),
        ];
        y = row(pen, &COLUMNS, &cells, CELL, y + STEP);
    }
    let more = report.targets.len().saturating_sub(TARGETS);
    if more > 0 {
        y += STEP;
        let set = TypeStyle { weight: Weight::Regular, ..QUIET };
        pen.text(LEFT, y, Align::Left, set, &fill(p.more, &[("n", &l.number(more as u64))]));
    }
    y + 16
}
