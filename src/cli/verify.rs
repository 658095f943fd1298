//! `linkmon verify`: whether a bundle is as it was packed, and a record as it was when its hours
//! were over.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _};
use std::path::Path;

use anyhow::{Context as _, bail};

use super::args::VerifyArgs;
use super::context::Context;
use super::{output, stamp};
use crate::language::words;
use crate::render::bundle::manifest::Manifest;
use crate::render::bundle::recompute::RecomputedChain;
use crate::render::bundle::verify::check;
use crate::report::Chain;
use crate::store::{self, Digest, HeadStamp, Reader};
use crate::time::Timestamp;

pub(super) fn verify(args: &VerifyArgs, context: &Context) -> anyhow::Result<()> {
    let Some(path) = &args.file else { return record(context.existing_db(), args.head, context) };
    let name = path.display();
    // Before it is opened: a pipe would wait for a writer.
    let kind = std::fs::metadata(path).with_context(|| format!("read {name}"))?;
    if kind.is_dir() {
        bail!("read {name}: it is a directory");
    }
    if !kind.is_file() {
        bail!("read {name}: it is not a plain file");
    }
    let mut file = File::open(path).with_context(|| format!("read {name}"))?;
    let mut first = [0; 16];
    let begins = file.read_exact(&mut first).is_ok();
    if begins && first == *b"SQLite format 3\0" {
        drop(file);
        return record(path, args.head, context);
    }
    file.rewind().with_context(|| format!("read {name}"))?;
    bundle(path, file, args.head, context)
}

fn bundle(path: &Path, file: File, noted: Option<Digest>, context: &Context) -> anyhow::Result<()> {
    let name = path.display();
    let checked = check(BufReader::with_capacity(64 << 10, file));
    let mut text = String::new();
    for finding in &checked.findings {
        let _ = writeln!(text, "{name}: {finding}");
    }
    if checked.findings.is_empty()
        && let (Some(manifest), Some(sum)) = (&checked.manifest, &checked.manifest_sha256)
    {
        text += &summary(&name.to_string(), manifest, sum, context);
        text += &recomputed(checked.chain.as_ref());
    }
    let entry = noted.and_then(|head| checked.chain.as_ref()?.chain.entry_of(head));
    if let (Some(head), Some(entry)) = (noted, entry) {
        let entry = words::number(entry.unsigned_abs());
        let _ = writeln!(text, "noted     {head} is entry {entry} of its chain");
    }
    output::write(text.as_bytes())?;
    match checked.findings.len() {
        0 if noted.is_some() && checked.chain.is_none() => {
            bail!("{name} carries no chain: whether its record had that head cannot be said")
        }
        0 if noted.is_some() && entry.is_none() => {
            bail!(
                "that head is not in the chain of {name}: it is of a later time or of another record"
            )
        }
        0 => Ok(()),
        // Of the record before it was packed, too.
        n => bail!("{name} does not hold: {}", words::count(n, "finding", "findings")),
    }
}

/// What a bundle says about itself.
fn summary(name: &str, manifest: &Manifest, sum: &str, context: &Context) -> String {
    let clean = |text: &str| -> String { text.chars().filter(|c| !c.is_control()).collect() };
    let files = words::count(manifest.files.len() + 1, "file", "files");
    let mut text = format!(
        "{name}: {files}, all as they were packed\n\
         made      {} by {}\n\
         period    {} to {}\n\
         manifest  SHA-256 {sum}\n",
        words::local_second(manifest.made, &context.zone),
        clean(&manifest.made_by),
        words::local_second(manifest.period.from, &context.zone),
        words::local_second(manifest.period.to, &context.zone),
    );
    if manifest.record.made_by.ends_with("(simulated)") {
        let _ = writeln!(text, "record    by {}: not measured", clean(&manifest.record.made_by));
    }
    if let Some(chain) = &manifest.chain {
        text += &clean(&head_line(chain, context));
        text.push('\n');
    }
    text
}

/// What was recomputed of the chain in a bundle.
fn recomputed(chain: Option<&RecomputedChain>) -> String {
    let Some(RecomputedChain { hours, covered, stamps, .. }) = chain else {
        return "          it carries no chain that could be recomputed\n".to_owned();
    };
    let count =
        |n: u64, one, many| words::count(usize::try_from(n).unwrap_or(usize::MAX), one, many);
    let mut text = format!(
        "          recomputed from its first entry on; the samples of {} are those of their entries\n",
        count(*covered, "hour", "hours")
    );
    for (n, what) in [
        (
            hours - covered,
            count(hours - covered, "hour", "hours") + " of samples are not in it yet",
        ),
        (*stamps, count(*stamps, "time stamp", "time stamps") + " of its heads"),
    ] {
        if n > 0 {
            let _ = writeln!(text, "          {what}");
        }
    }
    text
}

/// `chain     SHA-256 3f5a…, 71 entries up to the hour of 2026-11-02 22:00:00 -05:00`
fn head_line(chain: &Chain, context: &Context) -> String {
    let entries = words::number(chain.entries.unsigned_abs());
    let noun = if chain.entries == 1 { "entry" } else { "entries" };
    let hour = words::local_second(chain.hour, &context.zone);
    format!("chain     SHA-256 {}, {entries} {noun} up to the hour of {hour}", chain.head)
}

/// Time stamps of heads that the chain does not have.
fn foreign_stamps(
    reader: &Reader,
    mut stamps: Vec<HeadStamp>,
) -> Result<Vec<HeadStamp>, store::Error> {
    if !stamps.is_empty() {
        reader.for_each_entry(&mut |entry| {
            stamps.retain(|stamp| (stamp.seq, stamp.head) != (entry.seq, entry.head));
            Ok::<_, store::Error>(())
        })?;
    }
    Ok(stamps)
}

/// The rows of a database against its chain, and a head against the heads that it had.
#[allow(clippy::too_many_lines, reason = "a finding after another")]
fn record(path: &Path, noted: Option<Digest>, context: &Context) -> anyhow::Result<()> {
    let name = path.display();
    let reader = Reader::open(path)?;
    let found = match noted {
        Some(head) => reader.verify_head(head, context.now)?,
        None => reader.verify_chain()?,
    };
    let hours = |n: u64| words::count(usize::try_from(n).unwrap_or(usize::MAX), "hour", "hours");
    let closed = |n: u64| {
        words::count(usize::try_from(n).unwrap_or(usize::MAX), "closed hour", "closed hours")
    };
    let hour_of = |hour: i64| {
        words::local_second(Timestamp::from_seconds(hour.saturating_mul(3_600)), &context.zone)
    };
    let mut text = String::new();
    match (found.head, found.first_broken) {
        (None, _) => {
            let _ = writeln!(text, "{name}: its chain has no hour yet");
        }
        (Some(_), None) => {
            let _ = writeln!(text, "{name}: {}, unchanged", closed(found.whole));
        }
        (Some(_), Some(first)) => {
            let _ = writeln!(
                text,
                "{name}: {} changed afterwards; the first is that of {}: {}",
                closed(found.broken),
                hour_of(first.hour),
                first.what.as_str()
            );
        }
    }
    for (n, what) in [
        (found.gone, "removed for lack of space or because of their age"),
        (
            found.added_again,
            "added again later, when more data for them arrived (an import, a merge)",
        ),
        (found.due, "with measurements that are in no entry yet: linkmon adds them when it runs"),
    ] {
        if n > 0 {
            let _ = writeln!(text, "          {} {what}", hours(n));
        }
    }
    if let Some(head) = found.head {
        let _ = writeln!(text, "{}", head_line(&head.into(), context));
    }
    let stamps = reader.stamps()?;
    if let Some(newest) = stamps.last() {
        let _ = write!(text, "stamp     {}", stamp::line(newest, context));
    }
    let foreign = foreign_stamps(&reader, stamps)?;
    for stamp in &foreign {
        let _ = write!(text, "{name}: of another chain: {}", stamp::line(stamp, context));
    }
    match (noted, found.noted) {
        (Some(head), Some(check)) => {
            let hour = hour_of(check.entry.hour);
            let seq = words::number(check.entry.seq.unsigned_abs());
            let _ = writeln!(text, "noted     {head} is entry {seq}, of the hour of {hour}");
            let _ = writeln!(text, "          {} that it covers, unchanged", hours(check.whole));
            for (n, first, what) in [
                (
                    check.gone,
                    None,
                    "that it covers, removed since for lack of space or because of their age",
                ),
                (check.changed, check.first_changed, "that it covers, changed since"),
                (
                    check.later,
                    check.first_later,
                    "with measurements that came later: it does not cover them",
                ),
            ] {
                let first = first.map(|hour| format!("; the first is that of {}", hour_of(hour)));
                if n > 0 {
                    let first = first.unwrap_or_default();
                    let _ = writeln!(text, "          {} {what}{first}", hours(n));
                }
            }
        }
        (Some(head), None) => {
            let _ = writeln!(text, "{name}: its chain never had the head {head}");
        }
        (None, _) => {}
    }
    output::write(text.as_bytes())?;
    if found.broken > 0 {
        bail!("{name} was changed: {}", hours(found.broken));
    }
    if !foreign.is_empty() {
        bail!("{name} has time stamps of heads that its chain never had");
    }
    match (noted, found.noted) {
        (Some(_), None) => bail!("{name} is not the record of that head"),
        (_, Some(check)) if check.changed > 0 => {
            bail!("{name} was changed after that head: {}", hours(check.changed))
        }
        (_, Some(check)) if check.later > 0 => {
            bail!("{name} has measurements up to that head that came later: {}", hours(check.later))
        }
        _ => Ok(()),
    }
}
