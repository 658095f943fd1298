//! Strips: what became of the probes of a target, a mark for each stretch of time. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::live::ProbeFate;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::TargetId;

/// Lengths of time that one mark may stand for, in seconds.
pub(super) const CELL_SECONDS: [u32; 7] = [1, 2, 5, 10, 20, 30, 60];

/// A strip shows at least this much at first.
const SHOWN_AT_FIRST: u32 = 300;

/// A probe of a target with a longer interval than this says nothing of the time until the next.
const LONGEST_HOLD: Duration = Duration::from_secs(60);

/// One probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StripMark {
    /// When it was sent.
    pub(super) at: Timestamp,
    /// What became of it.
    pub(super) fate: ProbeFate,
}

/// The probes of the last minutes by target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct MarkStore {
    strips: BTreeMap<TargetId, Vec<StripMark>>,
}

impl MarkStore {
    /// Those of one target, in order of time.
    pub(super) fn of(&self, target: TargetId) -> &[StripMark] {
        self.strips.get(&target).map_or(&[], Vec::as_slice)
    }

    /// The targets that have some.
    pub(super) fn targets(&self) -> impl Iterator<Item = TargetId> {
        self.strips.iter().filter(|(_, marks)| !marks.is_empty()).map(|(id, _)| *id)
    }

    /// Adds a probe; to be called in any order, and then [`Self::sort`].
    pub(super) fn add(&mut self, target: TargetId, mark: StripMark) {
        self.strips.entry(target).or_default().push(mark);
    }

    /// Brings them into the order of time.
    pub(super) fn sort(&mut self) {
        for marks in self.strips.values_mut() {
            marks.sort_by_key(|mark| mark.at);
        }
    }

    /// Forgets what lies outside of `range`, then takes what `fresh` has.
    pub(super) fn replace_outside(&mut self, range: TimeRange, fresh: Self) {
        for marks in self.strips.values_mut() {
            marks.retain(|mark| range.contains(mark.at));
        }
        for (target, mut marks) in fresh.strips {
            self.strips.entry(target).or_default().append(&mut marks);
        }
        self.sort();
    }
}

/// How long an answer took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum DelayBand {
    /// Less than 10 ms.
    Short,
    /// Less than 50 ms.
    Middling,
    /// Less than 200 ms.
    Long,
    /// More.
    VeryLong,
}

impl DelayBand {
    /// All of them, from the shortest.
    pub(super) const ALL: [Self; 4] = [Self::Short, Self::Middling, Self::Long, Self::VeryLong];

    fn of(us: u32) -> Self {
        match us {
            0..10_000 => Self::Short,
            10_000..50_000 => Self::Middling,
            50_000..200_000 => Self::Long,
            _ => Self::VeryLong,
        }
    }
}

/// The worst of what one mark stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StripCell {
    /// No probe is known.
    Nothing,
    /// All were answered in time; the longest delay.
    Answered(DelayBand),
    /// Some were not sent.
    NotSent,
    /// Some were answered late.
    Late,
    /// Some were lost, others answered.
    SomeLost,
    /// All were lost.
    AllLost,
}

/// The columns of a strip: stretches of time that lie on whole multiples of their length, so that marks
/// do not change when time goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StripGrid {
    first: i64,
    cell_ms: i64,
    columns: usize,
}

impl StripGrid {
    /// The grid whose last column holds `at`.
    pub(super) fn ending(at: Timestamp, seconds: u32, columns: usize) -> Self {
        let cell_ms = i64::from(seconds.max(1)) * 1_000;
        let count = i64::try_from(columns).unwrap_or(i64::MAX);
        let first = at.as_millis().div_euclid(cell_ms) - count + 1;
        Self { first, cell_ms, columns }
    }

    /// The grid whose first column holds `at`.
    pub(super) fn starting(at: Timestamp, seconds: u32, columns: usize) -> Self {
        let cell_ms = i64::from(seconds.max(1)) * 1_000;
        Self { first: at.as_millis().div_euclid(cell_ms), cell_ms, columns }
    }

    /// What it covers.
    pub(super) fn range(&self) -> TimeRange {
        let count = i64::try_from(self.columns).unwrap_or(i64::MAX);
        let edge = |n: i64| Timestamp::from_millis(n.saturating_mul(self.cell_ms));
        TimeRange { from: edge(self.first), to: edge(self.first.saturating_add(count)) }
    }

    /// The column of an instant; `None` outside.
    pub(super) fn column(&self, at: Timestamp) -> Option<usize> {
        let nth = usize::try_from(at.as_millis().div_euclid(self.cell_ms) - self.first).ok()?;
        (nth < self.columns).then_some(nth)
    }

    fn start_of(&self, column: usize) -> Timestamp {
        let nth = i64::try_from(column).unwrap_or(i64::MAX);
        Timestamp::from_millis((self.first + nth).saturating_mul(self.cell_ms))
    }

    /// The marks of one target in its columns. A column without a probe of its own shows the one before,
    /// as long as the next is not due.
    pub(super) fn cells(&self, marks: &[StripMark], interval: Duration) -> Vec<StripCell> {
        let range = self.range();
        let mut tallies = vec![CellTally::default(); self.columns];
        let mut before = marks.partition_point(|mark| mark.at < range.from);
        for mark in &marks[before..] {
            if let Some(column) = self.column(mark.at) {
                tallies[column].add(mark.fate);
            }
        }
        let due_after = (interval + interval / 2).min(LONGEST_HOLD);
        let mut shown = Vec::with_capacity(self.columns);
        for (column, tally) in tallies.iter().enumerate() {
            let start = self.start_of(column);
            while marks.get(before).is_some_and(|mark| mark.at < start) {
                before += 1;
            }
            let held = before.checked_sub(1).map(|nth| marks[nth]);
            shown.push(match (tally.cell(), held) {
                (StripCell::Nothing, Some(mark)) if start < mark.at + due_after => {
                    let mut alone = CellTally::default();
                    alone.add(mark.fate);
                    alone.cell()
                }
                (own, _) => own,
            });
        }
        shown
    }
}

/// What one mark stands for, counted.
#[derive(Debug, Clone, Copy, Default)]
struct CellTally {
    longest_us: Option<u32>,
    late: u32,
    lost: u32,
    not_sent: u32,
}

impl CellTally {
    fn add(&mut self, fate: ProbeFate) {
        match fate {
            ProbeFate::Answered(us) => self.longest_us = self.longest_us.max(Some(us)),
            ProbeFate::Late(_) => self.late += 1,
            ProbeFate::Lost => self.lost += 1,
            ProbeFate::NotSent => self.not_sent += 1,
        }
    }

    fn cell(&self) -> StripCell {
        if self.lost > 0 {
            let is_all = self.late == 0 && self.longest_us.is_none();
            return if is_all { StripCell::AllLost } else { StripCell::SomeLost };
        }
        match self.longest_us {
            _ if self.late > 0 => StripCell::Late,
            _ if self.not_sent > 0 => StripCell::NotSent,
            Some(us) => StripCell::Answered(DelayBand::of(us)),
            None => StripCell::Nothing,
        }
    }
}

/// Which of [`CELL_SECONDS`] shows some minutes in so many columns.
pub(super) fn usual_cell(columns: usize) -> usize {
    let columns = u32::try_from(columns).unwrap_or(u32::MAX);
    let is_enough = |cell: &u32| cell.saturating_mul(columns) >= SHOWN_AT_FIRST;
    CELL_SECONDS.iter().position(is_enough).unwrap_or(CELL_SECONDS.len() - 1)
}

/// Which of them shows this much time in so many columns.
pub(super) fn cell_for(shown: Duration, columns: usize) -> usize {
    let columns = u64::try_from(columns).unwrap_or(u64::MAX);
    let is_enough = |cell: &u32| u64::from(*cell).saturating_mul(columns) >= shown.as_secs();
    CELL_SECONDS.iter().position(is_enough).unwrap_or(CELL_SECONDS.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(ms: i64, fate: ProbeFate) -> StripMark {
        StripMark { at: Timestamp::from_millis(ms), fate }
    }

    fn cells(grid: StripGrid, marks: &[StripMark], interval_s: u64) -> String {
        let cells = grid.cells(marks, Duration::from_secs(interval_s));
        let letter = |cell: &StripCell| match cell {
            StripCell::Nothing => ' ',
            StripCell::Answered(band) => char::from(b'0' + *band as u8),
            StripCell::NotSent => '-',
            StripCell::Late => 'L',
            StripCell::SomeLost => 'x',
            StripCell::AllLost => 'X',
        };
        cells.iter().map(letter).collect()
    }

    #[test]
    fn a_mark_shows_the_worst_of_its_probes() {
        let answered = ProbeFate::Answered(9_000);
        let slow = ProbeFate::Answered(60_000);
        let worse = [slow, ProbeFate::NotSent, ProbeFate::Late(4_000_000), ProbeFate::Lost];
        let mut marks = vec![mark(100, answered), mark(1_000, answered)];
        let mut shown = String::new();
        for (nth, fate) in worse.into_iter().enumerate() {
            marks.push(mark(1_100 + i64::try_from(nth).unwrap(), fate));
            let grid = StripGrid::starting(Timestamp::default(), 1, 2);
            shown = shown + &cells(grid, &marks, 1) + ",";
        }
        assert_eq!(shown, "02,0-,0L,0x,");
        let grid = StripGrid::starting(Timestamp::default(), 2, 1);
        assert_eq!(cells(grid, &[mark(0, ProbeFate::Lost), mark(1_000, ProbeFate::Lost)], 1), "X");
    }

    #[test]
    fn a_single_loss_is_seen_however_long_a_mark_is() {
        let answered = (0..3_600).map(|s| mark(s * 1_000, ProbeFate::Answered(1)));
        let mut marks: Vec<_> = answered.collect();
        marks[1_800].fate = ProbeFate::Lost;
        for cell in CELL_SECONDS {
            let columns = usize::try_from(3_600 / cell).unwrap();
            let shown = cells(StripGrid::starting(Timestamp::default(), cell, columns), &marks, 1);
            assert_eq!(shown.matches(['x', 'X']).count(), 1, "{cell}");
            assert_eq!(shown.matches('0').count(), columns - 1, "{cell}");
        }
    }

    #[test]
    fn a_target_asked_less_often_holds_its_mark_until_the_next_is_due() {
        let marks = [mark(0, ProbeFate::Answered(1)), mark(4_000, ProbeFate::Lost)];
        let grid = StripGrid::starting(Timestamp::default(), 1, 12);
        assert_eq!(cells(grid, &marks, 4), "0000XXXXXX  ");
        // Of one that is asked each second, no more than its next probe may wait.
        assert_eq!(cells(grid, &marks, 1), "00  XX      ");
    }

    #[test]
    fn marks_keep_their_columns_while_time_goes_on() {
        let marks = [mark(57_000, ProbeFate::Lost)];
        for second in 60..65 {
            let grid = StripGrid::ending(Timestamp::from_seconds(second), 5, 4);
            assert_eq!(cells(grid, &marks, 1), "  X ", "{second}");
        }
        assert_eq!(cells(StripGrid::ending(Timestamp::from_seconds(65), 5, 4), &marks, 1), " X  ");
    }

    #[test]
    fn a_grid_without_columns_has_no_cells() {
        let grid = StripGrid::ending(Timestamp::from_seconds(60), 1, 0);
        assert_eq!(cells(grid, &[mark(59_000, ProbeFate::Lost)], 1), "");
        assert_eq!((usual_cell(0), usual_cell(46), usual_cell(300)), (6, 3, 0));
    }

    #[test]
    fn what_is_read_again_takes_the_place_of_what_was_there() {
        let (one, two) = (TargetId(1), TargetId(2));
        let mut store = MarkStore::default();
        for second in 0..4 {
            store.add(one, mark(second * 1_000, ProbeFate::Lost));
        }
        let mut fresh = MarkStore::default();
        fresh.add(one, mark(3_000, ProbeFate::Late(3_500_000)));
        fresh.add(one, mark(2_000, ProbeFate::Lost));
        fresh.add(two, mark(2_000, ProbeFate::Lost));
        let kept = TimeRange { from: Timestamp::from_seconds(1), to: Timestamp::from_seconds(2) };
        store.replace_outside(kept, fresh);
        let seconds: Vec<_> =
            store.of(one).iter().map(|mark| mark.at.as_millis() / 1_000).collect();
        assert_eq!(seconds, [1, 2, 3]);
        assert_eq!(store.of(one)[2].fate, ProbeFate::Late(3_500_000));
        assert_eq!(store.targets().collect::<Vec<_>>(), [one, two]);
        assert!(store.of(TargetId(9)).is_empty());
    }
}
