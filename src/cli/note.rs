//! `linkmon note`: add, list, edit, remove.

use std::fmt::Write as _;

use super::args::{NoteAboutArgs, NoteArgs, NoteCommand, NoteEditArgs, NoteListArgs};
use super::context::Context;
use super::output;
use super::usage::{Hinted, Usage};
use crate::language::words;
use crate::prose;
use crate::store::{self, Opening, Writer, runtime_dir};
use crate::time::{Reading, TimeRange, Timestamp, parse_instant};
use crate::vocabulary::{Note, NoteDraft, NoteKind, RunEnd, note_text, ticket_number};

pub(super) fn note(args: &NoteArgs, context: &Context) -> anyhow::Result<()> {
    let text = match (&args.what, &args.text) {
        (Some(NoteCommand::Add(add)), _) => add_note(&add.text, &add.about, context)?,
        (Some(NoteCommand::Edit(edit)), _) => edited(edit, context)?,
        (Some(NoteCommand::Remove(remove)), _) => {
            bring_up_to_date(context)?;
            let note = store::remove_note(context.existing_db(), remove.id, None, context.now)?;
            format!("removed: {}", line(&note, context))
        }
        (None, Some(text)) => add_note(text, &args.about, context)?,
        (Some(NoteCommand::List(list)), _) => listed(list, context)?,
        (None, None) => listed(&NoteListArgs { history: false }, context)?,
    };
    Ok(output::write(text.as_bytes())?)
}

fn add_note(text: &str, about: &NoteAboutArgs, context: &Context) -> anyhow::Result<String> {
    let ticket = about.ticket.as_deref().map(ticket).transpose()?;
    let implied = if ticket.is_some() { NoteKind::Call } else { NoteKind::Other };
    let draft = NoteDraft {
        text: note_text(text).map_err(Usage::new)?,
        at: instant(about, context)?.unwrap_or(context.now),
        kind: about.kind.unwrap_or(implied),
        ticket,
    };
    bring_up_to_date(context)?;
    let id = store::add_note(context.existing_db(), &draft, context.now)?;
    Ok(format!("note {id} for {}\n", words::local_second(draft.at, &context.zone)))
}

fn edited(args: &NoteEditArgs, context: &Context) -> anyhow::Result<String> {
    let NoteEditArgs { id, text, about, no_ticket } = args;
    let text = text.as_deref().map(note_text).transpose().map_err(Usage::new)?;
    let new_ticket = about.ticket.as_deref().map(ticket).transpose()?;
    let at = instant(about, context)?;
    let nothing = text.is_none() && new_ticket.is_none() && at.is_none() && about.kind.is_none();
    if nothing && !no_ticket {
        return Err(Usage::new(format!("nothing to change in note {id}"))
            .hint("give a new text, --at, --kind, --ticket or --no-ticket")
            .into());
    }
    bring_up_to_date(context)?;
    let path = context.existing_db();
    let found = context.reader()?.note_by_id(*id)?;
    let before = found.ok_or(store::Error::NoNote { path: path.to_owned(), id: *id })?.draft();
    let draft = NoteDraft {
        at: at.unwrap_or(before.at),
        kind: about.kind.unwrap_or(before.kind),
        ticket: if *no_ticket { None } else { new_ticket.or(before.ticket) },
        text: text.unwrap_or(before.text),
    };
    let note = store::edit_note(path, *id, &draft, None, context.now)?;
    Ok(line(&note, context))
}

fn listed(args: &NoteListArgs, context: &Context) -> anyhow::Result<String> {
    let reader = context.reader()?;
    let mut text = String::new();
    for note in &reader.notes(TimeRange::EVER)? {
        text += &line(note, context);
    }
    if text.is_empty() {
        text += "no notes\n";
    }
    if args.history {
        for change in &reader.note_changes(TimeRange::EVER)? {
            let when = words::local_second(change.changed, &context.zone);
            let was = change.was.as_str();
            let _ = write!(text, "{was} {when}, until then: {}", line(&change.before, context));
        }
    }
    Ok(text)
}

/// `   1  2023-02-07 16:20:00 +00:00  call to the ISP, ticket 4711: they see nothing`
fn line(note: &Note, context: &Context) -> String {
    let when = words::local_second(note.at, &context.zone);
    let edited = if note.edited.is_some() { " (edited)" } else { "" };
    format!("{:>4}  {when}  {}{edited}\n", note.id, prose::note(note))
}

fn instant(about: &NoteAboutArgs, context: &Context) -> Result<Option<Timestamp>, Usage> {
    let parse = |at: &String| parse_instant(at, context.now, &context.zone);
    about.at.as_ref().map(parse).transpose().map_err(|e| Usage::new(format!("--at: {e}")))
}

fn ticket(text: &str) -> Result<String, Usage> {
    ticket_number(text).map_err(Usage::new)
}

/// A file last written by an earlier version has no columns for everything that notes say: it is
/// brought up to date, as at a start of the daemon.
fn bring_up_to_date(context: &Context) -> anyhow::Result<()> {
    let path = context.existing_db();
    if !store::is_of_earlier_schema(path)? {
        return Ok(());
    }
    let runtime = runtime_dir(&|name| std::env::var_os(name));
    let opening =
        Opening { path, runtime_dir: runtime.as_deref(), version: env!("CARGO_PKG_VERSION") };
    match Writer::open(opening) {
        Ok((writer, _)) => Ok(writer.close(Reading::now(), RunEnd::Clean)?),
        Err(store::Error::Locked { .. }) => Err(Hinted {
            sentence: format!(
                "write a note to {}: an earlier version of linkmon is using it",
                path.display()
            ),
            hint: "restart `linkmon run` with this version".to_owned(),
        }
        .into()),
        Err(other) => Err(other.into()),
    }
}
