//! Pixel columns: those that a span of time takes, those that it fills, and those in which no line
//! is drawn.

use crate::report::rows::{COLUMNS, column_of, column_start};
use crate::time::{TimeRange, Timestamp, micros};
use crate::vocabulary::Target;

/// The fewest columns of a drop or a gap.
pub(super) const MIN_WIDTH: usize = 2;

/// Columns from `from` up to, but not including, `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ColumnRange {
    pub(super) from: usize,
    pub(super) to: usize,
}

/// The columns that a span takes.
pub(super) fn strip(period: TimeRange, span: TimeRange) -> Option<ColumnRange> {
    strip_of(period, span, COLUMNS)
}

/// The columns that a span takes when the period has `columns`.
pub(super) fn strip_of(period: TimeRange, span: TimeRange, columns: usize) -> Option<ColumnRange> {
    let span = TimeRange { from: span.from.max(period.from), to: span.to.min(period.to) };
    if span.from >= period.to || span.to < span.from || period.from >= period.to {
        return None;
    }
    let from = column_of(period, columns, span.from)?;
    let last = column_of(period, columns, span.to.plus_micros(-1).max(span.from))?;
    let to = (last + 1).max(from + MIN_WIDTH);
    let over = to.saturating_sub(columns);
    Some(ColumnRange { from: from.saturating_sub(over), to: to - over })
}

/// The columns that lie within a span from end to end.
pub(super) fn whole_columns(period: TimeRange, span: TimeRange) -> std::ops::Range<usize> {
    let column = |at: Timestamp| column_of(period, COLUMNS, at.max(period.from)).unwrap_or(COLUMNS);
    let from = column(span.from);
    let from = if column_start(period, COLUMNS, from) < span.from { from + 1 } else { from };
    from..column(span.to).max(from)
}

/// The columns in which no line has a point for a drop or gap: those it touches. Where a column is
/// an hour or more, it has the delays of the rest of its time, and only columns without any are
/// left out.
pub(super) fn barred(period: TimeRange, span: TimeRange) -> Option<ColumnRange> {
    const COARSE: u64 = 3_600;
    if period.length().as_secs() / COLUMNS as u64 >= COARSE {
        let whole = whole_columns(period, span);
        return (!whole.is_empty()).then_some(ColumnRange { from: whole.start, to: whole.end });
    }
    strip(period, span)
}

/// How many columns two probes of a target take, at least one.
pub(super) fn probes_width(period: TimeRange, target: &Target) -> usize {
    let column = micros(period.length()) / i64::try_from(COLUMNS).unwrap_or(1);
    let probes = micros(target.interval).saturating_mul(2);
    usize::try_from((probes + column.max(1) - 1) / column.max(1)).unwrap_or(1).clamp(1, COLUMNS)
}
