//! The file itself, as seen by those who only read: how much space it has, of which schema it is, and
//! whether commits of the daemon are missing.

use std::path::Path;

use super::Reader;
use crate::store::schema::{self, ForeignParts, SCHEMA};
use crate::store::space::SpaceLimits;
use crate::store::{error::Error, meta, survey};
use crate::time::Timestamp;
use crate::vocabulary::Forecast;

/// Whether a program of an earlier schema wrote the file last: the next one that opens it for
/// writing brings it up to date.
///
/// # Errors
/// As for [`Reader::open`].
pub fn is_of_earlier_schema(path: &Path) -> Result<bool, Error> {
    Ok(Reader::open(path)?.about()?.schema < SCHEMA)
}

impl Reader {
    /// How much space there is at `now` within `limits`, and for how long it will last: from what a
    /// daemon saw and from how it is now.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn forecast(&self, limits: SpaceLimits, now: Timestamp) -> Result<Forecast, Error> {
        let read = || {
            let history = survey::history(&self.db)?;
            let (look, bounds) = survey::look(&self.db, &self.path, now, limits)?;
            Ok(history.look_at(look, bounds))
        };
        read().map_err(|e| self.failed(e))
    }

    /// Compares the schema of the file with what linkmon makes.
    ///
    /// # Errors
    /// [`Error::Foreign`] where they differ.
    pub fn check_schema(&self) -> Result<(), Error> {
        let schema = self.about()?.schema;
        schema::compare(&self.db, &self.path, schema, ForeignParts::None)
    }

    /// Commits that the journal's writer had made before the database was read, and that are not
    /// there.
    pub(in crate::store) fn lost_commits(&self) -> rusqlite::Result<u64> {
        let made = self.read_journal().map(|journal| journal.head.commits);
        let there = meta::commits(&self.db)?;
        let missing = made.map_or(0, |made| made.saturating_sub(there));
        Ok(u64::try_from(missing).unwrap_or(0))
    }
}
