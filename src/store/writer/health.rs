//! How storing goes, for the status.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;

use serde::{Deserialize, Serialize};

use super::Writer;
use crate::time::Timestamp;

/// How storing goes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Health {
    /// When measurements were last committed; `None`: not since the start.
    pub last_commit: Option<Timestamp>,
    /// Minutes whose measurements are not all in the database yet; the one that goes on is one
    /// of them.
    pub open_minutes: u32,
    /// Size of the database with its write-ahead log; `None` where it cannot be told.
    pub database_bytes: Option<u64>,
}

impl Writer {
    /// How storing goes.
    pub fn health(&self) -> Health {
        let waiting: BTreeSet<(i64, i64)> =
            self.minutes.iter().filter(|(_, held)| held.dirty).map(|(k, _)| (k.0, k.1)).collect();
        Health {
            last_commit: self.last_commit,
            open_minutes: u32::try_from(waiting.len()).unwrap_or(u32::MAX),
            database_bytes: self.database_bytes(),
        }
    }

    fn database_bytes(&self) -> Option<u64> {
        let database = fs::metadata(&self.path).ok()?.len();
        let mut log = OsString::from(&self.path);
        log.push("-wal");
        // There is none until something has been written.
        Some(database + fs::metadata(log).map_or(0, |log| log.len()))
    }
}
