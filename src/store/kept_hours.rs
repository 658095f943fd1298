//! Sums of hours that were read, kept for the next question about the same years.
//!
//! Whatever changes the row of an hour enters that hour in the chain, or removes the oldest hours: an entry
//! after those that were known here makes what is kept of its hour stale.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::tables::target_sum::TargetSum;

/// Hours that are kept together: eleven days.
pub(super) const HOURS_TOGETHER: i64 = 256;

/// Rows that are kept at most, each of 40 octets: five years of 16 targets.
const MOST_ROWS: usize = 720_000;

/// Sums of hours in memory, of one record.
#[derive(Debug, Default)]
pub struct KeptHours(Mutex<KeptRows>);

#[derive(Debug, Default)]
struct KeptRows {
    state: Option<HoursState>,
    /// By the number of the piece.
    pieces: BTreeMap<i64, Arc<[TargetSum]>>,
    rows: usize,
    /// How often something was asked for.
    asked: u64,
}

/// What the rows of hours in a file are as of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HoursState {
    /// Which file.
    identity: i64,
    /// The last entry of the chain; `None`: there is none.
    entry: Option<i64>,
    /// The first hour.
    oldest: Option<i64>,
}

impl HoursState {
    pub(super) fn of(db: &Connection, identity: i64) -> rusqlite::Result<Self> {
        let one = |sql| db.prepare_cached(sql)?.query_row([], |row| row.get(0));
        let entry = one("SELECT max(seq) FROM chain")?;
        Ok(Self { identity, entry, oldest: one("SELECT min(hour) FROM hour")? })
    }
}

impl KeptHours {
    /// The rows of the hours of a piece, in order of hour and target: those that are kept, else what `read`
    /// reads. That is kept unless it is not all that there is, which `read` says.
    pub(super) fn piece(
        &self,
        db: &Connection,
        state: HoursState,
        piece: i64,
        read: impl FnOnce() -> rusqlite::Result<(Vec<TargetSum>, bool)>,
    ) -> rusqlite::Result<Arc<[TargetSum]>> {
        let is_current = self.lock().bring_to(db, state)?;
        if is_current && let Some(kept) = self.lock().pieces.get(&piece) {
            return Ok(Arc::clone(kept));
        }
        let (rows, is_whole) = read()?;
        let rows: Arc<[TargetSum]> = rows.into();
        let mut kept = self.lock();
        if is_current && is_whole && kept.state == Some(state) {
            kept.keep(piece, Arc::clone(&rows));
        }
        Ok(rows)
    }

    /// How often it was asked: a number that is still the same later says that nobody has asked since.
    pub fn asked(&self) -> u64 {
        self.lock().asked
    }

    /// How many rows are kept.
    #[cfg(test)]
    pub(crate) fn rows(&self) -> usize {
        self.lock().rows
    }

    /// Gives its memory back.
    pub fn forget(&self) {
        let asked = self.asked();
        *self.lock() = KeptRows { asked, ..KeptRows::default() };
    }

    fn lock(&self) -> MutexGuard<'_, KeptRows> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeptRows {
    /// Gives up what has changed by `state`; whether what is left is as of then. A reader may look at an
    /// earlier state than another one: for that nothing is kept.
    fn bring_to(&mut self, db: &Connection, state: HoursState) -> rusqlite::Result<bool> {
        self.asked = self.asked.wrapping_add(1);
        match self.state {
            Some(known) if known == state => return Ok(true),
            Some(known) if known.identity == state.identity && known.oldest == state.oldest => {
                if state.entry < known.entry {
                    return Ok(false);
                }
                let sql = "SELECT DISTINCT hour FROM chain WHERE seq > ?1";
                let mut statement = db.prepare_cached(sql)?;
                let mut rows = statement.query([known.entry.unwrap_or_default()])?;
                while let Some(row) = rows.next()? {
                    let hour: i64 = row.get(0)?;
                    if let Some(gone) = self.pieces.remove(&hour.div_euclid(HOURS_TOGETHER)) {
                        self.rows -= gone.len();
                    }
                }
            }
            _ => {
                self.pieces.clear();
                self.rows = 0;
            }
        }
        self.state = Some(state);
        Ok(true)
    }

    fn keep(&mut self, piece: i64, rows: Arc<[TargetSum]>) {
        if self.rows + rows.len() > MOST_ROWS {
            return;
        }
        self.rows += rows.len();
        if let Some(before) = self.pieces.insert(piece, rows) {
            self.rows -= before.len();
        }
    }
}
