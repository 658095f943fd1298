//! How much room the file has, seen by whoever only reads.

use super::Reader;
use crate::store::space::Limits;
use crate::store::{Error, Forecast, writer};
use crate::time::Timestamp;

impl Reader {
    /// How much room there is at `now` within `limits`, and for how long: of what a daemon saw and
    /// of how it is now.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn forecast(&self, limits: Limits, now: Timestamp) -> Result<Forecast, Error> {
        let read = || {
            let watched = writer::stored_room(&self.db)?;
            let (look, bounds) = writer::look(&self.db, &self.path, now, limits)?;
            Ok(watched.look_at(look, bounds))
        };
        read().map_err(|e| self.failed(e))
    }
}
