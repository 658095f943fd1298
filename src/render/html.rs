//! The report as one HTML file that needs nothing else: no script, no request, charts as inline
//! SVG, light and dark by the reader's choice, and a style of its own for paper. Everything that
//! anyone could have written is escaped.

use std::fmt::Write as _;

use super::document::{Block, ColumnKind, Document, Extent, Section, Table};
use crate::chart;
use crate::language::{self, words};
use crate::report::Report;

const STYLE: &str = include_str!("html/style.css");

/// For the browser: nothing is loaded and nothing runs, whatever is in the page.
const POLICY: &str = include_str!("html/policy.html");

/// The report as HTML, with `pictures` (SVG documents of this program's own making) on top.
pub fn html(report: &Report, pictures: &[String]) -> String {
    let document = Document::build(report, Extent::Whole);
    let p = language::of(report.language).phrases();
    let fonts = if pictures.is_empty() { String::new() } else { chart::page_fonts() };
    let headline = prose(&document.headline);
    let lead = match document.lead.as_str() {
        "" => String::new(),
        lead => format!("<p class=\"lead\">{}</p>\n", prose(lead)),
    };
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         {POLICY}\
         <title>{}</title>\n<style>\n{STYLE}{fonts}</style>\n</head>\n<body>\n\
         <header>\n<p class=\"kind\">{}</p>\n<h1>{headline}</h1>\n{lead}",
        document.code,
        title(&document),
        escape(document.kind),
    );
    out += "<dl class=\"fields\">\n";
    for (name, value) in &document.fields {
        let _ = writeln!(out, "<div><dt>{}</dt><dd>{}</dd></div>", escape(name), prose(value));
    }
    out += "</dl>\n</header>\n";
    let contents = document.sections.iter().map(|s| (s.id, s.title.as_str()));
    let picture = (!pictures.is_empty()).then_some(("picture", p.picture));
    let links: Vec<_> = picture
        .into_iter()
        .chain(contents)
        .map(|(id, title)| format!("<a href=\"#{id}\">{}</a>", escape(title)))
        .collect();
    let _ = writeln!(out, "<nav aria-label=\"{}\">{}</nav>\n<main>", p.contents, links.join(" "));
    if !pictures.is_empty() {
        let _ = writeln!(out, "<section id=\"picture\">\n<h2>{}</h2>", escape(p.picture));
        for svg in pictures {
            let _ = writeln!(
                out,
                "<figure role=\"img\" aria-label=\"{}\">\n{}\n</figure>",
                escape(p.picture),
                without_prolog(svg)
            );
        }
        out += "</section>\n";
    }
    for s in &document.sections {
        section(&mut out, s);
    }
    let _ = writeln!(out, "</main>\n<footer>{}</footer>\n</body>\n</html>", escape(&document.made));
    out
}

/// The name of the site or of the kind of text, for a tab.
fn title(document: &Document) -> String {
    let site = document.fields.first().map_or("", |(_, value)| value.as_str());
    escape(&format!("{} – {site}", document.kind))
}

fn section(out: &mut String, section: &Section) {
    let _ = writeln!(out, "<section id=\"{}\">\n<h2>{}</h2>", section.id, escape(&section.title));
    for block in &section.blocks {
        match block {
            Block::Text(text) => {
                let _ = writeln!(out, "<p>{}</p>", prose(text));
            }
            Block::Table(t) => table(out, t, &section.title),
        }
    }
    *out += "</section>\n";
}

/// In a box of its own, which scrolls where the table is wider than the page.
fn table(out: &mut String, table: &Table, name: &str) {
    let class = |kind: ColumnKind| match kind {
        ColumnKind::Words => "",
        ColumnKind::Long => " class=\"long\"",
        ColumnKind::Time => " class=\"time\"",
        ColumnKind::Number => " class=\"number\"",
    };
    let _ = write!(
        out,
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{}\">\n<table>\n<thead><tr>",
        escape(name)
    );
    for column in &table.columns {
        let _ =
            write!(out, "<th scope=\"col\"{}>{}</th>", class(column.kind), escape(&column.title));
    }
    *out += "</tr></thead>\n<tbody>\n";
    for cells in &table.rows {
        *out += "<tr>";
        for (cell, column) in cells.iter().zip(&table.columns) {
            let cell = if column.kind == ColumnKind::Long { prose(cell) } else { escape(cell) };
            let _ = write!(out, "<td{}>{cell}</td>", class(column.kind));
        }
        *out += "</tr>\n";
    }
    *out += "</tbody>\n</table>\n</div>\n";
}

/// As [`escape`], with dates, ranges and offsets kept from being broken at their hyphens, and
/// figures from being parted from their units.
fn prose(text: &str) -> String {
    const LONGEST: usize = 24;
    const UNITS: [&str; 6] = ["s", "min", "h", "d", "%", "ms"];
    let mut out = String::with_capacity(text.len() + 32);
    let mut after_figure = false;
    for (i, word) in text.split(' ').enumerate() {
        let unit = UNITS.contains(&word.trim_end_matches([',', ';', '.', ':', ')']));
        if i > 0 {
            out.push(if after_figure && unit { '\u{a0}' } else { ' ' });
        }
        let figure = word.chars().any(|c| c.is_ascii_digit());
        if figure && word.contains('-') && word.chars().count() <= LONGEST {
            let _ = write!(out, "<span class=\"nb\">{}</span>", escape(word));
        } else {
            out += &escape(word);
        }
        after_figure = word.ends_with(|c: char| c.is_ascii_digit());
    }
    out
}

fn escape(text: &str) -> String {
    super::escape(text, words::is_unprintable)
}

/// HTML takes `<svg>`, but not what comes before it in a file.
fn without_prolog(svg: &str) -> &str {
    svg.find("<svg").map_or("", |at| &svg[at..]).trim_end()
}

#[cfg(test)]
mod tests;
