//! Arguments of `linkmon note`.

use clap::{Args, Subcommand};

use super::word;
use crate::vocabulary::NoteKind;

/// Arguments of `linkmon note`.
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct NoteArgs {
    /// What to do, if not add a note.
    #[command(subcommand)]
    pub what: Option<NoteCommand>,
    /// The text: one line, such as "technician on site"
    #[arg(required_unless_present = "list", conflicts_with = "list", value_name = "TEXT")]
    pub text: Option<String>,
    /// Time, kind and ticket of the note.
    #[command(flatten)]
    pub about: NoteAboutArgs,
    /// The same as "note list"
    #[arg(long, conflicts_with_all = ["at", "kind", "ticket"])]
    pub list: bool,
}

/// What to do with notes.
#[derive(Debug, Clone, Subcommand)]
pub enum NoteCommand {
    /// Add a note, the same as without "add"
    Add(NoteAddArgs),
    /// List all notes in order of the times they are about
    List(NoteListArgs),
    /// Edit a note; what it said before stays in the record, and the note is marked as edited
    Edit(NoteEditArgs),
    /// Remove a note from reports; its text stays in the record
    Remove(NoteRemoveArgs),
}

/// Arguments of `linkmon note add`.
#[derive(Debug, Clone, Args)]
pub struct NoteAddArgs {
    /// The text: one line, such as "technician on site"
    #[arg(value_name = "TEXT")]
    pub text: String,
    /// Time, kind and ticket of the note.
    #[command(flatten)]
    pub about: NoteAboutArgs,
}

/// What a note says besides its text.
#[derive(Debug, Clone, Args)]
pub struct NoteAboutArgs {
    /// The time it is about (14:30, "yesterday 9:00"), in the forms of --since of "linkmon report"
    /// except drop:12 [default: now; when editing, as it was]
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// What it is about [default: call with --ticket, else other; when editing, as it was]
    #[arg(long, value_name = "KIND", value_parser = word::<NoteKind>())]
    pub kind: Option<NoteKind>,
    /// The ISP's ticket number, such as 4711
    #[arg(long, value_name = "NUMBER")]
    pub ticket: Option<String>,
}

/// Arguments of `linkmon note list`.
#[derive(Debug, Clone, Args)]
pub struct NoteListArgs {
    /// Also show what notes said before they were edited or removed
    #[arg(long)]
    pub history: bool,
}

/// Arguments of `linkmon note edit`.
#[derive(Debug, Clone, Args)]
pub struct NoteEditArgs {
    /// The number of the note, as in "linkmon note list"
    #[arg(value_name = "ID")]
    pub id: i64,
    /// The new text
    #[arg(value_name = "TEXT")]
    pub text: Option<String>,
    /// The new time, kind or ticket.
    #[command(flatten)]
    pub about: NoteAboutArgs,
    /// Remove its ticket number
    #[arg(long, conflicts_with = "ticket")]
    pub no_ticket: bool,
}

/// Arguments of `linkmon note remove`.
#[derive(Debug, Clone, Args)]
pub struct NoteRemoveArgs {
    /// The number of the note, as in "linkmon note list"
    #[arg(value_name = "ID")]
    pub id: i64,
}
