//! Errors as people see them: a sentence, its causes, a hint, and the exit code.

use std::io::Write as _;
use std::process::ExitCode;

use clap::CommandFactory as _;

use super::output::OutputError;
use super::usage::{Hinted, Usage};
use crate::{config, import, store};

const FAILED: u8 = 1;
const WRONG_USAGE: u8 = 2;
const WRONG_CONFIGURATION: u8 = 78;

/// Reports the error on standard error and returns its exit code. A closed standard output is not
/// an error.
pub(super) fn report(error: &anyhow::Error) -> ExitCode {
    let mut code = FAILED;
    let mut hint = None;
    for cause in error.chain() {
        if matches!(cause.downcast_ref(), Some(OutputError::Closed)) {
            return ExitCode::SUCCESS;
        } else if let Some(usage) = cause.downcast_ref::<Usage>() {
            code = WRONG_USAGE;
            hint.clone_from(&usage.hint);
        } else if let Some(hinted) = cause.downcast_ref::<Hinted>() {
            hint = Some(hinted.hint.clone());
        } else if cause.is::<config::Error>() {
            code = WRONG_CONFIGURATION;
        } else if let Some(store) = cause.downcast_ref::<store::Error>() {
            hint = store.hint().map(str::to_owned);
        } else if let Some(import) = cause.downcast_ref::<import::Error>() {
            hint = import.hint().map(str::to_owned);
        }
    }
    let hint = hint.map(|hint| format!("\nhint: {hint}\n")).unwrap_or_default();
    say_raw(&format!("linkmon: {error:#}\n{hint}"));
    ExitCode::from(code)
}

/// Reports what the parser of the command line says: help and version are data, the rest is wrong
/// usage.
pub(super) fn report_usage(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    if error.use_stderr() {
        let text = text.strip_prefix("error: ").unwrap_or(&text);
        say_raw(&format!("linkmon: {text}"));
        return ExitCode::from(WRONG_USAGE);
    }
    match super::output::write(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => report(&e.into()),
    }
}

/// Prints the help of the whole program.
pub(super) fn help() -> ExitCode {
    let text = super::Arguments::command().render_help().to_string();
    super::output::write(text.as_bytes()).map_or_else(|e| report(&e.into()), |()| ExitCode::SUCCESS)
}

/// A line on standard error.
pub(super) fn say(line: &str) {
    say_raw(&format!("linkmon: {line}\n"));
}

/// If standard error is closed, there is nowhere left to report to.
fn say_raw(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
