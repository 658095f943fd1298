//! Rows that cannot be understood, and pages that cannot be read: they are left out and counted, so
//! that neither the daemon nor a report ends because of them.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, ErrorCode, Params, Row};
use serde::Serialize;

/// Rows of a table that are told apart; beyond that they are only counted as "at least".
const TOLD_APART: usize = 10_000;

/// What of a table could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unread {
    /// The table.
    pub table: &'static str,
    /// Its rows that cannot be understood; each counts once, however often it was read.
    pub rows: u64,
    /// Its places where the file itself cannot be read: nobody knows how many rows were there.
    pub places: u64,
    /// What is wrong with the first one.
    pub first: String,
}

/// Counts what could not be read.
#[derive(Debug, Default)]
pub(super) struct UnreadTally(RefCell<BTreeMap<&'static str, UnreadTable>>);

#[derive(Debug, Default)]
struct UnreadTable {
    rows: HashSet<u64>,
    places: HashSet<i64>,
    first: String,
}

impl UnreadTally {
    /// All that was counted, table by table.
    pub(super) fn list(&self) -> Vec<Unread> {
        let whole = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let tables = self.0.borrow();
        let list = tables.iter().map(|(table, unread)| {
            // Neighbouring keys lie on one page, or on the next.
            let places = unread.places.iter().filter(|key| !unread.places.contains(&(**key - 1)));
            let (rows, places) = (whole(unread.rows.len()), whole(places.count()));
            Unread { table, rows, places, first: unread.first.clone() }
        });
        list.collect()
    }

    /// How much was counted so far.
    pub(super) fn count(&self) -> usize {
        self.0.borrow().values().map(|unread| unread.rows.len() + unread.places.len()).sum()
    }

    /// A row that was stepped onto cannot be understood.
    pub(super) fn row(&self, table: &'static str, row: &Row<'_>, why: &rusqlite::Error) {
        let mut hasher = DefaultHasher::new();
        for column in 0..row.as_ref().column_count() {
            match row.get_ref(column) {
                Ok(ValueRef::Null) | Err(_) => 0_u8.hash(&mut hasher),
                Ok(ValueRef::Integer(number)) => (1_u8, number).hash(&mut hasher),
                Ok(ValueRef::Real(number)) => (2_u8, number.to_bits()).hash(&mut hasher),
                Ok(ValueRef::Text(bytes)) => (3_u8, bytes).hash(&mut hasher),
                Ok(ValueRef::Blob(bytes)) => (4_u8, bytes).hash(&mut hasher),
            }
        }
        self.value(table, hasher.finish(), &why.to_string());
    }

    /// A value that `identity` tells from others cannot be understood.
    pub(super) fn value(&self, table: &'static str, identity: u64, why: &str) {
        let mut tables = self.0.borrow_mut();
        let unread = tables.entry(table).or_default();
        if unread.rows.len() < TOLD_APART {
            unread.rows.insert(identity);
        }
        unread.note(why);
    }

    /// A row that was brought from elsewhere cannot be written into the table.
    pub(super) fn refused(&self, table: &'static str, values: &[Value], why: &rusqlite::Error) {
        let mut hasher = DefaultHasher::new();
        format!("{values:?}").hash(&mut hasher);
        self.value(table, hasher.finish(), &why.to_string());
    }

    /// The file cannot be read at the place of a key of the table.
    pub(super) fn page(&self, table: &'static str, key: i64, why: &str) {
        let mut tables = self.0.borrow_mut();
        let unread = tables.entry(table).or_default();
        if unread.places.len() < TOLD_APART {
            unread.places.insert(key);
        }
        unread.note(why);
    }
}

impl UnreadTable {
    fn note(&mut self, why: &str) {
        if self.first.is_empty() {
            self.first = why.chars().filter(|c| !c.is_control()).take(120).collect();
        }
    }
}

/// Whether the file itself is damaged there, or its disk; or a value is larger than any of linkmon's.
pub(super) fn is_of_page(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::SystemIoFailure | ErrorCode::TooBig)
    )
}

/// How the rows of a table are understood.
pub(super) struct RowReader<T> {
    /// The table.
    pub(super) table: &'static str,
    /// All of a row.
    pub(super) read: fn(&Row<'_>) -> rusqlite::Result<T>,
    /// What of a row that cannot be understood is worth having.
    pub(super) rescue: fn(&Row<'_>) -> Option<T>,
}

impl<T> RowReader<T> {
    /// The rows that `sql` selects, without those that cannot be understood, which are counted.
    pub(super) fn all(
        &self,
        db: &Connection,
        sql: &str,
        params: impl Params,
        unread: &UnreadTally,
    ) -> rusqlite::Result<Vec<T>> {
        let mut statement = db.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.extend(self.one(row, unread));
        }
        Ok(all)
    }

    /// One row, or what is worth having of it.
    pub(super) fn one(&self, row: &Row<'_>, unread: &UnreadTally) -> Option<T> {
        match (self.read)(row) {
            Ok(value) => Some(value),
            Err(why) => {
                unread.row(self.table, row, &why);
                (self.rescue)(row)
            }
        }
    }
}
