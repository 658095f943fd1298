//! The four kinds of time. Every instant of a period is up, down, disputed or unknown, and the
//! lengths of the four add up to the elapsed time.
//!
//! Down are the silent stretches of drops and outages; what lies between the flaps of a drop is
//! up. Disputed is time in which the anchors were silent and something else answered. Unknown is
//! what nobody watched, and what was watched and proves nothing. Whatever else is counted over time
//! counts judged time alone, up and down, as it is here.

use std::time::Duration;

use super::observed;
use crate::time::spans::{common, length_within, total, union, within, without};
use crate::time::{TimeRange, Timestamp, micros};
use crate::vocabulary::{
    Bounds, DropKind, DropStretch, Gap, GapReason, Impairment, Lengths, LinkDrop, Run,
};

/// The kinds of the time of a period.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TimeLedger {
    /// Length of the period.
    pub elapsed: Duration,
    /// Up and down time, as ordered and disjoint spans.
    pub judged: Vec<TimeRange>,
    /// Disputed time, likewise.
    pub disputed: Vec<TimeRange>,
    /// The drops' parts in judged time, in the order of the drops; of blips nothing.
    pub drops: Vec<DropTime>,
    /// The least and the most of judged time that was down, all drops together. What was perhaps
    /// a drop is in the most.
    pub down: Lengths,
    /// The likely down time.
    pub likely_down: Duration,
}

/// The part of one drop in judged time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DropTime {
    /// Its likely silent stretches, as ordered and disjoint spans.
    pub spans: Vec<TimeRange>,
    /// The least and the most.
    pub lengths: Lengths,
    /// The likely length.
    pub likely: Duration,
}

/// What a ledger is made of.
#[derive(Debug, Clone, Copy)]
pub struct LedgerInputs<'a> {
    /// The period, up to now.
    pub period: TimeRange,
    /// Runs of the daemon that touch it.
    pub runs: &'a [Run],
    /// Its unknown time as it was recorded.
    pub gaps: &'a [Gap],
    /// The drops that touch it, by onset.
    pub drops: &'a [&'a LinkDrop],
    /// The impairments that touch it.
    pub impairments: &'a [Impairment],
    /// Time by another way than the line, as ordered and disjoint spans: unknown.
    pub apart: &'a [TimeRange],
}

/// The time that impairments dispute up to the end of a period, as ordered and disjoint spans.
fn disputed_in(period: TimeRange, impairments: &[Impairment]) -> Vec<TimeRange> {
    let disputed = impairments.iter().filter(|i| i.is_disputed()).map(|impairment| {
        let to = impairment.end.map_or(period.to, |end| end.midpoint());
        TimeRange { from: impairment.onset.midpoint(), to }
    });
    union(disputed.collect())
}

/// Time in which probes were sent and say nothing of the line: disputed time, and silence that proves
/// nothing, as ordered and disjoint spans. What is lost in it is no loss of a line that was up; what a drop
/// claims, too, is down and not among it.
pub fn proving_nothing<'a>(
    period: TimeRange,
    gaps: &[Gap],
    impairments: &[Impairment],
    drops: impl Iterator<Item = &'a LinkDrop>,
) -> Vec<TimeRange> {
    let is_silence =
        |gap: &&Gap| matches!(gap.reason, GapReason::Unconfirmed | GapReason::Unanswered);
    let silent = gaps.iter().filter(is_silence).map(|gap| gap.range);
    let vain = union(disputed_in(period, impairments).into_iter().chain(silent).collect());
    without(&vain, &down_at_most(drops, period.to))
}

/// The silent stretches of drops and outages at their widest, as ordered and disjoint spans; an open one
/// lasts until `now`.
pub fn down_at_most<'a>(
    drops: impl Iterator<Item = &'a LinkDrop>,
    now: Timestamp,
) -> Vec<TimeRange> {
    let down = drops.filter(|drop| drop.kind.is_down()).flat_map(|drop| &drop.stretches);
    let down = down.map(|stretch| {
        let to = stretch.end.map_or(now, |end| end.latest);
        TimeRange { from: stretch.onset.earliest, to }
    });
    union(down.collect())
}

impl TimeLedger {
    /// Sorts the time of a period.
    pub fn compute(inputs: LedgerInputs<'_>) -> Self {
        let LedgerInputs { period, runs, gaps, drops, impairments, apart } = inputs;
        let watched = without(&observed(&period, runs, gaps), apart);
        let imports: Vec<_> = runs.iter().filter(|run| run.is_import()).collect();
        let in_drops = drops.iter().filter(|drop| drop.kind.is_down());
        let dark = in_drops.flat_map(|drop| {
            let until = last_of_record(drop, &imports, period.to);
            drop.stretches.iter().map(move |stretch| likely(stretch, until))
        });
        let dark = union(dark.collect());
        // What a drop and a dispute claim alike is down.
        let disputed = without(&common(&disputed_in(period, impairments), &watched), &dark);
        let judged = without(&watched, &disputed);
        let mut ledger = Self {
            elapsed: period.length(),
            disputed,
            judged,
            drops: Vec::with_capacity(drops.len()),
            ..Self::default()
        };
        let mut until = period.from;
        for drop in drops {
            let to = last_of_record(drop, &imports, period.to);
            let part = ledger.part(drop, TimeRange { to, ..period }, &mut until);
            match drop.kind {
                DropKind::Drop | DropKind::Outage => {
                    ledger.down.min += part.lengths.min;
                    ledger.down.max += part.lengths.max;
                    ledger.likely_down += part.likely;
                }
                DropKind::Possible => ledger.down.max += part.lengths.max,
                DropKind::Blip => {}
            }
            ledger.drops.push(part);
        }
        let judged = total(&ledger.judged);
        ledger.down.max = ledger.down.max.min(judged);
        ledger.down.min = ledger.down.min.min(ledger.down.max);
        ledger.likely_down = ledger.likely_down.clamp(ledger.down.min, ledger.down.max);
        ledger
    }

    /// Up time: judged and not down.
    pub fn up(&self) -> Duration {
        total(&self.judged).saturating_sub(self.likely_down)
    }

    /// Unknown time: neither judged nor disputed.
    pub fn unknown(&self) -> Duration {
        self.elapsed.saturating_sub(total(&self.judged)).saturating_sub(total(&self.disputed))
    }

    /// The silent stretches of a drop within judged time. `until` is the end of what was counted of
    /// those before it: no instant counts twice.
    fn part(&self, drop: &LinkDrop, period: TimeRange, until: &mut Timestamp) -> DropTime {
        let mut part = DropTime::default();
        let mut spans = Vec::with_capacity(drop.stretches.len());
        for stretch in &drop.stretches {
            let inside = |range: TimeRange| {
                range.intersect(&period).map_or(Duration::ZERO, |r| length_within(&self.judged, r))
            };
            let [narrow, middle, wide] =
                [narrowest, likely, widest].map(|of| of(stretch, period.to));
            let wide = TimeRange { from: wide.from.max((*until).min(narrow.from)), to: wide.to };
            *until = (*until).max(wide.to);
            // One that lasts was written some seconds ago; had it ended, its end would be known.
            let written = stretch.lengths;
            let min = inside(narrow);
            let min = if stretch.end.is_some() { min.min(written.min) } else { min };
            let max = inside(wide);
            let max = if stretch.end.is_some() { max.min(written.max) } else { max }.max(min);
            part.lengths.min += min;
            part.lengths.max += max;
            let middle = middle.intersect(&period).filter(|part| part.from < part.to);
            let middle = middle.map(|part| within(&self.judged, part).collect::<Vec<_>>());
            let middle = middle.unwrap_or_default();
            part.likely += total(&middle).clamp(min, max);
            spans.extend(middle);
        }
        part.spans = union(spans);
        part
    }
}

/// The end of the record that a drop which lasts is in: an import has one of its own.
fn last_of_record(drop: &LinkDrop, imports: &[&Run], to: Timestamp) -> Timestamp {
    let imported = imports.iter().find(|run| run.contains(drop.key));
    imported.map_or(to, |run| run.last_seen.min(to))
}

fn widest(stretch: &DropStretch, to: Timestamp) -> TimeRange {
    range(stretch, to, |bounds| bounds.earliest, |bounds| bounds.latest, stretch.lengths.max)
}

fn narrowest(stretch: &DropStretch, to: Timestamp) -> TimeRange {
    let length = stretch.lengths.min + stretch.unobserved;
    range(stretch, to, |bounds| bounds.latest, |bounds| bounds.earliest, length)
}

/// From midpoint to midpoint of the bounds; one that is not over extends to `to`. Of an end that is
/// not known to a minute nothing is likely but what is certain.
fn likely(stretch: &DropStretch, to: Timestamp) -> TimeRange {
    const VAGUE_US: u64 = 60_000_000;
    let edge = |bounds: &Bounds, certain: Timestamp| {
        let width = bounds.latest.micros_since(bounds.earliest).unsigned_abs();
        if width > VAGUE_US { certain } else { bounds.midpoint() }
    };
    let length = (stretch.lengths.min + stretch.unobserved + stretch.lengths.max) / 2;
    range(stretch, to, |onset| edge(onset, onset.latest), |end| edge(end, end.earliest), length)
}

fn range(
    stretch: &DropStretch,
    to: Timestamp,
    onset: impl Fn(&Bounds) -> Timestamp,
    end: impl Fn(&Bounds) -> Timestamp,
    length: Duration,
) -> TimeRange {
    let from = onset(&stretch.onset);
    let Some(bounds) = &stretch.end else { return TimeRange { from, to: to.max(from) } };
    let label = end(bounds);
    // Where the clock was stepped inside it, its labels do not give its length.
    let labelled = label.micros_since(from);
    let least = micros(stretch.lengths.min) - STEPPED_US;
    let most = micros(stretch.lengths.max + stretch.unobserved) + STEPPED_US;
    let stepped = labelled < least || labelled > most;
    TimeRange { from, to: if stepped { from + length } else { label.max(from) } }
}

/// Labels and length that differ by more than this show a step of the clock.
const STEPPED_US: i64 = 1_000_000;

#[cfg(test)]
mod tests;
