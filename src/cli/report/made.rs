//! The subject of a report: a period, with its comparison if one was asked for, or one drop with the
//! minutes around it; in the language asked for, and redacted before anything is rendered.

use crate::chart::{self, Theme};
use crate::cli::args::ReportArgs;
use crate::cli::context::Context;
use crate::cli::usage::Usage;
use crate::language::words;
use crate::report::{self, Detail, Method, Report, compare};
use crate::store::Reader;
use crate::time::{TimeRange, Timestamp, parse_instant};
use crate::vocabulary::Note;

/// The report that was asked for.
pub(super) enum MadeReport {
    Period(Box<Report>),
    Drop(Box<Detail>),
}

impl MadeReport {
    pub(super) fn of(args: &ReportArgs, context: &Context) -> anyhow::Result<Self> {
        context.check_typed(&args.period)?;
        let reader = context.reader()?;
        reader.at_once(|reader| match args.drop {
            Some(id) => Ok(Self::Drop(Box::new(detail(reader, id, args, context)?))),
            None => Ok(Self::Period(Box::new(of_period(reader, args, context)?))),
        })
    }

    pub(super) fn report(&self) -> &Report {
        match self {
            Self::Period(report) => report,
            Self::Drop(detail) => &detail.report,
        }
    }

    pub(super) fn drawing(&self, theme: Theme) -> Result<chart::Drawing, chart::Error> {
        match self {
            Self::Period(report) => chart::sheet(report, theme),
            Self::Drop(detail) => chart::drop_sheet(detail, theme),
        }
    }
}

impl MadeReport {
    /// The drawings of a page that says the rest in words.
    pub(super) fn page_drawings(&self, theme: Theme) -> Result<Vec<chart::Drawing>, chart::Error> {
        match self {
            Self::Period(report) => chart::page_sheets(report, theme),
            Self::Drop(detail) => chart::drop_page_sheets(detail, theme),
        }
    }
}

/// The report on the period that was asked for.
pub(super) fn of_period(
    reader: &Reader,
    args: &ReportArgs,
    context: &Context,
) -> anyhow::Result<Report> {
    built(reader, context.period(&args.period, reader)?, args, context)
}

fn built(
    reader: &Reader,
    period: TimeRange,
    args: &ReportArgs,
    context: &Context,
) -> anyhow::Result<Report> {
    let border = args.compare.as_deref().map(|text| border(text, period, reader, context));
    let border = border.transpose()?;
    let config = context.config();
    let rows = report::gather(reader, period, config.site.line.as_deref())?;
    let method = Method::new(config, None);
    let mut report = Report::build(rows, context.zone.clone(), &config.site, context.now, method);
    report.language = args.lang.unwrap_or(config.report.language);
    report.record.chain = reader.chain_head()?.map(Into::into);
    if let Some((at, note)) = border {
        let elapsed = TimeRange { from: period.from, to: period.to.min(context.now) };
        report.analyses.compare =
            Some(compare::gather(reader, elapsed, at, note, config.site.line.as_deref())?);
    }
    Ok(if args.redact { report.redacted() } else { report })
}

/// One drop, with the minutes around it.
fn detail(
    reader: &Reader,
    id: i64,
    args: &ReportArgs,
    context: &Context,
) -> anyhow::Result<Detail> {
    let missing = || {
        Usage::new(format!("--drop: there is no drop {id} in {}", context.existing_db().display()))
            .hint("`linkmon drops` lists their numbers")
    };
    let windows = report::windows_of_drop(reader, id, context.now)?.ok_or_else(missing)?;
    let (Some(first), Some(last)) = (windows.first(), windows.last()) else {
        return Err(missing().into());
    };
    let period = TimeRange { from: first.from, to: last.to };
    let mut report = built(reader, period, args, context)?;
    report.focus = Some(id);
    Ok(Detail::read(reader, report, id, windows)?.ok_or_else(missing)?)
}

/// The border that was asked for, and its note if it was given by a note.
fn border(
    text: &str,
    period: TimeRange,
    reader: &Reader,
    context: &Context,
) -> anyhow::Result<(Timestamp, Option<Note>)> {
    let (at, note) = if let Some(number) = text.strip_prefix("note:") {
        let id = number.parse().map_err(|_| {
            Usage::new(format!("--compare: \"{text}\" does not name a note"))
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
            "--compare: {} is not within the period, {}",
            words::local_second(at, &context.zone),
            words::span(period, &context.zone)
        ))
        .hint("choose --since and --until so that there is time before and after it")
        .into());
    }
    Ok((at, note))
}
