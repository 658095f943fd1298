//! `linkmon verify`: whether a bundle is as it was packed, or a record as it was measured.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _};

use anyhow::{Context as _, bail};

use super::args::VerifyArgs;
use super::context::Context;
use super::output;
use crate::report::bundle::manifest::Manifest;
use crate::report::bundle::verify::check;
use crate::report::words;
use crate::store;
use crate::time::Timestamp;

/// How a file of `SQLite` begins.
const DATABASE: &[u8] = b"SQLite format 3\0";

pub(super) fn verify(args: &VerifyArgs, context: &Context) -> anyhow::Result<()> {
    let name = args.file.display();
    let mut file = File::open(&args.file).with_context(|| format!("read {name}"))?;
    if file.metadata().is_ok_and(|m| m.is_dir()) {
        bail!("read {name}: it is a directory");
    }
    if is_database(&mut file).with_context(|| format!("read {name}"))? {
        return record(args, context);
    }
    let checked = check(BufReader::with_capacity(64 << 10, file));
    let mut text = String::new();
    for finding in &checked.findings {
        let _ = writeln!(text, "{name}: {finding}");
    }
    if checked.findings.is_empty()
        && let (Some(manifest), Some(sum)) = (&checked.manifest, &checked.manifest_sha256)
    {
        text += &told(&name.to_string(), manifest, sum, context);
    }
    output::write(text.as_bytes())?;
    match checked.findings.len() {
        0 => Ok(()),
        1 => bail!("{name} is not as it was packed: 1 finding"),
        n => bail!("{name} is not as it was packed: {n} findings"),
    }
}

fn is_database(file: &mut File) -> std::io::Result<bool> {
    let mut begin = Vec::new();
    file.by_ref().take(DATABASE.len() as u64).read_to_end(&mut begin)?;
    file.rewind()?;
    Ok(begin == DATABASE)
}

/// Compares the measurements of a record with its chain.
fn record(args: &VerifyArgs, context: &Context) -> anyhow::Result<()> {
    let name = args.file.display();
    let found = store::verify_chain(&args.file)?;
    let hours = |n: u64| words::count(usize::try_from(n).unwrap_or(usize::MAX), "hour", "hours");
    let hour = |n: i64| {
        let at = Timestamp::from_seconds(n.saturating_mul(3_600));
        words::local_second(at, &context.zone)
    };
    let Some(head) = found.head else {
        bail!("{name} has no chain: no hour of it is closed yet");
    };
    let mut text = format!("{name}: {} as they were measured\n", hours(found.whole));
    let others = [
        (found.gone, "removed by linkmon for want of room or for their age; their sums stay"),
        (found.added_again, "added again later, as more measurements of them came"),
        (found.due, "changed by linkmon and not added again yet"),
        (found.broken, "NOT as they were measured"),
    ];
    for (n, what) in others.iter().filter(|(n, _)| *n > 0) {
        let _ = writeln!(text, "          {} {what}", hours(*n));
    }
    let _ = writeln!(
        text,
        "chain     SHA-256 {}, {} entries up to the hour of {}",
        head.digest,
        words::number(head.seq.unsigned_abs()),
        hour(head.hour)
    );
    output::write(text.as_bytes())?;
    match found.first_broken {
        None => Ok(()),
        Some(first) => bail!(
            "{name} is not as it was measured: {}, the first that of {}: {}",
            hours(found.broken),
            hour(first.hour),
            first.what.as_str()
        ),
    }
}

/// What the bundle says of itself.
fn told(name: &str, manifest: &Manifest, sum: &str, context: &Context) -> String {
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
    if let Some(chain) = &manifest.chain {
        let _ = writeln!(
            text,
            "chain     SHA-256 {}, {} entries up to the hour of {}",
            clean(&chain.head),
            chain.entries,
            words::local_second(chain.hour, &context.zone)
        );
    }
    text
}
