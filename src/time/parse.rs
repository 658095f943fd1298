//! Times and durations as people type them: `7d`, `90m`, `14:30`, `yesterday 9:00`, `2026-02-02`,
//! RFC 3339, `drop:12`.

use std::time::Duration;

use jiff::{civil, tz::TimeZone};

use super::Timestamp;

/// A text that was typed is not a time or duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not a {wanted}")]
pub struct ParseError {
    text: String,
    wanted: &'static str,
}

const DURATION: &str = "duration (a number with ms, s, m, h, d or w: \"90m\", \"7d\")";
const INSTANT: &str = "time; write 14:30, \"yesterday 9:00\", 2026-02-02, \"2026-02-02 13:20\", \
    2026-02-02T12:20:00Z, today, yesterday, now, or 7d, 90m for so long ago";

/// A thousand years: more than enough for anybody, and sums stay in range.
const LONGEST_MS: u64 = 1_000 * 366 * 86_400_000;

/// `250ms`, `5s`, `90m`, `7d`, `2w`; whole numbers only, one unit.
///
/// # Errors
/// When it is anything else, or does not fit.
pub fn parse_duration(text: &str) -> Result<Duration, ParseError> {
    let wrong = || ParseError { text: text.to_owned(), wanted: DURATION };
    let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let number: u64 = text[..digits].parse().map_err(|_| wrong())?;
    let unit_ms: u64 = match &text[digits..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "w" => 604_800_000,
        _ => return Err(wrong()),
    };
    number
        .checked_mul(unit_ms)
        .filter(|ms| *ms <= LONGEST_MS)
        .map(Duration::from_millis)
        .ok_or_else(wrong)
}

/// The argument of `--since` and `--until`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Since {
    /// An instant.
    At(Timestamp),
    /// Around the drop with this number.
    Drop(i64),
}

impl Since {
    /// Parses what a person typed; `now` and `zone` give relative and local times their meaning.
    ///
    /// # Errors
    /// When it is not a time.
    pub fn parse(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Self, ParseError> {
        if let Some(number) = text.strip_prefix("drop:") {
            return number.parse().map(Self::Drop).map_err(|_| ParseError {
                text: text.to_owned(),
                wanted: "drop (as in \"drop:12\"; `linkmon drops` lists their numbers)",
            });
        }
        parse_instant(text, now, zone).map(Self::At)
    }
}

/// Parses an instant: a duration back from `now`, a date or date and time in `zone`, RFC 3339,
/// `now`, `today` or `yesterday` (their first instant), either with a time of day, or a time of day
/// alone: when clocks in `zone` last showed it.
///
/// # Errors
/// When it is none of these.
pub fn parse_instant(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, ParseError> {
    let wrong = || ParseError { text: text.to_owned(), wanted: INSTANT };
    let text = text.trim();
    let local = |local: civil::DateTime| {
        zone.to_timestamp(local)
            .map(|t| Timestamp::from_micros(t.as_microsecond()))
            .map_err(|_| wrong())
    };
    let first_of = |date: civil::Date| local(date.to_datetime(civil::Time::midnight()));
    let today = || {
        jiff::Timestamp::from_microsecond(now.as_micros())
            .map(|t| t.to_zoned_datetime(zone.clone()).date())
            .map_err(|_| wrong())
    };
    let yesterday = || today()?.yesterday().map_err(|_| wrong());
    match text {
        "now" => return Ok(now),
        "today" => return first_of(today()?),
        "yesterday" => return first_of(yesterday()?),
        _ => {}
    }
    if let Some(time) = time_of_day(text) {
        let at = local(today()?.to_datetime(time))?;
        return if at <= now { Ok(at) } else { local(yesterday()?.to_datetime(time)) };
    }
    if let Some((day, time)) = text.split_once([' ', 'T']) {
        let day = match day {
            "today" => today().ok(),
            "yesterday" => yesterday().ok(),
            date => date.parse().ok().filter(|_| date.len() == 10),
        };
        if let Some((day, time)) = day.zip(time_of_day(time.trim_start())) {
            return local(day.to_datetime(time));
        }
    }
    if let Ok(back) = parse_duration(text) {
        return Ok(now - back);
    }
    if let Ok(t) = text.parse::<jiff::Timestamp>() {
        return Ok(Timestamp::from_micros(t.as_microsecond()));
    }
    if text.len() == 10
        && let Ok(date) = text.parse::<civil::Date>()
    {
        return first_of(date);
    }
    local(text.parse().map_err(|_| wrong())?)
}

/// `14:30`, `9:00`, `14:30:05`.
fn time_of_day(text: &str) -> Option<civil::Time> {
    let mut parts = text.split(':');
    let mut part = |widths: std::ops::RangeInclusive<usize>| {
        let digits = parts.next()?;
        let is_number = digits.bytes().all(|b| b.is_ascii_digit());
        (is_number && widths.contains(&digits.len())).then(|| digits.parse::<i8>().ok())?
    };
    let (hour, minute) = (part(1..=2)?, part(2..=2)?);
    let second = match text.matches(':').count() {
        1 => 0,
        2 => part(2..=2)?,
        _ => return None,
    };
    civil::Time::new(hour, minute, second, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_one_number_and_one_unit() {
        assert_eq!(parse_duration("7d"), Ok(Duration::from_secs(604_800)));
        assert_eq!(parse_duration("250ms"), Ok(Duration::from_millis(250)));
        for bad in
            ["", "7", "d", "-1d", "1.5h", "7 d", "9999999999999999999s", "99999999999w", "7D", "١d"]
        {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_day_begins_where_the_zone_says() {
        let zone = TimeZone::get("Asia/Kolkata").unwrap();
        let now = Timestamp::from_seconds(1_675_785_600); // 2023-02-07T16:00Z is 21:30 there
        let at = |text| parse_instant(text, now, &zone).unwrap().to_string();
        assert_eq!(at("2023-02-07"), "2023-02-06T18:30:00.000Z");
        assert_eq!(at("today"), "2023-02-06T18:30:00.000Z");
        assert_eq!(at("yesterday"), "2023-02-05T18:30:00.000Z");
        assert_eq!(at("2023-02-07T10:00"), "2023-02-07T04:30:00.000Z");
        assert_eq!(at("2023-02-07T10:00:00Z"), "2023-02-07T10:00:00.000Z");
        assert_eq!(at("90m"), "2023-02-07T14:30:00.000Z");
        assert!(parse_instant("soon", now, &zone).is_err());
        // A time of day alone is the last one: now it is 21:30.
        assert_eq!(at("14:30"), "2023-02-07T09:00:00.000Z");
        assert_eq!(at("21:30"), "2023-02-07T16:00:00.000Z");
        assert_eq!(at("21:31"), "2023-02-06T16:01:00.000Z");
        assert_eq!(at("9:00:07"), "2023-02-07T03:30:07.000Z");
        assert_eq!(at("today 21:31"), "2023-02-07T16:01:00.000Z");
        assert_eq!(at("today 14:30"), "2023-02-07T09:00:00.000Z");
        assert_eq!(at("yesterday 9:00"), "2023-02-06T03:30:00.000Z");
        assert_eq!(at("2023-02-05 9:00"), "2023-02-05T03:30:00.000Z");
        assert_eq!(at("2023-02-05 09:00:10"), "2023-02-05T03:30:10.000Z");
        for bad in [
            "14",
            "14:3",
            "24:00",
            "14:60",
            "14:30:61",
            "14:30:00:00",
            "2 pm",
            "14h30",
            "tomorrow 9:00",
        ] {
            let error = parse_instant(bad, now, &zone).unwrap_err().to_string();
            assert!(error.contains("write 14:30, \"yesterday 9:00\""), "{bad}: {error}");
        }
        assert_eq!(Since::parse("drop:12", now, &zone), Ok(Since::Drop(12)));
        assert!(Since::parse("drop:x", now, &zone).is_err());
    }
}
