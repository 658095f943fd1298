//! Notes: what a person wrote into the record.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// What kind of thing a note tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoteKind {
    /// A call to the ISP, or another word with its support.
    Call,
    /// A technician on site.
    Visit,
    /// A device was restarted or reset.
    Reset,
    /// A device, a cable or a splitter was replaced or added.
    Hardware,
    /// Rain, wind, heat, frost, lightning.
    Weather,
    /// Anything else.
    #[default]
    Other,
}

impl NoteKind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Call, Self::Visit, Self::Reset, Self::Hardware, Self::Weather, Self::Other];

    /// The word for it on the command line, in the database and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Visit => "visit",
            Self::Reset => "reset",
            Self::Hardware => "hardware",
            Self::Weather => "weather",
            Self::Other => "other",
        }
    }
}

impl std::str::FromStr for NoteKind {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or_else(|| {
            format!("no kind of note \"{word}\" (call, visit, reset, hardware, weather or other)")
        })
    }
}

/// What a person says in a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteDraft {
    /// The time it is about.
    pub at: Timestamp,
    /// What kind of thing it tells of.
    pub kind: NoteKind,
    /// The ISP's number for it.
    pub ticket: Option<String>,
    /// The text.
    pub text: String,
}

/// A note of a person, shown on reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Its number.
    pub id: i64,
    /// The time it is about.
    pub at: Timestamp,
    /// What kind of thing it tells of.
    pub kind: NoteKind,
    /// The ISP's number for it.
    pub ticket: Option<String>,
    /// The text.
    pub text: String,
    /// When it was written down.
    pub added: Timestamp,
    /// When it was last changed; `None`: it stands as it was written down.
    pub edited: Option<Timestamp>,
}

impl Note {
    /// What it says, without its number and history.
    pub fn draft(&self) -> NoteDraft {
        let Self { at, kind, .. } = *self;
        NoteDraft { at, kind, ticket: self.ticket.clone(), text: self.text.clone() }
    }
}

/// What was done to a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoteWas {
    /// It says something else since.
    Edited,
    /// It is gone since.
    Removed,
}

impl NoteWas {
    /// The word for it in the database and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Edited => "edited",
            Self::Removed => "removed",
        }
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
