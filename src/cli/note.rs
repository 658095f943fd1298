//! `linkmon note`.

use std::fmt::Write as _;

use super::args::NoteArgs;
use super::context::Context;
use super::failure::Usage;
use super::output;
use crate::report::words;
use crate::store;
use crate::time::{TimeRange, Timestamp, parse_instant};

/// A line on a report.
const LONGEST: usize = 500;

pub(super) fn note(args: &NoteArgs, context: &Context) -> anyhow::Result<()> {
    let Some(text) = &args.text else { return list(context) };
    let text = text.trim();
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err(Usage::new("a note is one line of text").into());
    }
    if text.chars().count() > LONGEST {
        return Err(Usage::new(format!("a note has at most {LONGEST} characters")).into());
    }
    let at = match &args.at {
        Some(at) => parse_instant(at, context.now, &context.zone)
            .map_err(|e| Usage::new(format!("--at: {e}")))?,
        None => context.now,
    };
    let id = store::add_note(context.existing_db(), at, text, context.now)?;
    let when = words::local_second(at, &context.zone);
    let text = format!("note {id} for {when}\n");
    Ok(output::write(text.as_bytes())?)
}

fn list(context: &Context) -> anyhow::Result<()> {
    let ever =
        TimeRange { from: Timestamp::from_micros(i64::MIN), to: Timestamp::from_micros(i64::MAX) };
    let notes = context.reader()?.notes(ever)?;
    if notes.is_empty() {
        return Ok(output::write(b"no notes\n")?);
    }
    let mut text = String::new();
    for note in &notes {
        let when = words::local_second(note.at, &context.zone);
        let _ = writeln!(text, "{:>4}  {when}  {}", note.id, note.text);
    }
    Ok(output::write(text.as_bytes())?)
}
