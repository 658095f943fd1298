//! How full the record and its disk are now, and what was seen of that before.

use std::path::Path;

use rusqlite::Connection;

use super::growth::{SpaceBounds, SpaceHistory, SpaceLook};
use super::hour::hour_of_minute;
use super::meta;
use super::space::{SpaceLimits, space_of};
use crate::time::{Timestamp, micros};

/// 2020, in minutes: samples dated before were measured by a clock that was not set, and their age
/// is not known.
pub(super) const CLOCKS_ARE_SET: i64 = 26_297_280;
/// Free pages inside the file: 4 MB, and as much write-ahead log comes with making them. Of a file
/// with a low limit a quarter; refilled when a quarter of it is left.
const RESERVE: i64 = 1_024;

/// Pages kept free in a file that may have `most`.
pub(super) fn reserve_of(most: i64) -> i64 {
    RESERVE.min(most / 4)
}

/// The hour of the oldest row of a minute not before `since`.
pub(super) fn oldest_hour(
    db: &Connection,
    table: &str,
    since: i64,
) -> rusqlite::Result<Option<i64>> {
    db.prepare_cached(&format!("SELECT min(minute) FROM {table} WHERE minute >= ?1"))?
        .query_row([since], |row| row.get::<_, Option<i64>>(0))
        .map(|minute| minute.map(hour_of_minute))
}

/// How full it is now.
pub(super) fn look(
    db: &Connection,
    path: &Path,
    now: Timestamp,
    limits: SpaceLimits,
) -> rusqlite::Result<(SpaceLook, SpaceBounds)> {
    let space = space_of(db, path)?;
    let bytes = |pages: i64| u64::try_from(pages.saturating_mul(space.page_size)).unwrap_or(0);
    let look = SpaceLook {
        at_us: now.as_micros(),
        used: bytes(space.used()),
        disk: space.disk,
        oldest_hour: oldest_hour(db, "raw", CLOCKS_ARE_SET)?,
    };
    let bounds = SpaceBounds {
        limit: limits.max_bytes,
        reserve: bytes(reserve_of(limits.pages(space.page_size))),
        keep_raw_us: micros(limits.keep_raw),
    };
    Ok((look, bounds))
}

/// What was seen before; nothing where it cannot be understood: a later version may have written it.
pub(super) fn history(db: &Connection) -> rusqlite::Result<SpaceHistory> {
    let text: Option<String> = meta::get(db, meta::SPACE)?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// Stores what was seen.
pub(super) fn put_history(db: &Connection, history: &SpaceHistory) -> rusqlite::Result<()> {
    let text = serde_json::to_string(history).expect("looks are plain data");
    meta::put(db, meta::SPACE, text)
}
