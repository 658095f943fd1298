//! What was said of a scenario: from the stored record, or from the judge alone.

use std::collections::BTreeMap;

use super::life::Daemon;
use super::plan::Plan;
use crate::detect::{
    Change, DropKind, Gap, Impairment, Judge, LinkDrop, Parameters, Run, RunEnd, TargetTrouble,
};
use crate::measurement::{Target, TargetId};
use crate::probe::{HostChange, Observation, Waiting};
use crate::store::{self, Reader};
use crate::time::{Reading, TimeRange, Timestamp};

/// All that was said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Drops, outages and blips, by onset.
    pub drops: Vec<LinkDrop>,
    /// Time that nobody watched.
    pub gaps: Vec<Gap>,
    /// Troubles of single targets.
    pub troubles: Vec<TargetTrouble>,
    /// What else was wrong.
    pub impairments: Vec<Impairment>,
    /// Who was probed.
    pub targets: Vec<Target>,
}

impl Verdict {
    /// What stands in a record.
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
        self.drops.sort_by_key(|drop| (drop.onset.earliest, drop.key));
        self.gaps.sort_by_key(|gap| (gap.range.from, gap.range.to));
        self.troubles.sort_by_key(|trouble| (trouble.from, trouble.target));
        self.impairments.sort_by_key(|i| (i.onset.earliest, i.identity()));
    }

    /// Drops and outages.
    pub fn counted(&self) -> impl Iterator<Item = &LinkDrop> + '_ {
        self.drops.iter().filter(|drop| drop.kind != DropKind::Blip)
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

/// The judge, and what it has said.
#[derive(Debug)]
pub(super) struct Judged {
    judge: Judge,
    run: i64,
    boot_id: String,
    targets: Vec<Target>,
    drops: BTreeMap<Timestamp, LinkDrop>,
    gaps: Vec<Gap>,
    troubles: BTreeMap<(Timestamp, TargetId), TargetTrouble>,
    impairments: BTreeMap<(Timestamp, &'static str, Option<TargetId>), Impairment>,
}

impl Judged {
    pub(super) fn new(plan: &Plan) -> Self {
        let targets: Vec<Target> = (1..=u8::MAX)
            .zip(&plan.neighbors)
            .map(|(id, neighbor)| {
                let wanted = neighbor.wanted.clone();
                Target {
                    id: TargetId(id),
                    name: wanted.name,
                    kind: wanted.kind,
                    role: wanted.role,
                    address: wanted.address,
                    interval: wanted.interval,
                }
            })
            .collect();
        Self {
            judge: Judge::new(Parameters::default(), Waiting::default()),
            run: 0,
            boot_id: String::new(),
            targets,
            drops: BTreeMap::new(),
            gaps: Vec::new(),
            troubles: BTreeMap::new(),
            impairments: BTreeMap::new(),
        }
    }

    pub(super) fn begin(&mut self, now: Reading, boot_id: String) {
        self.boot_id = boot_id;
        if self.run > 0 {
            // As a daemon that starts: what it reads is final.
            self.judge.settle();
        }
        self.begin_run(now);
        self.judge.set_targets(&self.targets);
    }

    fn begin_run(&mut self, now: Reading) {
        self.run += 1;
        self.judge.begin_run(&Run {
            id: self.run,
            started: now.utc,
            boot: Some(now.boot),
            boot_id: Some(self.boot_id.clone()),
            last_seen: now.utc,
            ended: None,
        });
    }

    pub(super) fn end(&mut self, now: Reading, how: RunEnd) {
        self.judge.end_run(now.utc, how);
        self.judge.settle();
        self.note();
    }

    pub(super) fn finish(mut self) -> Verdict {
        if let Some(open) = self.judge.open_drop() {
            self.drops.insert(open.key, open);
        }
        let mut verdict = Verdict {
            drops: self.drops.into_values().collect(),
            gaps: self.gaps,
            troubles: self.troubles.into_values().collect(),
            impairments: self.impairments.into_values().collect(),
            targets: self.targets,
        };
        verdict.sort();
        verdict
    }

    fn note(&mut self) {
        for change in self.judge.changes() {
            match change {
                Change::DropPut(drop) => {
                    self.drops.insert(drop.key, drop);
                }
                Change::DropWithdrawn(key) => {
                    self.drops.remove(&key);
                }
                Change::GapFound(gap) => self.gaps.push(gap),
                Change::TroublePut(trouble) => {
                    self.troubles.insert((trouble.from, trouble.target), trouble);
                }
                Change::ImpairmentPut(impairment) => {
                    self.impairments.insert(impairment.identity(), impairment);
                }
                Change::State { .. } => {}
            }
        }
    }
}

impl Daemon for Judged {
    fn targets(&self) -> &[Target] {
        &self.targets
    }

    fn on_batch(&mut self, batch: &[Observation]) {
        for observation in batch {
            self.judge.on(observation);
            if let Observation::Host(event) = observation
                && matches!(event.what, HostChange::ClockStep { .. })
            {
                self.judge.end_run(event.at.utc, RunEnd::ClockStep);
                self.begin_run(event.at);
            }
        }
        self.note();
    }

    fn second(&mut self, _now: Reading) {}
}
