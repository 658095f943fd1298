//! Arguments of `linkmon report` and `linkmon verify`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::PeriodArgs;
use crate::chart::{Paper, Theme};
use crate::config::Lang;
use crate::store::Digest;

/// Formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// To paste into a ticket: 20 lines and 1,500 characters at most
    Text,
    /// Everything, for a terminal
    Full,
    /// Markdown, for forums
    #[value(alias = "markdown")]
    Md,
    /// One page that needs nothing else
    Html,
    /// For programs
    Json,
    /// For spreadsheets
    Csv,
    /// One drawing
    Png,
    /// The same drawing in lines and letters
    Svg,
    /// The same drawing on one page
    Pdf,
    /// A zip of all of these, the data and a list of their sums; see "linkmon verify"
    Bundle,
}

impl ReportFormat {
    /// Formats by the endings of files.
    pub const ENDINGS: [(&str, Self); 9] = [
        ("txt", Self::Text),
        ("md", Self::Md),
        ("html", Self::Html),
        ("json", Self::Json),
        ("csv", Self::Csv),
        ("png", Self::Png),
        ("svg", Self::Svg),
        ("pdf", Self::Pdf),
        ("zip", Self::Bundle),
    ];
}

/// What data a table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Data {
    /// A row for each blip, drop and outage
    Drops,
    /// A row for each minute and target
    Minutes,
    /// A row for each probe
    Probes,
}

/// Paper of a PDF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PaperSize {
    /// 210 by 297 mm
    A4,
    /// 8.5 by 11 inches
    Letter,
}

impl From<PaperSize> for Paper {
    fn from(size: PaperSize) -> Self {
        match size {
            PaperSize::A4 => Self::A4,
            PaperSize::Letter => Self::Letter,
        }
    }
}

/// Ground of a drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Ground {
    /// Dark on white
    Light,
    /// Light on black
    Dark,
}

impl From<Ground> for Theme {
    fn from(ground: Ground) -> Self {
        match ground {
            Ground::Light => Self::Light,
            Ground::Dark => Self::Dark,
        }
    }
}

/// Languages of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportLang {
    /// English
    En,
    /// French
    Fr,
}

impl From<ReportLang> for Lang {
    fn from(lang: ReportLang) -> Self {
        match lang {
            ReportLang::En => Self::En,
            ReportLang::Fr => Self::Fr,
        }
    }
}

/// Arguments of `linkmon report`.
#[derive(Debug, Clone, Args)]
pub struct ReportArgs {
    /// Which period.
    #[command(flatten)]
    pub period: PeriodArgs,
    /// Make this alone [default: text on standard output, and the drawing
    /// linkmon-report-FROM-TO.png in the current directory]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<ReportFormat>,
    /// Write it to this file; without --format its ending says what (.txt, .md, .html, .json,
    /// .csv, .png, .svg, .pdf, .zip)
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Report on this drop alone; the drawing shows every probe of the minutes around it
    ///
    /// The period is that around the drop. "linkmon drops" lists the numbers.
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["since", "until"])]
    pub drop: Option<i64>,
    /// Compare the period before and after this: a time in the forms of --since, or note:3 for
    /// the time of that note
    ///
    /// Drops a day, loss and delay on both sides, with 95 % intervals for what chance leaves open,
    /// in every text, JSON and bundle.
    #[arg(long, value_name = "BORDER")]
    pub compare: Option<String>,
    /// Characters of the text at most, 300 or more [default: 1500]
    #[arg(long, value_name = "N")]
    pub max_chars: Option<usize>,
    /// The language of text, full text, Markdown and HTML, and of the drawing's headline
    /// [default: as configured, else en]
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    pub lang: Option<ReportLang>,
    /// Take out what identifies you: site, account, ticket, addresses, host names, MAC addresses
    #[arg(long)]
    pub redact: bool,
    /// Which rows csv and json hold [default: drops; all of the report in json]
    #[arg(long, value_enum, value_name = "DATA")]
    pub what: Option<Data>,
    /// Paper of a PDF [default: a4]
    #[arg(long, value_enum, value_name = "SIZE")]
    pub paper: Option<PaperSize>,
    /// Ground of the drawing [default: light]
    #[arg(long, value_enum, value_name = "GROUND")]
    pub theme: Option<Ground>,
}

/// Arguments of `linkmon verify`.
#[derive(Debug, Clone, Args)]
pub struct VerifyArgs {
    /// A bundle, as "linkmon report --format bundle" makes it, or a database [default: the
    /// database]
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// A head of the chain that was noted down, as reports print it: is it in the chain of this
    /// database?
    #[arg(long, value_name = "SHA-256", value_parser = str::parse::<Digest>)]
    pub head: Option<Digest>,
}
