//! The last ten seconds of anchor probes: a link that is silent for four fifths of them is down,
//! though stray replies break its silence into short runs. Where a drop takes longer than that,
//! so does this.

use std::collections::VecDeque;

use super::steady::Moment;

/// Least length of the window in microseconds.
const LENGTH: i64 = 10_000_000;
/// With fewer probes in it a share means nothing: sparse records have no such rule.
const ENOUGH: usize = 10;

/// One probe in the window; a silent one knows the silent run it belongs to.
#[derive(Debug, Clone, Copy)]
struct Entry {
    at: Moment,
    target: u8,
    run: Option<RunStart>,
}

/// Where a silent run began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RunStart {
    /// The last probe before it.
    pub(super) before: Option<Moment>,
    /// Its first probe.
    pub(super) first: Moment,
}

#[derive(Debug, Clone)]
pub(super) struct Window {
    length: i64,
    entries: VecDeque<Entry>,
    silent: usize,
}

impl Window {
    /// A window in which a silence of less than `drop_after` microseconds is no drop.
    pub(super) fn new(drop_after: i64) -> Self {
        Self { length: LENGTH.max(drop_after), entries: VecDeque::new(), silent: 0 }
    }

    /// Its length in microseconds.
    pub(super) fn length(&self) -> i64 {
        self.length
    }

    /// Takes the next probe and forgets those that the shortest stretch of that length does not
    /// need.
    pub(super) fn push(&mut self, at: Moment, target: u8, run: Option<RunStart>, spacing: i64) {
        self.entries.push_back(Entry { at, target, run });
        self.silent += usize::from(run.is_some());
        while let Some(second) = self.entries.get(1)
            && at.since(second.at) + spacing >= self.length - spacing / 4
        {
            let gone = self.entries.pop_front();
            self.silent -= usize::from(gone.is_some_and(|entry| entry.run.is_some()));
        }
    }

    /// Where the silence began, when the window is full and four fifths of it or more are silent;
    /// with the targets that were silent as bits.
    pub(super) fn mostly_silent(&self, spacing: i64) -> Option<(RunStart, u128)> {
        let (front, back) = (self.entries.front()?, self.entries.back()?);
        let full = back.at.since(front.at) + spacing >= self.length - spacing / 4;
        let total = self.entries.len();
        if !full || total < ENOUGH || self.silent * 5 < total * 4 {
            return None;
        }
        let start = self.entries.iter().find_map(|entry| entry.run)?;
        let silent = self.entries.iter().filter(|entry| entry.run.is_some());
        Some((start, silent.fold(0, |set, entry| set | bit(entry.target))))
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.silent = 0;
    }
}

/// A target as a bit in a set; those behind the 128th share the last bit, which can only make a
/// verdict more careful.
pub(super) fn bit(target: u8) -> u128 {
    1 << target.min(127)
}
