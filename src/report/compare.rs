//! Before and after a moment within the period: a technician's visit, a new modem.
//!
//! [`gather()`] reads, [`Sides`] counts and is pure, [`crate::stats::compare`] judges. Compared are
//! the deciding anchors that were probed on both sides; probes of one in trouble of its own are
//! left out, as in the yardsticks.

use std::time::Duration;

use super::deciders::Deciders;
use super::gather::ways_of;
use super::ways::is_apart;
use crate::stats;
use crate::stats::compare::{Compared, ComparedSide, TimeBlock, block_length};
use crate::stats::{Histogram, LedgerInputs, LossRatio, TimeLedger};
use crate::store::rows::HourRow;
use crate::store::{Error, Reader, RecordPiece, SummedHours};
use crate::text::order::InOrder;
use crate::time::spans::Spans;
use crate::time::{TimeRange, Timestamp, micros};
use crate::vocabulary::{
    Gap, Impairment, Measurement, Note, RosterHistory, Run, StoredDrop, Target, TargetTrouble,
};

/// What changed at a border.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The first instant of the time after.
    pub border: Timestamp,
    /// The note that was named as the border.
    pub note: Option<Note>,
    /// Names of the anchors that were probed on both sides.
    pub anchors: Vec<String>,
    /// The figures and what they say.
    pub compared: Compared,
}

/// Rows of a period that a comparison is made of, apart from the samples.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// The period up to now.
    pub elapsed: TimeRange,
    /// The first instant of the time after; within the period.
    pub border: Timestamp,
    /// Runs that touch the period.
    pub runs: &'a [Run],
    /// Stretches that were not watched.
    pub gaps: &'a [Gap],
    /// Drops that touch it.
    pub drops: &'a [StoredDrop],
    /// Impairments that touch it.
    pub impairments: &'a [Impairment],
    /// Troubles of single targets.
    pub troubles: &'a [TargetTrouble],
    /// All targets of the record.
    pub targets: &'a [Target],
    /// Which of them were in use when.
    pub rosters: &'a RosterHistory,
    /// Time by another way than the line.
    pub apart: &'a [TimeRange],
}

/// Compares the time of `elapsed` before `border` with that after it, all read of one instant.
/// `line` describes the way that is the line.
///
/// # Errors
/// When the record cannot be read.
pub fn gather(
    reader: &Reader,
    elapsed: TimeRange,
    border: Timestamp,
    note: Option<Note>,
    line: Option<&str>,
) -> Result<Comparison, Error> {
    reader.at_once(|reader| {
        let (runs, gaps) = (reader.runs(elapsed)?, reader.gaps(elapsed)?);
        let (drops, troubles) = (reader.drops(elapsed)?, reader.troubles(elapsed)?);
        let (ways, _) = ways_of(reader, elapsed, line)?;
        let (targets, impairments) = (reader.targets()?, reader.impairments(elapsed)?);
        let rosters = reader.rosters()?;
        let ground = Ground {
            elapsed,
            border,
            runs: &runs,
            gaps: &gaps,
            drops: &drops,
            impairments: &impairments,
            troubles: &troubles,
            targets: &targets,
            rosters: &rosters,
            apart: &ways.apart,
        };
        let mut sides = Sides::new(ground);
        reader.for_each_piece(elapsed, SummedHours::WithoutSamples, &mut |piece| match piece {
            RecordPiece::Minute(minute) => minute.samples.iter().for_each(|s| sides.add(s)),
            RecordPiece::Hour(rows) => rows.iter().for_each(|row| sides.add_hour(row)),
            // Less than an hour at either end.
            RecordPiece::Part(_) => {}
        })?;
        Ok(sides.finish(note))
    })
}

/// Takes the samples of the period, gives a [`Comparison`].
#[derive(Debug)]
pub struct Sides<'a> {
    ground: Ground<'a>,
    anchors: Vec<Anchor<'a>>,
    parts: [Part; 2],
}

/// One side and how it is cut.
#[derive(Debug, Clone, Copy)]
struct Part {
    range: TimeRange,
    block_us: i64,
    blocks: usize,
}

/// An anchor, its own troubles, and its blocks on both sides.
#[derive(Debug)]
struct Anchor<'a> {
    target: &'a Target,
    troubles: Spans,
    blocks: [Vec<(LossRatio, Histogram)>; 2],
}

impl<'a> Sides<'a> {
    /// Cuts both sides into blocks, from the border outwards.
    pub fn new(ground: Ground<'a>) -> Self {
        let TimeRange { from, to } = ground.elapsed;
        let border = ground.border.max(from).min(to);
        let parts = [TimeRange { from, to: border }, TimeRange { from: border, to }].map(|range| {
            let block_us = micros(block_length(range.length()));
            let blocks = (micros(range.length()) + block_us - 1) / block_us;
            Part { range, block_us, blocks: usize::try_from(blocks).unwrap_or_default() }
        });
        let deciders =
            Deciders::of(ground.targets.iter(), ground.rosters, ground.runs, ground.elapsed)
                .without(ground.apart);
        let drops = ground.drops.iter().map(|stored| &stored.drop);
        let vain = stats::proving_nothing(ground.elapsed, ground.gaps, ground.impairments, drops);
        let anchors = ground.targets.iter().filter(|t| deciders.has(t.id));
        let anchors = anchors.map(|target| Anchor {
            target,
            troubles: deciders.passed_over(target.id, ground.troubles, &vain),
            blocks: parts.map(|part| vec![<_>::default(); part.blocks]),
        });
        Self { ground, anchors: anchors.collect(), parts }
    }

    /// Counts one sample; those of other targets, outside the period, not sent, or of an anchor in
    /// trouble of its own are passed over.
    pub fn add(&mut self, sample: &Measurement) {
        let Some(anchor) = self.anchors.iter_mut().find(|a| a.target.id == sample.target) else {
            return;
        };
        let at = sample.sent_at;
        if !sample.outcome.was_sent() || anchor.troubles.contains(at) {
            return;
        }
        for (part, blocks) in self.parts.iter().zip(&mut anchor.blocks) {
            if let Some((loss, delays)) = part.block_of(at).and_then(|n| blocks.get_mut(n)) {
                loss.count(&sample.outcome);
                if let Some(rtt) = sample.outcome.rtt() {
                    delays.add(u32::try_from(rtt.as_micros()).unwrap_or(u32::MAX));
                }
            }
        }
    }

    /// Counts a whole hour whose samples are gone, in the block of its middle; an hour that touches a
    /// trouble of the anchor is passed over.
    pub fn add_hour(&mut self, row: &HourRow) {
        let Some(anchor) = self.anchors.iter_mut().find(|a| a.target.id == row.target) else {
            return;
        };
        let from = Timestamp::from_seconds(row.hour.saturating_mul(3_600));
        let hour = TimeRange { from, to: from + Duration::from_secs(3_600) };
        let has_border = hour.from < self.ground.border && self.ground.border < hour.to;
        if has_border || !anchor.troubles.length_within(hour).is_zero() {
            return;
        }
        for (part, blocks) in self.parts.iter().zip(&mut anchor.blocks) {
            let middle = from + Duration::from_secs(1_800);
            if let Some((loss, delays)) = part.block_of(middle).and_then(|n| blocks.get_mut(n)) {
                *loss += LossRatio { lost: row.lost.into(), sent: row.sent.into() };
                delays.merge(&row.delays);
            }
        }
    }

    /// What was counted, judged.
    pub fn finish(self, note: Option<Note>) -> Comparison {
        let Self { ground, anchors, parts } = self;
        let until = ground.elapsed.to;
        let of_line = ground.drops.iter().map(|stored| &stored.drop);
        let of_line = of_line.filter(|drop| !is_apart(drop, ground.apart, until));
        let mut all: Vec<_> = of_line.collect();
        all.order_by_key(|drop| drop.onset.earliest);
        let ledger = TimeLedger::compute(LedgerInputs {
            period: ground.elapsed,
            runs: ground.runs,
            gaps: ground.gaps,
            drops: &all,
            impairments: ground.impairments,
            apart: ground.apart,
        });
        let counted = || all.iter().zip(&ledger.drops).filter(|(drop, _)| drop.kind.is_down());
        let down = counted().flat_map(|(_, time)| time.spans.iter().copied());
        let (watched, down) = (Spans::union(ledger.judged.iter().copied()), Spans::union(down));
        let on_both: Vec<&Anchor<'_>> = anchors
            .iter()
            .filter(|a| a.blocks.iter().all(|side| side.iter().any(|(loss, _)| loss.sent > 0)))
            .collect();
        let sides = [0, 1].map(|side| {
            let part = parts[side];
            let block = |n: usize| {
                let range = part.range_of(n);
                let dead: Duration = down
                    .within(range)
                    .as_slice()
                    .iter()
                    .map(|part| watched.length_within(*part))
                    .sum();
                let mut block = TimeBlock {
                    up_s: watched.length_within(range).saturating_sub(dead).as_secs_f64(),
                    drops: counted().filter(|(d, _)| range.contains(d.onset.midpoint())).count()
                        as u64,
                    ..TimeBlock::default()
                };
                for (loss, delays) in on_both.iter().map(|anchor| &anchor.blocks[side][n]) {
                    block.loss += *loss;
                    block.delays.merge(delays);
                }
                block
            };
            ComparedSide {
                elapsed: part.range.length(),
                watched: watched.length_within(part.range),
                blocks: (0..part.blocks).map(block).collect(),
            }
        });
        Comparison {
            border: ground.border,
            note,
            anchors: on_both.iter().map(|anchor| anchor.target.name.clone()).collect(),
            compared: Compared::compute(&sides[0], &sides[1]),
        }
    }
}

impl Part {
    fn block_of(&self, at: Timestamp) -> Option<usize> {
        let passed = at.micros_since(self.range.from);
        self.range.contains(at).then(|| usize::try_from(passed / self.block_us).ok())?
    }

    fn range_of(&self, block: usize) -> TimeRange {
        let start = |n: usize| {
            let passed = i64::try_from(n).unwrap_or(i64::MAX).saturating_mul(self.block_us);
            self.range.from.plus_micros(passed).min(self.range.to)
        };
        TimeRange { from: start(block), to: start(block + 1) }
    }
}

#[cfg(test)]
mod tests;
