//! `linkmon verify`: whether a bundle is as it was packed.

use std::fmt::Write as _;
use std::fs::File;
use std::io::BufReader;

use anyhow::{Context as _, bail};

use super::args::VerifyArgs;
use super::context::Context;
use super::output;
use crate::report::bundle::manifest::Manifest;
use crate::report::bundle::verify::check;
use crate::report::words;

pub(super) fn verify(args: &VerifyArgs, context: &Context) -> anyhow::Result<()> {
    let name = args.file.display();
    let file = File::open(&args.file).with_context(|| format!("read {name}"))?;
    if file.metadata().is_ok_and(|m| m.is_dir()) {
        bail!("read {name}: it is a directory");
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
