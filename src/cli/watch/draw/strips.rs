//! The targets, each with its strip. Pure.

use std::time::Duration;

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::style::Modifier;

use super::super::facts::WatchFacts;
use super::super::ink::{Ink, TextTone};
use super::super::look::Look;
use super::super::said;
use super::super::strip::{CELL_SECONDS, DelayBand, StripCell, StripGrid, StripMark, usual_cell};
use super::super::view::{ViewState, WatchPane};
use super::pen::{TitleMark, columns_of, cut, first_shown, put, put_right, row_of, title};
use crate::text::columns::width;

/// The columns of a row: the chosen one is marked in the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct StripLayout {
    /// Of the name.
    pub(super) name: u16,
    /// Of the delay; 0 where there is no room.
    pub(super) delay: u16,
    /// Of the loss; 0 where there is no room.
    pub(super) loss: u16,
    /// Of the strip.
    pub(in super::super) strip: u16,
}

const DELAY: u16 = 9;
const LOSS: u16 = 7;

impl StripLayout {
    /// For rows so wide.
    pub(in super::super) fn of(facts: &WatchFacts, room: u16) -> Self {
        let names = facts.status.targets.iter().map(|target| width(&target.name)).max();
        let name = u16::try_from(names.unwrap_or(0)).unwrap_or(u16::MAX);
        let name = name.clamp(4, (room / 4).clamp(6, 24));
        let delay = if room >= 40 { DELAY + 1 } else { 0 };
        let loss = if room >= 28 { LOSS + 1 } else { 0 };
        let strip = room.saturating_sub(3 + name + delay + loss);
        Self { name, delay, loss, strip }
    }

    /// Which of [`CELL_SECONDS`] a mark stands for.
    pub(in super::super) fn cell(self, view: &ViewState) -> usize {
        view.cell.unwrap_or_else(|| usual_cell(columns_of(self.strip)))
    }

    /// The grid of the strips.
    pub(in super::super) fn grid(self, facts: &WatchFacts, view: &ViewState) -> StripGrid {
        let cell_s = CELL_SECONDS[self.cell(view)];
        StripGrid::ending(facts.status.at, cell_s, columns_of(self.strip))
    }
}

/// Rows with a title, the targets, what the marks mean, and the chosen target.
pub(super) fn wanted_rows(facts: &WatchFacts) -> usize {
    facts.status.targets.len().max(1) + 3
}

/// Draws the pane.
pub(super) fn draw(
    buffer: &mut Buffer,
    area: Rect,
    facts: &WatchFacts,
    view: &ViewState,
    look: &Look,
) {
    let p = look.language.phrases();
    let layout = StripLayout::of(facts, area.width);
    let cell_s = CELL_SECONDS[layout.cell(view)];
    let is_chosen = view.pane == WatchPane::Targets;
    let head = row_of(area, 0);
    let bold = look.ink.style(TextTone::Title);
    title(buffer, head, p.watch.targets, TitleMark::of(WatchPane::Targets, view.pane), look.ink);
    let figures = 2 + layout.name;
    let blank = " ".repeat(columns_of(layout.delay + layout.loss));
    put(buffer, head, figures, &blank, bold);
    if layout.delay > 0 {
        let cell = Rect { width: (figures + layout.delay).min(head.width), ..head };
        put_right(buffer, cell, &format!(" {}", p.watch.delay), bold);
    }
    if layout.loss > 0 {
        let wide = figures + layout.delay + layout.loss;
        let cell = Rect { width: wide.min(head.width), ..head };
        put_right(buffer, cell, &format!(" {}", p.watch.lost), bold);
    }
    let strip_x = area.width - layout.strip.min(area.width);
    let span = said::span(cell_s, columns_of(layout.strip), look);
    let fits = |text: &String| width(text) + 2 <= columns_of(layout.strip);
    if let Some(text) = [span, said::cell(cell_s, look)].into_iter().find(fits) {
        put(buffer, head, strip_x, &format!(" {text} "), bold);
    }

    let targets = &facts.status.targets;
    let below = columns_of(area.height).saturating_sub(1);
    let extras = if below >= targets.len() + 2 || below >= 8 { 2 } else { usize::from(below >= 5) };
    let mut room = below - extras.min(below);
    let hidden = targets.len() > room;
    room -= usize::from(hidden && room > 1);
    let chosen = view.target.min(targets.len().saturating_sub(1));
    let first = first_shown(chosen, targets.len(), room);
    let grid = layout.grid(facts, view);
    for (nth, shown) in targets.iter().enumerate().skip(first).take(room) {
        let row = row_of(area, 1 + nth - first);
        let mut style = look.ink.style(TextTone::Text);
        if is_chosen && nth == chosen {
            put(buffer, row, 0, look.ink.chosen(), bold);
            style = style.add_modifier(Modifier::BOLD);
        }
        put(buffer, row, 2, &cut(&shown.name, columns_of(layout.name), look.ink), style);
        if layout.delay > 0 {
            let cell = Rect { width: figures + layout.delay, ..row };
            put_right(buffer, cell, &said::delay(shown, look), style);
        }
        if layout.loss > 0 {
            let cell = Rect { width: figures + layout.delay + layout.loss, ..row };
            let loss = said::loss(shown, look);
            put_right(buffer, cell, &loss.text, look.ink.style(loss.tone));
        }
        let marks = facts.target_of(shown).map_or(&[][..], |target| facts.marks.of(target.id));
        let strip = Rect { x: area.x + strip_x, width: layout.strip, ..row };
        draw_strip(buffer, strip, grid, marks, facts.interval_of(shown), look.ink);
    }
    let shown = room.min(targets.len());
    let mut next = 1 + shown;
    if hidden && below > 1 {
        more(buffer, row_of(area, next), targets.len() - shown, look);
        next += 1;
    }
    if extras > 0 {
        legend(buffer, row_of(area, next), look);
    }
    if extras > 1
        && let Some(target) = targets.get(chosen)
    {
        let text = said::target(facts, target, look);
        let row = row_of(area, next + 1);
        let text = cut(&text, columns_of(row.width).saturating_sub(2), look.ink);
        put(buffer, row, 2, &text, look.ink.style(TextTone::Soft));
    }
}

/// How many rows there is no room for.
pub(super) fn more(buffer: &mut Buffer, row: Rect, n: usize, look: &Look) {
    let text = crate::language::fill(look.language.phrases().watch.more, &[("n", n.to_string())]);
    put(buffer, row, 2, &text, look.ink.style(TextTone::Soft));
}

/// The marks of one target.
pub(super) fn draw_strip(
    buffer: &mut Buffer,
    area: Rect,
    grid: StripGrid,
    marks: &[StripMark],
    interval: Duration,
    ink: Ink,
) {
    for (x, cell) in (0..).zip(grid.cells(marks, interval)) {
        let (mark, style) = ink.mark(cell);
        put(buffer, area, x, mark, style);
    }
}

/// What the marks mean.
pub(super) fn legend(buffer: &mut Buffer, row: Rect, look: &Look) {
    let words = look.language.phrases().watch.legend;
    let [answered, late, some_lost, all_lost, not_sent] = words;
    let mut x = 2;
    for band in DelayBand::ALL {
        let (mark, style) = look.ink.mark(StripCell::Answered(band));
        x = put(buffer, row, x, mark, style);
    }
    let soft = look.ink.style(TextTone::Soft);
    x = put(buffer, row, x + 1, answered, soft);
    for (cell, word) in [
        (StripCell::Late, late),
        (StripCell::SomeLost, some_lost),
        (StripCell::AllLost, all_lost),
        (StripCell::NotSent, not_sent),
    ] {
        let (mark, style) = look.ink.mark(cell);
        x = put(buffer, row, x + 2, mark, style);
        x = put(buffer, row, x + 1, word, soft);
    }
}
