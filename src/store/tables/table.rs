//! What a table says of itself, and the SQL that follows from it.

use rusqlite::types::Value;
use rusqlite::{Connection, Params, Row, params_from_iter};

use super::bite::{Bite, Counted};
use super::export::Export;
use crate::store::unread::{RowReader, UnreadTally};
use crate::time::TimeRange;

/// A row in the form in which the database and the journal hold it, with its table.
///
/// Reading, writing, salvaging, checking, merging and exporting follow from what is said here. A new
/// table is one file with an implementation, and its line in [`TABLES`](super::TABLES).
pub(in crate::store) trait StoredTable: Sized {
    /// The name of the table.
    const NAME: &'static str;
    /// The columns that are written, in the order of [`Self::values`]. They are read in the same
    /// order; the number of a [`NUMBERED`](Self::NUMBERED) row follows them.
    const COLUMNS: &'static [&'static str];
    /// The columns of its key, the order in which a damaged table is read from both ends.
    const KEY: &'static str;
    /// Whether each row has a number, column `id`, that is never given again.
    const NUMBERED: bool = false;
    /// The schema that introduced it.
    const SINCE: i64 = 1;
    /// The SQL that makes it. Empty for tables of schemas 1 to 5, whose SQL is in `schema-N.sql`.
    const CREATE: &'static str = "";
    /// What happens to a row that is there already.
    const WRITING: Writing = Writing::Replaces;
    /// How it gets out of a damaged file.
    const SALVAGE: Salvaged = Salvaged::First;
    /// As what rows taken over from another file are counted.
    const COUNTED: Counted = Counted::Nowhere;
    /// What can be exported of it.
    const EXPORT: Option<Export> = None;

    /// A row as selected by [`Self::select`].
    fn read(row: &Row<'_>) -> rusqlite::Result<Self>;

    /// What is written, in the order of [`Self::COLUMNS`].
    fn values(&self) -> rusqlite::Result<Vec<Value>>;

    /// Takes over what another file has of it in one bite; gives how many rows.
    fn merge(_: &Bite<'_>) -> rusqlite::Result<u64> {
        Ok(0)
    }

    /// A statement that selects the rows for which `condition` (`WHERE`, `ORDER BY`) holds.
    fn select(condition: &str) -> String {
        let id = if Self::NUMBERED { ", id" } else { "" };
        format!("SELECT {}{id} FROM {} {condition}", Self::COLUMNS.join(", "), Self::NAME)
    }

    /// What is worth having of a row that cannot be understood.
    fn rescue(_: &Row<'_>) -> Option<Self> {
        None
    }

    /// How its rows are understood.
    const READER: RowReader<Self> =
        RowReader { table: Self::NAME, read: Self::read, rescue: Self::rescue };

    /// The rows for which `condition` holds. Those that cannot be understood are left out; who reads
    /// for a report counts them ([`Self::all_counted`]).
    fn all(db: &Connection, condition: &str, params: impl Params) -> rusqlite::Result<Vec<Self>> {
        Self::all_counted(db, condition, params, &UnreadTally::default())
    }

    /// The rows for which `condition` holds; those that cannot be understood are left out and counted.
    fn all_counted(
        db: &Connection,
        condition: &str,
        params: impl Params,
        unread: &UnreadTally,
    ) -> rusqlite::Result<Vec<Self>> {
        Self::READER.all(db, &Self::select(condition), params, unread)
    }

    /// Counts its rows that cannot be understood. (Not those of samples and their sums: a year of
    /// them takes minutes on an SD card.)
    fn check(db: &Connection, unread: &UnreadTally) -> rusqlite::Result<()> {
        if Self::SALVAGE != Salvaged::First || Self::NAME == "hour" {
            return Ok(());
        }
        let mut statement = db.prepare(&Self::select(""))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            Self::READER.one(row, unread);
        }
        Ok(())
    }

    /// Writes the row; writing it again changes nothing. Gives how many rows changed.
    fn put(&self, db: &Connection) -> rusqlite::Result<usize> {
        write(self, db)
    }

    /// Writes the row unless there is one with its key.
    fn put_if_absent(&self, db: &Connection) -> rusqlite::Result<usize> {
        insert::<Self>(db, "INSERT OR IGNORE", &self.values()?)
    }
}

/// Writes a row as its table says.
pub(super) fn write<T: StoredTable>(row: &T, db: &Connection) -> rusqlite::Result<usize> {
    let values = row.values()?;
    match T::WRITING {
        Writing::Replaces => insert::<T>(db, "INSERT OR REPLACE", &values),
        Writing::Keeps => insert::<T>(db, "INSERT OR IGNORE", &values),
        Writing::Updates(identity) => {
            // Not as one upsert: that uses up a number each time it finds the row there.
            let columns = (1..).zip(T::COLUMNS).map(|(n, column)| format!("{column} = ?{n}"));
            let columns = columns.collect::<Vec<_>>().join(", ");
            let sql = format!("UPDATE {} SET {columns} WHERE {identity}", T::NAME);
            match db.prepare_cached(&sql)?.execute(params_from_iter(&values))? {
                0 => insert::<T>(db, "INSERT", &values),
                updated => Ok(updated),
            }
        }
    }
}

fn insert<T: StoredTable>(
    db: &Connection,
    verb: &str,
    values: &[Value],
) -> rusqlite::Result<usize> {
    let sql = format!("{verb} INTO {}({}) {}", T::NAME, T::COLUMNS.join(", "), marks(values.len()));
    db.prepare_cached(&sql)?.execute(params_from_iter(values))
}

/// `VALUES (?, ?, ?)` for `count` values.
pub(in crate::store) fn marks(count: usize) -> String {
    format!("VALUES ({})", vec!["?"; count].join(", "))
}

/// What happens to a row that is there already when it is written again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Writing {
    /// The new one takes its place.
    Replaces,
    /// It stays as it is.
    Keeps,
    /// It keeps its number, and all else is brought up to date. The condition finds it; `?n` in it
    /// is the n-th column.
    Updates(&'static str),
}

/// How a table gets out of a damaged file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Salvaged {
    /// It is small: checked at every start, and copied before recording goes on.
    First,
    /// It is long: copied in the background, along with the samples.
    InBackground,
    /// It is not copied: it follows from the others, or is dealt with apart.
    Apart,
}

/// What has to be the same for two rows to be one, and how the later one counts.
pub(in crate::store) trait Overlaid: Clone {
    /// What tells it from other rows.
    type Identity: PartialEq;

    /// What tells it from other rows.
    fn identity(&self) -> Self::Identity;

    /// Takes in what a later row of the same identity says.
    fn renew(&mut self, later: &Self) {
        self.clone_from(later);
    }
}

/// Lays rows of the journal over those of the database.
pub(in crate::store) fn overlay<'a, T: Overlaid + 'a>(
    rows: &mut Vec<T>,
    later: impl Iterator<Item = &'a T>,
) {
    for later in later {
        match rows.iter_mut().find(|row| row.identity() == later.identity()) {
            Some(row) => row.renew(later),
            None => rows.push(later.clone()),
        }
    }
}

/// Rows that lie in time and are read by period.
pub(in crate::store) trait Timed: StoredTable + Overlaid {
    /// What readers get.
    type Reported;
    /// By what they are in order.
    type Order: Ord;
    /// The condition for rows that overlap the bounds ?1 to ?2, and their order.
    const OVERLAPS: &'static str;

    /// A period as the bounds in [`Self::OVERLAPS`].
    fn bounds(range: TimeRange) -> (i64, i64) {
        (range.from.as_micros(), range.to.as_micros())
    }

    /// Whether it overlaps a period.
    fn overlaps(&self, range: TimeRange) -> bool;

    /// By what rows are in order.
    fn order(&self) -> Self::Order;

    /// What readers get.
    fn report(self) -> Self::Reported;
}

/// A table among all tables.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct TableEntry {
    pub(in crate::store) name: &'static str,
    pub(in crate::store) key: &'static str,
    pub(in crate::store) numbered: bool,
    pub(in crate::store) since: i64,
    pub(in crate::store) create: &'static str,
    pub(in crate::store) salvage: Salvaged,
    pub(in crate::store) counted: Counted,
    pub(in crate::store) merge: fn(&Bite<'_>) -> rusqlite::Result<u64>,
    /// Counts its rows that cannot be understood, in a file of the present schema.
    pub(in crate::store) check: fn(&Connection, &UnreadTally) -> rusqlite::Result<()>,
}

impl TableEntry {
    /// A table with rows of its own type.
    pub(super) const fn of<T: StoredTable>() -> Self {
        Self {
            name: T::NAME,
            key: T::KEY,
            numbered: T::NUMBERED,
            since: T::SINCE,
            create: T::CREATE,
            salvage: T::SALVAGE,
            counted: T::COUNTED,
            merge: T::merge,
            check: T::check,
        }
    }

    /// A table of the first schemas with code of its own.
    pub(super) const fn apart(
        name: &'static str,
        key: &'static str,
        since: i64,
        salvage: Salvaged,
    ) -> Self {
        Self {
            name,
            key,
            numbered: false,
            since,
            create: "",
            salvage,
            counted: Counted::Nowhere,
            merge: |_| Ok(0),
            check: |_, _| Ok(()),
        }
    }

    /// The same with a check of its rows.
    pub(super) const fn checked(
        self,
        check: fn(&Connection, &UnreadTally) -> rusqlite::Result<()>,
    ) -> Self {
        Self { check, ..self }
    }

    /// The same with rows that have numbers.
    pub(super) const fn numbered(self) -> Self {
        Self { numbered: true, ..self }
    }
}
