//! How fast notes are written.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::time::BootTime;

/// Writes in [`A_WHILE`].
const MOST_WRITES: usize = 60;
const A_WHILE: Duration = Duration::from_secs(60);

/// When notes were written in the last while.
#[derive(Debug, Default)]
pub(super) struct NoteWrites(Mutex<Vec<BootTime>>);

impl NoteWrites {
    /// Whether one more may be written now, which then counts.
    pub(super) fn may_write(&self, now: BootTime) -> bool {
        let mut writes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writes.retain(|at| now.since(*at).to_duration() < A_WHILE);
        let may_write = writes.len() < MOST_WRITES;
        if may_write {
            writes.push(now);
        }
        may_write
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_written_at_a_bounded_pace() {
        let writes = NoteWrites::default();
        let at = |seconds: i64| BootTime::from_micros(seconds * 1_000_000);
        for _ in 0..MOST_WRITES {
            assert!(writes.may_write(at(10)));
        }
        assert!(!writes.may_write(at(69)) && writes.may_write(at(70)));
    }
}
