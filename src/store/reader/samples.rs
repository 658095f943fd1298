//! The samples themselves: rows of the database and minutes of the journal as one sequence.

use std::collections::BTreeMap;

use rusqlite::Row;

use super::{Reader, RecordSnapshot, around};
use crate::store::error::Error;
use crate::store::rows::{Damage, MinuteRow, MinuteSamples};
use crate::store::story::{self, RunPart};
use crate::store::tables::{RawKey, RawRow, RunRow, StoredTable, raw};
use crate::store::unread::is_of_page;
use crate::store::{codec, summary};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{Measurement, RunEnd, TargetId};

impl Reader {
    /// Gives `each` all samples in `range`, in order of run ([`story`](story::story)), minute and target; open minutes of a
    /// running daemon included. Damaged rows are left out and counted. One value is used for all
    /// calls of `each`, so nothing is allocated for a sample.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn for_each_minute(
        &self,
        range: TimeRange,
        each: &mut dyn FnMut(&MinuteSamples),
    ) -> Result<Damage, Error> {
        self.read(|snapshot| snapshot.for_each(range, None, each))
    }

    /// The same of one run.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn for_each_minute_of(
        &self,
        run: i64,
        range: TimeRange,
        each: &mut dyn FnMut(&MinuteSamples),
    ) -> Result<Damage, Error> {
        self.read(|snapshot| snapshot.for_each(range, Some(run), each))
    }

    /// The summaries of the minutes that overlap `range`, in order of minute and target; open
    /// minutes of a running daemon included.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn minutes(&self, range: TimeRange) -> Result<Vec<MinuteRow>, Error> {
        self.read(|snapshot| snapshot.minutes(range))
    }

    /// The first minute, from this one on, that has samples; `None` if there is none.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn next_minute(&self, from: i64) -> Result<Option<i64>, Error> {
        self.read(|snapshot| snapshot.next_minute(from))
    }

    /// From the first sample to just after the last; `None` if there is none.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn extent(&self) -> Result<Option<TimeRange>, Error> {
        #[expect(
            clippy::redundant_closure_for_method_calls,
            reason = "a path does not fit every lifetime"
        )]
        self.read(|snapshot| snapshot.extent())
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
                .range(
                    RawKey { run: run.id, minute: first, target: TargetId(0) }..=RawKey {
                        run: run.id,
                        minute: last,
                        target: TargetId(u8::MAX),
                    },
                )
                .peekable();
            if let Some((run_first, run_last)) = run.minutes {
                let minutes = (first.max(run_first), last.min(run_last));
                self.rows_of_run(run.id, minutes, &mut |found| {
                    let Ok((key, blob)) = found else {
                        sink.damage.rows += 1;
                        return;
                    };
                    while let Some((before, samples)) = waiting.next_if(|(k, _)| **k < key) {
                        sink.take(*before, samples);
                    }
                    match waiting.next_if(|(k, _)| **k == key) {
                        Some((_, samples)) if self.journal_is_newer => sink.take(key, samples),
                        _ => sink.take(key, blob),
                    }
                })?;
            }
            for (key, samples) in waiting {
                sink.take(*key, samples);
            }
        }
        Ok(sink.damage)
    }

    /// Gives `take` the rows of a run between two minutes, in the order of its key; `Err` for one that
    /// cannot be understood. Where a page is damaged it is counted, and reading goes on after it.
    #[allow(clippy::type_complexity, reason = "the closure's own")]
    fn rows_of_run(
        &self,
        run: i64,
        (mut first, last): (i64, i64),
        take: &mut dyn FnMut(Result<(RawKey, &[u8]), ()>),
    ) -> rusqlite::Result<()> {
        // The primary key's own order is the one wanted, within one run.
        let mut statement = self.db.prepare_cached(
            "SELECT minute, target, samples FROM raw
             WHERE minute BETWEEN ?1 AND ?2 AND run = ?3 ORDER BY minute, target",
        )?;
        while first <= last {
            let mut rows = statement.query((first, last, run))?;
            let why = loop {
                match rows.next() {
                    Ok(Some(row)) => {
                        let mut key = |row: &Row<'_>| {
                            let minute: i64 = row.get(0)?;
                            first = first.max(minute);
                            let target = TargetId(row.get(1)?);
                            Ok::<_, rusqlite::Error>(RawKey { run, minute, target })
                        };
                        let key = key(row).ok();
                        let blob = row.get_ref(2).ok().and_then(|blob| blob.as_blob().ok());
                        take(key.zip(blob).ok_or(()));
                    }
                    Ok(None) => return Ok(()),
                    Err(e) if is_of_page(&e) => break e,
                    Err(e) => return Err(e),
                }
            };
            self.unread.page(RawRow::NAME, first, &why.to_string());
            drop(rows);
            first = around::next_readable(first, last, |from| {
                statement.query((from, last, run))?.next().map(drop)
            });
        }
        Ok(())
    }

    /// What the journal has of the minutes from `first` to `last`.
    pub(super) fn journal_minutes(&self, first: i64, last: i64) -> BTreeMap<RawKey, &[u8]> {
        let minutes = self.journal.iter().flat_map(|t| &t.minutes);
        minutes
            .filter(|m| (first..=last).contains(&m.key.minute))
            .map(|m| (m.key, m.samples.as_slice()))
            .collect()
    }

    fn minutes(&self, range: TimeRange) -> rusqlite::Result<Vec<MinuteRow>> {
        let Some((first, last)) = minutes_of(range) else { return Ok(Vec::new()) };
        let condition = "WHERE minute BETWEEN ?1 AND ?2 ORDER BY minute, target";
        let read =
            |(first, last)| MinuteRow::all_counted(self.db, condition, (first, last), self.unread);
        let mut rows = around::in_pieces(MinuteRow::NAME, (first, last), self.unread, &read)?;
        let mut open: Vec<(i64, TargetId)> =
            self.journal_minutes(first, last).keys().map(|k| (k.minute, k.target)).collect();
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
    pub(super) fn all_runs(
        &self,
        minute: i64,
        target: TargetId,
    ) -> rusqlite::Result<Vec<Measurement>> {
        let mut blobs: BTreeMap<i64, Vec<u8>> = BTreeMap::new();
        let stored = raw::of_all_runs(self.db, minute, target)?;
        blobs.extend(stored.into_iter().map(|row| (row.key.run, row.samples)));
        for (key, samples) in self.journal_minutes(minute, minute) {
            if key.target == target && (self.journal_is_newer || !blobs.contains_key(&key.run)) {
                blobs.insert(key.run, samples.to_vec());
            }
        }
        let mut all = Vec::new();
        for blob in blobs.values() {
            // A damaged row has no samples.
            let _ = codec::decode(blob, minute, target, &mut all);
        }
        Ok(all)
    }

    fn next_minute(&self, from: i64) -> rusqlite::Result<Option<i64>> {
        let mut stored =
            self.db.prepare_cached("SELECT min(minute) FROM raw WHERE minute >= ?1")?;
        let stored = stored.query_row([from], |row| row.get::<_, Option<i64>>(0))?;
        let open = self.journal.iter().flat_map(|t| &t.minutes).map(|m| m.key.minute);
        Ok(open.filter(|minute| *minute >= from).chain(stored).min())
    }

    fn extent(&self) -> rusqlite::Result<Option<TimeRange>> {
        let runs = self.runs()?;
        let stored = |which: &str| {
            let sql = format!("SELECT {which}(minute) FROM raw WHERE minute BETWEEN ?1 AND ?2");
            let first = runs.iter().filter_map(|run| run.minutes).map(|(first, _)| first).min();
            let last = runs.iter().filter_map(|run| run.minutes).map(|(_, last)| last).max();
            let bounds = (first.unwrap_or(i64::MIN), last.unwrap_or(i64::MAX));
            match self.db.query_row(&sql, bounds, |row| row.get::<_, Option<i64>>(0)) {
                // The runs say it as well, more coarsely.
                Err(e) if is_of_page(&e) => Ok(if which == "min" { first } else { last }),
                other => other,
            }
        };
        let journal = || self.journal.iter().flat_map(|t| &t.minutes).map(|m| m.key.minute);
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

/// The runs in chronological order, each with the part that is read in one piece; imported ones, which
/// are independent of the others, come last. If nothing was taken over from another file, by number.
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
    fn take(&mut self, key: RawKey, blob: &[u8]) {
        let RawKey { run, minute, target } = key;
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

/// The first and last minute that have a part in the range; `None` if it is empty.
pub(super) fn minutes_of(range: TimeRange) -> Option<(i64, i64)> {
    (range.from < range.to).then(|| (range.from.minute(), range.to.plus_micros(-1).minute()))
}
