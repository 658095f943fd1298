//! Retention for the record: what is old or too much goes, samples first and the oldest first, an hour
//! at a time; a reserve inside the file lets the daemon go on when the disk is full.
//!
//! Summaries of hours, the chain, drops, gaps, notes and what happened to the host stay for ever.

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use super::{Error, Writer, hours};
use crate::store::hour::MINUTES;
use crate::store::space::{Space, SpaceLimits, space_of};
use crate::time::Reading;

/// Free pages inside the file: 4 MB, and as much write-ahead log comes with making them. Of a file
/// with a low limit a quarter; filled up again when a quarter of it is left.
const RESERVE: i64 = 1_024;
/// Free pages beyond the reserve that are given back to the file system: 16 MB.
const GIVEN_BACK: i64 = 4_096;
/// Pages given back in one second.
const BITE: i64 = 500;
/// A clock that was wrong at boot is put right within this time; before it nothing is too old.
const CLOCK_BELIEVED_AFTER_US: i64 = 3_600_000_000;

/// 2020, in minutes: what lies before was measured by a clock that was not set, and its age is not
/// known.
pub(super) const CLOCKS_ARE_SET: i64 = 26_297_280;

/// What keeps the file within its limits.
#[derive(Debug, Default)]
pub(super) struct Retention {
    limits: Option<SpaceLimits>,
    /// The minute of boot time in which was looked last.
    looked: Option<i64>,
    /// More is to be done at once.
    goes_on: bool,
}

impl Writer {
    /// Keeps the file within `limits` from now on, and a reserve in it; [`Self::second`] does it.
    pub fn keep_within(&mut self, limits: SpaceLimits) {
        self.room.limits = Some(limits);
        self.room.looked = None;
    }

    /// Does at most a few milliseconds of work.
    pub(super) fn keep_room(&mut self, now: Reading) {
        let Some(limits) = self.room.limits else { return };
        let minute = now.boot.0.div_euclid(60_000_000);
        if self.room.looked == Some(minute) && !self.room.goes_on {
            return;
        }
        let is_new_minute = self.room.looked.replace(minute) != Some(minute);
        if is_new_minute && let Err(error) = self.watch_room(now, limits) {
            self.note_failure(error);
        }
        match self.make_room(now, limits) {
            Ok(goes_on) => self.room.goes_on = goes_on,
            Err(error) => {
                self.room.goes_on = false;
                self.note_failure(error);
            }
        }
    }

    /// Does the first thing that is to be done; whether there was one.
    fn make_room(&mut self, now: Reading, limits: SpaceLimits) -> Result<bool, Error> {
        let fail = |e| Error::sqlite("make room in database", &self.path, e);
        let space = space_of(&self.db, &self.path).map_err(fail)?;
        let most = limits.pages(space.page_size);
        let reserve = reserve_of(most);
        let open = hours::open_hour(now.utc);
        let oldest = |table, since| {
            let hour = oldest_hour(&self.db, table, since).map_err(fail)?;
            Ok::<_, Error>(hour.filter(|hour| *hour < open))
        };
        let believed = self
            .open_run()
            .and_then(|run| run.boot_us)
            .is_some_and(|since| now.boot.0.saturating_sub(since) >= CLOCK_BELIEVED_AFTER_US);
        let too_old = |hour: &i64, kept: std::time::Duration| {
            believed && *hour < (now.utc - kept).minute().div_euclid(MINUTES)
        };

        let is_low = space.free < reserve / 4;
        let over = space.used() + reserve > most || (space.disk_is_short() && is_low);
        let since = if over { i64::MIN } else { CLOCKS_ARE_SET };
        let (raw, minutes) = (oldest("raw", since)?, oldest("minute", since)?);
        if let Some(hour) = raw.filter(|hour| over || too_old(hour, limits.keep_raw)) {
            self.remove_raw(hour)?;
            return Ok(true);
        }
        if let Some(hour) = minutes.filter(|hour| over || too_old(hour, limits.keep_minutes)) {
            self.remove_minutes(hour)?;
            return Ok(true);
        }
        if self.give_back(space, most, reserve).map_err(fail)? {
            return Ok(true);
        }
        let missing = reserve - space.free;
        if is_low && !space.disk_is_short() && space.pages + missing <= most {
            // Where it does not fit after all, the next minute sees that.
            let _: rusqlite::Result<()> = make_reserve(&self.db, missing * space.page_size);
        }
        Ok(false)
    }

    /// Removes the samples of the oldest hour that is over, for want of room. `false`: there is
    /// none.
    pub(crate) fn remove_oldest_raw(&mut self, now: crate::time::Timestamp) -> Result<bool, Error> {
        let open = hours::open_hour(now);
        let oldest = oldest_hour(&self.db, "raw", i64::MIN)
            .map_err(|e| Error::sqlite("make room in database", &self.path, e))?;
        match oldest.filter(|hour| *hour < open) {
            Some(hour) => self.remove_raw(hour).map(|()| true),
            None => Ok(false),
        }
    }

    /// Removes the samples of an hour once it is summed up; its digest stays in the chain.
    fn remove_raw(&self, hour: i64) -> Result<(), Error> {
        let targets = self.targets_by_id();
        let remove = || {
            let transaction = Transaction::new_unchecked(&self.db, TransactionBehavior::Immediate)?;
            if transaction
                .prepare_cached("SELECT 1 FROM hour_due WHERE hour = ?1")?
                .exists([hour])?
            {
                hours::close_hour(&transaction, &targets, hour)?;
            }
            delete_hour(&transaction, "raw", hour)?;
            transaction.execute(
                "INSERT INTO meta VALUES ('raw_removed_before', ?1)
                 ON CONFLICT(key) DO UPDATE SET value = max(value, excluded.value)",
                [hour + 1],
            )?;
            transaction.commit()
        };
        remove().map_err(|e| Error::sqlite("make room in database", &self.path, e))
    }

    fn remove_minutes(&self, hour: i64) -> Result<(), Error> {
        delete_hour(&self.db, "minute", hour)
            .map_err(|e| Error::sqlite("make room in database", &self.path, e))
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
        let mut vacuum = self.db.prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
        let mut steps = vacuum.query([])?;
        while steps.next()?.is_some() {}
        Ok(true)
    }
}

/// Pages kept free of a file that may have so many.
pub(super) fn reserve_of(most: i64) -> i64 {
    RESERVE.min(most / 4)
}

/// The hour of the oldest row of a minute not before `since`.
pub(super) fn oldest_hour(
    db: &Connection,
    table: &str,
    since: i64,
) -> rusqlite::Result<Option<i64>> {
    db.prepare_cached(&format!("SELECT min(minute) FROM {table} WHERE minute >= ?1"))?
        .query_row([since], |row| row.get::<_, Option<i64>>(0))
        .map(|minute| minute.map(|minute| minute.div_euclid(MINUTES)))
}

fn delete_hour(db: &Connection, table: &str, hour: i64) -> rusqlite::Result<()> {
    let first = hour.saturating_mul(MINUTES);
    db.prepare_cached(&format!("DELETE FROM {table} WHERE minute BETWEEN ?1 AND ?2"))?
        .execute((first, first.saturating_add(MINUTES - 1)))?;
    Ok(())
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

/// Hours before this one may have lost their samples for want of room or for their age.
pub(in crate::store) fn raw_removed_before(db: &Connection) -> rusqlite::Result<Option<i64>> {
    db.prepare_cached("SELECT value FROM meta WHERE key = 'raw_removed_before'")?
        .query_row([], |row| row.get(0))
        .optional()
}
