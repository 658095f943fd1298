//! Arguments of `linkmon modem`.

use std::path::PathBuf;

use clap::Args;

use super::{TextOrJson, word};
use crate::modem::understand::LevelProfile;
use crate::vocabulary::ModemKind;

/// Arguments of `linkmon modem`.
#[derive(Debug, Clone, Args)]
pub struct ModemArgs {
    /// Where the modem is [default: as configured, else 192.168.100.1]
    #[arg(long, value_name = "ADDRESS", conflicts_with = "from")]
    pub address: Option<String>,
    /// The user to log in as [default: as configured, else that of the modem's kind]
    #[arg(long, value_name = "NAME", conflicts_with = "from")]
    pub user: Option<String>,
    /// A file whose first line is the modem's password [default: as configured]
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    pub password_file: Option<PathBuf>,
    /// Read pages of the modem that were saved before
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub from: Vec<PathBuf>,
    /// What the modem is [default: found out from its pages]
    #[arg(long, value_parser = word::<ModemKind>(), value_name = "KIND")]
    pub kind: Option<ModemKind>,
    /// By which limits levels are judged
    #[arg(long, value_parser = word::<LevelProfile>(), value_name = "LIMITS", default_value = "docsis")]
    pub limits: LevelProfile,
    /// Output format
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub format: TextOrJson,
    /// Also write the pages to this directory, with what names you masked, and list what that was
    #[arg(long, value_name = "DIR")]
    pub save: Option<PathBuf>,
}
