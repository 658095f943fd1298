//! Days, weeks and months of a zone's calendar, one after the other.

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use crate::text::words::word_enum;
use crate::time::{TimeRange, Timestamp};

word_enum! {
    /// A kind of period of the calendar.
    pub enum CalendarUnit: "period" {
        /// From midnight to midnight
        Day = "day",
        /// From Monday on
        Week = "week",
        /// From the first on
        Month = "month",
    }
}

/// A day, week or month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CalendarPeriod {
    unit: CalendarUnit,
    first: Date,
}

impl CalendarPeriod {
    /// That in which an instant lies in the zone; `None` at the ends of time.
    pub fn of(unit: CalendarUnit, at: Timestamp, zone: &TimeZone) -> Option<Self> {
        let date = jiff::Timestamp::from_microsecond(at.as_micros()).ok()?;
        Self::with(unit, date.to_zoned_datetime(zone.clone()).date())
    }

    /// That in which a date lies.
    fn with(unit: CalendarUnit, date: Date) -> Option<Self> {
        let first = match unit {
            CalendarUnit::Day => date,
            CalendarUnit::Week => {
                let since = date.weekday().since(Weekday::Monday);
                date.checked_sub(i64::from(since).days()).ok()?
            }
            CalendarUnit::Month => date.first_of_month(),
        };
        Some(Self { unit, first })
    }

    /// The one after it.
    pub fn after(self) -> Option<Self> {
        Some(Self { first: self.first_after()?, ..self })
    }

    /// The one before it.
    pub fn before(self) -> Option<Self> {
        Self::with(self.unit, self.first.yesterday().ok()?)
    }

    fn first_after(self) -> Option<Date> {
        let span = match self.unit {
            CalendarUnit::Day => 1.day(),
            CalendarUnit::Week => 1.week(),
            CalendarUnit::Month => 1.month(),
        };
        self.first.checked_add(span).ok()
    }

    /// From when to when it is in the zone, by the rules of that: days have 23 to 25 hours.
    pub fn range(self, zone: &TimeZone) -> Option<TimeRange> {
        let begin = |date: Date| {
            let local = date.to_zoned_datetime(zone.clone()).ok()?.start_of_day().ok()?;
            Some(Timestamp::from_micros(local.timestamp().as_microsecond()))
        };
        Some(TimeRange { from: begin(self.first)?, to: begin(self.first_after()?)? })
    }

    /// What kind it is.
    pub fn unit(self) -> CalendarUnit {
        self.unit
    }

    /// Its first day.
    pub fn first(self) -> Date {
        self.first
    }

    /// The one of a name; `None`: there is none of that name, of this kind.
    pub fn named(unit: CalendarUnit, name: &str) -> Option<Self> {
        let date = match unit {
            CalendarUnit::Month => format!("{name}-01"),
            CalendarUnit::Day | CalendarUnit::Week => name.to_owned(),
        };
        Self::with(unit, date.parse().ok()?).filter(|period| period.to_string() == name)
    }
}

/// `2026-10` for a month, else its first day: `2026-11-23`.
impl std::fmt::Display for CalendarPeriod {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.unit {
            CalendarUnit::Month => write!(f, "{}", self.first.strftime("%Y-%m")),
            CalendarUnit::Day | CalendarUnit::Week => write!(f, "{}", self.first),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(text: &str) -> Timestamp {
        let at: jiff::Timestamp = text.parse().unwrap();
        Timestamp::from_micros(at.as_microsecond())
    }

    #[test]
    fn periods_follow_the_calendar_of_the_zone() {
        let toronto = TimeZone::get("America/Toronto").unwrap();
        // Still Sunday there, the 1st of November, on which clocks go back.
        let now = at("2026-11-02T04:30:00Z");
        for (unit, name, hours, next) in [
            (CalendarUnit::Day, "2026-11-01", 25, "2026-11-02"),
            (CalendarUnit::Week, "2026-10-26", 169, "2026-11-02"),
            (CalendarUnit::Month, "2026-11", 721, "2026-12"),
        ] {
            let period = CalendarPeriod::of(unit, now, &toronto).unwrap();
            assert_eq!(period.to_string(), name);
            let range = period.range(&toronto).unwrap();
            assert!(range.contains(now));
            assert_eq!(range.length(), Duration::from_secs(hours * 3_600), "{unit}");
            let after = period.after().unwrap();
            assert_eq!(after.to_string(), next);
            assert_eq!(after.range(&toronto).unwrap().from, range.to);
            assert_eq!(after.before(), Some(period));
            assert_eq!(CalendarPeriod::named(unit, name), Some(period));
        }
    }

    #[test]
    fn periods_tile_years_without_gap_in_zones_of_every_kind() {
        for name in
            ["UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Beirut"]
        {
            let zone = TimeZone::get(name).unwrap();
            for unit in CalendarUnit::ALL {
                let start = at("2017-12-30T00:00:00Z");
                let mut period = CalendarPeriod::of(unit, start, &zone).unwrap();
                while period.range(&zone).unwrap().from < at("2022-02-01T00:00:00Z") {
                    let next = period.after().unwrap();
                    let (range, after) = (period.range(&zone).unwrap(), next.range(&zone).unwrap());
                    assert!(range.from < range.to, "{name} {period}");
                    assert_eq!(range.to, after.from, "{name} {period}");
                    assert_eq!(CalendarPeriod::of(unit, range.from, &zone), Some(period));
                    period = next;
                }
            }
        }
    }

    #[test]
    fn a_name_of_another_kind_is_none() {
        assert_eq!(CalendarPeriod::named(CalendarUnit::Week, "2026-11-24"), None, "a Tuesday");
        assert_eq!(CalendarPeriod::named(CalendarUnit::Month, "2026-11-01"), None);
        assert_eq!(CalendarPeriod::named(CalendarUnit::Day, "2026-02-30"), None);
        assert_eq!(CalendarPeriod::named(CalendarUnit::Day, "x"), None);
    }
}
