//! Reading the record: a read-only connection, and the tail of a running daemon merged in.
//!
//! Each method reads one snapshot and ends its transaction before it returns, so that a reader
//! never holds up the daemon. Nothing is written, no file is made.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::Error;
use super::rows::{About, Damage, Live, MinuteRow, MinuteSamples, Note, StoredDrop, StoredEvent};
use crate::detect::{Gap, Run, TargetTrouble};
use crate::measurement::Target;
use crate::time::TimeRange;

/// A read-only view of a database.
#[derive(Debug)]
#[allow(dead_code, reason = "signatures first")]
pub struct Reader {
    connection: Connection,
    path: PathBuf,
}

impl Reader {
    /// Opens an existing database for reading.
    ///
    /// # Errors
    /// When there is none, it is none of linkmon's, too new, or may not be read.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Err(Error::NoDatabase { path: path.to_owned() })
    }

    /// What is known of the database itself.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn about(&self) -> Result<About, Error> {
        todo!()
    }

    /// All targets it ever had, also retired ones, by number.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn targets(&self) -> Result<Vec<Target>, Error> {
        todo!()
    }

    /// The runs that overlap `range`, by number.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn runs(&self, range: TimeRange) -> Result<Vec<Run>, Error> {
        let _ = range;
        todo!()
    }

    /// The drops that overlap `range` by their widest bounds, in order of onset.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn drops(&self, range: TimeRange) -> Result<Vec<StoredDrop>, Error> {
        let _ = range;
        todo!()
    }

    /// The drop of that number, `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn drop_by_id(&self, id: i64) -> Result<Option<StoredDrop>, Error> {
        let _ = id;
        todo!()
    }

    /// The gaps that overlap `range`, in order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn gaps(&self, range: TimeRange) -> Result<Vec<Gap>, Error> {
        let _ = range;
        todo!()
    }

    /// The target troubles that overlap `range`, in order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn troubles(&self, range: TimeRange) -> Result<Vec<TargetTrouble>, Error> {
        let _ = range;
        todo!()
    }

    /// The events of the host in `range`, in order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn events(&self, range: TimeRange) -> Result<Vec<StoredEvent>, Error> {
        let _ = range;
        todo!()
    }

    /// The notes about times in `range`, in order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn notes(&self, range: TimeRange) -> Result<Vec<Note>, Error> {
        let _ = range;
        todo!()
    }

    /// From the first sample to just behind the last; `None` when there is none.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn extent(&self) -> Result<Option<TimeRange>, Error> {
        todo!()
    }

    /// Gives `each` all samples in `range`, in order of run, minute and target; open minutes of a
    /// running daemon included. Damaged rows are left out and counted.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn for_each_minute(
        &self,
        range: TimeRange,
        each: &mut dyn FnMut(&MinuteSamples),
    ) -> Result<Damage, Error> {
        let _ = (range, each);
        todo!()
    }

    /// The summaries of the minutes that overlap `range`, in order of minute and target.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn minutes(&self, range: TimeRange) -> Result<Vec<MinuteRow>, Error> {
        let _ = range;
        todo!()
    }

    /// The present as the daemon wrote it a moment ago; `None` when none left a word that this
    /// user may read. Its age tells whether the daemon still runs.
    pub fn live(&self) -> Option<Live> {
        todo!()
    }
}
