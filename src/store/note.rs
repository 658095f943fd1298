//! Notes of persons, which may be added, edited and removed while the daemon writes.
//!
//! A note is evidence: what it said before it was edited or removed stays in the record, with the
//! time of the change.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, Transaction, TransactionBehavior};

use super::Error;
use super::schema::{self, FileKind, Purpose};
use crate::time::Timestamp;
use crate::vocabulary::{Note, NoteChange, NoteDraft, NoteKind, NoteWas};

/// The schema from which on notes have kinds, tickets and a history.
pub(super) const SINCE: i64 = 4;

/// Adds a note to an existing database, which a daemon may be writing meanwhile; gives its number.
///
/// # Errors
/// When there is no database of linkmon's there, it is of an earlier schema, or this user may not
/// write it.
pub fn add_note(path: &Path, draft: &NoteDraft, now: Timestamp) -> Result<i64, Error> {
    let fail = |e| Error::sqlite("add a note to database", path, e);
    let db = open(path, "add a note to database")?;
    insert(&db, draft, now).map_err(fail)
}

/// Puts `draft` in the place of note `id`; what it said stays in its history. Gives the note as it
/// is now. A draft that says the same changes nothing.
///
/// # Errors
/// As [`add_note`], and when there is no such note.
pub fn edit_note(path: &Path, id: i64, draft: &NoteDraft, now: Timestamp) -> Result<Note, Error> {
    const DOING: &str = "edit a note in database";
    let edit = |db: &Transaction<'_>| {
        let Some(before) = by_id(db, id)? else { return Ok(None) };
        if before.draft() == *draft {
            return Ok(Some(before));
        }
        keep(db, id, NoteWas::Edited, now)?;
        db.execute(
            "UPDATE note SET time_us = ?2, text = ?3, kind = ?4, ticket = ?5 WHERE id = ?1",
            (id, draft.at.as_micros(), &draft.text, draft.kind.as_str(), &draft.ticket),
        )?;
        by_id(db, id)
    };
    at_once(path, DOING, edit)?.ok_or(Error::NoNote { path: path.to_owned(), id })
}

/// Removes note `id`; what it said stays in its history. Gives what was removed.
///
/// # Errors
/// As [`add_note`], and when there is no such note.
pub fn remove_note(path: &Path, id: i64, now: Timestamp) -> Result<Note, Error> {
    const DOING: &str = "remove a note from database";
    let remove = |db: &Transaction<'_>| {
        let Some(note) = by_id(db, id)? else { return Ok(None) };
        keep(db, id, NoteWas::Removed, now)?;
        db.execute("DELETE FROM note WHERE id = ?1", [id])?;
        Ok(Some(note))
    };
    at_once(path, DOING, remove)?.ok_or(Error::NoNote { path: path.to_owned(), id })
}

/// An existing database for writing notes.
fn open(path: &Path, doing: &'static str) -> Result<Connection, Error> {
    let fail = |e| Error::sqlite(doing, path, e);
    super::reader::check_file(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags).map_err(fail)?;
    db.busy_timeout(Duration::from_secs(5)).map_err(fail)?;
    match schema::inspect(&db, path, Purpose::Write)? {
        FileKind::Nothing => return Err(Error::Empty { path: path.to_owned() }),
        FileKind::Ours(found) if found < SINCE => {
            return Err(Error::TooOld { doing, path: path.to_owned(), found, needed: SINCE });
        }
        FileKind::Ours(_) => {}
    }
    crate::sys::sqlite::keep_wal(&db)
        .map_err(|code| rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None))
        .map_err(fail)?;
    Ok(db)
}

/// A change and its trace in one transaction.
fn at_once<T>(
    path: &Path,
    doing: &'static str,
    change: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
) -> Result<T, Error> {
    let db = open(path, doing)?;
    let run = || {
        let transaction = Transaction::new_unchecked(&db, TransactionBehavior::Immediate)?;
        let result = change(&transaction)?;
        transaction.commit()?;
        Ok(result)
    };
    run().map_err(|e| Error::sqlite(doing, path, e))
}

fn keep(db: &Connection, id: i64, was: NoteWas, now: Timestamp) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO note_change(note, what, changed_us, time_us, text, added_us, kind, ticket)
         SELECT id, ?2, ?3, time_us, text, added_us, kind, ticket FROM note WHERE id = ?1",
        (id, was.as_str(), now.as_micros()),
    )?;
    Ok(())
}

pub(super) fn insert(db: &Connection, draft: &NoteDraft, now: Timestamp) -> rusqlite::Result<i64> {
    db.execute(
        "INSERT INTO note(time_us, text, added_us, kind, ticket) VALUES (?1, ?2, ?3, ?4, ?5)",
        (
            draft.at.as_micros(),
            &draft.text,
            now.as_micros(),
            draft.kind.as_str(),
            draft.ticket.as_deref(),
        ),
    )?;
    Ok(db.last_insert_rowid())
}

/// The columns of a note in a file of `schema`.
pub(super) fn columns(schema: i64) -> &'static str {
    if schema < SINCE {
        "id, time_us, text, added_us, 'other', NULL, NULL"
    } else {
        "id, time_us, text, added_us, kind, ticket,
           (SELECT max(changed_us) FROM note_change c WHERE c.note = note.id)"
    }
}

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Note> {
    Ok(Note {
        id: row.get(0)?,
        at: Timestamp::from_micros(row.get(1)?),
        text: row.get(2)?,
        added: Timestamp::from_micros(row.get(3)?),
        kind: kind(&row.get::<_, String>(4)?),
        ticket: row.get(5)?,
        edited: row.get::<_, Option<i64>>(6)?.map(Timestamp::from_micros),
    })
}

pub(super) const CHANGE_COLUMNS: &str =
    "note, time_us, text, added_us, kind, ticket, changed_us, what";
pub(super) fn read_change(row: &Row<'_>) -> rusqlite::Result<NoteChange> {
    let changed = Timestamp::from_micros(row.get(6)?);
    let was =
        if row.get::<_, String>(7)? == "removed" { NoteWas::Removed } else { NoteWas::Edited };
    Ok(NoteChange {
        was,
        changed,
        before: Note {
            id: row.get(0)?,
            at: Timestamp::from_micros(row.get(1)?),
            text: row.get(2)?,
            added: Timestamp::from_micros(row.get(3)?),
            kind: kind(&row.get::<_, String>(4)?),
            ticket: row.get(5)?,
            edited: None,
        },
    })
}

/// A kind that a later program knows is another one here.
fn kind(word: &str) -> NoteKind {
    word.parse().unwrap_or_default()
}

fn by_id(db: &Connection, id: i64) -> rusqlite::Result<Option<Note>> {
    let sql = format!("SELECT {} FROM note WHERE id = ?1", columns(SINCE));
    db.query_row(&sql, [id], read).optional()
}
