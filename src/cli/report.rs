//! `linkmon report`: the text, the JSON, the drawing.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::tz::TimeZone;

use super::args::{ReportArgs, ReportFormat};
use super::context::Context;
use super::failure::{self, Usage};
use super::output;
use crate::chart;
use crate::config::Lang;
use crate::report::{self, Disclosure, Method, Report};
use crate::time::{TimeRange, Timestamp};

pub(super) fn report(args: &ReportArgs, context: &Context) -> anyhow::Result<()> {
    let format = format_of(args)?;
    if args.max_chars.is_some() && !matches!(format, None | Some(ReportFormat::Text)) {
        return Err(Usage::new("--max-chars is for the ticket text alone")
            .hint("leave it out, or add `--format text`")
            .into());
    }
    if format == Some(ReportFormat::Png) && args.output.is_none() {
        output::refuse_picture_on_terminal()?;
    }
    let report = made(args, context)?;
    let file = args.output.as_deref();
    match format {
        Some(ReportFormat::Text) => {
            let text = ticket(&report, args)?;
            discloses(&report);
            output::write_to(file, text.as_bytes())
        }
        Some(ReportFormat::Full) => output::write_to(file, report::text(&report).as_bytes()),
        Some(ReportFormat::Md) => output::write_to(file, report::markdown(&report).as_bytes()),
        Some(ReportFormat::Html) => {
            let picture = chart::sheet_svg(&report).context("draw the report")?;
            output::write_to(file, report::html(&report, &[picture]).as_bytes())
        }
        Some(ReportFormat::Json) => output::write_to(file, report::json(&report).as_bytes()),
        Some(ReportFormat::Png) => output::write_to(file, &drawing(&report)?),
        None => {
            let path = default_name(report.period, &context.zone);
            // The drawing is made also when nobody reads the text to its end.
            let told = output::write(ticket(&report, args)?.as_bytes());
            output::write_file(&path, &drawing(&report)?)?;
            failure::say(&format!("the drawing is in {}", path.display()));
            discloses(&report);
            Ok(told?)
        }
    }
}

/// `--format`, else by the ending of `-o`; `None`: the text and the drawing.
fn format_of(args: &ReportArgs) -> Result<Option<ReportFormat>, Usage> {
    let (None, Some(path)) = (args.format, &args.output) else { return Ok(args.format) };
    let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    match ending.to_ascii_lowercase().as_str() {
        "txt" => Ok(Some(ReportFormat::Text)),
        "md" | "markdown" => Ok(Some(ReportFormat::Md)),
        "html" | "htm" => Ok(Some(ReportFormat::Html)),
        "json" => Ok(Some(ReportFormat::Json)),
        "png" => Ok(Some(ReportFormat::Png)),
        _ => Err(Usage::new(format!("what to write to {} is not said", path.display()))
            .hint("add `--format text`, `md`, `html`, `json` or `png`, or name a file .txt, .md, .html, .json or .png")),
    }
}

fn made(args: &ReportArgs, context: &Context) -> anyhow::Result<Report> {
    let reader = context.reader()?;
    let period = context.period(&args.period, &reader)?;
    let rows = report::gather(&reader, period)?;
    let config = context.config();
    let method = Method::new(config, None);
    let mut report = Report::build(rows, context.zone.clone(), &config.site, context.now, method);
    report.language = args.lang.map_or(config.report.language, Lang::from);
    Ok(if args.redact { report.redacted() } else { report })
}

fn ticket(report: &Report, args: &ReportArgs) -> Result<String, Usage> {
    let most = args.max_chars.unwrap_or(report::TICKET_CHARS);
    report::ticket(report, most).map_err(|e| Usage::new(format!("--max-chars: {e}")))
}

/// Says beside the text, where it has no room for it, what it tells a stranger.
fn discloses(report: &Report) {
    if report.disclosure == Disclosure::Open {
        failure::say(&report::disclosure(report));
    }
}

fn drawing(report: &Report) -> anyhow::Result<Vec<u8>> {
    chart::sheet_png(report).context("draw the report")
}

/// `linkmon-report-2026-02-02-2026-02-09.png`; with times of day where a day is too coarse.
fn default_name(period: TimeRange, zone: &TimeZone) -> PathBuf {
    let local = |at: Timestamp, pattern: &str| report::words::local(at, zone, pattern);
    let (from, to) = (local(period.from, "%Y-%m-%d"), local(period.to, "%Y-%m-%d"));
    if period.length() >= std::time::Duration::from_secs(2 * 86_400) {
        return Path::new(&format!("linkmon-report-{from}-{to}.png")).to_owned();
    }
    let time = |at| local(at, "%Y-%m-%dT%H%M");
    PathBuf::from(format!("linkmon-report-{}-{}.png", time(period.from), time(period.to)))
}
