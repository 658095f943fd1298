//! A finished record of another program as a run of its own.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension};

use super::Writer;
use super::targets::KnownTargets;
use crate::store::close::summarize_minute;
use crate::store::codec;
use crate::store::error::Error;
use crate::store::tables::{RawKey, RunRow, StoredTable, raw};
use crate::vocabulary::{Measurement, Run, RunEnd, TargetId};

/// Samples that are held in memory before they are written (within the one transaction).
const BATCH: usize = 200_000;

type Minutes = BTreeMap<(i64, TargetId), Vec<Measurement>>;

impl Writer {
    /// Writes all `samples` as one run that ended as an import, in one transaction. They may come
    /// in any order; close to the order of time is fastest. Send times are cut to milliseconds.
    ///
    /// # Errors
    /// If there are none, if an earlier import holds a minute of the same samples, or if they cannot
    /// be written; nothing is then changed.
    pub fn import_run(
        &mut self,
        samples: &mut dyn Iterator<Item = Measurement>,
    ) -> Result<Run, Error> {
        let id = self.runs.last + 1;
        let (targets, version) = (&self.targets, self.file.version.clone());
        let path = self.file.path.clone();
        let mut refused = None;
        let imported = self.file.commit(|db| {
            let Some((first, last)) = write_samples(db, id, samples, targets)? else {
                refused = Some(Error::EmptyImport { path: path.clone() });
                return Err(rusqlite::Error::QueryReturnedNoRows);
            };
            let row = RunRow {
                id,
                started_us: first,
                boot_us: None,
                boot_id: None,
                last_seen_us: last,
                ended: Some(RunEnd::Import),
                version,
                minutes: Some((first.div_euclid(60_000_000), last.div_euclid(60_000_000))),
            };
            if let Some(run) = same_import(db, &row)? {
                refused = Some(Error::AlreadyImported { path: path.clone(), run });
                return Err(rusqlite::Error::QueryReturnedNoRows);
            }
            summarize_run(db, &row)?;
            row.put(db)?;
            Ok(row.to_run())
        });
        let run = imported.map_err(|e| match refused {
            Some(refused) => refused,
            None => self.file.failed("import into database", e),
        })?;
        self.hours_wait = true;
        self.runs.last = id;
        Ok(run)
    }
}

/// Writes all samples; gives the send times of the first and the last, Unix microseconds.
fn write_samples(
    db: &Connection,
    run: i64,
    samples: &mut dyn Iterator<Item = Measurement>,
    targets: &KnownTargets,
) -> rusqlite::Result<Option<(i64, i64)>> {
    let mut span: Option<(i64, i64)> = None;
    let mut batch = Minutes::new();
    let mut held = 0;
    for mut sample in samples {
        sample.sent_at = sample.sent_at.floor_millis();
        let at = sample.sent_at.as_micros();
        let (first, last) = span.unwrap_or((at, at));
        span = Some((first.min(at), last.max(at)));
        batch.entry((sample.sent_at.minute(), sample.target)).or_default().push(sample);
        held += 1;
        if held >= BATCH {
            write_batch(db, run, std::mem::take(&mut batch), targets)?;
            held = 0;
        }
    }
    write_batch(db, run, batch, targets)?;
    Ok(span)
}

/// Writes what was gathered, joined with what an earlier batch wrote of the same minutes.
fn write_batch(
    db: &Connection,
    run: i64,
    batch: Minutes,
    targets: &KnownTargets,
) -> rusqlite::Result<()> {
    for ((minute, target), mut samples) in batch {
        let key = RawKey { run, minute, target };
        if let Some(blob) = raw::get(db, key)? {
            let mut all = Vec::new();
            codec::decode(&blob, minute, target, &mut all).expect("encoded a moment ago");
            all.append(&mut samples);
            samples = all;
        }
        samples.sort_by_key(|s| s.sent_at);
        raw::put(db, key, &codec::encode(minute, targets.interval(target), &samples))?;
    }
    Ok(())
}

/// An earlier import that holds a minute of the very same samples. Delays in microseconds do not
/// repeat by chance for a minute, and one whose probes were all lost at the same milliseconds is
/// the same too.
fn same_import(db: &Connection, row: &RunRow) -> rusqlite::Result<Option<i64>> {
    let (first, last) = row.minutes.expect("an import has samples");
    db.query_row(
        "SELECT b.run FROM raw a
           JOIN raw b ON b.minute = a.minute AND b.target = a.target AND b.run <> a.run
                     AND b.samples = a.samples
           JOIN run r ON r.id = b.run AND r.ended = ?4
         WHERE a.run = ?1 AND a.minute BETWEEN ?2 AND ?3 LIMIT 1",
        (row.id, first, last, RunEnd::Import.as_str()),
        |row| row.get(0),
    )
    .optional()
}

fn summarize_run(db: &Connection, row: &RunRow) -> rusqlite::Result<()> {
    let (first, last) = row.minutes.expect("an import has samples");
    let mut statement =
        db.prepare("SELECT minute, target FROM raw WHERE run = ?1 AND minute BETWEEN ?2 AND ?3")?;
    let mut rows = statement.query((row.id, first, last))?;
    while let Some(row) = rows.next()? {
        summarize_minute(db, row.get(0)?, TargetId(row.get(1)?))?;
    }
    Ok(())
}
