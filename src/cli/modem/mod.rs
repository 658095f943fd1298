//! `linkmon modem`: what the modem shows, each level judged.

mod document;
mod live;
mod save;
mod text;

use std::path::Path;

use anyhow::Context as _;

use super::args::{ModemArgs, TextOrJson};
use super::context::Context;
use super::output::write;
use super::usage::{Hinted, Usage};
use crate::modem::{ModemPage, parse, recognise};
use crate::time::Timestamp;
use crate::vocabulary::{ModemKind, ModemSnapshot};

/// No page of a modem is larger.
const LARGEST_PAGE: u64 = 8 << 20;

/// What a modem shows, and what is known of its clock.
pub(super) struct ShownModem<'a> {
    pub(super) kind: ModemKind,
    pub(super) snapshot: &'a ModemSnapshot,
    /// When it started, where that is known.
    pub(super) boot: Option<Timestamp>,
    /// By how much its clock, read as UTC, is ahead of the time here; not known of saved pages.
    pub(super) clock_offset_s: Option<f64>,
}

pub(super) fn modem(args: &ModemArgs, context: &Context) -> anyhow::Result<()> {
    if args.from.is_empty() { live::modem(args, context) } else { saved(args, context) }
}

fn saved(args: &ModemArgs, context: &Context) -> anyhow::Result<()> {
    let pages: Vec<ModemPage> =
        args.from.iter().map(|path| page(path)).collect::<Result<_, _>>()?;
    if let Some(directory) = &args.save {
        save::save(directory, &pages)?;
    }
    let Some(kind) = args.kind.or_else(|| recognise(&pages)) else {
        return Err(unknown(&pages).into());
    };
    let mut snapshot = parse(kind, &pages).map_err(|error| Hinted {
        sentence: error.to_string(),
        hint: "docs/modems.md says what pages are needed, and how a modem is added".to_owned(),
    })?;
    snapshot.notes.push(
        "read from saved pages: the zone of the modem's clock is not known, so its times are as it shows them"
            .to_owned(),
    );
    let shown = ShownModem { kind, snapshot: &snapshot, boot: None, clock_offset_s: None };
    show(&shown, args, context)
}

/// Prints it as asked for.
fn show(shown: &ShownModem<'_>, args: &ModemArgs, context: &Context) -> anyhow::Result<()> {
    let printed = match args.format {
        TextOrJson::Text => text::text(shown, args.limits, context.paint()),
        TextOrJson::Json => document::json(shown, args.limits)?,
    };
    Ok(write(printed.as_bytes())?)
}

fn page(path: &Path) -> anyhow::Result<ModemPage> {
    let reading = || format!("read {}", path.display());
    let size = std::fs::metadata(path).with_context(reading)?.len();
    if size > LARGEST_PAGE {
        return Err(
            Usage::new(format!("{} is larger than any page of a modem", path.display())).into()
        );
    }
    let body = std::fs::read(path).with_context(reading)?;
    let name = path
        .file_name()
        .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into());
    Ok(ModemPage { path: name, body })
}

fn unknown(pages: &[ModemPage]) -> Hinted {
    let names: Vec<&str> = pages.iter().map(|page| page.path.as_str()).collect();
    Hinted {
        sentence: format!("no modem that is known has these pages: {}", names.join(", ")),
        hint: "name it with --kind, or send its pages in: --save DIR masks what names you, and \
               docs/modems.md says how a modem is added"
            .to_owned(),
    }
}
