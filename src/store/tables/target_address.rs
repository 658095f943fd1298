//! Table `target_address`: where a target was, and how often it was probed, from an instant on.

use std::time::Duration;

use rusqlite::types::Value;
use rusqlite::{Connection, Row};

use super::table::StoredTable;
use super::target::LONGEST_INTERVAL_MS;
use super::value::{time, values, within};
use crate::time::Timestamp;
use crate::vocabulary::{Endpoint, Target, TargetId};

/// The address and the interval that a target had from an instant on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct AddressRow {
    target: TargetId,
    from: Timestamp,
    address: String,
    interval: Duration,
}

impl StoredTable for AddressRow {
    const NAME: &'static str = "target_address";
    const COLUMNS: &'static [&'static str] = &["target", "from_us", "address", "interval_ms"];
    const KEY: &'static str = "target, from_us";
    const SINCE: i64 = 6;
    const CREATE: &'static str = "
-- Where a target was from from_us on, until its next row; table target has the last. One without a row
-- has been there since it was added.
CREATE TABLE target_address(
  target      INTEGER NOT NULL,
  from_us     INTEGER NOT NULL,
  address     TEXT NOT NULL,
  interval_ms INTEGER NOT NULL,
  PRIMARY KEY(target, from_us)) STRICT, WITHOUT ROWID;
";

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            target: TargetId(row.get(0)?),
            from: time(row, 1)?,
            address: row.get(2)?,
            interval: Duration::from_millis(
                within(row, 3, 1..=LONGEST_INTERVAL_MS)?.unsigned_abs(),
            ),
        })
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        values![
            self.target.0,
            self.from.as_micros(),
            self.address.clone(),
            i64::try_from(self.interval.as_millis()).unwrap_or(i64::MAX),
        ]
    }
}

impl AddressRow {
    fn of(target: &Target, from: Timestamp) -> Self {
        let address = target.endpoint.as_str().to_owned();
        Self { target: target.id, from, address, interval: target.interval }
    }
}

/// Moves a target to another address, or changes its interval; `before` is how it was until now.
pub(in crate::store) fn change_address(
    db: &Connection,
    before: &Target,
    target: &Target,
    at: Timestamp,
) -> rusqlite::Result<()> {
    let added: i64 =
        db.query_row("SELECT added_ms FROM target WHERE id = ?1", [target.id.0], |row| row.get(0))?;
    let has_row = "SELECT 1 FROM target_address WHERE target = ?1";
    if !db.prepare_cached(has_row)?.exists([target.id.0])? {
        let since = Timestamp::from_millis(added).min(at.plus_micros(-1));
        AddressRow::of(before, since).put(db)?;
    }
    AddressRow::of(target, at).put(db)?;
    let interval = i64::try_from(target.interval.as_millis()).unwrap_or(i64::MAX);
    db.execute(
        "UPDATE target SET address = ?2, interval_ms = ?3 WHERE id = ?1",
        (target.id.0, target.endpoint.as_str(), interval),
    )?;
    Ok(())
}

/// The targets as they were at an instant, by what is known of all times.
pub(in crate::store) fn as_of(targets: &mut [Target], history: &[AddressRow], at: Timestamp) {
    for target in targets {
        let rows = || history.iter().filter(|row| row.target == target.id);
        let then = rows().filter(|row| row.from <= at).max_by_key(|row| row.from);
        if let Some(row) = then.or_else(|| rows().min_by_key(|row| row.from)) {
            target.endpoint = Endpoint::new(target.kind, row.address.as_str());
            target.interval = row.interval;
        }
    }
}
