//! Taking over rows of another file: those that began in a bite, one table at a time.

use super::bite::Bite;
use super::table::StoredTable;
use crate::time::spans::span_at;
use crate::time::{TimeRange, Timestamp};

/// Rows that come with the time in which they began.
pub(super) trait Moved: StoredTable {
    /// The column of their beginning.
    const BEGINS: &'static str;

    /// A period as bounds of that column.
    fn beginnings(range: TimeRange) -> (i64, i64) {
        (range.from.as_micros(), range.to.as_micros())
    }

    /// When it began.
    fn began(&self) -> Timestamp;

    /// The row as it is here, cut to `span`; `None` where it is not taken.
    fn moved(self, bite: &Bite<'_>, span: TimeRange) -> rusqlite::Result<Option<Self>>;
}

/// Takes over the rows that began in a bite; gives how many.
pub(super) fn take<T: Moved>(bite: &Bite<'_>) -> rusqlite::Result<u64> {
    let condition = format!("WHERE {0} BETWEEN ?1 AND ?2 ORDER BY {0}, {1}", T::BEGINS, T::KEY);
    let mut taken = 0;
    for row in T::all(bite.other, &condition, T::beginnings(bite.range))? {
        let Some(span) = span_at(bite.spans, row.began()) else { continue };
        if bite.range.contains(row.began())
            && let Some(row) = row.moved(bite, *span)?
        {
            taken += row.put(bite.db)? as u64;
        }
    }
    Ok(taken)
}
