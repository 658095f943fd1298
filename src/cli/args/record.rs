//! Arguments of the commands about the record as a file: sql, export, backup, restore, merge.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{PeriodArgs, word};
use crate::store::Exported;

/// Formats of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RowFormat {
    /// A table for people
    Text,
    /// A table for spreadsheets
    Csv,
    /// One object per line
    Jsonl,
}

/// Arguments of `linkmon sql`.
#[derive(Debug, Clone, Args)]
pub struct SqlArgs {
    /// One statement, such as "SELECT outcome, count(*) FROM samples GROUP BY outcome"
    #[arg(value_name = "STATEMENT")]
    pub statement: String,
    /// Output format
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub format: RowFormat,
}

/// Formats of `linkmon export`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// A table for spreadsheets
    Csv,
    /// One object per line
    Jsonl,
    /// Columns with types.
    #[value(help = "Columns with types, for pandas, DuckDB and the like")]
    Parquet,
}

impl ExportFormat {
    /// Formats by the extensions of files.
    pub const ENDINGS: [(&str, Self); 3] =
        [("csv", Self::Csv), ("jsonl", Self::Jsonl), ("parquet", Self::Parquet)];
}

/// Arguments of `linkmon export`.
#[derive(Debug, Clone, Args)]
pub struct ExportArgs {
    /// What to export
    #[arg(value_parser = word::<Exported>(), value_name = "WHAT")]
    pub what: Exported,
    /// Which period.
    #[command(flatten)]
    pub period: PeriodArgs,
    /// Output format [default: by the extension of -o, else csv]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<ExportFormat>,
    /// Write to this file; without --format its extension decides (.csv, .jsonl, .parquet)
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Arguments of `linkmon backup`.
#[derive(Debug, Clone, Args)]
pub struct BackupArgs {
    /// A file that does not exist yet, or a directory, in which the copy gets a dated name such as
    /// linkmon-20260202T132000Z.db
    #[arg(value_name = "PATH")]
    pub to: PathBuf,
    /// How many dated copies to keep in a directory [default: as configured, else 7]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub keep: Option<u32>,
}

/// Arguments of `linkmon restore`.
#[derive(Debug, Clone, Args)]
pub struct RestoreArgs {
    /// The copy
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Do it; without this, only show what would be done
    #[arg(long)]
    pub yes: bool,
}

/// Arguments of `linkmon merge`.
#[derive(Debug, Clone, Args)]
pub struct MergeArgs {
    /// Databases of linkmon, of this version or an earlier one
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Merge it even though it was recorded on another network (with another first hop of the
    /// ISP, or another gateway if no hop is known)
    #[arg(long)]
    pub anyway: bool,
    /// Only show what would be taken, using a copy; this works while the daemon runs
    #[arg(long)]
    pub dry_run: bool,
}
