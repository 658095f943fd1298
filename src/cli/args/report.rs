//! Arguments of `linkmon report` and `linkmon verify`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{PeriodArgs, word};
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
    /// A letter to the provider, to complete and sign
    Letter,
    /// What you can answer when the desk explains the drops away; for the phone, not to be sent
    Answers,
    /// Markdown, for forums
    #[value(alias = "markdown")]
    Md,
    /// A self-contained page
    Html,
    /// For programs
    Json,
    /// For spreadsheets
    Csv,
    /// One drawing
    Png,
    /// The same drawing as vector graphics
    Svg,
    /// The same drawing on one page
    Pdf,
    /// A zip of all of these, the data and a list of checksums; see linkmon verify
    Bundle,
}

impl ReportFormat {
    /// Formats by the extensions of files.
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

/// Arguments of `linkmon report`.
#[derive(Debug, Clone, Args)]
pub struct ReportArgs {
    /// Which period.
    #[command(flatten)]
    pub period: PeriodArgs,
    /// Make only this [default: text on standard output, and the drawing
    /// linkmon-report-FROM-TO.png in the current directory]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<ReportFormat>,
    /// Write to this file; without --format its extension decides (.txt, .md, .html, .json,
    /// .csv, .png, .svg, .pdf, .zip)
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Report only on this drop; the drawing shows every probe of the minutes around it
    ///
    /// The period is the time around the drop. "linkmon drops" lists the numbers.
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["since", "until"])]
    pub drop: Option<i64>,
    /// Compare the parts of the period before and after this: a time in the forms of --since, or
    /// note:3 for the time of that note
    ///
    /// Drops per day, loss and delay on either side, with 95 % confidence intervals, in every
    /// text, JSON and bundle.
    #[arg(long, value_name = "BORDER")]
    pub compare: Option<String>,
    /// Maximum length of the text in characters, at least 300 [default: 1500]
    #[arg(long, value_name = "N")]
    pub max_chars: Option<usize>,
    /// Language of text, full text, Markdown and HTML, and of the drawing's headline
    /// [default: as configured, else en]
    #[arg(long, value_parser = word::<Lang>(), value_name = "LANGUAGE")]
    pub lang: Option<Lang>,
    /// Remove what identifies you: site, account, ticket, addresses, host names, MAC addresses
    #[arg(long)]
    pub redact: bool,
    /// Which rows csv and json hold [default: drops; in json, the whole report]
    #[arg(long, value_enum, value_name = "DATA")]
    pub what: Option<Data>,
    /// Pack every probe of the period into a bundle, not only those that show its drops
    #[arg(long)]
    pub raw: bool,
    /// Paper size of a PDF [default: a4]
    #[arg(long, value_parser = word::<Paper>(), value_name = "SIZE")]
    pub paper: Option<Paper>,
    /// Colours of the drawing [default: light]
    #[arg(long, value_parser = word::<Theme>(), value_name = "THEME")]
    pub theme: Option<Theme>,
}

/// Arguments of `linkmon stamp`.
#[derive(Debug, Clone, Args)]
pub struct StampArgs {
    /// The authority, by its URL (http or https) [default: as configured]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// Also write the answer to this file, for "openssl ts -verify"
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// List the stamps in the database; nothing is sent
    #[arg(long, conflicts_with_all = ["url", "output"])]
    pub list: bool,
}

/// Arguments of `linkmon verify`.
#[derive(Debug, Clone, Args)]
pub struct VerifyArgs {
    /// A bundle made by "linkmon report --format bundle", or a database [default: the database]
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// A head of the chain that was noted down, as reports print it: check that it is in the
    /// chain of this database or bundle
    #[arg(long, value_name = "SHA-256", value_parser = str::parse::<Digest>)]
    pub head: Option<Digest>,
}
