//! Whether drops recur: three tests against Poisson drops, corrected together (Holm 1979).
//!
//! Interval dispersion (six drops, both sides), clock-locked (eight, and only where the drops are
//! not clustered, which would look like a clock), time of day (five days with drops).

use jiff::tz::TimeZone;

use super::axis::{UpTimeAxis, real};
use super::chance;
use super::clock::DropClock;
use super::dispersion::DropIntervals;
use super::strike::Strike;
use super::time_of_day::BusyHours;
use crate::text::order::InOrder;
use crate::time::TimeRange;

/// Drops that any statement needs.
pub const LEAST: usize = 6;
/// Drops that a clock needs.
pub const LEAST_CLOCK: usize = 8;
/// At most this many of the newest drops are examined, which bounds the work.
pub const MOST: usize = 200;
/// Mean length of phases that a clock needs where drops are regular.
pub const STEADY: f64 = 0.9;
/// A statement is made below this chance, after the correction.
pub const LEVEL: f64 = 0.05;

/// What the three tests found. A test that could not be made is `None`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recurrence {
    /// Drops looked at: at most the newest 200.
    pub drops: usize,
    /// Times between drops.
    pub intervals: Option<DropIntervals>,
    /// The best clock.
    pub clock: Option<DropClock>,
    /// The hours that most keep to.
    pub hours: Option<BusyHours>,
    /// The tests made, each with its chance after the correction.
    pub tests: Vec<(RecurrenceTest, f64)>,
}

/// A test, and what it says when its chance is small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecurrenceTest {
    /// The times between drops are more even than random ones.
    Regular,
    /// They are more uneven.
    Clustered,
    /// Drops keep to the beats of a clock.
    Clock,
    /// Drops keep to hours of the day.
    TimeOfDay,
}

impl Recurrence {
    /// Of drops sorted by onset.
    pub(super) fn test(
        strikes: &[Strike],
        axis: &UpTimeAxis,
        watched: &[TimeRange],
        zone: &TimeZone,
    ) -> Self {
        let strikes = &strikes[strikes.len().saturating_sub(MOST)..];
        let drops = strikes.len();
        if drops < LEAST {
            return Self { drops, ..Self::default() };
        }
        let rng = &mut chance::generator(strikes);
        let intervals = DropIntervals::measure(strikes, axis, rng);
        let clustered = intervals.is_none_or(|i| i.dispersion.p_clustered <= LEVEL);
        let clock = if drops < LEAST_CLOCK || clustered {
            None
        } else {
            DropClock::find(strikes, axis, rng)
        };
        let hours = BusyHours::find(strikes, watched, zone, rng);
        let sides = intervals.filter(DropIntervals::were_watched).map(|i| {
            let side = if i.dispersion.p_regular <= i.dispersion.p_clustered {
                RecurrenceTest::Regular
            } else {
                RecurrenceTest::Clustered
            };
            (side, (2.0 * i.dispersion.p_regular.min(i.dispersion.p_clustered)).min(1.0))
        });
        let tests = [
            sides,
            clock.map(|c| (RecurrenceTest::Clock, c.p)),
            hours.map(|h| (RecurrenceTest::TimeOfDay, h.p)),
        ];
        let tests = holm(tests.into_iter().flatten().collect());
        Self { drops, intervals, clock, hours, tests }
    }

    /// What was found, with its chance, the least first. Regular drops pass for a clock for some
    /// beats, for even a clock that drifts is no Poisson process: there a clock needs stronger evidence.
    /// Where a clock tells another interval than the time watched does, the clock is what is said: one
    /// story, told once.
    pub fn found(&self) -> impl Iterator<Item = (RecurrenceTest, f64)> + '_ {
        let low = |&(_, p): &(RecurrenceTest, f64)| p <= LEVEL;
        let regular =
            self.tests.iter().filter(|t| low(t)).any(|(test, _)| *test == RecurrenceTest::Regular);
        let drifts = regular && self.clock.is_some_and(|c| c.resultant < STEADY);
        let by_clock = !drifts
            && self.tests.iter().filter(|t| low(t)).any(|(t, _)| *t == RecurrenceTest::Clock);
        let contradicted = by_clock && !self.intervals_agree_with_clock();
        self.tests.iter().copied().filter(low).filter(move |(test, _)| match test {
            RecurrenceTest::Clock => !drifts,
            RecurrenceTest::Regular => !contradicted,
            RecurrenceTest::Clustered | RecurrenceTest::TimeOfDay => true,
        })
    }

    fn intervals_agree_with_clock(&self) -> bool {
        let Some((intervals, clock)) = self.intervals.zip(self.clock) else { return true };
        10 * intervals.median.abs_diff(clock.period) <= clock.period
    }
}

/// Each p times the number of tests that remain, smallest first; never less than
/// the one before.
fn holm(mut tests: Vec<(RecurrenceTest, f64)>) -> Vec<(RecurrenceTest, f64)> {
    tests.order_by(|a, b| a.1.total_cmp(&b.1));
    let count = tests.len();
    let mut before = 0.0_f64;
    for (i, (_, p)) in tests.iter_mut().enumerate() {
        before = before.max((*p * real(count - i)).min(1.0));
        *p = before;
    }
    tests
}
