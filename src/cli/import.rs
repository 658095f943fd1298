//! `linkmon import`: takes records of other tools into the database, with the drops in them.

use std::fs::File;
use std::io::{BufReader, stdin};
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};

use super::args::ImportArgs;
use super::context::Context;
use super::failure::say;
use super::output;
use crate::import::{ImportOptions, Importer, LocalZone, Series, Tidied, in_order};
use crate::language::words;
use crate::report::narrowed;
use crate::store::{self, JudgedImport, Opening, Reader, Writer, runtime_dir};
use crate::time::{Reading, TimeRange, spans};
use crate::vocabulary::{
    DropKind, Endpoint, Kind, LinkDrop, Measurement, Roster, RosterEntry, Run, RunEnd, Standing,
    Target, TargetId, deciding_anchors,
};

mod judged;

use judged::Stretch;

/// Hours summed up in one transaction.
const HOURS_AT_ONCE: usize = 48;

/// Shorter stretches between what the record has are no observation.
const SHORTEST: Duration = Duration::from_secs(60);

pub(super) fn import(args: &ImportArgs, context: &Context) -> anyhow::Result<()> {
    // Everything is read and understood before the database is even opened.
    let understood = read(args, context)?;
    let is_new = std::fs::symlink_metadata(&context.db).is_err();
    let runtime = runtime_dir(&|name| std::env::var_os(name));
    let (writer, _) = Writer::open(Opening {
        path: &context.db,
        runtime_dir: runtime.as_deref(),
        version: env!("CARGO_PKG_VERSION"),
    })?;
    let stored = write(writer, understood, context);
    if stored.is_err() && is_new {
        store::remove_unused(&context.db);
    }
    Ok(output::write(stored?.as_bytes())?)
}

/// Writes what was understood, and gives the summary.
fn write(mut writer: Writer, understood: Understood, context: &Context) -> anyhow::Result<String> {
    let Understood { mut series, tidied, notices } = understood;
    let watched = joined(&writer.watched()?);
    let left_out: usize = series.iter_mut().map(|one| one.leave_out(&watched)).sum();
    series.retain(|one| !one.is_empty());
    if series.is_empty() {
        writer.close(Reading::now(), RunEnd::Clean)?;
        bail!(
            "{} has all of this time already ({}): nothing was imported",
            context.db.display(),
            words::count(left_out, "measurement", "measurements")
        );
    }
    let targets = writer.plan_targets(series.iter().map(target).collect())?;
    let outcomes = targets.iter().map(|target| target.id).zip(series).collect();
    let known = ImportedTargets { targets, outcomes };
    let judged = {
        let reader = Reader::open(writer.path())?;
        let judge = |span| {
            let parameters = &context.config().detect;
            Stretch { known: &known, span, reader: &reader, parameters }.judge()
        };
        known.stretches(&watched).into_iter().map(judge).collect::<Result<Vec<_>, _>>()?
    };
    let now = Reading::now();
    let mut samples = |stretch: &JudgedImport| {
        let span = judged::to_end(stretch.span);
        Box::new(in_order(&known.outcomes, span)) as Box<dyn Iterator<Item = Measurement> + '_>
    };
    let runs = writer.import(&known.targets, &judged, &mut samples, now)?;
    while writer.close_hours(now.utc, HOURS_AT_ONCE)? == HOURS_AT_ONCE {}
    writer.close(now, RunEnd::Clean)?;
    for notice in &notices {
        say(notice);
    }
    if let Some(text) = put_right(tidied) {
        say(&text);
    }
    if let Some(text) = private(&known) {
        say(&text);
    }
    if left_out > 0 {
        let left_out = words::count(left_out, "measurement was", "measurements were");
        say(&format!(
            "{left_out} left out: the record has their time already (files of the same time belong \
             into one import)"
        ));
    }
    let drops: Vec<LinkDrop> = judged.into_iter().flat_map(|stretch| stretch.drops).collect();
    Ok(summary(&known, &runs, &drops, context))
}

/// Spans that have next to no time between them are one.
fn joined(watched: &[TimeRange]) -> Vec<TimeRange> {
    let mut joined: Vec<TimeRange> = Vec::new();
    for span in watched {
        match joined.last_mut() {
            Some(last) if last.to + SHORTEST >= span.from => last.to = last.to.max(span.to),
            _ => joined.push(*span),
        }
    }
    joined
}

/// What a series is of; its number comes from the database.
fn target(series: &Series) -> Target {
    let kind = Kind::Icmp;
    Target {
        id: TargetId(0),
        name: series.name.clone(),
        kind,
        role: series.role,
        endpoint: Endpoint::new(kind, &series.address),
        interval: series.interval,
    }
}

fn read(args: &ImportArgs, context: &Context) -> anyhow::Result<Understood> {
    let format = args.format;
    let mut importer = Importer::with(context.config().probe.waiting, options(args, context));
    for path in &args.files {
        if path == Path::new("-") {
            importer.add("standard input", &mut stdin().lock(), format)?;
        } else {
            let mut file = BufReader::with_capacity(1 << 16, open(path)?);
            importer.add(&path.display().to_string(), &mut file, format)?;
        }
    }
    let notices = importer.notices();
    let private = context.config().discover.trust_private.into();
    let (series, tidied) = importer.finish(&args.roles, private)?;
    Ok(Understood { series, tidied, notices })
}

/// What the files have, and what is to be said about it.
struct Understood {
    series: Vec<Series>,
    tidied: Tidied,
    notices: Vec<String>,
}

fn options(args: &ImportArgs, context: &Context) -> ImportOptions {
    let usual = || LocalZone::Usual(context.zone.clone());
    ImportOptions {
        zone: args.zone.clone().map_or_else(usual, LocalZone::Given),
        date: args.date,
        time_format: args.time_format.clone(),
        columns: args.columns.clone().unwrap_or_default(),
        unit: args.unit,
        separator: args.separator,
        target: args.target.clone(),
        lost: args.lost.clone(),
        now: context.now,
    }
}

fn open(path: &PathBuf) -> anyhow::Result<File> {
    let doing = || format!("read {}", path.display());
    let kind = std::fs::metadata(path).with_context(doing)?.file_type();
    if kind.is_dir() {
        bail!("{}: it is a directory", doing());
    }
    // It may have no end; what comes through a pipe is what its user sends.
    if kind.is_char_device() || kind.is_block_device() {
        bail!("{}: it is a device", doing());
    }
    File::open(path).with_context(doing)
}

/// The series of a record, and their targets in the database.
struct ImportedTargets {
    targets: Vec<Target>,
    outcomes: Vec<(TargetId, Series)>,
}

impl ImportedTargets {
    /// Which of those that were measured in a span may vote.
    fn roster_within(&self, span: TimeRange) -> Roster {
        let series = |id| {
            let series = self.outcomes.iter().find(|(known, _)| *known == id);
            series.map(|(_, series)| series)
        };
        let standing =
            |id| series(id).map_or(Standing::NoAnchor, |series: &Series| series.standing);
        let measured: Vec<Target> = self
            .targets
            .iter()
            .filter(|target| series(target.id).is_some_and(|s| s.extent_within(span).is_some()))
            .cloned()
            .collect();
        let deciding = deciding_anchors(&measured, |target| standing(target.id).may_vote());
        Roster::new(measured.iter().map(|target| RosterEntry {
            target: target.id,
            standing: standing(target.id),
            decides: deciding.iter().any(|anchor| anchor.id == target.id),
        }))
    }

    /// The stretches of the files between what the record has, each from its first measurement to
    /// its last.
    fn stretches(&self, watched: &[TimeRange]) -> Vec<TimeRange> {
        let free = spans::without(&[TimeRange::EVER], watched);
        let extent = |span: &TimeRange| {
            let all = self.outcomes.iter().filter_map(|(_, one)| one.extent_within(*span));
            let (from, to) = all.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
            Some(TimeRange { from, to })
        };
        free.iter().filter_map(extent).collect()
    }
}

/// One line on the targets at private addresses; `None` where there is none to speak of.
fn private(known: &ImportedTargets) -> Option<String> {
    let with = |standing: Standing| {
        let series = known.outcomes.iter().map(|(_, series)| series);
        let names: Vec<_> =
            series.filter(|s| s.standing == standing).map(|s| s.name.as_str()).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    if let Some(names) = with(Standing::Private) {
        return Some(format!(
            "{names}: a private address does not show that the internet can be reached, so this \
             anchor decides nothing (unless trust-private = true is set in [discover])"
        ));
    }
    if let Some(names) = with(Standing::Trusted) {
        return Some(format!("{names}: trusted although the address is private (trust-private)"));
    }
    let is_voter = |(_, series): &(TargetId, Series)| series.standing.may_vote();
    (!known.outcomes.iter().any(is_voter)).then(|| {
        "no target is an anchor, so nothing shows whether the link was up: a private address is \
         taken for a gateway (--role NAME=ROLE says otherwise)"
            .to_owned()
    })
}

/// One line on what was wrong in the records; `None` if nothing was.
fn put_right(tidied: Tidied) -> Option<String> {
    let mended: Vec<_> = [
        (tidied.reordered, "put in order"),
        (tidied.duplicates, "dropped as exact duplicates"),
        (
            tidied.contradicted,
            "dropped because of another outcome at the same time (an answer wins)",
        ),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{} {what}", words::number(count)))
    .collect();
    if mended.is_empty() {
        return None;
    }
    let back = match tidied.falls {
        0 => String::new(),
        1 => "; time goes back once in the record".to_owned(),
        n => format!("; time goes back {} times in the record", words::number(n)),
    };
    // The times do not show which of the two it was.
    let overlap = if back.is_empty() {
        ""
    } else {
        ": if a clock was set back, the hours that occur twice are taken as one, and an answer in either hides a drop in the other"
    };
    Some(format!("of the measurements {}{back}{overlap}", mended.join(", ")))
}

fn summary(known: &ImportedTargets, runs: &[Run], drops: &[LinkDrop], context: &Context) -> String {
    let of = |kind| drops.iter().filter(|drop| drop.kind == kind).count();
    let extent = TimeRange {
        from: runs.iter().map(|run| run.started).min().unwrap_or_default(),
        to: runs.iter().map(|run| run.last_seen).max().unwrap_or_default(),
    };
    let measurements: usize = known.outcomes.iter().map(|(_, series)| series.len()).sum();
    let missed = narrowed(&known.targets, &context.config().detect).map_or_else(
        String::new,
        |(apart, sure)| {
            format!(
                "; drops shorter than {} can be missed, because the probes are {} apart",
                words::length(sure),
                words::length(apart)
            )
        },
    );
    format!(
        "imported {} of {}, {}: {}, {}, {}{missed}\n",
        words::count(measurements, "measurement", "measurements"),
        words::count(known.targets.len(), "target", "targets"),
        words::span(extent, &context.zone),
        words::count(of(DropKind::Outage), "outage", "outages"),
        words::count(of(DropKind::Drop), "drop", "drops"),
        words::count(of(DropKind::Blip), "blip", "blips"),
    )
}
