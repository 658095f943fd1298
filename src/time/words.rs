//! Local times in words, for people.

use jiff::tz::TimeZone;

use super::{TimeRange, Timestamp};

/// Date and time in a zone, to the second: `2023-02-07 11:00:05`.
pub fn local_date_time(at: Timestamp, zone: &TimeZone) -> String {
    local(at, zone, "%Y-%m-%d %H:%M:%S")
}

/// The date in a zone: `2023-02-07`.
pub fn local_date(at: Timestamp, zone: &TimeZone) -> String {
    local(at, zone, "%Y-%m-%d")
}

/// Time of day in a zone, to the second: `11:00:05`.
pub fn local_time(at: Timestamp, zone: &TimeZone) -> String {
    local(at, zone, "%H:%M:%S")
}

/// Whether both lie on the same day of the zone.
pub fn same_day(a: Timestamp, b: Timestamp, zone: &TimeZone) -> bool {
    local_date(a, zone) == local_date(b, zone)
}

/// The day of the zone in which it lies, 23 or 25 hours long when clocks change in it; `None` at
/// the ends of time.
pub fn day_of(at: Timestamp, zone: &TimeZone) -> Option<TimeRange> {
    let local = jiff::Timestamp::from_microsecond(at.as_micros()).ok()?;
    let from = local.to_zoned_datetime(zone.clone()).start_of_day().ok()?;
    let to = from.tomorrow().ok()?.start_of_day().ok()?;
    let instant = |t: &jiff::ZonedDateTime| Timestamp::from_micros(t.timestamp().as_microsecond());
    Some(TimeRange { from: instant(&from), to: instant(&to) })
}

fn local(at: Timestamp, zone: &TimeZone, format: &str) -> String {
    jiff::Timestamp::from_microsecond(at.as_micros()).map_or_else(
        |_| at.to_string(),
        |t| t.to_zoned_datetime(zone.clone()).strftime(format).to_string(),
    )
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
