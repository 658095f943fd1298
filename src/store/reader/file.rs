//! The file itself, seen by whoever only reads: how much room it has, and whether commits of the
//! daemon are missing.

use super::Reader;
use crate::store::space::SpaceLimits;
use crate::store::{Error, writer};
use crate::time::Timestamp;
use crate::vocabulary::Forecast;

impl Reader {
    /// How much room there is at `now` within `limits`, and for how long: of what a daemon saw and
    /// of how it is now.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn forecast(&self, limits: SpaceLimits, now: Timestamp) -> Result<Forecast, Error> {
        let read = || {
            let watched = writer::stored_room(&self.db)?;
            let (look, bounds) = writer::look(&self.db, &self.path, now, limits)?;
            Ok(watched.look_at(look, bounds))
        };
        read().map_err(|e| self.failed(e))
    }

    /// Commits that the journal's writer had made before the database was read, and that are not there.
    pub(in crate::store) fn lost_commits(&self) -> rusqlite::Result<u64> {
        let made = self.read_journal().map(|journal| journal.head.commits);
        let sql = "SELECT value FROM meta WHERE key = 'commits'";
        let there: i64 = self.db.query_row(sql, [], |row| row.get(0))?;
        let missing = made.map_or(0, |made| made.saturating_sub(there));
        Ok(u64::try_from(missing).unwrap_or(0))
    }
}
