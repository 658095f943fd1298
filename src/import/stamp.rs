//! The instants of the times before lines: local ones by the zone, those that the clock shows twice
//! by the order of lines. What had to be assumed is kept, to be said aloud.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

use super::error::Error;
use super::lines::{RecordLines, plausible, shown};
use super::options::{ImportOptions, LocalZone};
use super::prefix::{ClockTime, WrittenDate, WrittenTime, known_zone, prefix};
use crate::time::Timestamp;

/// The time before a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) at: Timestamp,
    /// The truth is earlier than this after it.
    pub(super) width: Duration,
}

impl Stamp {
    /// Whether it shows no more than the second.
    pub(super) fn is_coarse(self) -> bool {
        self.width >= Duration::from_secs(1)
    }

    /// When what came back at this time, after `rtt`, was sent. A stamp of whole seconds stands for
    /// all of the second: where the delay is shorter, it is the best that is known.
    pub(super) fn before(self, rtt: Duration) -> Timestamp {
        if self.is_coarse() && rtt < self.width { self.at } else { self.at - rtt }
    }
}

/// Which number of `03/10/2026` is the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TypedDateOrder {
    DayFirst,
    MonthFirst,
}

/// Which of the two times that the clock shows twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    First,
    Second,
}

/// Reads the times before the lines of one file, one after another.
pub(super) struct Stamps<'a> {
    options: &'a ImportOptions,
    order: Option<TypedDateOrder>,
    /// The local time that was read last, and its instant.
    last: Option<DateTime>,
    /// While the clock shows times that it shows twice.
    pass: Option<Pass>,
    /// What was assumed, to be said aloud.
    pub(super) assumed: BTreeSet<String>,
    /// Whether the zone is among it.
    is_zone_said: bool,
}

/// Why a line has no time that can be used.
#[derive(Debug)]
pub(super) enum StampError {
    /// This line's is no time.
    Line(String),
    /// The file cannot be read as it is.
    File(Error),
}

impl From<Error> for StampError {
    fn from(error: Error) -> Self {
        Self::File(error)
    }
}

impl<'a> Stamps<'a> {
    pub(super) fn new(options: &'a ImportOptions) -> Self {
        Self {
            options,
            order: None,
            last: None,
            pass: None,
            assumed: BTreeSet::new(),
            is_zone_said: false,
        }
    }

    /// The time before the line that `lines` gave last, if it has one, and the rest of the line.
    pub(super) fn split<'t>(
        &mut self,
        text: &'t str,
        lines: &mut RecordLines<'_>,
    ) -> Result<(Option<Stamp>, &'t str), StampError> {
        if let Some(format) = self.pattern() {
            return match by_pattern(format, text) {
                Some((written, width, rest)) => {
                    Ok((Some(self.instant(&written, width, lines)?), rest))
                }
                None => Ok((None, text)),
            };
        }
        let Some((written, width, rest)) = prefix(text) else { return Ok((None, text)) };
        // `ping -D | ts`: what ping says itself is nearer to the truth.
        if rest.starts_with('[')
            && let Some((own @ WrittenTime::Unix(_), width, rest)) = prefix(rest)
        {
            return Ok((Some(self.instant(&own, width, lines)?), rest));
        }
        Ok((Some(self.instant(&written, width, lines)?), rest))
    }

    /// The time that a field of a table is.
    pub(super) fn field(
        &mut self,
        text: &str,
        lines: &mut RecordLines<'_>,
    ) -> Result<Stamp, StampError> {
        let wrong = || StampError::Line(format!("{} is not a time", shown(text)));
        match self.split(text, lines)? {
            (Some(stamp), rest) if rest.trim().is_empty() => Ok(stamp),
            _ => Err(wrong()),
        }
    }

    fn pattern(&self) -> Option<&'a str> {
        self.options.time_format.as_deref().filter(|format| format.contains('%'))
    }

    fn instant(
        &mut self,
        written: &WrittenTime,
        width: Duration,
        lines: &mut RecordLines<'_>,
    ) -> Result<Stamp, StampError> {
        let clock = match written {
            WrittenTime::Unix(at) => return Ok(Stamp { at: *at, width }),
            WrittenTime::Clock(clock) => clock,
        };
        let date = self.date(clock, lines)?;
        let local = date.to_datetime(clock.time);
        let at = match (clock.offset_s, &clock.zone) {
            (Some(seconds), _) => at_offset(local, seconds),
            (None, Some(zone)) => self.in_named_zone(local, zone, lines)?,
            (None, None) => self.in_zone(local, lines)?,
        };
        self.last = Some(local);
        let not_one = || StampError::Line(format!("{local} is not a time of a record"));
        let at = at.filter(|at| plausible(*at)).ok_or_else(not_one)?;
        Ok(Stamp { at, width })
    }

    fn date(&mut self, clock: &ClockTime, lines: &mut RecordLines<'_>) -> Result<Date, StampError> {
        let no_date = |what: String| StampError::Line(format!("{what} is not a date"));
        match clock.date {
            WrittenDate::Full { year, month, day } => {
                Date::new(year, month, day).map_err(|_| no_date(format!("{year}-{month}-{day}")))
            }
            WrittenDate::Either { first, second, year, .. } if first == second => {
                Date::new(year, first, second).map_err(|_| no_date(format!("{first}/{second}")))
            }
            WrittenDate::Either { first, second, year, weekday } => {
                let order = match self.order {
                    Some(order) => order,
                    None => Self::order_of(first, second, year, weekday, lines)?,
                };
                self.order = Some(order);
                let (day, month) = match order {
                    TypedDateOrder::DayFirst => (first, second),
                    TypedDateOrder::MonthFirst => (second, first),
                };
                Date::new(year, month, day).map_err(|_| no_date(format!("{first}/{second}/{year}")))
            }
            WrittenDate::WithoutYear { month, day } => self.with_year(month, day, lines),
            WrittenDate::None => self.with_day(clock.time, lines),
        }
    }

    /// Which number is the day: what this line shows, or the first of the others that shows it.
    fn order_of(
        first: i8,
        second: i8,
        year: i16,
        weekday: Option<i8>,
        lines: &mut RecordLines<'_>,
    ) -> Result<TypedDateOrder, StampError> {
        let mut shown = order_shown(first, second, year, weekday);
        let mut n = 0;
        while shown.is_none() && n < MOST_AHEAD {
            let Some(line) = lines.peek(n)? else { break };
            if let Some((WrittenTime::Clock(clock), ..)) = prefix(line)
                && let WrittenDate::Either { first, second, year, weekday } = clock.date
            {
                shown = order_shown(first, second, year, weekday);
            }
            n += 1;
        }
        shown.ok_or_else(|| {
            refused(
                lines,
                format!(
                    "has dates like {first}/{second}/{year}, and no line shows which number is the \
                     day"
                ),
                "say which: --time-format '%d/%m/%Y %H:%M:%S' or --time-format '%m/%d/%Y %H:%M:%S' \
                 (with AM and PM: '%I:%M:%S %p')",
            )
        })
    }

    /// The date in the year of the line before, or of the first line.
    fn with_year(
        &mut self,
        month: i8,
        day: i8,
        lines: &RecordLines<'_>,
    ) -> Result<Date, StampError> {
        let wrong = |_| StampError::Line(format!("month {month} has no day {day}"));
        if let Some(last) = self.last {
            let ahead = i16::from(month) - i16::from(last.month());
            let year = last.year() + i16::from(ahead < -6) - i16::from(ahead > 6);
            return Date::new(year, month, day).map_err(wrong);
        }
        if let Some(date) = self.options.date {
            return Date::new(date.year(), month, day).map_err(wrong);
        }
        let now = jiff::Timestamp::from_microsecond(self.options.now.as_micros());
        let today = now.map(|now| now.to_zoned_datetime(self.zone().clone()).date());
        let today = today.map_err(|_| StampError::Line("the present is no date".to_owned()))?;
        // 29 February may be eight years back.
        let year = (today.year() - 8..=today.year()).rev().find(|year| {
            Date::new(*year, month, day)
                .is_ok_and(|date| date <= today.saturating_add(jiff::Span::new().days(1)))
        });
        let year =
            year.ok_or_else(|| StampError::Line(format!("month {month} has no day {day}")))?;
        self.assumed.insert(format!(
            "{}: its times have no year; {year} was taken for the first (--date names the day of \
             the first line)",
            lines.file
        ));
        Date::new(year, month, day).map_err(wrong)
    }

    /// The day of the line before, or the one after it where the clock starts again.
    fn with_day(
        &mut self,
        time: jiff::civil::Time,
        lines: &RecordLines<'_>,
    ) -> Result<Date, StampError> {
        const HALF_A_DAY_S: i64 = 43_200;
        let Some(last) = self.last else {
            return self.options.date.ok_or_else(|| {
                refused(
                    lines,
                    "has times of day and no dates".to_owned(),
                    "name the day of its first line: --date 2026-03-10",
                )
            });
        };
        let of_day = |time: jiff::civil::Time| {
            i64::from(time.hour()) * 3_600
                + i64::from(time.minute()) * 60
                + i64::from(time.second())
        };
        let ahead = of_day(time) - of_day(last.time());
        let date = if ahead < -HALF_A_DAY_S {
            last.date().tomorrow()
        } else if ahead > HALF_A_DAY_S {
            last.date().yesterday()
        } else {
            Ok(last.date())
        };
        date.map_err(|_| StampError::Line("the calendar ends".to_owned()))
    }

    fn zone(&self) -> &'a TimeZone {
        self.options.zone.zone()
    }

    fn in_zone(
        &mut self,
        local: DateTime,
        lines: &mut RecordLines<'_>,
    ) -> Result<Option<Timestamp>, StampError> {
        if !self.is_zone_said {
            self.is_zone_said = true;
            let name = self.options.zone.name();
            let how = match self.options.zone {
                LocalZone::Given(_) => "",
                LocalZone::Usual(_) => " (--zone names another)",
            };
            let file = lines.file;
            let said = format!("{file}: its local times were taken as those of {name}{how}");
            self.assumed.insert(said);
        }
        let offset = match self.zone().to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => {
                self.pass = None;
                offset
            }
            AmbiguousOffset::Gap { .. } => {
                return Err(StampError::Line(format!(
                    "{} does not exist in {}: the clock was set forward",
                    local.strftime("%Y-%m-%d %H:%M:%S"),
                    self.options.zone.name()
                )));
            }
            AmbiguousOffset::Fold { before, after } => {
                let pass = self.pass_of(local, lines)?;
                self.pass = Some(pass);
                match pass {
                    Pass::First => before,
                    Pass::Second => after,
                }
            }
        };
        Ok(at_offset(local, offset.seconds()))
    }

    /// Which of the two times `local` is that the clock shows twice.
    fn pass_of(&self, local: DateTime, lines: &mut RecordLines<'_>) -> Result<Pass, StampError> {
        /// Lines of two programs may be out of order by this much.
        const DISORDER_S: i64 = 2;
        /// Lines that are nearer to each other than this follow each other.
        const NEAR_S: i64 = 600;
        let between = |from: DateTime, to: DateTime| to.duration_since(from).as_secs();
        if let (Some(pass), Some(last)) = (self.pass, self.last) {
            let is_back = between(local, last) > DISORDER_S;
            return Ok(if is_back { Pass::Second } else { pass });
        }
        let follows = self.last.is_some_and(|last| (0..NEAR_S).contains(&between(last, local)));
        let mut before = local;
        for n in 0..MOST_AHEAD {
            let Some(line) = lines.peek(n)? else { break };
            let Some(next) = self.local_of(line, before) else { continue };
            if between(next, before) > DISORDER_S {
                return Ok(Pass::First);
            }
            if !self.zone().to_ambiguous_timestamp(next).is_ambiguous() {
                if follows || between(before, next) >= NEAR_S {
                    break;
                }
                return Ok(Pass::Second);
            }
            before = next;
        }
        if follows {
            return Ok(Pass::First);
        }
        Err(refused(
            lines,
            format!(
                "has the time {}, which the clock of {} shows twice, and its lines do not show which \
                 of the two it is",
                local.strftime("%Y-%m-%d %H:%M:%S"),
                self.options.zone.name()
            ),
            "give the offset in place of the zone, as in --zone +02:00",
        ))
    }

    /// The local time of a line that comes later, where it has one.
    fn local_of(&self, line: &str, before: DateTime) -> Option<DateTime> {
        let written = match self.pattern() {
            Some(format) => by_pattern(format, line)?.0,
            None => prefix(line)?.0,
        };
        let WrittenTime::Clock(clock) = written else { return None };
        let date = match (clock.date, self.order) {
            (WrittenDate::Full { year, month, day }, _) => Date::new(year, month, day).ok()?,
            (WrittenDate::Either { first, second, year, .. }, Some(TypedDateOrder::MonthFirst)) => {
                Date::new(year, first, second).ok()?
            }
            (WrittenDate::Either { first, second, year, .. }, _) => {
                Date::new(year, second, first).ok()?
            }
            (WrittenDate::WithoutYear { month, day }, _) => {
                Date::new(before.year(), month, day).ok()?
            }
            (WrittenDate::None, _) => before.date(),
        };
        Some(date.to_datetime(clock.time))
    }

    /// By the letters of a zone: those of the zone that is used, if it has them, else as they are
    /// commonly meant.
    fn in_named_zone(
        &mut self,
        local: DateTime,
        letters: &str,
        lines: &RecordLines<'_>,
    ) -> Result<Option<Timestamp>, StampError> {
        let of_zone = |offset: Offset| {
            let at = offset.to_timestamp(local).ok()?;
            let info = self.zone().to_offset_info(at);
            (info.abbreviation() == letters && info.offset() == offset).then_some(offset)
        };
        let candidates = match self.zone().to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => [offset, offset],
            AmbiguousOffset::Gap { before, after } | AmbiguousOffset::Fold { before, after } => {
                [before, after]
            }
        };
        if let Some(offset) = candidates.into_iter().find_map(of_zone) {
            return Ok(at_offset(local, offset.seconds()));
        }
        let Some(seconds) = known_zone(letters) else {
            return Err(refused(
                lines,
                format!("has times of the zone {letters}, which several places have"),
                "name the place: --zone Europe/Berlin",
            ));
        };
        if seconds != 0 {
            let offset = Offset::from_seconds(seconds).map(|offset| offset.to_string());
            self.assumed.insert(format!(
                "{}: the zone {letters} was taken as UTC{}",
                lines.file,
                offset.unwrap_or_default()
            ));
        }
        Ok(at_offset(local, seconds))
    }
}

/// So many lines are looked at to find out what one of them means.
const MOST_AHEAD: usize = 200_000;

fn refused(lines: &RecordLines<'_>, what: String, hint: &str) -> StampError {
    StampError::File(Error::Refused { file: lines.file.to_owned(), what, hint: hint.to_owned() })
}

fn at_offset(local: DateTime, seconds: i32) -> Option<Timestamp> {
    let at = Offset::from_seconds(seconds).ok()?.to_timestamp(local).ok()?;
    Some(Timestamp::from_micros(at.as_microsecond()))
}

fn order_shown(first: i8, second: i8, year: i16, weekday: Option<i8>) -> Option<TypedDateOrder> {
    if first > 12 {
        return Some(TypedDateOrder::DayFirst);
    }
    if second > 12 {
        return Some(TypedDateOrder::MonthFirst);
    }
    let is_of = |month: i8, day: i8| {
        let date = Date::new(year, month, day).ok();
        date.is_some_and(|date| Some(date.weekday().to_monday_one_offset()) == weekday)
    };
    match (is_of(second, first), is_of(first, second)) {
        (true, false) => Some(TypedDateOrder::DayFirst),
        (false, true) => Some(TypedDateOrder::MonthFirst),
        _ => None,
    }
}

/// The time before a line, in a pattern of strptime.
fn by_pattern<'t>(format: &str, text: &'t str) -> Option<(WrittenTime, Duration, &'t str)> {
    let trimmed = text.trim_start();
    let is_bracketed = trimmed.starts_with('[') && !format.starts_with('[');
    let trimmed = if is_bracketed { &trimmed[1..] } else { trimmed };
    let (read, used) = jiff::fmt::strtime::BrokenDownTime::parse_prefix(format, trimmed).ok()?;
    let rest = &trimmed[used..];
    let rest = if is_bracketed { rest.strip_prefix(']')? } else { rest };
    let rest = rest.trim_start();
    let rest = rest.strip_prefix([':', ',', ';', '|']).unwrap_or(rest).trim_start();
    let has_fraction = ["%f", "%.f", "%N"].iter().any(|part| format.contains(part))
        || format.contains("%.3f")
        || format.contains("%.6f");
    let width = if has_fraction { Duration::from_millis(1) } else { Duration::from_secs(1) };
    if format.contains("%s") {
        let at = Timestamp::from_micros(read.to_timestamp().ok()?.as_microsecond());
        return Some((WrittenTime::Unix(at), width, rest));
    }
    let date = match (read.year(), read.month(), read.day()) {
        (Some(year), Some(month), Some(day)) => WrittenDate::Full { year, month, day },
        (None, Some(month), Some(day)) => WrittenDate::WithoutYear { month, day },
        _ => WrittenDate::None,
    };
    let offset_s = read.offset().map(Offset::seconds);
    let time = ClockTime { date, time: read.to_time().ok()?, offset_s, zone: None };
    Some((WrittenTime::Clock(time), width, rest))
}
