//! Arguments of `linkmon note`.

use clap::{Args, Subcommand};

use crate::vocabulary::NoteKind;

/// Arguments of `linkmon note`.
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct NoteArgs {
    /// What to do with notes, where it is not adding one.
    #[command(subcommand)]
    pub what: Option<NoteCommand>,
    /// The text: one line, as in "technician on site"
    #[arg(required_unless_present = "list", conflicts_with = "list", value_name = "TEXT")]
    pub text: Option<String>,
    /// What else the note says.
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
    /// List all notes, by the times they are about
    List(NoteListArgs),
    /// Change a note; what it said before stays in the record, and is marked as edited
    Edit(NoteEditArgs),
    /// Remove a note from reports; what it said stays in the record
    Remove(NoteRemoveArgs),
}

/// Arguments of `linkmon note add`.
#[derive(Debug, Clone, Args)]
pub struct NoteAddArgs {
    /// The text: one line, as in "technician on site"
    #[arg(value_name = "TEXT")]
    pub text: String,
    /// What else the note says.
    #[command(flatten)]
    pub about: NoteAboutArgs,
}

/// What a note says beside its text.
#[derive(Debug, Clone, Args)]
pub struct NoteAboutArgs {
    /// The time it is about, in the forms of --since of "linkmon report" but drop:12
    /// [default: now; of one that is edited as it was]
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// What kind of thing it tells of: call (to the ISP), visit (of a technician), reset,
    /// hardware (new or other), weather or other [default: call with --ticket, else other; of one
    /// that is edited as it was]
    #[arg(long, value_name = "KIND", value_parser = str::parse::<NoteKind>)]
    pub kind: Option<NoteKind>,
    /// The ISP's number for it, as in 4711
    #[arg(long, value_name = "NUMBER")]
    pub ticket: Option<String>,
}

/// Arguments of `linkmon note list`.
#[derive(Debug, Clone, Args)]
pub struct NoteListArgs {
    /// Show too what notes said before they were edited or removed
    #[arg(long)]
    pub history: bool,
}

/// Arguments of `linkmon note edit`.
#[derive(Debug, Clone, Args)]
pub struct NoteEditArgs {
    /// The number of the note, as in "linkmon note list"
    #[arg(value_name = "ID")]
    pub id: i64,
    /// Another text
    #[arg(value_name = "TEXT")]
    pub text: Option<String>,
    /// What else is to be another.
    #[command(flatten)]
    pub about: NoteAboutArgs,
    /// Take its ticket away
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
