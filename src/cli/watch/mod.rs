//! `linkmon watch`: the present as a picture in a terminal, every second, from the record of a running
//! daemon.

mod around;
mod draw;
mod facts;
mod ink;
mod look;
mod looping;
mod said;
mod screen;
mod source;
mod strip;
#[cfg(test)]
mod tests;
mod view;

use std::io::{IsTerminal as _, stdin, stdout};
use std::process::ExitCode;

use super::context::Context;
use super::usage::Usage;
use ink::{CharacterSet, Ink};
use look::Look;
use looping::Watch;
use source::RecordSource;
use view::ViewState;

/// Shows it until a key or a signal ends it.
///
/// # Errors
/// Without a terminal that can show it, and when no daemon has written into the record.
pub(super) fn watch(context: &Context) -> anyhow::Result<ExitCode> {
    let variable = |name: &str| std::env::var(name).ok();
    refuse_what_shows_no_picture(variable("TERM").as_deref())?;
    let (source, facts) = RecordSource::open(context)?;
    let ink = Ink { paint: context.paint(), characters: CharacterSet::of(&variable) };
    let look = Look { language: context.language(), zone: context.zone.clone(), ink };
    Watch { source, facts, view: ViewState::default(), look }.run()
}

/// A picture needs a terminal, and one with a cursor that moves.
fn refuse_what_shows_no_picture(term: Option<&str>) -> Result<(), Usage> {
    let sentence = if !stdin().is_terminal() || !stdout().is_terminal() {
        "`linkmon watch` needs a terminal for its picture"
    } else if matches!(term, None | Some("" | "dumb")) {
        "this terminal (TERM=dumb) shows no picture"
    } else {
        return Ok(());
    };
    Err(Usage::new(sentence).hint("`linkmon status` prints the present once"))
}
