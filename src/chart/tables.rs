//! Two tables: the longest drops, and what was probed with what result.

use std::time::Duration;

use super::palette::Tone;
use super::pen::{Align, Pen, Type, Weight, fit};
use super::sheet::{BODY, GAP, LEFT, QUIET, RIGHT, TITLE};
use crate::measurement::{Role, Target};
use crate::report::{DropEntry, Report, words};

/// Rows shown; the rest is counted.
const DROPS: usize = 8;
const TARGETS: usize = 20;
const STEP: i32 = 37;
const HEAD: Type = Type { size: 27, ..QUIET };
const CELL: Type = Type { size: 27, ..BODY };

/// A column: its title, where it begins or (set right) ends, and how wide it is.
struct Column {
    title: &'static str,
    x: i32,
    room: i32,
    align: Align,
}

const fn left(title: &'static str, x: i32, room: i32) -> Column {
    Column { title, x, room, align: Align::Left }
}

const fn right(title: &'static str, x: i32, room: i32) -> Column {
    Column { title, x, room, align: Align::Right }
}

/// Draws both from `y` down; gives where they end.
pub(super) fn draw(pen: &mut Pen, report: &Report, y: i32) -> i32 {
    let y = drops(pen, report, y + GAP);
    targets(pen, report, y)
}

fn row(pen: &mut Pen, columns: &[Column], cells: &[String], set: Type, y: i32) {
    for (column, cell) in columns.iter().zip(cells) {
        pen.text(column.x, y, column.align, set, &fit(cell, set, column.room));
    }
}

fn head(pen: &mut Pen, columns: &[Column], y: i32) -> i32 {
    let titles: Vec<_> = columns.iter().map(|c| c.title.to_owned()).collect();
    row(pen, columns, &titles, HEAD, y + 26);
    pen.fill([LEFT, y + 38, RIGHT, y + 40], Tone::Rule);
    y + 40
}

fn drops(pen: &mut Pen, report: &Report, y: i32) -> i32 {
    const COLUMNS: [Column; 8] = [
        right("No.", LEFT + 62, 62),
        left("Began, local", LEFT + 84, 338),
        left("UTC", LEFT + 432, 246),
        left("Ended, local", LEFT + 687, 262),
        left("Within", LEFT + 957, 104),
        left("Lasted", LEFT + 1_069, 199),
        left("Place of the fault", LEFT + 1_276, 333),
        left("Answered", LEFT + 1_617, 263),
    ];
    let total = report.summary.counted();
    if total == 0 {
        return y;
    }
    let shown = words::longest(report, DROPS);
    let all = words::count(total, "drop", "drops");
    let title =
        if shown.len() < total { format!("The {} longest of {all}", shown.len()) } else { all };
    pen.text(LEFT, y + 30, Align::Left, TITLE, &title);
    let mut y = head(pen, &COLUMNS, y + 44);
    for drop in shown {
        y += STEP;
        row(pen, &COLUMNS, &cells(drop, report), CELL, y);
    }
    if DROPS < total {
        y += STEP;
        let text = format!("and {} more", words::number((total - DROPS) as u64));
        pen.text(LEFT + 100, y, Align::Left, QUIET, &text);
    }
    y + 34
}

fn cells(drop: &DropEntry, report: &Report) -> [String; 8] {
    let zone = &report.zone;
    let onset = drop.onset.midpoint().plus_micros(50_000);
    let local = |pattern: &str| words::local(onset, zone, pattern);
    let [mut began, mut utc] = ["before the period".to_owned(), String::new()];
    if !drop.starts_before {
        began = local("%a %-d %b %H:%M:%S%.1f");
        let zone = &jiff::tz::TimeZone::UTC;
        let day = if words::local(onset, zone, "%F") == local("%F") { "" } else { "%-d %b " };
        utc = words::local(onset, zone, &format!("{day}%H:%M:%S"));
    }
    let ended = match drop.end {
        None => "lasts".to_owned(),
        Some(_) if drop.ends_after => "after the period".to_owned(),
        Some(end) => words::local_end(drop.onset.midpoint(), end.midpoint(), zone, "%-d %b "),
    };
    let lasted = match drop.end {
        None => format!("{} so far", words::length(drop.down.min)),
        Some(_) if drop.down.max.as_secs() < 600 => words::bounds(drop.down).replace('-', "–"),
        Some(_) => words::length(drop.down.midpoint()),
    };
    [
        drop.id.to_string(),
        began,
        utc,
        ended,
        format!("± {}", short(half_width(drop))),
        lasted,
        place(drop),
        roles(&drop.answered),
    ]
}

/// The wider of the bounds of onset and end, to either side.
fn half_width(drop: &DropEntry) -> Duration {
    let bounds = [Some(drop.onset), drop.end].into_iter().flatten();
    let half = bounds.map(|b| b.latest.duration_since(b.earliest).unwrap_or_default() / 2);
    half.max().unwrap_or_default().max(Duration::from_millis(100))
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
fn place(drop: &DropEntry) -> String {
    match drop.places.as_slice() {
        [first, _, .., last] => {
            format!("{} to {}", words::places(&[*first]), words::places(&[*last]))
        }
        places => words::places(places),
    }
}

fn roles(targets: &[Target]) -> String {
    // That no anchor answers is what makes a drop: it is told only where nothing else is.
    let only_anchors = targets.iter().all(|t| t.role == Role::Anchor);
    let words: Vec<_> = Role::ALL
        .into_iter()
        .filter(|role| targets.iter().any(|t| t.role == *role))
        .filter(|role| only_anchors || *role != Role::Anchor)
        .map(|role| match role {
            Role::Gateway => "router",
            Role::Modem => "modem",
            Role::Isp => "ISP",
            Role::Anchor => "internet",
            Role::Service => "services",
        })
        .collect();
    if words.is_empty() { "nobody".to_owned() } else { words.join(", ") }
}

fn targets(pen: &mut Pen, report: &Report, y: i32) -> i32 {
    const COLUMNS: [Column; 8] = [
        left("Target", LEFT, 205),
        left("Address", LEFT + 215, 692),
        left("Stands for", LEFT + 915, 172),
        right("Lost", LEFT + 1_205, 112),
        right("of sent", LEFT + 1_372, 158),
        right("Loss", LEFT + 1_494, 118),
        right("Median ms", LEFT + 1_652, 154),
        right("95 % / max ms", RIGHT, 225),
    ];
    if report.targets.is_empty() {
        return y;
    }
    pen.text(LEFT, y + 30, Align::Left, TITLE, "What was probed, from one computer at the site");
    let mut y = head(pen, &COLUMNS, y + 44);
    for entry in report.targets.iter().take(TARGETS) {
        let (t, total) = (&entry.target, &entry.total);
        let cells = [
            t.name.clone(),
            words::address(t),
            words::role_label(t.role).to_owned(),
            words::number(total.lost),
            words::number(total.sent),
            total.loss().ratio().map_or_else(|| "-".to_owned(), words::percent),
            total.rtt.map_or_else(|| "no reply".to_owned(), |r| words::ms(r.p50)),
            total.rtt.map_or_else(String::new, |r| {
                format!("{} / {}", words::ms(r.p95), words::ms(r.max))
            }),
        ];
        y += STEP;
        row(pen, &COLUMNS, &cells, CELL, y);
    }
    let more = report.targets.len().saturating_sub(TARGETS);
    if more > 0 {
        y += STEP;
        let set = Type { weight: Weight::Regular, ..QUIET };
        pen.text(LEFT, y, Align::Left, set, &format!("and {more} more"));
    }
    y + 16
}
