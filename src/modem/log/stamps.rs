//! Times as modems write them.

use std::time::Duration;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

use crate::time::Timestamp;
use crate::vocabulary::{LogStamp, ModemClock};

/// Which number of `3/8/2026` is the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::modem) enum DateOrder {
    /// The second: March.
    MonthFirst,
    /// The first: August.
    DayFirst,
}

/// The years in which a modem's clock can be right.
const YEARS: std::ops::RangeInclusive<i16> = 2015..=2099;

/// When an entry was written. `None` where the text is no time; [`LogStamp::Unset`] where it says that
/// the clock had not been set, or shows a time before modems of this kind.
pub(in crate::modem) fn stamp(text: &str, order: DateOrder) -> Option<LogStamp> {
    let plain = text.trim().to_ascii_lowercase();
    if plain.is_empty()
        || plain.contains("not established")
        || plain.contains("not set")
        || plain.contains("--:--")
        || plain.chars().all(|c| matches!(c, '?' | '-' | ' ' | ':'))
    {
        return Some(LogStamp::Unset);
    }
    let written = Written::read(&plain, order)?;
    let instant = DateTime::from_parts(written.date?, written.time.unwrap_or(Time::midnight()));
    if instant.year() == 1970 {
        let since = instant.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0));
        return Some(LogStamp::AfterBoot(Duration::try_from(since).ok()?));
    }
    if !YEARS.contains(&instant.year()) {
        return Some(LogStamp::Unset);
    }
    Some(match (written.offset, written.has_seconds) {
        (Some(offset), _) => LogStamp::Absolute(absolute(instant, offset)?),
        (None, true) => LogStamp::Second(instant),
        (None, false) => LogStamp::Minute(instant),
    })
}

/// The modem's clock, of a page that shows it. `None` where it has not been set or stands at a time
/// before modems of this kind.
pub(in crate::modem) fn clock(text: &str, order: DateOrder) -> Option<ModemClock> {
    match stamp(text, order)? {
        LogStamp::Second(at) | LogStamp::Minute(at) => Some(ModemClock::Local(at)),
        LogStamp::Absolute(at) => Some(ModemClock::Absolute(at)),
        LogStamp::AfterBoot(_) | LogStamp::Unset => None,
    }
}

fn absolute(instant: DateTime, offset: Offset) -> Option<Timestamp> {
    let instant = offset.to_timestamp(instant).ok()?;
    Some(Timestamp::from_micros(instant.as_microsecond()))
}

/// What a text says of a time, part by part.
#[derive(Default)]
struct Written {
    date: Option<Date>,
    time: Option<Time>,
    has_seconds: bool,
    offset: Option<Offset>,
}

impl Written {
    fn read(text: &str, order: DateOrder) -> Option<Self> {
        let mut written = Self::default();
        let (mut day, mut month, mut year) = (None, None, None);
        let mut is_afternoon = None;
        // `2025-12-19t02:01:25-05:00`: a date, then a time with its offset.
        let text = separated(text);
        for word in
            text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty())
        {
            if let Some(number) = month_of(word) {
                set(&mut month, number)?;
            } else if is_weekday(word) {
            } else if matches!(word, "am" | "pm") {
                set(&mut is_afternoon, word == "pm")?;
            } else if matches!(word, "utc" | "gmt" | "z") {
                set(&mut written.offset, Offset::UTC)?;
            } else if let Some(offset) = offset(word) {
                set(&mut written.offset, offset)?;
            } else if let Some(date) = date(word, order) {
                set(&mut written.date, date)?;
            } else if word.contains(':') {
                let (time, has_seconds) = time(word)?;
                set(&mut written.time, time)?;
                written.has_seconds = has_seconds;
            } else {
                let number: i16 = word.trim_end_matches('.').parse().ok()?;
                if number > 31 {
                    set(&mut year, number)?;
                } else {
                    set(&mut day, i8::try_from(number).ok()?)?;
                }
            }
        }
        if let (Some(day), Some(month), Some(year)) = (day, month, year) {
            set(&mut written.date, Date::new(year, month, day).ok()?)?;
        }
        if let (Some(is_afternoon), Some(time)) = (is_afternoon, &mut written.time) {
            let hour = time.hour() % 12 + if is_afternoon { 12 } else { 0 };
            *time = time.with().hour(hour).build().ok()?;
        }
        written.date?;
        Some(written)
    }
}

/// Sets what must not be said twice.
fn set<T>(to: &mut Option<T>, value: T) -> Option<()> {
    to.replace(value).is_none().then_some(())
}

/// With a blank in place of the `t` of RFC 3339 and before its offset.
fn separated(text: &str) -> String {
    let bytes = text.as_bytes();
    let is_digit =
        |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let mut time_began = false;
    let mut separated = String::with_capacity(text.len() + 2);
    for (at, c) in text.char_indices() {
        let between = is_digit(at.checked_sub(1)) && is_digit(Some(at + 1));
        match c {
            't' if between => {
                time_began = true;
                separated.push(' ');
            }
            '+' | '-' if time_began && between => {
                separated.push(' ');
                separated.push(c);
            }
            'z' if time_began && is_digit(at.checked_sub(1)) => separated.push_str(" z"),
            _ => separated.push(c),
        }
    }
    separated
}

fn month_of(word: &str) -> Option<i8> {
    const MONTHS: [&[&str]; 12] = [
        &["jan"],
        &["feb", "fev", "fév"],
        &["mar", "mär", "mrz"],
        &["apr", "avr"],
        &["may", "mai"],
        &["jun", "juin"],
        &["jul", "juil"],
        &["aug", "aou", "aoû"],
        &["sep"],
        &["oct", "okt"],
        &["nov"],
        &["dec", "dez", "déc"],
    ];
    if !word.chars().all(|c| c.is_alphabetic() || c == '.') {
        return None;
    }
    let month = MONTHS.iter().position(|names| names.iter().any(|name| word.starts_with(name)))?;
    i8::try_from(month + 1).ok()
}

fn is_weekday(word: &str) -> bool {
    let word = word.trim_end_matches('.');
    let is_name = word.chars().all(char::is_alphabetic)
        && ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
            .iter()
            .any(|day| word.starts_with(day));
    let is_short = matches!(
        word,
        "mo" | "di"
            | "mi"
            | "do"
            | "fr"
            | "sa"
            | "so"
            | "lun"
            | "mar"
            | "mer"
            | "jeu"
            | "ven"
            | "sam"
            | "dim"
    );
    is_name || is_short || word.chars().all(|c| c == '?')
}

/// `2026-08-18`, `2026:09:26`, `15.03.2020`, `12/19/2025`, `03-08-26`.
fn date(word: &str, order: DateOrder) -> Option<Date> {
    let word = word.trim_end_matches('.');
    let mark = word.find(|c: char| !c.is_ascii_digit()).and_then(|at| word[at..].chars().next())?;
    let mut parts = word.split(mark);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let number = |text: &str| text.parse::<i16>().ok();
    let (a, b, c) = (number(first)?, number(second)?, number(third)?);
    let (year, month, day) = match mark {
        '-' | '/' | ':' | '.' if first.len() == 4 => (a, b, c),
        '.' => (century(c, third)?, b, a),
        '-' | '/' => {
            let day_first = a > 12 || (order == DateOrder::DayFirst && b <= 12);
            let (month, day) = if day_first { (b, a) } else { (a, b) };
            (century(c, third)?, month, day)
        }
        _ => return None,
    };
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn century(year: i16, digits: &str) -> Option<i16> {
    match digits.len() {
        4 => Some(year),
        2 => Some(2000 + year),
        _ => None,
    }
}

/// `0:45`, `19:6:56.0`, `02:01:25`, and whether it has seconds.
fn time(word: &str) -> Option<(Time, bool)> {
    let mut parts = word.split(':');
    let (hour, minute) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let seconds = parts.next();
    if parts.next().is_some() {
        return None;
    }
    let second = match seconds {
        None => 0,
        // Tenths are left out: clocks of modems are not that true.
        Some(seconds) => {
            let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
            if !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
                return None;
            }
            whole.parse::<i8>().ok()?.min(if whole == "60" { 59 } else { i8::MAX })
        }
    };
    Some((Time::new(hour, minute, second, 0).ok()?, seconds.is_some()))
}

/// `+01:00`, `-0500`.
fn offset(word: &str) -> Option<Offset> {
    let digits: String = word.strip_prefix(['+', '-'])?.chars().filter(|c| *c != ':').collect();
    if digits.len() != 4 {
        return None;
    }
    let (hours, minutes): (i32, i32) = (digits[..2].parse().ok()?, digits[2..].parse().ok()?);
    let seconds = hours * 3_600 + minutes * 60;
    Offset::from_seconds(if word.starts_with('-') { -seconds } else { seconds }).ok()
}
