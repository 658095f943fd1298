//! Hours that are summed up, in place of their samples.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::removed::{SummedPart, is_mostly_in};
use super::{Reader, RecordSnapshot, around};
use crate::store::chain::{self, ChainEntry, ChainHead, Digest, Verification};
use crate::store::error::Error;
use crate::store::hour::{hour_of, hour_of_minute, minutes_of, range_of};
use crate::store::rows::{Damage, HourRow, MinuteRow, MinuteSamples};
use crate::store::tables::stamp::HeadStamp;
use crate::store::tables::{StoredTable, raw};
use crate::store::unread::is_of_page;
use crate::time::{TimeRange, Timestamp};

/// A part of a record.
#[derive(Debug, Clone, Copy)]
pub enum RecordPiece<'a> {
    /// Targets of one whole hour: all, or those that have no samples in it.
    Hour(&'a [HourRow]),
    /// A part of an hour without samples of some targets.
    Part(&'a SummedPart),
    /// Samples of one target and minute.
    Minute(&'a MinuteSamples),
}

/// Which hours are given by their sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SummedHours {
    /// Every hour that can be: the fastest.
    Every,
    /// Those whose samples were removed to free space or because of their age, or were never in this
    /// file: taken over by their sums.
    WithoutSamples,
}

impl Reader {
    /// Gives `each` the contents of `range` in order of time: hours that lie completely in it by their
    /// sums, as far as `whole` says, everything else sample by sample. Parts of hours without samples
    /// are given by the sums of their minutes. Damaged rows are left out and counted.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn for_each_piece(
        &self,
        range: TimeRange,
        whole: SummedHours,
        each: &mut dyn FnMut(RecordPiece<'_>),
    ) -> Result<Damage, Error> {
        self.read(|snapshot| snapshot.for_each_piece(range, whole, each))
    }

    /// The hours that begin in `range` and are summed up, in order of hour and target.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn hours(&self, range: TimeRange) -> Result<Vec<HourRow>, Error> {
        self.read(|snapshot| {
            let Some((first, last)) = hours_that_begin(range) else { return Ok(Vec::new()) };
            let summed_up = snapshot.hours_summed_up(first, last)?;
            let mut hours = snapshot.hour_rows(first, last)?;
            hours.retain(|row| summed_up.contains(&row.hour));
            Ok(hours)
        })
    }

    /// Whether the samples of all that was watched in `range` are still there: no hour and no
    /// minute has its sums alone.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn has_all_samples(&self, range: TimeRange) -> Result<bool, Error> {
        self.read(|snapshot| {
            let minutes = (range.from.minute(), range.to.minute());
            let hours = (hour_of_minute(minutes.0), hour_of_minute(minutes.1));
            let sums_alone =
                |sql: &str, bounds| match snapshot.db.prepare_cached(sql)?.exists(bounds) {
                    Err(e) if is_of_page(&e) => Ok(true),
                    other => other,
                };
            let minute = "SELECT 1 FROM minute m WHERE m.minute BETWEEN ?1 AND ?2 AND NOT EXISTS(
                SELECT 1 FROM raw r WHERE r.minute = m.minute AND r.target = m.target)";
            let hour = "SELECT 1 FROM hour h WHERE h.hour BETWEEN ?1 AND ?2 AND NOT EXISTS(
                SELECT 1 FROM raw r WHERE r.minute BETWEEN 60 * h.hour AND 60 * h.hour + 59)";
            let no_hour = snapshot.schema < 3 || !sums_alone(hour, hours)?;
            Ok(no_hour && !sums_alone(minute, minutes)?)
        })
    }

    /// The head of the chain; `None` before the first hour is over.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn chain_head(&self) -> Result<Option<ChainHead>, Error> {
        self.read(|s| if s.schema < 3 { Ok(None) } else { chain::head(s.db) })
    }

    /// The time stamps of heads of the chain, in the order of their entries.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn stamps(&self) -> Result<Vec<HeadStamp>, Error> {
        self.read(|s| match s.schema {
            ..HeadStamp::SINCE => Ok(Vec::new()),
            _ => HeadStamp::all(s.db, "ORDER BY seq, asked_us", []),
        })
    }

    /// Gives `each` the entries of the chain in order.
    ///
    /// # Errors
    /// If they cannot be read, or `each` fails.
    pub fn for_each_entry<E: From<Error>>(
        &self,
        each: &mut dyn FnMut(ChainEntry) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut failed = Ok(());
        self.read(|s| {
            if s.schema < 3 {
                return Ok(());
            }
            chain::each_entry(s.db, s.schema, &mut |entry| {
                if failed.is_ok() {
                    failed = each(entry);
                }
                Ok(())
            })
        })?;
        failed
    }

    /// Gives `each` the samples of the hours that `range` touches as they are stored, in order of
    /// minute, target and run: minute, target, run and length in 8 bytes each, big-endian, and the
    /// samples. What is not in the database yet is left out.
    ///
    /// # Errors
    /// If they cannot be read, or `each` fails.
    #[allow(clippy::type_complexity, reason = "the closure's own")]
    pub fn for_each_stored<E: From<Error>>(
        &self,
        range: TimeRange,
        each: &mut dyn FnMut([u8; 32], &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut failed = Ok(());
        self.read(|s| {
            let minutes = (minutes_of(hour_of(range.from)).0, minutes_of(hour_of(range.to)).1);
            let sql = format!("SELECT minute, target, run, samples FROM raw {}", raw::OF_MINUTES);
            let mut statement = s.db.prepare(&sql)?;
            let mut rows = statement.query(minutes)?;
            while let Some(row) = rows.next()?
                && failed.is_ok()
            {
                let samples = row.get_ref(3)?.as_blob()?;
                let length = i64::try_from(samples.len()).unwrap_or(i64::MAX);
                let head = [row.get(0)?, row.get(1)?, row.get(2)?, length];
                failed = each(chain::row_head(head), samples);
            }
            Ok(())
        })?;
        failed
    }

    /// Compares all rows with the chain; nothing is written.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn verify_chain(&self) -> Result<Verification, Error> {
        self.verified(None)
    }

    /// The same, and compares the record with a head that was noted down. Entries of hours that lie
    /// after `now` were made by a clock that was wrong; they do not move the end of what it covers.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn verify_head(&self, head: Digest, now: Timestamp) -> Result<Verification, Error> {
        self.verified(Some((head, hour_of(now))))
    }

    fn verified(&self, noted: Option<(Digest, i64)>) -> Result<Verification, Error> {
        self.read(|s| match s.schema {
            ..3 => Ok(Verification::default()),
            schema => chain::verify(s.db, schema, noted),
        })
    }
}

impl RecordSnapshot<'_> {
    fn for_each_piece(
        &self,
        range: TimeRange,
        whole: SummedHours,
        each: &mut dyn FnMut(RecordPiece<'_>),
    ) -> rusqlite::Result<Damage> {
        let mut damage = Damage::default();
        let mut done = range.from;
        let Some((first, last)) = touched_hours(range) else { return Ok(damage) };
        let (whole_first, whole_last) = whole_hours(range).unwrap_or((1, 0));
        let summed_up = self.hours_summed_up(first, last)?;
        let without_samples = self.hours_without_samples(first, last)?;
        let is_whole =
            |hour: i64| (whole_first..=whole_last).contains(&hour) && summed_up.contains(&hour);
        let mut wanted: BTreeSet<i64> = without_samples.keys().copied().collect();
        if whole == SummedHours::Every {
            wanted.extend(summed_up.iter().filter(|hour| is_whole(**hour)));
        }
        let wanted: Vec<i64> = wanted.into_iter().collect();
        // A day at a time takes a few megabytes.
        for some in wanted.chunk_by(|a, b| a.div_euclid(24) == b.div_euclid(24)) {
            let (Some(from), Some(to)) = (some.first(), some.last()) else { continue };
            let mut rows = self.hour_rows(*from, *to)?.into_iter().peekable();
            for &hour in some {
                while rows.next_if(|row| row.hour < hour).is_some() {}
                let mut hours = Vec::new();
                while let Some(row) = rows.next_if(|row| row.hour == hour) {
                    hours.push(row);
                }
                let all = whole == SummedHours::Every && is_whole(hour);
                let part = range_of(hour).intersect(&range).unwrap_or(range_of(hour));
                damage.rows += self.samples_between(done, part.from, each)?;
                // Other targets may have samples of this hour.
                done = if all || !self.has_samples(part)? { part.to } else { part.from };
                if !all {
                    let targets = &without_samples[&hour].targets;
                    hours.retain(|row| targets.contains(&row.target));
                }
                damage.rows += hours.iter().map(|row| u64::from(row.damaged)).sum::<u64>();
                if is_whole(hour) {
                    each(RecordPiece::Hour(&hours));
                    continue;
                }
                let mut minutes = self.minute_rows(part)?;
                let targets = &without_samples[&hour].targets;
                minutes
                    .retain(|row| targets.contains(&row.target) && is_mostly_in(row.minute, part));
                each(RecordPiece::Part(&SummedPart { range: part, minutes, hours }));
            }
        }
        damage.rows += self.samples_between(done, range.to, each)?;
        Ok(damage)
    }

    /// Gives how many rows are damaged.
    fn samples_between(
        &self,
        from: Timestamp,
        to: Timestamp,
        each: &mut dyn FnMut(RecordPiece<'_>),
    ) -> rusqlite::Result<u64> {
        if from >= to {
            return Ok(0);
        }
        let damage =
            self.for_each(TimeRange { from, to }, None, &mut |m| each(RecordPiece::Minute(m)))?;
        Ok(damage.rows)
    }

    /// The summaries of the minutes that touch a range.
    fn minute_rows(&self, range: TimeRange) -> rusqlite::Result<Vec<MinuteRow>> {
        let condition = "WHERE minute BETWEEN ?1 AND ?2 ORDER BY minute, target";
        let bounds = (range.from.minute(), range.to.minute());
        let read = |bounds| MinuteRow::all_counted(self.db, condition, bounds, self.unread);
        around::in_pieces(MinuteRow::NAME, bounds, self.unread, &read)
    }

    fn hour_rows(&self, first: i64, last: i64) -> rusqlite::Result<Vec<HourRow>> {
        if self.schema < 3 {
            return Ok(Vec::new());
        }
        let condition = "WHERE hour BETWEEN ?1 AND ?2 ORDER BY hour, target";
        let wrong = RefCell::new(BTreeSet::new());
        let read = |(first, last)| {
            let mut statement = self.db.prepare_cached(&HourRow::select(condition))?;
            let mut rows = statement.query((first, last))?;
            let mut all = Vec::new();
            while let Some(row) = rows.next()? {
                let found = HourRow::READER.one(row, self.unread);
                if found.is_none() {
                    wrong.borrow_mut().extend(row.get::<_, i64>(0).ok());
                }
                all.extend(found);
            }
            Ok(all)
        };
        let mut rows = around::in_pieces(HourRow::NAME, (first, last), self.unread, &read)?;
        // Without one of its targets an hour would be summed up wrongly; its samples say the same.
        rows.retain(|row: &HourRow| !wrong.borrow().contains(&row.hour));
        Ok(rows)
    }

    /// The hours whose rows are those of their samples: nothing of them waits to be summed up, in
    /// the database or in the journal.
    fn hours_summed_up(&self, first: i64, last: i64) -> rusqlite::Result<BTreeSet<i64>> {
        if self.schema < 3 || first > last {
            return Ok(BTreeSet::new());
        }
        let sql = "SELECT DISTINCT hour FROM hour h WHERE hour BETWEEN ?1 AND ?2
                     AND NOT EXISTS(SELECT 1 FROM hour_due d WHERE d.hour = h.hour)";
        let read = |bounds| {
            let mut statement = self.db.prepare_cached(sql)?;
            let hours = statement.query_map(bounds, |row| row.get(0))?;
            hours.collect::<rusqlite::Result<Vec<i64>>>()
        };
        let hours = around::in_pieces(HourRow::NAME, (first, last), self.unread, &read)?;
        let mut hours: BTreeSet<i64> = hours.into_iter().collect();
        let waiting = self.journal.iter().filter(|_| self.journal_is_newer);
        for minute in waiting.flat_map(|journal| &journal.minutes) {
            hours.remove(&hour_of_minute(minute.key.minute));
        }
        Ok(hours)
    }
}

/// The first and last hour that have a part in the range; `None` if it is empty.
fn touched_hours(range: TimeRange) -> Option<(i64, i64)> {
    let (first, last) = super::samples::minutes_of(range)?;
    Some((hour_of_minute(first), hour_of_minute(last)))
}

/// The first and last hour that lie completely in the range; `None` if there is none.
fn whole_hours(range: TimeRange) -> Option<(i64, i64)> {
    let us = 3_600_000_000;
    let from = range.from.as_micros();
    let first = from.div_euclid(us) + i64::from(from.rem_euclid(us) > 0);
    let last = range.to.as_micros().div_euclid(us) - 1;
    (first <= last).then_some((first, last))
}

/// The first and last hour that begin in the range.
fn hours_that_begin(range: TimeRange) -> Option<(i64, i64)> {
    let us = 3_600_000_000;
    let (from, to) = (range.from.as_micros(), range.to.as_micros());
    let first = from.div_euclid(us) + i64::from(from.rem_euclid(us) > 0);
    let last = (to.saturating_sub(1)).div_euclid(us);
    (from < to && first <= last).then_some((first, last))
}
