//! The commands; the only module that prints or chooses an exit code.
//!
//! Two steps: `args` only parses; [`Context`] then resolves configuration, database, zone and time
//! once, and each command has a file of its own. Data goes to standard output, everything else to
//! standard error.

use std::process::ExitCode;

use clap::Parser as _;

mod alert;
pub mod args;
mod backup;
mod check;
mod config;
mod context;
#[cfg(test)]
mod deciding_tests;
mod demo;
mod doctor;
mod drops;
mod export;
mod failure;
mod import;
mod list;
mod manual;
mod merge;
mod modem;
mod note;
mod notify;
mod output;
mod paint;
mod progress;
mod protected;
mod removed;
mod replay;
mod report;
mod run;
mod sql;
mod stamp;
mod status;
mod usage;
mod verify;
mod watch;

pub use args::{Arguments, Command};
pub use context::Context;
pub use output::{OutputError, write};
pub use usage::{Hinted, Usage};

/// The whole program: reads the arguments of this process, does what they say, and reports errors.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if error.use_stderr() && is_check() => return check::wrong_usage(&error),
        // Nothing was asked, and nothing is wrong: what can be asked is the answer.
        Err(_) if std::env::args_os().len() == 1 => return failure::help(),
        Err(error) => return failure::report_usage(&error),
    };
    match dispatch(&arguments) {
        Ok(code) => code,
        Err(error) => failure::report(&error),
    }
}

/// Whether the command was `check`, whose exit codes differ: 2 would be CRITICAL.
fn is_check() -> bool {
    std::env::args_os().skip(1).any(|word| word == "check")
}

fn dispatch(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let context = || Context::new(arguments);
    match &arguments.command {
        Command::Run(args) => run::run(args, &context()?),
        Command::Status(args) => status::status(args, &context()?),
        Command::Drops(args) => drops::drops(args, &context()?),
        Command::Report(args) => report::report(args, &context()?),
        Command::Replay(args) => replay::replay(args, &context()?),
        Command::Import(args) => import::import(args, &context()?),
        Command::Config(args) => config::config(args, &context()?),
        Command::Note(args) => note::note(args, &context()?),
        Command::Verify(args) => verify::verify(args, &context()?),
        Command::Stamp(args) => stamp::stamp(args, &context()?),
        Command::Sql(args) => sql::sql(args, &context()?),
        Command::Export(args) => export::export(args, &context()?),
        Command::Backup(args) => backup::backup(args, &context()?),
        Command::Restore(args) => backup::restore(args, &context()?),
        Command::Merge(args) => merge::merge(args, &context()?),
        Command::Modem(args) => modem::modem(args, &context()?),
        Command::Demo => demo::demo(arguments.db.as_deref()),
        Command::Notify(_) => notify::notify(&context()?),
        Command::Man(args) => manual::man(args),
        Command::Completions(args) => manual::completions(args),
        // These have exit codes of their own; those of a plugin report errors as well.
        Command::Check(args) => return Ok(check::check(args, arguments)),
        Command::Alert(args) => return alert::alert(args, &context()?),
        Command::Watch(_) => return watch::watch(&context()?),
        Command::Doctor(args) => return Ok(doctor::doctor(args, &context()?)?.exit_code()),
    }?;
    Ok(ExitCode::SUCCESS)
}
