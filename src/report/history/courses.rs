//! What the targets did, column by column: probes counted, and the least, the median and the greatest of
//! their delays.

use super::grid::ColumnGrid;
use crate::live::ProbeFate;
use crate::report::deciders::Deciders;
use crate::store::rows::MinuteSamples;
use crate::store::{SumDelays, TargetSum};
use crate::time::Timestamp;
use crate::time::spans::Spans;
use crate::vocabulary::{LossRatio, Measurement, Target, TargetId};

/// Most probes that are given one by one.
const MOST_PROBES: usize = 20_000;

/// What one target did in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CourseColumn {
    /// Probes sent, and of these not rightly answered in time.
    pub loss: LossRatio,
    /// The delays of those answered; `None` where none was.
    pub rtt: Option<SumDelays>,
}

/// What one target did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetCourse {
    /// The target.
    pub target: Target,
    /// Whether it decided at some time, with others, if the link was up.
    pub decides: bool,
    /// Column by column.
    pub columns: Vec<CourseColumn>,
    /// Its probes, by time, where they are few enough to be given one by one.
    pub probes: Vec<ChartedProbe>,
}

/// A probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChartedProbe {
    /// When it was sent, or due.
    pub at: Timestamp,
    /// What came of it.
    pub fate: ProbeFate,
}

impl ChartedProbe {
    pub(super) fn of(sample: &Measurement) -> Self {
        Self { at: sample.sent_at, fate: ProbeFate::from(&sample.outcome) }
    }
}

/// Counts one target.
#[derive(Debug)]
struct CourseCounter {
    /// When it did not decide; `None`: it never did.
    apart: Option<Spans>,
    columns: Vec<CourseColumn>,
    /// Of each column the medians of its rows, each with how many answers it is of.
    medians: Vec<Vec<(u32, u32)>>,
    probes: Vec<ChartedProbe>,
}

/// Counts rows and samples by column.
#[derive(Debug)]
pub(super) struct Courses<'a> {
    grid: ColumnGrid,
    deciders: &'a Deciders,
    counters: Vec<Option<Box<CourseCounter>>>,
    /// Of the anchors that decide.
    loss: Vec<LossRatio>,
    /// Probes taken one by one; too many of them are given up.
    probes: usize,
    damaged: u64,
}

/// All that was counted.
#[derive(Debug, Default)]
pub(super) struct CountedCourses {
    pub(super) targets: Vec<TargetCourse>,
    /// Of the anchors that decide, column by column.
    pub(super) loss: Vec<LossRatio>,
    /// Whether the probes of the targets are all that there were.
    pub(super) has_probes: bool,
    /// Rows of samples that could not be read.
    pub(super) damaged: u64,
}

impl<'a> Courses<'a> {
    pub(super) fn new(grid: ColumnGrid, deciders: &'a Deciders) -> Self {
        let mut counters = Vec::new();
        counters.resize_with(usize::from(u8::MAX) + 1, || None);
        let loss = vec![LossRatio::default(); grid.count()];
        Self { grid, deciders, counters, loss, probes: 0, damaged: 0 }
    }

    fn counter(&mut self, id: TargetId) -> &mut CourseCounter {
        let (columns, deciders) = (self.grid.count(), self.deciders);
        self.counters[usize::from(id.0)].get_or_insert_with(|| {
            Box::new(CourseCounter {
                apart: deciders.has(id).then(|| deciders.apart(id)),
                columns: vec![CourseColumn::default(); columns],
                medians: vec![Vec::new(); columns],
                probes: Vec::new(),
            })
        })
    }

    /// Counts a row of sums, which lies in one column.
    pub(super) fn add_sum(&mut self, row: &TargetSum) {
        let at = Timestamp::from_seconds(row.minute.saturating_mul(60));
        let Some(column) = self.grid.column_of(at) else { return };
        self.damaged += u64::from(row.damaged);
        let loss = LossRatio { lost: row.lost.into(), sent: row.sent.into() };
        self.add(row.target, column, at, loss, row.rtt);
    }

    /// Counts the samples of a target in a minute.
    pub(super) fn add_samples(&mut self, minute: &MinuteSamples) {
        for sample in &minute.samples {
            let Some(column) = self.grid.column_of(sample.sent_at) else { continue };
            let mark = ChartedProbe::of(sample);
            if self.probes < MOST_PROBES {
                self.counter(minute.target).probes.push(mark);
            }
            self.probes += 1;
            if !sample.outcome.was_sent() {
                continue;
            }
            let mut loss = LossRatio::default();
            loss.count(&sample.outcome);
            let rtt = match mark.fate {
                ProbeFate::Answered(us) => Some(SumDelays { min: us, median: us, max: us }),
                ProbeFate::Late(_) | ProbeFate::Lost | ProbeFate::NotSent => None,
            };
            self.add(minute.target, column, sample.sent_at, loss, rtt);
        }
    }

    fn add(
        &mut self,
        target: TargetId,
        column: usize,
        at: Timestamp,
        loss: LossRatio,
        rtt: Option<SumDelays>,
    ) {
        let counter = self.counter(target);
        let cell = &mut counter.columns[column];
        cell.loss += loss;
        if let Some(rtt) = rtt {
            let before = cell.rtt.unwrap_or(rtt);
            let (min, max) = (before.min.min(rtt.min), before.max.max(rtt.max));
            cell.rtt = Some(SumDelays { min, max, median: before.median });
            let answers = u32::try_from(loss.sent.saturating_sub(loss.lost)).unwrap_or(u32::MAX);
            counter.medians[column].push((rtt.median, answers.max(1)));
        }
        if counter.apart.as_ref().is_some_and(|apart| !apart.contains(at)) {
            self.loss[column] += loss;
        }
    }

    /// Those that were probed, in the order in which `targets` has them.
    pub(super) fn finish(mut self, targets: Vec<Target>, damaged: u64) -> CountedCourses {
        let has_probes = self.probes > 0 && self.probes <= MOST_PROBES;
        let course = |target: Target| {
            let counter = self.counters[usize::from(target.id.0)].take()?;
            let CourseCounter { apart, mut columns, medians, mut probes } = *counter;
            for (column, medians) in columns.iter_mut().zip(medians) {
                if let Some(rtt) = &mut column.rtt {
                    rtt.median = weighted_median(medians).unwrap_or(rtt.median);
                }
            }
            if has_probes {
                probes.sort_unstable_by_key(|probe| probe.at);
            } else {
                probes.clear();
            }
            Some(TargetCourse { target, decides: apart.is_some(), columns, probes })
        };
        let targets = targets.into_iter().filter_map(course).collect();
        CountedCourses { targets, loss: self.loss, has_probes, damaged: self.damaged + damaged }
    }
}

/// The value at which half of the weights is reached, by nearest rank.
fn weighted_median(mut values: Vec<(u32, u32)>) -> Option<u32> {
    values.sort_unstable();
    let total: u64 = values.iter().map(|(_, weight)| u64::from(*weight)).sum();
    let mut below = 0;
    let at = values.iter().find(|(_, weight)| {
        below += u64::from(*weight);
        2 * below >= total
    });
    at.map(|(value, _)| *value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_weighted_median_is_that_of_values_written_out_as_often_as_they_weigh(
            values in prop::collection::vec((0_u32..50, 1_u32..6), 0..30),
        ) {
            let mut all: Vec<u32> =
                values.iter().flat_map(|&(v, n)| std::iter::repeat_n(v, n as usize)).collect();
            all.sort_unstable();
            let want = all.get(all.len().div_ceil(2).saturating_sub(1)).copied();
            prop_assert_eq!(weighted_median(values), want);
        }
    }
}
