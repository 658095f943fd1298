//! Table `run`: who watched, and when.

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};
use serde::{Deserialize, Serialize};

use super::table::{Overlaid, StoredTable};
use super::value::{minute, run, us, us_or_null, values, word};
use crate::time::{BootTime, Timestamp};
use crate::vocabulary::{Run, RunEnd};

/// What the version of a program ends in that simulates a record instead of measuring.
pub(in crate::store) const SIMULATED: &str = " (simulated)";

/// A run as database and journal hold it, with the span of its rows of samples.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) struct RunRow {
    pub(in crate::store) id: i64,
    pub(in crate::store) started_us: i64,
    pub(in crate::store) boot_us: Option<i64>,
    pub(in crate::store) boot_id: Option<String>,
    pub(in crate::store) last_seen_us: i64,
    pub(in crate::store) ended: Option<RunEnd>,
    pub(in crate::store) version: String,
    pub(in crate::store) minutes: Option<(i64, i64)>,
}

impl StoredTable for RunRow {
    const NAME: &'static str = "run";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "started_us",
        "boot_us",
        "boot_id",
        "last_seen_us",
        "ended",
        "version",
        "first_minute",
        "last_minute",
    ];
    const KEY: &'static str = "id";

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let is_open = row.get_ref(5)? == rusqlite::types::ValueRef::Null;
        // A span that cannot be would hide its samples, or make them endless.
        let minute_or_null = |column| match row.get_ref(column)? {
            rusqlite::types::ValueRef::Null => Ok(None),
            _ => minute(row, column).map(Some),
        };
        let (first, last) = (minute_or_null(7)?, minute_or_null(8)?);
        Ok(Self {
            id: run(row, 0)?,
            started_us: us(row, 1)?,
            boot_us: us_or_null(row, 2)?,
            boot_id: row.get(3)?,
            last_seen_us: us(row, 4)?,
            ended: if is_open { None } else { Some(word(row, 5)?) },
            version: row.get(6)?,
            minutes: first.zip(last),
        })
    }

    /// Its samples are found by it: what is left of it must be enough for that.
    fn rescue(row: &Row<'_>) -> Option<Self> {
        let id = run(row, 0).ok()?;
        let minute = |column| minute(row, column).ok();
        let us_of = |minute: i64| minute * 60_000_000;
        let (first, last) = (minute(7), minute(8));
        let started_us = us(row, 1).ok().or(first.map(us_of))?;
        let last_seen_us = us(row, 4).ok().or(last.map(|last| us_of(last + 1)));
        let last_seen_us = last_seen_us.unwrap_or(started_us).max(started_us);
        let minute_of = |us: i64| us.div_euclid(60_000_000);
        Some(Self {
            id,
            started_us,
            boot_us: us_or_null(row, 2).unwrap_or_default(),
            boot_id: row.get(3).unwrap_or_default(),
            last_seen_us,
            ended: Some(word(row, 5).unwrap_or(RunEnd::Crash)),
            version: row.get(6).unwrap_or_default(),
            minutes: Some((
                first.unwrap_or(minute_of(started_us)),
                last.unwrap_or(minute_of(last_seen_us)),
            )),
        })
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        values![
            self.id,
            self.started_us,
            self.boot_us,
            self.boot_id.clone(),
            self.last_seen_us,
            self.ended.map(|end| end.as_str().to_owned()),
            self.version.clone(),
            self.minutes.map(|m| m.0),
            self.minutes.map(|m| m.1),
        ]
    }

    /// Inserts it, or brings the stored one forward: nothing in it ever goes back.
    fn put(&self, db: &Connection) -> rusqlite::Result<usize> {
        db.prepare_cached(
            "INSERT INTO run(id, started_us, boot_us, boot_id, last_seen_us, ended, version,
                             first_minute, last_minute)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT(id) DO UPDATE SET
               last_seen_us = max(last_seen_us, excluded.last_seen_us),
               ended = coalesce(excluded.ended, ended),
               first_minute = coalesce(min(first_minute, excluded.first_minute), first_minute,
                                       excluded.first_minute),
               last_minute = coalesce(max(last_minute, excluded.last_minute), last_minute,
                                      excluded.last_minute)",
        )?
        .execute(params_from_iter(self.values()?))
    }
}

impl Overlaid for RunRow {
    type Identity = i64;
    fn identity(&self) -> i64 {
        self.id
    }

    /// Nothing in it ever goes back.
    fn renew(&mut self, later: &Self) {
        self.last_seen_us = self.last_seen_us.max(later.last_seen_us);
        self.ended = later.ended.or(self.ended);
        if let Some((first, last)) = later.minutes {
            self.cover(first);
            self.cover(last);
        }
    }
}

impl RunRow {
    /// Widens the span of its rows to `minute`.
    pub(in crate::store) fn cover(&mut self, minute: i64) {
        let (first, last) = self.minutes.unwrap_or((minute, minute));
        self.minutes = Some((first.min(minute), last.max(minute)));
    }

    /// Whether it was simulated: nothing was measured. Its version says so wherever the run goes.
    pub(in crate::store) fn is_simulated(&self) -> bool {
        self.version.ends_with(SIMULATED)
    }

    pub(in crate::store) fn to_run(&self) -> Run {
        Run {
            id: self.id,
            started: Timestamp::from_micros(self.started_us),
            boot: self.boot_us.map(BootTime::from_micros),
            boot_id: self.boot_id.clone(),
            last_seen: Timestamp::from_micros(self.last_seen_us),
            ended: self.ended,
        }
    }

    /// Ends all runs that no one ended as crashed; gives the last of them.
    pub(in crate::store) fn end_crashed(db: &Connection) -> rusqlite::Result<Option<Run>> {
        let open = Self::all(db, "WHERE ended IS NULL ORDER BY id DESC LIMIT 1", [])?;
        db.execute("UPDATE run SET ended = ?1 WHERE ended IS NULL", [RunEnd::Crash.as_str()])?;
        Ok(open.first().map(|row| Run { ended: Some(RunEnd::Crash), ..row.to_run() }))
    }
}
