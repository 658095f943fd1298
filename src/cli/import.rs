//! `linkmon import`: records of other tools into the database, with the drops in them.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, stdin};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::args::{ImportArgs, RecordFormat};
use super::context::Context;
use super::failure::say;
use super::output;
use super::replay::drops_of_record;
use crate::detect::{Detector, DropKind, LinkDrop, Run, RunEnd};
use crate::import::{Format, Importer, Series, Tidied};
use crate::measurement::{Kind, Measurement, Target};
use crate::report::words;
use crate::store::{Opening, Writer, runtime_dir};
use crate::time::{Reading, TimeRange};

/// So many hours are summed up in one transaction.
const HOURS_AT_ONCE: usize = 48;

pub(super) fn import(args: &ImportArgs, context: &Context) -> anyhow::Result<()> {
    // All is read and understood before the database is so much as opened.
    let (series, tidied) = read(args, context)?;
    let runtime = runtime_dir(&|name| std::env::var_os(name));
    let (mut writer, _) = Writer::open(Opening {
        path: &context.db,
        runtime_dir: runtime.as_deref(),
        version: env!("CARGO_PKG_VERSION"),
    })?;
    let (targets, samples) = taken_in(series, &mut writer)?;
    let run = writer.import_run(&mut samples.iter().cloned())?;
    let (detector, drops) = judged(&targets, &run, &samples, context);
    for gap in detector.gaps() {
        writer.put_gap(gap);
    }
    for trouble in detector.troubles() {
        writer.put_trouble(trouble);
    }
    for drop in &drops {
        writer.put_drop(drop)?;
    }
    let now = Reading::now();
    while writer.close_hours(now.utc, HOURS_AT_ONCE)? == HOURS_AT_ONCE {}
    writer.close(now, RunEnd::Clean)?;
    if let Some(text) = put_right(tidied) {
        say(&text);
    }
    let text = summary(&samples, &targets, &run, &drops, context);
    Ok(output::write(text.as_bytes())?)
}

fn read(args: &ImportArgs, context: &Context) -> anyhow::Result<(Vec<Series>, Tidied)> {
    let format = match args.format {
        RecordFormat::Auto => Format::Auto,
        RecordFormat::Csv => Format::Csv,
        RecordFormat::Ping => Format::Ping,
        RecordFormat::Fping => Format::Fping,
    };
    let mut importer = Importer::new(context.config().probe.waiting);
    for path in &args.files {
        if path == Path::new("-") {
            importer.add("standard input", &mut stdin().lock(), format)?;
        } else {
            let mut file = BufReader::with_capacity(1 << 16, open(path)?);
            importer.add(&path.display().to_string(), &mut file, format)?;
        }
    }
    Ok(importer.finish(&args.roles)?)
}

fn open(path: &PathBuf) -> anyhow::Result<File> {
    let file = File::open(path).with_context(|| format!("read {}", path.display()))?;
    if file.metadata().is_ok_and(|m| m.is_dir()) {
        bail!("read {}: it is a directory", path.display());
    }
    Ok(file)
}

/// Gives each series its target, and puts all measurements in the order they were sent.
fn taken_in(
    series: Vec<Series>,
    writer: &mut Writer,
) -> anyhow::Result<(Vec<Target>, Vec<Measurement>)> {
    let mut targets = Vec::new();
    let mut samples = Vec::with_capacity(series.iter().map(|s| s.outcomes.len()).sum());
    for one in series {
        let now = Reading::now();
        let target =
            writer.target(&one.name, Kind::Icmp, one.role, &one.address, one.interval, now)?;
        let measurement = |(sent_at, outcome)| Measurement { target: target.id, sent_at, outcome };
        samples.extend(one.outcomes.into_iter().map(measurement));
        targets.push(target);
    }
    samples.sort_by_key(|m| (m.sent_at, m.target));
    Ok((targets, samples))
}

/// The detector after the whole record, and the drops of it.
fn judged(
    targets: &[Target],
    run: &Run,
    samples: &[Measurement],
    context: &Context,
) -> (Detector, Vec<LinkDrop>) {
    let mut detector = Detector::new(context.config().detect.clone());
    detector.set_targets(targets);
    let answers = samples.iter().filter(|m| m.outcome.rtt().is_some());
    for target in answers.map(|m| m.target).collect::<BTreeSet<_>>() {
        detector.vouch_for(target);
    }
    detector.begin_run(run);
    for sample in samples {
        detector.on_measurement(sample);
    }
    let drops = drops_of_record(&mut detector, run);
    (detector, drops)
}

/// One line on what was not as it should be in the records; `None` when all was.
fn put_right(tidied: Tidied) -> Option<String> {
    let told: Vec<_> = [
        (tidied.reordered, "put in order"),
        (tidied.duplicates, "dropped as exact duplicates"),
        (tidied.contradicted, "dropped for another outcome at the same time (an answer wins)"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{} {what}", words::number(count)))
    .collect();
    (!told.is_empty()).then(|| format!("of the measurements {}", told.join(", ")))
}

fn summary(
    samples: &[Measurement],
    targets: &[Target],
    run: &Run,
    drops: &[LinkDrop],
    context: &Context,
) -> String {
    let of = |kind| drops.iter().filter(|drop| drop.kind == kind).count();
    let measurements = u64::try_from(samples.len()).unwrap_or(u64::MAX);
    format!(
        "imported {} measurements of {}, {}: {}, {}, {}\n",
        words::number(measurements),
        words::count(targets.len(), "target", "targets"),
        words::span(TimeRange { from: run.started, to: run.last_seen }, &context.zone),
        words::count(of(DropKind::Outage), "outage", "outages"),
        words::count(of(DropKind::Drop), "drop", "drops"),
        words::count(of(DropKind::Blip), "blip", "blips"),
    )
}
