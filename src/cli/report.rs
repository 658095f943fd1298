//! `linkmon report`: the text, the JSON, the tables, the drawing, the bundle.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::tz::TimeZone;

use super::args::{Data, ReportArgs, ReportFormat};
use super::context::Context;
use super::failure::{self, Usage};
use super::output;
use crate::chart;
use crate::report::bundle::Bundle;
use crate::report::csv::{self, Form};
use crate::report::{self, Method, Report, compare, data, words};
use crate::store::Reader;
use crate::store::rows::Note;
use crate::time::{TimeRange, Timestamp, parse_instant};

pub(super) fn report(args: &ReportArgs, context: &Context) -> anyhow::Result<()> {
    let format = format_of(args)?;
    let file = args.output.as_deref();
    let what = args.what.unwrap_or(Data::Drops);
    if args.compare.is_some() && (format == Some(ReportFormat::Csv) || what != Data::Drops) {
        return Err(Usage::new("a comparison is no table")
            .hint("leave out --compare, or choose `--format text` or `json`")
            .into());
    }
    match (format, what) {
        (Some(ReportFormat::Csv), Data::Drops) => {
            let report = made(args, context)?;
            output::stream_to(file, |out| Ok(csv::write_drops(&report, out)?))
        }
        (Some(ReportFormat::Csv), what) => rows(args, what, Form::Csv, context),
        (Some(ReportFormat::Json), Data::Minutes | Data::Probes) => {
            rows(args, what, Form::Json, context)
        }
        (_, Data::Minutes | Data::Probes) => Err(Usage::new("--what is about csv and json")
            .hint("add `--format csv` or `--format json`")
            .into()),
        (Some(ReportFormat::Text), _) => {
            output::write_to(file, report::text(&made(args, context)?).as_bytes())
        }
        (Some(ReportFormat::Json), _) => {
            output::write_to(file, report::json(&made(args, context)?).as_bytes())
        }
        (Some(ReportFormat::Png), _) => {
            if file.is_none() {
                output::refuse_picture_on_terminal()?;
            }
            output::write_to(file, &drawing(&made(args, context)?)?)
        }
        (Some(ReportFormat::Bundle), _) => bundle(args, context),
        (None, _) => text_and_drawing(&made(args, context)?, &context.zone),
    }
}

/// All of it in one file.
fn bundle(args: &ReportArgs, context: &Context) -> anyhow::Result<()> {
    let Some(path) = &args.output else {
        return Err(Usage::new("where to write the bundle is not said")
            .hint("name a file: `-o report.zip`")
            .into());
    };
    let reader = context.reader()?;
    let made = |reader: &Reader| {
        let report = made_of(reader, args, context)?;
        let renderings = renderings(&report)?;
        output::file_with(path, |file| {
            let bundle = Bundle { report: &report, renderings: &renderings };
            bundle.write(reader, file).map_err(|e| match e {
                data::Error::Write(e) => {
                    anyhow::Error::new(e).context(format!("write {}", path.display()))
                }
                e @ data::Error::Store(_) => e.into(),
            })
        })
    };
    reader.at_once(made)
}

/// What a bundle shows of a report, in the order in which it stands there.
fn renderings(report: &Report) -> anyhow::Result<Vec<(&'static str, Vec<u8>)>> {
    Ok(vec![
        ("report.txt", report::text(report).into_bytes()),
        ("sheet.png", drawing(report)?),
        ("report.json", report::json(report).into_bytes()),
    ])
}

fn text_and_drawing(report: &Report, zone: &TimeZone) -> anyhow::Result<()> {
    let path = default_name(report.period, zone);
    // The drawing is made also when nobody reads the text to its end.
    let told = output::write(report::text(report).as_bytes());
    output::write_file(&path, &drawing(report)?)?;
    failure::say(&format!("the drawing is in {}", path.display()));
    Ok(told?)
}

/// `--format`, else by the ending of `-o`; `None`: the text and the drawing.
fn format_of(args: &ReportArgs) -> Result<Option<ReportFormat>, Usage> {
    let (None, Some(path)) = (args.format, &args.output) else { return Ok(args.format) };
    let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    let ending = ending.to_ascii_lowercase();
    let known = ReportFormat::ENDINGS.iter().find(|(known, _)| *known == ending);
    known.map(|(_, format)| Some(*format)).ok_or_else(|| {
        let endings = ReportFormat::ENDINGS.map(|(known, _)| format!(".{known}"));
        Usage::new(format!("what to write to {} is not said", path.display()))
            .hint(format!("add `--format`, or name a file {}", endings.join(", ")))
    })
}

/// Minutes or probes, as they come.
fn rows(args: &ReportArgs, what: Data, form: Form, context: &Context) -> anyhow::Result<()> {
    let reader = context.reader()?;
    let period = context.period(&args.period, &reader)?;
    let zone = &context.zone;
    let mut damaged = 0;
    output::stream_to(args.output.as_deref(), |out| match what {
        Data::Probes => {
            damaged = data::write_probes(&reader, period, zone, form, out)?;
            Ok(())
        }
        _ => data::write_minutes(&reader, period, zone, form, out),
    })?;
    if damaged > 0 {
        let rows = words::number(damaged);
        failure::say(&format!(
            "{rows} rows of samples (one target, one minute) are damaged and were left out"
        ));
    }
    Ok(())
}

fn made(args: &ReportArgs, context: &Context) -> anyhow::Result<Report> {
    let reader = context.reader()?;
    reader.at_once(|reader| made_of(reader, args, context))
}

fn made_of(reader: &Reader, args: &ReportArgs, context: &Context) -> anyhow::Result<Report> {
    let period = context.period(&args.period, reader)?;
    let border = args.compare.as_deref().map(|text| border(text, period, reader, context));
    let border = border.transpose()?;
    let rows = report::gather(reader, period)?;
    let config = context.config();
    let method = Method::new(config, None);
    let mut report = Report::build(rows, context.zone.clone(), &config.site, context.now, method);
    if let Some((at, note)) = border {
        let elapsed = TimeRange { from: period.from, to: period.to.min(context.now) };
        report.compare = Some(compare::gather(reader, elapsed, at, note)?);
    }
    Ok(report)
}

/// The border that was asked for, and its note where it is one's.
fn border(
    text: &str,
    period: TimeRange,
    reader: &Reader,
    context: &Context,
) -> anyhow::Result<(Timestamp, Option<Note>)> {
    let (at, note) = if let Some(number) = text.strip_prefix("note:") {
        let id = number.parse().map_err(|_| {
            Usage::new(format!("--compare: \"{text}\" names no note"))
                .hint("as in `note:3`; `linkmon note list` lists their numbers")
        })?;
        let found = reader.note_by_id(id)?;
        let path = context.existing_db().to_owned();
        let note = found.ok_or(crate::store::Error::NoNote { path, id })?;
        (note.at, Some(note))
    } else {
        let at = parse_instant(text, context.now, &context.zone)
            .map_err(|e| Usage::new(format!("--compare: {e}")))?;
        (at, None)
    };
    if at <= period.from || at >= period.to.min(context.now) {
        return Err(Usage::new(format!(
            "--compare: {} does not lie within the period, {}",
            words::local_second(at, &context.zone),
            words::span(period, &context.zone)
        ))
        .hint("choose --since so that there is time before it, and --until behind it")
        .into());
    }
    Ok((at, note))
}

fn drawing(report: &Report) -> anyhow::Result<Vec<u8>> {
    chart::sheet_png(report).context("draw the report")
}

/// `linkmon-report-2026-02-02-2026-02-09.png`; with times of day where a day is too coarse.
fn default_name(period: TimeRange, zone: &TimeZone) -> PathBuf {
    let local = |at: Timestamp, pattern: &str| words::local(at, zone, pattern);
    let (from, to) = (local(period.from, "%Y-%m-%d"), local(period.to, "%Y-%m-%d"));
    if period.length() >= std::time::Duration::from_secs(2 * 86_400) {
        return Path::new(&format!("linkmon-report-{from}-{to}.png")).to_owned();
    }
    let time = |at| local(at, "%Y-%m-%dT%H%M");
    PathBuf::from(format!("linkmon-report-{}-{}.png", time(period.from), time(period.to)))
}
