//! Two tables: the longest drops, and what was probed with what result.

use super::pen::{Align, Pen, Type, Weight, colour, fit};
use super::sheet::{BODY, LEFT, QUIET, RIGHT, TITLE};
use crate::measurement::{Kind, Role, Target};
use crate::report::{DropEntry, Report, words};

/// Rows shown; the rest is counted.
const DROPS: usize = 8;
const TARGETS: usize = 10;
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
    pen.fill([LEFT, y + 38, RIGHT, y + 40], colour::RULE);
    y + 40
}

fn drops(pen: &mut Pen, report: &Report, y: i32) -> i32 {
    const COLUMNS: [Column; 6] = [
        right("No.", LEFT + 70, 70),
        left("Began", LEFT + 100, 380),
        left("Lasted", LEFT + 490, 295),
        left("Place of the fault", LEFT + 800, 350),
        left("Answered", LEFT + 1_165, 345),
        left("Silent", LEFT + 1_525, 355),
    ];
    let total = report.summary.counted();
    if total == 0 {
        return y;
    }
    let shown = words::longest(report, DROPS);
    let title = if shown.len() < total {
        let all = words::count(total, "drop", "drops");
        format!("The {} longest of {all} (local time, length at least–at most)", shown.len())
    } else {
        format!("{} (local time, length at least–at most)", words::count(total, "drop", "drops"))
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

fn cells(drop: &DropEntry, report: &Report) -> [String; 6] {
    let began = drop.onset.midpoint();
    let began = if drop.starts_before {
        "before the period".to_owned()
    } else {
        words::local(began.plus_micros(500_000), &report.zone, "%a %-d %b %Y %H:%M:%S")
    };
    let lasted = words::bounds(drop.down).replace("+-", "± ").replace('-', "–");
    let lasted =
        if drop.end.is_none() || drop.ends_after { format!("{lasted} so far") } else { lasted };
    [
        drop.id.to_string(),
        began,
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
    let words: Vec<_> = Role::ALL
        .into_iter()
        .filter(|role| targets.iter().any(|t| t.role == *role))
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
        left("Target", LEFT, 240),
        left("Address", LEFT + 260, 440),
        left("Stands for", LEFT + 720, 190),
        right("Lost", LEFT + 1_110, 180),
        right("of sent", LEFT + 1_300, 180),
        right("Loss", LEFT + 1_450, 140),
        right("Median ms", LEFT + 1_620, 160),
        right("95 % / max ms", RIGHT, 240),
    ];
    if report.targets.is_empty() {
        return y;
    }
    pen.text(LEFT, y + 30, Align::Left, TITLE, "What was probed, from one computer at the site");
    let mut y = head(pen, &COLUMNS, y + 44);
    for entry in report.targets.iter().take(TARGETS) {
        let (t, total) = (&entry.target, &entry.total);
        let address = if t.kind == Kind::Icmp {
            t.address.clone()
        } else {
            format!("{} {}", t.kind, t.address)
        };
        let cells = [
            t.name.clone(),
            address,
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
