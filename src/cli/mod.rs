//! The commands; the only module that prints or chooses an exit code.
//!
//! Two steps: `args` only parses; [`Context`] then resolves configuration, database, zone and time
//! once, and each command has a file of its own. Data goes to standard output, all else to
//! standard error.

use std::process::ExitCode;

use clap::Parser as _;

pub mod args;
mod backup;
mod config;
mod context;
mod drops;
mod failure;
mod import;
mod list;
mod live;
mod note;
mod output;
mod replay;
mod report;
mod run;
mod sql;
mod status;

pub use args::{Arguments, Command};
pub use context::Context;
pub use failure::{Hinted, Usage};
pub use output::{OutputError, write};

/// The whole program: reads the arguments of this process, does what they say, and tells errors.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return failure::tell_of_arguments(&error),
    };
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure::tell(&error),
    }
}

fn dispatch(arguments: &Arguments) -> anyhow::Result<()> {
    let context = Context::new(arguments)?;
    match &arguments.command {
        Command::Run(args) => run::run(args, &context),
        Command::Status(args) => status::status(args, &context),
        Command::Drops(args) => drops::drops(args, &context),
        Command::Report(args) => report::report(args, &context),
        Command::Replay(args) => replay::replay(args, &context),
        Command::Import(args) => import::import(args, &context),
        Command::Config(args) => config::config(args, &context),
        Command::Note(args) => note::note(args, &context),
        Command::Sql(args) => sql::sql(args, &context),
        Command::Export(args) => sql::export(args, &context),
        Command::Backup(args) => backup::backup(args, &context),
        Command::Restore(args) => backup::restore(args, &context),
    }
}
