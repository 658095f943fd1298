//! Figures in marks that a stranger understands: lengths, shares, local times.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::tz::{AmbiguousOffset, TimeZone};

use crate::text::columns;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{Bounds, Kind, Lengths, Target};

pub mod impairment;

/// `1 drop`, `27 drops`.
pub fn count(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", number(n as u64), if n == 1 { one } else { many })
}

/// With a comma between thousands: `604,800`.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A length in its two largest units, rounded: `0.8 s`, `12 s`, `12 min 5 s`, `26 h 58 min`; days
/// from 48 h on: `2 d 3 h`. A unit of which there is nothing is left out: `2 min`.
pub fn length(d: Duration) -> String {
    if d.is_zero() {
        return "0 s".to_owned();
    }
    if d < Duration::from_millis(9_950) {
        let text = format!("{:.1}", d.as_secs_f64());
        return format!("{} s", text.trim_end_matches(".0"));
    }
    let s = whole_seconds(d);
    let step = smaller_unit(s);
    units((s + step / 2) / step * step)
}

/// From here on lengths are written in days, in seconds. Outages of a day and a half are known by
/// their hours.
const DAYS: u64 = 48 * 3_600;

/// The smaller of the two units in which [`length`] writes `s` seconds, in seconds.
fn smaller_unit(s: u64) -> u64 {
    match s {
        0..3_600 => 1,
        3_600..DAYS => 60,
        DAYS.. => 3_600,
    }
}

/// Seconds in every unit of which there are some: `24 h 1 min 20 s`.
fn units(s: u64) -> String {
    let days = if s < DAYS { 0 } else { s / 86_400 };
    let parts = [(days, "d"), (s / 3_600 - days * 24, "h"), (s / 60 % 60, "min"), (s % 60, "s")];
    let parts = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n} {unit}"));
    parts.collect::<Vec<_>>().join(" ")
}

/// Rounded to seconds.
pub(crate) fn whole_seconds(d: Duration) -> u64 {
    d.as_secs() + u64::from(d.subsec_millis() >= 500)
}

/// As [`length`], without seconds from ten minutes on.
pub fn about(d: Duration) -> String {
    if d < Duration::from_secs(600) {
        return length(d);
    }
    length(Duration::from_secs((d.as_secs() + 30) / 60 * 60))
}

/// The bounds of a length, joined by `to`: `85.6 to 86.3 s`; from ten minutes on each in its two
/// largest units: `10 min 2 s to 10 min 5 s`. Where these are too coarse to show the distance of
/// the bounds: the length to the second, and how far the truth may be from it, `24 h +-0.4 s`.
pub fn bounds(lengths: Lengths, to: &str) -> String {
    let Lengths { min, max } = lengths;
    if max < Duration::from_secs(600) {
        return format!("{:.1} {to} {:.1} s", min.as_secs_f64(), max.as_secs_f64());
    }
    if max.saturating_sub(min).as_secs() >= smaller_unit(max.as_secs()) {
        return format!("{} {to} {}", length(min), length(max));
    }
    let middle = whole_seconds(lengths.midpoint());
    let written = Duration::from_secs(middle);
    let off = max.abs_diff(written).max(written.abs_diff(min)).max(Duration::from_millis(100));
    format!("{} +-{}", units(middle), length(off))
}

/// How far an instant may be from the middle of its bounds; nothing is known better than to 0.1 s.
pub fn half_width(bounds: Bounds) -> Duration {
    let half = bounds.latest.duration_since(bounds.earliest).unwrap_or_default() / 2;
    half.max(Duration::from_millis(100))
}

/// The end of a drop as it is shown, and how far the truth may be from it: the middle of its bounds.
/// Where these are so far apart that no single figure stands for the length, it ended at an unknown
/// time: shown is the earliest, behind a mark.
pub fn shown_end(end: Bounds, length: Lengths) -> ShownEnd {
    if length.is_vague() {
        ShownEnd { mark: ">= ", at: end.earliest, half_width: Duration::ZERO }
    } else {
        ShownEnd { mark: "", at: end.midpoint(), half_width: half_width(end) }
    }
}

/// An end as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShownEnd {
    /// Before the time: nothing, or that it is the earliest.
    pub mark: &'static str,
    /// The time.
    pub at: Timestamp,
    /// How far the truth may be from it, to either side; zero where that has no middle.
    pub half_width: Duration,
}

/// A share as percent, with as many decimals as it takes not to call 99.9996 % all, nor 0.0004 %
/// nothing: `97.25 %`.
pub fn percent(ratio: f64) -> String {
    let mut text = format!("{:.2}", ratio * 100.0);
    for decimals in 3..=6 {
        let misleading = (text.trim_end_matches('0') == "100." && ratio < 1.0)
            || (text.trim_start_matches('0').trim_end_matches('0') == "." && ratio > 0.0);
        if !misleading {
            break;
        }
        text = format!("{:.decimals$}", ratio * 100.0);
    }
    let whole = text.trim_end_matches('0').trim_end_matches('.');
    if whole == "100" || whole == "0" {
        return format!("{whole} %");
    }
    format!("{text} %")
}

/// Microseconds as milliseconds with three figures: `0.61`, `12.4`, `131`.
pub fn ms(us: u32) -> String {
    let ms = f64::from(us) / 1_000.0;
    match us {
        0..9_995 => format!("{ms:.2}"),
        9_995..99_950 => format!("{ms:.1}"),
        _ => format!("{ms:.0}"),
    }
}

/// Whether a character has no place in a line: a control character, a mark that turns the direction of
/// what is next to it and could make our own words read as others, the end of a line or a paragraph, or
/// one that is not seen at all and can hide a text in a name.
pub(crate) fn is_unprintable(c: char) -> bool {
    let turns = matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    let is_unseen = matches!(
        c,
        '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
    );
    c.is_control() || turns || is_unseen || matches!(c, '\u{2028}' | '\u{2029}')
}

/// A local time by a `strftime` pattern.
pub fn local(at: Timestamp, zone: &TimeZone, pattern: &str) -> String {
    jiff::Timestamp::from_microsecond(at.as_micros()).map_or_else(
        |_| at.to_string(),
        |t| t.to_zoned_datetime(zone.clone()).strftime(pattern).to_string(),
    )
}

/// Added before a time is cut to the second: it is then the one that is shown with tenths elsewhere.
const HALF_A_TENTH: i64 = 50_000;

/// The instant whose second is shown for `at`.
pub(crate) fn to_tenths(at: Timestamp) -> Timestamp {
    at.plus_micros(HALF_A_TENTH)
}

/// `2026-11-16 13:20:05`, for lines of the log and of the terminal.
pub fn date_time(at: Timestamp, zone: &TimeZone) -> String {
    local(at.plus_micros(HALF_A_TENTH), zone, "%F %T")
}

/// `2026-11-16`.
pub fn date(at: Timestamp, zone: &TimeZone) -> String {
    local(at, zone, "%F")
}

/// `13:20:05`.
pub fn time_of_day(at: Timestamp, zone: &TimeZone) -> String {
    local(at.plus_micros(HALF_A_TENTH), zone, "%T")
}

/// Whether both are shown on the same day of the zone.
pub fn same_day(a: Timestamp, b: Timestamp, zone: &TimeZone) -> bool {
    let [a, b] = [a, b].map(|at| date(at.plus_micros(HALF_A_TENTH), zone));
    a == b
}

/// `Mon 2026-11-16 13:20`; with its offset where the clock shows that time twice.
pub fn local_minute(at: Timestamp, zone: &TimeZone) -> String {
    local(at, zone, "%a %Y-%m-%d %H:%M") + &offset_where_repeated(at, zone)
}

/// ` -04:00` in an hour that clocks repeat, where a time of day alone names two instants; else
/// nothing.
pub(crate) fn offset_where_repeated(at: Timestamp, zone: &TimeZone) -> String {
    let Ok(instant) = jiff::Timestamp::from_microsecond(at.as_micros()) else {
        return String::new();
    };
    let civil = zone.to_datetime(instant);
    match zone.to_ambiguous_timestamp(civil).offset() {
        AmbiguousOffset::Fold { .. } => format!(" {}", offset(at, zone)),
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Gap { .. } => String::new(),
    }
}

/// `2026-11-16 13:20:05 -05:00`, rounded to the second.
pub fn local_second(at: Timestamp, zone: &TimeZone) -> String {
    local(at.plus_micros(500_000), zone, "%Y-%m-%d %H:%M:%S %:z")
}

/// `2026-11-16 13:20:05.3`, rounded to a tenth of a second.
pub fn local_tenth(at: Timestamp, zone: &TimeZone) -> String {
    local(at.plus_micros(HALF_A_TENTH), zone, "%Y-%m-%d %H:%M:%S%.1f")
}

/// An end as it is written next to its start: the time of day to a tenth of a second, and by
/// `with_date` before it where the day is another: `13:20:05.3`, `11-17 00:00:02.1`.
pub fn local_end(began: Timestamp, end: Timestamp, zone: &TimeZone, with_date: &str) -> String {
    let day = |at: Timestamp| local(at.plus_micros(HALF_A_TENTH), zone, "%F");
    let date = if day(began) == day(end) { "" } else { with_date };
    local(end.plus_micros(HALF_A_TENTH), zone, &format!("{date}%H:%M:%S%.1f"))
}

/// The time of day in UTC to a tenth of a second, after the date where that is another in `zone`:
/// `13:20:05.3`, `11-17 00:00:02.1`.
pub fn utc_tenth(at: Timestamp, zone: &TimeZone) -> String {
    let rounded = at.plus_micros(HALF_A_TENTH);
    let day = if date(rounded, zone) == date(rounded, &TimeZone::UTC) { "" } else { "%m-%d " };
    local(rounded, &TimeZone::UTC, &format!("{day}%H:%M:%S%.1f"))
}

/// The offset from UTC that holds at `at`: `-05:00`.
pub fn offset(at: Timestamp, zone: &TimeZone) -> String {
    local(at, zone, "%:z")
}

/// The zone's name and its offsets in the period: `America/Toronto (UTC-05:00)`.
pub fn zone(period: TimeRange, zone: &TimeZone) -> String {
    zone_in(period, zone, ["local time", "later"])
}

/// As [`zone`], with the words for a zone without a name and for the second offset.
pub(crate) fn zone_in(
    period: TimeRange,
    zone: &TimeZone,
    [local_time, later]: [&str; 2],
) -> String {
    let name = zone.iana_name().unwrap_or(local_time);
    if name == "UTC" {
        return "UTC".to_owned();
    }
    let first = offset(period.from, zone);
    let mut text = format!("{name} (UTC{first}");
    // A year ends with the offset that it began with, and half of it had another.
    let mut written = vec![first];
    for offset in offsets_after(period, zone) {
        if !written.contains(&offset) {
            let _ = write!(text, ", {later} UTC{offset}");
            written.push(offset);
        }
    }
    text + ")"
}

/// The offsets that start within a period, in order.
fn offsets_after(period: TimeRange, zone: &TimeZone) -> impl Iterator<Item = String> {
    let start = jiff::Timestamp::from_microsecond(period.from.as_micros()).ok();
    let changes = start.into_iter().flat_map(|start| zone.following(start));
    let at = changes.map(|change| Timestamp::from_micros(change.timestamp().as_microsecond()));
    at.take_while(move |at| *at < period.to).map(|at| offset(at, zone))
}

/// From and to in local time.
pub fn span(period: TimeRange, zone: &TimeZone) -> String {
    format!("{} to {}", local_minute(period.from, zone), local_minute(period.to, zone))
}

/// An address, with its kind where the address does not show it.
pub fn address(target: &Target) -> String {
    match target.kind {
        Kind::Icmp | Kind::Http => target.endpoint.to_string(),
        kind @ (Kind::Dns | Kind::Tcp) => format!("{kind} {}", target.endpoint),
    }
}

/// A kind of probe in words.
pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Icmp => "ICMP echo",
        Kind::Http => "HTTP",
        Kind::Dns => "DNS",
        Kind::Tcp => "TCP connect",
    }
}

/// `a`, `a and b`, `a, b and c`.
pub fn join(words: &[&str], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [head @ .., tail] => format!("{} {last} {tail}", head.join(", ")),
    }
}

/// Rows of cells as lines, each column as wide as its widest cell and set to the right where
/// `right` says so, two blanks apart, none at the end.
pub fn columns<const N: usize>(rows: &[[String; N]], right: [bool; N], indent: &str) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = columns::width(cell).max(*width);
        }
    }
    let mut out = String::new();
    for row in rows {
        let mut line = indent.to_owned();
        for ((cell, width), right) in row.iter().zip(widths).zip(right) {
            let blanks = columns::blanks(cell, width);
            let (before, after) = if right { (blanks.as_str(), "") } else { ("", blanks.as_str()) };
            line.extend([before, cell, after, "  "]);
        }
        out += line.trim_end();
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_has_its_two_largest_units_and_none_of_them_is_60() {
        let text = |ms: u64| length(Duration::from_millis(ms));
        assert_eq!(text(800), "0.8 s");
        assert_eq!(text(12_400), "12 s");
        assert_eq!(text(59_700), "1 min");
        assert_eq!(text(3_599_600), "1 h");
        assert_eq!(text(11_520_000), "3 h 12 min");
        assert_eq!(text(86_380_000), "24 h");
        assert_eq!(text(97_080_000), "26 h 58 min");
        assert_eq!(text(172_760_000), "47 h 59 min");
        assert_eq!(text(172_780_000), "2 d");
        assert_eq!(text(183_600_000), "2 d 3 h");
        assert_eq!(text(4_240), "4.2 s");
        assert_eq!(text(9_960), "10 s");
        assert_eq!(text(86_300), "1 min 26 s");
        assert_eq!(text(5_000), "5 s");
        assert_eq!(text(99_600), "1 min 40 s");
        assert_eq!(text(120_000), "2 min");
        assert_eq!(text(725_000), "12 min 5 s");
        assert_eq!(text(86_400_000), "24 h");
        assert_eq!(text(277_000_000), "3 d 5 h");
        assert_eq!(text(0), "0 s");
    }

    #[track_caller]
    fn check_bounds([min, max]: [u64; 2], expected: &str) {
        let [min, max] = [min, max].map(Duration::from_millis);
        assert_eq!(bounds(Lengths { min, max }, "to"), expected);
    }

    #[test]
    fn bounds_are_from_the_least_to_the_most() {
        check_bounds([13_300, 13_960], "13.3 to 14.0 s");
        check_bounds([599_000, 601_400], "9 min 59 s to 10 min 1 s");
        check_bounds([86_340_000, 86_460_000], "23 h 59 min to 24 h 1 min");
        check_bounds([183_600_000, 187_200_000], "2 d 3 h to 2 d 4 h");
    }

    #[test]
    fn bounds_that_two_units_would_merge_keep_their_distance() {
        check_bounds([86_399_600, 86_400_400], "24 h +-0.4 s");
        check_bounds([86_399_000, 86_401_000], "24 h +-1 s");
        check_bounds([725_000, 725_600], "12 min 5 s +-0.6 s");
        // Rounding to minutes would say more than is known, and what it says would be wrong.
        check_bounds([86_479_000, 86_481_000], "24 h 1 min 20 s +-1 s");
        check_bounds([183_600_000, 183_610_000], "2 d 3 h 5 s +-5 s");
        check_bounds([172_799_000, 172_801_000], "2 d +-1 s");
        check_bounds([700_000, 700_000], "11 min 40 s +-0.1 s");
    }

    #[test]
    fn just_before_midnight_the_day_is_that_of_the_time_shown() {
        let midnight = Timestamp::from_seconds(1_800_000_000 / 86_400 * 86_400);
        let (onset, zone) = (midnight.plus_micros(-30_000), TimeZone::UTC);
        assert_eq!(time_of_day(onset, &zone), "00:00:00");
        assert!(same_day(onset, midnight.plus_micros(3_600_000_000), &zone));
        assert!(!same_day(onset, midnight.plus_micros(-3_600_000_000), &zone));
    }

    #[test]
    fn a_share_is_never_rounded_to_all_or_nothing() {
        assert_eq!(percent(0.972_51), "97.25 %");
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(percent(0.0), "0 %");
        assert_eq!(percent(0.999_996), "99.9996 %");
        assert_eq!(percent(0.000_004), "0.0004 %");
    }

    #[test]
    fn times_show_the_offset_that_held_then() {
        let zone = TimeZone::get("Asia/Kolkata").unwrap();
        let at = Timestamp::from_seconds(1_675_785_600);
        assert_eq!(local_second(at, &zone), "2023-02-07 21:30:00 +05:30");
        assert_eq!(offset(at, &zone), "+05:30");
        let toronto = TimeZone::get("America/Toronto").unwrap();
        let autumn = TimeRange {
            from: "2026-11-01T04:00:00Z".parse::<jiff::Timestamp>().map(from_jiff).unwrap(),
            to: "2026-11-02T05:00:00Z".parse::<jiff::Timestamp>().map(from_jiff).unwrap(),
        };
        assert_eq!(super::zone(autumn, &toronto), "America/Toronto (UTC-04:00, later UTC-05:00)");
    }

    #[test]
    fn a_time_that_clocks_show_twice_has_its_offset() {
        let at = |text: &str| text.parse::<jiff::Timestamp>().map(from_jiff).unwrap();
        let minute = |text: &str, zone: &str| local_minute(at(text), &TimeZone::get(zone).unwrap());
        let toronto = "America/Toronto";
        assert_eq!(minute("2026-11-01T05:30:00Z", toronto), "Sun 2026-11-01 01:30 -04:00");
        assert_eq!(minute("2026-11-01T06:30:00Z", toronto), "Sun 2026-11-01 01:30 -05:00");
        assert_eq!(minute("2026-11-01T07:00:00Z", toronto), "Sun 2026-11-01 02:00");
        // Half an hour, from 01:30 on.
        let lord_howe = "Australia/Lord_Howe";
        assert_eq!(minute("2026-04-04T14:29:00Z", lord_howe), "Sun 2026-04-05 01:29");
        assert_eq!(minute("2026-04-04T14:30:00Z", lord_howe), "Sun 2026-04-05 01:30 +11:00");
        assert_eq!(minute("2026-04-04T15:00:00Z", lord_howe), "Sun 2026-04-05 01:30 +10:30");
    }

    #[test]
    fn a_year_that_ends_with_the_offset_it_began_with_names_that_of_its_summer() {
        let range = |from: i64| TimeRange {
            from: Timestamp::from_seconds(from),
            to: Timestamp::from_seconds(from + 365 * 86_400),
        };
        // From January on, and five years of it name each offset once.
        let toronto = TimeZone::get("America/Toronto").unwrap();
        let both = "America/Toronto (UTC-05:00, later UTC-04:00)";
        assert_eq!(super::zone(range(1_767_225_600), &toronto), both);
        let years = TimeRange { to: range(1_893_456_000).to, ..range(1_767_225_600) };
        assert_eq!(super::zone(years, &toronto), both);
        let kolkata = TimeZone::get("Asia/Kolkata").unwrap();
        assert_eq!(super::zone(range(1_767_225_600), &kolkata), "Asia/Kolkata (UTC+05:30)");
    }

    fn from_jiff(t: jiff::Timestamp) -> Timestamp {
        Timestamp::from_micros(t.as_microsecond())
    }
}
