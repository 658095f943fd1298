//! The samples themselves: rows of the database and minutes of the journal as one sequence.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::{Reader, RecordSnapshot, all, table};
use crate::store::rows::{Damage, MinuteRow, MinuteSamples};
use crate::store::story::{self, RunPart};
use crate::store::table::RunRow;
use crate::store::{Error, codec, summary};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{Measurement, RunEnd, TargetId};

/// Run, minute, target.
type Key = (i64, i64, TargetId);

impl Reader {
    /// Gives `each` all samples in `range`, in order of run ([`story`](story::story)), minute and target; open minutes of a
    /// running daemon included. Damaged rows are left out and counted. One value is used for all
    /// calls of `each`, so nothing is allocated for a sample.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn for_each_minute(
        &self,
        range: TimeRange,
        each: &mut dyn FnMut(&MinuteSamples),
    ) -> Result<Damage, Error> {
        self.snapshot().and_then(|s| s.for_each(range, None, each)).map_err(|e| self.failed(e))
    }

    /// The same of one run.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn for_each_minute_of(
        &self,
        run: i64,
        range: TimeRange,
        each: &mut dyn FnMut(&MinuteSamples),
    ) -> Result<Damage, Error> {
        self.snapshot().and_then(|s| s.for_each(range, Some(run), each)).map_err(|e| self.failed(e))
    }

    /// The summaries of the minutes that overlap `range`, in order of minute and target; open
    /// minutes of a running daemon included.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn minutes(&self, range: TimeRange) -> Result<Vec<MinuteRow>, Error> {
        self.snapshot().and_then(|s| s.minutes(range)).map_err(|e| self.failed(e))
    }

    /// From the first sample to just behind the last; `None` when there is none.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn extent(&self) -> Result<Option<TimeRange>, Error> {
        self.snapshot().and_then(|s| s.extent()).map_err(|e| self.failed(e))
    }
}

impl RecordSnapshot<'_> {
    pub(super) fn for_each(
        &self,
        range: TimeRange,
        only: Option<i64>,
        each: &mut dyn FnMut(&MinuteSamples),
    ) -> rusqlite::Result<Damage> {
        let mut sink = SampleSink {
            range,
            each,
            damage: Damage::default(),
            minute: MinuteSamples { run: 0, minute: 0, target: TargetId(0), samples: Vec::new() },
        };
        let Some((first, last)) = minutes_of(range) else { return Ok(sink.damage) };
        let journal = self.journal_minutes(first, last);
        let mut runs = self.runs()?;
        runs.retain(|run| only.is_none_or(|only| only == run.id));
        for (run, part) in in_order(runs) {
            let part = TimeRange { from: range.from.max(part.from), to: range.to.min(part.to) };
            let Some((first, last)) = minutes_of(part) else { continue };
            sink.range = part;
            let mut waiting = journal
                .range((run.id, first, TargetId(0))..=(run.id, last, TargetId(u8::MAX)))
                .peekable();
            if let Some((run_first, run_last)) = run.minutes {
                // The primary key's own order is the one wanted, within one run.
                let mut statement = self.db.prepare_cached(
                    "SELECT minute, target, samples FROM raw
                     WHERE minute BETWEEN ?1 AND ?2 AND run = ?3 ORDER BY minute, target",
                )?;
                let mut rows =
                    statement.query((first.max(run_first), last.min(run_last), run.id))?;
                while let Some(row) = rows.next()? {
                    let key = (run.id, row.get(0)?, TargetId(row.get(1)?));
                    while let Some((before, samples)) = waiting.next_if(|(k, _)| **k < key) {
                        sink.take(*before, samples);
                    }
                    match waiting.next_if(|(k, _)| **k == key) {
                        Some((_, samples)) if self.journal_is_newer => sink.take(key, samples),
                        _ => sink.take(key, row.get_ref(2)?.as_blob()?),
                    }
                }
            }
            for (key, samples) in waiting {
                sink.take(*key, samples);
            }
        }
        Ok(sink.damage)
    }

    /// What the journal has of the minutes from `first` to `last`.
    fn journal_minutes(&self, first: i64, last: i64) -> BTreeMap<Key, &[u8]> {
        let minutes = self.journal.iter().flat_map(|t| &t.minutes);
        minutes
            .filter(|m| (first..=last).contains(&m.minute))
            .map(|m| ((m.run, m.minute, m.target), m.samples.as_slice()))
            .collect()
    }

    fn minutes(&self, range: TimeRange) -> rusqlite::Result<Vec<MinuteRow>> {
        let Some((first, last)) = minutes_of(range) else { return Ok(Vec::new()) };
        let sql = format!(
            "SELECT {} FROM minute WHERE minute BETWEEN ?1 AND ?2 ORDER BY minute, target",
            table::MINUTE_COLUMNS
        );
        let mut rows = all(self.db, &sql, (first, last), table::read_minute)?;
        let mut open: Vec<(i64, TargetId)> =
            self.journal_minutes(first, last).keys().map(|k| (k.1, k.2)).collect();
        open.sort_unstable();
        open.dedup();
        for (minute, target) in open {
            let samples = self.all_runs(minute, target)?;
            rows.retain(|row| (row.minute, row.target) != (minute, target));
            rows.push(summary::summarize(minute, target, &samples));
        }
        rows.sort_by_key(|row| (row.minute, row.target));
        Ok(rows)
    }

    /// All samples of one target in one minute, run after run.
    fn all_runs(&self, minute: i64, target: TargetId) -> rusqlite::Result<Vec<Measurement>> {
        let mut blobs: BTreeMap<i64, Vec<u8>> = BTreeMap::new();
        let stored = stored_runs(self.db, minute, target)?;
        blobs.extend(stored);
        for ((run, _, t), samples) in self.journal_minutes(minute, minute) {
            if t == target && (self.journal_is_newer || !blobs.contains_key(&run)) {
                blobs.insert(run, samples.to_vec());
            }
        }
        let mut all = Vec::new();
        for blob in blobs.values() {
            let before = all.len();
            if codec::decode(blob, minute, target, &mut all).is_err() {
                all.truncate(before);
            }
        }
        Ok(all)
    }

    fn extent(&self) -> rusqlite::Result<Option<TimeRange>> {
        let stored = |which: &str| {
            let sql = format!("SELECT {which}(minute) FROM raw");
            self.db.query_row(&sql, [], |row| row.get::<_, Option<i64>>(0))
        };
        let journal = || self.journal.iter().flat_map(|t| &t.minutes).map(|m| m.minute);
        let first = stored("min")?.into_iter().chain(journal()).min();
        let last = stored("max")?.into_iter().chain(journal()).max();
        let Some((first, last)) = first.zip(last) else { return Ok(None) };
        let whole = |minute: i64| TimeRange {
            from: Timestamp::from_seconds(minute.saturating_mul(60)),
            to: Timestamp::from_seconds(minute.saturating_add(1).saturating_mul(60)),
        };
        // Where all of the minute is damaged, the minute itself is all that is known.
        let (mut from, mut to) = (None::<Timestamp>, None::<Timestamp>);
        self.for_each(whole(first), None, &mut |m| {
            let sent = m.samples.iter().map(|s| s.sent_at);
            from = sent.chain(from).min();
        })?;
        self.for_each(whole(last), None, &mut |m| {
            let behind = m.samples.iter().map(|s| s.sent_at.plus_micros(1_000));
            to = behind.chain(to).max();
        })?;
        Ok(Some(TimeRange {
            from: from.unwrap_or(whole(first).from),
            to: to.unwrap_or(whole(last).to),
        }))
    }
}

/// The runs in the order of their story, with what of each comes in one piece; imported ones, which
/// are stories of their own, behind. Where nothing was taken over from another file, by number.
fn in_order(runs: Vec<RunRow>) -> Vec<(RunRow, TimeRange)> {
    let is = |run: &RunRow, end| run.ended == Some(end);
    if !runs.iter().any(|run| is(run, RunEnd::Merged)) {
        return runs.into_iter().map(|run| (run, TimeRange::EVER)).collect();
    }
    let (imports, ours): (Vec<_>, Vec<_>) =
        runs.into_iter().partition(|run| is(run, RunEnd::Import));
    let parts = story::story(ours.iter().map(RunRow::to_run).collect());
    let row = |part: &RunPart| ours.iter().find(|run| run.id == part.run.id).cloned();
    let ordered = parts.iter().filter_map(|part| Some((row(part)?, part.range)));
    ordered.chain(imports.into_iter().map(|run| (run, TimeRange::EVER))).collect()
}

/// Decodes rows, cuts them to the range, and gives them away.
struct SampleSink<'a> {
    range: TimeRange,
    each: &'a mut dyn FnMut(&MinuteSamples),
    damage: Damage,
    minute: MinuteSamples,
}

impl SampleSink<'_> {
    fn take(&mut self, (run, minute, target): Key, blob: &[u8]) {
        let out = &mut self.minute;
        (out.run, out.minute, out.target) = (run, minute, target);
        out.samples.clear();
        if codec::decode(blob, minute, target, &mut out.samples).is_err() {
            self.damage.rows += 1;
            return;
        }
        let (first, last) = (self.range.from, self.range.to);
        if minute == first.minute() || minute == last.minute() {
            out.samples.retain(|s| self.range.contains(s.sent_at));
        }
        if !out.samples.is_empty() {
            (self.each)(out);
        }
    }
}

/// The first and last minute that have a part in the range; `None` when it is empty.
fn minutes_of(range: TimeRange) -> Option<(i64, i64)> {
    (range.from < range.to).then(|| (range.from.minute(), range.to.plus_micros(-1).minute()))
}

fn stored_runs(
    db: &Connection,
    minute: i64,
    target: TargetId,
) -> rusqlite::Result<Vec<(i64, Vec<u8>)>> {
    db.prepare_cached("SELECT run, samples FROM raw WHERE minute = ?1 AND target = ?2")?
        .query_map((minute, target.0), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}
