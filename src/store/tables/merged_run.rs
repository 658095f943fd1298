//! Table `merged_run`: runs that were measured elsewhere.

use rusqlite::Row;
use rusqlite::types::Value;

use super::table::{StoredTable, Writing};
use super::value::{run, us, values};

/// From which file a run was taken over, and when.
pub(in crate::store) struct MergedRunRow {
    /// Its number here.
    pub(in crate::store) run: i64,
    /// The identity of the other file.
    pub(in crate::store) source: i64,
    /// Its number there.
    pub(in crate::store) their_run: i64,
    /// When it was taken over.
    pub(in crate::store) merged_us: i64,
}

impl StoredTable for MergedRunRow {
    const NAME: &'static str = "merged_run";
    const COLUMNS: &'static [&'static str] = &["run", "source", "their_run", "merged_us"];
    const KEY: &'static str = "run";
    const SINCE: i64 = 5;
    const WRITING: Writing = Writing::Keeps;

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            run: run(row, 0)?,
            source: row.get(1)?,
            their_run: run(row, 2)?,
            merged_us: us(row, 3)?,
        })
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        values![self.run, self.source, self.their_run, self.merged_us]
    }
}
