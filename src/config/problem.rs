//! What is wrong with a configuration, and where: `file:line:column`, the line, and a caret.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::PathBuf;

use crate::text::columns;

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
    #[error("{}", listed(problems))]
    Invalid {
        /// At least one.
        problems: Vec<Problem>,
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
    pub(crate) fn at(file: &str, text: &str, span: Range<usize>, message: String) -> Self {
        let start = floor_boundary(text, span.start);
        let line_start = text[..start].rfind('\n').map_or(0, |i| i + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |i| start + i);
        let end = floor_boundary(text, span.end).clamp(start, line_end.max(start));
        let printable = |text: &str| -> String {
            text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
        };
        Self {
            file: file.to_owned(),
            line: text[..line_start].matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
            message,
            hint: None,
            excerpt: printable(text[line_start..line_end].trim_end()),
            indent: columns::width(&printable(&text[line_start..start])),
            marked: columns::width(&printable(text[start..end].trim_end())).max(1),
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

fn listed(problems: &[Problem]) -> String {
    let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
    match all.as_slice() {
        [one] => format!("the configuration has an error\n\n{one}"),
        several => {
            format!("the configuration has {} errors\n\n{}", several.len(), several.join("\n\n"))
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
