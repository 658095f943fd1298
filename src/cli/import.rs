//! `linkmon import`: takes records of other tools into the database, with the drops in them.

use std::fs::File;
use std::io::{BufReader, stdin};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::args::ImportArgs;
use super::context::Context;
use super::failure::say;
use super::output;
use super::replay::drops_of_record;
use crate::detect::Detector;
use crate::import::{ImportOptions, Importer, LocalZone, Series, Tidied, in_order};
use crate::language::words;
use crate::report::narrowed;
use crate::store::{Opening, Writer, runtime_dir};
use crate::time::{Reading, TimeRange};
use crate::vocabulary::{
    DropKind, Kind, LinkDrop, Roster, RosterChange, RosterEntry, Run, RunEnd, Standing, Target,
    TargetId, deciding_anchors,
};

/// Hours summed up in one transaction.
const HOURS_AT_ONCE: usize = 48;

pub(super) fn import(args: &ImportArgs, context: &Context) -> anyhow::Result<()> {
    // Everything is read and understood before the database is even opened.
    let Understood { series, tidied, notices } = read(args, context)?;
    let runtime = runtime_dir(&|name| std::env::var_os(name));
    let (mut writer, _) = Writer::open(Opening {
        path: &context.db,
        runtime_dir: runtime.as_deref(),
        version: env!("CARGO_PKG_VERSION"),
    })?;
    let series = known(series, &mut writer)?;
    let run = writer.import_run(&mut in_order(&series.outcomes))?;
    let roster = series.roster();
    writer.put_roster(&RosterChange { run: run.id, from: run.started, roster: roster.clone() });
    let (detector, drops) = judged(&series, &roster, &run, context);
    for gap in detector.gaps() {
        writer.put_gap(gap);
    }
    for trouble in detector.troubles() {
        writer.put_trouble(trouble);
    }
    for impairment in detector.impairments() {
        writer.put_impairment(impairment);
    }
    for drop in &drops {
        writer.put_drop(drop)?;
    }
    let now = Reading::now();
    while writer.close_hours(now.utc, HOURS_AT_ONCE)? == HOURS_AT_ONCE {}
    writer.close(now, RunEnd::Clean)?;
    notices.iter().for_each(|notice| say(notice));
    if let Some(text) = put_right(tidied) {
        say(&text);
    }
    if let Some(text) = private(&series) {
        say(&text);
    }
    let text = summary(&series, &run, &drops, context);
    Ok(output::write(text.as_bytes())?)
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
    let file = File::open(path).with_context(|| format!("read {}", path.display()))?;
    if file.metadata().is_ok_and(|m| m.is_dir()) {
        bail!("read {}: it is a directory", path.display());
    }
    Ok(file)
}

/// The series of a record, and their targets in the database.
struct ImportedTargets {
    targets: Vec<Target>,
    outcomes: Vec<(TargetId, Series)>,
}

impl ImportedTargets {
    /// Which of them may vote.
    fn roster(&self) -> Roster {
        let standing = |id| {
            let series = self.outcomes.iter().find(|(known, _)| *known == id);
            series.map_or(Standing::NoAnchor, |(_, series)| series.standing)
        };
        let deciding = deciding_anchors(&self.targets, |target| standing(target.id).may_vote());
        Roster::new(self.targets.iter().map(|target| RosterEntry {
            target: target.id,
            standing: standing(target.id),
            decides: deciding.iter().any(|anchor| anchor.id == target.id),
        }))
    }
}

/// Gives each series its target.
fn known(series: Vec<Series>, writer: &mut Writer) -> anyhow::Result<ImportedTargets> {
    let mut known = ImportedTargets { targets: Vec::new(), outcomes: Vec::new() };
    for one in series {
        let now = Reading::now();
        let target =
            writer.target(&one.name, Kind::Icmp, one.role, &one.address, one.interval, now)?;
        known.outcomes.push((target.id, one));
        known.targets.push(target);
    }
    Ok(known)
}

/// The detector after the whole record, and its drops.
fn judged(
    known: &ImportedTargets,
    roster: &Roster,
    run: &Run,
    context: &Context,
) -> (Detector, Vec<LinkDrop>) {
    let mut detector = Detector::new(context.config().detect.clone());
    detector.set_targets(&known.targets);
    detector.set_roster(roster);
    for (target, series) in &known.outcomes {
        if series.outcomes().any(|(_, outcome)| outcome.rtt().is_some()) {
            detector.vouch_for(*target);
        }
    }
    detector.begin_run(run);
    for sample in in_order(&known.outcomes) {
        detector.on_measurement(&sample);
    }
    let drops = drops_of_record(&mut detector);
    (detector, drops)
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

fn summary(known: &ImportedTargets, run: &Run, drops: &[LinkDrop], context: &Context) -> String {
    let of = |kind| drops.iter().filter(|drop| drop.kind == kind).count();
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
        words::span(TimeRange { from: run.started, to: run.last_seen }, &context.zone),
        words::count(of(DropKind::Outage), "outage", "outages"),
        words::count(of(DropKind::Drop), "drop", "drops"),
        words::count(of(DropKind::Blip), "blip", "blips"),
    )
}
