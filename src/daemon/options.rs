//! What the daemon needs to know at its start.

use std::path::PathBuf;

use crate::config::Config;

/// What the daemon needs to know at its start.
#[derive(Debug, Clone)]
pub struct DaemonOptions {
    /// The configuration, checked.
    pub config: Config,
    /// The database.
    pub database: PathBuf,
    /// Where the tail file goes; `None`: beside the database.
    pub runtime_dir: Option<PathBuf>,
    /// Version of this program.
    pub version: &'static str,
    /// Ends the process with this sentence, where a clean end does not come.
    pub leave: fn(&str) -> !,
}
