//! `linkmon backup` and `linkmon restore`.

use std::fmt::Write as _;
use std::path::Path;

use super::args::{BackupArgs, RestoreArgs};
use super::context::Context;
use super::output;
use super::usage::Hinted;
use crate::language::words;
use crate::store::{self, Reader};
use crate::time::{TimeRange, Timestamp};

pub(super) fn backup(args: &BackupArgs, context: &Context) -> anyhow::Result<()> {
    let configured = &context.config().backup;
    let keep = args.keep.unwrap_or(configured.keep);
    let keep = usize::try_from(keep).unwrap_or(usize::MAX);
    let copied = store::backup(context.existing_db(), &args.to, keep, context.now)?;
    let mut text = format!("{} ({})\n", copied.path.display(), megabytes(copied.bytes));
    for old in &copied.removed {
        let _ = writeln!(text, "removed {}", old.display());
    }
    Ok(output::write(text.as_bytes())?)
}

pub(super) fn restore(args: &RestoreArgs, context: &Context) -> anyhow::Result<()> {
    let health = store::check_all(&args.file)?;
    if !health.problems.is_empty() {
        return Err(Hinted {
            sentence: format!("{} is damaged: {}", args.file.display(), faults(&health.problems)),
            hint: "use an older copy".to_owned(),
        }
        .into());
    }
    let mut text = String::new();
    let _ = writeln!(text, "restores {}", described(&args.file, context)?);
    let _ = if context.db.exists() {
        writeln!(text, "replaces {}", described(&context.db, context)?)
    } else {
        writeln!(text, "makes    {}", context.db.display())
    };
    if health.damaged_rows > 0 {
        let _ = writeln!(text, "{} rows of samples in it cannot be read", health.damaged_rows);
    }
    if args.yes {
        let kept = store::restore(&args.file, &context.db, context.now)?;
        if let Some(kept) = kept {
            let _ = writeln!(text, "done; the old database is kept as {}", kept.display());
        } else {
            let _ = writeln!(text, "done");
        }
    } else {
        let _ = writeln!(text, "nothing was changed; add --yes to do it");
    }
    Ok(output::write(text.as_bytes())?)
}

/// The first of what is wrong with a file, and how much more there is.
fn faults(problems: &[String]) -> String {
    let first = problems.first().map_or("", String::as_str);
    match problems.len().saturating_sub(1) {
        0 => first.to_owned(),
        more => format!("{first} (and {more} more)"),
    }
}

/// A database in a few words. If it cannot be read, it says so: it can still be replaced.
fn described(path: &Path, context: &Context) -> anyhow::Result<String> {
    let bytes = std::fs::metadata(path)?.len();
    let name = format!("{} ({}", path.display(), megabytes(bytes));
    let described = || -> Result<String, store::Error> {
        let reader = Reader::open(path)?;
        let ever = TimeRange {
            from: Timestamp::from_micros(i64::MIN),
            to: Timestamp::from_micros(i64::MAX),
        };
        let drops = words::count(reader.drops(ever)?.len(), "drop", "drops");
        let simulated = if reader.simulated()?.is_any() { "simulated, " } else { "" };
        Ok(match reader.extent()? {
            Some(extent) => {
                format!("{simulated}{}, {drops}", words::span(extent, &context.zone))
            }
            None => format!("{simulated}no samples, {drops}"),
        })
    };
    let what = described().unwrap_or_else(|e| format!("not readable: {e}"));
    Ok(format!("{name}, {what})"))
}

fn megabytes(bytes: u64) -> String {
    let tenths = bytes.div_ceil(100_000);
    format!("{}.{} MB", tenths / 10, tenths % 10)
}
