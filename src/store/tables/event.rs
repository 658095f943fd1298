//! Table `event`: what happened to the host.

use rusqlite::Row;
use rusqlite::types::Value;
use serde::{Deserialize, Serialize};

use super::bite::{Bite, Counted};
use super::merging::{Moved, take};
use super::table::{Overlaid, StoredTable, Timed, Writing};
use super::value::{json, text, us, values};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{HostChange, HostEvent, StoredEvent};

/// An event as the journal holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::store) struct EventRow {
    time_us: i64,
    what: HostChange,
}

impl From<&HostEvent> for EventRow {
    fn from(event: &HostEvent) -> Self {
        Self { time_us: event.at.utc.as_micros(), what: event.what.clone() }
    }
}

impl StoredTable for EventRow {
    const NAME: &'static str = "event";
    const COLUMNS: &'static [&'static str] = &["time_us", "kind", "detail"];
    const KEY: &'static str = "id";
    const WRITING: Writing = Writing::Keeps;
    const COUNTED: Counted = Counted::Events;

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { time_us: us(row, 0)?, what: json(row, 2)? })
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        let kind = serde_json::to_value(&self.what).ok();
        let kind = kind.and_then(|value| Some(value.get("kind")?.as_str()?.to_owned()));
        values![self.time_us, kind.unwrap_or_default(), text(&self.what)?]
    }

    fn merge(bite: &Bite<'_>) -> rusqlite::Result<u64> {
        take::<EventText>(bite)
    }
}

impl Overlaid for EventRow {
    type Identity = Self;
    fn identity(&self) -> Self {
        self.clone()
    }
}

impl Timed for EventRow {
    type Reported = StoredEvent;
    type Order = i64;
    const OVERLAPS: &'static str = "WHERE time_us >= ?1 AND time_us < ?2 ORDER BY time_us, id";

    fn overlaps(&self, range: TimeRange) -> bool {
        range.contains(Timestamp::from_micros(self.time_us))
    }

    fn order(&self) -> i64 {
        self.time_us
    }

    fn report(self) -> StoredEvent {
        StoredEvent { at: Timestamp::from_micros(self.time_us), what: self.what }
    }
}

/// An event as the database holds it: another file's is taken over as it was written there.
struct EventText {
    time_us: i64,
    kind: String,
    detail: String,
}

impl StoredTable for EventText {
    const NAME: &'static str = EventRow::NAME;
    const COLUMNS: &'static [&'static str] = EventRow::COLUMNS;
    const KEY: &'static str = EventRow::KEY;
    const WRITING: Writing = EventRow::WRITING;

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { time_us: us(row, 0)?, kind: row.get(1)?, detail: row.get(2)? })
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        values![self.time_us, self.kind.clone(), self.detail.clone()]
    }
}

impl Moved for EventText {
    const BEGINS: &'static str = "time_us";

    fn began(&self) -> Timestamp {
        Timestamp::from_micros(self.time_us)
    }

    fn moved(self, _: &Bite<'_>, _: TimeRange) -> rusqlite::Result<Option<Self>> {
        Ok(Some(self))
    }
}
