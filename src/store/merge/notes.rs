//! Notes of another file. The same note is kept once; of one that was edited in only one of the two
//! files the edited wording counts, and the earlier one stays in its history.

use rusqlite::Connection;

use super::other::Other;
use crate::store::tables::note;
use crate::store::unread::UnreadTally;
use crate::vocabulary::{Note, NoteChange};

/// Takes the notes; gives how many were new or had another wording here.
pub(in crate::store) fn take_notes(db: &Connection, other: &Other) -> rusqlite::Result<u64> {
    let unread = UnreadTally::default();
    let theirs = note::notes(&other.db, note::SINCE, "ORDER BY time_us, id", [], &unread)?;
    let history = note::changes(&other.db, "ORDER BY id", [], &unread)?;
    let mut taken = 0;
    for note in &theirs {
        let ours = note::notes(db, note::SINCE, "ORDER BY id", [], &unread)?;
        let changes = note::changes(db, "ORDER BY id", [], &unread)?;
        let past: Vec<&NoteChange> =
            history.iter().filter(|change| change.before.id == note.id).collect();
        let is_here = ours.iter().any(|known| known.draft() == note.draft());
        // It was edited or removed here since.
        let was_here = changes.iter().any(|change| is_same(&change.before, note));
        if is_here || was_here {
            continue;
        }
        // It was edited there since.
        let edited = ours.iter().find(|known| past.iter().any(|then| is_same(&then.before, known)));
        let id = match edited {
            Some(known) => {
                note::reword(db, known.id, &note.draft())?;
                known.id
            }
            None => note::insert(db, &note.draft(), note.added)?,
        };
        for change in past {
            note::keep_edit(db, id, change)?;
        }
        taken += 1;
    }
    Ok(taken)
}

/// The same wording written down at the same instant: one note in two files.
fn is_same(a: &Note, b: &Note) -> bool {
    a.added == b.added && a.draft() == b.draft()
}
