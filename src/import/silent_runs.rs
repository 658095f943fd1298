//! Runs of ping that nobody answered, as those of a cron job in a dead minute: nothing but their
//! statistics shows them. Between two runs that have times they are placed; others are counted.

use std::time::Duration;

use super::importer::Importer;
use super::run::{DeadRun, RunSpan};
use crate::time::Timestamp;

/// The runs of one host that are over.
#[derive(Debug, Default)]
pub(super) struct SilentRuns {
    last: Option<RunSpan>,
    /// Since the last run that has times.
    waiting: Vec<DeadRun>,
    between: Vec<RunsBetween>,
    /// Runs that nothing can bound.
    unbounded: Vec<DeadRun>,
    /// From the start of one run to that of the next, where none is between them, microseconds.
    spacings: Vec<i64>,
}

/// Silent runs and those next to them that were answered.
#[derive(Debug)]
struct RunsBetween {
    before: RunSpan,
    after: RunSpan,
    runs: Vec<DeadRun>,
}

/// More of them show nothing new.
const MOST_SPACINGS: usize = 10_000;

impl SilentRuns {
    /// The last probe of the last run that has times.
    pub(super) fn last(&self) -> Option<Timestamp> {
        self.last.map(|span| span.last)
    }

    pub(super) fn on_run(&mut self, after: RunSpan) {
        let runs = std::mem::take(&mut self.waiting);
        match self.last {
            Some(before) if runs.is_empty() => {
                if self.spacings.len() < MOST_SPACINGS {
                    self.spacings.push(after.first.micros_since(before.first));
                }
            }
            Some(before) => self.between.push(RunsBetween { before, after, runs }),
            None => self.unbounded.extend(runs),
        }
        self.last = Some(after);
    }

    pub(super) fn on_silent(&mut self, run: DeadRun) {
        self.waiting.push(run);
    }

    /// Gives away those that can be placed, and counts the others.
    pub(super) fn place(mut self, name: &str, importer: &mut Importer) -> Result<(), String> {
        self.spacings.sort_unstable();
        let usual = self.spacings.get(self.spacings.len() / 2).copied().filter(|us| *us > 0);
        let mut unplaced = std::mem::take(&mut self.unbounded);
        unplaced.append(&mut self.waiting);
        for stretch in self.between {
            if !stretch.place(usual, name, importer)? {
                unplaced.extend(stretch.runs);
            }
        }
        importer.silent.runs += unplaced.len() as u64;
        let probes = unplaced.iter().filter_map(|run| run.transmitted);
        importer.silent.probes += probes.fold(0, u64::saturating_add);
        Ok(())
    }
}

impl RunsBetween {
    /// Places the runs evenly between the two, if there is room, and if either that is how the runs
    /// of this host follow each other or there is little room to choose from.
    fn place(
        &self,
        usual: Option<i64>,
        name: &str,
        importer: &mut Importer,
    ) -> Result<bool, String> {
        const LITTLE_ROOM: Duration = Duration::from_secs(60);
        /// As a part of the time that runs follow each other in.
        const TOLERANCE: i64 = 4;
        const MOST_PROBES: u64 = 86_400;
        let count = i64::try_from(self.runs.len()).unwrap_or(i64::MAX);
        let step = self.after.first.micros_since(self.before.first) / count.saturating_add(1);
        let window = self.after.first.since(self.before.last);
        let needed: Duration = self.runs.iter().map(|run| run.length()).sum();
        let is_usual = usual.is_some_and(|usual| (step - usual).abs() <= usual / TOLERANCE);
        let room = window.to_duration().saturating_sub(needed);
        let is_little = room <= LITTLE_ROOM.max(needed / 10);
        let starts: Vec<Timestamp> =
            (1..=count).map(|n| self.before.first.plus_micros(step.saturating_mul(n))).collect();
        let ends = starts.iter().zip(&self.runs).map(|(start, run)| *start + run.length());
        let nexts = starts.iter().skip(1).chain([&self.after.first]);
        let fits = starts.first().is_some_and(|start| *start > self.before.last)
            && ends.zip(nexts).all(|(end, next)| end <= *next);
        let is_counted = self
            .runs
            .iter()
            .all(|run| run.transmitted.is_some_and(|n| (1..=MOST_PROBES).contains(&n)));
        if !fits || !is_counted || !(is_usual || is_little) {
            return Ok(false);
        }
        for (&start, run) in starts.iter().zip(&self.runs) {
            let probes = run.transmitted.unwrap_or(0);
            let intervals = u32::try_from(probes.saturating_sub(1)).unwrap_or(u32::MAX).max(1);
            let pace = run.length() / intervals;
            let mut at = start;
            for _ in 0..probes {
                importer.push_between(name, at)?;
                at = at + pace;
            }
        }
        Ok(true)
    }
}
