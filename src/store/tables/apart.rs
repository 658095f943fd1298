//! Small tables of the first schemas whose rows have no type of their own: whether they can be understood.

use rusqlite::{Connection, Row};

use super::value::{hour, number, us, within};
use crate::store::unread::{RowReader, UnreadTally};

/// Counts rows of `hour_due` that cannot be understood.
pub(super) fn hour_due(db: &Connection, unread: &UnreadTally) -> rusqlite::Result<()> {
    check(db, "hour_due", "SELECT hour FROM hour_due", |row| hour(row, 0).map(drop), unread)
}

/// Counts rows of `seam` that cannot be understood.
pub(super) fn seam(db: &Connection, unread: &UnreadTally) -> rusqlite::Result<()> {
    check(db, "seam", "SELECT at_us FROM seam", |row| us(row, 0).map(drop), unread)
}

/// Counts rows of `chain` that cannot be understood.
pub(super) fn chain(db: &Connection, unread: &UnreadTally) -> rusqlite::Result<()> {
    let read = |row: &Row<'_>| {
        number(row, 0)?;
        hour(row, 1)?;
        within(row, 2, 0..=1 << 32)?;
        let _: ([u8; 32], [u8; 32]) = (row.get(3)?, row.get(4)?);
        Ok(())
    };
    check(db, "chain", "SELECT seq, hour, rows, content, head FROM chain", read, unread)
}

fn check(
    db: &Connection,
    table: &'static str,
    sql: &str,
    read: fn(&Row<'_>) -> rusqlite::Result<()>,
    unread: &UnreadTally,
) -> rusqlite::Result<()> {
    RowReader { table, read, rescue: |_| None }.all(db, sql, [], unread).map(drop)
}
