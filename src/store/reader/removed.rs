//! Hours whose samples are gone while their sums are still there.

use std::collections::{BTreeMap, BTreeSet};

use super::{Reader, RecordSnapshot};
use crate::store::error::Error;
use crate::store::hour::{hour_of_minute, minutes_of, range_of};
use crate::store::rows::{HourRow, MinuteRow};
use crate::store::tables::{RawRow, RemovalRow, StoredTable};
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
            RemovalRow::all(self.db, "WHERE what = ?1 ORDER BY from_hour", [RawRow::NAME])?
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
            let mut statement = self.db.prepare_cached(sql)?;
            let mut rows = statement.query((first, last))?;
            while let Some(row) = rows.next()? {
                let (hour, has_samples) = (row.get(0)?, row.get::<_, bool>(2)?);
                summed_up.insert(hour);
                if !has_samples {
                    found.entry(hour).or_default().insert(TargetId(row.get(1)?));
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
                found.insert(*hour, targets.collect::<rusqlite::Result<_>>()?);
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
    fn hours_with_minutes(&self, first: i64, last: i64) -> rusqlite::Result<BTreeSet<i64>> {
        let mut hours = BTreeSet::new();
        let (mut from, to) = (minutes_of(first).0, minutes_of(last).1);
        let mut next = self
            .db
            .prepare_cached("SELECT min(minute) FROM minute WHERE minute BETWEEN ?1 AND ?2")?;
        while let Some(minute) = next.query_row((from, to), |row| row.get::<_, Option<i64>>(0))? {
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
