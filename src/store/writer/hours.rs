//! Hours that are over are summed up and added to the chain: when they end, and when rows of them
//! came later (after a kill, by an import, from a file of an older schema). A few at a time: the
//! next second's samples do not wait for a year of them.

use std::collections::BTreeMap;
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::{Error, Writer};
use crate::store::chain::{self, HourContent};
use crate::store::hour::{self, MINUTES, RawRow};
use crate::time::Timestamp;
use crate::vocabulary::{Target, TargetId};

/// An hour is summed up when it has been over for this long: the last late reply (60 s) is in the
/// database by then.
const SETTLED_AFTER: Duration = Duration::from_secs(150);
/// So many in one second of the daemon; each is a few milliseconds of work.
const BITE: usize = 2;

impl Writer {
    /// Sums up at most `at_most` hours that were over at `now` and adds them to the chain, the
    /// oldest first. Gives how many; fewer than `at_most` when none is left.
    ///
    /// # Errors
    /// When it cannot be written; nothing is then changed.
    pub fn close_hours(&mut self, now: Timestamp, at_most: usize) -> Result<usize, Error> {
        let open = open_hour(now);
        let targets = self.targets_by_id();
        let close = || {
            let due: Vec<i64> = self
                .db
                .prepare_cached("SELECT hour FROM hour_due WHERE hour < ?1 ORDER BY hour LIMIT ?2")?
                .query_map((open, i64::try_from(at_most).unwrap_or(i64::MAX)), |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            if due.is_empty() {
                return Ok(0);
            }
            let transaction = Transaction::new_unchecked(&self.db, TransactionBehavior::Immediate)?;
            for hour in &due {
                close_hour(&transaction, &targets, *hour)?;
            }
            transaction.commit()?;
            Ok(due.len())
        };
        close().map_err(|e| Error::sqlite("sum up an hour in database", &self.path, e))
    }

    pub(super) fn targets_by_id(&self) -> BTreeMap<TargetId, Target> {
        self.targets.iter().map(|(t, _)| (t.id, t.clone())).collect()
    }

    /// The part of a second that is for this: nothing is asked again until the next commit.
    pub(super) fn close_some_hours(&mut self, now: Timestamp) {
        if self.hours_wait {
            match self.close_hours(now, BITE) {
                Ok(closed) => self.hours_wait = closed == BITE,
                Err(error) => {
                    self.hours_wait = false;
                    self.note_failure(error);
                }
            }
        }
    }
}

/// Hours before this one are over.
pub(super) fn open_hour(now: Timestamp) -> i64 {
    (now - SETTLED_AFTER).minute().div_euclid(MINUTES)
}

/// Sums up one hour over what was known of it before.
pub(in crate::store) fn close_hour(
    db: &Connection,
    targets: &BTreeMap<TargetId, Target>,
    hour: i64,
) -> rusqlite::Result<()> {
    let mut content = HourContent::new(hour);
    let mut by_target: BTreeMap<TargetId, Vec<RawRow>> = BTreeMap::new();
    {
        let mut statement = db.prepare_cached(chain::ROWS_OF_HOUR)?;
        let first = hour.saturating_mul(MINUTES);
        let mut rows = statement.query((first, first.saturating_add(MINUTES - 1)))?;
        while let Some(row) = rows.next()? {
            let (minute, target, run) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let samples: Vec<u8> = row.get(3)?;
            content.add(minute, target, run, &samples);
            by_target.entry(TargetId(target)).or_default().push((minute, run, samples));
        }
    }
    if !by_target.is_empty() {
        chain::append(db, hour, content)?;
    }
    for (id, mut rows) in by_target {
        // A row of a target that is not known cannot come from a writer.
        if let Some(target) = targets.get(&id) {
            hour::sum_up(hour, target, &mut rows).put(db)?;
        }
    }
    db.prepare_cached("DELETE FROM hour_due WHERE hour = ?1")?.execute([hour])?;
    Ok(())
}
