//! The list of drops. Pure.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::style::Modifier;

use super::super::facts::{WatchFacts, is_current};
use super::super::ink::TextTone;
use super::super::look::Look;
use super::super::said;
use super::super::view::{ViewState, WatchPane};
use super::pen::{TitleMark, columns_of, cut, first_shown, put, row_of, title};
use super::strips::more;
use crate::cli::paint::Shade;
use crate::text::columns::{left, width};

/// From this width on a row says who answered, too.
const WIDE: u16 = 110;

/// Rows with a title and the drops.
pub(super) fn wanted_rows(facts: &WatchFacts) -> usize {
    1 + facts.drops.rows.len().max(1)
}

/// Draws the pane.
pub(super) fn draw(
    buffer: &mut Buffer,
    area: Rect,
    facts: &WatchFacts,
    view: &ViewState,
    look: &Look,
) {
    let p = &look.language.phrases().watch;
    let is_chosen = view.pane == WatchPane::Drops;
    let drops = &facts.drops.rows;
    let head = row_of(area, 0);
    let text = format!("{}: {}", p.drops, said::sums(&facts.drops, facts.status.at, look));
    title(buffer, head, &text, TitleMark::of(WatchPane::Drops, view.pane), look.ink);
    if drops.is_empty() {
        put(buffer, row_of(area, 1), 2, p.no_drops, look.ink.style(TextTone::Soft));
        return;
    }
    let below = columns_of(area.height).saturating_sub(1);
    let hidden = drops.len() > below;
    let room = below - usize::from(hidden && below > 1);
    let ids: Vec<_> = drops.iter().map(|stored| stored.id).collect();
    let chosen = view.drop_row(&ids);
    let first = first_shown(chosen, drops.len(), room);
    let shown: Vec<_> = drops.iter().skip(first).take(room).collect();
    let rows: Vec<_> = shown.iter().map(|stored| said::drop_row(facts, stored, look)).collect();
    let mut widths = [0; 4];
    for row in &rows {
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = width(cell).max(*widest);
        }
    }
    for (nth, (cells, stored)) in rows.iter().zip(&shown).enumerate() {
        let row = row_of(area, 1 + nth);
        let tone = if is_current(stored, &facts.status) {
            TextTone::State(Shade::Bad)
        } else {
            TextTone::Text
        };
        let mut style = look.ink.style(tone);
        if is_chosen && first + nth == chosen {
            put(buffer, row, 0, look.ink.chosen(), look.ink.style(TextTone::Title));
            style = style.add_modifier(Modifier::BOLD);
        }
        let cells = cells.iter().zip(widths).map(|(cell, width)| left(cell, width));
        let mut text = cells.collect::<Vec<_>>().join("  ");
        if area.width >= WIDE {
            text = format!("{text}  {}", said::witnesses(facts, stored, look));
        }
        let text = cut(text.trim_end(), columns_of(row.width).saturating_sub(2), look.ink);
        put(buffer, row, 2, &text, style);
    }
    if hidden && below > 1 {
        more(buffer, row_of(area, 1 + shown.len()), drops.len() - shown.len(), look);
    }
}
