//! What damage left in the smallest parts of a file that goes on being written: what linkmon itself
//! reckons with must be plausible, or no further row could be added.

use rusqlite::{Connection, OptionalExtension};

use super::meta;
use super::schema::SCHEMA;
use super::tables::{MOST_NUMBERS, TABLES};

/// Puts right what further writing depends on: what the file says of itself, numbers from which no next
/// one can be given, and hours that are waiting to be summed up and never were. Rows are kept.
///
/// # Errors
/// If it cannot be read or written.
pub(super) fn heal(db: &Connection) -> rusqlite::Result<()> {
    if meta::get::<i64>(db, meta::IDENTITY)?.is_none() {
        meta::put(db, meta::IDENTITY, fastrand::i64(..))?;
    }
    if meta::get::<i64>(db, meta::MIN_READER)?.is_none() {
        meta::put(db, meta::MIN_READER, SCHEMA)?;
    }
    for key in meta::wrong(db)? {
        db.execute("DELETE FROM meta WHERE key = ?1", [key])?;
    }
    for table in TABLES.iter().filter(|table| table.numbered).map(|table| table.name) {
        let beyond = format!("SELECT id FROM {table} WHERE id NOT BETWEEN 1 AND {MOST_NUMBERS}");
        while let Some(id) = db.query_row(&beyond, [], |row| row.get::<_, i64>(0)).optional()? {
            let next = format!(
                "UPDATE {table} SET id = (SELECT coalesce(max(id), 0) + 1 FROM {table}
                   WHERE id BETWEEN 1 AND {MOST_NUMBERS}) WHERE id = ?1"
            );
            db.execute(&next, [id])?;
        }
        let sequence = format!(
            "UPDATE sqlite_sequence SET seq = (SELECT coalesce(max(id), 0) FROM {table})
             WHERE name = ?1 AND (typeof(seq) <> 'integer' OR seq NOT BETWEEN 0 AND {MOST_NUMBERS})"
        );
        db.execute(&sequence, [table])?;
    }
    // Such hours lie beyond all time; no row of samples is of them.
    db.execute("DELETE FROM hour_due WHERE hour NOT BETWEEN -2500000 AND 2500000", [])?;
    Ok(())
}
