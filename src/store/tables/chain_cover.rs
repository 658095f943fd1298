//! Table `chain_cover`: what an entry of the chain covers, in the words that its digest is made of.

use rusqlite::Row;
use rusqlite::types::Value;

use super::table::{StoredTable, Writing};
use super::value::{number, values};

/// What one entry covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct CoverRow {
    pub(in crate::store) seq: i64,
    pub(in crate::store) covers: String,
    pub(in crate::store) targets: Option<String>,
}

impl StoredTable for CoverRow {
    const NAME: &'static str = "chain_cover";
    const COLUMNS: &'static [&'static str] = &["seq", "covers", "targets"];
    const KEY: &'static str = "seq";
    const SINCE: i64 = 6;
    const WRITING: Writing = Writing::Keeps;
    const CREATE: &'static str = "
-- What an entry of the chain covers. Entries without a row here are of an earlier linkmon: schema-3.sql has
-- their form. Of an entry with one
--   content = SHA-256 of 'linkmon entry 2' and a line feed, then hour (8 bytes), covers, targets (if any)
-- and head is as before. Numbers are big-endian.
CREATE TABLE chain_cover(
  seq     INTEGER PRIMARY KEY,          -- chain.seq
  -- Lines, each ended by a line feed:
  --   run ID here|import|merged STARTED ROWS SHA256   for each run with samples in the hour; STARTED is
  --                                                   run.started_us, of runs from elsewhere -
  --   minutes ROWS SHA256                             of the rows of minute and hour, as values joined by
  --   hours ROWS SHA256                               commas, a line each: NULL empty, BLOBs hexadecimal
  -- The SHA-256 of a run is that of 'linkmon hour 2' and a line feed, hour (8), and for each row of raw of
  -- that run and hour, in the order of minute and target: minute (8), target (8), run (8), length of samples
  -- (8), samples.
  covers  TEXT NOT NULL,
  targets TEXT) STRICT;                 -- target ID ROLE KIND NAME: lines, where not as in an earlier entry
CREATE INDEX chain_cover_targets ON chain_cover(seq) WHERE targets IS NOT NULL;
";

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { seq: number(row, 0)?, covers: row.get(1)?, targets: row.get(2)? })
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        values![self.seq, self.covers.clone(), self.targets.clone()]
    }
}
