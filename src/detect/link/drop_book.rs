//! The drops and blips found so far.

use crate::detect::monotonic::Moment;
use crate::time::Micros;
use crate::vocabulary::LinkDrop;

/// Drops and blips by onset, and where each begins on the monotonic time line.
#[derive(Debug, Clone, Default)]
pub(super) struct DropBook {
    drops: Vec<LinkDrop>,
    /// First silent probe of each closed one of `drops`.
    firsts: Vec<Micros>,
    /// The last of `drops` is the open one.
    finished: bool,
}

impl DropBook {
    /// Adds one that is over.
    pub(super) fn push(&mut self, first: Moment, drop: LinkDrop) {
        self.firsts.push(first.mono);
        self.drops.push(drop);
    }

    /// Blips and drops from `first` on are part of a longer drop.
    pub(super) fn swallow(&mut self, first: Moment) {
        while self.firsts.last().is_some_and(|known| *known >= first.mono) {
            self.firsts.pop();
            self.drops.pop();
        }
    }

    /// The record ends here, for now: the drop in progress is listed, too.
    pub(super) fn finish(&mut self, open: Option<LinkDrop>) {
        if !self.finished
            && let Some(open) = open
        {
            self.finished = true;
            self.drops.push(open);
        }
    }

    /// The record continues: undoes [`Self::finish`].
    pub(super) fn unfinish(&mut self) {
        if std::mem::take(&mut self.finished) {
            self.drops.pop();
        }
    }

    pub(super) fn list(&self) -> &[LinkDrop] {
        &self.drops
    }

    /// Removes and returns those that began before `from`.
    pub(super) fn take_before(&mut self, from: Micros) -> Vec<LinkDrop> {
        let settled = self.firsts.iter().take_while(|first| **first < from).count();
        self.firsts.drain(..settled);
        self.drops.drain(..settled).collect()
    }

    /// Forgets these drops: another detector of the same record gave them out.
    pub(super) fn discard(&mut self, given: &[LinkDrop]) {
        for gone in given {
            if let Some(place) = self.drops.iter().position(|drop| drop.key == gone.key) {
                self.firsts.remove(place);
                self.drops.remove(place);
            }
        }
    }
}
