//! The verdicts on what is imported. A stretch that adjoins a record that was imported before is
//! judged together with it, as if both had been one file: a drop that goes on in it is one drop.

use std::time::Duration;

use super::super::replay::{AFTER, BEFORE, drops_of_record, imported_records};
use super::ImportedTargets;
use crate::detect::{Detector, Parameters};
use crate::import::in_order;
use crate::store::replay::{ReplayStep, each_step_of};

use crate::store::{self, JudgedImport, Reader, RunPart};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{LinkDrop, Roster, Run, Target, TargetId};

/// A stretch of the files that the record does not have, and what adjoins it.
pub(super) struct Stretch<'a> {
    pub(super) known: &'a ImportedTargets,
    /// From its first measurement to its last.
    pub(super) span: TimeRange,
    pub(super) reader: &'a Reader,
    pub(super) parameters: &'a Parameters,
}

impl Stretch<'_> {
    /// What is found in it.
    ///
    /// # Errors
    /// If the record that adjoins it cannot be read.
    pub(super) fn judge(&self) -> Result<JudgedImport, store::Error> {
        let (before, after) = self.adjoining()?;
        let span = TimeRange {
            from: before.last().map_or(self.span.from, |run| run.last_seen),
            to: after.first().map_or(self.span.to, |run| run.started),
        };
        let range = self.range(&before, &after)?;
        let roster = self.roster();
        let mut detector = self.detector(&before, &after, range)?;
        let whole = Run {
            started: before.first().map_or(span.from, |run| run.started.max(range.from)),
            last_seen: after.last().map_or(span.to, |run| run.last_seen),
            ..new_run(span)
        };
        detector.begin_run(&whole);
        self.feed(&before, range, &mut detector)?;
        detector.set_roster(&roster);
        for measurement in in_order(&self.known.outcomes, to_end(self.span)) {
            detector.on_measurement(&measurement);
        }
        self.feed(&after, range, &mut detector)?;
        let drops = drops_of_record(&mut detector);
        let reach = self.parameters.bridge_gap.max(self.parameters.merge_within);
        let about = TimeRange {
            from: if before.is_empty() { span.from } else { span.from - reach },
            to: if after.is_empty() { to_end(span).to } else { span.to + reach },
        };
        let drops: Vec<LinkDrop> = drops.into_iter().filter(|drop| overlaps(drop, about)).collect();
        let overlapping = |from: Timestamp, to: Timestamp| from < about.to && to >= span.from;
        Ok(JudgedImport {
            span,
            roster,
            gaps: detector
                .gaps()
                .iter()
                .filter(|gap| overlapping(gap.range.from, gap.range.to))
                .cloned()
                .collect(),
            troubles: detector
                .troubles()
                .iter()
                .filter(|one| overlapping(one.from, one.to.unwrap_or(about.to)))
                .cloned()
                .collect(),
            impairments: detector
                .impairments()
                .iter()
                .filter(|one| {
                    let end = one.end.map_or(about.to, |end| end.latest);
                    overlapping(one.onset.earliest, end)
                })
                .cloned()
                .collect(),
            replaced: self.replaced(&before, &after, about, &drops)?,
            drops,
        })
    }

    /// The imported runs that this one follows without much time between, and those that follow it.
    fn adjoining(&self) -> Result<(Vec<Run>, Vec<Run>), store::Error> {
        let mut runs = self.reader.runs(TimeRange::EVER)?;
        let id = i64::MAX;
        runs.push(Run { id, ..new_run(self.span) });
        let records = imported_records(&runs);
        let record = records.into_iter().find(|record| record.iter().any(|run| run.id == id));
        let mut before = record.unwrap_or_default();
        let at = before.iter().position(|run| run.id == id).unwrap_or(0);
        let after = before.split_off(at);
        Ok((before, after.into_iter().skip(1).collect()))
    }

    /// What is read of the adjoining runs: far enough to know what is usual, and all of a drop.
    fn range(&self, before: &[Run], after: &[Run]) -> Result<TimeRange, store::Error> {
        if before.is_empty() && after.is_empty() {
            return Ok(TimeRange::EVER);
        }
        let reach = self.parameters.bridge_gap;
        let near = TimeRange { from: self.span.from - reach, to: self.span.to + reach };
        let stored = self.reader.drops(near)?;
        let first = stored.iter().map(|stored| stored.drop.onset.earliest).min();
        let last = stored.iter().filter_map(|stored| Some(stored.drop.end?.latest)).max();
        Ok(TimeRange {
            from: first.unwrap_or(near.from).min(near.from) - BEFORE,
            to: last.unwrap_or(near.to).max(near.to) + AFTER,
        })
    }

    fn roster(&self) -> Roster {
        self.known.roster_within(to_end(self.span))
    }

    /// A detector that knows the targets, and which of them ever answer.
    fn detector(
        &self,
        before: &[Run],
        after: &[Run],
        range: TimeRange,
    ) -> Result<Detector, store::Error> {
        let (mut probed, mut answering) = (Vec::<TargetId>::new(), Vec::<TargetId>::new());
        for run in before.iter().chain(after) {
            self.reader.for_each_minute_of(run.id, range, &mut |row| {
                if !probed.contains(&row.target) {
                    probed.push(row.target);
                }
                let answers = row.samples.iter().any(|sample| sample.outcome.rtt().is_some());
                if answers && !answering.contains(&row.target) {
                    answering.push(row.target);
                }
            })?;
        }
        let is_new = |target: &Target| self.known.targets.iter().any(|new| new.id == target.id);
        let mut targets = self.reader.targets()?;
        targets.retain(|target| probed.contains(&target.id) && !is_new(target));
        targets.extend(self.known.targets.iter().cloned());
        for (target, series) in &self.known.outcomes {
            if series.outcomes().any(|(_, outcome)| outcome.rtt().is_some()) {
                answering.push(*target);
            }
        }
        let mut detector = Detector::new(self.parameters.clone());
        detector.set_targets(&targets);
        if before.is_empty() {
            detector.set_roster(&self.roster());
        }
        for target in answering {
            detector.vouch_for(target);
        }
        Ok(detector)
    }

    fn feed(
        &self,
        runs: &[Run],
        range: TimeRange,
        detector: &mut Detector,
    ) -> Result<(), store::Error> {
        for run in runs {
            each_step_of(
                self.reader,
                &RunPart::whole(run.clone()),
                range,
                &mut |step| match step {
                    ReplayStep::Roster(change) => detector.set_roster(&change.roster),
                    ReplayStep::Measured(measurement) => detector.on_measurement(measurement),
                    _ => {}
                },
            )?;
        }
        Ok(())
    }

    /// The drops of the adjoining runs that are judged anew and come out otherwise.
    fn replaced(
        &self,
        before: &[Run],
        after: &[Run],
        about: TimeRange,
        drops: &[LinkDrop],
    ) -> Result<Vec<Timestamp>, store::Error> {
        const EDGE: Duration = Duration::from_secs(1);
        let is_theirs = |drop: &LinkDrop| {
            before.iter().chain(after).any(|run| {
                let onset = drop.onset.earliest;
                (run.started - EDGE..=run.last_seen + EDGE).contains(&onset)
            })
        };
        let stored = self.reader.drops(about)?.into_iter().map(|stored| stored.drop);
        let others = stored.filter(|drop| is_theirs(drop) && overlaps(drop, about));
        let keys = others.map(|drop| drop.key);
        Ok(keys.filter(|key| drops.iter().all(|drop| drop.key != *key)).collect())
    }
}

fn overlaps(drop: &LinkDrop, range: TimeRange) -> bool {
    drop.onset.earliest < range.to && drop.end.is_none_or(|end| end.latest > range.from)
}

/// A span with its last instant in it.
pub(super) fn to_end(span: TimeRange) -> TimeRange {
    TimeRange { from: span.from, to: span.to.plus_micros(1_000) }
}

fn new_run(span: TimeRange) -> Run {
    Run {
        id: 0,
        started: span.from,
        boot: None,
        boot_id: None,
        last_seen: span.to,
        ended: Some(crate::vocabulary::RunEnd::Import),
    }
}
