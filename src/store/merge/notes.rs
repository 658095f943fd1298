//! Notes of another file. The same note is kept once; of one that was edited in only one of the two
//! files the edited words count, and what it said before stays in its history.

use rusqlite::{Connection, OptionalExtension};

use super::{Other, all};
use crate::store::note;
use crate::time::Timestamp;
use crate::vocabulary::{Note, NoteChange, NoteWas};

/// Takes the notes; gives how many were new or said something else here.
pub(in crate::store) fn take_notes(db: &Connection, other: &Other) -> rusqlite::Result<u64> {
    let columns = note::columns(note::SINCE);
    let theirs = all(&other.db, "note ORDER BY time_us, id", columns, note::read)?;
    let read = note::read_change;
    let history = all(&other.db, "note_change ORDER BY id", note::CHANGE_COLUMNS, read)?;
    let mut taken = 0;
    for note in &theirs {
        let ours = all(db, "note ORDER BY id", columns, note::read)?;
        let changes = all(db, "note_change ORDER BY id", note::CHANGE_COLUMNS, read)?;
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
                db.execute(
                    "UPDATE note SET time_us = ?2, text = ?3, kind = ?4, ticket = ?5 WHERE id = ?1",
                    (known.id, note.at.as_micros(), &note.text, note.kind.as_str(), &note.ticket),
                )?;
                known.id
            }
            None => note::insert(db, &note.draft(), note.added)?,
        };
        for change in past {
            keep(db, id, change)?;
        }
        taken += 1;
    }
    Ok(taken)
}

/// Said in the same words at the same instant: one note in two files.
fn is_same(a: &Note, b: &Note) -> bool {
    a.added == b.added && a.draft() == b.draft()
}

fn keep(db: &Connection, id: i64, change: &NoteChange) -> rusqlite::Result<()> {
    let NoteChange { was, changed, before } = change;
    let us = |at: Timestamp| at.as_micros();
    let known = db
        .query_row(
            "SELECT id FROM note_change WHERE note = ?1 AND changed_us = ?2",
            (id, us(*changed)),
            |row| row.get::<_, i64>(0),
        )
        .optional()?;
    if known.is_none() && *was == NoteWas::Edited {
        db.execute(
            "INSERT INTO note_change(note, what, changed_us, time_us, text, added_us, kind, ticket)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            (
                id,
                was.as_str(),
                us(*changed),
                us(before.at),
                &before.text,
                us(before.added),
                before.kind.as_str(),
                &before.ticket,
            ),
        )?;
    }
    Ok(())
}
