//! Texts on a screen of cells: cut, broken into lines, never outside of it. Pure.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::style::Style;

use super::super::ink::{Ink, TextTone};
use super::super::view::WatchPane;
use crate::language::words::is_unprintable;
use crate::text::columns::width;

/// Writes a text into a row of `area`, `x` columns from its left, as far as there is room. What is no
/// character of a line is left out. Gives the column after it.
pub(super) fn put(buffer: &mut Buffer, row: Rect, x: u16, text: &str, style: Style) -> u16 {
    let row = row.intersection(buffer.area);
    let left = row.x.saturating_add(x);
    if row.is_empty() || left >= row.right() {
        return x;
    }
    let text: String = text.chars().filter(|c| !is_unprintable(*c)).collect();
    let room = usize::from(row.right() - left);
    let (end, _) = buffer.set_stringn(left, row.y, text, room, style);
    end - row.x
}

/// The same so that it ends with the row; nothing where it does not fit.
pub(super) fn put_right(buffer: &mut Buffer, row: Rect, text: &str, style: Style) {
    if let Some(x) = columns_of(row.width).checked_sub(width(text)) {
        put(buffer, row, u16::try_from(x).unwrap_or(u16::MAX), text, style);
    }
}

/// Columns as a count.
pub(super) fn columns_of(n: u16) -> usize {
    usize::from(n)
}

/// The text, cut to so many columns with a mark that it was.
pub(super) fn cut(text: &str, columns: usize, ink: Ink) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        let longer = format!("{out}{c}");
        if width(&longer) + 1 > columns {
            break;
        }
        out = longer;
    }
    if columns > 0 {
        out += ink.cut();
    }
    out
}

/// The text in lines of at most so many columns, broken between words; later lines are indented.
pub(super) fn wrapped(text: &str, columns: usize) -> Vec<String> {
    const INDENT: &str = "  ";
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let is_start = line.trim().is_empty();
        let longer = if is_start { format!("{line}{word}") } else { format!("{line} {word}") };
        if is_start || width(&longer) <= columns {
            line = longer;
        } else {
            lines.push(std::mem::replace(&mut line, format!("{INDENT}{word}")));
        }
    }
    lines.push(line);
    lines
}

/// The row of `area` that is `nth` from its top; empty where it has none.
pub(super) fn row_of(area: Rect, nth: usize) -> Rect {
    match u16::try_from(nth) {
        Ok(nth) if nth < area.height => Rect { y: area.y + nth, height: 1, ..area },
        _ => Rect { height: 0, ..area },
    }
}

/// Whether a title is that of the pane that keys scroll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TitleMark {
    /// It is.
    Chosen,
    /// It is not.
    Plain,
}

impl TitleMark {
    /// Of the pane `this` where `chosen` is scrolled.
    pub(super) fn of(this: WatchPane, chosen: WatchPane) -> Self {
        if this == chosen { Self::Chosen } else { Self::Plain }
    }
}

/// A title with a line to the end of its row.
pub(super) fn title(buffer: &mut Buffer, row: Rect, text: &str, mark: TitleMark, ink: Ink) {
    for x in 0..row.width {
        put(buffer, row, x, ink.rule(), ink.style(TextTone::Soft));
    }
    let before = match mark {
        TitleMark::Chosen => ink.chosen(),
        TitleMark::Plain => ink.rule(),
    };
    let text = cut(text, columns_of(row.width).saturating_sub(3), ink);
    put(buffer, row, 0, &format!("{before} {text} "), ink.style(TextTone::Title));
}

/// Splits rows off the top of `area`: these, and the rest.
pub(super) fn split_top(area: Rect, rows: usize) -> [Rect; 2] {
    let rows = u16::try_from(rows).unwrap_or(u16::MAX).min(area.height);
    [Rect { height: rows, ..area }, Rect { y: area.y + rows, height: area.height - rows, ..area }]
}

/// Of `count` rows the first that is shown in a list of `room` rows, so that `chosen` is among them.
pub(super) fn first_shown(chosen: usize, count: usize, room: usize) -> usize {
    let last_first = count.saturating_sub(room);
    (chosen + 1).saturating_sub(room).min(last_first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::paint::Paint;
    use crate::cli::watch::ink::CharacterSet;

    #[test]
    fn lines_break_between_words_and_are_never_wider() {
        let text = "The fault is on the access line or in the ISP's network.";
        assert_eq!(wrapped(text, 80), [text]);
        assert_eq!(
            wrapped(text, 24),
            ["The fault is on the", "  access line or in the", "  ISP's network."]
        );
        assert_eq!(wrapped("", 10), [""]);
        assert_eq!(wrapped("unbreakable", 3), ["unbreakable"]);
        assert_eq!(wrapped("a b", 0), ["a", "  b"]);
    }

    #[test]
    fn a_text_that_is_cut_says_so() {
        let ink = |characters| Ink { paint: Paint::Plain, characters };
        assert_eq!(cut("gateway", 7, ink(CharacterSet::Ascii)), "gateway");
        assert_eq!(cut("gateway", 5, ink(CharacterSet::Ascii)), "gate~");
        assert_eq!(cut("東京東京", 5, ink(CharacterSet::Unicode)), "東京…");
        assert_eq!(cut("gateway", 0, ink(CharacterSet::Unicode)), "");
    }

    #[test]
    fn what_would_leave_its_row_is_left_out() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 2));
        let area = buffer.area;
        put(&mut buffer, row_of(area, 0), 2, "\u{1b}[31m\u{202e}東京", Style::new());
        put(&mut buffer, row_of(area, 1), 9, "outside", Style::new());
        put(&mut buffer, row_of(area, 7), 0, "below", Style::new());
        put(&mut buffer, Rect::new(2, 1, 90, 1), 0, "wide", Style::new());
        put_right(&mut buffer, row_of(area, 1), "too wide", Style::new());
        let shown: String = buffer.content.iter().map(ratatui_core::buffer::Cell::symbol).collect();
        assert_eq!(shown, "  [3  wi");
    }

    #[test]
    fn the_chosen_row_is_always_shown() {
        for (count, room) in [(0, 0), (3, 5), (5, 5), (20, 5), (20, 1)] {
            for chosen in 0..count {
                let first = first_shown(chosen, count, room);
                assert!((first..first + room).contains(&chosen), "{chosen} {count} {room}");
                assert!(first + room <= count.max(room));
            }
        }
        assert_eq!(first_shown(3, 5, 0), 4);
    }
}
