//! A damaged database is put aside and a new one takes its place; what can be read of the old one
//! is brought over: small tables at once, samples in the background, some each second.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params_from_iter};

use super::close::summarize_minute;
use super::error::Error;
use super::file::{self, beside, move_logs, stamp};
use super::harvest::harvest;
use super::hour::hour_of_minute;
use super::meta;
use super::tables::{GapRow, RawRow, RunRow, Salvaged, StoredTable, TABLES, TableEntry, marks};
use super::unread::UnreadTally;
use crate::time::Reading;

/// Rows that are brought over at a time.
const BATCH: usize = 1_000;
/// Numbers of rows that can no longer be read are not given again.
const NUMBERS_LEFT_OUT: i64 = 10_000;

/// Rows on their way from the old file.
#[derive(Debug, Default)]
pub(super) struct Batch {
    samples: Vec<RawRow>,
    rows: Vec<(&'static str, Vec<Value>)>,
}

impl Batch {
    pub(super) fn is_empty(&self) -> bool {
        self.samples.is_empty() && self.rows.is_empty()
    }

    fn len(&self) -> usize {
        self.samples.len() + self.rows.len()
    }

    /// Writes what is not there yet; gives how many rows of samples were.
    pub(super) fn put(
        &self,
        db: &Connection,
        removed_before: i64,
        unread: &UnreadTally,
    ) -> rusqlite::Result<u64> {
        for (table, values) in &self.rows {
            match insert(db, table, values) {
                // A row that breaks a rule of the schema is damaged itself.
                Err(e) if is_of_row(&e) => unread.refused(table, values, &e),
                other => drop(other?),
            }
        }
        let mut new = 0;
        for found in &self.samples {
            let RawRow { key, .. } = found;
            let hour = hour_of_minute(key.minute);
            // Pages that were freed still hold what retention removed.
            if hour < removed_before {
                continue;
            }
            if found.put_if_absent(db)? == 0 {
                continue;
            }
            new += 1;
            // What was summed up of the whole hour is better than what is left of it.
            db.prepare_cached(
                "INSERT OR IGNORE INTO hour_due SELECT ?1
                 WHERE NOT EXISTS(SELECT 1 FROM hour WHERE hour = ?1)",
            )?
            .execute([hour])?;
            let has_summary = db
                .prepare_cached("SELECT 1 FROM minute WHERE minute = ?1 AND target = ?2")?
                .exists((key.minute, key.target.0))?;
            if !has_summary {
                summarize_minute(db, key.minute, key.target)?;
            }
        }
        Ok(new)
    }
}

/// Minutes that a run observed and of which nothing is left become gaps, so that no report treats
/// them as observed.
pub(super) fn mark_what_is_missing(db: &Connection) -> rusqlite::Result<()> {
    let runs = RunRow::all(db, "WHERE ended IS NOT 'import'", [])?;
    let runs = runs.into_iter().filter_map(|run| run.minutes);
    // Summaries of minutes were let go by age before this one.
    let kept: Option<i64> = db.query_row("SELECT min(minute) FROM minute", [], |row| row.get(0))?;
    let Some(kept) = kept else { return Ok(()) };
    let mut statement = db.prepare(
        "SELECT DISTINCT minute FROM minute WHERE minute BETWEEN ?1 AND ?2 ORDER BY minute",
    )?;
    for (first, last) in runs {
        let mut next = first.max(kept);
        let minutes = statement.query_map((next, last), |row| row.get::<_, i64>(0))?;
        for minute in minutes.chain([Ok(last + 1)]) {
            let minute = minute?;
            if minute > next {
                GapRow::without_record(next, minute).put_if_absent(db)?;
            }
            next = minute + 1;
        }
    }
    Ok(())
}

/// What is being brought over.
#[derive(Debug)]
pub(super) struct Salvage {
    batches: Receiver<Batch>,
    /// Hours before this one had lost their samples already.
    pub(super) removed_before: i64,
    pub(super) rows: u64,
    /// What could not be brought over.
    pub(super) unread: UnreadTally,
    /// Rows that could not be written yet.
    pub(super) pending: Option<Batch>,
}

impl Salvage {
    /// What came since last asked; `None` if all has come.
    pub(super) fn next(&mut self) -> Option<Batch> {
        use std::sync::mpsc::TryRecvError;
        if let Some(batch) = self.pending.take() {
            return Some(batch);
        }
        match self.batches.try_recv() {
            Ok(batch) => Some(batch),
            Err(TryRecvError::Empty) => Some(Batch::default()),
            Err(TryRecvError::Disconnected) => None,
        }
    }
}

/// Renames a database that is not open, and its log. Returns the new name.
pub(super) fn put_aside(path: &Path) -> Result<PathBuf, Error> {
    let name = format!(".corrupt-{}", stamp(Reading::now().utc));
    let mut aside = beside(path, &name);
    for n in 2..100 {
        if !aside.exists() {
            break;
        }
        aside = beside(path, &format!("{name}-{n}"));
    }
    std::fs::rename(path, &aside).map_err(|e| Error::io("put aside", path, e))?;
    move_logs(path, &aside);
    Ok(aside)
}

/// Brings over the small tables of the file put aside, and begins to look for its samples. Where
/// nothing of a table can be read, that table is empty.
pub(super) fn begin(aside: &Path, new: &Connection) -> rusqlite::Result<Salvage> {
    let mut removed_before = i64::MIN;
    let unread = UnreadTally::default();
    let transaction = new.unchecked_transaction()?;
    if let Ok(old) = open_old(aside) {
        for table in tables(Salvaged::First) {
            copy(&old, new, table, &unread)?;
        }
        let removed = meta::raw_removed_before(&old);
        removed_before = removed.ok().flatten().unwrap_or(i64::MIN);
        if removed_before > i64::MIN {
            meta::raise_raw_removed_before(new, removed_before)?;
        }
    }
    for table in TABLES.iter().filter(|t| t.numbered).map(|t| t.name) {
        new.execute("DELETE FROM sqlite_sequence WHERE name = ?1", [table])?;
        new.execute(
            &format!(
                "INSERT INTO sqlite_sequence SELECT ?1, coalesce(max(id), 0) + ?2 FROM {table}"
            ),
            (table, NUMBERS_LEFT_OUT),
        )?;
    }
    transaction.commit()?;
    let (out, batches) = sync_channel(2);
    let database = aside.to_owned();
    // Without a thread nothing is brought over; the file stays for another attempt.
    let _ =
        std::thread::Builder::new().name("salvage".into()).spawn(move || gather(&database, &out));
    Ok(Salvage { batches, removed_before, rows: 0, unread, pending: None })
}

fn gather(database: &Path, out: &SyncSender<Batch>) {
    let mut batch = Batch::default();
    if let Ok(old) = open_old(database) {
        for table in tables(Salvaged::InBackground) {
            let read = each_row(&old, table, &mut |values| {
                batch.rows.push((table.name, values));
                batch.len() < BATCH || out.send(std::mem::take(&mut batch)).is_ok()
            });
            if read.is_break() {
                return;
            }
        }
    }
    let mut take = |found: RawRow| {
        batch.samples.push(found);
        if batch.len() < BATCH {
            return ControlFlow::Continue(());
        }
        match out.send(std::mem::take(&mut batch)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    };
    let log = beside(database, "-wal");
    // What was read before an error is worth having.
    let _ = harvest(database, &log, &mut take);
    let _ = out.send(batch);
}

/// The log must stay as it is: it is harvested too.
fn open_old(aside: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let old = Connection::open_with_flags(aside, flags)?;
    file::guard(&old)?;
    // A file that is no longer a database accepts none of these, and nothing is read from it.
    let _ = crate::sys::sqlite::keep_wal(&old);
    let _ = old.execute_batch(
        "PRAGMA query_only = ON; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = -1",
    );
    Ok(old)
}

fn tables(salvage: Salvaged) -> impl Iterator<Item = &'static TableEntry> {
    TABLES.iter().filter(move |table| table.salvage == salvage)
}

/// Whether it is the row that cannot be written, and not the file.
fn is_of_row(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{ConstraintViolation, TypeMismatch};
    matches!(error.sqlite_error_code(), Some(ConstraintViolation | TypeMismatch) | None)
}

/// Columns that later schemas added follow those of the earlier ones: of a row of an earlier schema they
/// have their defaults.
fn insert(db: &Connection, table: &str, values: &[Value]) -> rusqlite::Result<usize> {
    let columns: Vec<String> = db
        .prepare_cached("SELECT name FROM pragma_table_info(?1) ORDER BY cid LIMIT ?2")?
        .query_map((table, i64::try_from(values.len()).unwrap_or(i64::MAX)), |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let values = &values[..columns.len().min(values.len())];
    let columns = columns.join(", ");
    let sql = format!("INSERT OR IGNORE INTO {table}({columns}) {}", marks(values.len()));
    db.prepare_cached(&sql)?.execute(params_from_iter(values))
}

fn copy(
    old: &Connection,
    new: &Connection,
    table: &TableEntry,
    unread: &UnreadTally,
) -> rusqlite::Result<()> {
    let _ = each_row(old, table, &mut |values| {
        // A row that breaks a rule of the schema is damaged itself.
        if let Err(e) = insert(new, table.name, &values) {
            unread.refused(table.name, &values, &e);
        }
        true
    });
    // Whether it can be written at all shows here.
    new.query_row("SELECT 1 FROM meta", [], |_| Ok(()))
}

/// Gives the rows of a table from the first on until one cannot be read, and then from the last
/// on; until `take` wants no more.
pub(super) fn each_row(
    old: &Connection,
    table: &TableEntry,
    take: &mut dyn FnMut(Vec<Value>) -> bool,
) -> ControlFlow<()> {
    let descending: Vec<String> =
        table.key.split(", ").map(|column| format!("{column} DESC")).collect();
    for order in [table.key.to_owned(), descending.join(", ")] {
        let sql = format!("SELECT * FROM main.{} ORDER BY {order}", table.name);
        let Ok(mut statement) = old.prepare(&sql) else { break };
        let columns = statement.column_count();
        let Ok(mut rows) = statement.query([]) else { continue };
        loop {
            let Ok(row) = rows.next() else { break };
            let Some(row) = row else { return ControlFlow::Continue(()) };
            let values: rusqlite::Result<Vec<Value>> =
                (0..columns).map(|column| row.get(column)).collect();
            let Ok(values) = values else { break };
            if !take(values) {
                return ControlFlow::Break(());
            }
        }
    }
    ControlFlow::Continue(())
}
