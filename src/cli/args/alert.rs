//! Arguments of `linkmon alert`.

use clap::{Args, Subcommand};

/// Arguments of `linkmon alert`.
#[derive(Debug, Clone, Args)]
pub struct AlertArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: AlertCommand,
}

/// What to do with alerts.
#[derive(Debug, Clone, Subcommand)]
pub enum AlertCommand {
    /// Send a test message, and say what came back; exit code 1 if one was not taken
    Test(AlertTestArgs),
    /// List the channels, what waits for them, and the messages of the last 7 days
    List(AlertListArgs),
}

/// Arguments of `linkmon alert test`.
#[derive(Debug, Clone, Args)]
pub struct AlertTestArgs {
    /// The name of one of those in the configuration [default: all of them]
    #[arg(value_name = "CHANNEL")]
    pub channel: Option<String>,
}

/// Arguments of `linkmon alert list`.
#[derive(Debug, Clone, Args)]
pub struct AlertListArgs {}
