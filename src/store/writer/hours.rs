//! Hours that are over are summed up and added to the chain: when they end, and when rows of them
//! came later (after a kill, by an import, from a file of an older schema). A few at a time: the
//! next second's samples do not wait for a year of them.

use super::Writer;
use crate::store::close::{close_hour, open_hour};
use crate::store::error::Error;
use crate::store::hour::hour_of_minute;
use crate::time::Timestamp;

/// Hours in one second of the daemon at most; each is a few milliseconds of work.
const BITE: usize = 2;

impl Writer {
    /// Sums up at most `at_most` hours that were over at `now` and adds them to the chain, the
    /// oldest first. Returns how many; fewer than `at_most` if none is left.
    ///
    /// # Errors
    /// If it cannot be written; nothing is then changed.
    pub fn close_hours(&mut self, now: Timestamp, at_most: usize) -> Result<usize, Error> {
        let limit = i64::try_from(at_most).unwrap_or(i64::MAX);
        // Measurements that could not be written yet belong to their hour's entry.
        let held = self.waiting.dirty().map(|key| hour_of_minute(key.minute)).min();
        let open = held.map_or(open_hour(now), |held| held.min(open_hour(now)));
        let close = || {
            let due: Vec<i64> = self
                .file
                .db
                .prepare_cached("SELECT hour FROM hour_due WHERE hour < ?1 ORDER BY hour LIMIT ?2")?
                .query_map((open, limit), |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            if !due.is_empty() {
                let targets = self.targets.by_id();
                self.file.at_once(|db| {
                    due.iter().try_for_each(|hour| close_hour(db, &targets, *hour))
                })?;
            }
            Ok(due.len())
        };
        close().map_err(|e| self.file.failed("sum up an hour in database", e))
    }

    /// The part of a second that is for this: nothing is asked again until the next commit.
    pub(super) fn close_some_hours(&mut self, now: Timestamp) {
        if self.hours_wait {
            match self.close_hours(now, BITE) {
                Ok(closed) => self.hours_wait = closed == BITE,
                Err(error) => {
                    self.hours_wait = false;
                    self.failures.on_commit(error);
                }
            }
        }
    }
}
