//! Route steps: the least delay of the blocks moved and stayed, and what lies above it did not.

use std::collections::VecDeque;
use std::time::Duration;

use super::blocks::{BlockDelay, median};
use crate::detect::monotonic::Moment;
use crate::time::Micros;
use crate::vocabulary::{Bounds, Figures, Impairment, TargetId};

/// Blocks that show the usual least delay: an hour of 10 s.
const LEVEL: usize = 360;
/// A block has moved when it differs by both: microseconds, and a part of the usual.
const MOVED_US: u32 = 5_000;
const MOVED_PART: u32 = 10;
/// A step has to last this long.
const LASTING: Micros = Micros::from_seconds(1_800);
/// Blocks in a row that did not move and so rule out what may have been a step.
const STRIKES: u32 = 3;
/// The spread may change by this much, or by half.
const SPREAD_US: u32 = 2_000;
/// Moved blocks that make a step likely.
const LIKELY: usize = 6;
/// The level is computed again when UTC enters the next ten minutes.
const AGAIN: Micros = Micros::from_seconds(600);

/// What is usual.
#[derive(Debug, Clone, Copy)]
struct DelayLevel {
    least: u32,
    /// Of the median over the least.
    spread: u32,
}

impl DelayLevel {
    /// That of a single block.
    fn of(block: BlockDelay) -> Self {
        Self { least: block.least, spread: block.median - block.least }
    }
}

#[derive(Debug, Clone, Copy)]
struct MovedBlock {
    start: Moment,
    delay: BlockDelay,
}

/// A step that has become certain.
#[derive(Debug, Clone)]
pub(super) struct RouteStepFound {
    onset: Bounds,
    key: Moment,
    before: u32,
    after: u32,
    /// Medians of the blocks since.
    pub(super) medians: Vec<u32>,
}

impl RouteStepFound {
    pub(super) fn impairment(&self, target: Option<TargetId>) -> Impairment {
        Impairment {
            key: self.key.utc,
            target,
            onset: self.onset,
            end: Some(self.onset),
            unobserved: Duration::ZERO,
            places: Vec::new(),
            figures: Figures::RouteStep { before_us: self.before, after_us: self.after },
        }
    }
}

/// The watch on one target's route.
#[derive(Debug, Clone, Default)]
pub(super) struct RouteSteps {
    /// Least delay and spread of the blocks that did not move.
    still: VecDeque<DelayLevel>,
    level: Option<DelayLevel>,
    leveled: Option<i64>,
    /// Start of the last block before those that moved.
    still_at: Option<Moment>,
    moved: VecDeque<MovedBlock>,
    strikes: u32,
    found: Option<RouteStepFound>,
}

impl RouteSteps {
    pub(super) fn take(&mut self, start: Moment, length: Micros, delay: BlockDelay, known: usize) {
        let due = start.block(AGAIN);
        let enough = self.still.len() >= known.min(LEVEL / 2);
        if enough && (self.level.is_none() || self.leveled != Some(due)) {
            self.leveled = Some(due);
            self.level = level_of(self.still.iter().copied());
        }
        let Some(level) = self.level else {
            self.keep(delay);
            self.still_at = Some(start);
            return;
        };
        let limit = MOVED_US.max(level.least / MOVED_PART);
        if delay.least.abs_diff(level.least) <= limit {
            self.keep(delay);
            self.strikes += 1;
            if self.strikes >= STRIKES {
                self.moved.clear();
            }
            if self.moved.is_empty() {
                self.still_at = Some(start);
            }
            return;
        }
        self.strikes = 0;
        let up = |least: u32| least > level.least;
        if let Some(last) = self.moved.back()
            && up(last.delay.least) != up(delay.least)
        {
            self.still_at = Some(last.start);
            self.moved.clear();
        }
        self.moved.push_back(MovedBlock { start, delay });
        let lasting = usize::try_from(LASTING / length).unwrap_or(0).max(LIKELY);
        if self.moved.len() >= lasting {
            self.found = self.step(level, length);
            match &self.found {
                Some(_) => {
                    self.still_at = Some(start);
                    self.still =
                        self.moved.drain(..).map(|moved| DelayLevel::of(moved.delay)).collect();
                    self.level = level_of(self.still.iter().copied());
                }
                None => drop(self.moved.pop_front()),
            }
        }
    }

    /// A step that became certain with the last block.
    pub(super) fn take_found(&mut self) -> Option<RouteStepFound> {
        self.found.take()
    }

    /// Whether what moved looks like another route, so far.
    pub(super) fn is_likely(&self) -> bool {
        let Some(level) = self.level.filter(|_| self.moved.len() >= LIKELY) else { return false };
        level_of(self.moved.iter().map(|moved| DelayLevel::of(moved.delay)))
            .is_some_and(|now| is_as_wide(level, now))
    }

    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.still.len() + self.moved.len()
    }

    pub(super) fn restart(&mut self) {
        self.moved.clear();
        self.strikes = 0;
    }

    fn keep(&mut self, delay: BlockDelay) {
        if self.still.len() >= LEVEL {
            self.still.pop_front();
        }
        self.still.push_back(DelayLevel::of(delay));
    }

    fn step(&self, before: DelayLevel, length: Micros) -> Option<RouteStepFound> {
        let after = level_of(self.moved.iter().map(|moved| DelayLevel::of(moved.delay)))?;
        let first = self.moved.front()?.start;
        // The least delay of the block before was still that of the old route: something in it was
        // answered by that. Of a way that became shorter, one answer in the first block is enough.
        let last = self.still_at.map_or(first.plus(-length).utc, |at| at.utc);
        is_as_wide(before, after).then(|| RouteStepFound {
            onset: Bounds { earliest: last.min(first.utc), latest: first.plus(length).utc },
            key: first,
            before: before.least,
            after: after.least,
            medians: self.moved.iter().map(|moved| moved.delay.median).collect(),
        })
    }
}

fn is_as_wide(before: DelayLevel, after: DelayLevel) -> bool {
    before.spread.abs_diff(after.spread) <= SPREAD_US.max(before.spread / 2)
}

/// What is usual of these blocks.
fn level_of(blocks: impl Iterator<Item = DelayLevel>) -> Option<DelayLevel> {
    let (mut least, mut spread): (Vec<u32>, Vec<u32>) =
        blocks.map(|block| (block.least, block.spread)).unzip();
    Some(DelayLevel { least: median(&mut least)?, spread: median(&mut spread)? })
}
