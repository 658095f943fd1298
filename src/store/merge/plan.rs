//! What of another file is to be taken: spans of time, and by what.

use std::collections::BTreeMap;
use std::time::Duration;

use rusqlite::Connection;

use super::other::{Other, runs_and_gaps, watched};
use crate::store::hour::{hour_of, minutes_of, range_of};
use crate::store::meta;
use crate::store::space::SpaceLimits;
use crate::store::tables::Counted;
use crate::time::spans::{total, union, within, without};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::TargetId;

/// Shorter stretches of a machine that watched on its own clock are no observation.
const SHORTEST: Duration = Duration::from_secs(1);

/// What is taken of an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum HourSource {
    /// Its samples.
    Samples,
    /// Its sums: the samples are gone, or too old to be kept.
    Sums,
}

/// What a merge takes of another file, and how far it is.
#[derive(Debug)]
pub struct MergePlan {
    /// What is to be taken; ordered and disjoint, each at least a second.
    pub(in crate::store) spans: Vec<TimeRange>,
    /// From what, for the hours that have a part of it, Unix time / 3600 s.
    pub(in crate::store) hours: BTreeMap<i64, HourSource>,
    /// Everything before has been taken.
    pub(in crate::store) done: Timestamp,
    /// Summaries of minutes from this one on are kept.
    pub(in crate::store) minutes_from: i64,
    /// Targets of the other file and what they are here.
    pub(in crate::store) targets: BTreeMap<TargetId, TargetId>,
    /// The last hour of which samples were taken.
    pub(in crate::store) chained: Option<i64>,
    /// When it is done, for what is to be dated.
    pub(in crate::store) now: Timestamp,
    /// Time that was watched here too: it stays as it is.
    pub already: Duration,
    /// Time that only the other watched and that cannot be taken: its samples are gone and its
    /// hours are not missing here completely.
    pub left_out: Duration,
    /// Of what is taken, time that comes by sums of hours.
    pub by_sums: Duration,
    /// What was taken so far.
    pub taken: MergeTotals,
}

/// What a merge has taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MergeTotals {
    /// Single probes.
    pub probes: u64,
    /// Rows of samples (one target, one minute) that could not be read and were left out.
    pub damaged_rows: u64,
    /// Hours by their sums alone.
    pub hours: u64,
    /// Blips, drops and outages.
    pub drops: u64,
    /// Impairments, and troubles of single targets.
    pub others: u64,
    /// Events of the other host.
    pub events: u64,
    /// Notes that were not here, or had another wording.
    pub notes: u64,
    /// Hours whose sums and chain change here: those whose samples are taken.
    pub chained: u64,
}

impl MergeTotals {
    /// Counts rows of a table.
    pub(super) fn add(&mut self, counted: Counted, rows: u64) {
        match counted {
            Counted::Drops => self.drops += rows,
            Counted::Others => self.others += rows,
            Counted::Events => self.events += rows,
            Counted::Nowhere => {}
        }
    }
}

impl MergePlan {
    /// Time that is taken.
    pub fn time(&self) -> Duration {
        total(&self.spans)
    }

    /// Whether there is nothing (more) to take but notes and reasons of gaps.
    pub fn is_done(&self) -> bool {
        self.spans.last().is_none_or(|span| span.to <= self.done)
    }
}

/// What there is of a record already.
pub(in crate::store) struct ExistingRecord {
    watched: Vec<TimeRange>,
    /// Samples of hours before this one are not kept.
    samples_from: i64,
}

impl ExistingRecord {
    /// Looks at the database that is to take something in.
    pub(in crate::store) fn of(
        db: &Connection,
        limits: SpaceLimits,
        now: Timestamp,
    ) -> rusqlite::Result<Self> {
        let (runs, gaps) = runs_and_gaps(db)?;
        let removed_before = meta::raw_removed_before(db)?.unwrap_or(i64::MIN);
        let too_old = hour_of(now - limits.keep_raw);
        Ok(Self { watched: watched(&runs, &gaps), samples_from: removed_before.max(too_old) })
    }

    /// What of the other file is to be taken.
    pub(in crate::store) fn plan(
        &self,
        db: &Connection,
        other: &Other,
        limits: SpaceLimits,
        now: Timestamp,
    ) -> rusqlite::Result<MergePlan> {
        let free = without(&other.watched, &self.watched);
        let mut hours = BTreeMap::new();
        let mut taken = Vec::new();
        for span in &free {
            for hour in hour_of(span.from)..=hour_of(span.to.plus_micros(-1)) {
                let by = match hours.get(&hour) {
                    Some(by) => *by,
                    None => self.take_by(db, other, hour)?,
                };
                hours.insert(hour, by);
                if by.is_some() {
                    taken.extend(span.intersect(&range_of(hour)));
                }
            }
        }
        let mut spans = union(taken);
        spans.retain(|span| span.length() >= SHORTEST);
        let hours: BTreeMap<i64, HourSource> =
            hours.into_iter().filter_map(|(hour, by)| Some((hour, by?))).collect();
        let by_sums = hours.iter().filter(|(_, by)| **by == HourSource::Sums);
        let by_sums = by_sums.flat_map(|(hour, _)| within(&spans, range_of(*hour)));
        Ok(MergePlan {
            by_sums: by_sums.map(|part| part.length()).sum(),
            already: total(&other.watched).saturating_sub(total(&free)),
            left_out: total(&free).saturating_sub(total(&spans)),
            done: Timestamp::from_micros(i64::MIN),
            minutes_from: (now - limits.keep_minutes).minute(),
            targets: BTreeMap::new(),
            taken: MergeTotals::default(),
            chained: None,
            now,
            hours,
            spans,
        })
    }

    fn take_by(
        &self,
        db: &Connection,
        other: &Other,
        hour: i64,
    ) -> rusqlite::Result<Option<HourSource>> {
        let (has, is_there) = (HourHoldings::of(db, hour)?, HourHoldings::of(&other.db, hour)?);
        let watched = within(&self.watched, range_of(hour)).next().is_some();
        // What is left of an hour whose samples were removed cannot be added to.
        let is_reduced = has.sums && !has.samples;
        Ok(if is_there.samples && hour >= self.samples_from && !is_reduced {
            Some(HourSource::Samples)
        } else if (is_there.samples || is_there.sums) && !(watched || has.sums || has.samples) {
            Some(HourSource::Sums)
        } else {
            None
        })
    }
}

/// What a file holds of an hour.
struct HourHoldings {
    samples: bool,
    /// Rows of the hour or of its minutes.
    sums: bool,
}

impl HourHoldings {
    fn of(db: &Connection, hour: i64) -> rusqlite::Result<Self> {
        let minutes = minutes_of(hour);
        let any = |table: &str| {
            let sql = format!("SELECT 1 FROM {table} WHERE minute BETWEEN ?1 AND ?2");
            db.prepare_cached(&sql)?.exists(minutes)
        };
        let summed = db.prepare_cached("SELECT 1 FROM hour WHERE hour = ?1")?.exists([hour])?;
        Ok(Self { samples: any("raw")?, sums: summed || any("minute")? })
    }
}
