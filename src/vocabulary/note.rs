//! Notes: what a person wrote into the record.

use serde::Serialize;

use crate::text::words::word_enum;
use crate::time::Timestamp;

word_enum! {
    /// What a note is about.
    pub enum NoteKind: "kind of note" = Other {
        /// A call to the ISP, or other contact with its support.
        Call = "call",
        /// A technician on site.
        Visit = "visit",
        /// A device was restarted or reset.
        Reset = "reset",
        /// A device, a cable or a splitter was replaced or added.
        Hardware = "hardware",
        /// Rain, wind, heat, frost, lightning.
        Weather = "weather",
        /// Anything else.
        Other = "other",
    }
}

/// What a person says in a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteDraft {
    /// The time it is about.
    pub at: Timestamp,
    /// What kind of thing it is about.
    pub kind: NoteKind,
    /// The ISP's number for it.
    pub ticket: Option<String>,
    /// The text.
    pub text: String,
}

/// The text of a note: a line on a report.
const LONGEST_TEXT: usize = 500;
/// A number and a few letters around it.
const LONGEST_TICKET: usize = 60;

/// The text of a note as it was typed.
///
/// # Errors
/// A sentence: it is none, more than one line, or too long.
pub fn note_text(typed: &str) -> Result<String, String> {
    one_line("a note", typed, LONGEST_TEXT)
}

/// The number of a ticket as it was typed.
///
/// # Errors
/// As for [`note_text`].
pub fn ticket_number(typed: &str) -> Result<String, String> {
    one_line("a ticket number", typed, LONGEST_TICKET)
}

fn one_line(what: &str, typed: &str, longest: usize) -> Result<String, String> {
    let typed = typed.trim();
    if typed.is_empty() || typed.chars().any(char::is_control) {
        return Err(format!("{what} is one line of text"));
    }
    if typed.chars().count() > longest {
        return Err(format!("{what} can have at most {longest} characters"));
    }
    Ok(typed.to_owned())
}

/// A note of a person, shown on reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Its number.
    pub id: i64,
    /// The time it is about.
    pub at: Timestamp,
    /// What kind of thing it is about.
    pub kind: NoteKind,
    /// The ISP's number for it.
    pub ticket: Option<String>,
    /// The text.
    pub text: String,
    /// When it was written down.
    pub added: Timestamp,
    /// When it was last changed; `None`: it is as it was first written.
    pub edited: Option<Timestamp>,
}

impl Note {
    /// What it says, without its number and history.
    pub fn draft(&self) -> NoteDraft {
        let Self { at, kind, .. } = *self;
        NoteDraft { at, kind, ticket: self.ticket.clone(), text: self.text.clone() }
    }
}

word_enum! {
    /// What was done to a note.
    pub enum NoteWas: "change of a note" {
        /// It says something else since.
        Edited = "edited",
        /// It is gone since.
        Removed = "removed",
    }
}

/// A note as it stood before it was edited or removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoteChange {
    /// What was done to it.
    pub was: NoteWas,
    /// When.
    pub changed: Timestamp,
    /// What it said until then.
    #[serde(flatten)]
    pub before: Note,
}
