//! What follows from rows of samples once they are stored: the summary of a minute, and the sums and
//! the chain's entry of an hour that is over.

use std::collections::BTreeMap;
use std::time::Duration;

use rusqlite::Connection;

use super::chain;
use super::hour::{self, hour_of, minutes_of};
use super::tables::{RawRow, StoredTable, raw};
use super::{codec, summary};
use crate::time::Timestamp;
use crate::vocabulary::{Target, TargetId};

/// An hour is summed up once it has been over for this long: the last late reply (60 s) is in the
/// database by then.
const SETTLED_AFTER: Duration = Duration::from_secs(150);

/// Hours before this one are over.
pub(super) fn open_hour(now: Timestamp) -> i64 {
    hour_of(now - SETTLED_AFTER)
}

/// Recomputes the summary of a minute from the samples of all its runs; damaged rows are left
/// out.
pub(super) fn summarize_minute(
    db: &Connection,
    minute: i64,
    target: TargetId,
) -> rusqlite::Result<()> {
    let mut samples = Vec::new();
    for row in raw::of_all_runs(db, minute, target)? {
        // Damage is counted where the hour is summed up.
        let _ = codec::decode(&row.samples, minute, target, &mut samples);
    }
    summary::summarize(minute, target, &samples).put(db)?;
    Ok(())
}

/// Whether an hour waits to be summed up.
pub(super) fn is_due(db: &Connection, hour: i64) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM hour_due WHERE hour = ?1")?.exists([hour])
}

/// Sums up one hour, replacing earlier sums.
pub(super) fn close_hour(
    db: &Connection,
    targets: &BTreeMap<TargetId, Target>,
    hour: i64,
) -> rusqlite::Result<()> {
    let rows = RawRow::all(db, raw::OF_MINUTES, minutes_of(hour))?;
    #[allow(clippy::type_complexity, reason = "minute, run and samples")]
    let mut by_target: BTreeMap<TargetId, Vec<(i64, i64, &[u8])>> = BTreeMap::new();
    for RawRow { key, samples } in &rows {
        by_target.entry(key.target).or_default().push((key.minute, key.run, samples));
    }
    for (id, mut rows) in by_target {
        // A row of a target that is not known cannot come from a writer.
        if let Some(target) = targets.get(&id) {
            hour::sum_up(hour, target, &mut rows).put(db)?;
        }
    }
    if !rows.is_empty() {
        // With the sums of the hour as they are now.
        chain::append(db, hour, &rows)?;
    }
    db.prepare_cached("DELETE FROM hour_due WHERE hour = ?1")?.execute([hour])?;
    Ok(())
}
