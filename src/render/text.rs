//! The report as plain text: the same document as Markdown and HTML, in lines of at most 100
//! columns. English is ASCII but for what people put into names and notes.

use std::fmt::Write as _;

use super::document::{Block, ColumnKind, Document, Extent, Table};
use crate::language::{self, plain, words};
use crate::prose;
use crate::report::Report;
use crate::report::answers::{Stand, answers as answers_of};
use crate::text::columns;

/// Columns of a line.
const WIDTH: usize = 100;
/// Before the lines of a section.
const INDENT: &str = "  ";
/// Before cells that do not fit in the line above.
const DEEPER: &str = "      ";

/// The report as text.
pub fn text(report: &Report) -> String {
    let document = Document::build(report, Extent::Text);
    let mut out = wrap(&format!("{} {}", document.headline, document.lead), "", "");
    out.push('\n');
    for (name, value) in &document.fields {
        field(&mut out, name, value);
    }
    for section in &document.sections {
        let _ = write!(out, "\n{}\n", clip(&section.title));
        for block in &section.blocks {
            match block {
                Block::Text(text) => out += &wrap(text, INDENT, INDENT),
                Block::Table(t) => table(&mut out, t, document.colon),
            }
        }
    }
    let _ = write!(out, "\n{}\n", document.made);
    // Only now: lines do not break where a no-break space is.
    plain(&out)
}

/// What a support desk says, and what the record answers: for whoever is on the phone, and in nothing that
/// is sent. A plus where the record answers it, a minus where it confirms what the desk says, a question
/// mark where it does not say.
pub fn answers(report: &Report) -> String {
    let p = language::of(report.language).phrases();
    let mut out = wrap(&prose::headline(report), "", "");
    let _ = write!(out, "\n{}\n", p.answers);
    let all = answers_of(report);
    if report.summary.counted() == 0 || all.is_empty() {
        out += &wrap(p.replies.no_drop, INDENT, INDENT);
        return plain(&out);
    }
    for answer in &all {
        let [said, answered] = language::of(report.language).answer(answer, report);
        let mark = match answer.stand() {
            Stand::Answered => '+',
            Stand::Open => '?',
            Stand::Conceded => '-',
        };
        out += &wrap(&format!("{mark} \"{said}\" {answered}"), INDENT, "    ");
    }
    plain(&out)
}

/// Columns side by side, each as wide as its widest cell, as many as find room. The cells of the
/// others follow below each row: the last column alone as it is, several with their titles.
fn table(out: &mut String, table: &Table, colon: &str) {
    let titles: Vec<_> = table.columns.iter().map(|column| printable(&column.title)).collect();
    let cells = table.rows.iter().map(|row| row.iter().map(|cell| printable(cell)).collect());
    let rows: Vec<Vec<String>> = std::iter::once(titles.clone()).chain(cells).collect();
    let Some(last) = titles.len().checked_sub(1) else { return };
    let width = |i: usize| rows.iter().map(|row| columns::width(&row[i])).max().unwrap_or(0);
    let widths: Vec<_> = (0..=last).map(width).collect();
    let end =
        |gap: usize, n: usize| INDENT.len() + widths[..n].iter().map(|w| w + gap).sum::<usize>();
    let counts = table.columns[1..].iter().all(|column| column.kind == ColumnKind::Number);
    // A table of bare counts is read by its columns.
    let gap = if counts && end(2, last + 1) > WIDTH + 2 { 1 } else { 2 };
    let fitting = (1..=last).take_while(|n| end(gap, n + 1) <= WIDTH + gap).count() + 1;
    let side_by_side = if fitting == last + 1 { last } else { fitting };
    for (n, row) in rows.iter().enumerate() {
        let mut line = INDENT.to_owned();
        for (i, cell) in row[..side_by_side].iter().enumerate() {
            line += &aligned(cell, widths[i], table.columns[i].kind);
            line += &" ".repeat(gap);
        }
        let in_last = match fitting {
            _ if side_by_side < last => None,
            n if n > last => Some(aligned(&row[last], widths[last], table.columns[last].kind)),
            _ => Some(row[last].clone()),
        };
        let below = match in_last {
            Some(cell) if columns::width(&line) + columns::width(cell.trim_end()) <= WIDTH => {
                line += &cell;
                String::new()
            }
            Some(cell) => cell,
            None if n == 0 => String::new(),
            None => {
                let rest = row.iter().zip(&titles).skip(side_by_side);
                let filled = rest.filter(|(cell, _)| !cell.is_empty());
                let filled: Vec<_> =
                    filled.map(|(cell, title)| format!("{title}{colon}{cell}")).collect();
                filled.join("; ")
            }
        };
        let _ = writeln!(out, "{}", clip(&line));
        if !below.is_empty() {
            *out += &wrap(&below, DEEPER, DEEPER);
        }
    }
}

fn aligned(cell: &str, width: usize, kind: ColumnKind) -> String {
    match kind {
        ColumnKind::Number => columns::right(cell, width),
        ColumnKind::Words | ColumnKind::Long | ColumnKind::Time => columns::left(cell, width),
    }
}

/// Plain, control characters taken out.
fn printable(text: &str) -> String {
    plain(text).chars().map(|c| if words::is_unprintable(c) { ' ' } else { c }).collect()
}

/// `text` in lines of at most [`WIDTH`] columns; the first begins with `first`, others with
/// `rest`. Control characters become spaces.
pub(super) fn wrap(text: &str, first: &str, rest: &str) -> String {
    let clean: String =
        text.chars().map(|c| if words::is_unprintable(c) { ' ' } else { c }).collect();
    let mut out = String::new();
    let mut line = first.to_owned();
    let mut empty = true;
    let mut words: Vec<String> = Vec::new();
    for word in clean.split(' ').filter(|word| !word.is_empty()) {
        match words.last_mut() {
            // A figure and its unit stay together.
            Some(figure) if figure.ends_with(|c: char| c.is_ascii_digit()) && is_unit(word) => {
                figure.extend([" ", word]);
            }
            _ => words.push(word.to_owned()),
        }
    }
    for word in &words {
        if !empty && columns::width(&line) + 1 + columns::width(word) > WIDTH {
            out += line.trim_end();
            out.push('\n');
            rest.clone_into(&mut line);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line += word;
        empty = false;
    }
    out += line.trim_end();
    out.push('\n');
    out
}

fn is_unit(word: &str) -> bool {
    let word = word.trim_end_matches([',', '.', ';', ':', ')']);
    matches!(word, "%" | "ms" | "s" | "min" | "h" | "d")
}

fn field(out: &mut String, name: &str, value: &str) {
    if !value.is_empty() {
        *out += &wrap(value, &format!("{} ", columns::left(name, 10)), &" ".repeat(11));
    }
}

/// Cut to [`WIDTH`] columns, control characters taken out.
fn clip(line: &str) -> String {
    let clean = line.trim_end().chars().map(|c| if words::is_unprintable(c) { ' ' } else { c });
    let mut clean: Vec<char> = clean.collect();
    if clean.len() > WIDTH {
        clean.truncate(WIDTH - 3);
        clean.extend(['.', '.', '.']);
    }
    clean.into_iter().collect()
}

#[cfg(test)]
mod tests;
