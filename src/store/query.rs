//! The record for people who write SQL: one statement on a read-only connection, with the views
//! of the file and a table of single probes.

mod sorting;

use std::path::Path;
use std::sync::Arc;

use rusqlite::types::ValueRef;

use sorting::SortingRoom;

use super::error::Error;
use super::reader::Reader;
use super::rows::{HourRow, MinuteRow};
use super::space::disk_of;
use super::tables::{Export, ExportKind, RawRow, StoredTable};
use crate::sys::probes_table::{self, ProbeRow, ProbeSource, WantedRows};
use crate::text::words::word_enum;
use crate::time::{MinuteText, TimeRange, Timestamp};
use crate::vocabulary::{Outcome, StoredDrop, TargetId};

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum SqlCell {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

/// Takes the names of the columns and a row; the first row is empty.
pub type Take<'a, E> = dyn FnMut(&[String], &[SqlCell]) -> Result<(), E> + 'a;

word_enum! {
    /// What can be exported.
    pub enum Exported: "kind of row" {
        /// Every probe.
        Probes = "probes",
        /// A row per minute and target.
        Minutes = "minutes",
        /// A row per hour and target, of hours that are over.
        Hours = "hours",
        /// Blips, drops and outages.
        Drops = "drops",
    }
}

impl Exported {
    /// The columns of [`export`], in their order, the same in every schema.
    pub fn columns(self) -> &'static [(&'static str, ExportKind)] {
        self.export().columns
    }

    fn export(self) -> Export {
        let export = match self {
            Self::Probes => RawRow::EXPORT,
            Self::Minutes => MinuteRow::EXPORT,
            Self::Hours => HourRow::EXPORT,
            Self::Drops => StoredDrop::EXPORT,
        };
        export.expect("a table that says what is exported of it")
    }
}

/// Runs one statement that reads. `each` gets the names of the columns and a row; it is called
/// once with an empty row before the first.
///
/// # Errors
/// If the database cannot be read, the statement is wrong or would write, and those of `each`.
pub fn query<E: From<Error>>(database: &Path, sql: &str, each: &mut Take<'_, E>) -> Result<(), E> {
    query_within(&SortingRoom::new(disk_of), database, sql, each)
}

fn query_within<E: From<Error>>(
    room: &SortingRoom,
    database: &Path,
    sql: &str,
    each: &mut Take<'_, E>,
) -> Result<(), E> {
    let mut reader = Reader::open_to_query(database)?;
    let wrong = |e: rusqlite::Error| {
        if let Some(why) = room.why(&e, database) {
            return E::from(why);
        }
        E::from(match &e {
            rusqlite::Error::SqliteFailure(_, Some(what)) => {
                Error::Query { path: database.to_owned(), what: what.clone() }
            }
            rusqlite::Error::SqlInputError { msg, .. } => {
                Error::Query { path: database.to_owned(), what: msg.clone() }
            }
            _ => Error::Query { path: database.to_owned(), what: e.to_string() },
        })
    };
    room.watch(reader.connection_mut()).map_err(wrong)?;
    let db = reader.connection();
    let path = database.to_owned();
    let opener: probes_table::Opener = Arc::new(move || {
        let source = Samples::open(&path).map_err(|e| e.to_string())?;
        Ok(Box::new(source) as Box<dyn ProbeSource>)
    });
    probes_table::add(db, opener).map_err(wrong)?;
    let mut statement = db.prepare(sql).map_err(wrong)?;
    if !statement.readonly() {
        let what = "it would write, and the record is only read".to_owned();
        return Err(Error::Query { path: database.to_owned(), what }.into());
    }
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    each(&names, &[])?;
    let mut rows = statement.query([]).map_err(wrong)?;
    let mut cells = Vec::with_capacity(names.len());
    while let Some(row) = rows.next().map_err(wrong)? {
        cells.clear();
        for column in 0..names.len() {
            cells.push(match row.get_ref(column).map_err(wrong)? {
                ValueRef::Null => SqlCell::Null,
                ValueRef::Integer(n) => SqlCell::Integer(n),
                ValueRef::Real(x) => SqlCell::Real(x),
                ValueRef::Text(text) => SqlCell::Text(String::from_utf8_lossy(text).into_owned()),
                ValueRef::Blob(bytes) => SqlCell::Blob(bytes.to_vec()),
            });
        }
        each(&names, &cells)?;
    }
    Ok(())
}

/// Gives the rows of a period, as [`query`] does.
///
/// # Errors
/// Those of [`query`].
pub fn export<E: From<Error>>(
    database: &Path,
    what: Exported,
    period: TimeRange,
    each: &mut Take<'_, E>,
) -> Result<(), E> {
    if what == Exported::Probes {
        export_probes(database, period, each)
    } else {
        // Its views are asked.
        Reader::open(database)?.check_schema()?;
        query(database, &what.export().statement(period), each)
    }
}

/// The same as its statement gives, without going through SQL: there are tens of millions of rows.
fn export_probes<E: From<Error>>(
    database: &Path,
    period: TimeRange,
    each: &mut Take<'_, E>,
) -> Result<(), E> {
    let names: Vec<String> =
        Exported::Probes.columns().iter().map(|(name, _)| (*name).to_owned()).collect();
    each(&names, &[])?;
    let (mut utc, mut text) = (MinuteText::utc(), Vec::new());
    let mut cells = vec![SqlCell::Null; names.len()];
    each_probe(database, period, &mut |row| {
        text.clear();
        utc.push(Timestamp::from_millis(row.time_ms), &mut text);
        let [time, time_ms, target, run, outcome, rtt_ms] = cells.as_mut_slice() else {
            return Ok(());
        };
        put_text(time, &String::from_utf8_lossy(&text));
        *time_ms = SqlCell::Integer(row.time_ms);
        put_text(target, &row.target);
        *run = SqlCell::Integer(row.run);
        put_text(outcome, row.outcome);
        #[allow(clippy::cast_precision_loss, reason = "as SQL divides it")]
        let ms = row.rtt_us.map(|us| SqlCell::Real(us as f64 / 1e3));
        *rtt_ms = ms.unwrap_or(SqlCell::Null);
        each(&names, &cells)
    })
}

/// Gives `each` the probes of a period in order of time.
///
/// # Errors
/// If the database cannot be read, and those of `each`.
pub(crate) fn each_probe<E: From<Error>>(
    database: &Path,
    period: TimeRange,
    each: &mut dyn FnMut(&ProbeRow) -> Result<(), E>,
) -> Result<(), E> {
    let source = Samples::open(database)?;
    let wanted = WantedRows {
        from_ms: period.from.as_millis(),
        to_ms: period.to.as_millis().saturating_sub(1),
        target: None,
    };
    let mut next = wanted.from_ms;
    while let Some((rows, after)) = source.read(&wanted, next)? {
        rows.iter().try_for_each(&mut *each)?;
        next = after;
    }
    Ok(())
}

/// Puts a text into a cell, in the place of the one that it had.
fn put_text(cell: &mut SqlCell, text: &str) {
    match cell {
        SqlCell::Text(held) => {
            held.clear();
            held.push_str(text);
        }
        other => *other = SqlCell::Text(text.to_owned()),
    }
}

/// Single probes, an hour at a time.
struct Samples {
    reader: Reader,
    names: Vec<(TargetId, Arc<str>)>,
    extent: Option<TimeRange>,
}

impl Samples {
    fn open(path: &Path) -> Result<Self, Error> {
        let reader = Reader::open(path)?;
        let targets = reader.targets()?;
        let names = targets.into_iter().map(|t| (t.id, Arc::from(t.name))).collect();
        Ok(Self { names, extent: reader.extent()?, reader })
    }
}

/// As much as is decoded at a time, milliseconds.
const AT_ONCE_MS: i64 = 3_600_000;

impl ProbeSource for Samples {
    fn next(
        &self,
        wanted: &WantedRows,
        from_ms: i64,
    ) -> Result<Option<(Vec<ProbeRow>, i64)>, String> {
        self.read(wanted, from_ms).map_err(|e| e.to_string())
    }
}

impl Samples {
    /// Some rows in order of time, and the time at which those after them start.
    fn read(
        &self,
        wanted: &WantedRows,
        from_ms: i64,
    ) -> Result<Option<(Vec<ProbeRow>, i64)>, Error> {
        let Some(extent) = self.extent else { return Ok(None) };
        let from = from_ms.max(extent.from.as_millis());
        let end = wanted.to_ms.saturating_add(1).min(extent.to.as_millis().saturating_add(1));
        if from >= end {
            return Ok(None);
        }
        // Years without a probe are passed over at once.
        let next = self.reader.next_minute(Timestamp::from_millis(from).minute());
        let Some(next) = next? else { return Ok(None) };
        let from = from.max(next.saturating_mul(60_000));
        if from >= end {
            return Ok(None);
        }
        let to = from.saturating_add(AT_ONCE_MS).min(end);
        let range =
            TimeRange { from: Timestamp::from_millis(from), to: Timestamp::from_millis(to) };
        let mut probes = Vec::new();
        let read = self.reader.for_each_minute(range, &mut |minute| {
            let name = self.names.iter().find(|(id, _)| *id == minute.target);
            let Some((_, target)) = name else { return };
            if wanted.target.as_ref().is_some_and(|wanted| **wanted != **target) {
                return;
            }
            probes.extend(minute.samples.iter().map(|sample| ProbeRow {
                time_ms: sample.sent_at.as_millis(),
                target: Arc::clone(target),
                run: minute.run,
                outcome: word(&sample.outcome),
                rtt_us: match &sample.outcome {
                    Outcome::Reply(reply) => Some(crate::time::micros(reply.rtt)),
                    Outcome::Late { rtt } => Some(crate::time::micros(*rtt)),
                    _ => None,
                },
            }));
        });
        read?;
        probes.sort_by_key(|probe| probe.time_ms);
        Ok(Some((probes, to)))
    }
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Reply(_) => "reply",
        Outcome::Late { .. } => "late",
        Outcome::Lost => "lost",
        Outcome::Unreachable(_) => "unreachable",
        Outcome::Failed(_) => "failed",
        Outcome::NotSent(_) => "not-sent",
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::store::{DiskSpace, Opening, Writer};

    thread_local!(static AVAILABLE: Cell<u64> = const { Cell::new(0) });

    /// A disk of a gigabyte, of which each look finds 50 MB less left.
    #[expect(clippy::unnecessary_wraps, reason = "as the system answers")]
    fn filling(_: &Path) -> Option<DiskSpace> {
        let available = AVAILABLE.get();
        AVAILABLE.set(available.saturating_sub(50 << 20));
        Some(DiskSpace { available, total: 1 << 30 })
    }

    #[test]
    fn a_statement_that_fills_the_disk_is_ended_with_a_sentence() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("linkmon.db");
        drop(Writer::open(Opening { path: &path, runtime_dir: None, version: "test" }).unwrap());
        let numbers = |most: u32| {
            format!(
                "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < {most})
                 SELECT x FROM n ORDER BY random() LIMIT 1"
            )
        };
        let run = |most, available| {
            AVAILABLE.set(available);
            let room = SortingRoom::new(filling);
            query_within::<Error>(&room, &path, &numbers(most), &mut |_, _| Ok(()))
        };
        run(1_000, 1 << 30).unwrap();
        let ended = run(100_000_000, 1 << 30).unwrap_err();
        assert!(matches!(ended, Error::NoRoomToSort { .. }), "{ended}");
        let text = ended.to_string();
        assert!(text.contains("does not fit into"), "{text}");
        assert!(ended.hint().is_some_and(|hint| hint.contains("TMPDIR")));
    }
}
