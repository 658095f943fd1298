//! Durations and local times in words, for people.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::{TimeRange, Timestamp};

/// The two largest units that matter: `0.8 s`, `12 s`, `1 min 32 s`, `3 h 12 min`, `2 d 3 h`.
pub fn words(d: Duration) -> String {
    let s = (d.as_secs_f64()).round();
    if s < 10.0 {
        return format!("{:.1} s", d.as_secs_f64());
    }
    let s = d.as_secs() + u64::from(d.subsec_millis() >= 500);
    let two = |large: u64, name: &str, small: u64, small_name: &str| {
        if small == 0 {
            format!("{large} {name}")
        } else {
            format!("{large} {name} {small} {small_name}")
        }
    };
    match s {
        0..60 => format!("{s} s"),
        60..3_600 => two(s / 60, "min", s % 60, "s"),
        3_600..86_400 => two(s / 3_600, "h", s % 3_600 / 60, "min"),
        _ => two(s / 86_400, "d", s % 86_400 / 3_600, "h"),
    }
}

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
    use super::*;

    #[test]
    fn two_units_are_enough_and_none_is_60() {
        let cases = [
            (800, "0.8 s"),
            (9_960, "10 s"),
            (12_400, "12 s"),
            (59_700, "1 min"),
            (92_000, "1 min 32 s"),
            (3_599_600, "1 h"),
            (11_520_000, "3 h 12 min"),
            (86_400_000, "1 d"),
            (183_600_000, "2 d 3 h"),
        ];
        for (ms, text) in cases {
            assert_eq!(words(Duration::from_millis(ms)), text);
        }
    }

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
