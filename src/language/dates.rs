//! Dates, times and periods, for all languages.

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::phrases::fill;
use super::{Language, Noun};
use crate::language::words;
use crate::time::{TimeRange, Timestamp};

impl Language {
    /// A local time by a `strftime` pattern, with the days of the week and the decimal sign of
    /// the language.
    pub(crate) fn local(&self, at: Timestamp, zone: &TimeZone, pattern: &str) -> String {
        let Ok(instant) = jiff::Timestamp::from_microsecond(at.as_micros()) else {
            return at.to_string();
        };
        let zoned = instant.to_zoned_datetime(zone.clone());
        self.marked(&zoned.strftime(&self.put_in(zoned.date(), pattern)).to_string())
    }

    /// A date by a pattern, as [`Self::local`].
    pub(crate) fn date(&self, date: Date, pattern: &str) -> String {
        date.strftime(&self.put_in(date, pattern)).to_string()
    }

    /// The pattern with the name of the weekday in it.
    fn put_in(&self, date: Date, pattern: &str) -> String {
        let nth = date.weekday().to_monday_zero_offset().unsigned_abs();
        pattern.replace("%a", self.phrases().dates.weekdays[usize::from(nth)])
    }

    /// A time as `words` writes it, with the decimal sign of the language.
    pub(crate) fn figures_of_time(&self, english: &str) -> String {
        self.marked(english)
    }

    /// The decimal sign of a time to a tenth of a second. Blanks stay: a date may be broken.
    fn marked(&self, text: &str) -> String {
        let figures: Vec<_> = text.split(' ').map(|word| self.figures(word)).collect();
        figures.join(" ")
    }

    /// Day and minute, local; with its offset where the clock shows that time twice.
    pub(crate) fn minute(&self, at: Timestamp, zone: &TimeZone) -> String {
        let text = self.local(at, zone, self.phrases().dates.minute);
        text + &words::offset_where_repeated(at, zone)
    }

    /// `Mon 11-16 13:20`, for drawings, where the period has the year.
    pub(crate) fn day_minute(&self, at: Timestamp, zone: &TimeZone) -> String {
        self.local(at, zone, &format!("{} %H:%M", self.phrases().dates.day))
    }

    /// An end as it is written next to its start: the time of day to a tenth of a second, before it
    /// the date where that is another.
    pub(crate) fn end(&self, began: Timestamp, end: Timestamp, zone: &TimeZone) -> String {
        self.marked(&words::local_end(began, end, zone, "%m-%d "))
    }

    /// The length of a period: `7 days`, `36 hours`, `1 hour`, `90 minutes`.
    pub(crate) fn period_length(&self, d: Duration) -> String {
        let s = d.as_secs_f64();
        let say = |value: f64, noun: Noun| {
            let text = format!("{value:.1}");
            let text = text.trim_end_matches(".0");
            let noun = self.noun(text.parse().unwrap_or(value), noun);
            format!("{}{}{noun}", self.figures(text), self.marks.unit)
        };
        if s >= 172_800.0 * 0.98 {
            // A week with a change of summer time in it is still a week.
            let days = s / 86_400.0;
            let whole = days.round();
            let near = (days - whole).abs() < 1.0 / 24.0 + 0.01;
            say(if near { whole } else { days }, Noun::Day)
        } else if s >= 7_200.0 || (s - 3_600.0).abs() < 30.0 {
            say(s / 3_600.0, Noun::Hour)
        } else if s >= 120.0 {
            say(s / 60.0, Noun::Minute)
        } else {
            say(if s >= 10.0 { s.round() } else { s }, Noun::Second)
        }
    }

    /// From, to, and the zone with its offsets.
    pub(crate) fn period(&self, period: TimeRange, zone: &TimeZone) -> String {
        self.period_with_begin(period, None, zone)
    }

    /// The same, and that the record begins with it, or at a time within it.
    pub(crate) fn period_with_begin(
        &self,
        period: TimeRange,
        begins: Option<Timestamp>,
        zone: &TimeZone,
    ) -> String {
        let p = &self.phrases().record;
        let begins = begins.map(|at| self.minute(at, zone));
        let [mut from, to] = [period.from, period.to].map(|at| self.minute(at, zone));
        let mut after = String::new();
        match begins {
            Some(at) if at == from => from += p.begins_here,
            Some(at) => after = fill(p.begins, &[("at", &at)]),
            None => {}
        }
        let span = fill(self.phrases().dates.span, &[("from", from), ("to", to)]);
        format!("{span}, {}{after}", self.zone(period, zone))
    }

    /// The zone's name and its offsets in the period: `America/Toronto (UTC-05:00)`.
    pub(crate) fn zone(&self, period: TimeRange, zone: &TimeZone) -> String {
        let d = &self.phrases().dates;
        words::zone_in(period, zone, [d.local_time, d.later])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Lang;
    use crate::language::of;
    use crate::report::synthetic::at;

    #[test]
    fn periods_are_written_in_the_unit_people_asked_for() {
        let text = |s: u64| of(Lang::En).period_length(Duration::from_secs(s));
        assert_eq!(text(604_800), "7 days");
        assert_eq!(text(604_800 - 3_600), "7 days");
        assert_eq!(text(86_400), "24 hours");
        assert_eq!(text(90_000), "25 hours");
        assert_eq!(text(3_600), "1 hour");
        assert_eq!(text(5_400), "90 minutes");
        assert_eq!(text(36 * 3_600), "36 hours");
        assert_eq!(text(9_000), "2.5 hours");
        let french = |s: u64| of(Lang::Fr).period_length(Duration::from_secs(s));
        assert_eq!(french(604_800), "7\u{a0}jours");
        assert_eq!(french(9_000), "2,5\u{a0}heures");
    }

    #[test]
    fn a_date_has_the_weekday_of_its_language() {
        let say = |lang: Lang, text: &str, pattern: &str| {
            of(lang).local(at(text), &TimeZone::UTC, pattern)
        };
        let pattern = "%a %F %H:%M:%S%.1f";
        let first = "2026-02-01T13:20:05.3Z";
        assert_eq!(say(Lang::En, first, pattern), "Sun 2026-02-01 13:20:05.3");
        assert_eq!(say(Lang::Fr, first, pattern), "dim. 2026-02-01 13:20:05,3");
        assert_eq!(say(Lang::Fr, "2026-08-11T00:00:00Z", pattern), "mar. 2026-08-11 00:00:00,0");
    }
}
