//! The report as Markdown for forums (GitHub's dialect: tables, no HTML). Everything but the marks
//! written here is escaped, so that no name or note can mark anything up, mention anyone or refer
//! to an issue.

use std::fmt::Write as _;

use super::document::{Block, ColumnKind, Document, Extent, Table};
use crate::language::words;
use crate::report::Report;

/// The report as Markdown, ending in a line feed.
pub fn markdown(report: &Report) -> String {
    let document = Document::build(report, Extent::Forum);
    let mut out = format!("**{}**\n\n", escape(&document.headline));
    if !document.lead.is_empty() {
        let _ = write!(out, "{}\n\n", escape(&document.lead));
    }
    out += "| | |\n|---|---|\n";
    for (name, value) in &document.fields {
        row(&mut out, [format!("**{}**", escape(name)), escape(value)]);
    }
    for section in &document.sections {
        let _ = write!(out, "\n### {}\n", escape(&section.title));
        for block in &section.blocks {
            out.push('\n');
            match block {
                Block::Text(text) => {
                    let _ = writeln!(out, "{}", escape(text));
                }
                Block::Table(t) => table(&mut out, t),
            }
        }
    }
    let _ = write!(out, "\n---\n{}\n", escape(&document.made));
    out
}

fn table(out: &mut String, table: &Table) {
    row(out, table.columns.iter().map(|column| escape(&column.title)));
    row(
        out,
        table.columns.iter().map(|column| match column.kind {
            ColumnKind::Number => "---:".to_owned(),
            ColumnKind::Words | ColumnKind::Long | ColumnKind::Time => "---".to_owned(),
        }),
    );
    for cells in &table.rows {
        row(out, cells.iter().map(|cell| escape(cell)));
    }
}

fn row(out: &mut String, cells: impl IntoIterator<Item = String>) {
    out.push('|');
    for cell in cells {
        let _ = write!(out, " {cell} |");
    }
    out.push('\n');
}

/// Bare text: marks that mean something get a backslash, line ends and other control characters
/// become spaces. What would mention a person or refer to an issue is broken by a joiner that is
/// not seen.
fn escape(text: &str) -> String {
    const MARKS: &str = "\\`*_[]<>#|~&$";
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    for c in text.chars() {
        if words::is_unprintable(c) {
            out.push(' ');
        } else if MARKS.contains(c) {
            out.push('\\');
            out.push(c);
        } else {
            out.push(c);
        }
        if (c == '@' && !before.is_alphanumeric()) || c == '#' {
            out.push('\u{2060}');
        }
        before = c;
    }
    // At the start of a line these would open a list, a rule or a heading.
    let digits = out.chars().take_while(char::is_ascii_digit).count();
    if digits > 0 && (out[digits..].starts_with(". ") || out[digits..].starts_with(") ")) {
        out.insert(digits, '\\');
    } else if out.starts_with(['-', '+', '=']) && out.len() > 1 {
        out.insert(0, '\\');
    }
    out
}

#[cfg(test)]
mod tests;
