//! What was observed of a period.

use crate::time::TimeRange;
use crate::time::spans::{union, without};
use crate::vocabulary::{Gap, Run};

/// What was observed of `period`: what the runs watched, less the gaps; ordered and disjoint.
pub fn observed(period: &TimeRange, runs: &[Run], gaps: &[Gap]) -> Vec<TimeRange> {
    let lives = runs.iter().map(|run| TimeRange { from: run.started, to: run.last_seen });
    let lives = union(lives.filter_map(|life| life.intersect(period)).collect());
    without(&lives, &union(gaps.iter().map(|gap| gap.range).collect()))
}
