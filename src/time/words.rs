//! Durations and local times in words, for people.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::Timestamp;

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

/// Time of day in a zone, to the second: `11:00:05`.
pub fn local_time(at: Timestamp, zone: &TimeZone) -> String {
    local(at, zone, "%H:%M:%S")
}

/// Whether both lie on the same day of the zone.
pub fn same_day(a: Timestamp, b: Timestamp, zone: &TimeZone) -> bool {
    local(a, zone, "%Y-%m-%d") == local(b, zone, "%Y-%m-%d")
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
}
