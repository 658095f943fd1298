//! `linkmon export`: what the record has of a period, as CSV, JSON lines or Parquet.

#[cfg(feature = "parquet")]
mod parquet;
mod probe_lines;

use probe_lines::{ExportedLines, LineForm};

use super::args::{ExportArgs, ExportFormat};
use super::context::Context;
use super::output;
use super::progress::Progress;
use super::protected::refuse_to_replace;
use super::removed::RemovedParts;
use super::sql::{json_line, write_csv};
use super::usage::{Hinted, Usage};
use crate::render::csv::SIMULATED;
use crate::render::data;
use crate::store::{self, Exported, Reader, SqlCell, Take};
use crate::text::csv;
use crate::time::TimeRange;

pub(super) fn export(args: &ExportArgs, context: &Context) -> anyhow::Result<()> {
    let format = format_of(args)?;
    refuse_what_is_not_built(format)?;
    let file = args.output.as_deref();
    if let Some(file) = file {
        refuse_to_replace(file, context)?;
    }
    if format == ExportFormat::Parquet && file.is_none() {
        let instead = "name a file (`-o probes.parquet`) or a program (`> probes.parquet`)";
        output::refuse_on_terminal("Parquet", instead)?;
    }
    let (reader, period) = context.reader_and_period(&args.period)?;
    let what = args.what;
    warn_of_removed(what, &reader, period, context)?;
    let simulated = Some(reader.simulated()?).filter(|share| share.is_any());
    drop(reader);
    // Rows on standard output are progress enough.
    let _progress = file.is_some().then(|| Progress::start("reading the record"));
    let rows = |each: &mut Take<'_, data::Error>| {
        let database = context.existing_db();
        let Some(share) = simulated else { return store::export(database, what, period, each) };
        // A record that was not measured says so in each row.
        store::export(database, what, period, &mut |names, cells| {
            let names: Vec<_> = names.iter().cloned().chain([SIMULATED.to_owned()]).collect();
            let mark = (!cells.is_empty()).then(|| SqlCell::Text(share.as_str().to_owned()));
            let cells: Vec<_> = cells.iter().cloned().chain(mark).collect();
            each(&names, &cells)
        })
    };
    let line_form = match format {
        ExportFormat::Csv => Some(LineForm::Csv),
        ExportFormat::Jsonl => Some(LineForm::Json),
        ExportFormat::Parquet => None,
    };
    if let (Exported::Probes, Some(form), None) = (what, line_form, simulated) {
        return output::stream_to(file, |out| {
            let names: Vec<&str> = what.columns().iter().map(|(name, _)| *name).collect();
            let mut lines = ExportedLines::new(form, &names, out);
            let put = &mut |row: &_| Ok::<_, data::Error>(lines.put(row)?);
            store::each_probe(context.existing_db(), period, put)?;
            Ok(lines.flush()?)
        });
    }
    output::stream_to(file, |out| match format {
        ExportFormat::Csv => {
            let mut lines = csv::writer(out);
            rows(&mut |names, cells| Ok(write_csv(&mut lines, names, cells)?))?;
            Ok(lines.flush()?)
        }
        ExportFormat::Jsonl => {
            rows(&mut |names, cells| Ok(out.write_all(json_line(names, cells).as_bytes())?))
        }
        #[cfg(feature = "parquet")]
        ExportFormat::Parquet => {
            let mark = simulated.map(|_| (SIMULATED, store::ExportKind::Text));
            let columns: Vec<_> = what.columns().iter().copied().chain(mark).collect();
            let mut table = parquet::ParquetTable::new(&columns, out)?;
            rows(&mut |_, cells| Ok(table.row(cells)?))?;
            Ok(table.finish()?)
        }
        // Refused above.
        #[cfg(not(feature = "parquet"))]
        ExportFormat::Parquet => Err(std::io::Error::from(std::io::ErrorKind::Unsupported).into()),
    })
}

/// Says what is no longer kept of the rows that were asked for.
fn warn_of_removed(
    what: Exported,
    reader: &Reader,
    period: TimeRange,
    context: &Context,
) -> anyhow::Result<()> {
    let zone = &context.zone;
    let (removed, what, hint) = match what {
        Exported::Probes => {
            let removed = RemovedParts::of(reader, period, zone)?;
            (removed, "single probes are", "`linkmon export minutes` or `hours` has what is left")
        }
        Exported::Minutes => {
            let removed = RemovedParts::of_minutes(reader, period, zone)?;
            (removed, "the summaries of minutes are", "`linkmon export hours` has what is left")
        }
        Exported::Hours | Exported::Drops => return Ok(()),
    };
    removed.refuse_if_all(what, hint)?;
    removed.warn(what);
    Ok(())
}

/// A format that this linkmon was built without.
fn refuse_what_is_not_built(format: ExportFormat) -> Result<(), Hinted> {
    if format != ExportFormat::Parquet || cfg!(feature = "parquet") {
        return Ok(());
    }
    Err(Hinted {
        sentence: "this linkmon was built without Parquet".to_owned(),
        hint: "choose csv or jsonl, or build it with `--features parquet`".to_owned(),
    })
}

/// `--format`, otherwise by the extension of `-o`.
fn format_of(args: &ExportArgs) -> Result<ExportFormat, Usage> {
    let path = match (args.format, &args.output) {
        (Some(format), _) => return Ok(format),
        (None, None) => return Ok(ExportFormat::Csv),
        (None, Some(path)) => path,
    };
    let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    let ending = ending.to_ascii_lowercase();
    let known = ExportFormat::ENDINGS.iter().find(|(known, _)| *known == ending);
    known.map(|(_, format)| *format).ok_or_else(|| {
        let endings = ExportFormat::ENDINGS.map(|(known, _)| format!(".{known}"));
        Usage::new(format!("cannot determine the format from the name {}", path.display()))
            .hint(format!("add `--format`, or use one of the extensions {}", endings.join(", ")))
    })
}
