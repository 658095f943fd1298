//! A finished record of another program as a run of its own.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use super::{Error, Writer, codec, commit, table};
use crate::store::table::RunRow;
use crate::vocabulary::{Measurement, Run, RunEnd, TargetId};

/// So many samples are held in memory before they are written (within the one transaction).
const BATCH: usize = 200_000;

type Minutes = BTreeMap<(i64, TargetId), Vec<Measurement>>;

impl Writer {
    /// Writes all `samples` as one run that ended as an import, in one transaction. They may come
    /// in any order; near the order of time is fastest. Send times are cut to milliseconds.
    ///
    /// # Errors
    /// When there are none, when an earlier import holds a minute of the same samples, or when
    /// they cannot be written; nothing is then changed.
    pub fn import_run(
        &mut self,
        samples: &mut dyn Iterator<Item = Measurement>,
    ) -> Result<Run, Error> {
        let fail = |e| Error::sqlite("import into database", &self.path, e);
        let transaction =
            Transaction::new_unchecked(&self.db, TransactionBehavior::Immediate).map_err(fail)?;
        let id = self.last_run + 1;
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
                self.write_batch(&transaction, id, std::mem::take(&mut batch)).map_err(fail)?;
                held = 0;
            }
        }
        self.write_batch(&transaction, id, batch).map_err(fail)?;
        let Some((first, last)) = span else {
            return Err(Error::EmptyImport { path: self.path.clone() });
        };
        let row = RunRow {
            id,
            started_us: first,
            boot_us: None,
            boot_id: None,
            last_seen_us: last,
            ended: Some(RunEnd::Import),
            version: self.version.clone(),
            minutes: Some((first.div_euclid(60_000_000), last.div_euclid(60_000_000))),
        };
        if let Some(run) = same_import(&transaction, &row).map_err(fail)? {
            return Err(Error::AlreadyImported { path: self.path.clone(), run });
        }
        let finish = || {
            summarize_run(&transaction, &row)?;
            row.put(&transaction)?;
            commit::put_commits(&transaction, self.commits + 1)?;
            transaction.commit()
        };
        finish().map_err(fail)?;
        self.commits += 1;
        self.hours_wait = true;
        self.last_run = id;
        Ok(row.to_run())
    }

    /// Writes what was gathered, joined with what an earlier batch wrote of the same minutes.
    fn write_batch(&self, db: &Connection, run: i64, batch: Minutes) -> rusqlite::Result<()> {
        for ((minute, target), mut samples) in batch {
            let earlier: Option<Vec<u8>> = db
                .prepare_cached(
                    "SELECT samples FROM raw WHERE minute = ?1 AND target = ?2 AND run = ?3",
                )?
                .query_row((minute, target.0, run), |row| row.get(0))
                .optional()?;
            if let Some(blob) = earlier {
                let mut all = Vec::new();
                codec::decode(&blob, minute, target, &mut all).expect("encoded a moment ago");
                all.append(&mut samples);
                samples = all;
            }
            samples.sort_by_key(|s| s.sent_at);
            let blob = codec::encode(minute, self.interval(target), &samples);
            table::put_raw(db, (run, minute, target), &blob)?;
        }
        Ok(())
    }
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
        (row.id, first, last, table::name(RunEnd::Import)?),
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
        commit::summarize(db, row.get(0)?, TargetId(row.get(1)?))?;
    }
    Ok(())
}
