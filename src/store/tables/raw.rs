//! Table `raw`: every probe, one BLOB per minute, target and run.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row};

use super::export::{Export, columns};
use super::table::{Salvaged, StoredTable};
use super::value::{MOST_US, minute, run, values};
use crate::store::hour::hour_of_minute;
use crate::store::meta;
use crate::vocabulary::TargetId;

/// The key of a row of samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::store) struct RawKey {
    pub(in crate::store) run: i64,
    /// Unix time / 60 s.
    pub(in crate::store) minute: i64,
    pub(in crate::store) target: TargetId,
}

/// The encoded samples of one target, minute and run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct RawRow {
    pub(in crate::store) key: RawKey,
    pub(in crate::store) samples: Vec<u8>,
}

/// The schema whose programs read samples of format 2, and hop limits in them.
const FORMAT_2_SINCE: i64 = 6;

impl StoredTable for RawRow {
    const NAME: &'static str = "raw";
    const COLUMNS: &'static [&'static str] = &["minute", "target", "run", "samples"];
    const KEY: &'static str = "minute, target, run";
    const SALVAGE: Salvaged = Salvaged::Apart;
    const EXPORT: Option<Export> = Some(Export {
        columns: columns![
            Utc: utc;
            Integers: time_ms;
            Text: target;
            Integers: run;
            Text: outcome;
            Reals: rtt_ms;
        ],
        from: |period| {
            format!(
                "WITH probes AS (
                   SELECT strftime('%Y-%m-%dT%H:%M:%fZ', time_ms/1e3, 'unixepoch') AS utc, time_ms,
                          target, run, outcome, rtt_us/1e3 AS rtt_ms
                   FROM samples WHERE time_ms >= {} AND time_ms < {});FROM probes",
                period.from.as_millis(),
                period.to.as_millis()
            )
        },
    });

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let (minute, target) = (minute(row, 0)?, TargetId(row.get(1)?));
        Ok(Self { key: RawKey { run: run(row, 2)?, minute, target }, samples: row.get(3)? })
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        let RawKey { run, minute, target } = self.key;
        values![minute, target.0, run, self.samples.clone()]
    }
}

/// The condition for the rows between the minutes ?1 and ?2, in the order in which they are digested.
pub(in crate::store) const OF_MINUTES: &str =
    "WHERE minute BETWEEN ?1 AND ?2 ORDER BY minute, target, run";

/// Writes the encoded samples of one target, minute and run over those before. The sums of the hour
/// are then out of date.
pub(in crate::store) fn put(db: &Connection, key: RawKey, samples: &[u8]) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO raw(minute, target, run, samples) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute((key.minute, key.target.0, key.run, samples))?;
    if samples.first().is_some_and(|format| *format > 1) {
        // Programs that know schema 5 alone refuse them.
        meta::raise(db, meta::MIN_READER, FORMAT_2_SINCE)?;
    }
    note_due(db, key.minute)
}

/// Notes that the hour of a minute is to be summed up and entered in the chain.
pub(in crate::store) fn note_due(db: &Connection, minute: i64) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT OR IGNORE INTO hour_due(hour) VALUES (?1)")?
        .execute([hour_of_minute(minute)])?;
    Ok(())
}

/// The encoded samples of one key.
pub(in crate::store) fn get(db: &Connection, key: RawKey) -> rusqlite::Result<Option<Vec<u8>>> {
    db.prepare_cached("SELECT samples FROM raw WHERE minute = ?1 AND target = ?2 AND run = ?3")?
        .query_row((key.minute, key.target.0, key.run), |row| row.get(0))
        .optional()
}

/// The rows of one target and minute, run by run.
pub(in crate::store) fn of_all_runs(
    db: &Connection,
    minute: i64,
    target: TargetId,
) -> rusqlite::Result<Vec<RawRow>> {
    RawRow::all(db, "WHERE minute = ?1 AND target = ?2 ORDER BY run", (minute, target.0))
}

/// The newest minute that there is, of those there can be.
pub(in crate::store) fn newest_minute(db: &Connection) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT max(minute) FROM raw WHERE minute BETWEEN ?1 AND ?2";
    let most = MOST_US / 60_000_000;
    // A minute that is no whole number, at the very end, says nothing.
    db.query_row(sql, [-most, most], |row| Ok(row.get(0).unwrap_or_default()))
}

/// Whether there are samples of a target in a minute.
pub(in crate::store) fn has(
    db: &Connection,
    minute: i64,
    target: TargetId,
) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM raw WHERE minute = ?1 AND target = ?2 LIMIT 1")?
        .exists((minute, target.0))
}

/// The runs that have samples of a target in a minute, the last first.
pub(in crate::store) fn runs_of(
    db: &Connection,
    minute: i64,
    target: TargetId,
) -> rusqlite::Result<Vec<i64>> {
    db.prepare_cached("SELECT run FROM raw WHERE minute = ?1 AND target = ?2 ORDER BY run DESC")?
        .query_map((minute, target.0), |row| row.get(0))?
        .collect()
}
