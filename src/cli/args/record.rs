//! Arguments of the commands about the record as a file: sql, export, backup, restore, merge.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::PeriodArgs;

/// Formats of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RowFormat {
    /// A table for people
    Text,
    /// A table for spreadsheets
    Csv,
    /// An object a line
    Jsonl,
}

/// Arguments of `linkmon sql`.
#[derive(Debug, Clone, Args)]
pub struct SqlArgs {
    /// One statement, as in "SELECT outcome, count(*) FROM samples GROUP BY outcome"
    #[arg(value_name = "STATEMENT")]
    pub statement: String,
    /// How to write the rows
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub format: RowFormat,
}

/// Formats of `linkmon export`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// A table for spreadsheets
    Csv,
    /// An object a line
    Jsonl,
    /// Columns with types.
    #[value(help = "Columns with types, for pandas, DuckDB and the like")]
    Parquet,
}

impl ExportFormat {
    /// Formats by the endings of files.
    pub const ENDINGS: [(&str, Self); 3] =
        [("csv", Self::Csv), ("jsonl", Self::Jsonl), ("parquet", Self::Parquet)];
}

/// What `linkmon export` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportWhat {
    /// Every probe
    Probes,
    /// A row per minute and target
    Minutes,
    /// A row per hour and target, of hours that are over
    Hours,
    /// Blips, drops and outages
    Drops,
}

impl From<ExportWhat> for crate::store::Exported {
    fn from(what: ExportWhat) -> Self {
        match what {
            ExportWhat::Probes => Self::Probes,
            ExportWhat::Minutes => Self::Minutes,
            ExportWhat::Hours => Self::Hours,
            ExportWhat::Drops => Self::Drops,
        }
    }
}

/// Arguments of `linkmon export`.
#[derive(Debug, Clone, Args)]
pub struct ExportArgs {
    /// What to write
    #[arg(value_enum, value_name = "WHAT")]
    pub what: ExportWhat,
    /// Which period.
    #[command(flatten)]
    pub period: PeriodArgs,
    /// How to write it [default: by the ending of -o, else csv]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<ExportFormat>,
    /// Write it to this file; without --format its ending says how (.csv, .jsonl, .parquet)
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Arguments of `linkmon backup`.
#[derive(Debug, Clone, Args)]
pub struct BackupArgs {
    /// A file that does not exist, or a directory: the copy in it gets a name with its date, as in
    /// linkmon-20260202T132000Z.db
    #[arg(value_name = "PATH")]
    pub to: PathBuf,
    /// Keep so many dated copies in a directory, the newest [default: as configured, else 7]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub keep: Option<u32>,
}

/// Arguments of `linkmon restore`.
#[derive(Debug, Clone, Args)]
pub struct RestoreArgs {
    /// The copy
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Do it; without this it is only shown what would be done
    #[arg(long)]
    pub yes: bool,
}

/// Arguments of `linkmon merge`.
#[derive(Debug, Clone, Args)]
pub struct MergeArgs {
    /// Databases of linkmon, of this version or an earlier one
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Take it although it was recorded on another network (another first hop of the ISP, or
    /// another gateway where none is known)
    #[arg(long)]
    pub anyway: bool,
    /// Only show what would be taken, on a copy; this works while the daemon runs
    #[arg(long)]
    pub dry_run: bool,
}
