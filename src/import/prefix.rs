//! The time that is written before a line: by `ping -D`, `ts`, `date`, scripts and terminals.
//!
//! Only what is written is taken down here; `stamp` finds the instant.

use std::time::Duration;

use super::lines::plausible;
use crate::time::Timestamp;

/// A time as it is written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum WrittenTime {
    /// Since 1970.
    Unix(Timestamp),
    /// By a calendar and a clock.
    Clock(ClockTime),
}

/// A time by a calendar and a clock.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ClockTime {
    pub(super) date: WrittenDate,
    pub(super) time: jiff::civil::Time,
    /// East of UTC, seconds.
    pub(super) offset_s: Option<i32>,
    /// `CET`, where no offset says it.
    pub(super) zone: Option<String>,
}

/// A date as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WrittenDate {
    /// All of it, whose order is known.
    Full {
        /// From 1 to 9999.
        year: i16,
        /// From 1.
        month: i8,
        /// From 1.
        day: i8,
    },
    /// `03/10/2026`: the month may be either.
    Either {
        /// The number that is written first.
        first: i8,
        /// The one after it.
        second: i8,
        /// From 1 to 9999.
        year: i16,
        /// Monday is 1, where an English name of it is written before.
        weekday: Option<i8>,
    },
    /// `Mar 10`.
    WithoutYear {
        /// From 1.
        month: i8,
        /// From 1.
        day: i8,
    },
    /// A time of day alone.
    None,
}

/// The time at the start of a line, how far the truth can lie behind it, and the rest of the line.
pub(super) fn prefix(line: &str) -> Option<(WrittenTime, Duration, &str)> {
    let text = line.trim_start();
    let close = text.chars().next().and_then(|c| match c {
        '[' => Some(']'),
        '(' => Some(')'),
        '<' => Some('>'),
        '"' => Some('"'),
        _ => None,
    });
    let text = if close.is_some() { text[1..].trim_start() } else { text };
    let (time, width, rest) = unix(text).or_else(|| clock(text))?;
    let rest = match close {
        Some(close) => rest.trim_start().strip_prefix(close)?,
        None => rest,
    };
    let rest = rest.trim_start();
    let separated =
        rest.strip_prefix([':', ',', ';', '|', '>']).or_else(|| rest.strip_prefix("- "));
    Some((time, width, separated.unwrap_or(rest).trim_start()))
}

/// Seconds with a fraction or not, or whole milli-, micro- or nanoseconds, since 1970.
fn unix(text: &str) -> Option<(WrittenTime, Duration, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (whole, rest) = text.split_at(end);
    let number: i64 = whole.parse().ok()?;
    let (us, width) = match whole.len() {
        9 | 10 => (number.checked_mul(1_000_000)?, Duration::from_secs(1)),
        13 => (number.checked_mul(1_000)?, Duration::from_millis(1)),
        16 => (number, Duration::ZERO),
        19 => (number / 1_000, Duration::ZERO),
        _ => return None,
    };
    let (fraction, width, rest) = match rest.strip_prefix(['.', ',']) {
        Some(more) if whole.len() <= 10 && more.starts_with(|c: char| c.is_ascii_digit()) => {
            fraction(more)
        }
        _ => (0, width, rest),
    };
    if rest.starts_with(|c: char| c.is_alphanumeric() || c == '.') {
        return None;
    }
    let at = Timestamp::from_micros(us.checked_add(fraction)?);
    plausible(at).then_some((WrittenTime::Unix(at), width, rest))
}

/// The digits at the start of a text as a fraction of a second: microseconds, and what its last
/// digit stands for.
fn fraction(text: &str) -> (i64, Duration, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let (mut us, mut unit) = (0, 1_000_000);
    for digit in digits.bytes().take(6) {
        unit /= 10;
        us += i64::from(digit - b'0') * unit;
    }
    (us, Duration::from_micros(unit.unsigned_abs()), rest)
}

/// Names of months: how they begin in the languages of western computers.
const MONTHS: [(&str, i8); 42] = [
    ("jan", 1),
    ("gen", 1),
    ("ene", 1),
    ("sty", 1),
    ("feb", 2),
    ("fev", 2),
    ("fév", 2),
    ("lut", 2),
    ("mar", 3),
    ("mär", 3),
    ("mrz", 3),
    ("mrt", 3),
    ("apr", 4),
    ("avr", 4),
    ("abr", 4),
    ("kwi", 4),
    ("may", 5),
    ("mai", 5),
    ("mei", 5),
    ("mag", 5),
    ("maj", 5),
    ("jun", 6),
    ("juin", 6),
    ("giu", 6),
    ("jul", 7),
    ("juil", 7),
    ("lug", 7),
    ("aug", 8),
    ("aoû", 8),
    ("ago", 8),
    ("sep", 9),
    ("set", 9),
    ("oct", 10),
    ("okt", 10),
    ("out", 10),
    ("ott", 10),
    ("nov", 11),
    ("dec", 12),
    ("dez", 12),
    ("déc", 12),
    ("dic", 12),
    ("des", 12),
];

fn month(word: &str) -> Option<i8> {
    let word = word.trim_end_matches('.').to_lowercase();
    let is_long_enough = word.chars().count() >= 3;
    let known = MONTHS.iter().find(|(start, _)| word.starts_with(start));
    known.filter(|_| is_long_enough).map(|(_, month)| *month)
}

fn weekday(word: &str) -> Option<i8> {
    let word = word.to_lowercase();
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let place = days.iter().position(|day| word.starts_with(day))?;
    i8::try_from(place + 1).ok()
}

/// What has been read of a time by calendar and clock.
#[derive(Debug, Default)]
struct Parts {
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    numeric: Option<WrittenDate>,
    weekday: Option<i8>,
    words: usize,
    time: Option<(i8, i8, i8, i64)>,
    is_after_noon: Option<bool>,
    offset_s: Option<i32>,
    zone: Option<String>,
}

fn clock(text: &str) -> Option<(WrittenTime, Duration, &str)> {
    const MOST_PARTS: usize = 9;
    let (mut parts, mut rest, mut width) = (Parts::default(), text, Duration::from_secs(1));
    for _ in 0..MOST_PARTS {
        let next = rest.trim_start_matches([' ', '\t', '\u{a0}', '\u{202f}']);
        let next = next.strip_prefix(", ").unwrap_or(next);
        let Some(left) = parts.take(next, next.len() == rest.len(), &mut width) else { break };
        rest = left;
    }
    let time = parts.time()?;
    if rest.starts_with(|c: char| c.is_alphanumeric()) {
        return None;
    }
    let date = parts.date()?;
    let time = ClockTime { date, time, offset_s: parts.offset_s, zone: parts.zone };
    Some((WrittenTime::Clock(time), width, rest))
}

impl Parts {
    /// Takes the next part, of which `is_joined` says that nothing separates it from the one
    /// before; gives what follows it. `None`: the time is over.
    fn take<'a>(
        &mut self,
        text: &'a str,
        is_joined: bool,
        width: &mut Duration,
    ) -> Option<&'a str> {
        let first = text.chars().next()?;
        match first {
            '0'..='9' => self.take_number(text, width),
            '+' | '-' if self.time.is_some() && self.offset_s.is_none() => {
                let (offset, rest) = offset(text)?;
                self.offset_s = Some(offset);
                Some(rest)
            }
            'T' if is_joined && self.has_date() && self.time.is_none() => {
                let rest = &text[1..];
                rest.starts_with(|c: char| c.is_ascii_digit()).then_some(rest)
            }
            'Z' if is_joined && self.time.is_some() && self.offset_s.is_none() => {
                let rest = &text[1..];
                self.offset_s = Some(0);
                (!rest.starts_with(char::is_alphanumeric)).then_some(rest)
            }
            _ if first.is_alphabetic() => self.take_word(text),
            _ => None,
        }
    }

    fn has_date(&self) -> bool {
        self.numeric.is_some() || self.day.is_some()
    }

    fn take_number<'a>(&mut self, text: &'a str, width: &mut Duration) -> Option<&'a str> {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (digits, rest) = text.split_at(end);
        let is_digit = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
        if let Some(more) = rest.strip_prefix(':').filter(|more| is_digit(more)) {
            if self.time.is_some() || digits.len() > 2 {
                return None;
            }
            let (minute, more) = two_digits(more)?;
            let (second, more) = two_digits(more.strip_prefix(':')?)?;
            let (us, more) = match more.strip_prefix(['.', ',']).filter(|more| is_digit(more)) {
                Some(more) => {
                    let (us, last_digit, more) = fraction(more);
                    *width = last_digit;
                    (us, more)
                }
                None => (0, more),
            };
            self.time = Some((digits.parse().ok()?, minute, second, us));
            return Some(more);
        }
        if !self.has_date()
            && let Some(separator) = rest.chars().next().filter(|c| matches!(c, '-' | '/' | '.'))
            && is_digit(&rest[1..])
        {
            return self.take_date(text, separator);
        }
        if digits.len() == 4 && self.year.is_none() && self.month.is_some() {
            self.year = Some(digits.parse().ok()?);
            return Some(rest);
        }
        let is_day = digits.len() <= 2 && self.day.is_none() && self.numeric.is_none();
        let rest = rest.strip_prefix('.').unwrap_or(rest);
        let names_month = || {
            let word = rest.trim_start();
            let end = word.find(|c: char| !c.is_alphabetic()).unwrap_or(word.len());
            month(&word[..end]).is_some()
        };
        if is_day && self.time.is_none() && (self.month.is_some() || names_month()) {
            self.day = Some(digits.parse().ok()?);
            return Some(rest);
        }
        None
    }

    /// Three numbers with the same separator.
    fn take_date<'a>(&mut self, text: &'a str, separator: char) -> Option<&'a str> {
        let mut numbers = [0_i16; 3];
        let mut lengths = [0; 3];
        let mut rest = text;
        for n in 0..3 {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            numbers[n] = rest[..end].parse().ok()?;
            lengths[n] = end;
            rest = &rest[end..];
            if n < 2 {
                rest = rest.strip_prefix(separator)?;
            }
        }
        let small = |n: i16| i8::try_from(n).ok();
        let year = |n: usize| if lengths[n] == 2 { numbers[n] + 2_000 } else { numbers[n] };
        self.numeric = Some(match (lengths, separator) {
            ([4, _, _], _) => WrittenDate::Full {
                year: numbers[0],
                month: small(numbers[1])?,
                day: small(numbers[2])?,
            },
            ([_, _, 2 | 4], '.') => WrittenDate::Full {
                year: year(2),
                month: small(numbers[1])?,
                day: small(numbers[0])?,
            },
            ([_, _, 2 | 4], _) => WrittenDate::Either {
                first: small(numbers[0])?,
                second: small(numbers[1])?,
                year: year(2),
                weekday: self.weekday,
            },
            _ => return None,
        });
        Some(rest)
    }

    fn take_word<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        const LONGEST: usize = 24;
        let is_part = |c: char| c.is_alphabetic() || c == '.';
        let end = text.find(|c: char| !is_part(c)).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        if word.len() > LONGEST {
            return None;
        }
        if self.time.is_some() {
            return self.take_word_after_time(word, rest);
        }
        self.words += 1;
        // "mar. 10 mars 2026": before another name of a month it is a Tuesday.
        let before_time = rest.split(':').next().unwrap_or_default();
        let is_followed =
            || before_time.split(|c: char| !c.is_alphabetic()).any(|word| month(word).is_some());
        let may_be_month = self.month.is_none() && self.numeric.is_none();
        if may_be_month
            && !(self.words == 1 && is_followed())
            && let Some(month) = month(word)
        {
            self.month = Some(month);
            return Some(rest);
        }
        if self.words > 1 || self.has_date() {
            return None;
        }
        self.weekday = weekday(word);
        Some(rest)
    }

    fn take_word_after_time<'a>(&mut self, word: &str, rest: &'a str) -> Option<&'a str> {
        let half = word.to_lowercase().replace('.', "");
        if self.is_after_noon.is_none() && matches!(half.as_str(), "am" | "pm") {
            self.is_after_noon = Some(half == "pm");
            return Some(rest);
        }
        let is_short =
            (1..=5).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_uppercase());
        let year = rest.trim_start();
        let is_before_year = self.month.is_some()
            && self.year.is_none()
            && year.len() >= 4
            && year.bytes().take(4).all(|b| b.is_ascii_digit())
            && !year[4..].starts_with(|c: char| c.is_ascii_digit());
        let is_zone = is_short && (is_before_year || known_zone(word).is_some());
        if !is_zone || self.zone.is_some() || self.offset_s.is_some() {
            return None;
        }
        self.zone = Some(word.to_owned());
        Some(rest)
    }

    fn time(&self) -> Option<jiff::civil::Time> {
        let (hour, minute, second, us) = self.time?;
        let hour = match self.is_after_noon {
            None => hour,
            Some(_) if !(1..=12).contains(&hour) => return None,
            Some(is_after_noon) => hour % 12 + if is_after_noon { 12 } else { 0 },
        };
        let nanos = i32::try_from(us * 1_000).ok()?;
        // A leap second is the last of its minute.
        jiff::civil::Time::new(hour, minute, second.min(59), nanos).ok()
    }

    /// `None`: a part of a date that is none.
    fn date(&self) -> Option<WrittenDate> {
        match (self.numeric, self.year, self.month, self.day) {
            (Some(date), ..) => Some(date),
            (None, Some(year), Some(month), Some(day)) => {
                Some(WrittenDate::Full { year, month, day })
            }
            (None, None, Some(month), Some(day)) => Some(WrittenDate::WithoutYear { month, day }),
            (None, None, None, None) => Some(WrittenDate::None),
            _ => None,
        }
    }
}

/// The offset of the letters of a zone that are used in one part of the world alone, or nearly.
pub(super) fn known_zone(letters: &str) -> Option<i32> {
    let hours = match letters {
        "UTC" | "GMT" | "WET" => 0,
        "CET" | "MEZ" | "WEST" | "BST" => 1,
        "CEST" | "MESZ" | "EET" => 2,
        "EEST" | "MSK" => 3,
        "JST" | "KST" => 9,
        "AEST" => 10,
        "AEDT" => 11,
        "NZST" => 12,
        "NZDT" => 13,
        "EDT" => -4,
        "EST" | "CDT" => -5,
        "MDT" => -6,
        "MST" | "PDT" => -7,
        "PST" | "AKDT" => -8,
        "AKST" => -9,
        "HST" => -10,
        _ => return None,
    };
    Some(hours * 3_600)
}

fn two_digits(text: &str) -> Option<(i8, &str)> {
    let digits = text.get(..2).filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
    Some((digits.parse().ok()?, &text[2..]))
}

/// `+01:00`, `+0100`, `+01`: seconds east of UTC.
pub(super) fn offset(text: &str) -> Option<(i32, &str)> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, rest) = two_digits(text.strip_prefix(['+', '-'])?)?;
    let minutes = two_digits(rest.strip_prefix(':').unwrap_or(rest));
    let (minutes, rest) = minutes.unwrap_or((0, rest));
    if rest.starts_with(|c: char| c.is_ascii_digit()) || hours > 14 || minutes > 59 {
        return None;
    }
    Some((sign * (i32::from(hours) * 3_600 + i32::from(minutes) * 60), rest))
}
