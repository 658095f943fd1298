//! Loss that is too much for any line, also where it is usual: the last five minutes, and the last hour
//! as far as there is one, are compared with a limit instead of the time before.

use std::collections::VecDeque;

use super::{BLOCKS, LossBlock};
use crate::detect::impairments::chance::binomial_tail;
use crate::detect::impairments::usual::LossRunCount;
use crate::time::Micros;

/// What is judged together.
const LENGTH: Micros = Micros::from_seconds(300);
/// So many of these make an hour with what is judged together.
const OLDER: usize = 11;
/// Losses less likely than this at two thirds of the limit are not chance.
const CHANCE: f64 = 1e-6;
const BY_CHANCE: f64 = 2.0 / 3.0;
/// Shares of the limit below which the line loses little, in five minutes and in an hour.
const HARMLESS: f64 = 0.25;
const HARMLESS_HOUR: f64 = 0.5;

/// The blocks of the last five minutes (of a sparse record, of as many as a minute of a usual one has),
/// and sums of those before.
#[derive(Debug, Clone)]
pub(super) struct StandingLoss {
    limit: f64,
    blocks: VecDeque<LossBlock>,
    length: Micros,
    older: VecDeque<LossBlock>,
}

impl StandingLoss {
    /// With a limit in percent.
    pub(super) fn new(percent: u32) -> Self {
        Self {
            limit: f64::from(percent) / 100.0,
            blocks: VecDeque::new(),
            length: Micros::ZERO,
            older: VecDeque::new(),
        }
    }

    pub(super) fn push(&mut self, block: &LossBlock) {
        self.length += block.length;
        self.blocks.push_back(block.clone());
        while self.blocks.len() > BLOCKS
            && let Some(first) = self.blocks.front()
            && self.length - first.length >= LENGTH
            && let Some(first) = self.blocks.pop_front()
        {
            self.length -= first.length;
            self.keep(first);
        }
    }

    fn keep(&mut self, block: LossBlock) {
        match self.older.back_mut().filter(|sum| sum.length < LENGTH) {
            Some(sum) => {
                sum.length += block.length;
                if sum.counts.len() < block.counts.len() {
                    sum.counts.resize(block.counts.len(), LossRunCount::default());
                }
                sum.counts.iter_mut().zip(&block.counts).for_each(|(sum, one)| sum.add(*one));
            }
            None => self.older.push_back(block),
        }
        if self.older.len() > OLDER {
            self.older.pop_front();
        }
    }

    pub(super) fn clear(&mut self) {
        self.blocks.clear();
        self.length = Micros::ZERO;
        self.older.clear();
    }

    /// The last five minutes.
    pub(super) fn recent(&self) -> Vec<&LossBlock> {
        self.blocks.iter().collect()
    }

    /// Sums of five minutes before these, the newest first.
    pub(super) fn older(&self) -> impl Iterator<Item = &LossBlock> {
        self.older.iter().rev()
    }

    /// All there is, an hour at most.
    pub(super) fn hour(&self) -> Vec<&LossBlock> {
        self.older.iter().chain(&self.blocks).collect()
    }

    /// Whether there are five minutes.
    pub(super) fn is_full(&self) -> bool {
        self.length >= LENGTH && self.blocks.len() >= BLOCKS
    }

    /// Whether the limit is reached, and not by chance.
    pub(super) fn is_too_much(&self, now: LossRunCount) -> bool {
        now.rate() >= self.limit
            && binomial_tail(now.lost, now.sent, self.limit * BY_CHANCE) < CHANCE
    }

    /// Whether so little was lost in five minutes, or in an hour, that it is over.
    pub(super) fn is_harmless(&self, now: LossRunCount, hour: LossRunCount) -> bool {
        let is_hour = self.older.len() == OLDER;
        now.rate() < self.harmless() || (is_hour && hour.rate() < self.limit * HARMLESS_HOUR)
    }

    /// The rate of a line that still loses much.
    pub(super) fn considerable(&self) -> f64 {
        self.limit * BY_CHANCE
    }

    /// The rate of a line that loses little.
    pub(super) fn harmless(&self) -> f64 {
        self.limit * HARMLESS
    }
}
