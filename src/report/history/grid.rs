//! Columns of equal width whose edges are those of the rows that are read: no row lies in two.

use crate::time::{TimeRange, Timestamp};

/// Equal columns, one after another, with edges at multiples of their width since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnGrid {
    from_us: i64,
    width_us: i64,
    count: usize,
}

impl ColumnGrid {
    /// The narrowest columns, of a whole number of `grain_us` (microseconds), of which at most `most` cover
    /// `range`. As the edges do not depend on where the range begins, a view that moves keeps its columns.
    pub(super) fn fit(range: TimeRange, most: usize, grain_us: i64) -> Self {
        let most = i64::try_from(most.max(2)).unwrap_or(i64::MAX);
        let (from, to) = (range.from.as_micros(), range.to.as_micros());
        let length = to.saturating_sub(from).max(1);
        let grains = length.div_euclid(most).div_euclid(grain_us).max(1);
        let mut width_us = grains.saturating_mul(grain_us);
        loop {
            let first = from.div_euclid(width_us);
            let last = (to - 1).max(from).div_euclid(width_us);
            let count = last - first + 1;
            if count <= most {
                let count = usize::try_from(count).unwrap_or(1);
                return Self { from_us: first.saturating_mul(width_us), width_us, count };
            }
            width_us = width_us.saturating_add(grain_us);
        }
    }

    /// From the beginning of the first column to the end of the last.
    pub fn range(&self) -> TimeRange {
        let count = i64::try_from(self.count).unwrap_or(i64::MAX);
        let from = Timestamp::from_micros(self.from_us);
        TimeRange { from, to: from.plus_micros(count.saturating_mul(self.width_us)) }
    }

    /// How many columns there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The width of a column, microseconds.
    pub fn width_us(&self) -> i64 {
        self.width_us
    }

    /// The column of an instant; `None` outside.
    pub(super) fn column_of(&self, at: Timestamp) -> Option<usize> {
        let passed = at.as_micros().checked_sub(self.from_us)?;
        let column = usize::try_from(passed.div_euclid(self.width_us)).ok()?;
        (column < self.count).then_some(column)
    }

    /// The time of a column.
    pub(super) fn span_of(&self, column: usize) -> TimeRange {
        let before = i64::try_from(column).unwrap_or(i64::MAX).saturating_mul(self.width_us);
        let from = Timestamp::from_micros(self.from_us.saturating_add(before));
        TimeRange { from, to: from.plus_micros(self.width_us) }
    }

    /// Gives `each` the columns that a span touches, with how many microseconds of it lie in each. An empty
    /// span touches the column that it lies in.
    pub(super) fn each_part(&self, span: TimeRange, mut each: impl FnMut(usize, i64)) {
        let whole = self.range();
        let (from, to) = (span.from.max(whole.from), span.to.min(whole.to));
        if from > to || from >= whole.to || span.to < whole.from {
            return;
        }
        let Some(first) = self.column_of(from) else { return };
        let last = self.column_of(to.plus_micros(-1).max(from)).unwrap_or(first);
        for column in first..=last {
            let own = self.span_of(column);
            each(column, to.min(own.to).micros_since(from.max(own.from)).max(0));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn columns_cover_the_range_and_are_at_most_as_many_as_asked_for(
            from in -4_000_000_000_000_000_i64..4_000_000_000_000_000,
            length in 1_i64..200_000_000_000_000,
            most in 16_usize..=4_096,
            grain in prop::sample::select(vec![1_000_i64, 60_000_000, 3_600_000_000]),
        ) {
            let at = Timestamp::from_micros;
            let range = TimeRange { from: at(from), to: at(from + length) };
            let grid = ColumnGrid::fit(range, most, grain);
            let whole = grid.range();
            prop_assert!(grid.count() <= most && grid.width_us() % grain == 0);
            prop_assert!(whole.from <= range.from && range.to <= whole.to);
            prop_assert!(range.from.micros_since(whole.from) < grid.width_us());
            prop_assert!(whole.to.micros_since(range.to) < grid.width_us());
            prop_assert_eq!(whole.from.as_micros().rem_euclid(grain), 0);
            // Not much wider than it has to be.
            let least = length / i64::try_from(most).unwrap();
            prop_assert!(grid.width_us() <= least + length / i64::try_from(most - 1).unwrap() / 10 + 3 * grain);
            let (mut sum, mut before) = (0, None);
            grid.each_part(range, |column, us| {
                sum += us;
                assert!(before.is_none_or(|b: usize| column == b + 1));
                before = Some(column);
            });
            prop_assert_eq!(sum, length);
        }
    }

    #[test]
    fn an_instant_touches_its_column_and_what_is_outside_touches_none() {
        let at = Timestamp::from_seconds;
        let grid = ColumnGrid::fit(TimeRange { from: at(0), to: at(1_600) }, 16, 1_000);
        let touched = |from, to| {
            let mut columns = Vec::new();
            grid.each_part(TimeRange { from: at(from), to: at(to) }, |c, us| columns.push((c, us)));
            columns
        };
        assert_eq!(touched(150, 150), [(1, 0)]);
        assert_eq!(touched(100, 200), [(1, 100_000_000)]);
        assert_eq!(touched(-50, 50), [(0, 50_000_000)]);
        assert_eq!(touched(1_600, 1_700), []);
        assert_eq!(touched(-9, -3), []);
    }
}
