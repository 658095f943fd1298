//! What people are told, and how far each channel has come with it.

use super::Reader;
use crate::store::error::Error;
use crate::store::tables::StoredTable;
use crate::time::TimeRange;
use crate::vocabulary::{ChannelProgress, StoredMessage};

impl Reader {
    /// The messages of a period, by time.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn messages(&self, range: TimeRange) -> Result<Vec<StoredMessage>, Error> {
        self.rows::<StoredMessage>(range)
    }

    /// How far the channels have come, by name.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn channels(&self) -> Result<Vec<ChannelProgress>, Error> {
        self.read(|s| match s.schema {
            ..ChannelProgress::SINCE => Ok(Vec::new()),
            _ => ChannelProgress::all(s.db, "ORDER BY channel", []),
        })
    }
}
