//! `linkmon report`: texts, tables, drawings, the bundle. `made` gathers what they show.

mod made;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::tz::TimeZone;

use super::args::{Data, ReportArgs, ReportFormat};
use super::context::Context;
use super::failure;
use super::output;
use super::progress::Progress;
use super::protected::refuse_to_replace;
use super::removed::RemovedParts;
use super::usage::Usage;
use crate::chart::{self, Paper, Theme};
use crate::language::words;
use crate::prose;
use crate::render::bundle::{Bundle, PackedProbes};
use crate::render::csv::{self, Form};
use crate::render::{self, data};
use crate::report::{Disclosure, Report};
use crate::store::Reader;
use crate::time::{TimeRange, Timestamp};
use made::MadeReport;

pub(super) fn report(args: &ReportArgs, context: &Context) -> anyhow::Result<()> {
    use ReportFormat as F;
    let format = format_of(args)?;
    refuse_contradictions(args, format)?;
    let file = args.output.as_deref();
    if let Some(file) = file {
        refuse_to_replace(file, context)?;
    }
    match (format, args.what) {
        (Some(F::Csv), Some(what @ (Data::Minutes | Data::Probes))) => {
            return rows(args, what, Form::Csv, context);
        }
        (Some(_), Some(what @ (Data::Minutes | Data::Probes))) => {
            return rows(args, what, Form::Json, context);
        }
        (Some(F::Bundle), _) => return bundle(args, context),
        _ => {}
    }
    if matches!(format, Some(F::Png | F::Pdf)) && file.is_none() {
        let instead = "name a file (`-o report.png`) or a program (`| display`)";
        output::refuse_on_terminal("a picture", instead)?;
    }
    let progress = Progress::start("reading the record");
    let made = MadeReport::of(args, context)?;
    let report = made.report();
    let drawing = || {
        progress.now("drawing");
        made.drawing(theme(args)).context("draw the report")
    };
    let text = |text: String| output::write_to(file, text.as_bytes());
    match format {
        Some(F::Text) => {
            let ticket = ticket(report, args)?;
            discloses(report);
            remind_of_account(report);
            text(ticket)
        }
        Some(F::Full) => text(render::text(report)),
        Some(F::Letter) => {
            remind_of_account(report);
            text(render::letter(report))
        }
        Some(F::Answers) => text(render::answers(report)),
        Some(F::Md) => text(render::markdown(report)),
        Some(F::Html) => {
            progress.now("drawing");
            text(html(report, &made.page_drawings(theme(args)).context("draw the report")?)?)
        }
        Some(F::Json) => text(render::json(report)),
        Some(F::Csv) => output::stream_to(file, |out| Ok(csv::write_drops(report, out)?)),
        Some(F::Svg) => text(drawing()?.svg_with_font()?),
        Some(F::Png) => output::write_to(file, &drawing()?.png()?),
        Some(F::Pdf) => output::write_to(file, &drawing()?.pdf(paper(args))?),
        Some(F::Bundle) | None => {
            let path = default_name(args.drop, report.period, &context.zone);
            refuse_to_replace(&path, context)?;
            // The drawing is made even if the reader of the text is gone.
            let printed = output::write(ticket(report, args)?.as_bytes());
            output::write_file(&path, &drawing()?.png()?)?;
            failure::say(&format!("the drawing is in {}", path.display()));
            discloses(report);
            Ok(printed?)
        }
    }
}

/// Flags that contradict each other, each with what to do about it.
fn refuse_contradictions(args: &ReportArgs, format: Option<ReportFormat>) -> Result<(), Usage> {
    use ReportFormat as F;
    let rows = matches!(args.what, Some(Data::Minutes | Data::Probes));
    if args.max_chars.is_some() && !matches!(format, None | Some(F::Text)) {
        return Err(Usage::new("--max-chars only applies to the ticket text")
            .hint("leave it out, or add `--format text`"));
    }
    let draws = matches!(format, None | Some(F::Html | F::Svg | F::Png | F::Pdf | F::Bundle));
    if args.theme.is_some() && !draws {
        return Err(Usage::new("--theme only applies to drawings")
            .hint("leave it out, or choose `--format png`, `svg`, `pdf`, `html` or `bundle`"));
    }
    if args.paper.is_some() && !matches!(format, Some(F::Pdf | F::Bundle)) {
        return Err(
            Usage::new("--paper only applies to a PDF").hint("leave it out, or add `--format pdf`")
        );
    }
    if args.raw && format != Some(F::Bundle) {
        return Err(Usage::new("--raw only applies to a bundle")
            .hint("leave it out, or add `--format bundle`"));
    }
    if args.compare.is_some() && (format == Some(F::Csv) || rows) {
        return Err(Usage::new("a comparison cannot be written as a table")
            .hint("leave out --compare, or choose `--format text` or `json`"));
    }
    if args.what.is_some() && !matches!(format, Some(F::Csv | F::Json)) {
        return Err(Usage::new("--what only applies to csv and json")
            .hint("add `--format csv` or `--format json`"));
    }
    if args.redact && (rows || format == Some(F::Bundle)) {
        return Err(Usage::new("rows of the record and bundles cannot be redacted")
            .hint("leave out --redact, or choose another format"));
    }
    if args.drop.is_some() && (rows || format == Some(F::Bundle)) {
        return Err(Usage::new("rows and bundles cover a period, not a drop")
            .hint("give the period around the drop: `--since drop:12`"));
    }
    Ok(())
}

/// Everything in one file.
fn bundle(args: &ReportArgs, context: &Context) -> anyhow::Result<()> {
    let Some(path) = &args.output else {
        return Err(Usage::new("a bundle needs a file to be written to")
            .hint("name a file: `-o report.zip`")
            .into());
    };
    let _progress = Progress::start("packing the record");
    let reader = context.reader()?;
    let made = |reader: &Reader| {
        let report = made::of_period(reader, args, context)?;
        let renderings = renderings(&report, args)?;
        output::file_with(path, |file| {
            let probes = if args.raw { PackedProbes::All } else { PackedProbes::OfDrops };
            let bundle = Bundle { report: &report, renderings: &renderings, probes };
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

/// The renderings of a report in a bundle, in their order there.
fn renderings(report: &Report, args: &ReportArgs) -> anyhow::Result<Vec<(&'static str, Vec<u8>)>> {
    let drawing = chart::sheet(report, theme(args)).context("draw the report")?;
    let mut renderings = vec![
        ("ticket.txt", ticket(report, args)?.into_bytes()),
        ("report.txt", render::text(report).into_bytes()),
        ("report.html", html(report, &chart::page_sheets(report, theme(args))?)?.into_bytes()),
        ("sheet.png", drawing.png()?),
    ];
    if cfg!(feature = "pdf") {
        renderings.push(("sheet.pdf", drawing.pdf(paper(args))?));
    }
    renderings.push(("report.json", render::json(report).into_bytes()));
    Ok(renderings)
}

fn html(report: &Report, drawings: &[chart::Drawing]) -> anyhow::Result<String> {
    let pictures: Result<Vec<_>, _> = drawings.iter().map(chart::Drawing::svg_for_pages).collect();
    Ok(render::html(report, &pictures?))
}

/// `--format`, otherwise by the extension of `-o`; `None`: the text and the drawing.
fn format_of(args: &ReportArgs) -> Result<Option<ReportFormat>, Usage> {
    let (None, Some(path)) = (args.format, &args.output) else { return Ok(args.format) };
    let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    let ending = ending.to_ascii_lowercase();
    let known = ReportFormat::ENDINGS.iter().find(|(known, _)| *known == ending);
    known.map(|(_, format)| Some(*format)).ok_or_else(|| {
        let endings = ReportFormat::ENDINGS.map(|(known, _)| format!(".{known}"));
        Usage::new(format!("cannot determine the format from the name {}", path.display()))
            .hint(format!("add `--format`, or use one of the extensions {}", endings.join(", ")))
    })
}

/// Minutes or probes, as they come.
fn rows(args: &ReportArgs, what: Data, form: Form, context: &Context) -> anyhow::Result<()> {
    let (reader, period) = context.reader_and_period(&args.period)?;
    let zone = &context.zone;
    let (removed, name) = match what {
        Data::Probes => (RemovedParts::of(&reader, period, zone)?, "single probes are"),
        _ => (RemovedParts::of_minutes(&reader, period, zone)?, "the summaries of minutes are"),
    };
    removed.refuse_if_all(name, "`linkmon export hours` has what is left")?;
    removed.warn(name);
    // Rows on standard output are progress enough.
    let _progress = args.output.is_some().then(|| Progress::start("reading the record"));
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

fn ticket(report: &Report, args: &ReportArgs) -> Result<String, Usage> {
    let most = args.max_chars.unwrap_or(render::TICKET_CHARS);
    render::ticket(report, most).map_err(|e| Usage::new(format!("--max-chars: {e}")))
}

fn theme(args: &ReportArgs) -> Theme {
    args.theme.unwrap_or_default()
}

fn paper(args: &ReportArgs) -> Paper {
    args.paper.unwrap_or_default()
}

/// Warns on standard error what the text discloses to a stranger; in the text there is no room for
/// it.
fn discloses(report: &Report) {
    if report.disclosure == Disclosure::Open {
        failure::say(&prose::disclosure(report));
    }
}

/// Says on standard error that the text has no customer number.
fn remind_of_account(report: &Report) {
    if report.site.account.is_none() && report.disclosure == Disclosure::Open {
        failure::say(prose::no_account(report));
    }
}

/// `linkmon-drop-12.png`, `linkmon-report-2026-02-02-2026-02-09.png`; with times of day where a day
/// is too coarse.
fn default_name(drop: Option<i64>, period: TimeRange, zone: &TimeZone) -> PathBuf {
    if let Some(id) = drop {
        return PathBuf::from(format!("linkmon-drop-{id}.png"));
    }
    let local = |at: Timestamp, pattern: &str| words::local(at, zone, pattern);
    let (from, to) = (local(period.from, "%Y-%m-%d"), local(period.to, "%Y-%m-%d"));
    if period.length() >= std::time::Duration::from_secs(2 * 86_400) {
        return Path::new(&format!("linkmon-report-{from}-{to}.png")).to_owned();
    }
    let time = |at| local(at, "%Y-%m-%dT%H%M");
    PathBuf::from(format!("linkmon-report-{}-{}.png", time(period.from), time(period.to)))
}
