//! The full text in languages other than English, whose own stands in `text`: the same document as
//! Markdown and HTML, in plain columns.

use std::fmt::Write as _;

use super::document::{Block, ColumnKind, Document, Extent, Table};
use super::text::{WIDTH, clip, field, wrap};
use crate::language::{plain, words};
use crate::report::Report;
use crate::report::answers::Stand;
use crate::text::columns;

/// The report as text, at most 100 columns but in tables that need more.
pub(super) fn full(report: &Report) -> String {
    let document = Document::of(report, Extent::Forum);
    let mut out = wrap(&format!("{} {}", document.headline, document.lead), "", "");
    out.push('\n');
    for (name, value) in &document.fields {
        field(&mut out, name, value);
    }
    for section in &document.sections {
        let _ = write!(out, "\n{}\n", clip(&section.title));
        for block in &section.blocks {
            match block {
                Block::Text(text) => out += &wrap(text, "  ", "  "),
                Block::Table(t) => table(&mut out, t),
                Block::Answers(answers) => {
                    for (said, answered, stand) in answers {
                        let mark = match stand {
                            Stand::Answered => '+',
                            Stand::Open => '?',
                            Stand::Conceded => '-',
                        };
                        let text = format!("{mark} \"{said}\" {answered}");
                        out += &wrap(&text, "  ", "    ");
                    }
                }
            }
        }
    }
    let _ = write!(out, "\n{}\n", document.made);
    // Only now: lines do not break where a no-break space is.
    plain(&out)
}

/// Each column as wide as its widest cell; one of words at the end is broken into lines.
fn table(out: &mut String, table: &Table) {
    let clean = |cell: &String| {
        plain(cell)
            .chars()
            .map(|c| if words::is_unprintable(c) { ' ' } else { c })
            .collect::<String>()
    };
    let titles: Vec<_> = table.columns.iter().map(|column| clean(&column.title)).collect();
    let rows: Vec<Vec<_>> = std::iter::once(titles)
        .chain(table.rows.iter().map(|row| row.iter().map(clean).collect()))
        .collect();
    let Some(last) = table.columns.len().checked_sub(1) else { return };
    let width = |i: usize| rows.iter().map(|row| columns::width(&row[i])).max().unwrap_or(0);
    let widths: Vec<_> = (0..last).map(width).collect();
    for row in &rows {
        let mut line = "  ".to_owned();
        for (i, width) in widths.iter().enumerate() {
            let blanks = columns::blanks(&row[i], *width);
            match table.columns[i].kind {
                ColumnKind::Number => line.extend([&blanks, &row[i], "  "]),
                ColumnKind::Words | ColumnKind::Long | ColumnKind::Time => {
                    line.extend([&row[i], &blanks, "  "]);
                }
            }
        }
        let whole = columns::width(&line) + columns::width(&row[last]);
        if whole > WIDTH && table.columns[last].kind == ColumnKind::Long {
            *out += line.trim_end();
            out.push('\n');
            *out += &wrap(&row[last], "      ", "      ");
        } else {
            if table.columns[last].kind == ColumnKind::Number {
                line += &columns::blanks(&row[last], width(last));
            }
            line += &row[last];
            *out += line.trim_end();
            out.push('\n');
        }
    }
}

#[cfg(test)]
mod tests;
