//! The chain over the hours: each completed hour gets a SHA-256 of its raw rows, chained to that of the
//! previous hour, so that a later change of any row shows. `schema-3.sql` has the exact form.
//!
//! It reveals changes but does not prevent them: whoever can write the file can recompute the chain.
//! Only its head, noted elsewhere (on a report printed at the time), can no longer be changed.

use rusqlite::{Connection, OptionalExtension, Row};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::fmt;

use super::hour::minutes_of;
use super::meta;
use super::tables::{RawKey, RawRow, StoredTable, raw};

/// The digest of an hour starts with this.
const PREFIX: &[u8] = b"linkmon hour 1\n";

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

/// The result of comparing the chain with the rows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Verification {
    /// The head; `None` of a chain without entries.
    pub head: Option<ChainHead>,
    /// Hours whose rows are as they were when they were added.
    pub whole: u64,
    /// Hours whose rows were removed to free space or because of their age: their digests are kept.
    pub gone: u64,
    /// Hours that were added again later, because more rows of them came (an import, a merge).
    pub added_again: u64,
    /// Hours whose rows the daemon itself has changed since, and that it will add again.
    pub due: u64,
    /// Hours that have changed.
    pub broken: u64,
    /// The first of these.
    pub first_broken: Option<ChainBreak>,
}

/// Where the chain is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ChainBreak {
    /// The hour, Unix time / 3600 s.
    pub hour: i64,
    /// What is wrong.
    pub what: Broken,
}

/// What is wrong with an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Broken {
    /// Its rows differ from those it was added with.
    Rows,
    /// Its rows are missing, and linkmon did not remove them.
    Missing,
    /// Its entry does not follow from the one before: the chain itself was changed.
    Chain,
}

impl Broken {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rows => "its measurements were changed",
            Self::Missing => "its measurements are missing",
            Self::Chain => "its entry does not follow from the one before",
        }
    }
}

/// Digests the rows of an hour, in order.
pub(super) struct HourContent {
    hasher: Sha256,
    rows: i64,
}

impl HourContent {
    pub(super) fn new(hour: i64) -> Self {
        let hasher = Sha256::new().chain_update(PREFIX).chain_update(hour.to_be_bytes());
        Self { hasher, rows: 0 }
    }

    pub(super) fn add(&mut self, key: RawKey, samples: &[u8]) {
        let length = u32::try_from(samples.len()).unwrap_or(u32::MAX);
        self.hasher.update(key.minute.to_be_bytes());
        self.hasher.update([key.target.0]);
        self.hasher.update(key.run.to_be_bytes());
        self.hasher.update(length.to_be_bytes());
        self.hasher.update(samples);
        self.rows += 1;
    }

    pub(super) fn finish(self) -> (Digest, i64) {
        (Digest(self.hasher.finalize().into()), self.rows)
    }
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
    db.prepare_cached("SELECT seq, hour, head FROM chain ORDER BY seq DESC LIMIT 1")?
        .query_row([], read_head)
        .optional()
}

/// The entry with this head.
pub(super) fn entry(db: &Connection, head: Digest) -> rusqlite::Result<Option<ChainHead>> {
    db.query_row("SELECT seq, hour, head FROM chain WHERE head = ?1", [head.0], read_head)
        .optional()
}

fn read_head(row: &Row<'_>) -> rusqlite::Result<ChainHead> {
    Ok(ChainHead { seq: row.get(0)?, hour: row.get(1)?, digest: Digest(row.get(2)?) })
}

/// Adds an hour, unless the chain already has it unchanged.
pub(super) fn append(db: &Connection, hour: i64, content: HourContent) -> rusqlite::Result<()> {
    let (content, rows) = content.finish();
    let last: Option<[u8; 32]> = db
        .prepare_cached("SELECT content FROM chain WHERE hour = ?1 ORDER BY seq DESC LIMIT 1")?
        .query_row([hour], |row| row.get(0))
        .optional()?;
    if last == Some(content.0) {
        return Ok(());
    }
    let before = head(db)?;
    let seq = before.map_or(1, |head| head.seq + 1);
    let head = join(before.map_or(Digest([0; 32]), |head| head.digest), seq, hour, content);
    db.prepare_cached(
        "INSERT INTO chain(seq, hour, rows, content, head) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute((seq, hour, rows, content.0, head.0))?;
    Ok(())
}

struct ChainEntry {
    seq: i64,
    hour: i64,
    content: Digest,
    head: Digest,
    /// No later entry is of the same hour.
    is_last: bool,
    due: bool,
}

/// Compares each entry with the one before it, and the last of each hour with the rows.
pub(super) fn verify(db: &Connection) -> rusqlite::Result<Verification> {
    let mut found = Verification { head: head(db)?, ..Verification::default() };
    let removed_before = meta::raw_removed_before(db)?;
    let mut entries = db.prepare(
        "SELECT c.seq, c.hour, c.content, c.head,
                c.seq = (SELECT max(seq) FROM chain l WHERE l.hour = c.hour),
                EXISTS(SELECT 1 FROM hour_due d WHERE d.hour = c.hour)
         FROM chain c ORDER BY c.seq",
    )?;
    let entries = entries.query_map([], |row| {
        Ok(ChainEntry {
            seq: row.get(0)?,
            hour: row.get(1)?,
            content: Digest(row.get(2)?),
            head: Digest(row.get(3)?),
            is_last: row.get(4)?,
            due: row.get(5)?,
        })
    })?;
    let mut before = (0, Digest([0; 32]));
    for entry in entries {
        let entry = entry?;
        let follows = entry.seq == before.0 + 1
            && entry.head == join(before.1, entry.seq, entry.hour, entry.content);
        before = (entry.seq, entry.head);
        let what = if !follows {
            Some(Broken::Chain)
        } else if !entry.is_last {
            found.added_again += 1;
            None
        } else {
            compare(db, &entry, removed_before, &mut found)?
        };
        if let Some(what) = what {
            found.broken += 1;
            found.first_broken.get_or_insert(ChainBreak { hour: entry.hour, what });
        }
    }
    Ok(found)
}

fn compare(
    db: &Connection,
    entry: &ChainEntry,
    removed_before: Option<i64>,
    found: &mut Verification,
) -> rusqlite::Result<Option<Broken>> {
    let mut content = HourContent::new(entry.hour);
    for row in RawRow::all(db, raw::OF_MINUTES, minutes_of(entry.hour))? {
        content.add(row.key, &row.samples);
    }
    let (content, count) = content.finish();
    if content == entry.content {
        found.whole += 1;
    } else if entry.due {
        found.due += 1;
    } else if count > 0 {
        return Ok(Some(Broken::Rows));
    } else if removed_before.is_some_and(|hour| entry.hour < hour) {
        found.gone += 1;
    } else {
        return Ok(Some(Broken::Missing));
    }
    Ok(None)
}
