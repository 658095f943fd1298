//! Time of which it is not known whether the link was up: what has been found, in the order in
//! which it was.

use crate::vocabulary::Gap;

/// The gaps that were found; the last may be the one in progress.
#[derive(Debug, Clone, Default)]
pub(super) struct UnknownTime {
    gaps: Vec<Gap>,
    finished: bool,
}

impl UnknownTime {
    pub(super) fn push(&mut self, gap: Gap) {
        self.gaps.push(gap);
    }

    pub(super) fn list(&self) -> &[Gap] {
        &self.gaps
    }

    /// The record ends here, for now: the gap in progress is listed, too.
    pub(super) fn finish(&mut self, open: Option<Gap>) {
        if !self.finished
            && let Some(open) = open
        {
            self.finished = true;
            self.gaps.push(open);
        }
    }

    /// The record continues: undoes [`Self::finish`].
    pub(super) fn unfinish(&mut self) {
        if std::mem::take(&mut self.finished) {
            self.gaps.pop();
        }
    }

    /// Removes and returns all.
    pub(super) fn take(&mut self) -> Vec<Gap> {
        std::mem::take(&mut self.gaps)
    }

    /// Lists a gap again.
    pub(super) fn restore(&mut self, gap: Option<&Gap>) {
        self.gaps.extend(gap.cloned());
    }

    /// Forgets these: another detector of the same record gave them out.
    pub(super) fn discard(&mut self, given: &[Gap]) {
        self.gaps.retain(|gap| given.iter().all(|gone| gone.range.from != gap.range.from));
    }
}
