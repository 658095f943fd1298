//! Two tables: the longest drops, and what was probed with what result.

use super::palette::Tone;
use super::pen::{Align, Pen, Type, Weight, fit};
use super::sheet::{BODY, LEFT, QUIET, RIGHT, TITLE};
use crate::measurement::{Role, Target};
use crate::report::{DropEntry, Report, words};

/// Rows shown; the rest is counted.
const DROPS: usize = 8;
const TARGETS: usize = 20;
const STEP: i32 = 42;

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
    let y = drops(pen, report, y);
    targets(pen, report, y)
}

fn row(pen: &mut Pen, columns: &[Column], cells: &[String], set: Type, y: i32) {
    for (column, cell) in columns.iter().zip(cells) {
        pen.text(column.x, y, column.align, set, &fit(cell, set, column.room));
    }
}

fn head(pen: &mut Pen, columns: &[Column], y: i32) -> i32 {
    let titles: Vec<_> = columns.iter().map(|c| c.title.to_owned()).collect();
    row(pen, columns, &titles, QUIET, y + 26);
    pen.fill([LEFT, y + 38, RIGHT, y + 40], Tone::Rule);
    y + 40
}

fn drops(pen: &mut Pen, report: &Report, y: i32) -> i32 {
    const COLUMNS: [Column; 7] = [
        right("No.", LEFT + 70, 70),
        left("Began", LEFT + 100, 355),
        left("Ended", LEFT + 465, 235),
        left("Lasted", LEFT + 710, 270),
        left("Place of the fault", LEFT + 990, 340),
        left("Answered", LEFT + 1_340, 290),
        left("Silent", LEFT + 1_640, 240),
    ];
    let total = report.summary.counted();
    if total == 0 {
        return y;
    }
    let shown = words::longest(report, DROPS);
    let widest = shown
        .iter()
        .flat_map(|d| [Some(d.onset), d.end])
        .flatten()
        .map(|bounds| bounds.latest.duration_since(bounds.earliest).unwrap_or_default() / 2);
    let widest = widest.max().unwrap_or_default().max(std::time::Duration::from_millis(100));
    let exact = format!("within ± {}", words::length(widest));
    let title = if shown.len() < total {
        let all = words::count(total, "drop", "drops");
        format!(
            "The {} longest of {all} (local time, {exact}, length at least–at most)",
            shown.len()
        )
    } else {
        let all = words::count(total, "drop", "drops");
        format!("{all} (local time, {exact}, length at least–at most)")
    };
    pen.text(LEFT, y + 30, Align::Left, TITLE, &title);
    let mut y = head(pen, &COLUMNS, y + 44);
    for drop in shown {
        y += STEP;
        row(pen, &COLUMNS, &cells(drop, report), BODY, y);
    }
    if DROPS < total {
        y += STEP;
        let text = format!("and {} more", words::number((total - DROPS) as u64));
        pen.text(LEFT + 100, y, Align::Left, QUIET, &text);
    }
    y + 46
}

fn cells(drop: &DropEntry, report: &Report) -> [String; 7] {
    let began = drop.onset.midpoint();
    let began = if drop.starts_before {
        "before the period".to_owned()
    } else {
        words::local(began.plus_micros(50_000), &report.zone, "%a %-d %b %H:%M:%S%.1f")
    };
    let ended = match drop.end {
        None => "lasts".to_owned(),
        Some(_) if drop.ends_after => "after the period".to_owned(),
        Some(end) => {
            words::local_end(drop.onset.midpoint(), end.midpoint(), &report.zone, "%-d %b ")
        }
    };
    let lasted = match drop.end {
        None => format!("{} so far", words::length(drop.down.min)),
        Some(_) => words::bounds(drop.down).replace("+-", "± ").replace('-', "–"),
    };
    [
        drop.id.to_string(),
        began,
        ended,
        lasted,
        words::places(&drop.places),
        roles(&drop.answered),
        if drop.answered.is_empty() && !drop.silent.is_empty() {
            "everybody".to_owned()
        } else {
            roles(&drop.silent)
        },
    ]
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
            Role::Isp => "ISP hop",
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
        right("Loss", LEFT + 1_498, 118),
        right("Median ms", LEFT + 1_645, 140),
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
        row(pen, &COLUMNS, &cells, BODY, y);
    }
    let more = report.targets.len().saturating_sub(TARGETS);
    if more > 0 {
        y += STEP;
        let set = Type { weight: Weight::Regular, ..QUIET };
        pen.text(LEFT, y, Align::Left, set, &format!("and {more} more"));
    }
    y + 16
}
