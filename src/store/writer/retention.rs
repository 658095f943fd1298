//! Retention: whatever is old or exceeds the limit is removed, samples first and the oldest first, an
//! hour at a time; a reserve inside the file lets the daemon continue when the disk is full.
//!
//! Traffic, events, troubles of single targets, what Wi-Fi was connected to and what the modem said go when the summaries of
//! minutes do. Summaries of hours, gaps, impairments and paths are kept whatever their age; where the file
//! is too large and nothing else is left but the samples of the last hours, they go, too, the oldest hour
//! first, and a gap says that there is no record of that time. The chain, drops and notes are kept forever.

use std::time::Duration;

use rusqlite::Connection;

use super::Writer;
use crate::store::close::{close_hour, is_due, open_hour};
use crate::store::error::Error;
use crate::store::hour::{hour_of, minutes_of};
use crate::store::meta;
use crate::store::rows::{HourRow, MinuteRow};
use crate::store::space::{Space, SpaceLimits, space_of};
use crate::store::survey::{CLOCKS_ARE_SET, oldest_hour, reserve_of};
use crate::store::tables::removal::note_removal;
use crate::store::tables::{GapRow, RawRow, StoredTable};
use crate::time::{Reading, Timestamp};

/// Free pages beyond the reserve that are given back to the file system: 16 MB.
const GIVEN_BACK: i64 = 4_096;
/// Pages given back in one second.
const BITE: i64 = 500;
/// A clock that was wrong at boot is put right within this time; before it nothing is too old.
const CLOCK_BELIEVED_AFTER_US: i64 = 3_600_000_000;

/// Hours removed in one second: some ten milliseconds of work.
const HOURS_AT_ONCE: usize = 24;
/// Samples of these last hours outlive whatever is older than they.
const LAST_TO_GO_HOURS: i64 = 2;

const HOUR_US: i64 = 3_600_000_000;

/// What is being done, for errors.
const DOING: &str = "make room in database";

impl Writer {
    /// Keeps the file within `limits` from now on, and a reserve in it; [`Self::second`] does it.
    pub fn keep_within(&mut self, limits: SpaceLimits) {
        self.retention.limits = Some(limits);
        self.retention.looked = None;
    }

    /// Does at most a few milliseconds of work.
    pub(super) fn keep_space(&mut self, now: Reading) {
        let Some(limits) = self.retention.limits else { return };
        let minute = now.boot.as_micros().div_euclid(60_000_000);
        if self.retention.looked == Some(minute) && !self.retention.continues {
            return;
        }
        let is_new_minute = self.retention.looked.replace(minute) != Some(minute);
        // While room is being made, what is said of it follows; the last look finds it made.
        if self.retention.continues {
            self.watch.looked = None;
        }
        if (is_new_minute || self.retention.continues)
            && let Err(error) = self.watch_space(now, limits)
        {
            self.failures.on_commit(error);
        }
        match self.make_room(now, limits) {
            Ok(continues) => self.retention.continues = continues,
            Err(error) => {
                self.retention.continues = false;
                self.failures.on_commit(error);
            }
        }
    }

    /// Does the first thing that is to be done; whether there was one.
    fn make_room(&mut self, now: Reading, limits: SpaceLimits) -> Result<bool, Error> {
        let fail = |e| self.file.failed(DOING, e);
        let space = space_of(&self.file.db, &self.file.path).map_err(fail)?;
        // What is changed at once needs as much room in the log.
        let bite = if space.disk_is_short() { 1 } else { HOURS_AT_ONCE };
        let removed = self.remove_some(now, limits, bite).map_err(fail)?;
        if removed > 0 {
            return Ok(true);
        }
        let most = limits.pages(space.page_size);
        let reserve = reserve_of(most);
        if self.give_back(space, most, reserve).map_err(fail)? {
            return Ok(true);
        }
        let missing = reserve - space.free;
        let is_low = space.free < reserve / 4;
        if is_low && !space.disk_is_short() && space.pages + missing <= most {
            // Where it does not fit after all, the next minute sees that.
            let _: rusqlite::Result<()> = make_reserve(&self.file.db, missing * space.page_size);
        }
        Ok(false)
    }

    /// Removes the oldest hours of what is too old or too much, at most `at_most` of them; how many.
    fn remove_some(
        &self,
        now: Reading,
        limits: SpaceLimits,
        at_most: usize,
    ) -> rusqlite::Result<usize> {
        if self.next_removal(&self.file.db, now, limits)?.is_none() {
            return Ok(0);
        }
        self.file.at_once(|db| {
            for removed in 0..at_most {
                match self.next_removal(db, now, limits)? {
                    None => return Ok(removed),
                    Some(Removal::Raw(hour)) => self.remove_raw_of(db, hour, now.utc)?,
                    Some(Removal::Minutes(hour)) => {
                        delete_hour(db, MinuteRow::NAME, hour, now.utc)?;
                    }
                    Some(Removal::Small(table, hour)) => table.remove_until(db, hour)?,
                    Some(Removal::Sums(hour)) => remove_sums_until(db, hour, now.utc)?,
                }
            }
            Ok(at_most)
        })
    }

    /// What is to be removed next.
    fn next_removal(
        &self,
        db: &Connection,
        now: Reading,
        limits: SpaceLimits,
    ) -> rusqlite::Result<Option<Removal>> {
        let space = space_of(db, &self.file.path)?;
        let most = limits.pages(space.page_size);
        let reserve = reserve_of(most);
        let is_low = space.free < reserve / 4;
        let over = space.used() + reserve > most || (space.disk_is_short() && is_low);
        let believed = self.age_is_known(now);
        let too_old = |hour: i64, kept: Duration| believed && hour < hour_of(now.utc - kept);

        let open = open_hour(now.utc);
        let since = if over { i64::MIN } else { CLOCKS_ARE_SET };
        let oldest = |table| oldest_hour(db, table, since);
        // Each with the age at which it goes, in this order.
        let mut oldest_of = vec![
            (oldest(RawRow::NAME)?.map(Removal::Raw), Some(limits.keep_raw)),
            (oldest(MinuteRow::NAME)?.map(Removal::Minutes), Some(limits.keep_minutes)),
        ];
        for table in SmallTable::ALL {
            let hour = table.oldest_hour(db, since)?;
            oldest_of
                .push((hour.map(|hour| Removal::Small(table, hour)), Some(limits.keep_minutes)));
        }
        if over {
            oldest_of.push((oldest_sums(db)?.map(Removal::Sums), None));
        }
        for before in [open.saturating_sub(LAST_TO_GO_HOURS), open] {
            let goes = |(removal, kept): &(Option<Removal>, Option<Duration>)| {
                let hour = removal.as_ref().map(Removal::hour);
                let is_too_old = |hour| kept.is_some_and(|kept| too_old(hour, kept));
                hour.is_some_and(|hour| hour < before && (over || is_too_old(hour)))
            };
            if let Some(n) = oldest_of.iter().position(goes) {
                return Ok(oldest_of.swap_remove(n).0);
            }
        }
        Ok(None)
    }

    /// Whether the age of what was recorded can be told: the clock of the open run has been set, and it
    /// has run long enough for a wrong one to be put right.
    fn age_is_known(&self, now: Reading) -> bool {
        let run = self.runs.open().and_then(|run| run.boot_us);
        self.clocks.is_set()
            && run.is_some_and(|since| {
                now.boot.as_micros().saturating_sub(since) >= CLOCK_BELIEVED_AFTER_US
            })
    }

    /// Removes the samples of the oldest hour that is over, for want of room. `false`: there is
    /// none.
    pub(crate) fn remove_oldest_raw(&mut self, now: Timestamp) -> Result<bool, Error> {
        let open = open_hour(now);
        let oldest =
            oldest_hour(&self.file.db, "raw", i64::MIN).map_err(|e| self.file.failed(DOING, e))?;
        match oldest.filter(|hour| *hour < open) {
            Some(hour) => self.remove_raw(hour, now).map(|()| true),
            None => Ok(false),
        }
    }

    /// Removes the samples of an hour once it is summed up; its digest stays in the chain.
    fn remove_raw(&self, hour: i64, now: Timestamp) -> Result<(), Error> {
        let remove = |db: &Connection| self.remove_raw_of(db, hour, now);
        self.file.at_once(remove).map_err(|e| self.file.failed(DOING, e))
    }

    fn remove_raw_of(&self, db: &Connection, hour: i64, now: Timestamp) -> rusqlite::Result<()> {
        if is_due(db, hour)? {
            close_hour(db, &self.targets.by_id(), hour)?;
        }
        delete_hour(db, RawRow::NAME, hour, now)?;
        meta::raise_raw_removed_before(db, hour + 1)
    }

    /// Gives pages back to the file system when the file is longer than allowed, or far longer
    /// than it needs to be.
    fn give_back(&self, space: Space, most: i64, reserve: i64) -> rusqlite::Result<bool> {
        let beyond = space.free - reserve;
        let wanted = if space.pages > most { space.pages - most } else { 0 };
        let idle = if beyond > GIVEN_BACK + space.pages / 8 { beyond } else { 0 };
        let pages = wanted.max(idle).min(beyond).min(BITE);
        if pages <= 0 {
            return Ok(false);
        }
        let mut vacuum = self.file.db.prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
        let mut steps = vacuum.query([])?;
        while steps.next()?.is_some() {}
        Ok(true)
    }
}

/// What is removed next: an hour of a table.
enum Removal {
    Raw(i64),
    Minutes(i64),
    Small(SmallTable, i64),
    /// What is left of the time up to and with this hour, but for drops, notes and the chain.
    Sums(i64),
}

impl Removal {
    fn hour(&self) -> i64 {
        match self {
            Self::Raw(hour) | Self::Minutes(hour) | Self::Small(_, hour) | Self::Sums(hour) => {
                *hour
            }
        }
    }
}

/// Tables with few rows that follow from what was measured or stand next to it; they are kept for as long
/// as summaries of minutes.
#[derive(Clone, Copy)]
enum SmallTable {
    Traffic,
    Event,
    Trouble,
    Station,
    ModemPage,
    ModemReading,
}

impl SmallTable {
    const ALL: [Self; 6] = [
        Self::Traffic,
        Self::Event,
        Self::Trouble,
        Self::Station,
        Self::ModemPage,
        Self::ModemReading,
    ];

    /// Its name, the column with its time, and the length of an hour in that column.
    fn column(self) -> (&'static str, &'static str, i64) {
        match self {
            Self::Traffic => ("traffic", "minute", 60),
            Self::Event => ("event", "time_us", 3_600_000_000),
            // One that lasts has no end.
            Self::Trouble => ("trouble", "to_us", 3_600_000_000),
            Self::Station => ("station", "at_us", 3_600_000_000),
            Self::ModemPage => ("modem_page", "at_us", 3_600_000_000),
            Self::ModemReading => ("modem_reading", "at_us", 3_600_000_000),
        }
    }

    /// The hour of its oldest row not before the minute `since`.
    fn oldest_hour(self, db: &Connection, since: i64) -> rusqlite::Result<Option<i64>> {
        let (table, column, hour) = self.column();
        let since = since.saturating_mul(hour / 60);
        db.prepare_cached(&format!("SELECT min({column}) FROM {table} WHERE {column} >= ?1"))?
            .query_row([since], |row| row.get::<_, Option<i64>>(0))
            .map(|time| time.map(|time| time.div_euclid(hour)))
    }

    fn remove_until(self, db: &Connection, hour: i64) -> rusqlite::Result<()> {
        let (table, column, length) = self.column();
        db.prepare_cached(&format!("DELETE FROM {table} WHERE {column} < ?1"))?
            .execute([(hour + 1).saturating_mul(length)])?;
        Ok(())
    }
}

/// The oldest hour of which there are summaries.
fn oldest_sums(db: &Connection) -> rusqlite::Result<Option<i64>> {
    db.prepare_cached("SELECT min(hour) FROM hour")?.query_row([], |row| row.get(0))
}

/// Removes what is left of the time up to and with `hour`: a record that is too large begins after it.
/// Drops, notes and the chain stay.
fn remove_sums_until(db: &Connection, hour: i64, now: Timestamp) -> rusqlite::Result<()> {
    let cut_us = (hour + 1).saturating_mul(HOUR_US);
    db.prepare_cached("DELETE FROM hour WHERE hour <= ?1")?.execute([hour])?;
    for ends_before in [
        "DELETE FROM impairment WHERE end_latest_us < ?1",
        "DELETE FROM drop_path WHERE at_us < ?1",
        "DELETE FROM gap WHERE to_us <= ?1",
        "DELETE FROM run WHERE last_seen_us < ?1 AND ended IS NOT NULL AND NOT EXISTS(
           SELECT 1 FROM raw WHERE minute BETWEEN first_minute AND last_minute AND raw.run = run.id)",
    ] {
        db.prepare_cached(ends_before)?.execute([cut_us])?;
    }
    for family in ["ipv4", "ipv6"] {
        // The last one before still holds after it.
        db.prepare_cached(
            "DELETE FROM way WHERE family = ?2
               AND from_us < (SELECT max(from_us) FROM way WHERE family = ?2 AND from_us < ?1)",
        )?
        .execute((cut_us, family))?;
    }
    // The last before still holds after it.
    db.prepare_cached(
        "DELETE FROM roster
           WHERE from_us < (SELECT max(from_us) FROM roster WHERE from_us < ?1)",
    )?
    .execute([cut_us])?;
    // Whoever still counts runs must not take the time for watched.
    let first: Option<i64> = db
        .prepare_cached("SELECT min(started_us) FROM run WHERE started_us < ?1")?
        .query_row([cut_us], |row| row.get(0))?;
    if let Some(first) = first {
        GapRow::without_record_us(first, cut_us).put_if_absent(db)?;
    }
    note_removal(db, HourRow::NAME, hour, now)
}

fn delete_hour(db: &Connection, table: &str, hour: i64, now: Timestamp) -> rusqlite::Result<()> {
    db.prepare_cached(&format!("DELETE FROM {table} WHERE minute BETWEEN ?1 AND ?2"))?
        .execute(minutes_of(hour))?;
    note_removal(db, table, hour, now)
}

/// Pages that are written once and freed: the next pages come from there, and the write-ahead log,
/// which is kept at its length, has its blocks on the disk as well.
fn make_reserve(db: &Connection, bytes: i64) -> rusqlite::Result<()> {
    // One transaction after another: pages freed in the one that made them are never written.
    db.execute_batch("DROP TABLE IF EXISTS reserve; CREATE TABLE reserve(x)")?;
    let made = db.execute("INSERT INTO reserve VALUES (zeroblob(?1))", [bytes]);
    db.execute_batch("DROP TABLE reserve")?;
    made.map(|_| ())
}
