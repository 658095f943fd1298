//! What remote write reads besides the record itself: its cursors, and where there is something to send.

use std::collections::BTreeSet;

use super::Reader;
use crate::store::error::Error;
use crate::store::tables::write_cursor::WriteCursor;
use crate::store::tables::{RunRow, StoredTable};

impl Reader {
    /// Up to where a receiver has the record; `None`: nothing was sent to one of this name.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn write_cursor(&self, receiver: &str) -> Result<Option<WriteCursor>, Error> {
        self.read(|s| {
            if !s.has::<WriteCursor>() {
                return Ok(None);
            }
            let condition = "WHERE receiver = ?1";
            Ok(WriteCursor::all_counted(s.db, condition, [receiver], s.unread)?.pop())
        })
    }

    /// The first minute, from this one on, that has samples or sums of them; `None` if there is none.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn next_counted_minute(&self, from: i64) -> Result<Option<i64>, Error> {
        let sampled = self.next_minute(from)?;
        let summed = self.read(|s| {
            let sql = "SELECT min(minute) FROM minute WHERE minute >= ?1";
            s.db.prepare_cached(sql)?.query_row([from], |row| row.get::<_, Option<i64>>(0))
        })?;
        Ok(sampled.into_iter().chain(summed).min())
    }

    /// The numbers of the runs that were simulated: nothing was measured in them.
    ///
    /// # Errors
    /// If the runs cannot be read.
    pub fn simulated_runs(&self) -> Result<BTreeSet<i64>, Error> {
        self.read(|s| {
            let runs = s.runs()?;
            Ok(runs.iter().filter(|run| RunRow::is_simulated(run)).map(|run| run.id).collect())
        })
    }
}
