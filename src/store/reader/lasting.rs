//! Drops that had not ended when they were stored.

use std::time::Duration;

use super::Reader;
use crate::store::error::Error;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{LinkDrop, Run};

impl Reader {
    /// When the record ends while this drop lasts: nobody watches any more. `None` where it is over, or a
    /// daemon still watches it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn ends_within(&self, drop: &LinkDrop) -> Result<Option<Timestamp>, Error> {
        if drop.end.is_some() {
            return Ok(None);
        }
        let runs = self.runs(TimeRange::EVER)?;
        let last = last_run_of(drop, &runs).filter(|last| last.ended.is_some());
        Ok(last.map(|last| last.last_seen))
    }
}

/// The last run of those in which a drop was watched, one after another.
fn last_run_of<'a>(drop: &LinkDrop, runs: &'a [Run]) -> Option<&'a Run> {
    const RESTART: Duration = Duration::from_secs(600);
    // Where a clock that was set back lets two runs contain it, it is of the one that watched last.
    let first = runs.iter().rposition(|run| run.contains(drop.key))?;
    let mut last = &runs[first];
    for run in &runs[first + 1..] {
        if last.is_import() || run.started > last.last_seen + RESTART {
            break;
        }
        last = run;
    }
    Some(last)
}

/// A drop that lasts was stored when it began or changed: while its daemon runs it lasts as far as
/// the record shows, but for the last seconds, whose probes may not be in it yet. Gives whether it
/// reaches into time from `from` on.
pub(super) fn lasts_beyond(drop: &mut LinkDrop, runs: &[Run], from: Timestamp) -> bool {
    const PENDING: Duration = Duration::from_secs(4);
    let Some(last) = last_run_of(drop, runs) else { return true };
    if last.ended.is_none() {
        drop.extend_to(last.last_seen, PENDING);
    }
    last.last_seen >= from
}
