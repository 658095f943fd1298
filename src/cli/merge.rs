//! `linkmon merge`: takes the record of another linkmon into the database; nothing is counted twice.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::anyhow;

use super::args::MergeArgs;
use super::context::Context;
use super::output;
use super::progress::Progress;
use super::replay::{found_anew, found_in};
use super::usage::Hinted;
use crate::config::Config;
use crate::detect::Parameters;
use crate::language::words;
use crate::store::{
    self, MergePlan, Opening, Other, Reader, SpaceLimits, Trial, Unread, Writer, runtime_dir,
};
use crate::time::{Reading, TimeRange, Timestamp};
use crate::vocabulary::{LinkDrop, Role, Run, RunEnd};

/// Hours summed up in one transaction.
const HOURS_AT_ONCE: usize = 48;
/// A drop that grows while it is judged reaches its end in a few rounds.
const ROUNDS: usize = 8;
/// This much before and after an edge shows which anchors answer, and whether they were silent.
const SHORT_LOOK: Duration = Duration::from_secs(15 * 60);
/// Moments at the edges of runs are not worth a line.
const WORTH_A_LINE: Duration = Duration::from_secs(10);
const VERSION: &str = env!("CARGO_PKG_VERSION");

pub(super) fn merge(args: &MergeArgs, context: &Context) -> anyhow::Result<()> {
    let progress = Progress::start("reading the other file");
    let database = context.existing_db();
    for file in &args.files {
        Reader::open(file).map_err(about_the_other)?;
    }
    let trial = args.dry_run.then(|| Trial::of(database)).transpose()?;
    if trial.is_none() {
        store::check_is_free(database)?;
    }
    let into = trial.as_ref().map_or(database, Trial::path);
    let runtime = runtime_dir(&|name| std::env::var_os(name));
    let mut text = String::new();
    for file in &args.files {
        progress.now("reading the other file");
        let other = Other::open(file, database, VERSION).map_err(about_the_other)?;
        if !args.anyway {
            check_reality(file, into)?;
            check_network(&other, into)?;
        }
        // A trial uses its own directory only.
        let tail = if trial.is_some() { None } else { runtime.as_deref() };
        let opening = Opening { path: into, runtime_dir: tail, version: VERSION };
        let (mut writer, _) = Writer::open(opening)?;
        let plan = take(&mut writer, &other, context.config(), context.now, &progress)?;
        writer.close(Reading::now(), RunEnd::Clean)?;
        text += &summary(&other, &plan, context);
    }
    drop(progress);
    if trial.is_some() {
        text += "nothing was changed: this was a dry run\n";
    }
    Ok(output::write(text.as_bytes())?)
}

/// Advice about one's own database does not help with another's.
fn about_the_other(error: store::Error) -> anyhow::Error {
    match error {
        store::Error::NoDatabase { .. }
        | store::Error::Empty { .. }
        | store::Error::IsDirectory { .. }
        | store::Error::NotADatabase { .. }
        | store::Error::NotOurs { .. } => anyhow!("{error}"),
        other => other.into(),
    }
}

/// A simulated record does not go into one that was measured, nor the other way round.
fn check_reality(file: &Path, database: &Path) -> anyhow::Result<()> {
    if !database.exists() {
        return Ok(());
    }
    let ours = Reader::open(database)?;
    let differ = ours.simulated()?.is_any() != Reader::open(file)?.simulated()?.is_any();
    if !differ || ours.watched_from_to()?.is_none() {
        return Ok(());
    }
    let simulated = if ours.simulated()?.is_any() { database } else { file };
    Err(Hinted {
        sentence: format!(
            "{} is simulated (`linkmon demo`), and the other record was measured",
            simulated.display()
        ),
        hint: "--anyway merges them all the same: everything made from them then says so"
            .to_owned(),
    }
    .into())
}

fn check_network(other: &Other, database: &Path) -> anyhow::Result<()> {
    if !database.exists() {
        return Ok(());
    }
    let Some(differs) = other.network_differs(&Reader::open(database)?.targets()?) else {
        return Ok(());
    };
    let who = if differs.role == Role::Isp { "the ISP's first hop" } else { "the gateway" };
    Err(Hinted {
        sentence: format!(
            "{} was recorded on another network: {who} is {} there and {} here",
            other.path().display(),
            differs.theirs.join(" or "),
            differs.ours.join(" or ")
        ),
        hint: "--anyway merges it all the same: reports then treat both lines as one".to_owned(),
    }
    .into())
}

/// Takes everything there is; each step can be repeated after an interruption.
fn take(
    writer: &mut Writer,
    other: &Other,
    config: &Config,
    now: Timestamp,
    progress: &Progress,
) -> Result<MergePlan, store::Error> {
    let kept = &config.storage;
    let limits = SpaceLimits {
        max_bytes: kept.max_size,
        keep_raw: kept.keep_samples,
        keep_minutes: kept.keep_minutes,
    };
    let mut plan = writer.plan_merge(other, limits, now)?;
    progress.now("taking what was not observed here");
    while !plan.is_done() {
        writer.merge_bite(other, &mut plan)?;
    }
    writer.merge_notes(other, &mut plan)?;
    progress.now("judging drops at the edges");
    judge_edges(writer, &config.detect)?;
    progress.now("summing up hours");
    while writer.close_hours(now, HOURS_AT_ONCE)? == HOURS_AT_ONCE {}
    Ok(plan)
}

/// Drops that cross an edge between the two records, or nearly do, are detected again in the samples
/// of both, as if one machine had observed everything.
fn judge_edges(writer: &mut Writer, parameters: &Parameters) -> Result<(), store::Error> {
    let reach = parameters.bridge_gap.max(parameters.merge_within);
    let edges = writer.seams()?;
    for range in around(&edges, reach) {
        let reader = Reader::open(writer.path())?;
        let (range, drops) = match judged(&reader, range, parameters)? {
            (range, Some(drops)) => (range, drops),
            (range, None) => as_they_are(&reader, range, &edges, parameters)?,
        };
        drop(reader);
        writer.judge_seams(range, &drops)?;
    }
    Ok(())
}

/// The drops around an edge as they were cut there, and how far they reach.
fn as_they_are(
    reader: &Reader,
    mut range: TimeRange,
    edges: &[Timestamp],
    parameters: &Parameters,
) -> Result<(TimeRange, Vec<LinkDrop>), store::Error> {
    let stored: Vec<_> = reader.drops(range)?.into_iter().map(|stored| stored.drop).collect();
    widen(&mut range, stored.iter());
    // Others that the wider range overlaps stay too.
    let all = reader.drops(range)?.into_iter().map(|stored| stored.drop);
    Ok((range, touching::joined(all, edges, parameters)))
}

/// The drops around an edge, and how far they reach; `None`: samples are missing, or they are of an
/// imported record, which is judged on its own and knows nothing of the other side.
fn judged(
    reader: &Reader,
    mut range: TimeRange,
    parameters: &Parameters,
) -> Result<(TimeRange, Option<Vec<LinkDrop>>), store::Error> {
    if reader.runs(range)?.iter().any(Run::is_import) {
        return Ok((range, None));
    }
    if reader.drops(range)?.is_empty() && reader.has_all_samples(range)? {
        // Most edges are not near a drop: a short look shows that.
        let read = TimeRange { from: range.from - SHORT_LOOK, to: range.to + SHORT_LOOK };
        if found_in(reader, range, read, parameters)?.is_empty() {
            return Ok((range, Some(Vec::new())));
        }
    }
    let mut found = None;
    for _ in 0..ROUNDS {
        let stored = reader.drops(range)?;
        widen(&mut range, stored.iter().map(|stored| &stored.drop));
        if !reader.has_all_samples(range)? {
            return Ok((range, None));
        }
        let drops = found_anew(reader, range, &stored, parameters)?;
        let before = range;
        widen(&mut range, drops.iter());
        found = Some(drops);
        if before == range && reader.drops(range)?.len() == stored.len() {
            break;
        }
    }
    Ok((range, found))
}

fn widen<'a>(range: &mut TimeRange, drops: impl Iterator<Item = &'a LinkDrop>) {
    for drop in drops {
        range.from = range.from.min(drop.onset.earliest);
        range.to = range.to.max(drop.end.map_or(drop.onset.latest, |end| end.latest));
    }
}

/// Spans that reach this far around each instant; spans that touch become one.
fn around(instants: &[Timestamp], reach: Duration) -> Vec<TimeRange> {
    crate::time::spans::union(
        instants.iter().map(|at| TimeRange { from: *at - reach, to: *at + reach }).collect(),
    )
}

fn summary(other: &Other, plan: &MergePlan, context: &Context) -> String {
    let name = other.path().display();
    let Some(extent) = other.extent() else {
        return format!("{name}: it never observed anything{}\n", notes(plan, "; taken: "));
    };
    let span = words::span(extent, &context.zone);
    let all = words::length(other.watched());
    let mut text = format!("{name}: {span}, observed {all}\n");
    let taken = &plan.taken;
    if plan.time().is_zero() {
        let _ = writeln!(text, "  nothing new{}", notes(plan, " but "));
    } else {
        let more = [
            (taken.drops, "drop, blip or outage", "drops, blips and outages"),
            (taken.others, "other trouble", "other troubles"),
            (taken.events, "event of its host", "events of its host"),
            (taken.notes, "note", "notes"),
        ];
        let mut list = vec![counted(taken.probes, "probe", "probes")];
        list.extend(more.iter().filter(|m| m.0 > 0).map(|(n, one, many)| counted(*n, one, many)));
        let _ = writeln!(text, "  taken     {}: {}", words::length(plan.time()), list.join(", "));
    }
    for (length, what) in [
        (plan.by_sums, "of it as hourly sums: the samples are gone, or too old to be kept"),
        (plan.already, "was observed here too and stays as it is here"),
        (plan.left_out, "is left out: its samples are gone, and its hours are partly here"),
    ] {
        if length >= WORTH_A_LINE {
            let _ = writeln!(text, "  {:<9} {what}", words::length(length));
        }
    }
    if taken.damaged_rows > 0 {
        let rows = counted(taken.damaged_rows, "row", "rows");
        let _ = writeln!(text, "  {rows} of samples in it cannot be read");
    }
    let left_out = other.unread();
    if !left_out.is_empty() {
        let rows = left_out.iter().map(|unread| unread.rows).sum();
        let of = |unread: &Unread| format!("{} in {}", words::number(unread.rows), unread.table);
        let tables = left_out.iter().map(of).collect::<Vec<_>>().join(", ");
        let rows = counted(rows, "row", "rows");
        let _ = writeln!(text, "  {rows} in it cannot be understood and were left out: {tables}");
    }
    if taken.chained > 0 {
        let hours = counted(taken.chained, "hour", "hours");
        let _ = writeln!(
            text,
            "  chain     {hours} added at its end (docs/evidence.md explains what that means)"
        );
    }
    text
}

fn notes(plan: &MergePlan, lead: &str) -> String {
    match plan.taken.notes {
        0 => String::new(),
        n => format!("{lead}{}", counted(n, "note", "notes")),
    }
}

fn counted(n: u64, one: &str, many: &str) -> String {
    words::count(usize::try_from(n).unwrap_or(usize::MAX), one, many)
}

mod touching;

#[cfg(test)]
mod tests;
