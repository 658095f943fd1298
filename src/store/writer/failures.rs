//! What fails, so that each failure is reported once and not every second.

use crate::store::error::Error;

/// What fails at present.
#[derive(Debug, Default)]
pub(super) struct Failures {
    commit_fails: bool,
    journal_fails: bool,
    unreported: Option<Error>,
}

impl Failures {
    /// Whether the last commit, or the last journal, could not be written.
    pub(super) fn is_failing(&self) -> bool {
        self.commit_fails || self.journal_fails
    }

    /// A commit failed: to be reported, unless the one before failed too.
    pub(super) fn on_commit(&mut self, error: Error) {
        if !std::mem::replace(&mut self.commit_fails, true) {
            self.unreported = Some(error);
        }
    }

    /// A commit failed, and the caller reports it.
    pub(super) fn on_reported_commit(&mut self) {
        self.commit_fails = true;
    }

    pub(super) fn on_commit_made(&mut self) {
        self.commit_fails = false;
    }

    /// The journal was written, or not.
    pub(super) fn on_journal(&mut self, result: Result<(), Error>) {
        match result {
            Ok(()) => self.journal_fails = false,
            Err(error) => {
                if !std::mem::replace(&mut self.journal_fails, true) {
                    self.unreported.get_or_insert(error);
                }
            }
        }
    }

    /// The first failure that was not reported yet.
    pub(super) fn take(&mut self) -> Result<(), Error> {
        self.unreported.take().map_or(Ok(()), Err)
    }
}
