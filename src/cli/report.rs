//! `linkmon report`: the text, the JSON, the drawing.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::tz::TimeZone;

use super::args::{ReportArgs, ReportFormat};
use super::context::Context;
use super::failure::{self, Usage};
use super::output;
use crate::chart;
use crate::report::{self, Detail, Method, Report};
use crate::store::Reader;
use crate::time::{TimeRange, Timestamp};

pub(super) fn report(args: &ReportArgs, context: &Context) -> anyhow::Result<()> {
    let format = format_of(args)?;
    let is_binary = matches!(format, Some(ReportFormat::Png | ReportFormat::Pdf));
    if is_binary && args.output.is_none() {
        output::refuse_picture_on_terminal()?;
    }
    let made = match args.drop {
        Some(id) => Made::Drop(Box::new(detail(id, context)?)),
        None => Made::Period(Box::new(made(args, context)?)),
    };
    let report = made.report();
    let drawing = || made.drawing(args.theme.into()).context("draw the report");
    let file = args.output.as_deref();
    match format {
        Some(ReportFormat::Text) => output::write_to(file, report::text(report).as_bytes()),
        Some(ReportFormat::Json) => output::write_to(file, report::json(report).as_bytes()),
        Some(ReportFormat::Png) => output::write_to(file, &drawing()?.png()?),
        Some(ReportFormat::Svg) => output::write_to(file, drawing()?.svg_with_font()?.as_bytes()),
        Some(ReportFormat::Pdf) => output::write_to(file, &drawing()?.pdf(args.paper.into())?),
        None => {
            let path = default_name(args.drop, report.period, &context.zone);
            // The drawing is made also when nobody reads the text to its end.
            let told = output::write(report::text(report).as_bytes());
            output::write_file(&path, &drawing()?.png()?)?;
            failure::say(&format!("the drawing is in {}", path.display()));
            Ok(told?)
        }
    }
}

/// What was asked for.
enum Made {
    Period(Box<Report>),
    Drop(Box<Detail>),
}

impl Made {
    fn report(&self) -> &Report {
        match self {
            Self::Period(report) => report,
            Self::Drop(detail) => &detail.report,
        }
    }

    fn drawing(&self, theme: chart::Theme) -> Result<chart::Drawing, chart::Error> {
        match self {
            Self::Period(report) => chart::sheet(report, theme),
            Self::Drop(detail) => chart::drop_sheet(detail, theme),
        }
    }
}

/// `--format`, else by the ending of `-o`; `None`: the text and the drawing.
fn format_of(args: &ReportArgs) -> Result<Option<ReportFormat>, Usage> {
    let (None, Some(path)) = (args.format, &args.output) else { return Ok(args.format) };
    let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    match ending.to_ascii_lowercase().as_str() {
        "txt" => Ok(Some(ReportFormat::Text)),
        "json" => Ok(Some(ReportFormat::Json)),
        "png" => Ok(Some(ReportFormat::Png)),
        "svg" => Ok(Some(ReportFormat::Svg)),
        "pdf" => Ok(Some(ReportFormat::Pdf)),
        _ => Err(Usage::new(format!("what to write to {} is not said", path.display()))
            .hint("add `--format` and one of `text`, `json`, `png`, `svg` and `pdf`, or name a file .txt, .json, .png, .svg or .pdf")),
    }
}

fn made(args: &ReportArgs, context: &Context) -> anyhow::Result<Report> {
    let reader = context.reader()?;
    let period = context.period(&args.period, &reader)?;
    of_period(&reader, period, context)
}

fn of_period(reader: &Reader, period: TimeRange, context: &Context) -> anyhow::Result<Report> {
    let rows = report::gather(reader, period)?;
    let config = context.config();
    let method = Method::new(config, None);
    Ok(Report::build(rows, context.zone.clone(), &config.site, context.now, method))
}

/// One drop, with the minutes around it.
fn detail(id: i64, context: &Context) -> anyhow::Result<Detail> {
    let reader = context.reader()?;
    let missing = || {
        Usage::new(format!("--drop: there is no drop {id} in {}", context.existing_db().display()))
            .hint("`linkmon drops` lists their numbers")
    };
    let found = reader.drop_by_id(id)?.ok_or_else(missing)?.drop;
    let end = found.end.map(|end| end.latest);
    let windows = report::drop_windows(found.onset.earliest, end, context.now);
    let (Some(first), Some(last)) = (windows.first(), windows.last()) else {
        return Err(missing().into());
    };
    let period = TimeRange { from: first.from, to: last.to };
    let report = of_period(&reader, period, context)?;
    Ok(Detail::read(&reader, report, id, windows)?.ok_or_else(missing)?)
}

/// `linkmon-drop-12.png`, `linkmon-report-2026-02-02-2026-02-09.png`; with times of day where a day is too coarse.
fn default_name(drop: Option<i64>, period: TimeRange, zone: &TimeZone) -> PathBuf {
    if let Some(id) = drop {
        return PathBuf::from(format!("linkmon-drop-{id}.png"));
    }
    let local = |at: Timestamp, pattern: &str| report::words::local(at, zone, pattern);
    let (from, to) = (local(period.from, "%Y-%m-%d"), local(period.to, "%Y-%m-%d"));
    if period.length() >= std::time::Duration::from_secs(2 * 86_400) {
        return Path::new(&format!("linkmon-report-{from}-{to}.png")).to_owned();
    }
    let time = |at| local(at, "%Y-%m-%dT%H%M");
    PathBuf::from(format!("linkmon-report-{}-{}.png", time(period.from), time(period.to)))
}
