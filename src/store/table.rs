//! Rows to values and back: the SQL of the small tables, shared by writer and reader.

use std::time::Duration;

use rusqlite::types::Type;
use rusqlite::{Connection, Row};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::impairment::ImpairmentRow;
use super::{rows::MinuteRow, rows::RttSummary};
use crate::time::{BootTime, TimeRange, Timestamp, micros};
use crate::vocabulary::{
    Bounds, Endpoint, Gap, HostChange, LinkDrop, Run, StoredDrop, StoredEvent, Target, TargetId,
    TargetTrouble, Traffic,
};

/// A run as stored, with the span of its rows of samples.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RunRow {
    pub(super) id: i64,
    pub(super) started_us: i64,
    pub(super) boot_us: Option<i64>,
    pub(super) boot_id: Option<String>,
    pub(super) last_seen_us: i64,
    pub(super) ended: Option<crate::vocabulary::RunEnd>,
    pub(super) version: String,
    pub(super) minutes: Option<(i64, i64)>,
}

impl RunRow {
    pub(super) const COLUMNS: &str = "id, started_us, boot_us, boot_id, last_seen_us, ended, \
                                      version, first_minute, last_minute";

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let ended: Option<String> = row.get(5)?;
        let first: Option<i64> = row.get(7)?;
        let last: Option<i64> = row.get(8)?;
        Ok(Self {
            id: row.get(0)?,
            started_us: row.get(1)?,
            boot_us: row.get(2)?,
            boot_id: row.get(3)?,
            last_seen_us: row.get(4)?,
            ended: ended.map(|w| word(5, &w)).transpose()?,
            version: row.get(6)?,
            minutes: first.zip(last),
        })
    }

    /// Inserts it, or brings the stored one forward: nothing in it ever goes back.
    pub(super) fn put(&self, db: &Connection) -> rusqlite::Result<()> {
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
        .execute((
            self.id,
            self.started_us,
            self.boot_us,
            &self.boot_id,
            self.last_seen_us,
            self.ended.map(name).transpose()?,
            &self.version,
            self.minutes.map(|m| m.0),
            self.minutes.map(|m| m.1),
        ))?;
        Ok(())
    }

    /// Widens the span of its rows to `minute`.
    pub(super) fn cover(&mut self, minute: i64) {
        let (first, last) = self.minutes.unwrap_or((minute, minute));
        self.minutes = Some((first.min(minute), last.max(minute)));
    }

    /// Brings it forward by what is known later; nothing in it ever goes back.
    pub(super) fn merge(&mut self, later: &Self) {
        self.last_seen_us = self.last_seen_us.max(later.last_seen_us);
        self.ended = later.ended.or(self.ended);
        if let Some((first, last)) = later.minutes {
            self.cover(first);
            self.cover(last);
        }
    }

    pub(super) fn to_run(&self) -> Run {
        Run {
            id: self.id,
            started: Timestamp::from_micros(self.started_us),
            boot: self.boot_us.map(BootTime),
            boot_id: self.boot_id.clone(),
            last_seen: Timestamp::from_micros(self.last_seen_us),
            ended: self.ended,
        }
    }
}

/// What waits for the next commit besides samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Pending {
    Gap { from_us: i64, to_us: i64, reason: crate::vocabulary::GapReason },
    Trouble { target: TargetId, from_us: i64, to_us: Option<i64>, lost: u32, sent: u32 },
    Event { time_us: i64, what: HostChange },
    Impairment(ImpairmentRow),
    Traffic(Traffic),
}

impl Pending {
    pub(super) fn gap(gap: &Gap) -> Self {
        let TimeRange { from, to } = gap.range;
        Self::Gap { from_us: from.as_micros(), to_us: to.as_micros(), reason: gap.reason }
    }

    pub(super) fn trouble(t: &TargetTrouble) -> Self {
        Self::Trouble {
            target: t.target,
            from_us: t.from.as_micros(),
            to_us: t.to.map(Timestamp::as_micros),
            lost: t.lost,
            sent: t.sent,
        }
    }

    /// Whether a program that knows schema 1 alone can read it in a journal.
    pub(super) fn is_of_schema_1(&self) -> bool {
        !matches!(self, Self::Impairment(_) | Self::Traffic(_))
    }

    /// Whether `later` says the same thing anew.
    pub(super) fn is_replaced_by(&self, later: &Self) -> bool {
        match (self, later) {
            (Self::Gap { from_us: a, .. }, Self::Gap { from_us: b, .. }) => a == b,
            (
                Self::Trouble { target: t, from_us: a, .. },
                Self::Trouble { target: u, from_us: b, .. },
            ) => (t, a) == (u, b),
            (Self::Impairment(a), Self::Impairment(b)) => a.is_replaced_by(b),
            (Self::Traffic(a), Self::Traffic(b)) => {
                (a.minute, &a.interface) == (b.minute, &b.interface)
            }
            (a, b) => a == b,
        }
    }

    /// Writes it; writing it again changes nothing.
    pub(super) fn put(&self, db: &Connection) -> rusqlite::Result<()> {
        match self {
            Self::Gap { from_us, to_us, reason } => {
                db.prepare_cached("INSERT OR REPLACE INTO gap VALUES (?1, ?2, ?3)")?.execute((
                    from_us,
                    to_us,
                    reason.as_str(),
                ))?;
            }
            Self::Trouble { target, from_us, to_us, lost, sent } => {
                db.prepare_cached(
                    "INSERT OR REPLACE INTO trouble(target, from_us, to_us, lost, sent)
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute((target.0, from_us, to_us, lost, sent))?;
            }
            Self::Event { time_us, what } => {
                let detail = json(what)?;
                let kind = serde_json::to_value(what)
                    .ok()
                    .and_then(|v| Some(v.get("kind")?.as_str()?.to_owned()))
                    .unwrap_or_default();
                db.prepare_cached(
                    "INSERT OR IGNORE INTO event(time_us, kind, detail) VALUES (?1, ?2, ?3)",
                )?
                .execute((time_us, kind, detail))?;
            }
            Self::Impairment(row) => row.put(db)?,
            Self::Traffic(row) => put_traffic(db, row)?,
        }
        Ok(())
    }
}

pub(super) const GAP_COLUMNS: &str = "from_us, to_us, reason";
pub(super) fn read_gap(row: &Row<'_>) -> rusqlite::Result<Gap> {
    Ok(Gap {
        range: TimeRange { from: time(row, 0)?, to: time(row, 1)? },
        reason: word(2, &row.get::<_, String>(2)?)?,
    })
}

pub(super) const TROUBLE_COLUMNS: &str = "target, from_us, to_us, lost, sent";
pub(super) fn read_trouble(row: &Row<'_>) -> rusqlite::Result<TargetTrouble> {
    Ok(TargetTrouble {
        target: TargetId(row.get(0)?),
        from: time(row, 1)?,
        to: row.get::<_, Option<i64>>(2)?.map(Timestamp::from_micros),
        lost: row.get(3)?,
        sent: row.get(4)?,
    })
}

pub(super) const EVENT_COLUMNS: &str = "time_us, detail";
pub(super) fn read_event(row: &Row<'_>) -> rusqlite::Result<StoredEvent> {
    Ok(StoredEvent { at: time(row, 0)?, what: from_json(1, &row.get::<_, String>(1)?)? })
}

pub(super) const TRAFFIC_COLUMNS: &str = "minute, interface, length_us, rx_bytes, tx_bytes";
pub(super) fn read_traffic(row: &Row<'_>) -> rusqlite::Result<Traffic> {
    Ok(Traffic {
        minute: row.get(0)?,
        interface: row.get(1)?,
        length: delay(row, 2)?,
        received: row.get::<_, i64>(3)?.unsigned_abs(),
        sent: row.get::<_, i64>(4)?.unsigned_abs(),
    })
}

fn put_traffic(db: &Connection, t: &Traffic) -> rusqlite::Result<()> {
    let bytes = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    db.prepare_cached(
        "INSERT OR REPLACE INTO traffic(minute, interface, length_us, rx_bytes, tx_bytes)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute((t.minute, &t.interface, micros(t.length), bytes(t.received), bytes(t.sent)))?;
    Ok(())
}

pub(super) const TARGET_COLUMNS: &str = "id, name, kind, role, address, interval_ms";
pub(super) fn read_target(row: &Row<'_>) -> rusqlite::Result<Target> {
    let kind = word(2, &row.get::<_, String>(2)?)?;
    Ok(Target {
        id: TargetId(row.get(0)?),
        name: row.get(1)?,
        kind,
        role: word(3, &row.get::<_, String>(3)?)?,
        endpoint: Endpoint::new(kind, row.get::<_, String>(4)?),
        interval: Duration::from_millis(row.get::<_, i64>(5)?.unsigned_abs()),
    })
}

pub(super) const DROP_COLUMNS: &str = "id, key_us, kind, onset_earliest_us, onset_latest_us, end_earliest_us, end_latest_us, min_us, \
     max_us, unobserved_us, places, answered, silent, flaps";
pub(super) fn read_drop(row: &Row<'_>) -> rusqlite::Result<StoredDrop> {
    let end = row.get::<_, Option<i64>>(5)?.zip(row.get::<_, Option<i64>>(6)?);
    Ok(StoredDrop {
        id: row.get(0)?,
        drop: LinkDrop {
            key: time(row, 1)?,
            kind: word(2, &row.get::<_, String>(2)?)?,
            onset: Bounds { earliest: time(row, 3)?, latest: time(row, 4)? },
            end: end.map(|(earliest, latest)| Bounds {
                earliest: Timestamp::from_micros(earliest),
                latest: Timestamp::from_micros(latest),
            }),
            min: delay(row, 7)?,
            max: delay(row, 8)?,
            unobserved: delay(row, 9)?,
            places: from_json(10, &row.get::<_, String>(10)?)?,
            answered: from_json(11, &row.get::<_, String>(11)?)?,
            silent: from_json(12, &row.get::<_, String>(12)?)?,
            flaps: row.get(13)?,
        },
    })
}

/// Inserts the drop, or brings the one of the same key up to date under its old number.
pub(super) fn put_drop(db: &Connection, drop: &LinkDrop) -> rusqlite::Result<()> {
    let values = rusqlite::params![
        drop.key.as_micros(),
        drop.kind.as_str(),
        drop.onset.earliest.as_micros(),
        drop.onset.latest.as_micros(),
        drop.end.map(|e| e.earliest.as_micros()),
        drop.end.map(|e| e.latest.as_micros()),
        micros(drop.min),
        micros(drop.max),
        micros(drop.unobserved),
        json(&drop.places)?,
        json(&drop.answered)?,
        json(&drop.silent)?,
        drop.flaps,
    ];
    // Not as one upsert: that uses up a number each time it finds the row already there.
    let updated = db
        .prepare_cached(
            "UPDATE link_drop SET kind = ?2, onset_earliest_us = ?3, onset_latest_us = ?4,
               end_earliest_us = ?5, end_latest_us = ?6, min_us = ?7, max_us = ?8,
               unobserved_us = ?9, places = ?10, answered = ?11, silent = ?12, flaps = ?13
             WHERE key_us = ?1",
        )?
        .execute(values)?;
    if updated == 0 {
        db.prepare_cached(
            "INSERT INTO link_drop(key_us, kind, onset_earliest_us, onset_latest_us,
               end_earliest_us, end_latest_us, min_us, max_us, unobserved_us, places, answered,
               silent, flaps)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?
        .execute(values)?;
    }
    Ok(())
}

pub(super) const MINUTE_COLUMNS: &str = "minute, target, sent, received, lost, late, not_sent, \
                                         rtt_min, rtt_p50, rtt_p95, rtt_max, rtt_mean, jitter";
pub(super) fn read_minute(row: &Row<'_>) -> rusqlite::Result<MinuteRow> {
    let rtt = match row.get::<_, Option<i64>>(7)? {
        None => None,
        Some(_) => Some(RttSummary {
            min: delay(row, 7)?,
            p50: delay(row, 8)?,
            p95: delay(row, 9)?,
            max: delay(row, 10)?,
            mean: delay(row, 11)?,
            jitter: row.get::<_, Option<i64>>(12)?.map(|_| delay(row, 12)).transpose()?,
        }),
    };
    Ok(MinuteRow {
        minute: row.get(0)?,
        target: TargetId(row.get(1)?),
        sent: row.get(2)?,
        received: row.get(3)?,
        lost: row.get(4)?,
        late: row.get(5)?,
        not_sent: row.get(6)?,
        rtt,
    })
}

/// Writes a target that is not there yet, as one that was added at an unknown time.
pub(super) fn put_target(db: &Connection, t: &Target) -> rusqlite::Result<()> {
    let interval = i64::try_from(t.interval.as_millis()).unwrap_or(i64::MAX);
    db.execute(
        "INSERT OR IGNORE INTO target(id, name, kind, role, address, interval_ms, added_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)",
        (t.id.0, &t.name, t.kind.as_str(), t.role.as_str(), t.endpoint.as_str(), interval),
    )?;
    Ok(())
}

/// Writes a gap over whole minutes, up to and not including the second, of which nothing is left.
pub(super) fn put_gap_without_record(db: &Connection, from: i64, to: i64) -> rusqlite::Result<()> {
    let us = |minute: i64| minute.saturating_mul(60_000_000);
    db.prepare_cached("INSERT OR IGNORE INTO gap VALUES (?1, ?2, ?3)")?.execute((
        us(from),
        us(to),
        crate::vocabulary::GapReason::NoRecord.as_str(),
    ))?;
    Ok(())
}

/// Writes the summary of a minute over the one before.
pub(super) fn put_minute(db: &Connection, m: &MinuteRow) -> rusqlite::Result<()> {
    write_minute(db, "INSERT OR REPLACE", m)
}

/// Writes the summary of a minute where there is none.
pub(super) fn put_minute_if_none(db: &Connection, m: &MinuteRow) -> rusqlite::Result<()> {
    write_minute(db, "INSERT OR IGNORE", m)
}

fn write_minute(db: &Connection, verb: &str, m: &MinuteRow) -> rusqlite::Result<()> {
    db.prepare_cached(&format!(
        "{verb} INTO minute(minute, target, sent, received, lost, late, not_sent,
           rtt_min, rtt_p50, rtt_p95, rtt_max, rtt_mean, jitter)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
    ))?
    .execute((
        m.minute,
        m.target.0,
        m.sent,
        m.received,
        m.lost,
        m.late,
        m.not_sent,
        m.rtt.map(|r| micros(r.min)),
        m.rtt.map(|r| micros(r.p50)),
        m.rtt.map(|r| micros(r.p95)),
        m.rtt.map(|r| micros(r.max)),
        m.rtt.map(|r| micros(r.mean)),
        m.rtt.and_then(|r| r.jitter).map(micros),
    ))?;
    Ok(())
}

/// Writes the encoded samples of one target, minute and run over those before. What was summed up
/// of the hour is then out of date.
pub(super) fn put_raw(
    db: &Connection,
    (run, minute, target): (i64, i64, TargetId),
    samples: &[u8],
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO raw(minute, target, run, samples) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute((minute, target.0, run, samples))?;
    db.prepare_cached("INSERT OR IGNORE INTO hour_due(hour) VALUES (?1)")?
        .execute([minute.div_euclid(60)])?;
    Ok(())
}

fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    row.get(column).map(Timestamp::from_micros)
}

fn delay(row: &Row<'_>, column: usize) -> rusqlite::Result<Duration> {
    let us: i64 = row.get(column)?;
    Ok(Duration::from_micros(us.unsigned_abs()))
}

/// A word of ours (`isp-core`) to its value.
fn word<T: DeserializeOwned>(column: usize, word: &str) -> rusqlite::Result<T> {
    serde_json::from_value(serde_json::Value::String(word.to_owned()))
        .map_err(|e| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, e.into()))
}

fn from_json<T: DeserializeOwned>(column: usize, text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text)
        .map_err(|e| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, e.into()))
}

/// The word of a value.
pub(super) fn name<T: Serialize>(value: T) -> rusqlite::Result<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        other => {
            Err(rusqlite::Error::ToSqlConversionFailure(format!("no word for {other:?}").into()))
        }
    }
}

fn json<T: Serialize>(value: &T) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))
}
