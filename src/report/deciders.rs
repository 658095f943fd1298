//! Which anchors decided, and when: the set in use at each time, as the record has it.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::time::TimeRange;
use crate::time::spans::Spans;
use crate::vocabulary::{
    Role, RosterHistory, Run, Standing, Target, TargetId, TargetTrouble, deciding_anchors,
};

/// Until an anchor has been asked where it is answered, it votes: for less than this, it did not
/// decide anything.
const UNASKED: Duration = Duration::from_secs(60);

/// The anchors that decided in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deciders {
    period: TimeRange,
    decided: BTreeMap<TargetId, Spans>,
    standings: BTreeMap<TargetId, Standing>,
    /// Time by another way than the line, in which no anchor says anything of the line.
    by_other_ways: Vec<TimeRange>,
}

impl Deciders {
    /// Those of `targets` that decided in `period`. Where the record does not say, all of them are
    /// taken to be in use.
    pub(crate) fn of<'a>(
        targets: impl Iterator<Item = &'a Target> + Clone,
        rosters: &RosterHistory,
        runs: &[Run],
        period: TimeRange,
    ) -> Self {
        // Time of which the record does not say who was in use.
        let mut silent = Vec::new();
        let mut decided: BTreeMap<TargetId, Vec<TimeRange>> = BTreeMap::new();
        let mut standings = BTreeMap::new();
        for run in runs {
            // The moment of the last probe belongs to the run.
            let life = TimeRange { from: run.started, to: run.last_seen.plus_micros(1_000_000) };
            let Some(range) = life.intersect(&period) else { continue };
            let changes = rosters.of_run(run.id, range);
            if changes.is_empty() {
                silent.push(range);
            }
            for (n, change) in changes.iter().enumerate() {
                // Nothing was probed before the first targets of a run were found.
                let from = if n == 0 { range.from } else { change.from };
                let to = changes.get(n + 1).map_or(range.to, |next| next.from);
                for entry in change.roster.entries().unwrap_or_default() {
                    remember(
                        standings.entry(entry.target).or_insert(entry.standing),
                        entry.standing,
                    );
                    if entry.decides {
                        decided.entry(entry.target).or_default().push(TimeRange { from, to });
                    }
                }
            }
        }
        if runs.is_empty() {
            silent.push(period);
        }
        if !silent.is_empty() {
            for target in deciding_anchors(targets.clone(), |_| true) {
                decided.entry(target.id).or_default().extend_from_slice(&silent);
            }
        }
        let anchors: Vec<_> = targets.filter(|t| t.role == Role::Anchor).map(|t| t.id).collect();
        standings.retain(|id, _| anchors.contains(id));
        let decided = decided.into_iter().map(|(id, spans)| (id, Spans::union(spans)));
        let mut decided: BTreeMap<_, _> = decided.collect();
        decided.retain(|id, spans| {
            let is_refused = standings.get(id).is_some_and(|standing| standing.is_refused());
            !is_refused || spans.length() >= UNASKED
        });
        Self { period, decided, standings, by_other_ways: Vec::new() }
    }

    /// The same where time by other ways than the line is left out.
    pub(crate) fn without(self, by_other_ways: &[TimeRange]) -> Self {
        Self { by_other_ways: by_other_ways.to_vec(), ..self }
    }

    /// Whether an anchor decided at some time in the period.
    pub(crate) fn has(&self, id: TargetId) -> bool {
        self.decided.contains_key(&id)
    }

    /// When in the period an anchor that decided at some time did not.
    pub(crate) fn apart(&self, id: TargetId) -> Spans {
        let none = Spans::default();
        let decided = self.decided.get(&id).unwrap_or(&none);
        // Between the runs nobody decided, and nothing was probed.
        let others = self.decided.values().flat_map(Spans::as_slice).copied();
        let watched = Spans::union(others);
        let apart =
            watched.as_slice().iter().flat_map(|range| decided.missing_from(*range).into_inner());
        let apart = apart.chain(self.by_other_ways.iter().copied());
        Spans::union(apart.filter_map(|range| range.intersect(&self.period)))
    }

    /// When what is lost at an anchor says nothing of the line: in troubles of its own, while it did not
    /// decide, and in `vain` time.
    pub(crate) fn passed_over(
        &self,
        id: TargetId,
        troubles: &[TargetTrouble],
        vain: &[TimeRange],
    ) -> Spans {
        let own = troubles.iter().filter(|trouble| trouble.target == id);
        let own = own.map(|t| TimeRange { from: t.from, to: t.to.unwrap_or(self.period.to) });
        Spans::union(own.chain(self.apart(id).into_inner()).chain(vain.iter().copied()))
    }

    /// What the answers of an anchor might prove: where that changed, why it did not vote.
    pub(crate) fn standing(&self, id: TargetId) -> Option<Standing> {
        self.standings.get(&id).copied()
    }
}

fn remember(known: &mut Standing, next: Standing) {
    let weight = |standing: Standing| match standing {
        Standing::Private | Standing::Near | Standing::FalseWitness => 3,
        Standing::Trusted => 2,
        Standing::Far => 1,
        Standing::Unproven | Standing::NoAnchor => 0,
    };
    if weight(next) >= weight(*known) {
        *known = next;
    }
}
