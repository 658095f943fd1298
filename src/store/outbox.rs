//! Messages and how far each channel has come with them, for those who send: by connections of their
//! own, each open for a moment, while the daemon writes.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _};

use super::error::Error;
use super::tables::{StoredTable, note};
use crate::time::Timestamp;
use crate::vocabulary::{ChannelProgress, StoredMessage};

/// Messages that are read at once: a parcel of them is of use.
const MOST_AT_ONCE: u32 = 500;

const READING: &str = "read messages from database";
const NOTING: &str = "note a delivery in database";

/// The messages of a database.
#[derive(Debug, Clone)]
pub struct Outbox {
    path: PathBuf,
}

impl Outbox {
    /// That of a database, which is opened at each call.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    fn with<T>(
        &self,
        doing: &'static str,
        act: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        let db = note::open(&self.path, doing, StoredMessage::SINCE)?;
        act(&db).map_err(|e| Error::sqlite(doing, &self.path, e))
    }

    /// The messages after the one of this number, in the order in which they were stored; no more than
    /// 500.
    ///
    /// # Errors
    /// If there is no database of the present schema, or it cannot be read.
    pub fn after(&self, id: i64) -> Result<Vec<StoredMessage>, Error> {
        self.with(READING, |db| {
            StoredMessage::all(db, "WHERE id > ?1 ORDER BY id LIMIT ?2", (id, MOST_AT_ONCE))
        })
    }

    /// The greatest number that a message was ever given; 0 before the first, and in a database that
    /// replaces a damaged one.
    ///
    /// # Errors
    /// As for [`Self::after`].
    pub fn newest(&self) -> Result<i64, Error> {
        self.with(READING, newest)
    }

    /// The messages since an instant, in the order in which they were stored.
    ///
    /// # Errors
    /// As for [`Self::after`].
    pub fn since(&self, at: Timestamp) -> Result<Vec<StoredMessage>, Error> {
        let condition = "WHERE at_us >= ?1 ORDER BY id";
        self.with(READING, |db| StoredMessage::all(db, condition, [at.as_micros()]))
    }

    /// How far a channel has come. One that is not known begins now, after all messages that there are.
    ///
    /// # Errors
    /// As for [`Self::after`].
    pub fn begin(&self, channel: &str) -> Result<ChannelProgress, Error> {
        self.with(NOTING, |db| {
            let newest = newest(db)?;
            let known = ChannelProgress::all(db, "WHERE channel = ?1", [channel])?.pop();
            if let Some(known) = known {
                return Ok(known);
            }
            let fresh = ChannelProgress::begin(channel, newest);
            fresh.put(db)?;
            Ok(fresh)
        })
    }

    /// Notes how far a channel has come.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn note(&self, progress: &ChannelProgress) -> Result<(), Error> {
        self.with(NOTING, |db| progress.put(db).map(drop))
    }

    /// Forgets channels that are not among these: one that is configured again begins anew.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn keep_channels(&self, names: &[&str]) -> Result<(), Error> {
        self.with(NOTING, |db| {
            for known in ChannelProgress::all(db, "", [])? {
                if !names.contains(&known.channel.as_str()) {
                    db.execute("DELETE FROM delivery WHERE channel = ?1", [known.channel])?;
                }
            }
            Ok(())
        })
    }

    /// Removes messages of before an instant.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn forget_before(&self, at: Timestamp) -> Result<(), Error> {
        self.with(NOTING, |db| {
            db.execute("DELETE FROM message WHERE at_us < ?1", [at.as_micros()]).map(drop)
        })
    }
}

/// The greatest number that a message was ever given; 0 before the first.
fn newest(db: &Connection) -> rusqlite::Result<i64> {
    let sql = "SELECT seq FROM sqlite_sequence WHERE name = 'message'";
    Ok(db.query_row(sql, [], |row| row.get(0)).optional()?.unwrap_or(0))
}
