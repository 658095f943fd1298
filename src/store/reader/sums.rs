//! The sums of minutes and hours without what drawings do not need: years of hours in a moment.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::samples::minutes_of;
use super::{Reader, RecordSnapshot, around, bounds};
use crate::store::error::Error;
use crate::store::hour::{MINUTES, hour_of_minute, minutes_of as minutes_of_hour};
use crate::store::kept_hours::{HOURS_TOGETHER, HoursState, KeptHours};
use crate::store::rows::{HourRow, MinuteRow};
use crate::store::summary;
use crate::store::tables::modem_reading::{self, LevelsRead};
use crate::store::tables::target_sum::{self, TargetSum};
use crate::store::tables::{Journaled, ModemRow, StoredTable};
use crate::store::unread::RowReader;
use crate::text::order::InOrder;
use crate::time::TimeRange;
use crate::vocabulary::TargetId;

/// Sums are read in pieces of so many hours, which take a megabyte.
const HOURS_AT_ONCE: i64 = 1_024;

/// Longer times are read without keeping anything of them: a hundred years.
const MOST_KEPT_HOURS: i64 = 876_600;

/// How long a row of sums is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SumsOf {
    /// A minute.
    Minutes,
    /// An hour; minutes where an hour has not been summed up.
    Hours,
}

/// How much of a time there is to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HeldRows {
    /// Rows of minutes, at most.
    pub minutes: u64,
    /// Samples, about.
    pub samples: u64,
}

/// Rows of hours, which may be in memory with those around them.
struct HourSums {
    first: i64,
    last: i64,
    pieces: Vec<Arc<[TargetSum]>>,
}

impl HourSums {
    /// In order of hour and target.
    fn all(&self) -> impl Iterator<Item = &TargetSum> {
        let minutes = minutes_of_hour(self.first).0..=minutes_of_hour(self.last).1;
        self.pieces
            .iter()
            .flat_map(|piece| &**piece)
            .filter(move |row| minutes.contains(&row.minute))
    }
}

impl Reader {
    /// The same, with sums of hours that other readers of the same record have read, and for them.
    #[must_use]
    pub fn with_kept(mut self, hours: Arc<KeptHours>) -> Self {
        self.kept = Some(hours);
        self
    }

    /// What is kept, and what the file has now.
    pub(super) fn kept_hours(
        &self,
        schema: i64,
    ) -> rusqlite::Result<Option<(&KeptHours, HoursState)>> {
        // What was copied out of damaged tables has no places to come back to.
        match &self.kept {
            Some(kept) if schema >= HourRow::SINCE && !self.is_mended.get() => {
                Ok(Some((kept, HoursState::of(&self.db, self.identity)?)))
            }
            _ => Ok(None),
        }
    }
}

impl Reader {
    /// Gives `each` the sums of the minutes or hours that touch `range`, open minutes of a running daemon
    /// included. Rows that cannot be understood are counted; of an hour that has one, minutes are given.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn for_each_sum(
        &self,
        range: TimeRange,
        of: SumsOf,
        each: &mut dyn FnMut(&TargetSum),
    ) -> Result<(), Error> {
        // A second try after damage would give some of them again.
        let rows = RefCell::new(Vec::new());
        let Some((first, last)) = minutes_of(range) else { return Ok(()) };
        let mut piece = hour_of_minute(first);
        while piece <= hour_of_minute(last) {
            let end = (piece + HOURS_AT_ONCE - 1).min(hour_of_minute(last));
            self.read(|snapshot| {
                rows.borrow_mut().clear();
                let take = &mut |row: TargetSum| rows.borrow_mut().push(row);
                match of {
                    SumsOf::Hours => snapshot.sums_of_hours(piece, end, take),
                    SumsOf::Minutes => {
                        let first = first.max(minutes_of_hour(piece).0);
                        let last = last.min(minutes_of_hour(end).1);
                        snapshot.sums_of_minutes(first, last, take)
                    }
                }
            })?;
            rows.borrow().iter().for_each(&mut *each);
            piece = end + 1;
        }
        Ok(())
    }

    /// Reads the sums of the hours of `range` into what is kept of them, for the questions to come.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn keep_sums_of_hours(&self, range: TimeRange) -> Result<(), Error> {
        let Some((first, last)) = minutes_of(range) else { return Ok(()) };
        let (first, last) = (hour_of_minute(first), hour_of_minute(last));
        self.read(|snapshot| snapshot.hour_sums(first, last).map(drop))
    }

    /// How many rows of minutes and how many samples of `range` there are, by the sums of its hours.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn held_rows(&self, range: TimeRange) -> Result<HeldRows, Error> {
        self.read(|snapshot| snapshot.held_rows(range))
    }

    /// The levels of the readings of the modem that began in `range` and gave something, in order.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn modem_levels(&self, range: TimeRange) -> Result<Vec<LevelsRead>, Error> {
        self.read(|s| {
            if s.schema < ModemRow::SINCE {
                return Ok(Vec::new());
            }
            let (reader, sql) = &modem_reading::LEVELS;
            let mut levels = reader.all(s.db, sql, bounds(range), s.unread)?;
            let journal = s.journal.iter().filter(|_| s.journal_is_newer);
            let waiting = journal.flat_map(|journal| &journal.head.pending);
            for row in waiting.filter_map(ModemRow::of).filter_map(ModemRow::levels_read) {
                levels.retain(|read| read.at != row.at);
                levels.extend(range.contains(row.at).then_some(row));
            }
            levels.order_by_key(|read| read.at);
            Ok(levels)
        })
    }

    /// Whether there are rows of minutes wherever there are sums of hours.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn has_all_minutes(&self, range: TimeRange) -> Result<bool, Error> {
        self.read(|snapshot| {
            let Some((first, last)) = minutes_of(range) else { return Ok(true) };
            let (first, last) = (hour_of_minute(first), hour_of_minute(last));
            let with_minutes = snapshot.hours_with_minutes(first, last)?;
            let (rows, _) = snapshot.hour_sums(first, last)?;
            Ok(rows.all().all(|row| with_minutes.contains(&hour_of_minute(row.minute))))
        })
    }
}

impl RecordSnapshot<'_> {
    fn held_rows(&self, range: TimeRange) -> rusqlite::Result<HeldRows> {
        /// In an hour of which no sum says it.
        const TARGETS: u64 = 16;
        let Some((first, last)) = minutes_of(range) else { return Ok(HeldRows::default()) };
        let (first, last) = (hour_of_minute(first), hour_of_minute(last));
        let mut held = HeldRows::default();
        for row in self.hour_sums(first, last)?.0.all() {
            held.minutes += MINUTES.unsigned_abs();
            held.samples += u64::from(row.sent);
        }
        let open = match self.hours_to_sum_up(first, last)? {
            Some(hours) => u64::try_from(hours.len()).unwrap_or(u64::MAX),
            None => (last - first + 1).unsigned_abs(),
        };
        held.minutes += open * TARGETS * 60;
        held.samples += open * TARGETS * 3_600;
        Ok(held)
    }

    /// The hours whose sums are not those of their samples, as far as they are known; `None`: the file has
    /// no sums of hours.
    fn hours_to_sum_up(&self, first: i64, last: i64) -> rusqlite::Result<Option<BTreeSet<i64>>> {
        if self.schema < HourRow::SINCE {
            return Ok(None);
        }
        let sql = "SELECT hour FROM hour_due WHERE hour BETWEEN ?1 AND ?2";
        let mut statement = self.db.prepare_cached(sql)?;
        let due = statement.query_map((first, last), |row| row.get(0))?;
        let mut due: BTreeSet<i64> = due.collect::<rusqlite::Result<_>>()?;
        let waiting = self.journal.iter().filter(|_| self.journal_is_newer);
        let waiting = waiting.flat_map(|journal| &journal.minutes);
        let waiting = waiting.map(|minute| hour_of_minute(minute.key.minute));
        due.extend(waiting.filter(|hour| (first..=last).contains(hour)));
        Ok(Some(due))
    }

    fn sums_of_hours(
        &self,
        first: i64,
        last: i64,
        take: &mut dyn FnMut(TargetSum),
    ) -> rusqlite::Result<()> {
        let Some(mut apart) = self.hours_to_sum_up(first, last)? else {
            return self.sums_of_minutes(minutes_of_hour(first).0, minutes_of_hour(last).1, take);
        };
        let (rows, wrong) = self.hour_sums(first, last)?;
        apart.extend(wrong);
        let mut withheld = BTreeMap::<i64, Vec<TargetSum>>::new();
        for row in rows.all() {
            let hour = hour_of_minute(row.minute);
            if apart.contains(&hour) {
                withheld.entry(hour).or_default().push(*row);
            } else {
                take(*row);
            }
        }
        for hour in apart {
            let mut found = BTreeSet::new();
            let (from, to) = minutes_of_hour(hour);
            self.sums_of_minutes(from, to, &mut |row| {
                found.insert(row.target);
                take(row);
            })?;
            let others = withheld.remove(&hour).unwrap_or_default();
            others.into_iter().filter(|row| !found.contains(&row.target)).for_each(&mut *take);
        }
        Ok(())
    }

    /// The rows of hours, and the hours with one that cannot be understood.
    fn hour_sums(&self, first: i64, last: i64) -> rusqlite::Result<(HourSums, BTreeSet<i64>)> {
        let mut sums = HourSums { first, last, pieces: Vec::new() };
        if self.schema < HourRow::SINCE {
            return Ok((sums, BTreeSet::new()));
        }
        let wrong = RefCell::new(BTreeSet::new());
        let read = |bounds| self.brief_rows(&target_sum::OF_HOURS, bounds, &wrong);
        let read = |bounds| around::in_pieces(HourRow::NAME, bounds, self.unread, &read);
        let Some((kept, state)) = self.kept.filter(|_| last - first < MOST_KEPT_HOURS) else {
            sums.pieces.push(read((first, last))?.into());
            return Ok((sums, wrong.into_inner()));
        };
        for piece in first.div_euclid(HOURS_TOGETHER)..=last.div_euclid(HOURS_TOGETHER) {
            let from = piece * HOURS_TOGETHER;
            sums.pieces.push(kept.piece(self.db, state, piece, || {
                let before = (wrong.borrow().len(), self.unread.count());
                let rows = read((from, from + HOURS_TOGETHER - 1))?;
                Ok((rows, before == (wrong.borrow().len(), self.unread.count())))
            })?);
        }
        Ok((sums, wrong.into_inner()))
    }

    fn brief_rows(
        &self,
        (reader, sql): &(RowReader<TargetSum>, &str),
        bounds: (i64, i64),
        wrong: &RefCell<BTreeSet<i64>>,
    ) -> rusqlite::Result<Vec<TargetSum>> {
        let mut statement = self.db.prepare_cached(sql)?;
        let mut rows = statement.query(bounds)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            match reader.one(row, self.unread) {
                Some(found) => all.push(found),
                None => wrong.borrow_mut().extend(row.get::<_, i64>(0).ok()),
            }
        }
        Ok(all)
    }

    /// Gives the rows of minutes, those of the journal over those of the database.
    fn sums_of_minutes(
        &self,
        first: i64,
        last: i64,
        take: &mut dyn FnMut(TargetSum),
    ) -> rusqlite::Result<()> {
        let wrong = RefCell::default();
        let read = |bounds| self.brief_rows(&target_sum::OF_MINUTES, bounds, &wrong);
        let rows = around::in_pieces(MinuteRow::NAME, (first, last), self.unread, &read)?;
        let open: BTreeSet<(i64, TargetId)> =
            self.journal_minutes(first, last).keys().map(|k| (k.minute, k.target)).collect();
        let is_closed = |row: &TargetSum| !open.contains(&(row.minute, row.target));
        rows.into_iter().filter(|row| open.is_empty() || is_closed(row)).for_each(&mut *take);
        for (minute, target) in &open {
            let samples = self.all_runs(*minute, *target)?;
            take(TargetSum::from(&summary::summarize(*minute, *target, &samples)));
        }
        Ok(())
    }
}
