//! Finished records of other programs, each as a run of its own, with all that was found in them.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension};

use super::Writer;
use super::targets::{KnownTargets, TargetUse};
use crate::store::close::summarize_minute;
use crate::store::codec;
use crate::store::error::Error;
use crate::store::merge::watched_in;
use crate::store::tables::{self, RawKey, RunRow, StoredTable, WaitingRow, link_drop, raw};
use crate::time::{Reading, TimeRange, Timestamp};
use crate::vocabulary::{
    Gap, Impairment, LinkDrop, Measurement, Roster, RosterChange, Run, RunEnd, Target, TargetId,
    TargetTrouble,
};

/// Samples that are held in memory before they are written (within the one transaction).
const BATCH: usize = 200_000;

type Minutes = BTreeMap<(i64, TargetId), Vec<Measurement>>;

/// One stretch of a finished record, judged: it becomes a run.
#[derive(Debug, Clone)]
pub struct JudgedImport {
    /// When it watched; its samples lie in it.
    pub span: TimeRange,
    /// Which targets it had, and which of them may vote.
    pub roster: Roster,
    /// Time in it without observation.
    pub gaps: Vec<Gap>,
    /// Trouble of single targets in it.
    pub troubles: Vec<TargetTrouble>,
    /// What else was wrong in it.
    pub impairments: Vec<Impairment>,
    /// The drops that it has a part in.
    pub drops: Vec<LinkDrop>,
    /// The keys of stored drops that these take the place of.
    pub replaced: Vec<Timestamp>,
}

/// Intervals that differ by less than this part of them are measured ones of one target.
const ALIKE: u32 = 4;

impl Writer {
    /// What this record watched: time that an import leaves as it is. Ordered and disjoint.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn watched(&self) -> Result<Vec<TimeRange>, Error> {
        watched_in(&self.file.db).map_err(|e| self.file.failed("read database", e))
    }

    /// The targets with the numbers that [`Self::import`] will give them, in the same order: those
    /// that are alike in all but a measured interval are the ones that are known. Nothing is
    /// written.
    ///
    /// # Errors
    /// If there are not enough numbers left.
    pub fn plan_targets(&self, wanted: Vec<Target>) -> Result<Vec<Target>, Error> {
        let mut known = self.targets.clone();
        let mut planned = Vec::with_capacity(wanted.len());
        for mut target in wanted {
            let is_alike = |other: &Target| {
                let bare = Target { id: other.id, interval: other.interval, ..target.clone() };
                bare == *other
                    && other.interval.abs_diff(target.interval) <= target.interval / ALIKE
            };
            let found = known.iter().map(|(target, _)| target).find(|other| is_alike(other));
            if let Some(found) = found {
                planned.push(found.clone());
                continue;
            }
            let exhausted = || Error::TargetsExhausted {
                name: target.name.clone(),
                path: self.file.path.clone(),
            };
            target.id = known.next_id().ok_or_else(exhausted)?;
            known.set(target.clone(), TargetUse::InUse);
            planned.push(target);
        }
        Ok(planned)
    }

    /// Writes all of an import, its targets included, in one transaction. `samples` gives those of a
    /// stretch, in order of time.
    ///
    /// # Errors
    /// If it cannot be written; nothing is then changed.
    pub fn import<'a>(
        &mut self,
        targets: &[Target],
        stretches: &'a [JudgedImport],
        samples: &mut dyn FnMut(&'a JudgedImport) -> Box<dyn Iterator<Item = Measurement> + 'a>,
        now: Reading,
    ) -> Result<Vec<Run>, Error> {
        let mut known = self.targets.clone();
        for target in targets {
            known.retire(|other| other.name == target.name);
            known.set(target.clone(), TargetUse::InUse);
        }
        let (first, version) = (self.runs.last + 1, self.file.version.clone());
        let imported = self.file.commit(|db| {
            for target in targets {
                tables::use_target(db, target, now.utc)?;
            }
            let mut runs = Vec::with_capacity(stretches.len());
            for (id, stretch) in (first..).zip(stretches) {
                let row = write_stretch(db, id, stretch, &mut *samples(stretch), &known, &version)?;
                runs.push(row.to_run());
            }
            Ok(runs)
        });
        let runs = imported.map_err(|e| self.file.failed("import into database", e))?;
        self.hours_wait = true;
        self.runs.last = runs.last().map_or(self.runs.last, |run| run.id);
        self.targets = known;
        Ok(runs)
    }

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

fn write_stretch(
    db: &Connection,
    id: i64,
    stretch: &JudgedImport,
    samples: &mut dyn Iterator<Item = Measurement>,
    targets: &KnownTargets,
    version: &str,
) -> rusqlite::Result<RunRow> {
    let TimeRange { from, to } = stretch.span;
    let written = write_samples(db, id, samples, targets)?;
    let (first, last) = written.unwrap_or((from.as_micros(), to.as_micros()));
    let row = RunRow {
        id,
        started_us: from.as_micros().min(first),
        boot_us: None,
        boot_id: None,
        last_seen_us: to.as_micros().max(last),
        ended: Some(RunEnd::Import),
        version: version.to_owned(),
        minutes: Some((first.div_euclid(60_000_000), last.div_euclid(60_000_000))),
    };
    summarize_run(db, &row)?;
    row.put(db)?;
    let run = row.to_run();
    let roster = RosterChange { run: id, from: run.started, roster: stretch.roster.clone() };
    let gaps = stretch.gaps.iter().map(|gap| WaitingRow::Gap(gap.into()));
    let troubles = stretch.troubles.iter().map(|trouble| WaitingRow::Trouble(trouble.into()));
    let impairments = stretch.impairments.iter().map(|one| WaitingRow::Impairment(one.into()));
    let rows = [WaitingRow::Roster((&roster).into())].into_iter();
    for row in rows.chain(gaps).chain(troubles).chain(impairments) {
        row.put(db)?;
    }
    for key in &stretch.replaced {
        link_drop::delete(db, *key)?;
    }
    for drop in &stretch.drops {
        link_drop::put(db, drop)?;
    }
    Ok(row)
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
        raw::put(db, key, &codec::encode(minute, target, targets.interval(target), &samples))?;
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
