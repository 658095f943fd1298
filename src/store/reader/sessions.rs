//! Sessions of the page that were ended.

use super::Reader;
use crate::store::error::Error;
use crate::store::meta;

impl Reader {
    /// What the page wrote last of its ended sessions.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn ended_sessions(&self) -> Result<Option<String>, Error> {
        self.read(|s| meta::get(s.db, meta::ENDED_SESSIONS))
    }
}
