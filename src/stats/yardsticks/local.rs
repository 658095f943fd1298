//! Hours of local days as spans of UTC: those of a day of 23 or 25 hours are as long as they are.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use crate::time::{TimeRange, Timestamp};

/// Which days count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Days {
    /// All of them.
    Every,
    /// Monday to Friday; public holidays are not known.
    Weekdays,
}

impl Days {
    fn take(self, date: Date) -> bool {
        self == Self::Every || !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
    }
}

/// The date of `at` in `zone`.
pub fn date_of(at: Timestamp, zone: &TimeZone) -> Option<Date> {
    let at = jiff::Timestamp::from_microsecond(at.as_micros()).ok()?;
    Some(at.to_zoned_datetime(zone.clone()).date())
}

/// When `hour` (0 to 24) of `date` starts; one that a day lacks is where the clock jumps to.
pub fn hour_of(date: Date, hour: i8, zone: &TimeZone) -> Option<Timestamp> {
    let (date, hour) = if hour >= 24 { (date.tomorrow().ok()?, 0) } else { (date, hour) };
    let at = zone.to_timestamp(date.at(hour, 0, 0, 0)).ok()?;
    Some(Timestamp::from_micros(at.as_microsecond()))
}

/// From hour `from` to hour `to` of each local day, clipped to `period`; in order.
pub fn hours(period: TimeRange, zone: &TimeZone, days: Days, from: i8, to: i8) -> Vec<TimeRange> {
    let mut spans = Vec::new();
    let mut next = date_of(period.from, zone);
    while let Some(date) = next {
        let Some(midnight) = hour_of(date, 0, zone).filter(|midnight| *midnight < period.to) else {
            break;
        };
        let span = hour_of(date, from, zone).zip(hour_of(date, to, zone));
        if let Some((from, to)) = span.filter(|_| days.take(date)) {
            spans.extend(TimeRange { from: from.max(midnight), to }.intersect(&period));
        }
        next = date.tomorrow().ok();
    }
    spans
}

/// The end of the `count`th day after the local day of `at`: what is reported on that day has until
/// then to be repaired.
pub fn deadline(at: Timestamp, zone: &TimeZone, count: u32) -> Option<Timestamp> {
    let mut date = date_of(at, zone)?;
    for _ in 0..count {
        date = date.tomorrow().ok()?;
    }
    hour_of(date, 24, zone)
}
