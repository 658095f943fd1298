//! The sheet from top to bottom: headline, site and period, key figures, panels, tables, method.

use super::layout::{
    self, BODY, GAP, LEFT, QUIET, RIGHT, SMALL, STRONG, TITLE, WIDTH, headline, lines,
};
use super::model::Model;
use super::palette::Tone;
use super::pen::{Align, Pen, TypeStyle, Weight, shrunk, wrap};
use super::{axis, days, panels, spreads, tables, timeline};
use crate::language::{self, Noun, fill};
use crate::prose;
use crate::report::Report;

const FIGURE: TypeStyle = TypeStyle { size: 48, weight: Weight::Bold, colour: Tone::Ink };

/// Shown for a figure that does not exist.
const NOTHING: &str = "–";

/// Draws the whole sheet.
pub(super) fn draw(report: &Report) -> Pen {
    let mut pen = Pen::new(WIDTH);
    let model = Model::new(report);
    let y = header(&mut pen, report, 50);
    let y = figures(&mut pen, report, y + 36);
    let ticks = axis::time_ticks(report.period, &report.zone, language::of(report.language), 10);
    let y = timeline::draw(&mut pen, report, &model, &ticks, y + 30);
    let y = timeline::notes(&mut pen, report, y);
    let y = panels::draw(&mut pen, report, &model, &ticks, y + GAP);
    let y = days::draw(&mut pen, report, &ticks, y);
    let y = spreads::draw(&mut pen, report, y);
    let y = modem(&mut pen, report, y);
    let y = tables::draw(&mut pen, report, y);
    pen.height = footer(&mut pen, report, y + 16) + 40;
    pen
}

/// What the modem says over all drops, where it was read.
fn modem(pen: &mut Pen, report: &Report, y: i32) -> i32 {
    let l = language::of(report.language);
    let said = l.modem_of_all(report);
    let Some(facts) = report.modem.as_ref().filter(|_| !said.is_empty()) else { return y };
    let y = lines(pen, l.phrases().modem.name, TITLE, y + GAP, 1);
    let text = format!("{}{}{}", l.modem_named(facts), l.phrases().colon, said.join("; "));
    lines(pen, &text, BODY, y + 6, 4)
}

/// What of it a page has no words and tables for: what happened over time, and how to read it; then days and lengths, where there are any.
pub(super) fn parts(report: &Report) -> [Option<Pen>; 2] {
    let model = Model::new(report);
    let ticks = axis::time_ticks(report.period, &report.zone, language::of(report.language), 10);
    let mut first = Pen::new(WIDTH);
    let y = timeline::draw(&mut first, report, &model, &ticks, 0);
    let y = timeline::notes(&mut first, report, y);
    let y = panels::draw(&mut first, report, &model, &ticks, y + GAP);
    let reading = language::of(report.language).phrases().sheet.reading;
    let mut y = lines(&mut first, reading, SMALL, y + 16, 12);
    if let Some(missing) = layout::missing_letters(&first, report) {
        y = lines(&mut first, &missing, SMALL, y + 4, 12);
    }
    first.height = y + 16;
    let mut second = Pen::new(WIDTH);
    let y = days::draw(&mut second, report, &ticks, 0);
    second.height = spreads::draw(&mut second, report, y) + 16;
    let is_blank = second.shapes.is_empty();
    [Some(first), Some(second).filter(|_| !is_blank)]
}

fn header(pen: &mut Pen, report: &Report, y: i32) -> i32 {
    let y = headline(pen, &prose::headline(report), y);
    let y = layout::site(pen, report, y);
    let when = language::of(report.language).period_of(report);
    let y = lines(pen, &when, TypeStyle { colour: Tone::Soft, ..BODY }, y, 2);
    compared(pen, report, y)
}

/// Both sides of a comparison, each in a line.
fn compared(pen: &mut Pen, report: &Report, y: i32) -> i32 {
    let Some(comparison) = &report.analyses.compare else { return y };
    let l = language::of(report.language);
    let (c, sides) = (&l.phrases().comparing, &comparison.compared);
    let border = l.minute(comparison.border, &report.zone);
    let named = [(c.before, &sides.before), (c.after, &sides.after)];
    named.into_iter().fold(y, |y, (name, side)| {
        let colon = l.phrases().colon;
        let text = format!("{name} ({border}){colon}{}", l.side_available(side));
        lines(pen, &text, STRONG, y, 2)
    })
}

/// A row of key figures: name, figure and detail.
fn figures(pen: &mut Pen, report: &Report, y: i32) -> i32 {
    const STEP: i32 = 34;
    /// A figure is written smaller rather than cut.
    const LEAST: i32 = 22;
    let cards = cards(report);
    let room = (RIGHT - LEFT) / i32::try_from(cards.len()).unwrap_or(1);
    let details: Vec<_> = cards.iter().map(|[.., text]| wrap(text, QUIET, room - 40, 4)).collect();
    let lines = details.iter().map(Vec::len).max().unwrap_or(0).max(1);
    let bottom = y + 120 + STEP * i32::try_from(lines).unwrap_or(1);
    pen.fill([LEFT, y, RIGHT, bottom], Tone::Panel);
    for ((i, [name, figure, _]), detail) in (0..).zip(&cards).zip(&details) {
        let x = LEFT + i * room + 26;
        if i > 0 {
            pen.fill([x - 26, y + 24, x - 24, bottom - 22], Tone::Rule);
        }
        let set =
            if figure == NOTHING { TypeStyle { colour: Tone::Soft, ..FIGURE } } else { FIGURE };
        pen.text(x, y + 40, Align::Left, QUIET, name);
        let set = shrunk(figure, set, room - 40, LEAST);
        pen.text(x, y + 92, Align::Left, set, figure);
        for (line, n) in detail.iter().zip(0..) {
            pen.text(x, y + 132 + n * STEP, Align::Left, QUIET, line);
        }
    }
    bottom
}

fn cards(report: &Report) -> [[String; 3]; 5] {
    let l = language::of(report.language);
    let (p, sum) = (&l.phrases().sheet, &report.summary);
    let filled = |template: &str, name: &str, value: &str| fill(template, &[(name, value)]);
    let card = |name: &str, figure: String, detail: String| [name.to_owned(), figure, detail];
    let Some(up) = report.availability else {
        let watched_none = report.coverage.observed.is_zero();
        let why = if watched_none { p.not_observed } else { p.no_answer };
        let none = |name: &str| card(name, NOTHING.to_owned(), why.to_owned());
        return [p.drops, p.down, p.available, p.longest, p.watched].map(none);
    };
    let watched = card(
        p.watched,
        report.coverage.ratio().map_or_else(|| NOTHING.to_owned(), |ratio| l.percent(ratio)),
        // With seconds it would take two lines.
        l.watched_part(report.coverage, |d| l.about(d)),
    );
    let blips = l.count(sum.blips, Noun::Blip);
    let kinds = if sum.counted() == 0 && sum.blips == 0 {
        filled(p.of_least, "least", &l.length(report.method.parameters.drop_after))
    } else if sum.outages > 0 {
        let over = l.length(report.method.parameters.outage_after);
        let n = l.number(sum.outages as u64);
        fill(p.kinds, &[("n", &n), ("over", &over), ("blips", &blips)])
    } else {
        filled(p.and_blips, "blips", &blips)
    };
    let down = if sum.counted() == 0 {
        String::new()
    } else {
        filled(p.at_most, "half", &l.length(sum.down_error()))
    };
    let longest = sum.longest.and_then(|i| report.drops.get(i));
    let [ratio, lower, upper] = l.availability(up);
    let available = match (lower, upper) {
        (lower, upper) if lower == upper => p.of_watched.to_owned(),
        (lower, upper) => fill(p.between, &[("lower", &lower), ("upper", &upper)]),
    };
    [
        card(p.drops, l.number(sum.counted() as u64), kinds),
        card(p.down, l.length(sum.likely_down), down),
        card(p.available, ratio, available),
        card(
            p.longest,
            longest.map_or_else(|| NOTHING.to_owned(), |d| l.lasted(d)),
            longest.map_or_else(String::new, |d| {
                let began = l.day_minute(d.onset.midpoint(), &report.zone);
                if d.end.is_none() { filled(p.since, "at", &began) } else { began }
            }),
        ),
        watched,
    ]
}

/// How it was measured, and how to read the drawing.
fn footer(pen: &mut Pen, report: &Report, y: i32) -> i32 {
    pen.fill([LEFT, y, RIGHT, y + 2], Tone::Rule);
    let l = language::of(report.language);
    let p = &l.phrases().sheet;
    let mut y = y + 22;
    let mut how = if report.targets.is_empty() { Vec::new() } else { l.method(report) };
    how.extend(l.removed_sentence(report));
    how.extend(layout::missing_letters(pen, report));
    let chain = l.chain(report).map(|head| fill(p.chain, &[("head", &head)]));
    for text in how.iter().map(String::as_str).chain([p.reading]).chain(chain.as_deref()) {
        y = lines(pen, text, SMALL, y, 12) + 4;
    }
    y
}
