//! `linkmon replay`: runs the detector over the stored measurements. Nothing is written.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context as _;

use super::args::ReplayArgs;
use super::context::Context;
use super::list::{List, ListedRecord, ended, was_observed};
use super::removed::RemovedParts;
use super::usage::Usage;
use crate::detect::{Detector, Parameters};
use crate::language::words;
use crate::report::provisional_stretches;
use crate::store::replay::{ReplayStep, each_step};
use crate::store::{self, Reader};
use crate::text::order::InOrder;
use crate::time::TimeRange;
use crate::vocabulary::{LinkDrop, Run, StoredDrop, Target, TargetId};

pub(super) fn replay(args: &ReplayArgs, context: &Context) -> anyhow::Result<()> {
    let parameters = args.thresholds.over(&context.config().detect);
    check(&parameters)?;
    let (reader, period) = context.reader_and_period(&args.period)?;
    let stored = reader.drops(period)?;
    let removed = RemovedParts::of(&reader, period, &context.zone)?;
    let on_record = stored
        .iter()
        .filter(|stored| {
            stored.drop.kind.is_down() && removed.contain(stored.drop.onset.midpoint())
        })
        .count();
    let on_record = words::count(on_record, "drop", "drops");
    removed.refuse_if_all(
        "the samples of this period are",
        &format!("`linkmon drops` lists the {on_record} on record"),
    )?;
    let found =
        found_anew(&reader, period, &stored, &parameters).context("replay the measurements")?;
    let numbered = found.into_iter().map(|drop| {
        let known = stored.iter().find(|s| s.drop.key == drop.key);
        let first_key = known.and_then(|s| s.first_key);
        StoredDrop { id: known.map_or(0, |s| s.id), first_key, drop }
    });
    let numbered: Vec<_> = numbered.collect();
    let list = List {
        language: context.language(),
        paint: context.paint(),
        ended: ended(&reader, &numbered)?,
        drops: numbered,
        targets: &reader.targets()?,
        period,
        zone: &context.zone,
        parameters: &parameters,
        was_observed: was_observed(&reader, period)?,
        others: Vec::new(),
        record: ListedRecord::of(&reader)?,
        missing: missing(&removed, &on_record),
        about: provisional_stretches(&reader.runs(period)?, &reader.run_clocks()?),
    };
    list.print(&args.list)
}

/// What could not be replayed.
fn missing(removed: &RemovedParts, on_record: &str) -> Option<String> {
    let what = format!(
        "Not replayed ({on_record} on record there, see `linkmon drops`): samples that are"
    );
    (!removed.is_none()).then(|| removed.sentence(&what))
}

fn check(p: &Parameters) -> Result<(), Usage> {
    if p.blip_after >= p.drop_after || p.drop_after >= p.outage_after {
        return Err(Usage::new(
            "the thresholds must rise from --blip-after over --drop-after to --outage-after",
        ));
    }
    Ok(())
}

/// Before the period, so that the detector knows the link's usual delays and which targets usually
/// answer (in the last hour that the link was up) when the period starts.
pub(super) const BEFORE: Duration = Duration::from_secs(6 * 3_600);
/// After the period, so that drops that cross its end are seen to their end.
pub(super) const AFTER: Duration = Duration::from_secs(3_600);

/// The drops that overlap the period by their widest bounds, by onset.
pub(super) fn found_anew(
    reader: &Reader,
    period: TimeRange,
    stored: &[StoredDrop],
    parameters: &Parameters,
) -> Result<Vec<LinkDrop>, store::Error> {
    let first = stored.iter().map(|s| s.drop.onset.earliest).min();
    let last = stored.iter().filter_map(|s| s.drop.end.map(|end| end.latest)).max();
    let read = TimeRange {
        from: first.unwrap_or(period.from).min(period.from) - BEFORE,
        to: last.unwrap_or(period.to).max(period.to) + AFTER,
    };
    found_in(reader, period, read, parameters)
}

/// The same, from the measurements in `read` alone.
pub(super) fn found_in(
    reader: &Reader,
    period: TimeRange,
    read: TimeRange,
    parameters: &Parameters,
) -> Result<Vec<LinkDrop>, store::Error> {
    let mut replay = Replay::new(reader, read, parameters)?;
    each_step(reader, read, &mut |step| replay.take(step))?;
    let overlaps = |drop: &LinkDrop| {
        drop.onset.earliest < period.to && drop.end.is_none_or(|end| end.latest > period.from)
    };
    let mut drops = replay.finish();
    drops.retain(overlaps);
    drops.order_by_key(|drop| (drop.onset.earliest, drop.key));
    Ok(drops)
}

/// Imported records that are nearer to each other than this are one, as of a log that grew: a drop can
/// go on in the next.
const ADJOINING: Duration = Duration::from_secs(600);

/// Imported runs in the order of time, those together that are one record.
pub(super) fn imported_records(runs: &[Run]) -> Vec<Vec<Run>> {
    let mut imports: Vec<Run> = runs.iter().filter(|run| run.is_import()).cloned().collect();
    imports.order_by_key(|run| (run.started, run.id));
    let mut records: Vec<Vec<Run>> = Vec::new();
    for run in imports {
        match records.last_mut() {
            Some(record) if record.last().is_some_and(|last| adjoin(last, &run)) => {
                record.push(run);
            }
            _ => records.push(vec![run]),
        }
    }
    records
}

fn adjoin(before: &Run, after: &Run) -> bool {
    after.started.duration_since(before.last_seen).is_some_and(|between| between <= ADJOINING)
}

/// The runs of the daemon are judged as one sequence. Each imported record is judged on its own, as
/// it was when it was imported: it has other targets, and perhaps another link.
struct Replay {
    /// Imported runs, those together that are one record.
    records: Vec<Vec<Run>>,
    daemon: Detector,
    import: Option<Detector>,
    parameters: Parameters,
    targets: Vec<Target>,
    /// Which targets were probed in each imported run, and whether they ever answered.
    probed: BTreeMap<i64, BTreeMap<TargetId, bool>>,
    drops: Vec<LinkDrop>,
}

impl Replay {
    fn new(
        reader: &Reader,
        read: TimeRange,
        parameters: &Parameters,
    ) -> Result<Self, store::Error> {
        let runs = reader.runs(read)?;
        let mut probed: BTreeMap<i64, BTreeMap<TargetId, bool>> = runs
            .iter()
            .filter(|run| run.is_import())
            .map(|run| (run.id, BTreeMap::new()))
            .collect();
        if !probed.is_empty() {
            reader.for_each_minute(read, &mut |rows| {
                if let Some(targets) = probed.get_mut(&rows.run) {
                    let answered = targets.entry(rows.target).or_default();
                    *answered = *answered || rows.samples.iter().any(|m| m.outcome.rtt().is_some());
                }
            })?;
        }
        let targets = reader.targets()?;
        let mut daemon = Detector::new(parameters.clone());
        daemon.set_targets(&targets);
        // What came out later shows what their answers were worth before.
        for target in reader.rosters()?.false_witnesses() {
            daemon.disbelieve(target);
        }
        Ok(Self {
            records: imported_records(&runs),
            daemon,
            import: None,
            parameters: parameters.clone(),
            targets,
            probed,
            drops: Vec::new(),
        })
    }

    fn take(&mut self, step: ReplayStep<'_>) {
        match step {
            ReplayStep::Begin(run) if run.is_import() => self.begin_import(run),
            ReplayStep::Begin(run) => self.daemon.begin_run(run),
            ReplayStep::Roster(change) => {
                let detector = self.import.as_mut().unwrap_or(&mut self.daemon);
                detector.set_roster(&change.roster);
            }
            ReplayStep::Measured(m) => {
                self.import.as_mut().unwrap_or(&mut self.daemon).on_measurement(m);
            }
            ReplayStep::Host(event) => self.daemon.on_host(event),
            ReplayStep::End(run, _) if run.is_import() => {
                let is_last = self.record_of(run).last().is_none_or(|last| last.id == run.id);
                if let Some(mut detector) = self.import.take_if(|_| is_last) {
                    self.drops.extend(drops_of_record(&mut detector));
                }
            }
            ReplayStep::End(run, how) => self.daemon.end_run(run.last_seen, how),
        }
    }

    /// The runs of the record that an imported run is a part of.
    fn record_of(&self, run: &Run) -> &[Run] {
        let record = self.records.iter().find(|record| record.iter().any(|r| r.id == run.id));
        record.map_or(&[], Vec::as_slice)
    }

    fn begin_import(&mut self, run: &Run) {
        if self.import.is_some() {
            return;
        }
        let record = self.record_of(run);
        let probed = record.iter().filter_map(|run| self.probed.get(&run.id)).flatten();
        let mut ids: BTreeMap<TargetId, bool> = BTreeMap::new();
        for (target, answered) in probed {
            *ids.entry(*target).or_default() |= *answered;
        }
        let last_seen = record.last().map_or(run.last_seen, |last| last.last_seen);
        let run = Run { last_seen, ..run.clone() };
        let is_probed = |t: &&Target| ids.contains_key(&t.id);
        let targets: Vec<_> = self.targets.iter().filter(is_probed).cloned().collect();
        let mut detector = Detector::new(self.parameters.clone());
        detector.set_targets(&targets);
        for (target, _) in ids.iter().filter(|(_, answered)| **answered) {
            detector.vouch_for(*target);
        }
        detector.begin_run(&run);
        self.import = Some(detector);
    }

    fn finish(mut self) -> Vec<LinkDrop> {
        self.daemon.finish();
        self.drops.extend_from_slice(self.daemon.drops());
        self.drops
    }
}

/// The drops of an imported record. One that lasts where the record ends stays open: nothing is
/// known of what came after it.
pub(super) fn drops_of_record(detector: &mut Detector) -> Vec<LinkDrop> {
    detector.finish();
    detector.drops().to_vec()
}
