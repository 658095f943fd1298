//! Watches the room: how it is now once an hour, what is kept of that in the database, and what is
//! to be told of it, which is stored first.

use rusqlite::{Connection, OptionalExtension};

use super::room::{CLOCKS_ARE_SET, oldest_hour, reserve_of};
use super::{Error, StoreEvent, Writer};
use crate::store::growth::{SpaceBounds, SpaceHistory, SpaceLook};
use crate::store::space::{SpaceLimits, space_of};
use crate::time::{Reading, Timestamp, micros};
use crate::vocabulary::Forecast;

const EVERY_US: i64 = 3_600_000_000;

/// What is known of the room.
#[derive(Debug, Default)]
pub(super) struct SpaceWatch {
    /// As it is in the database; `None` before it was read.
    stored: Option<SpaceHistory>,
    pub(super) forecast: Option<Forecast>,
    /// The hour of boot time in which was looked last.
    looked: Option<i64>,
    /// In place of the file system's own word.
    #[cfg(test)]
    disk: Option<crate::store::DiskSpace>,
}

impl SpaceWatch {
    /// Another file took the place of the one that was watched.
    pub(super) fn forget_file(&mut self) {
        (self.stored, self.forecast, self.looked) = (None, None, None);
    }
}

impl Writer {
    /// The part of a minute that is for this.
    pub(super) fn watch_room(&mut self, now: Reading, limits: SpaceLimits) -> Result<(), Error> {
        let hour = now.boot.0.div_euclid(EVERY_US);
        if self.watch.looked == Some(hour) || now.utc.minute() < CLOCKS_ARE_SET {
            return Ok(());
        }
        let fail = |e| Error::sqlite("watch the room of database", &self.path, e);
        let before = match self.watch.stored.take() {
            Some(stored) => stored,
            None => stored(&self.db).map_err(fail)?,
        };
        let mut watched = before.clone();
        let (look, bounds) = look(&self.db, &self.path, now.utc, limits).map_err(fail)?;
        #[cfg(test)]
        let look = SpaceLook { disk: self.watch.disk.or(look.disk), ..look };
        let (forecast, tell) = watched.see(look, bounds);
        // Should it not be stored, nothing is told, and the next minute tries again.
        if watched != before {
            put(&self.db, &watched).map_err(fail)?;
        }
        self.watch.stored = Some(watched);
        self.watch.looked = Some(hour);
        let news = |of| StoreEvent::Filling { of, forecast: Box::new(forecast.clone()) };
        self.mend.news.extend(tell.into_iter().map(news));
        self.watch.forecast = Some(forecast);
        Ok(())
    }

    /// As on a file system like this.
    #[cfg(test)]
    pub(crate) fn pretend_disk(&mut self, disk: crate::store::DiskSpace) {
        self.watch.disk = Some(disk);
    }
}

/// How it is now.
pub(in crate::store) fn look(
    db: &Connection,
    path: &std::path::Path,
    now: Timestamp,
    limits: SpaceLimits,
) -> rusqlite::Result<(SpaceLook, SpaceBounds)> {
    let space = space_of(db, path)?;
    let bytes = |pages: i64| u64::try_from(pages.saturating_mul(space.page_size)).unwrap_or(0);
    let look = SpaceLook {
        at_us: now.as_micros(),
        used: bytes(space.used()),
        disk: space.disk,
        oldest_hour: oldest_hour(db, "raw", CLOCKS_ARE_SET)?,
    };
    let bounds = SpaceBounds {
        limit: limits.max_bytes,
        reserve: bytes(reserve_of(limits.pages(space.page_size))),
        keep_raw_us: micros(limits.keep_raw),
    };
    Ok((look, bounds))
}

/// What is kept; nothing where it cannot be understood: a later version may have written it.
pub(in crate::store) fn stored(db: &Connection) -> rusqlite::Result<SpaceHistory> {
    let text: Option<String> = db
        .query_row("SELECT value FROM meta WHERE key = 'room'", [], |row| row.get(0))
        .optional()?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

fn put(db: &Connection, watched: &SpaceHistory) -> rusqlite::Result<()> {
    let text = serde_json::to_string(watched).expect("looks are plain data");
    db.prepare_cached(
        "INSERT INTO meta VALUES ('room', ?1)
         ON CONFLICT(key) DO UPDATE SET value = excluded.value",
    )?
    .execute([text])?;
    Ok(())
}
