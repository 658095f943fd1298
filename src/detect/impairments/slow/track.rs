//! The delays of one target: the block that is being filled, and the blocks of the last day.

use std::collections::VecDeque;

use super::blocks::{BlockDelay, median};
use super::step::{RouteStepFound, RouteSteps};
use crate::detect::monotonic::Moment;
use crate::detect::place::hop::HopPosition;
use crate::time::Micros;
use crate::vocabulary::TargetId;

/// Blocks with which the present is compared: a day of 10 s.
const BLOCKS: usize = 8_640;
/// The list grows by this many at a time: two hours.
const MORE: usize = 720;
/// With fewer answers a block says nothing.
const LEAST: usize = 3;
/// No more delays of one block are kept.
const MOST: usize = 256;
/// The usual delay is computed again when UTC enters the next ten minutes.
const AGAIN: Micros = Micros::from_seconds(600);
/// A delay above the usual by both of these is slow: microseconds, and a part of the usual.
const SLOW_US: u32 = 15_000;
const SLOW_PART: u32 = 2;
/// A single target that has been slow for this many blocks is slow for good.
const HELD: usize = 180;

/// One target.
#[derive(Debug, Clone, Default)]
pub(super) struct DelayTrack {
    pub(super) id: Option<TargetId>,
    pub(super) hop: Option<HopPosition>,
    pub(super) decides: bool,
    delays: Vec<u32>,
    own: Vec<u32>,
    probes: u32,
    /// Medians of calm blocks.
    calm: VecDeque<u32>,
    usual: Option<u32>,
    /// When `usual` was found, in [`AGAIN`].
    found: Option<i64>,
    /// The block closed last.
    now: Option<BlockDelay>,
    /// Blocks in a row that were above, and when the first of them began.
    pub(super) above: u32,
    pub(super) above_since: Option<Moment>,
    /// Blocks that are not compared with yet, since they may be part of a slow period.
    pub(super) held: VecDeque<BlockDelay>,
    pub(super) step: RouteSteps,
}

impl DelayTrack {
    pub(super) fn take(&mut self, rtt: Micros, own_queue: Option<Micros>) {
        self.probes += 1;
        if self.delays.len() < MOST {
            let us = |delay: Micros| u32::try_from(delay.as_i64().max(0)).unwrap_or(u32::MAX);
            self.delays.push(us(rtt));
            self.own.extend(own_queue.map(us));
        }
    }

    pub(super) fn take_lost(&mut self) {
        self.probes += 1;
    }

    /// In the block that is being filled.
    pub(super) fn was_probed(&self) -> bool {
        self.probes > 0
    }

    /// The block that began at `start` is full; once there are `known` calm ones it is judged.
    pub(super) fn close(&mut self, start: Moment, length: Micros, known: usize) {
        let full = self.delays.len() >= LEAST;
        let own = if 2 * self.own.len() > self.delays.len() { median(&mut self.own) } else { None };
        let least = self.delays.iter().min().copied();
        let delay = median(&mut self.delays).zip(least).filter(|_| full);
        self.now = delay.map(|(median, least)| BlockDelay { median, least, own });
        self.delays.clear();
        self.own.clear();
        self.probes = 0;
        let Some(delay) = self.now else { return };
        let due = start.block(AGAIN);
        if self.calm.len() >= known && (self.usual.is_none() || self.found != Some(due)) {
            self.found = Some(due);
            self.find_usual();
        }
        self.step.take(start, length, delay, known);
        self.held.push_back(delay);
        if self.held.len() > 2 * HELD {
            self.held.pop_front();
        }
        if self.exceeds(delay.median, 1) {
            self.above += 1;
            self.above_since.get_or_insert(start);
        } else {
            (self.above, self.above_since) = (0, None);
        }
    }

    fn find_usual(&mut self) {
        let mut values: Vec<u32> = self.calm.iter().copied().collect();
        self.usual = median(&mut values);
    }

    fn exceeds(&self, median: u32, part: u32) -> bool {
        let Some(usual) = self.usual else { return false };
        median > usual.saturating_add(SLOW_US.max(usual / SLOW_PART) / part)
    }

    pub(super) fn usual(&self) -> Option<u32> {
        self.usual
    }

    /// Whether the block closed last says anything.
    pub(super) fn is_judged(&self) -> bool {
        self.now.is_some() && self.usual.is_some()
    }

    /// Whether it was above the usual by half of what counts as slow.
    pub(super) fn is_half_above(&self) -> bool {
        self.now.is_some_and(|delay| self.exceeds(delay.median, 2))
    }

    /// No period is in progress: what is not above, or has been for long, is usual.
    pub(super) fn learn(&mut self) {
        let keep = if self.above > 0 { HELD } else { 0 };
        while self.held.len() > keep
            && let Some(delay) = self.held.pop_front()
        {
            self.push(delay.median);
        }
    }

    fn push(&mut self, median: u32) {
        if self.calm.len() >= BLOCKS {
            self.calm.pop_front();
        } else if self.calm.len() == self.calm.capacity() {
            self.calm.reserve_exact(MORE);
        }
        self.calm.push_back(median);
    }

    /// The route has changed: only the blocks since then count.
    pub(super) fn start_over(&mut self, step: &RouteStepFound) {
        self.calm.clear();
        self.held.clear();
        step.medians.iter().for_each(|median| self.push(*median));
        self.find_usual();
        (self.above, self.above_since) = (0, None);
    }

    /// A long time passed without observation.
    pub(super) fn restart(&mut self) {
        self.delays.clear();
        self.own.clear();
        self.probes = 0;
        (self.above, self.above_since) = (0, None);
        self.learn();
        self.step.restart();
    }

    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.calm.len() + self.held.len() + self.step.kept()
    }

    pub(super) fn forget(&mut self) {
        self.calm.clear();
        self.held.clear();
        self.usual = None;
        self.step = RouteSteps::default();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::time::Timestamp;

    proptest! {
        #[test]
        fn the_usual_delay_is_the_median_of_the_medians_of_calm_blocks(
            blocks in prop::collection::vec(prop::collection::vec(20_000_u32..30_000, 3..9), 6..60),
        ) {
            let mut track = DelayTrack::default();
            let mut medians = Vec::new();
            for (n, block) in (0_i64..).zip(&blocks) {
                let before = medians.clone();
                for us in block {
                    track.take(Micros::new(i64::from(*us)), None);
                }
                // Each in ten minutes of its own.
                let at = n * AGAIN;
                let start = Moment { mono: at, utc: Timestamp::from_micros(at.as_i64()) };
                track.close(start, Micros::from_seconds(10), 5);
                track.learn();
                let mut sorted = block.clone();
                sorted.sort_unstable();
                medians.push(sorted[(sorted.len() - 1) / 2]);
                let mut all = before;
                all.sort_unstable();
                let expected = (all.len() >= 5).then(|| all[(all.len() - 1) / 2]);
                prop_assert_eq!(track.usual(), expected);
            }
        }
    }
}
