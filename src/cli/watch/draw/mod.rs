//! The picture on a screen of cells of any size. Pure.

mod around;
mod drops;
mod keys;
mod pen;
pub(super) mod strips;

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::style::{Color, Modifier, Style};

use super::around::shown_drop;
use super::facts::{Freshness, WatchFacts};
use super::ink::TextTone;
use super::look::Look;
use super::said::{self, SaidLine};
use super::view::{OnTop, ViewState, WatchPane};
use crate::text::columns::width;
use pen::{columns_of, cut, put, put_right, row_of, split_top, wrapped};

/// Draws all of it.
pub(super) fn draw(buffer: &mut Buffer, facts: &WatchFacts, view: &ViewState, look: &Look) {
    let area = buffer.area;
    let footer = usize::from(area.height >= 6);
    let [body, bottom] = split_top(area, columns_of(area.height) - footer);
    let alarms = match (shown_drop(facts, view), view.on_top) {
        (_, OnTop::Keys) => {
            keys::draw(buffer, body, look);
            0
        }
        (Some(drop), _) => {
            around::draw(buffer, body, facts, drop, look);
            0
        }
        (None, OnTop::Nothing | OnTop::Drop(_)) => picture(buffer, body, facts, view, look),
    };
    if matches!(facts.freshness, Freshness::Stopped(_)) && view.on_top != OnTop::Keys {
        let [_, old] = split_top(body, alarms);
        buffer.set_style(
            old,
            Style::new()
                .fg(Color::Reset)
                .remove_modifier(Modifier::BOLD)
                .add_modifier(Modifier::DIM),
        );
    }
    keys::hints(buffer, row_of(bottom, 0), view, look);
    look.ink.finish(buffer);
}

/// Draws the picture; gives how many rows at its top are of now, whatever else is old.
fn picture(
    buffer: &mut Buffer,
    area: Rect,
    facts: &WatchFacts,
    view: &ViewState,
    look: &Look,
) -> usize {
    let mut area = area;
    let mut now = 0;
    if area.height >= 12 {
        let [bar, rest] = split_top(area, 1);
        let [name, at] = said::bar(facts, look);
        let x = put(buffer, bar, 0, &name, look.ink.style(TextTone::Title));
        if columns_of(bar.width) > columns_of(x) + width(&at) {
            put_right(buffer, bar, &at, look.ink.style(TextTone::Soft));
        }
        (area, now) = (rest, 1);
    }
    let said = said::header(facts, view, look);
    let lines: Vec<_> = said.iter().flat_map(|line| broken(line, area.width)).collect();
    let alarms = lines.iter().take_while(|(_, tone)| *tone == TextTone::Alarm).count();
    let rows = RowShares::of(
        &[lines.len(), strips::wanted_rows(facts), drops::wanted_rows(facts)],
        area,
        view,
    );
    let [header, rest] = split_top(area, rows.header);
    for (nth, (text, tone)) in lines.iter().take(rows.header).enumerate() {
        let is_last = nth + 1 == rows.header && rows.header < lines.len();
        let text = if is_last { format!("{text} {}", look.ink.cut()) } else { text.clone() };
        let text = cut(&text, columns_of(header.width), look.ink);
        put(buffer, row_of(header, nth), 0, &text, look.ink.style(*tone));
    }
    let [targets, drops] = split_top(rest, rows.targets);
    strips::draw(buffer, targets, facts, view, look);
    drops::draw(buffer, drops, facts, view, look);
    now + alarms.min(rows.header)
}

fn broken(line: &SaidLine, columns: u16) -> Vec<(String, TextTone)> {
    wrapped(&line.text, columns_of(columns)).into_iter().map(|text| (text, line.tone)).collect()
}

/// How the rows are shared out. What the state is comes first; of the two panes the one that was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct RowShares {
    header: usize,
    targets: usize,
}

impl RowShares {
    fn of(&[header, targets, drops]: &[usize; 3], area: Rect, view: &ViewState) -> Self {
        let all = columns_of(area.height);
        let kept = if all >= 14 { 8 } else { all / 2 };
        let header = header.min(all - kept).max(all.min(1));
        let rest = all - header;
        let targets = match view.pane {
            WatchPane::Targets => {
                let others = if rest >= 6 { drops.min((rest / 4).max(3)) } else { 0 };
                targets.min(rest - others)
            }
            WatchPane::Drops => {
                let others = if rest >= 6 { targets.min((rest / 2).max(3)) } else { 0 };
                rest - drops.min(rest - others)
            }
        };
        Self { header, targets }
    }
}
