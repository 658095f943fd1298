//! What was reported against what was true: drops found, missed and invented, places, edges.

use super::plan::ScenarioPlan;
use super::truth::TrueSilence;
use super::verdict::ScenarioVerdict;
use crate::time::Timestamp;
use crate::vocabulary::{Bounds, LinkDrop};

/// How right a verdict is on drops.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Score {
    /// True drops.
    pub drops: usize,
    /// Of these, those that were reported.
    pub found: usize,
    /// Of the found, those that were reported as perhaps a drop: bounds on both sides of 5 s.
    pub perhaps: usize,
    /// Reported, but no true drop; the line was silent in it for less than a drop takes.
    pub short: usize,
    /// Reported while the line was up.
    pub invented: usize,
    /// Found, and exactly the right place was reported.
    pub place_right: usize,
    /// Found, and the right place is in the reported range.
    pub place_held: usize,
    /// Edges of those found that were watched.
    pub edges: usize,
    /// Edges of those found, watched or not.
    pub all_edges: usize,
    /// Of these, those that lie within the reported bounds.
    pub bounded_edges: usize,
    /// Distance of the middle of the bounds from the truth, in seconds, of each watched edge:
    /// of starts,
    pub start_errors: Vec<f64>,
    /// and of ends.
    pub end_errors: Vec<f64>,
}

impl Score {
    /// Compares a verdict with the truth of its plan.
    pub fn compute(plan: &ScenarioPlan, verdict: &ScenarioVerdict) -> Self {
        let truth = plan.true_drops();
        let silences = plan.silences();
        let mut score = Self { drops: truth.len(), ..Self::default() };
        let mut taken = vec![false; truth.len()];
        for drop in verdict.counted() {
            let mut hits = overlapping(&truth, drop).peekable();
            if hits.peek().is_none() {
                if overlapping(&silences, drop).next().is_some() {
                    score.short += 1;
                } else {
                    score.invented += 1;
                }
                continue;
            }
            for index in hits {
                if !std::mem::replace(&mut taken[index], true) {
                    score.found += 1;
                    score.compare(plan, &truth[index], drop);
                }
            }
        }
        for drop in verdict.possible() {
            for index in overlapping(&truth, drop) {
                if !std::mem::replace(&mut taken[index], true) {
                    score.found += 1;
                    score.perhaps += 1;
                }
            }
        }
        score
    }

    fn compare(&mut self, plan: &ScenarioPlan, truth: &TrueSilence, drop: &LinkDrop) {
        self.place_right += usize::from(drop.places == [truth.place]);
        self.place_held += usize::from(drop.places.contains(&truth.place));
        let start = (truth.span.from, truth.from, Some(drop.onset));
        let end = (truth.span.to, truth.to, drop.end);
        for (is_end, (ms, at, bounds)) in [(false, start), (true, end)] {
            let Some(bounds) = bounds else { continue };
            self.all_edges += 1;
            self.bounded_edges += usize::from(holds(bounds, at));
            if plan.is_watched(ms) {
                self.edges += 1;
                #[allow(clippy::cast_precision_loss, reason = "days at most")]
                let error = bounds.midpoint().micros_since(at).abs() as f64 / 1e6;
                if is_end { &mut self.end_errors } else { &mut self.start_errors }.push(error);
            }
        }
    }

    /// Adds another score to this one.
    pub fn add(&mut self, other: &Self) {
        self.drops += other.drops;
        self.found += other.found;
        self.perhaps += other.perhaps;
        self.short += other.short;
        self.invented += other.invented;
        self.place_right += other.place_right;
        self.place_held += other.place_held;
        self.edges += other.edges;
        self.all_edges += other.all_edges;
        self.bounded_edges += other.bounded_edges;
        self.start_errors.extend_from_slice(&other.start_errors);
        self.end_errors.extend_from_slice(&other.end_errors);
    }

    /// Drops missed.
    pub fn missed(&self) -> usize {
        self.drops - self.found
    }
}

fn holds(bounds: Bounds, at: Timestamp) -> bool {
    bounds.earliest <= at && at <= bounds.latest
}

/// Which of them a drop touches. Where the clock was set back inside, the end has the earlier
/// label.
fn overlapping<'a>(all: &'a [TrueSilence], drop: &'a LinkDrop) -> impl Iterator<Item = usize> + 'a {
    let end = drop.end.map_or(Timestamp::from_micros(i64::MAX), |end| end.latest);
    let (from, to) = (drop.onset.earliest.min(end), drop.onset.earliest.max(end));
    let meets = move |s: &TrueSilence| s.from.min(s.to) < to && from < s.from.max(s.to);
    all.iter().enumerate().filter(move |(_, s)| meets(s)).map(|(index, _)| index)
}
