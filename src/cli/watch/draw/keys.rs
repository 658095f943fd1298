//! The list of keys, and the hints at the bottom. Pure.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;

use super::super::ink::{CharacterSet, TextTone};
use super::super::look::Look;
use super::super::view::{OnTop, ViewState};
use super::pen::{TitleMark, columns_of, put, row_of, title, wrapped};
use crate::text::columns::width;

/// The keys of the list, by the order of what they do.
fn names(characters: CharacterSet) -> [&'static str; 8] {
    let arrows = match characters {
        CharacterSet::Unicode => "↑ ↓ ← →",
        CharacterSet::Ascii => "arrows",
    };
    ["q Esc", "?", "Tab", arrows, "PgUp PgDn", "+ -", "p", "Enter"]
}

/// Draws the list over the whole of `area`.
pub(super) fn draw(buffer: &mut Buffer, area: Rect, look: &Look) {
    let p = &look.language.phrases().watch;
    title(buffer, row_of(area, 0), p.title_of_keys, TitleMark::Plain, look.ink);
    let names = names(look.ink.characters);
    let indent = names.iter().map(|name| width(name)).max().unwrap_or(0) + 2;
    let room = columns_of(area.width).saturating_sub(indent + 2);
    let mut next = 1;
    for (name, what) in names.iter().zip(p.keys) {
        put(buffer, row_of(area, next), 2, name, look.ink.style(TextTone::Title));
        for text in wrapped(what, room) {
            let x = u16::try_from(indent + 2).unwrap_or(u16::MAX);
            put(buffer, row_of(area, next), x, &text, look.ink.style(TextTone::Text));
            next += 1;
        }
    }
}

/// Draws as many hints as there is room for.
pub(super) fn hints(buffer: &mut Buffer, row: Rect, view: &ViewState, look: &Look) {
    let p = &look.language.phrases().watch;
    let [quit, keys, pane, span, pause, drop] = p.hints;
    let hints: &[(&str, &str)] = match view.on_top {
        OnTop::Nothing => {
            &[("q", quit), ("?", keys), ("Tab", pane), ("+ -", span), ("p", pause), ("Enter", drop)]
        }
        OnTop::Keys => &[("q", p.back)],
        OnTop::Drop(_) => &[("q", p.back), ("?", keys), ("+ -", span)],
    };
    let mut x = 0;
    for (key, what) in hints {
        if x + width(key) + width(what) + 1 > columns_of(row.width) {
            return;
        }
        let at = |x: usize| u16::try_from(x).unwrap_or(u16::MAX);
        put(buffer, row, at(x), key, look.ink.style(TextTone::Title));
        put(buffer, row, at(x + width(key) + 1), what, look.ink.style(TextTone::Soft));
        x += width(key) + width(what) + 3;
    }
}
