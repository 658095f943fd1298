//! Days of a zone.

use jiff::tz::TimeZone;

use super::{TimeRange, Timestamp};

/// The day of the zone in which it lies, 23 or 25 hours long when clocks change in it; `None` at
/// the ends of time.
pub fn day_of(at: Timestamp, zone: &TimeZone) -> Option<TimeRange> {
    let local = jiff::Timestamp::from_microsecond(at.as_micros()).ok()?;
    let from = local.to_zoned_datetime(zone.clone()).start_of_day().ok()?;
    let to = from.tomorrow().ok()?.start_of_day().ok()?;
    let instant = |t: &jiff::ZonedDateTime| Timestamp::from_micros(t.timestamp().as_microsecond());
    Some(TimeRange { from: instant(&from), to: instant(&to) })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_day_on_which_clocks_change_has_23_or_25_hours() {
        let zone = TimeZone::get("America/Toronto").unwrap();
        for (noon, hours) in [
            ("2026-03-08T16:00:00Z", 23),
            ("2026-11-01T17:00:00Z", 25),
            ("2026-11-02T17:00:00Z", 24),
        ] {
            let noon: jiff::Timestamp = noon.parse().unwrap();
            let at = Timestamp::from_micros(noon.as_microsecond());
            let day = day_of(at, &zone).unwrap();
            assert!(day.contains(at));
            assert_eq!(day.length(), Duration::from_secs(hours * 3_600));
        }
    }
}
