//! Tables `note` and `note_change`: what people wrote down, which they may add, edit and remove while
//! the daemon writes.
//!
//! A note is evidence: its earlier wording stays in the record after an edit or a removal, with the
//! time of the change.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, OpenFlags, Params, Row, Transaction, TransactionBehavior};

use super::value::{number, time, time_or_null};
use crate::store::error::Error;
use crate::store::file;
use crate::store::schema::{self, FileKind, Purpose};
use crate::store::unread::{RowReader, UnreadTally};
use crate::time::Timestamp;
use crate::vocabulary::{Note, NoteChange, NoteDraft, NoteWas};

/// The schema that introduced kinds, tickets and a history.
pub(in crate::store) const SINCE: i64 = 4;

/// Adds a note to an existing database, which a daemon may be writing at the same time; returns its
/// number.
///
/// # Errors
/// If there is no linkmon database, it has an earlier schema, or this user may not write it.
pub fn add_note(path: &Path, draft: &NoteDraft, now: Timestamp) -> Result<i64, Error> {
    let fail = |e| Error::sqlite("add a note to database", path, e);
    let db = open(path, "add a note to database", SINCE)?;
    insert(&db, draft, now).map_err(fail)
}

/// Replaces note `id` by `draft`; its earlier wording stays in its history. Returns the note as it is
/// now. A draft with the same wording changes nothing. `version`: how often the note had been changed
/// when whoever edits it read it; `None`: whatever it says now is to be replaced.
///
/// # Errors
/// As for [`add_note`], if there is no such note, and if it was changed since.
pub fn edit_note(
    path: &Path,
    id: i64,
    draft: &NoteDraft,
    version: Option<u32>,
    now: Timestamp,
) -> Result<Note, Error> {
    change_note(path, "edit a note in database", (id, version), |db, before| {
        if before.draft() == *draft {
            return Ok(before);
        }
        keep_wording(db, id, NoteWas::Edited, now)?;
        reword(db, id, draft)?;
        Ok(by_id(db, id)?.unwrap_or(before))
    })
}

/// Removes note `id`; its wording stays in its history. Returns the removed note. `version` is as for
/// [`edit_note`].
///
/// # Errors
/// As for [`edit_note`].
pub fn remove_note(
    path: &Path,
    id: i64,
    version: Option<u32>,
    now: Timestamp,
) -> Result<Note, Error> {
    change_note(path, "remove a note from database", (id, version), |db, note| {
        keep_wording(db, id, NoteWas::Removed, now)?;
        db.execute("DELETE FROM note WHERE id = ?1", [id])?;
        Ok(note)
    })
}

/// Changes the note of a number, if it has been changed as often as its version says.
fn change_note(
    path: &Path,
    doing: &'static str,
    (id, version): (i64, Option<u32>),
    change: impl FnOnce(&Transaction<'_>, Note) -> rusqlite::Result<Note>,
) -> Result<Note, Error> {
    let changed = at_once(path, doing, |db| {
        let Some(note) = by_id(db, id)? else { return Ok(None) };
        if version.is_some() && version != Some(version_of(db, id)?) {
            return Ok(Some(None));
        }
        change(db, note).map(|note| Some(Some(note)))
    })?;
    let path = path.to_owned();
    changed.ok_or(Error::NoNote { path: path.clone(), id })?.ok_or(Error::NoteChanged { path, id })
}

/// How often a note was changed.
fn version_of(db: &Connection, id: i64) -> rusqlite::Result<u32> {
    let sql = "SELECT count(*) FROM note_change WHERE note = ?1";
    db.prepare_cached(sql)?.query_row([id], |row| row.get(0))
}

/// How often each note was changed that ever was.
pub(in crate::store) fn versions(db: &Connection) -> rusqlite::Result<BTreeMap<i64, u32>> {
    let mut statement =
        db.prepare_cached("SELECT note, count(*) FROM note_change GROUP BY note")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// Opens an existing database for writing notes.
pub(in crate::store) fn open(
    path: &Path,
    doing: &'static str,
    since: i64,
) -> Result<Connection, Error> {
    let fail = |e| Error::sqlite(doing, path, e);
    file::check_file(path)?;
    let db = file::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(fail)?;
    match schema::inspect(&db, path, Purpose::Write)? {
        FileKind::Nothing => return Err(Error::Empty { path: path.to_owned() }),
        FileKind::Ours(found) if found < since => {
            return Err(Error::TooOld { doing, path: path.to_owned(), found, needed: since });
        }
        FileKind::Ours(_) => {}
    }
    file::keep_wal(&db).map_err(fail)?;
    Ok(db)
}

/// A change and its trace in one transaction.
fn at_once<T>(
    path: &Path,
    doing: &'static str,
    change: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
) -> Result<T, Error> {
    let db = open(path, doing, SINCE)?;
    let run = || {
        let transaction = Transaction::new_unchecked(&db, TransactionBehavior::Immediate)?;
        let result = change(&transaction)?;
        transaction.commit()?;
        Ok(result)
    };
    run().map_err(|e| Error::sqlite(doing, path, e))
}

/// Copies a note into the history before it is changed.
fn keep_wording(db: &Connection, id: i64, was: NoteWas, now: Timestamp) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO note_change(note, what, changed_us, time_us, text, added_us, kind, ticket)
         SELECT id, ?2, ?3, time_us, text, added_us, kind, ticket FROM note WHERE id = ?1",
        (id, was.as_str(), now.as_micros()),
    )?;
    Ok(())
}

/// Adds a note; gives its number.
pub(in crate::store) fn insert(
    db: &Connection,
    draft: &NoteDraft,
    added: Timestamp,
) -> rusqlite::Result<i64> {
    let NoteDraft { at, kind, ticket, text } = draft;
    db.execute(
        "INSERT INTO note(time_us, text, added_us, kind, ticket) VALUES (?1, ?2, ?3, ?4, ?5)",
        (at.as_micros(), text, added.as_micros(), kind.as_str(), ticket),
    )?;
    Ok(db.last_insert_rowid())
}

/// Gives a note another wording.
pub(in crate::store) fn reword(
    db: &Connection,
    id: i64,
    draft: &NoteDraft,
) -> rusqlite::Result<()> {
    let NoteDraft { at, kind, ticket, text } = draft;
    db.execute(
        "UPDATE note SET time_us = ?2, text = ?3, kind = ?4, ticket = ?5 WHERE id = ?1",
        (id, at.as_micros(), text, kind.as_str(), ticket),
    )?;
    Ok(())
}

/// Adds an edit that was made in another file to the history of note `id`, unless it is there.
pub(in crate::store) fn keep_edit(
    db: &Connection,
    id: i64,
    change: &NoteChange,
) -> rusqlite::Result<()> {
    let NoteChange { was, changed, before } = change;
    let is_known = db
        .prepare_cached("SELECT 1 FROM note_change WHERE note = ?1 AND changed_us = ?2")?
        .exists((id, changed.as_micros()))?;
    if !is_known && *was == NoteWas::Edited {
        db.execute(
            "INSERT INTO note_change(note, what, changed_us, time_us, text, added_us, kind, ticket)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            (
                id,
                was.as_str(),
                changed.as_micros(),
                before.at.as_micros(),
                &before.text,
                before.added.as_micros(),
                before.kind.as_str(),
                &before.ticket,
            ),
        )?;
    }
    Ok(())
}

/// The columns of a note in a file of `schema`.
fn columns(schema: i64) -> &'static str {
    if schema < SINCE {
        "id, time_us, text, added_us, 'other', NULL, NULL"
    } else {
        "id, time_us, text, added_us, kind, ticket,
           (SELECT max(changed_us) FROM note_change c WHERE c.note = note.id)"
    }
}

/// All notes for which `condition` holds, in a file of `schema`.
pub(in crate::store) fn notes(
    db: &Connection,
    schema: i64,
    condition: &str,
    params: impl Params,
    unread: &UnreadTally,
) -> rusqlite::Result<Vec<Note>> {
    let sql = format!("SELECT {} FROM note {condition}", columns(schema));
    let reader = RowReader { table: "note", read, rescue: |_| None };
    reader.all(db, &sql, params, unread)
}

/// Counts notes that cannot be understood, in a file of the present schema.
pub(super) fn check(db: &Connection, unread: &UnreadTally) -> rusqlite::Result<()> {
    notes(db, SINCE, "", [], unread).map(drop)
}

/// Counts changes of notes that cannot be understood.
pub(super) fn check_changes(db: &Connection, unread: &UnreadTally) -> rusqlite::Result<()> {
    changes(db, "", [], unread).map(drop)
}

/// All changes of notes for which `condition` holds.
pub(in crate::store) fn changes(
    db: &Connection,
    condition: &str,
    params: impl Params,
    unread: &UnreadTally,
) -> rusqlite::Result<Vec<NoteChange>> {
    let sql = format!(
        "SELECT note, time_us, text, added_us, kind, ticket, NULL, changed_us, what
         FROM note_change {condition}"
    );
    let read = |row: &Row<'_>| {
        let word: String = row.get(8)?;
        let was = if word == "removed" { NoteWas::Removed } else { NoteWas::Edited };
        Ok(NoteChange { was, changed: time(row, 7)?, before: read(row)? })
    };
    let reader = RowReader { table: "note_change", read, rescue: |_| None };
    reader.all(db, &sql, params, unread)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Note> {
    Ok(Note {
        id: number(row, 0)?,
        at: time(row, 1)?,
        text: row.get(2)?,
        added: time(row, 3)?,
        // A kind that only a later program knows counts as "other".
        kind: row.get::<_, String>(4)?.parse().unwrap_or_default(),
        ticket: row.get(5)?,
        edited: time_or_null(row, 6)?,
    })
}

fn by_id(db: &Connection, id: i64) -> rusqlite::Result<Option<Note>> {
    Ok(notes(db, SINCE, "WHERE id = ?1", [id], &UnreadTally::default())?.pop())
}
