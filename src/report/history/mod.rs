//! A period column by column, from five years to single probes: when the link was watched and when it was
//! down, what the targets did, and what else happened.
//!
//! The extremes of each column are those of all rows in it, so that nothing is hidden at any zoom. Columns
//! begin and end where rows do: no row lies in two of them. When the link was down is reckoned as in a report
//! of the same time.

mod courses;
mod days;
mod drop_record;
mod grid;
mod levels;
mod outline;

#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;
use std::time::Duration;

use super::build::{UnknownInputs, entry, unknown_time};
use super::deciders::Deciders;
use super::redact::KnownNumbers;
use super::{DropEntry, GapEntry};
use crate::stats::{self, DropTime};
use crate::store::{Error, Reader, SumsOf, Unread};
use crate::text::order::InOrder;
use crate::text::words::word_enum;
use crate::time::spans::Spans;
use crate::time::{TimeRange, Timestamp, micros};
use crate::vocabulary::{LossRatio, Note, SimulatedShare, StoredDrop, Way};

pub use courses::{ChartedProbe, CourseColumn, TargetCourse};
pub use days::{DayRecord, HourOfDay, days};
pub use drop_record::{DropProbes, DropRecord};
pub use grid::ColumnGrid;
pub use levels::LevelsPoint;
pub use outline::LinkColumn;

use courses::{CountedCourses, Courses};
use levels::ModemCourse;
use outline::{TimeOutline, link_columns};

/// The longest time that is given at once: five years.
pub const LONGEST: Duration = Duration::from_secs(5 * 366 * 86_400);
/// How many columns can be asked for.
pub const COLUMN_COUNTS: RangeInclusive<usize> = 16..=4_096;
/// Drops, gaps, ways and notes that are given, of each at most.
const MOST_ENTRIES: usize = 2_000;
/// More rows of minutes than this take longer to read than a page may wait.
const MOST_MINUTE_ROWS: u64 = 200_000;
/// The same of samples.
const MOST_SAMPLES: u64 = 500_000;

const MILLISECOND_US: i64 = 1_000;
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

word_enum! {
    /// Rows of what length the columns are counted from.
    pub enum HistorySource: "source of a history" {
        /// Every probe.
        Probes = "probes",
        /// Sums of minutes.
        Minutes = "minutes",
        /// Sums of hours.
        Hours = "hours",
    }
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryWanted {
    /// The time; not empty.
    pub range: TimeRange,
    /// The most columns.
    pub columns: usize,
}

/// How a record is looked at.
#[derive(Debug, Clone, Copy)]
pub struct HistoryView<'a> {
    /// The way that is the line, as configured.
    pub line: Option<&'a str>,
    /// Time that was not watched for less than this is not listed.
    pub gap_after: Duration,
    /// The present.
    pub now: Timestamp,
}

/// A period, column by column.
#[derive(Debug)]
pub struct History {
    /// Its columns.
    pub grid: ColumnGrid,
    /// What they are counted from.
    pub source: HistorySource,
    /// From when to when the record reaches; `None`: nobody ever watched.
    pub holds: Option<TimeRange>,
    /// The link.
    pub link: Vec<LinkColumn>,
    /// Loss of the anchors that decide.
    pub loss: Vec<LossRatio>,
    /// The targets that were probed, from the home outwards.
    pub targets: Vec<TargetCourse>,
    /// Whether the probes of the targets are given one by one: all that there are.
    pub has_probes: bool,
    /// The levels of the modem, in order.
    pub modem: Vec<LevelsPoint>,
    /// When the modem started, by its uptimes.
    pub modem_restarts: Vec<Timestamp>,
    /// The longest drops of the line, of every kind, by onset.
    pub drops: FirstOf<DropEntry>,
    /// How many drops and outages there are in all.
    pub drops_in_all: usize,
    /// How many blips there are in all, and how much was perhaps a drop.
    pub blips_in_all: usize,
    /// How much of the record was simulated.
    pub simulated: SimulatedShare,
    /// The longest stretches that are unknown, in order.
    pub gaps: FirstOf<GapEntry>,
    /// The longest stretches by one way, in order.
    pub ways: FirstOf<WayStretch>,
    /// The newest notes, in order.
    pub notes: FirstOf<Note>,
    /// Damaged rows of samples that had to be left out.
    pub unreadable_minutes: u64,
    /// What of the tables could not be read.
    pub unread: Vec<Unread>,
}

/// A list that is not longer than a page can show.
#[derive(Debug)]
pub struct FirstOf<T> {
    /// What is in it.
    pub entries: Vec<T>,
    /// How many there are besides.
    pub left_out: usize,
}

impl<T> FirstOf<T> {
    /// Of `all`, which are in order, those with the greatest `weight`, in order.
    fn heaviest<K: Ord>(all: Vec<T>, weight: impl Fn(&T) -> K) -> Self {
        let left_out = all.len().saturating_sub(MOST_ENTRIES);
        if left_out == 0 {
            return Self { entries: all, left_out };
        }
        let mut ranked: Vec<(usize, T)> = all.into_iter().enumerate().collect();
        ranked.order_by_key(|(_, one)| std::cmp::Reverse(weight(one)));
        ranked.truncate(MOST_ENTRIES);
        ranked.order_by_key(|(n, _)| *n);
        Self { entries: ranked.into_iter().map(|(_, one)| one).collect(), left_out }
    }
}

/// A stretch by one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayStretch {
    /// The stretch, within the period.
    pub range: TimeRange,
    /// The way; `None`: there was none.
    pub way: Option<Way>,
    /// Whether it leads into the line; `None` of no way.
    pub is_line: Option<bool>,
}

impl History {
    /// Reads it out of the record, all of one instant.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub fn gather(
        reader: &Reader,
        wanted: HistoryWanted,
        view: HistoryView<'_>,
    ) -> Result<Self, Error> {
        reader.at_once(|reader| Self::gather_now(reader, wanted, view))
    }

    fn gather_now(
        reader: &Reader,
        wanted: HistoryWanted,
        view: HistoryView<'_>,
    ) -> Result<Self, Error> {
        let source = source_of(reader, wanted)?;
        let grain = match source {
            HistorySource::Probes => MILLISECOND_US,
            HistorySource::Minutes => micros(MINUTE),
            HistorySource::Hours => micros(HOUR),
        };
        let grid = ColumnGrid::fit(wanted.range, wanted.columns, grain);
        let period = grid.range();
        let holds = reader.watched_from_to()?;
        let outline = TimeOutline::read(reader, period, view.line, view.now)?;
        let courses = courses(reader, source, grid, &outline)?;
        let drops_in_all = outline.down().count();
        let CountedCourses { targets, loss, has_probes, damaged } = courses;
        let ModemCourse { points, restarts } = ModemCourse::read(reader, grid)?;
        Ok(Self {
            modem: points,
            modem_restarts: restarts,
            link: link_columns(&outline, grid, holds),
            drops: longest_drops(reader, &outline)?,
            drops_in_all,
            blips_in_all: outline.drops.len() - drops_in_all,
            simulated: reader.simulated()?,
            gaps: gaps(&outline, view.gap_after),
            ways: ways(&outline),
            notes: newest(reader.notes(period)?),
            unreadable_minutes: damaged,
            unread: reader.unread(),
            grid,
            source,
            holds,
            loss,
            targets,
            has_probes,
        })
    }
}

impl History {
    /// The same without the numbers of account and tickets.
    #[must_use]
    pub fn without_numbers(mut self, known: &KnownNumbers) -> Self {
        known.leave_out(self.notes.entries.iter_mut());
        self
    }
}

/// The finest rows that are there for all of the time, and few enough.
fn source_of(reader: &Reader, wanted: HistoryWanted) -> Result<HistorySource, Error> {
    let HistoryWanted { range, columns } = wanted;
    let width = range.length() / u32::try_from(columns).unwrap_or(1).max(1);
    if width >= HOUR {
        return Ok(HistorySource::Hours);
    }
    let held = reader.held_rows(range)?;
    if width < MINUTE && held.samples <= MOST_SAMPLES && reader.removed_samples(range)?.is_empty() {
        return Ok(HistorySource::Probes);
    }
    let minutes_serve = held.minutes <= MOST_MINUTE_ROWS && reader.has_all_minutes(range)?;
    Ok(if minutes_serve { HistorySource::Minutes } else { HistorySource::Hours })
}

fn courses(
    reader: &Reader,
    source: HistorySource,
    grid: ColumnGrid,
    outline: &TimeOutline,
) -> Result<CountedCourses, Error> {
    let period = grid.range();
    let mut targets = reader.targets_at(period.to)?;
    let rosters = reader.rosters()?;
    let deciders = Deciders::of(targets.iter(), &rosters, &outline.runs, period);
    let deciders = deciders.without(&outline.ways.apart);
    let mut courses = Courses::new(grid, &deciders);
    let damaged = match source {
        HistorySource::Probes => {
            reader.for_each_minute(period, &mut |minute| courses.add_samples(minute))?.rows
        }
        HistorySource::Minutes | HistorySource::Hours => {
            let of = if source == HistorySource::Hours { SumsOf::Hours } else { SumsOf::Minutes };
            reader.for_each_sum(period, of, &mut |row| courses.add_sum(row))?;
            0
        }
    };
    targets.order_by_key(|target| (target.role, target.kind, target.id));
    Ok(courses.finish(targets, damaged))
}

/// The longest drops; one that lasts is as long as it has lasted.
fn longest_drops(reader: &Reader, outline: &TimeOutline) -> Result<FirstOf<DropEntry>, Error> {
    let length = |(stored, _): &(&StoredDrop, &DropTime)| {
        let so_far = || outline.elapsed.to.duration_since(stored.drop.onset.earliest);
        let max = stored.drop.max;
        if stored.drop.end.is_some() { max } else { max.max(so_far().unwrap_or_default()) }
    };
    let all: Vec<_> = outline.drops.iter().zip(&outline.ledger.drops).collect();
    let FirstOf { entries, left_out } = FirstOf::heaviest(all, length);
    let entry = |(stored, time): (&StoredDrop, &DropTime)| {
        let record_ends = reader.ends_within(&stored.drop)?;
        Ok(DropEntry { record_ends, ..entry(stored, time, &[], outline.elapsed) })
    };
    let entries = entries.into_iter().map(entry).collect::<Result<_, Error>>()?;
    Ok(FirstOf { entries, left_out })
}

fn gaps(outline: &TimeOutline, gap_after: Duration) -> FirstOf<GapEntry> {
    let TimeOutline { elapsed, runs, gaps, ways, .. } = outline;
    let watched = Spans::union(stats::observed(elapsed, runs, gaps));
    let (elapsed, apart) = (*elapsed, ways.apart.as_slice());
    let inputs = UnknownInputs { elapsed, runs, gaps, apart, watched: &watched, gap_after };
    FirstOf::heaviest(unknown_time(inputs), |gap| gap.range.length())
}

fn ways(outline: &TimeOutline) -> FirstOf<WayStretch> {
    let mut all: Vec<WayStretch> = Vec::new();
    for span in &outline.way_spans {
        let Some(range) = span.range.intersect(&outline.elapsed) else { continue };
        match all.last_mut() {
            Some(last) if last.way == span.way && last.range.to == range.from => {
                last.range.to = range.to;
            }
            _ => {
                let is_line = span.way.as_ref().map(|way| outline.ways.line.is_by(way));
                all.push(WayStretch { range, way: span.way.clone(), is_line });
            }
        }
    }
    FirstOf::heaviest(all, |stretch| stretch.range.length())
}

fn newest(notes: Vec<Note>) -> FirstOf<Note> {
    FirstOf::heaviest(notes, |note| note.at)
}
