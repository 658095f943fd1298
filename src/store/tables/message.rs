//! Table `message`: what people are told, as it waits to be sent.

use rusqlite::Row;
use rusqlite::types::Value;

use super::table::{Overlaid, StoredTable, Timed, Writing};
use super::value::{number, time, time_or_null, us_or_null, values, word};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{Message, StoredMessage};

impl StoredTable for StoredMessage {
    const NAME: &'static str = "message";
    const COLUMNS: &'static [&'static str] = &[
        "key",
        "thread",
        "of_us",
        "event",
        "at_us",
        "onset_us",
        "end_us",
        "min_s",
        "max_s",
        "place",
        "target",
        "count_today",
        "title",
        "text",
    ];
    const KEY: &'static str = "id";
    const NUMBERED: bool = true;
    const SINCE: i64 = 6;
    const WRITING: Writing = Writing::Keeps;
    const CREATE: &'static str = "
-- What people are told, where alerts are configured: written with what it tells, sent from here. Kept for 90
-- days.
CREATE TABLE message(
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  key         TEXT NOT NULL UNIQUE,       -- 'drop-1675785600000000-down': the same at each attempt
  thread      TEXT NOT NULL,              -- the same for all messages of one incident
  of_us       INTEGER,                    -- the key that its drop or impairment has at present
  event       TEXT NOT NULL,              -- 'down', 'still-down', 'back', ...
  at_us       INTEGER NOT NULL,           -- when it was confirmed
  onset_us    INTEGER,
  end_us      INTEGER,
  min_s       REAL,
  max_s       REAL,
  place       TEXT,
  target      TEXT,
  count_today INTEGER,                    -- drops so far on the local day of the onset
  title       TEXT NOT NULL,
  text        TEXT NOT NULL) STRICT;
";

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let message = Message {
            key: row.get(0)?,
            thread: row.get(1)?,
            event: word(row, 3)?,
            at: time(row, 4)?,
            onset: time_or_null(row, 5)?,
            end: time_or_null(row, 6)?,
            min_s: row.get(7)?,
            max_s: row.get(8)?,
            place: row.get(9)?,
            target: row.get(10)?,
            count_today: row.get(11)?,
            title: row.get(12)?,
            text: row.get(13)?,
        };
        Ok(Self { id: number(row, 14)?, of_us: us_or_null(row, 2)?, message })
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        let m = &self.message;
        let us = |at: Option<Timestamp>| at.map(Timestamp::as_micros);
        values![
            m.key.clone(),
            m.thread.clone(),
            self.of_us,
            m.event.as_str().to_owned(),
            m.at.as_micros(),
            us(m.onset),
            us(m.end),
            m.min_s,
            m.max_s,
            m.place.clone(),
            m.target.clone(),
            m.count_today.map(i64::from),
            m.title.clone(),
            m.text.clone(),
        ]
    }
}

impl Overlaid for StoredMessage {
    type Identity = String;
    fn identity(&self) -> String {
        self.message.key.clone()
    }

    /// The first stays.
    fn renew(&mut self, _: &Self) {}
}

impl Timed for StoredMessage {
    type Reported = Self;
    type Order = (Timestamp, i64);
    const OVERLAPS: &'static str = "WHERE at_us >= ?1 AND at_us < ?2 ORDER BY id";

    fn overlaps(&self, range: TimeRange) -> bool {
        range.contains(self.message.at)
    }

    fn order(&self) -> (Timestamp, i64) {
        (self.message.at, self.id)
    }

    fn report(self) -> Self {
        self
    }
}
