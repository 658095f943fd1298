//! The chain over the hours: each completed hour gets an entry that names the runs whose samples it
//! covers, with a SHA-256 of each; entries are chained, so that a later change of any row shows. An hour
//! that gets more samples later is entered again, and what its earlier entry covers can still be
//! recomputed. Table `chain_cover` has the exact form; entries of an earlier linkmon cover the rows of an
//! hour as one (`schema-3.sql`).
//!
//! It reveals changes but does not prevent them: whoever can write the file can recompute the chain.
//! Only its head, noted elsewhere (on a report printed at the time, in a time stamp), can no longer be
//! changed: `docs/evidence.md`.

mod apart;
mod cover;
mod verify;

use rusqlite::{Connection, OptionalExtension, Row};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::fmt;

use super::meta;
use super::tables::{CoverRow, RawRow, StoredTable};

pub use apart::{ChainApart, HourApart, ROW_HEAD};
pub(super) use cover::{HourCover, row_head};
pub(super) use verify::verify;
pub use verify::{Broken, ChainBreak, HeadCheck, Verification};

/// The digest of an hour in an entry of the first form starts with this.
const FIRST_FORM: &[u8] = b"linkmon hour 1\n";
/// The digest of an entry of the second form starts with this.
const SECOND_FORM: &[u8] = b"linkmon entry 2\n";

/// A SHA-256, shown as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digest(pub [u8; 32]);

/// 64 hexadecimal digits, of either case.
impl std::str::FromStr for Digest {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is no SHA-256 (64 hexadecimal digits)");
        if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        let mut bytes = [0; 32];
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).map_err(|_| wrong())?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

/// The last entry of the chain: it covers all entries before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ChainHead {
    /// How many entries there are.
    pub seq: i64,
    /// The hour that was added last, Unix time / 3600 s.
    pub hour: i64,
    /// The digest of all.
    pub digest: Digest,
}

/// The digest of all rows of an hour, as entries of the first form have it.
fn first_form<'a>(hour: i64, rows: impl Iterator<Item = &'a RawRow>) -> Digest {
    let mut hasher = Sha256::new().chain_update(FIRST_FORM).chain_update(hour.to_be_bytes());
    for RawRow { key, samples } in rows {
        let length = u32::try_from(samples.len()).unwrap_or(u32::MAX);
        hasher.update(key.minute.to_be_bytes());
        hasher.update([key.target.0]);
        hasher.update(key.run.to_be_bytes());
        hasher.update(length.to_be_bytes());
        hasher.update(samples);
    }
    Digest(hasher.finalize().into())
}

/// The digest of an entry of the second form.
fn second_form(hour: i64, covers: &str, targets: Option<&str>) -> Digest {
    let hasher = Sha256::new()
        .chain_update(SECOND_FORM)
        .chain_update(hour.to_be_bytes())
        .chain_update(covers)
        .chain_update(targets.unwrap_or_default());
    Digest(hasher.finalize().into())
}

fn join(before: Digest, seq: i64, hour: i64, content: Digest) -> Digest {
    let hasher = Sha256::new()
        .chain_update(before.0)
        .chain_update(seq.to_be_bytes())
        .chain_update(hour.to_be_bytes())
        .chain_update(content.0);
    Digest(hasher.finalize().into())
}

/// The last entry.
pub(super) fn head(db: &Connection) -> rusqlite::Result<Option<ChainHead>> {
    db.prepare_cached(
        "SELECT seq, hour, head FROM chain WHERE seq < 1 << 53 ORDER BY seq DESC LIMIT 1",
    )?
    .query_row([], read_head)
    .optional()
}

fn read_head(row: &Row<'_>) -> rusqlite::Result<ChainHead> {
    // A damaged entry is found when the chain is verified; the next hour is added all the same.
    let hour = row.get(1).unwrap_or_default();
    Ok(ChainHead { seq: row.get(0)?, hour, digest: Digest(row.get(2).unwrap_or_default()) })
}

/// Whether an hour is in the chain.
pub(super) fn has(db: &Connection, hour: i64) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM chain WHERE hour = ?1 LIMIT 1")?.exists([hour])
}

/// Adds an hour with these rows, and its summaries as they are in the database, unless the chain
/// already has it unchanged.
pub(super) fn append(db: &Connection, hour: i64, rows: &[RawRow]) -> rusqlite::Result<()> {
    let cover = HourCover::of(db, hour, rows)?;
    let covers = cover.to_string();
    let targets = cover::unnamed_targets(db, rows)?;
    let last: Option<(Option<String>, [u8; 32])> = db
        .prepare_cached(
            "SELECT v.covers, c.content FROM chain c LEFT JOIN chain_cover v ON v.seq = c.seq
             WHERE c.hour = ?1 ORDER BY c.seq DESC LIMIT 1",
        )?
        .query_row([hour], |row| {
            Ok((row.get(0).unwrap_or_default(), row.get(1).unwrap_or_default()))
        })
        .optional()?;
    let is_known = match last {
        Some((Some(before), _)) => before == covers && targets.is_none(),
        Some((None, content)) => content == first_form(hour, rows.iter()).0,
        None => false,
    };
    if is_known {
        return Ok(());
    }
    let before = head(db)?;
    let seq = before.map_or(1, |head| head.seq + 1);
    let content = second_form(hour, &covers, targets.as_deref());
    let head = join(before.map_or(Digest([0; 32]), |head| head.digest), seq, hour, content);
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    db.prepare_cached(
        "INSERT INTO chain(seq, hour, rows, content, head) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute((seq, hour, count, content.0, head.0))?;
    // One that an entry cut off later left behind is not of this one.
    db.prepare_cached("DELETE FROM chain_cover WHERE seq = ?1")?.execute([seq])?;
    CoverRow { seq, covers, targets }.put(db)?;
    // Programs that know schema 5 alone would call such an entry changed.
    meta::raise(db, meta::MIN_READER, CoverRow::SINCE)
}

/// An entry as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainEntry {
    /// Its number, from 1.
    pub seq: i64,
    /// The hour, Unix time / 3600 s.
    pub hour: i64,
    /// The digest of what it covers.
    pub content: Digest,
    /// The digest of this entry and all before it.
    pub head: Digest,
    /// What it covers, in lines; `None`: all rows of its hour at the time, as an earlier linkmon
    /// entered them.
    pub covers: Option<String>,
    /// The targets that it names, in lines.
    pub targets: Option<String>,
}

/// Gives `each` the entries in order.
pub(super) fn each_entry(
    db: &Connection,
    schema: i64,
    each: &mut dyn FnMut(ChainEntry) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let sql = if schema < CoverRow::SINCE {
        "SELECT seq, hour, content, head, NULL, NULL FROM chain ORDER BY seq"
    } else {
        "SELECT c.seq, c.hour, c.content, c.head, v.covers, v.targets
         FROM chain c LEFT JOIN chain_cover v ON v.seq = c.seq ORDER BY c.seq"
    };
    let mut statement = db.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        each(ChainEntry {
            seq: row.get(0)?,
            hour: row.get(1)?,
            content: Digest(row.get(2)?),
            head: Digest(row.get(3)?),
            covers: row.get(4)?,
            targets: row.get(5)?,
        })?;
    }
    Ok(())
}

#[cfg(test)]
pub(in crate::store) mod tests {
    use super::*;
    use crate::store::hour::minutes_of;
    use crate::store::tables::raw;

    pub(in crate::store) fn first_form_of(db: &Connection, hour: i64) -> Digest {
        first_form(hour, RawRow::all(db, raw::OF_MINUTES, minutes_of(hour)).unwrap().iter())
    }

    pub(in crate::store) fn joined(before: Digest, seq: i64, hour: i64, content: Digest) -> Digest {
        join(before, seq, hour, content)
    }
}
