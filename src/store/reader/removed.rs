//! Hours whose samples are gone while their sums are still there.

use std::collections::{BTreeMap, BTreeSet};

use super::{Reader, RecordSnapshot, around};
use crate::store::error::Error;
use crate::store::hour::{hour_of_minute, minutes_of, range_of};
use crate::store::rows::{HourRow, MinuteRow};
use crate::store::tables::{RawRow, RemovalRow, StoredTable};
use crate::store::unread::is_of_page;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{RemovedSamples, SumsLeft, TargetId};

/// What is left of an hour of some targets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HourWithoutSamples {
    /// The targets that have sums in this hour and no samples.
    pub(super) targets: BTreeSet<TargetId>,
    /// What there is of them.
    pub(super) left: SumsLeft,
}

impl Reader {
    /// The parts of `range` whose samples were removed or were never in this file, although it was
    /// watched, in order. Parts of which the same is left are one, unless samples of the
    /// time between them are there.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn removed_samples(&self, range: TimeRange) -> Result<Vec<RemovedSamples>, Error> {
        self.read(|snapshot| snapshot.removed_samples(range))
    }

    /// Whether any sample of `range` is there.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn has_samples(&self, range: TimeRange) -> Result<bool, Error> {
        self.read(|snapshot| snapshot.has_samples(range))
    }
}

impl RecordSnapshot<'_> {
    fn removed_samples(&self, range: TimeRange) -> rusqlite::Result<Vec<RemovedSamples>> {
        let Some((first, last)) = super::samples::minutes_of(range) else { return Ok(Vec::new()) };
        let hours = self.hours_without_samples(hour_of_minute(first), hour_of_minute(last))?;
        let removals = if self.has::<RemovalRow>() {
            {
                let of_samples = "WHERE what = ?1 ORDER BY from_hour";
                RemovalRow::all_counted(self.db, of_samples, [RawRow::NAME], self.unread)?
            }
        } else {
            Vec::new()
        };
        let removed = |hour: i64| {
            let next = removals.partition_point(|row| row.from_hour <= hour);
            let row = removals[..next].iter().rev().find(|row| hour < row.to_hour)?;
            Some((row.removed, row.removed))
        };
        let mut found: Vec<RemovedSamples> = Vec::new();
        for (hour, HourWithoutSamples { left, .. }) in hours {
            let Some(part) = range_of(hour).intersect(&range) else { continue };
            let part = RemovedSamples { range: part, left, removed: removed(hour) };
            if let Some(before) = found.last_mut().filter(|before| before.left == left)
                && (before.range.to == part.range.from
                    || !self.has_rows(before.range.to.minute(), part.range.from.minute() - 1)?)
            {
                *before = before.joined(part);
            } else {
                found.push(part);
            }
        }
        Ok(found)
    }

    pub(super) fn has_samples(&self, range: TimeRange) -> rusqlite::Result<bool> {
        let Some((first, last)) = super::samples::minutes_of(range) else { return Ok(false) };
        Ok(!self.journal_minutes(first, last).is_empty() || self.has_rows(first, last)?)
    }

    /// Whether the database has samples of the minutes from `first` to `last`.
    fn has_rows(&self, first: i64, last: i64) -> rusqlite::Result<bool> {
        self.db
            .prepare_cached("SELECT 1 FROM raw WHERE minute BETWEEN ?1 AND ?2 LIMIT 1")?
            .exists((first, last))
            // What is on a damaged page was not removed.
            .or_else(|e| if is_of_page(&e) { Ok(true) } else { Err(e) })
    }

    /// The hours from `first` to `last` in which targets have sums and no samples.
    pub(super) fn hours_without_samples(
        &self,
        first: i64,
        last: i64,
    ) -> rusqlite::Result<BTreeMap<i64, HourWithoutSamples>> {
        let mut found = BTreeMap::<i64, BTreeSet<TargetId>>::new();
        let mut summed_up = BTreeSet::new();
        if self.schema >= 3 {
            let sql = "SELECT h.hour, h.target, EXISTS(
                 SELECT 1 FROM raw r WHERE r.target = h.target
                    AND r.minute BETWEEN 60 * h.hour AND 60 * h.hour + 59)
               FROM hour h WHERE h.hour BETWEEN ?1 AND ?2";
            let read = |hours| {
                let mut statement = self.db.prepare_cached(sql)?;
                // One that cannot be understood is counted where its figures are read.
                let rows = statement.query_map(hours, |row| {
                    let row: (i64, u8, bool) = (row.get(0)?, row.get(1)?, row.get(2)?);
                    Ok(row)
                });
                let (found, failed): (Vec<_>, Vec<_>) = rows?.partition(Result::is_ok);
                match failed.into_iter().filter_map(Result::err).find(is_of_page) {
                    Some(page) => Err(page),
                    None => found.into_iter().collect(),
                }
            };
            for (hour, target, has_samples) in
                around::in_pieces(HourRow::NAME, (first, last), self.unread, &read)?
            {
                summed_up.insert(hour);
                if !has_samples {
                    found.entry(hour).or_default().insert(TargetId(target));
                }
            }
        }
        let with_minutes = self.hours_with_minutes(first, last)?;
        for hour in with_minutes.difference(&summed_up) {
            let (from, to) = minutes_of(*hour);
            if !self.has_rows(from, to)? {
                let sql = "SELECT DISTINCT target FROM minute WHERE minute BETWEEN ?1 AND ?2";
                let mut statement = self.db.prepare_cached(sql)?;
                let targets = statement.query_map((from, to), |row| row.get(0).map(TargetId))?;
                found.insert(*hour, targets.filter_map(Result::ok).collect());
            }
        }
        let left = |hour| {
            if with_minutes.contains(&hour) { SumsLeft::Minutes } else { SumsLeft::Hours }
        };
        Ok(found
            .into_iter()
            .map(|(hour, targets)| (hour, HourWithoutSamples { targets, left: left(hour) }))
            .collect())
    }

    /// The hours of which there are summaries of minutes.
    pub(super) fn hours_with_minutes(
        &self,
        first: i64,
        last: i64,
    ) -> rusqlite::Result<BTreeSet<i64>> {
        let mut hours = BTreeSet::new();
        let (mut from, to) = (minutes_of(first).0, minutes_of(last).1);
        let mut next = self
            .db
            .prepare_cached("SELECT min(minute) FROM minute WHERE minute BETWEEN ?1 AND ?2")?;
        loop {
            let minute = match next.query_row((from, to), |row| row.get::<_, Option<i64>>(0)) {
                Ok(None) => break,
                Ok(Some(minute)) => minute,
                // A damaged page is no reason to say that they are gone.
                Err(e) if is_of_page(&e) => from,
                Err(e) => return Err(e),
            };
            hours.insert(hour_of_minute(minute));
            from = minutes_of(hour_of_minute(minute)).1.saturating_add(1);
            if from > to {
                break;
            }
        }
        Ok(hours)
    }
}

/// Summaries of a part of an hour of which there are no samples, of some targets.
#[derive(Debug, Clone)]
pub struct SummedPart {
    /// The part.
    pub range: TimeRange,
    /// The minutes that lie in it, or more than half of which does; none where they were removed, too.
    pub minutes: Vec<MinuteRow>,
    /// The whole hour, of all these targets; none where it was not summed up.
    pub hours: Vec<HourRow>,
}

/// Whether more than half of a minute is in a range.
pub(super) fn is_mostly_in(minute: i64, range: TimeRange) -> bool {
    range.contains(Timestamp::from_seconds(minute.saturating_mul(60).saturating_add(30)))
}
