//! What is wrong with a configuration, and where: `file:line:column`, the line, and a caret.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::PathBuf;

use crate::text::columns;

/// As many errors of a file are shown.
pub(super) const MOST_SHOWN: usize = 20;

/// Columns of a line that are shown at most.
const EXCERPT: usize = 100;
/// Columns before the value, where the line is longer than that.
const BEFORE: usize = 40;
/// Characters of a message at most: it may quote a value.
const MESSAGE: usize = 300;

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("read the configuration {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The file can be read and is wrong; every error in it.
    #[error("{}", listed(problems, *more))]
    Invalid {
        /// The first ones, at least one.
        problems: Vec<Problem>,
        /// How many more there are.
        more: usize,
    },
}

/// One error of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The name of the file, as it is to be shown.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong, with the value.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The text of the line.
    excerpt: String,
    /// Columns of a terminal before the value.
    indent: usize,
    /// Columns of a terminal to mark in it.
    marked: usize,
}

impl Problem {
    /// An error at these bytes of the text.
    pub(crate) fn at(file: &str, text: &str, span: Range<usize>, message: &str) -> Self {
        let start = floor_boundary(text, span.start);
        let line_start = text[..start].rfind('\n').map_or(0, |i| i + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |i| start + i);
        let end = floor_boundary(text, span.end).clamp(start, line_end.max(start));
        let printable = |text: &str| -> String {
            text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
        };
        let before = printable(&text[line_start..start]);
        let line = printable(text[line_start..line_end].trim_end());
        let marked = columns::width(&printable(text[start..end].trim_end())).max(1);
        let shown = Excerpt::of(&line, &before);
        Self {
            file: file.to_owned(),
            line: text[..line_start].matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
            message: clipped(message, MESSAGE),
            hint: None,
            marked: marked.min((EXCERPT + 1).saturating_sub(shown.indent)).max(1),
            excerpt: shown.text,
            indent: shown.indent,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, message, excerpt, indent, marked, .. } = self;
        let margin = line.to_string().len();
        write!(
            f,
            "{file}:{line}:{column}: {message}\n{:margin$} |\n{line} | {excerpt}\n{:margin$} | {:indent$}{:^<marked$}",
            "", "", "", "",
        )?;
        match &self.hint {
            Some(hint) => write!(f, "\n{:margin$} = hint: {hint}", ""),
            None => Ok(()),
        }
    }
}

/// The part of a line that is shown.
struct Excerpt {
    text: String,
    /// Columns before the value in it.
    indent: usize,
}

impl Excerpt {
    /// Of a long line, the part around the value, which what is `before` it precedes.
    fn of(line: &str, before: &str) -> Self {
        let indent = columns::width(before);
        if columns::width(line) <= EXCERPT {
            return Self { text: line.to_owned(), indent };
        }
        if indent <= BEFORE {
            return Self { text: clipped(line, EXCERPT), indent };
        }
        let from = before.char_indices().rev().nth(BEFORE - 1).map_or(0, |(at, _)| at);
        let indent = columns::width(&before[from..]) + 1;
        let rest = line.get(from..).unwrap_or_default();
        Self { text: format!("…{}", clipped(rest, EXCERPT - 1)), indent }
    }
}

/// The text, or as many of its characters and a sign that there are more.
fn clipped(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn listed(problems: &[Problem], more: usize) -> String {
    let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
    match all.as_slice() {
        [one] if more == 0 => format!("the configuration has an error\n\n{one}"),
        several => {
            let (count, shown) = (several.len() + more, several.join("\n\n"));
            let rest = if more == 0 { String::new() } else { format!("\n\nand {more} more") };
            format!("the configuration has {count} errors\n\n{shown}{rest}")
        }
    }
}

/// The last character boundary that is not after `at`.
fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
