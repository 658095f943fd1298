//! The sheet from top to bottom: headline, who and when, key figures, panels, tables, method.

use super::model::Model;
use super::palette::Tone;
use super::pen::{Align, Pen, Type, Weight, fit, wrap};
use super::{axis, days, panels, spreads, tables, timeline};
use crate::report::{Report, words};

/// Width of the sheet and of its margins.
pub(super) const WIDTH: i32 = 2_000;
pub(super) const LEFT: i32 = 60;
pub(super) const RIGHT: i32 = WIDTH - 60;

pub(super) const HEADLINE: Type = Type { size: 46, weight: Weight::Bold, colour: Tone::Ink };
pub(super) const TITLE: Type = Type { size: 31, weight: Weight::Bold, colour: Tone::Ink };
pub(super) const BODY: Type = Type { size: 28, weight: Weight::Regular, colour: Tone::Ink };
pub(super) const STRONG: Type = Type { size: 28, weight: Weight::Bold, colour: Tone::Ink };
pub(super) const QUIET: Type = Type { size: 28, weight: Weight::Regular, colour: Tone::Soft };
const FIGURE: Type = Type { size: 48, weight: Weight::Bold, colour: Tone::Ink };

/// Between two parts of the sheet.
pub(super) const GAP: i32 = 24;

/// Stands for a figure that does not exist.
const NOTHING: &str = "–";

/// Draws the whole sheet.
pub(super) fn draw(report: &Report) -> Pen {
    let mut pen = Pen::new(WIDTH);
    let model = Model::new(report);
    let y = header(&mut pen, report, 50);
    let y = figures(&mut pen, report, y + 36);
    let ticks = axis::time_ticks(report.period, &report.zone, 10);
    let y = timeline::draw(&mut pen, report, &model, &ticks, y + 30);
    let y = timeline::notes(&mut pen, report, y);
    let y = panels::draw(&mut pen, report, &model, &ticks, y + GAP);
    let y = days::draw(&mut pen, report, &ticks, y);
    let y = spreads::draw(&mut pen, report, y);
    let y = tables::draw(&mut pen, report, y);
    pen.height = footer(&mut pen, report, y + 16) + 40;
    pen
}

/// Lines of text from `y` on; gives where the next thing may begin.
pub(super) fn lines(pen: &mut Pen, text: &str, set: Type, y: i32, most: usize) -> i32 {
    let step = set.size * 13 / 10;
    let mut y = y;
    for line in wrap(text, set, RIGHT - LEFT, most) {
        pen.text(LEFT, y + set.size, Align::Left, set, &line);
        y += step;
    }
    y
}

fn header(pen: &mut Pen, report: &Report, y: i32) -> i32 {
    let y = lines(pen, &words::headline(report), HEADLINE, y, 4) + 14;
    let site = words::site(report);
    let y = if site.is_empty() { y } else { lines(pen, &site, STRONG, y, 2) };
    let when = format!(
        "{}, {}",
        words::span(report.period, &report.zone),
        words::zone(report.period, &report.zone)
    );
    lines(pen, &when, Type { colour: Tone::Soft, ..BODY }, y, 2)
}

/// A row of key figures: what it is, the figure, and what belongs to it.
fn figures(pen: &mut Pen, report: &Report, y: i32) -> i32 {
    let cards = cards(report);
    let room = (RIGHT - LEFT) / i32::try_from(cards.len()).unwrap_or(1);
    pen.fill([LEFT, y, RIGHT, y + 154], Tone::Panel);
    for (i, [name, figure, detail]) in (0..).zip(&cards) {
        let x = LEFT + i * room + 26;
        if i > 0 {
            pen.fill([x - 26, y + 24, x - 24, y + 132], Tone::Rule);
        }
        let set = if figure == NOTHING { Type { colour: Tone::Soft, ..FIGURE } } else { FIGURE };
        pen.text(x, y + 40, Align::Left, QUIET, name);
        pen.text(x, y + 92, Align::Left, set, &fit(figure, set, room - 40));
        pen.text(x, y + 132, Align::Left, QUIET, &fit(detail, QUIET, room - 40));
    }
    y + 154
}

fn cards(report: &Report) -> [[String; 3]; 5] {
    let s = &report.summary;
    let card = |name: &str, figure: String, detail: String| [name.to_owned(), figure, detail];
    let watched = card(
        "Watched",
        report.coverage.ratio().map_or_else(|| NOTHING.to_owned(), words::percent),
        words::watched(report),
    );
    let Some(a) = report.availability else {
        let none = |name: &str| card(name, NOTHING.to_owned(), "not observed".to_owned());
        return [
            none("Drops"),
            none("Time down"),
            none("Available"),
            none("Longest drop"),
            watched,
        ];
    };
    let kinds = if s.counted() == 0 && s.blips == 0 {
        format!("of {} or more", words::length(report.method.parameters.drop_after))
    } else if s.outages > 0 {
        let over = words::length(report.method.parameters.outage_after);
        format!("{} over {over}, {}", s.outages, words::count(s.blips, "blip", "blips"))
    } else {
        format!("and {}", words::count(s.blips, "blip", "blips"))
    };
    let spread = s.down.max.saturating_sub(s.down.min) / 2;
    let down = if s.counted() == 0 {
        String::new()
    } else {
        format!("± {} at most", words::length(spread))
    };
    let longest = s.longest.and_then(|i| report.drops.get(i));
    [
        card("Drops", words::number(s.counted() as u64), kinds),
        card("Time down", words::length(s.down.midpoint()), down),
        card(
            "Available",
            words::percent(a.ratio),
            match (words::percent(a.lower), words::percent(a.upper)) {
                (lower, upper) if lower == upper => "of the time watched".to_owned(),
                (lower, upper) => format!("{lower} to {upper}"),
            },
        ),
        card(
            "Longest drop",
            longest.map_or_else(|| NOTHING.to_owned(), |d| words::length(d.down.midpoint())),
            longest.map_or_else(String::new, |d| {
                let began = words::local(d.onset.midpoint(), &report.zone, "%a %-d %b %H:%M");
                if d.end.is_none() { format!("since {began}") } else { began }
            }),
        ),
        watched,
    ]
}

/// How it was measured, and how to read the drawing.
fn footer(pen: &mut Pen, report: &Report, y: i32) -> i32 {
    const SMALL: Type = Type { size: 25, weight: Weight::Regular, colour: Tone::Soft };
    pen.fill([LEFT, y, RIGHT, y + 2], Tone::Rule);
    let reading = "How to read it: in each pixel column the worst is drawn; a drop is at least \
                   2 pixels wide, and of full height where the link was down all the time of the \
                   column. Hatched means not observed; lines do not cross drops or gaps.";
    let mut y = y + 22;
    let how = if report.targets.is_empty() { Vec::new() } else { words::how(report) };
    let chain = words::chain(report).map(|head| format!("Chain of the record: {head}."));
    for text in how.iter().map(String::as_str).chain([reading]).chain(chain.as_deref()) {
        y = lines(pen, text, SMALL, y, 4) + 4;
    }
    y
}
