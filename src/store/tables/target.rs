//! Table `target`: what is or was probed.

use std::time::Duration;

use rusqlite::types::Value;
use rusqlite::{Connection, Row};

use super::table::{StoredTable, Writing};
use super::value::{values, within, word};
use crate::time::Timestamp;
use crate::vocabulary::{Endpoint, Kind, Role, Target, TargetId};

/// Nothing is probed more rarely: a day.
pub(super) const LONGEST_INTERVAL_MS: i64 = 86_400_000;

/// One that is written by itself was added at an unknown time; [`retire`] and the writer set the
/// times they know.
impl StoredTable for Target {
    const NAME: &'static str = "target";
    const COLUMNS: &'static [&'static str] =
        &["id", "name", "kind", "role", "address", "interval_ms", "added_ms"];
    const KEY: &'static str = "id";
    const WRITING: Writing = Writing::Keeps;

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let kind = word(row, 2)?;
        Ok(Self {
            id: TargetId(row.get(0)?),
            name: row.get(1)?,
            kind,
            role: word(row, 3)?,
            endpoint: Endpoint::new(kind, row.get::<_, String>(4)?),
            interval: Duration::from_millis(
                within(row, 5, 1..=LONGEST_INTERVAL_MS)?.unsigned_abs(),
            ),
        })
    }

    /// Its samples have no name without it.
    fn rescue(row: &Row<'_>) -> Option<Self> {
        let id = TargetId(row.get(0).ok()?);
        let kind = word(row, 2).unwrap_or(Kind::Icmp);
        let address = row.get::<_, String>(4).unwrap_or_else(|_| "unreadable".to_owned());
        let interval = within(row, 5, 1..=LONGEST_INTERVAL_MS).unwrap_or(1_000);
        Some(Self {
            id,
            name: row.get(1).unwrap_or_else(|_| format!("target-{}", id.0)),
            kind,
            role: word(row, 3).unwrap_or(Role::Service),
            endpoint: Endpoint::new(kind, address),
            interval: Duration::from_millis(interval.unsigned_abs()),
        })
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        values![
            self.id.0,
            self.name.clone(),
            self.kind.as_str().to_owned(),
            self.role.as_str().to_owned(),
            self.endpoint.as_str().to_owned(),
            i64::try_from(self.interval.as_millis()).unwrap_or(i64::MAX),
            0_i64,
        ]
    }
}

/// Rows that can be written again: one in which a value has another type than its column cannot.
const SOUND: &str = "typeof(name) = 'text' AND typeof(kind) = 'text' AND typeof(role) = 'text'
    AND typeof(address) = 'text' AND typeof(interval_ms) = 'integer'
    AND typeof(added_ms) = 'integer'";

/// Retires a target.
pub(in crate::store) fn retire(
    db: &Connection,
    id: TargetId,
    at: Timestamp,
) -> rusqlite::Result<()> {
    db.execute(
        &format!(
            "UPDATE target SET retired_ms = ?2 WHERE id = ?1 AND retired_ms IS NULL AND {SOUND}"
        ),
        (id.0, at.as_millis()),
    )?;
    Ok(())
}

/// Puts a target to use: it is added, or used again if it was retired. Another one of its name is
/// retired.
pub(in crate::store) fn use_target(
    db: &Connection,
    target: &Target,
    at: Timestamp,
) -> rusqlite::Result<()> {
    db.execute(
        &format!(
            "UPDATE target SET retired_ms = ?2 WHERE name = ?1 AND retired_ms IS NULL AND {SOUND}"
        ),
        (&target.name, at.as_millis()),
    )?;
    if target.put(db)? > 0 {
        let sql = "UPDATE target SET added_ms = ?2 WHERE id = ?1";
        db.execute(sql, (target.id.0, at.as_millis()))?;
    } else {
        db.execute("UPDATE target SET retired_ms = NULL WHERE id = ?1", [target.id.0])?;
    }
    Ok(())
}

/// Retires a target of which it is not known any more when it was retired.
pub(in crate::store) fn retire_since_added(db: &Connection, id: TargetId) -> rusqlite::Result<()> {
    db.execute(
        "UPDATE target SET retired_ms = added_ms WHERE id = ?1 AND retired_ms IS NULL",
        [id.0],
    )?;
    Ok(())
}
