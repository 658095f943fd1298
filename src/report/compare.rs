//! Before and after a moment within the period: a technician's visit, a new modem.
//!
//! [`gather()`] reads, [`Sides`] counts and is pure, [`crate::stats::compare`] judges. Compared are
//! the deciding anchors that were probed on both sides; probes of one in trouble of its own are
//! left out, as in the yardsticks.

use std::time::Duration;

use serde::Serialize;

use super::drops::seconds;
use super::json::rounded;
use super::rows::deciding;
use super::spans::Spans;
use super::{Report, language};
use crate::stats::compare::{
    ChangeVerdict, Compared, ComparedSide, MeasuredChange, SideFigures, TimeBlock, block_length,
};
use crate::stats::{self, Histogram, LossRatio};
use crate::store::{Error, Reader};
use crate::time::{TimeRange, Timestamp, micros};
use crate::vocabulary::{
    DropKind, Gap, Measurement, Note, Run, StoredDrop, Target, TargetId, TargetTrouble,
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

/// Rows of a period that a comparison is made of, beside the samples.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// The period up to now.
    pub elapsed: TimeRange,
    /// The first instant of the time after; within the period.
    pub border: Timestamp,
    /// Runs that touch the period.
    pub runs: &'a [Run],
    /// Stretches in which nobody watched.
    pub gaps: &'a [Gap],
    /// Drops that touch it.
    pub drops: &'a [StoredDrop],
    /// Troubles of single targets.
    pub troubles: &'a [TargetTrouble],
    /// All targets of the record.
    pub targets: &'a [Target],
}

/// Compares the time of `elapsed` before `border` with that after it, all read of one instant.
///
/// # Errors
/// When the record cannot be read.
pub fn gather(
    reader: &Reader,
    elapsed: TimeRange,
    border: Timestamp,
    note: Option<Note>,
) -> Result<Comparison, Error> {
    reader.at_once(|reader| {
        let (runs, gaps) = (reader.runs(elapsed)?, reader.gaps(elapsed)?);
        let (drops, troubles) = (reader.drops(elapsed)?, reader.troubles(elapsed)?);
        let targets = reader.targets()?;
        let ground = Ground {
            elapsed,
            border,
            runs: &runs,
            gaps: &gaps,
            drops: &drops,
            troubles: &troubles,
            targets: &targets,
        };
        let mut sides = Sides::new(ground);
        reader.for_each_minute(elapsed, &mut |minute| {
            minute.samples.iter().for_each(|sample| sides.add(sample));
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
        let deciders = deciding(ground.targets.iter());
        let own = |id: TargetId| {
            let own = ground.troubles.iter().filter(move |trouble| trouble.target == id);
            Spans::union(own.map(|t| TimeRange { from: t.from, to: t.to.unwrap_or(to) }))
        };
        let anchors = ground.targets.iter().filter(|t| deciders.contains(&t.id));
        let anchors = anchors.map(|target| Anchor {
            target,
            troubles: own(target.id),
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

    /// What was counted, judged.
    pub fn finish(self, note: Option<Note>) -> Comparison {
        let Self { ground, anchors, parts } = self;
        let watched = Spans::union(stats::observed(&ground.elapsed, ground.runs, ground.gaps));
        let counted = || ground.drops.iter().filter(|d| d.drop.kind != DropKind::Blip);
        let down = Spans::union(counted().map(|d| stats::likely(&d.drop, ground.elapsed.to)));
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
                    drops: counted().filter(|d| range.contains(d.drop.onset.midpoint())).count()
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

/// The labels of [`lines`] in a table of fields.
pub const LABELS: [&str; 5] = ["Compared", "", "", "", ""];

/// The comparison in sentences in the language of the report, the border first; nothing where none
/// was asked for.
pub fn lines(report: &Report) -> Vec<String> {
    let language = language::of(report.language);
    let Some(told) = language.compared(report) else { return Vec::new() };
    let rows = told.rows.iter().map(|row| language.compared_line(row));
    std::iter::once(told.border).chain(rows).collect()
}

/// With about three figures: `0.042`, `1.3`, `25`.
pub(super) fn short(value: f64) -> String {
    let decimals = match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 0.1 || v == 0.0 => 2,
        v if v >= 0.01 => 3,
        _ => 4,
    };
    let text = format!("{value:.decimals$}");
    let text =
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// The comparison as JSON.
#[derive(Debug, Serialize)]
pub(super) struct CompareJson<'a> {
    border: Timestamp,
    note: Option<&'a Note>,
    anchors: &'a [String],
    confidence: f64,
    before: SideJson,
    after: SideJson,
    drops: Option<ChangeJson>,
    overdispersion: f64,
    loss: Option<ChangeJson>,
    median_ms: Option<ChangeJson>,
    p95_ms: Option<ChangeJson>,
}

#[derive(Debug, Serialize)]
struct SideJson {
    elapsed_s: f64,
    observed_s: f64,
    coverage: Option<f64>,
    up_s: f64,
    drops: u64,
    drops_per_day: Option<f64>,
    lost: u64,
    sent: u64,
    loss_ratio: Option<f64>,
    median_ms: Option<f64>,
    p95_ms: Option<f64>,
}

#[derive(Debug, Serialize)]
struct ChangeJson {
    value: Option<f64>,
    lower: f64,
    upper: Option<f64>,
    verdict: &'static str,
}

impl<'a> CompareJson<'a> {
    pub(super) fn of(comparison: &'a Comparison) -> Self {
        let Compared { before, after, drops, overdispersion, loss, median, p95 } =
            &comparison.compared;
        let plain = |change: &Option<MeasuredChange>| change.map(|c| ChangeJson::of(c, 1.0));
        let in_ms = |change: &Option<MeasuredChange>| change.map(|c| ChangeJson::of(c, 1e-3));
        Self {
            border: comparison.border,
            note: comparison.note.as_ref(),
            anchors: &comparison.anchors,
            confidence: 0.95,
            before: SideJson::of(before),
            after: SideJson::of(after),
            drops: plain(drops),
            overdispersion: rounded(*overdispersion, 4),
            loss: plain(loss),
            median_ms: in_ms(median),
            p95_ms: in_ms(p95),
        }
    }
}

impl SideJson {
    fn of(side: &SideFigures) -> Self {
        let elapsed = side.elapsed.as_secs_f64();
        let ms = |d: Option<Duration>| d.map(|d| rounded(d.as_secs_f64() * 1e3, 3));
        Self {
            elapsed_s: seconds(side.elapsed),
            observed_s: seconds(side.watched),
            coverage: (elapsed > 0.0).then(|| rounded(side.watched.as_secs_f64() / elapsed, 8)),
            up_s: rounded(side.up_s, 3),
            drops: side.drops,
            drops_per_day: side.drops_per_day().map(|rate| rounded(rate, 6)),
            lost: side.loss.lost,
            sent: side.loss.sent,
            loss_ratio: side.loss.ratio().map(|ratio| rounded(ratio, 8)),
            median_ms: ms(side.median),
            p95_ms: ms(side.p95),
        }
    }
}

impl ChangeJson {
    fn of(change: MeasuredChange, scale: f64) -> Self {
        let figure = |v: f64| rounded(v * scale, 8);
        Self {
            value: change.value.map(figure),
            lower: figure(change.lower),
            upper: change.upper.map(figure),
            verdict: match change.verdict {
                ChangeVerdict::Less => "less",
                ChangeVerdict::More => "more",
                ChangeVerdict::Same => "same",
                ChangeVerdict::TooEarly => "too-early",
            },
        }
    }
}

#[cfg(test)]
mod tests;
