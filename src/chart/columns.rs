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

/// On which columns drops and gaps lay a ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PanelGround {
    /// Those that they touch.
    Touched,
    /// Those that they fill: short ones are so many that nothing else would be seen.
    Filled,
}

impl PanelGround {
    /// For drops and gaps of a period: where a column is an hour or more, or where those that are
    /// touched would be more than a quarter of those that are not filled, only filled ones have it.
    pub(super) fn of(period: TimeRange, spans: impl Iterator<Item = TimeRange>) -> Self {
        const COARSE: u64 = 3_600;
        if period.length().as_secs() / COLUMNS as u64 >= COARSE {
            return Self::Filled;
        }
        let (mut touched, mut filled) = ([false; COLUMNS], [false; COLUMNS]);
        for span in spans {
            if let Some(strip) = strip(period, span) {
                touched[strip.from..strip.to].fill(true);
            }
            filled[whole_columns(period, span)].fill(true);
        }
        let free = |taken: &[bool]| taken.iter().filter(|taken| !**taken).count();
        let (left, possible) = (free(&touched), free(&filled));
        if 4 * left < 3 * possible { Self::Filled } else { Self::Touched }
    }

    /// The columns on which a drop or gap lays it.
    pub(super) fn under(self, period: TimeRange, span: TimeRange) -> Option<ColumnRange> {
        if self == Self::Touched { strip(period, span) } else { filled(period, span) }
    }
}

/// The columns that a drop or gap fills: no line has a point in them. The others have the delays
/// of the rest of their time.
pub(super) fn filled(period: TimeRange, span: TimeRange) -> Option<ColumnRange> {
    let whole = whole_columns(period, span);
    (!whole.is_empty()).then_some(ColumnRange { from: whole.start, to: whole.end })
}

/// How many columns two probes of a target take, at least one.
pub(super) fn probes_width(period: TimeRange, target: &Target) -> usize {
    let column = micros(period.length()) / i64::try_from(COLUMNS).unwrap_or(1);
    let probes = micros(target.interval).saturating_mul(2);
    usize::try_from((probes + column.max(1) - 1) / column.max(1)).unwrap_or(1).clamp(1, COLUMNS)
}
