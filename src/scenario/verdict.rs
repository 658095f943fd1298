//! What was found in a scenario: from the stored record, or from the detector alone.

use std::collections::VecDeque;

use super::life::Daemon;
use super::plan::ScenarioPlan;
use crate::detect::{Detector, Parameters};
use crate::store::{self, Reader};
use crate::text::order::InOrder;
use crate::time::{Reading, TimeRange, Timestamp};
use crate::vocabulary::{
    DropKind, Gap, HostChange, Impairment, LinkDrop, Measurement, Observation, Run, RunEnd, Target,
    TargetId, TargetTrouble,
};

/// Everything that was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScenarioVerdict {
    /// Drops, outages and blips, by onset.
    pub drops: Vec<LinkDrop>,
    /// Time that was not watched.
    pub gaps: Vec<Gap>,
    /// Troubles of single targets.
    pub troubles: Vec<TargetTrouble>,
    /// Other problems.
    pub impairments: Vec<Impairment>,
    /// The targets.
    pub targets: Vec<Target>,
}

impl ScenarioVerdict {
    /// The contents of a record.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn stored(reader: &Reader) -> Result<Self, store::Error> {
        let ever = TimeRange {
            from: Timestamp::from_micros(i64::MIN),
            to: Timestamp::from_micros(i64::MAX),
        };
        let mut verdict = Self {
            drops: reader.drops(ever)?.into_iter().map(|stored| stored.drop).collect(),
            gaps: reader.gaps(ever)?,
            troubles: reader.troubles(ever)?,
            impairments: reader.impairments(ever)?,
            targets: reader.targets()?,
        };
        verdict.sort();
        Ok(verdict)
    }

    fn sort(&mut self) {
        self.drops.order_by_key(|drop| (drop.onset.earliest, drop.key));
        self.gaps.order_by_key(|gap| (gap.range.from, gap.range.to));
        self.troubles.order_by_key(|trouble| (trouble.from, trouble.target));
        self.impairments.order_by_key(|i| (i.onset.earliest, i.identity()));
    }

    /// Drops and outages.
    pub fn counted(&self) -> impl Iterator<Item = &LinkDrop> + '_ {
        self.drops.iter().filter(|drop| drop.kind.is_down())
    }

    /// Silences that were perhaps drops.
    pub fn possible(&self) -> impl Iterator<Item = &LinkDrop> + '_ {
        self.drops.iter().filter(|drop| drop.kind == DropKind::Possible)
    }

    /// How many blips.
    pub fn blips(&self) -> usize {
        self.drops.iter().filter(|drop| drop.kind == DropKind::Blip).count()
    }

    /// The name of a target.
    pub fn name(&self, id: TargetId) -> &str {
        self.targets.iter().find(|target| target.id == id).map_or("?", |target| &target.name)
    }
}

/// A detector that gets what the record would hold: each measurement once, as revised,
/// in the order of send times.
#[derive(Debug)]
pub(super) struct JudgedByDetector {
    detector: Detector,
    run: i64,
    boot_id: String,
    targets: Vec<Target>,
    /// What may yet be revised, in order.
    tail: VecDeque<Observation>,
}

/// For how long a lost probe may turn out late, and a little longer.
const REVISED_US: i64 = 62_000_000;

impl JudgedByDetector {
    pub(super) fn new(plan: &ScenarioPlan) -> Self {
        let targets: Vec<Target> = (1..=u8::MAX)
            .zip(&plan.neighbors)
            .map(|(id, neighbor)| {
                let wanted = neighbor.wanted.clone();
                Target {
                    id: TargetId(id),
                    name: wanted.name,
                    kind: wanted.kind,
                    role: wanted.role,
                    endpoint: wanted.endpoint,
                    interval: wanted.interval,
                }
            })
            .collect();
        let mut detector = Detector::new(Parameters::default());
        detector.set_targets(&targets);
        Self { detector, run: 0, boot_id: String::new(), targets, tail: VecDeque::new() }
    }

    pub(super) fn begin(&mut self, now: Reading, boot_id: String) {
        self.boot_id = boot_id;
        self.begin_run(now);
    }

    fn begin_run(&mut self, now: Reading) {
        self.run += 1;
        self.detector.begin_run(&Run {
            id: self.run,
            started: now.utc,
            boot: Some(now.boot),
            boot_id: Some(self.boot_id.clone()),
            last_seen: now.utc,
            ended: None,
        });
    }

    pub(super) fn end(&mut self, now: Reading, how: RunEnd) {
        self.feed_until(None);
        self.detector.end_run(now.utc, how);
    }

    pub(super) fn finish(mut self) -> ScenarioVerdict {
        self.detector.finish();
        let mut verdict = ScenarioVerdict {
            drops: self.detector.drops().to_vec(),
            gaps: self.detector.gaps().to_vec(),
            troubles: self.detector.troubles().to_vec(),
            impairments: self.detector.impairments().to_vec(),
            targets: self.targets,
        };
        verdict.sort();
        verdict
    }

    /// Feeds what was sent before `until`, or everything.
    fn feed_until(&mut self, until: Option<Timestamp>) {
        let is_due = |observation: &mut Observation| {
            until.is_none_or(|until| at(observation).is_some_and(|at| at < until))
        };
        while let Some(observation) = self.tail.pop_front_if(is_due) {
            match observation {
                Observation::Measured(m) => self.detector.on_measurement(&m),
                Observation::Host(event) => self.detector.on_host(&event),
                Observation::Revised(_)
                | Observation::Way { .. }
                | Observation::Silent { .. }
                | Observation::Path(_)
                | Observation::Stray { .. }
                | Observation::ServerClock { .. } => {}
            }
        }
    }

    fn place(&self, m: &Measurement) -> usize {
        let later = |known: &&Observation| match known {
            Observation::Measured(known) => (known.sent_at, known.target) > (m.sent_at, m.target),
            _ => false,
        };
        self.tail.len() - self.tail.iter().rev().take_while(later).count()
    }
}

fn at(observation: &Observation) -> Option<Timestamp> {
    match observation {
        Observation::Measured(m) | Observation::Revised(m) => Some(m.sent_at),
        Observation::Host(event) => Some(event.at.utc),
        Observation::Way { .. }
        | Observation::Silent { .. }
        | Observation::Path(_)
        | Observation::Stray { .. }
        | Observation::ServerClock { .. } => None,
    }
}

impl Daemon for JudgedByDetector {
    fn targets(&self) -> &[Target] {
        &self.targets
    }

    fn on_batch(&mut self, batch: &[Observation]) {
        for observation in batch {
            match observation {
                Observation::Measured(m) => {
                    let place = self.place(m);
                    self.tail.insert(place, observation.clone());
                }
                Observation::Revised(revised) => {
                    let is_it = |known: &&mut Observation| {
                        matches!(known, Observation::Measured(m)
                            if (m.sent_at, m.target) == (revised.sent_at, revised.target))
                    };
                    if let Some(Observation::Measured(m)) = self.tail.iter_mut().find(is_it) {
                        m.outcome = revised.outcome.clone();
                    }
                }
                Observation::Host(event) => {
                    self.tail.push_back(observation.clone());
                    if matches!(event.what, HostChange::ClockStep { .. }) {
                        self.end(event.at, RunEnd::ClockStep);
                        self.begin_run(event.at);
                    }
                }
                Observation::Way { .. }
                | Observation::Silent { .. }
                | Observation::Path(_)
                | Observation::Stray { .. }
                | Observation::ServerClock { .. } => {}
            }
        }
    }

    fn second(&mut self, now: Reading) {
        self.feed_until(Some(now.utc.plus_micros(-REVISED_US)));
    }
}
