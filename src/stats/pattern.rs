//! Patterns in drops: from onsets, ends and watched time to what can be said about *when* they
//! come. Each statement comes with its count and its p-value.
//!
//! Every p-value is that of Poisson drops in the time watched (see [`recurrence`]); none of it
//! names a cause. Blips and drops are not to be mixed. Pure: the random numbers are seeded from the drops.

use jiff::tz::TimeZone;

use crate::time::TimeRange;

mod axis;
mod chance;
mod clock;
mod daily;
mod dispersion;
mod episode;
pub mod recurrence;
mod strike;
mod table;
mod time_of_day;
mod trend;

#[cfg(test)]
mod tests;

pub use clock::DropClock;
pub use daily::DailyDrops;
pub use dispersion::{Dispersion, DropIntervals};
pub use episode::Episode;
pub use recurrence::{Recurrence, RecurrenceTest};
pub use strike::Strike;
pub use table::{RateCell, RateTables};
pub use time_of_day::BusyHours;
pub use trend::{DropRate, RateChange, Trend};

use axis::UpTimeAxis;

/// When drops come.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    /// Drops that began in the period: the n of everything that does not have its own.
    pub drops: usize,
    /// Whether and how they recur.
    pub recurrence: Recurrence,
    /// Whether they come once a day at the same time.
    pub daily: Option<DailyDrops>,
    /// Periods in which the link flapped, by onset.
    pub episodes: Vec<Episode>,
    /// Counts and exposure by local hour.
    pub tables: RateTables,
    /// How often, and since when.
    pub trend: Trend,
}

impl Pattern {
    /// The pattern of the drops that began in `period`, which ends now if it is not over. `watched`
    /// are sorted spans that do not overlap, within the period; `zone` is that of local hours.
    /// Drops that began before the period only remove their time.
    pub fn find(
        strikes: &[Strike],
        watched: &[TimeRange],
        period: TimeRange,
        zone: &TimeZone,
    ) -> Self {
        let mut strikes = strikes.to_vec();
        strikes.sort_by_key(|s| s.onset);
        let axis = UpTimeAxis::new(&strikes, watched, period);
        strikes.retain(|s| period.contains(s.onset));
        Self {
            drops: strikes.len(),
            recurrence: Recurrence::test(&strikes, &axis, watched, zone),
            daily: DailyDrops::find(&strikes, watched, zone),
            episodes: episode::find(&strikes, &axis),
            tables: RateTables::count(&strikes, watched, zone),
            trend: Trend::find(&strikes, &axis, period),
        }
    }
}
