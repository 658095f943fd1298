//! What is in which pixel column, without any drawing: places, drops, gaps, delays, loss.
//!
//! Never hides: every drop has at least [`MIN_WIDTH`] columns. Never inflates: a drop has at most
//! [`MIN_WIDTH`] columns more than its time takes, and columns that it takes in part alone are told
//! from those it takes whole, so that drops side by side do not look like one. Lines have no point
//! in a column without answers, nor, where columns are short, in one that a drop or a gap touches.

use super::places::{self, Lane, Wrong};
use super::smoke::{self, Point};
use crate::report::rows::{COLUMNS, column_of, column_start};
use crate::report::{Report, TargetEntry};
use crate::stats::LossRatio;
use crate::time::{TimeRange, Timestamp, micros};
use crate::vocabulary::{Kind, Role, Target};

/// Columns that a drop or a gap has at least.
pub(super) const MIN_WIDTH: usize = 2;

/// Columns from `from` to before `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Strip {
    pub(super) from: usize,
    pub(super) to: usize,
}

/// Everything that is drawn over time.
#[derive(Debug)]
pub(super) struct Model<'a> {
    pub(super) lanes: Vec<Lane>,
    pub(super) wrongs: Vec<(Strip, Wrong)>,
    pub(super) gaps: Vec<Strip>,
    /// Columns of drops and of gaps in which no line has a point.
    pub(super) barred: [Vec<Strip>; 2],
    /// Delays of all deciding anchors together, in lines without a break.
    pub(super) smoke: Vec<Vec<Point>>,
    pub(super) gateway: Option<(&'a TargetEntry, Vec<Vec<Point>>)>,
    /// Loss of the deciding anchors together.
    pub(super) loss: Vec<(usize, LossRatio)>,
    pub(super) loss_of: LossOf,
}

/// What the loss of a column is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LossOf {
    /// The worst minute of the column.
    WorstMinute,
    /// All of the column: probes so far apart say little of a minute.
    Column,
}

/// The columns that a span takes.
pub(super) fn strip(period: TimeRange, span: TimeRange) -> Option<Strip> {
    strip_of(period, span, COLUMNS)
}

/// The columns that a span takes when the period has `columns`.
pub(super) fn strip_of(period: TimeRange, span: TimeRange, columns: usize) -> Option<Strip> {
    let span = TimeRange { from: span.from.max(period.from), to: span.to.min(period.to) };
    if span.from >= period.to || span.to < span.from || period.from >= period.to {
        return None;
    }
    let from = column_of(period, columns, span.from)?;
    let last = column_of(period, columns, span.to.plus_micros(-1).max(span.from))?;
    let to = (last + 1).max(from + MIN_WIDTH);
    let over = to.saturating_sub(columns);
    Some(Strip { from: from.saturating_sub(over), to: to - over })
}

/// The columns that lie within a span from end to end.
pub(super) fn whole_columns(period: TimeRange, span: TimeRange) -> std::ops::Range<usize> {
    let column = |at: Timestamp| column_of(period, COLUMNS, at.max(period.from)).unwrap_or(COLUMNS);
    let from = column(span.from);
    let from = if column_start(period, COLUMNS, from) < span.from { from + 1 } else { from };
    from..column(span.to).max(from)
}

/// The columns in which no line has a point for a drop or gap: those it touches. Where a column is
/// an hour or more, it has the delays of the rest of its time, and only columns without such are
/// left out.
pub(super) fn barred(period: TimeRange, span: TimeRange) -> Option<Strip> {
    const COARSE: u64 = 3_600;
    if period.length().as_secs() / COLUMNS as u64 >= COARSE {
        let whole = whole_columns(period, span);
        return (!whole.is_empty()).then_some(Strip { from: whole.start, to: whole.end });
    }
    strip(period, span)
}

/// How many columns two probes of a target take, at least one.
pub(super) fn probes_width(period: TimeRange, target: &Target) -> usize {
    let column = micros(period.length()) / i64::try_from(COLUMNS).unwrap_or(1);
    let probes = micros(target.interval).saturating_mul(2);
    usize::try_from((probes + column.max(1) - 1) / column.max(1)).unwrap_or(1).clamp(1, COLUMNS)
}

impl<'a> Model<'a> {
    pub(super) fn new(report: &'a Report) -> Self {
        let period = report.period;
        let gaps: Vec<_> = report.gaps.iter().filter_map(|g| strip(period, g.range)).collect();
        let gap = |range| barred(period, range);
        let barred = [
            report.counted_drops().filter_map(|d| gap(d.span(period))).collect(),
            report.gaps.iter().filter_map(|g| gap(g.range)).collect(),
        ];
        let answers = |t: &&TargetEntry| t.target.kind == Kind::Icmp && t.total.rtt.is_some();
        let anchors: Vec<_> = report.targets.iter().filter(|t| t.decides).filter(answers).collect();
        let gateway =
            report.targets.iter().filter(|t| t.target.role == Role::Gateway).find(answers);
        let loss_of = loss_of(report);
        Self {
            lanes: places::lanes(report, &gaps),
            wrongs: places::wrongs(report),
            smoke: smoke::lines(report, &anchors),
            gateway: gateway.map(|t| (t, smoke::lines(report, &[t]))),
            gaps,
            barred,
            loss: loss(report, loss_of),
            loss_of,
        }
    }
}

/// A minute with fewer probes says little of itself.
const ENOUGH: u64 = 10;

/// Whether the minutes of a report have enough probes to speak of the worst.
fn loss_of(report: &Report) -> LossOf {
    let minutes = report.worst_minute.iter().flatten();
    let (few, all) = minutes.fold((0_usize, 0_usize), |(few, all), worst| {
        (few + usize::from(worst.sent < ENOUGH), all + 1)
    });
    if few * 2 > all { LossOf::Column } else { LossOf::WorstMinute }
}

/// The loss of each column. Where a record begins or ends within a minute its column is as a whole.
fn loss(report: &Report, of: LossOf) -> Vec<(usize, LossRatio)> {
    let all = |column: usize| {
        let deciders = report.targets.iter().filter(|t| t.decides);
        deciders.map(|t| t.columns[column].loss()).sum::<LossRatio>()
    };
    report
        .worst_minute
        .iter()
        .enumerate()
        .filter_map(|(column, loss)| {
            let worst = (*loss)?;
            let is_told = of == LossOf::WorstMinute && worst.sent >= ENOUGH;
            Some((column, if is_told { worst } else { all(column) }))
        })
        .filter(|(_, loss)| loss.sent > 0)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::report::synthetic::Scene;
    use crate::vocabulary::Place;

    #[test]
    fn loss_is_that_of_the_worst_minute_only_where_a_minute_has_probes_enough() {
        for (interval_s, of) in [(1, LossOf::WorstMinute), (60, LossOf::Column)] {
            let mut scene = Scene::new("2026-11-16T13:00:00Z", 7 * 86_400);
            scene.interval = Duration::from_secs(interval_s);
            scene.drops = vec![(100_000.0, Some(360.0), vec![Place::Access])];
            let report = scene.report();
            let model = Model::new(&report);
            assert_eq!(model.loss_of, of, "{interval_s} s");
            // A column is ten minutes, of which the drop takes six.
            let most = model.loss.iter().filter_map(|(_, loss)| loss.ratio()).fold(0.0, f64::max);
            assert_eq!(most > 0.99, of == LossOf::WorstMinute, "{interval_s} s: {most}");
            assert!(most > 0.2, "{interval_s} s: {most}");
        }
    }
}
