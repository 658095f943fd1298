//! A damaged database is put aside and a new one takes its place; what can be read of the old one
//! is brought over: small tables at once, samples in the background, some each second.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params_from_iter};

use super::Error;
use super::harvest::{Found, harvest};
use super::hour::MINUTES;
use super::table;
use crate::time::{Reading, Timestamp};

/// Tables that are small or that nothing else can be made of again, with their keys.
const KEPT: [(&str, &str); 11] = [
    ("target", "id"),
    ("run", "id"),
    ("link_drop", "id"),
    ("gap", "from_us"),
    ("trouble", "from_us, target"),
    ("event", "id"),
    ("note", "id"),
    ("impairment", "id"),
    ("hour", "hour, target"),
    ("chain", "seq"),
    ("merged_run", "run"),
];
/// Tables that are long: they come with the samples.
const LONG: [(&str, &str); 2] = [("traffic", "minute, interface"), ("minute", "minute, target")];
/// So many rows of samples are brought over at a time.
const BATCH: usize = 1_000;
/// Numbers of drops and notes that nobody can read any more are not given again.
const NUMBERS_LEFT_OUT: i64 = 10_000;

/// Rows on their way from the old file.
#[derive(Debug, Default)]
pub(super) struct Batch {
    samples: Vec<Found>,
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
    pub(super) fn put(&self, db: &Connection, removed_before: i64) -> rusqlite::Result<u64> {
        for (table, values) in &self.rows {
            let marks = vec!["?"; values.len()].join(", ");
            db.prepare_cached(&format!("INSERT OR IGNORE INTO {table} VALUES ({marks})"))?
                .execute(params_from_iter(values))?;
        }
        let mut new = 0;
        for found in &self.samples {
            let hour = found.minute.div_euclid(MINUTES);
            // Pages that were freed still hold what retention removed.
            if hour < removed_before {
                continue;
            }
            let added = db
                .prepare_cached(
                    "INSERT OR IGNORE INTO raw(minute, target, run, samples)
                     VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute((found.minute, found.target.0, found.run, &found.samples))?;
            if added == 0 {
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
                .exists((found.minute, found.target.0))?;
            if !has_summary {
                super::writer::summarize(db, found.minute, found.target)?;
            }
        }
        Ok(new)
    }
}

/// Minutes that a run watched and of which there is nothing any more become gaps, so that no
/// report takes them for watched.
pub(super) fn tell_what_is_missing(db: &Connection) -> rusqlite::Result<()> {
    let runs: Vec<(i64, i64)> = db
        .prepare(
            "SELECT first_minute, last_minute FROM run
             WHERE first_minute IS NOT NULL AND ended IS NOT 'import'",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
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
                table::put_gap_without_record(db, next, minute)?;
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
}

impl Salvage {
    /// What came since last asked; `None` when all has come.
    pub(super) fn next(&self) -> Option<Batch> {
        use std::sync::mpsc::TryRecvError;
        match self.batches.try_recv() {
            Ok(batch) => Some(batch),
            Err(TryRecvError::Empty) => Some(Batch::default()),
            Err(TryRecvError::Disconnected) => None,
        }
    }
}

/// Names beside a database.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// A time as it stands in names of files.
pub(super) fn stamp(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_microsecond(at.as_micros()).unwrap_or_default();
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Moves the logs of a database, whose file has another name now, beside it. One left behind would
/// be taken for that of the next file of the old name.
pub(super) fn move_logs(from: &Path, to: &Path) {
    for suffix in ["-wal", "-journal"] {
        // Without a log there is nothing to rename.
        let _ = std::fs::rename(beside(from, suffix), beside(to, suffix));
    }
    remove_logs(from);
}

/// Removes the logs of a file that is gone.
pub(super) fn remove_logs(path: &Path) {
    for suffix in ["-wal", "-journal", "-shm"] {
        let _ = std::fs::remove_file(beside(path, suffix));
    }
}

/// Renames a database, which nobody has open, and its log. Gives the new name.
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
    let transaction = new.unchecked_transaction()?;
    if let Ok(old) = open_old(aside) {
        for (table, key) in KEPT {
            copy(&old, new, table, key)?;
        }
        let removed = super::writer::raw_removed_before(&old);
        removed_before = removed.ok().flatten().unwrap_or(i64::MIN);
        if removed_before > i64::MIN {
            new.execute(
                "INSERT OR REPLACE INTO meta VALUES ('raw_removed_before', ?1)",
                [removed_before],
            )?;
        }
    }
    for table in ["link_drop", "impairment", "note"] {
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
    Ok(Salvage { batches, removed_before, rows: 0 })
}

fn gather(database: &Path, out: &SyncSender<Batch>) {
    let mut batch = Batch::default();
    if let Ok(old) = open_old(database) {
        for (table, key) in LONG {
            let read = each_row(&old, table, key, &mut |values| {
                batch.rows.push((table, values));
                batch.len() < BATCH || out.send(std::mem::take(&mut batch)).is_ok()
            });
            if read.is_break() {
                return;
            }
        }
    }
    let mut take = |found: Found| {
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
    // A file that is no database any more takes none of these, and nothing is read of it.
    let _ = crate::sys::sqlite::keep_wal(&old);
    let _ = old.execute_batch(
        "PRAGMA query_only = ON; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = -1",
    );
    Ok(old)
}

fn copy(old: &Connection, new: &Connection, table: &str, key: &str) -> rusqlite::Result<()> {
    let _ = each_row(old, table, key, &mut |values| {
        let marks = vec!["?"; values.len()].join(", ");
        let sql = format!("INSERT OR IGNORE INTO {table} VALUES ({marks})");
        // A row that breaks a rule of the schema is damaged itself.
        let _ = new.prepare_cached(&sql).and_then(|mut s| s.execute(params_from_iter(values)));
        true
    });
    // Whether it can be written at all shows here.
    new.query_row("SELECT 1 FROM meta", [], |_| Ok(()))
}

/// Gives the rows of a table from the first on until one cannot be read, and then from the last
/// on; until `take` wants no more.
fn each_row(
    old: &Connection,
    table: &str,
    key: &str,
    take: &mut dyn FnMut(Vec<Value>) -> bool,
) -> ControlFlow<()> {
    let descending: Vec<String> = key.split(", ").map(|column| format!("{column} DESC")).collect();
    for order in [key.to_owned(), descending.join(", ")] {
        let sql = format!("SELECT * FROM {table} ORDER BY {order}");
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
