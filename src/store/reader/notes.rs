//! What people wrote.

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
}
