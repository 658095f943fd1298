//! How often the record takes in changes of what may flap all day.

use std::time::Duration;

use crate::time::Timestamp;

const DAY_US: i64 = 86_400_000_000;
/// Changes of one day (UTC) that are stored as they come: of a way 0.2 MB, of a roster 0.6 MB.
const A_DAY: u32 = 1_000;
/// From one to the next of those beyond it.
const BEYOND: Duration = Duration::from_secs(60);

/// A thousand changes a day are stored at once; beyond them one a minute is, which says how things are by
/// then.
#[derive(Debug, Default)]
pub(super) struct ChangePace {
    /// Since 1970, UTC.
    day: i64,
    stored: u32,
    last: Option<Timestamp>,
}

impl ChangePace {
    /// Whether a change is to be stored now; it is then counted.
    pub(super) fn admits(&mut self, now: Timestamp) -> bool {
        let day = now.as_micros().div_euclid(DAY_US);
        if day != self.day {
            (self.day, self.stored) = (day, 0);
        }
        let age = self.last.and_then(|last| now.duration_since(last));
        let is_admitted = self.stored < A_DAY || age.is_none_or(|age| age >= BEYOND);
        if is_admitted {
            self.stored = self.stored.saturating_add(1);
            self.last = Some(now);
        }
        is_admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_changes_a_day_are_stored_and_one_a_minute_beyond_them() {
        let mut pace = ChangePace::default();
        let mut stored = |seconds: std::ops::Range<i64>| {
            seconds.filter(|s| pace.admits(Timestamp::from_seconds(*s))).count()
        };
        assert_eq!(stored(0..1_000), 1_000);
        assert_eq!(stored(1_000..4_600), 60);
        assert_eq!(stored(86_400..87_400), 1_000, "another day");
        assert_eq!(stored(100_000..100_010), 1);
    }
}
