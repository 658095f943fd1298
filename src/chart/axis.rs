//! Where ticks are: local times that people count in, and delays in 1-2-5 steps on a logarithmic
//! scale.

use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};

use crate::language::{Language, words};
use crate::time::{TimeRange, Timestamp};

/// A mark on the time axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tick {
    pub(super) at: Timestamp,
    /// `06:00`, or a date where a day starts.
    pub(super) label: String,
    /// Whether a local day starts here.
    pub(super) is_day: bool,
}

/// Steps between ticks, with their length in minutes.
const STEPS: [i64; 13] = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880];

/// At most `most` ticks over the period, at round local times. More than two days apart they are
/// at the starts of weeks or months.
pub(super) fn time_ticks(
    period: TimeRange,
    zone: &TimeZone,
    language: &Language,
    most: u64,
) -> Vec<Tick> {
    let dates = &language.phrases().dates;
    let minutes = period.length().as_secs() / 60;
    let step = STEPS.iter().find(|s| minutes / s.unsigned_abs() <= most);
    let Some(first) = local_time(period.from, zone) else { return Vec::new() };
    let midnight = first.date().to_datetime(Time::midnight());
    let (start, span, day): (DateTime, Span, &str) = match step {
        Some(step) => (midnight, step.minutes(), dates.day),
        None if minutes / 10_080 <= most => (midnight, 7.days(), "%m-%d"),
        None => {
            let months = (minutes / 43_200).div_ceil(most.max(1));
            let start = first.date().first_of_month().to_datetime(Time::midnight());
            (start, i64::try_from(months).unwrap_or(1).months(), "%Y-%m")
        }
    };
    let mut year_shown = YearShown::of(period, zone);
    let mut ticks: Vec<Tick> = Vec::new();
    for n in 0..10_000_i64 {
        let Some(wall) = span.checked_mul(n).ok().and_then(|s| start.checked_add(s).ok()) else {
            break;
        };
        let Ok(at) = zone.to_timestamp(wall) else { break };
        let at = Timestamp::from_micros(at.as_microsecond());
        if at >= period.to {
            break;
        }
        // An hour skipped by a change to summer time gives the same instant twice.
        if !period.contains(at) || ticks.last().is_some_and(|t| t.at >= at) {
            continue;
        }
        let is_day = wall.time() == Time::midnight();
        let day = if is_day && year_shown.is_due(at, zone) { "%F" } else { day };
        let label = language.local(at, zone, if is_day { day } else { "%H:%M" });
        ticks.push(Tick { at, label, is_day });
    }
    ticks
}

/// Whether a period begins in one year and ends in another, in local time.
pub(super) fn spans_years(period: TimeRange, zone: &TimeZone) -> bool {
    year(period.from, zone) != year(period.to, zone)
}

/// The year last shown in labels of days; `None` where all of a period is in one.
#[derive(Debug)]
pub(super) struct YearShown(Option<String>);

impl YearShown {
    pub(super) fn of(period: TimeRange, zone: &TimeZone) -> Self {
        Self(spans_years(period, zone).then(String::new))
    }

    /// Whether `at` is the first of its year to be labelled, so that its label has the year.
    pub(super) fn is_due(&mut self, at: Timestamp, zone: &TimeZone) -> bool {
        let Some(shown) = &mut self.0 else { return false };
        let this = year(at, zone);
        let is_due = *shown != this;
        *shown = this;
        is_due
    }
}

pub(super) fn year(at: Timestamp, zone: &TimeZone) -> String {
    words::local(at, zone, "%Y")
}

fn local_time(at: Timestamp, zone: &TimeZone) -> Option<DateTime> {
    let instant = jiff::Timestamp::from_microsecond(at.as_micros()).ok()?;
    Some(instant.to_zoned_datetime(zone.clone()).datetime())
}

/// A logarithmic scale of delays.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct DelayScale {
    low_us: f64,
    high_us: f64,
}

impl DelayScale {
    /// From the 1-2-5 step below `low_us` to the one above `high_us`.
    pub(super) fn new(low_us: u32, high_us: u32) -> Self {
        let low = f64::from(low_us.max(20));
        let high = f64::from(high_us).max(low * 2.0);
        let (low_us, high_us) = (round_step(low, f64::floor), round_step(high, f64::ceil));
        Self { low_us, high_us }
    }

    /// The height of a delay on the scale: 0 at the bottom, 1 at the top.
    pub(super) fn height(self, us: u32) -> f64 {
        let at = f64::from(us).clamp(self.low_us, self.high_us);
        (at / self.low_us).ln() / (self.high_us / self.low_us).ln()
    }

    /// Ticks as microseconds with their labels in milliseconds; only powers of ten where steps of
    /// 1-2-5 would be more than `most`.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "20 us to 1 h")]
    pub(super) fn ticks(self, most: usize) -> Vec<(u32, String)> {
        let all: Vec<f64> = (-1..10)
            .flat_map(|e| [1.0, 2.0, 5.0].map(|m| m * 10_f64.powi(e)))
            .filter(|us| (self.low_us * 0.999..=self.high_us * 1.001).contains(us))
            .collect();
        let decade = |us: f64| (us.log10() - us.log10().round()).abs() < 1e-9;
        let kept = all.len() <= most;
        all.into_iter()
            .filter(|us| kept || decade(*us))
            .map(|us| (us.round() as u32, format!("{}", us / 1_000.0)))
            .collect()
    }
}

/// The step of 1, 2, 5, 10 .. next to `value`, in the direction of `round`.
fn round_step(value: f64, round: fn(f64) -> f64) -> f64 {
    let decade = 10_f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0];
    let up = round(0.5) > 0.5;
    let of = value / decade;
    let step = if up {
        steps.into_iter().find(|s| *s >= of - 1e-9)
    } else {
        steps.into_iter().rev().find(|s| *s <= of + 1e-9)
    };
    step.unwrap_or(1.0) * decade
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Lang;
    use crate::language::of;
    use crate::report::synthetic::at;

    fn ticks(from: &str, to: &str, zone: &str, most: u64) -> Vec<String> {
        let period = TimeRange { from: at(from), to: at(to) };
        let zone = TimeZone::get(zone).unwrap();
        time_ticks(period, &zone, of(Lang::En), most).into_iter().map(|t| t.label).collect()
    }

    #[test]
    fn ticks_stand_at_round_local_times_in_a_zone_of_half_hours() {
        assert_eq!(
            ticks("2026-11-16T00:00:00Z", "2026-11-17T00:00:00Z", "Asia/Kolkata", 8),
            ["06:00", "09:00", "12:00", "15:00", "18:00", "21:00", "Tue 11-17", "03:00"]
        );
    }

    #[test]
    fn a_day_of_23_or_25_hours_has_its_midnights_in_place() {
        for (from, to) in [
            ("2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"),
            ("2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),
        ] {
            let labels = ticks(from, to, "America/Toronto", 5);
            assert_eq!(labels[1..], ["06:00", "12:00", "18:00"], "{labels:?}");
        }
    }

    #[test]
    fn the_first_day_of_each_of_several_years_has_its_year() {
        assert_eq!(
            ticks("2025-12-30T00:00:00Z", "2026-01-02T00:00:00Z", "UTC", 3),
            ["2025-12-30", "Wed 12-31", "2026-01-01"]
        );
    }

    #[test]
    fn a_year_has_months() {
        let labels = ticks("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "UTC", 12);
        assert_eq!((labels.len(), labels[1].as_str()), (12, "2026-02"));
    }

    #[test]
    fn delays_stand_between_round_steps() {
        let scale = DelayScale::new(540, 130_000);
        assert!(scale.height(500).abs() < 1e-9);
        assert!((scale.height(200_000) - 1.0).abs() < 1e-9);
        let labels: Vec<_> = scale.ticks(9).into_iter().map(|(_, l)| l).collect();
        assert_eq!(labels, ["0.5", "1", "2", "5", "10", "20", "50", "100", "200"]);
        let labels: Vec<_> = scale.ticks(5).into_iter().map(|(_, l)| l).collect();
        assert_eq!(labels, ["1", "10", "100"]);
    }
}
