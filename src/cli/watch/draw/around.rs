//! A drop, probe by probe. Pure.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;

use super::super::around::{AroundDrop, probed};
use super::super::facts::WatchFacts;
use super::super::ink::TextTone;
use super::super::look::Look;
use super::super::said;
use super::super::strip::CELL_SECONDS;
use super::super::view::DropView;
use super::pen::{columns_of, cut, put, put_right, row_of, split_top, wrapped};
use super::strips::{draw_strip, legend, more};
use crate::language::words::time_of_day;
use crate::vocabulary::StoredDrop;

/// Draws it over the whole of `area`.
pub(super) fn draw(
    buffer: &mut Buffer,
    area: Rect,
    facts: &WatchFacts,
    (view, stored): (DropView, &StoredDrop),
    look: &Look,
) {
    let ink = look.ink;
    let title = said::drop_title(stored, &facts.status, look);
    let witnesses = said::witnesses(facts, stored, look);
    let mut area = area;
    for (text, tone) in [(title, TextTone::Title), (witnesses, TextTone::Text)] {
        let lines = wrapped(&text, columns_of(area.width));
        let most = lines.len().min(columns_of(area.height) / 4 + 1);
        let [top, rest] = split_top(area, most);
        for (nth, text) in lines.iter().take(most).enumerate() {
            put(buffer, row_of(top, nth), 0, text, ink.style(tone));
        }
        area = rest;
    }
    let around = AroundDrop::of(facts, stored, view, area.width);
    let strip_x = area.width - around.columns.min(area.width);
    let strips = |row: Rect| Rect { x: area.x + strip_x, width: around.columns, ..row };

    let [axis, area_below] = split_top(area, 2);
    let times = strips(row_of(axis, 0));
    let range = around.grid.range();
    let soft = ink.style(TextTone::Soft);
    let end = time_of_day(range.to, &look.zone);
    let start = time_of_day(range.from, &look.zone);
    let x = put(buffer, times, 0, &start, soft);
    let span = said::cell(CELL_SECONDS[around.cell], look);
    if columns_of(times.width) > columns_of(x) + end.len() + span.len() + 3 {
        put(buffer, times, x + 2, &span, soft);
    }
    if columns_of(times.width) > columns_of(x) + end.len() {
        put_right(buffer, times, &end, soft);
    }
    let edges = [Some(stored.drop.onset), stored.drop.end];
    for edge in edges.into_iter().flatten() {
        if let Some(column) = around.grid.column(edge.midpoint()) {
            let x = u16::try_from(column).unwrap_or(u16::MAX);
            put(buffer, strips(row_of(axis, 1)), x, ink.instant(), ink.style(TextTone::Title));
        }
    }

    let targets = probed(facts);
    let room = columns_of(area_below.height).saturating_sub(1);
    let is_short = targets.len() > room;
    let room = room - usize::from(is_short && room > 1);
    let first = view.row.min(targets.len().saturating_sub(room));
    let shown = targets.iter().skip(first).take(room);
    let mut next = 0;
    for target in shown {
        let row = row_of(area_below, next);
        let name = cut(&target.name, columns_of(around.name), ink);
        put(buffer, row, 0, &name, ink.style(TextTone::Text));
        let marks = facts.around.of(target.id);
        draw_strip(buffer, strips(row), around.grid, marks, target.interval, ink);
        next += 1;
    }
    if is_short && columns_of(area_below.height) > 2 {
        more(buffer, row_of(area_below, next), targets.len() - room, look);
        next += 1;
    }
    legend(buffer, row_of(area_below, next), look);
}
