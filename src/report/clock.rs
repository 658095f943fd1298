//! What the record says of the clock that dated it: which times are about, which were found by the
//! boot clock, and what web servers showed.

use std::collections::BTreeMap;

use super::rows::Rows;
use crate::text::order::InOrder;
use crate::time::{Micros, TimeRange};
use crate::vocabulary::{ClockCheck, ClockOffset, ClockState, RunClock, TargetId};

/// The host's clock was off by less where the times in use are its own.
const NOTABLE: Micros = Micros::from_seconds(1);

/// What a report says of the clock.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClockFacts {
    /// Stretches whose times are about right at best: the clock was not set before the machine went
    /// off, or is not set yet.
    pub provisional: Vec<TimeRange>,
    /// Stretches whose times were found by the boot clock, because the host's own was wrong.
    pub dated: Vec<DatedStretch>,
    /// What independent web servers showed of the times in the period; `None`: fewer than two did.
    pub servers: Option<ClockCheck>,
}

/// A stretch whose times are those of the boot clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatedStretch {
    /// From when to when, within the period.
    pub range: TimeRange,
    /// How far the host's clock was behind, negative where it was ahead.
    pub behind: Micros,
}

impl ClockFacts {
    /// Of the rows of a period.
    pub(super) fn of(rows: &Rows) -> Self {
        let mut facts = Self { servers: servers(rows), ..Self::default() };
        for run in &rows.runs {
            let life = TimeRange { from: run.started, to: run.last_seen };
            let Some(range) = life.intersect(&rows.period) else { continue };
            let Some(clock) = rows.clocks.iter().find(|clock| clock.run == run.id) else {
                continue;
            };
            if clock.state == ClockState::Provisional {
                facts.provisional.push(range);
                continue;
            }
            let behind = run.started.since(clock.host);
            if behind > NOTABLE || behind < -NOTABLE {
                facts.dated.push(DatedStretch { range, behind });
            }
        }
        join(&mut facts.provisional);
        facts
    }

    /// Whether a time lies in a stretch whose times are about right at best.
    pub fn is_about(&self, at: crate::time::Timestamp) -> bool {
        self.provisional.iter().any(|range| range.from <= at && at <= range.to)
    }
}

/// The stretches of a period whose times are about right at best; `clocks` are those of all runs.
pub fn provisional_stretches(
    runs: &[crate::vocabulary::Run],
    clocks: &[RunClock],
) -> Vec<TimeRange> {
    let is_provisional = |id: i64| {
        clocks.iter().any(|clock| clock.run == id && clock.state == ClockState::Provisional)
    };
    let mut stretches: Vec<_> = runs
        .iter()
        .filter(|run| is_provisional(run.id))
        .map(|run| TimeRange { from: run.started, to: run.last_seen })
        .collect();
    join(&mut stretches);
    stretches
}

/// Makes one of stretches that follow each other within a second.
fn join(stretches: &mut Vec<TimeRange>) {
    stretches.order_by_key(|range| range.from);
    stretches.dedup_by(|next, before| {
        let joined = next.from <= before.to + Micros::SECOND;
        if joined {
            before.to = before.to.max(next.to);
        }
        joined
    });
}

/// The worst that servers of different owners showed at any time of the period.
fn servers(rows: &Rows) -> Option<ClockCheck> {
    let host = |id: TargetId| {
        let target = rows.targets.iter().find(|target| target.id == id);
        target.and_then(|target| target.endpoint.host()).map(str::to_owned)
    };
    // Day by day: what they show of one day says nothing of another.
    let mut days: BTreeMap<(i64, i64), BTreeMap<String, ClockOffset>> = BTreeMap::new();
    for row in &rows.servers {
        let Some(owner) = host(row.target) else { continue };
        let day = row.from.as_micros().div_euclid(Micros::DAY.as_i64());
        let of_day = days.entry((row.run, day)).or_default();
        of_day
            .entry(owner)
            .and_modify(|known| *known = known.hull(row.offset))
            .or_insert(row.offset);
    }
    let checks = days
        .values()
        .filter_map(|owners| ClockCheck::of(&owners.values().copied().collect::<Vec<_>>()));
    checks.reduce(|a, b| ClockCheck {
        servers: a.servers.max(b.servers),
        offset: a.offset.hull(b.offset),
        difference: [a.difference, b.difference]
            .into_iter()
            .flatten()
            .max_by_key(|by| by.as_i64().saturating_abs()),
    })
}
