//! What people wrote.

use std::collections::BTreeMap;

use super::{Reader, bounds};
use crate::store::error::Error;
use crate::store::tables::note;
use crate::time::TimeRange;
use crate::vocabulary::{Note, NoteChange};

impl Reader {
    /// The notes about times in `range`, in order.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn notes(&self, range: TimeRange) -> Result<Vec<Note>, Error> {
        let condition = "WHERE time_us >= ?1 AND time_us < ?2 ORDER BY time_us, id";
        self.read(|s| note::notes(s.db, s.schema, condition, bounds(range), s.unread))
    }

    /// The earlier wording of notes about times in `range` that were edited or removed, in the order
    /// in which that was done.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn note_changes(&self, range: TimeRange) -> Result<Vec<NoteChange>, Error> {
        self.read(|snapshot| {
            if snapshot.schema < note::SINCE {
                return Ok(Vec::new());
            }
            let condition = "WHERE time_us >= ?1 AND time_us < ?2 ORDER BY id";
            note::changes(snapshot.db, condition, bounds(range), snapshot.unread)
        })
    }

    /// The note of that number, `None` if there is none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn note_by_id(&self, id: i64) -> Result<Option<Note>, Error> {
        Ok(self.notes(TimeRange::EVER)?.into_iter().find(|note| note.id == id))
    }

    /// How often each note was changed, by its number; one that never was is not there.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn note_versions(&self) -> Result<BTreeMap<i64, u32>, Error> {
        self.read(
            |s| {
                if s.schema < note::SINCE { Ok(BTreeMap::new()) } else { note::versions(s.db) }
            },
        )
    }

    /// How often notes were added, edited or removed in this file: where it is the same number, notes are.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn notes_written(&self) -> Result<i64, Error> {
        let sql = "SELECT coalesce(sum(seq), 0) FROM sqlite_sequence
                   WHERE name IN ('note', 'note_change')";
        self.read(|s| s.db.prepare_cached(sql)?.query_row([], |row| row.get(0)))
    }
}
