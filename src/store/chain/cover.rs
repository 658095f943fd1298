//! What an entry covers: the runs of an hour with a digest of each, digests of its summaries, and what
//! the numbers of its targets mean.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use sha2::{Digest as _, Sha256};

use super::Digest;
use crate::store::hour::minutes_of;
use crate::store::tables::RawRow;
use crate::vocabulary::RunEnd;

/// The digest of a run in an hour starts with this.
const RUN: &[u8] = b"linkmon hour 2\n";

/// What an entry covers, in the form of `chain_cover.covers`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::store) struct HourCover {
    /// By number of the run.
    pub(super) runs: BTreeMap<i64, RunCover>,
    /// Of the rows of `minute`; `None`: there are none.
    pub(super) minutes: Option<RowsDigest>,
    /// Of the rows of `hour`.
    pub(super) hours: Option<RowsDigest>,
}

/// Rows, and their digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RowsDigest {
    pub(super) rows: u64,
    pub(super) digest: Digest,
}

/// The samples of a run in an hour, and where it is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RunCover {
    /// `here 1770038400000000`, `import -`, `merged -`; empty: there is no such run.
    pub(super) origin: String,
    pub(super) samples: RowsDigest,
}

impl HourCover {
    /// Of these rows of an hour, and of its summaries as they are in the database.
    pub(in crate::store) fn of(
        db: &Connection,
        hour: i64,
        rows: &[RawRow],
    ) -> rusqlite::Result<Self> {
        let mut runs = BTreeMap::new();
        for (run, samples) in digests(hour, rows) {
            runs.insert(run, RunCover { origin: origin(db, run)?, samples });
        }
        let (minutes, hours) = sums(db, hour)?;
        Ok(Self { runs, minutes, hours })
    }

    /// Reads the lines of an entry; `None` where they are not of this form.
    pub(super) fn parse(lines: &str) -> Option<Self> {
        let mut cover = Self::default();
        for line in lines.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            let summed = |rows: &str, digest: &str| {
                Some(RowsDigest { rows: rows.parse().ok()?, digest: digest.parse().ok()? })
            };
            match words.as_slice() {
                ["run", id, kind, started, rows, digest] => {
                    let origin = format!("{kind} {started}");
                    let of = RunCover { origin, samples: summed(rows, digest)? };
                    cover.runs.insert(id.parse().ok()?, of);
                }
                ["minutes", rows, digest] => cover.minutes = Some(summed(rows, digest)?),
                ["hours", rows, digest] => cover.hours = Some(summed(rows, digest)?),
                _ => return None,
            }
        }
        (cover.to_string() == lines).then_some(cover)
    }
}

impl fmt::Display for HourCover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (id, RunCover { origin, samples: RowsDigest { rows, digest } }) in &self.runs {
            writeln!(f, "run {id} {origin} {rows} {digest}")?;
        }
        for (name, summed) in [("minutes", self.minutes), ("hours", self.hours)] {
            if let Some(RowsDigest { rows, digest }) = summed {
                writeln!(f, "{name} {rows} {digest}")?;
            }
        }
        Ok(())
    }
}

/// What is before the samples of a row in its digest: minute, target, run, length of the samples.
pub(in crate::store) fn row_head(numbers: [i64; 4]) -> [u8; 32] {
    let mut head = [0; 32];
    for (bytes, number) in head.chunks_mut(8).zip(numbers) {
        bytes.copy_from_slice(&number.to_be_bytes());
    }
    head
}

/// The digest of the samples of each run in an hour.
pub(super) fn digests(hour: i64, rows: &[RawRow]) -> BTreeMap<i64, RowsDigest> {
    let mut runs = RunDigests::new(hour);
    for RawRow { key, samples } in rows {
        let length = i64::try_from(samples.len()).unwrap_or(i64::MAX);
        let head = row_head([key.minute, key.target.0.into(), key.run, length]);
        runs.add(key.run, &head, samples);
    }
    runs.finish().collect()
}

/// The digests of the runs in an hour, row by row.
#[derive(Debug)]
pub(super) struct RunDigests {
    hour: i64,
    runs: BTreeMap<i64, (u64, Sha256)>,
}

impl RunDigests {
    pub(super) fn new(hour: i64) -> Self {
        Self { hour, runs: BTreeMap::new() }
    }

    /// Takes a row and what is before its samples; gives how many runs there are.
    pub(super) fn add(&mut self, run: i64, head: &[u8; 32], samples: &[u8]) -> usize {
        let new = || (0, Sha256::new().chain_update(RUN).chain_update(self.hour.to_be_bytes()));
        let (count, hasher) = self.runs.entry(run).or_insert_with(new);
        *count += 1;
        hasher.update(head);
        hasher.update(samples);
        self.runs.len()
    }

    /// By number of the run.
    pub(super) fn finish(self) -> impl Iterator<Item = (i64, RowsDigest)> {
        let finish = |(rows, hasher): (u64, Sha256)| RowsDigest {
            rows,
            digest: Digest(hasher.finalize().into()),
        };
        self.runs.into_iter().map(move |(run, of)| (run, finish(of)))
    }
}

/// Where a run is from, and when one that was measured here began.
pub(super) fn origin(db: &Connection, run: i64) -> rusqlite::Result<String> {
    let mut statement = db.prepare_cached("SELECT ended, started_us FROM run WHERE id = ?1")?;
    let mut rows = statement.query([run])?;
    let Some(row) = rows.next()? else { return Ok("unknown -".to_owned()) };
    let ended: Option<String> = row.get(0).unwrap_or_default();
    Ok(match ended.as_deref() {
        Some(end) if end == RunEnd::Import.as_str() || end == RunEnd::Merged.as_str() => {
            format!("{end} -")
        }
        _ => format!("here {}", row.get::<_, i64>(1).unwrap_or_default()),
    })
}

/// The digests of the rows of `minute` and `hour` of an hour.
pub(super) fn sums(
    db: &Connection,
    hour: i64,
) -> rusqlite::Result<(Option<RowsDigest>, Option<RowsDigest>)> {
    // Columns that later schemas add are not in it.
    let minutes = "SELECT minute, target, sent, received, lost, late, not_sent, rtt_min, rtt_p50,
        rtt_p95, rtt_max, rtt_mean, jitter
        FROM minute WHERE minute BETWEEN ?1 AND ?2 ORDER BY minute, target";
    let hours = "SELECT hour, target, sent, received, lost, late, not_sent, loss_runs, damaged,
        rtt_min, rtt_p50, rtt_p95, rtt_p99, rtt_max, rtt_sum, jitter_sum, jitter_n, sketch, seconds
        FROM hour WHERE hour BETWEEN ?1 AND ?2 ORDER BY hour, target";
    Ok((table(db, minutes, minutes_of(hour))?, table(db, hours, (hour, hour))?))
}

fn table(db: &Connection, sql: &str, of: (i64, i64)) -> rusqlite::Result<Option<RowsDigest>> {
    let mut statement = db.prepare_cached(sql)?;
    let columns = statement.column_count();
    let mut rows = statement.query(of)?;
    let (mut count, mut hasher) = (0, Sha256::new());
    while let Some(row) = rows.next()? {
        for column in 0..columns {
            match row.get_ref(column)? {
                ValueRef::Null => {}
                ValueRef::Integer(number) => hasher.update(number.to_string()),
                ValueRef::Real(number) => hasher.update(number.to_string()),
                ValueRef::Text(text) => hasher.update(text),
                ValueRef::Blob(bytes) => {
                    for byte in bytes {
                        hasher.update(format!("{byte:02x}"));
                    }
                }
            }
            hasher.update(if column + 1 == columns { "\n" } else { "," });
        }
        count += 1;
    }
    let summed = RowsDigest { rows: count, digest: Digest(hasher.finalize().into()) };
    Ok((count > 0).then_some(summed))
}

/// What the numbers of targets mean: `target 1 anchor icmp cloudflare`, by number.
pub(super) type TargetLines = BTreeMap<i64, String>;

/// As the database has them now.
pub(super) fn target_lines(db: &Connection) -> rusqlite::Result<TargetLines> {
    let mut statement = db.prepare_cached("SELECT id, role, kind, name FROM target")?;
    let lines = statement.query_map([], |row| {
        // What cannot be understood is empty here, each time it is read.
        let word = |column| row.get::<_, String>(column).unwrap_or_default();
        let (id, role, kind): (i64, String, String) = (row.get(0)?, word(1), word(2));
        let name = word(3);
        let name: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        Ok((id, format!("target {id} {role} {kind} {name}")))
    })?;
    lines.collect()
}

/// The lines of an entry, by number.
pub(super) fn named(lines: &str) -> impl Iterator<Item = (i64, &str)> {
    lines.lines().filter_map(|line| {
        let id = line.strip_prefix("target ")?.split(' ').next()?;
        Some((id.parse().ok()?, line))
    })
}

/// The lines of targets of these rows that no entry has, or that mean something else since.
pub(super) fn unnamed_targets(
    db: &Connection,
    rows: &[RawRow],
) -> rusqlite::Result<Option<String>> {
    let mut known = TargetLines::new();
    let mut statement = db
        .prepare_cached("SELECT targets FROM chain_cover WHERE targets IS NOT NULL ORDER BY seq")?;
    let mut entries = statement.query([])?;
    while let Some(entry) = entries.next()? {
        let lines: String = entry.get(0).unwrap_or_default();
        known.extend(named(&lines).map(|(id, line)| (id, line.to_owned())));
    }
    let used: BTreeSet<i64> = rows.iter().map(|row| row.key.target.0.into()).collect();
    let now = target_lines(db)?;
    let new = now.iter().filter(|(id, line)| used.contains(id) && known.get(id) != Some(line));
    let lines: String = new.flat_map(|(_, line)| [line.as_str(), "\n"]).collect();
    Ok((!lines.is_empty()).then_some(lines))
}
