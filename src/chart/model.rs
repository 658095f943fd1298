//! What is in which pixel column, without any drawing: places, drops, gaps, delays, loss.
//!
//! Never hides: every drop has at least [`MIN_WIDTH`](super::columns::MIN_WIDTH) columns. Never inflates: a drop has at most
//! [`MIN_WIDTH`](super::columns::MIN_WIDTH) columns more than its time takes, and columns that it takes only in part differ
//! from those it takes whole and show what works in the rest of their time, so that drops side by
//! side do not look like one. Lines have no point in a column without answers, nor in one that a
//! drop or a gap fills.

use super::columns::{ColumnRange, PanelGround, strip};
use super::places::{self, Disturbance, Lane, LaneState};
use super::smoke::{self, Point};
use crate::report::{Report, TargetEntry};
use crate::stats::LossRatio;
use crate::vocabulary::{Kind, Role};

/// Everything that is drawn over time.
#[derive(Debug)]
pub(super) struct Model<'a> {
    pub(super) lanes: Vec<Lane>,
    pub(super) disturbances: Vec<(ColumnRange, Disturbance)>,
    pub(super) gaps: Vec<ColumnRange>,
    /// Columns of drops and of gaps that have a ground of their own under the lines.
    pub(super) ground: [Vec<ColumnRange>; 2],
    /// How many columns have a drop in them, of those that were watched.
    pub(super) with_drops: ColumnCount,
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
    /// All of the column: probes so far apart say little about a single minute.
    Column,
}

impl<'a> Model<'a> {
    pub(super) fn new(report: &'a Report) -> Self {
        let period = report.period;
        let gaps: Vec<_> = report.gaps.iter().filter_map(|g| strip(period, g.range)).collect();
        let drops = || report.counted_drops().flat_map(|drop| &drop.judged.spans).copied();
        let unwatched = || report.gaps.iter().map(|gap| gap.range);
        let under = PanelGround::of(period, drops().chain(unwatched()));
        let under = |span| under.under(period, span);
        let ground = [drops().filter_map(under).collect(), unwatched().filter_map(under).collect()];
        let answers = |t: &&TargetEntry| t.target.kind == Kind::Icmp && t.total.rtt.is_some();
        let anchors: Vec<_> = report.targets.iter().filter(|t| t.decides).filter(answers).collect();
        let gateway =
            report.targets.iter().filter(|t| t.target.role == Role::Gateway).find(answers);
        let loss_of = loss_of(report);
        let lanes = places::lanes(report, &gaps);
        Self {
            with_drops: ColumnCount::of(&lanes),
            lanes,
            disturbances: places::disturbances(report),
            smoke: smoke::lines(report, &anchors),
            gateway: gateway.map(|t| (t, smoke::lines(report, &[t]))),
            gaps,
            ground,
            loss: loss(report, loss_of),
            loss_of,
        }
    }
}

/// Columns with a drop in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ColumnCount {
    pub(super) with: usize,
    /// Of those, the ones that drops take only in part.
    pub(super) in_part: usize,
    /// Those in which anything was watched.
    pub(super) of: usize,
}

impl ColumnCount {
    fn of(lanes: &[Lane]) -> Self {
        let link = lanes.iter().filter(|lane| lane.place.is_none()).flat_map(|lane| &lane.states);
        link.fold(Self { with: 0, in_part: 0, of: 0 }, |count, (strip, state)| {
            let wide = strip.to - strip.from;
            let add = |is: bool| if is { wide } else { 0 };
            Self {
                with: count.with + add(*state >= LaneState::PartMaybe),
                in_part: count.in_part
                    + add(matches!(state, LaneState::PartMaybe | LaneState::PartDown)),
                of: count.of + add(!matches!(state, LaneState::Unwatched)),
            }
        })
    }

    /// Drops that take only a part of a column are in more than a quarter of them.
    pub(super) fn are_many(self) -> bool {
        4 * self.in_part > self.of
    }

    /// In nine of ten or more: nothing in the drawing is without one.
    pub(super) fn are_all(self) -> bool {
        self.of > 0 && 10 * self.with >= 9 * self.of
    }
}

/// A minute with fewer probes says little.
const ENOUGH: u64 = 10;

/// Whether the minutes of a report have enough probes for the worst to mean something.
fn loss_of(report: &Report) -> LossOf {
    let minutes = report.worst_minute.iter().flatten();
    let (few, all) = minutes.fold((0_usize, 0_usize), |(few, all), worst| {
        (few + usize::from(worst.sent < ENOUGH), all + 1)
    });
    if few * 2 > all { LossOf::Column } else { LossOf::WorstMinute }
}

/// The loss of each column. Where a record starts or ends within a minute, its column is taken as a whole.
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
            let says_enough = of == LossOf::WorstMinute && worst.sent >= ENOUGH;
            Some((column, if says_enough { worst } else { all(column) }))
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
