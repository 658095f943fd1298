//! The last ten seconds of anchor probes: a link that is silent for four fifths of them is down,
//! though stray replies break its silence into short runs. Silent is what lies in runs of a second:
//! of a link that loses three probes of five, chance alone reaches four fifths now and then, but
//! not in such runs. Where a drop takes longer than ten seconds, so does this.

use std::collections::VecDeque;

use super::stretch::RunStart;
use crate::detect::monotonic::Moment;
use crate::time::Micros;

/// Least length of the window.
const LENGTH: Micros = Micros::from_seconds(10);
/// Shorter runs are loss, not silence.
const NOTICEABLE: Micros = Micros::SECOND;
/// With fewer probes in it a share means nothing: the rule does not apply to sparse records.
const ENOUGH: usize = 10;

/// One probe in the window; a silent one knows the silent run it belongs to.
#[derive(Debug, Clone, Copy)]
struct WindowEntry {
    at: Moment,
    target: u8,
    run: Option<RunStart>,
}

#[derive(Debug, Clone)]
pub(crate) struct SilenceWindow {
    length: Micros,
    entries: VecDeque<WindowEntry>,
    silent: usize,
}

impl SilenceWindow {
    /// A window in which a silence shorter than `drop_after` is not a drop.
    pub(crate) fn new(drop_after: Micros) -> Self {
        Self { length: LENGTH.max(drop_after), entries: VecDeque::new(), silent: 0 }
    }

    /// Its length.
    pub(crate) fn length(&self) -> Micros {
        self.length
    }

    /// Takes the next probe and forgets those that the shortest stretch of the window's length does
    /// not need.
    pub(crate) fn push(&mut self, at: Moment, target: u8, run: Option<RunStart>, spacing: Micros) {
        self.entries.push_back(WindowEntry { at, target, run });
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
    pub(crate) fn mostly_silent(&self, spacing: Micros) -> Option<(RunStart, u128)> {
        let (front, back) = (self.entries.front()?, self.entries.back()?);
        let full = back.at.since(front.at) + spacing >= self.length - spacing / 4;
        let total = self.entries.len();
        let enough = |silent: usize| silent * 5 >= total * 4;
        if !full || total < ENOUGH || !enough(self.silent) {
            return None;
        }
        let (mut silent, mut targets, mut start) = (0, 0, None);
        let entries: Vec<WindowEntry> = self.entries.iter().copied().collect();
        for run in entries.chunk_by(|a, b| a.run == b.run) {
            let (Some(last), Some(began)) = (run.last(), run[0].run) else { continue };
            if last.at.since(began.first) + spacing >= NOTICEABLE - spacing / 4 {
                silent += run.len();
                start = start.or(Some(began));
                targets = run.iter().fold(targets, |set, entry| set | bit(entry.target));
            }
        }
        start.filter(|_| enough(silent)).map(|start| (start, targets))
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.silent = 0;
    }
}

/// A target as a bit in a set; those after the 128th share the last bit, which can only make a
/// verdict more careful.
pub(crate) fn bit(target: u8) -> u128 {
    1 << target.min(127)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::time::Timestamp;

    /// Three anchors, each once a second.
    const SPACING: Micros = Micros::new(333_333);

    fn moment(n: usize) -> Moment {
        let mono = i64::try_from(n).unwrap() * SPACING;
        Moment { mono, utc: Timestamp::from_micros(mono.as_i64()) }
    }

    /// Number of the probe at which the silence began, as the window reports it after the last one.
    fn said(silent: &[bool]) -> Option<usize> {
        let mut window = SilenceWindow::new(Micros::from_seconds(5));
        let mut run = None;
        for (n, silent) in silent.iter().enumerate() {
            let before = n.checked_sub(1).map(moment);
            let fresh = RunStart { before, heard: before, first: moment(n) };
            run = silent.then(|| run.unwrap_or(fresh));
            window.push(moment(n), u8::try_from(n % 3).unwrap(), run, SPACING);
        }
        let (start, _) = window.mostly_silent(SPACING)?;
        (0..silent.len()).find(|n| moment(*n) == start.first)
    }

    /// The same from the definition: the last thirty probes, and of each the run it lies in.
    fn naive(silent: &[bool]) -> Option<usize> {
        let oldest = silent.len().checked_sub(30)?;
        let run = |n: usize| {
            let first = (0..=n).rev().take_while(|m| silent[*m]).last()?;
            let last = (n..silent.len()).take_while(|m| silent[*m]).last()?;
            (last - first + 1 >= 3).then_some(first)
        };
        let runs: Vec<usize> = (oldest..silent.len()).filter_map(run).collect();
        (runs.len() >= 24).then(|| runs[0])
    }

    proptest! {
        #[test]
        fn four_fifths_of_ten_seconds_in_runs_of_a_second_are_silence(
            silent in prop::collection::vec(prop::bool::weighted(0.88), 0..90),
        ) {
            prop_assert_eq!(said(&silent), naive(&silent), "{:?}", silent);
        }
    }

    #[test]
    fn losses_one_and_two_at_a_time_are_no_silence_however_many() {
        let long: Vec<bool> = (0..60).map(|n| n % 6 != 2).collect();
        assert!(said(&long).is_some(), "five of six, in runs of five");
        let single: Vec<bool> = (0..60).map(|n| n % 3 != 2).collect();
        assert_eq!(said(&single), None, "two of three, in runs of two");
    }
}
