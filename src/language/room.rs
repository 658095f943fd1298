//! Room for the record, in words. Pure.

use jiff::tz::TimeZone;

use super::phrases::RoomWords;
use super::words::date;
use super::{Language, fill, one_of, plain};
use crate::vocabulary::{Filling, Forecast, Outlook};

impl Language {
    fn room_words(&self) -> &RoomWords {
        &self.phrases().room
    }

    /// The limit that is near, in a sentence without a full stop.
    pub(crate) fn room_warning(&self, of: Filling, forecast: &Forecast, zone: &TimeZone) -> String {
        let p = self.room_words();
        let text = match (of, forecast.disk, forecast.limit) {
            (Filling::Disk, Some(Outlook::About { at }), _) => {
                fill(p.disk_filling, &[("at", date(at, zone)), ("disk", self.disk(forecast))])
            }
            (Filling::Disk, ..) => fill(p.disk_full, &[("disk", self.disk(forecast))]),
            (Filling::Limit, _, Outlook::About { at }) => {
                let samples = match forecast.samples_days {
                    Some(n) => fill(p.samples_older, &[("days", self.days(n))]),
                    None => p.samples_oldest.to_owned(),
                };
                let values = [
                    ("at", date(at, zone)),
                    ("samples", samples),
                    ("limit", self.bytes(forecast.limit_bytes)),
                ];
                fill(p.limit_near, &values)
            }
            (Filling::Limit, ..) => self.at_limit(forecast),
        };
        plain(&text)
    }

    /// Both limits, a line each: `record: 640 MB of at most 2147 MB, 1800 kB a day more; ...`.
    pub(crate) fn room(&self, forecast: &Forecast, zone: &TimeZone) -> String {
        let p = self.room_words();
        let record = match forecast.limit {
            Outlook::Reached => self.at_limit(forecast),
            limit => {
                let values = [
                    ("used", self.bytes(forecast.used_bytes)),
                    ("limit", self.bytes(forecast.limit_bytes)),
                    ("more", self.more(forecast.growth_bytes_per_day)),
                    ("when", self.outlook(limit, 0, zone)),
                ];
                fill(p.used, &values)
            }
        };
        let disk = match forecast.disk {
            None => p.free_unknown.to_owned(),
            Some(when) => format!("{}; {}", self.disk(forecast), self.outlook(when, 1, zone)),
        };
        let line = |template: &str, what: String| fill(template, &[("what", what)]);
        plain(&format!("{}\n{}", line(p.record, record), line(p.disk, disk)))
    }

    fn at_limit(&self, forecast: &Forecast) -> String {
        let p = self.room_words();
        let limit = self.bytes(forecast.limit_bytes);
        if forecast.used_bytes > forecast.limit_bytes {
            let over = self.bytes(forecast.used_bytes - forecast.limit_bytes);
            return fill(p.over_limit, &[("over", over), ("limit", limit)]);
        }
        let last = forecast.samples_days.map(|n| fill(p.of_last, &[("days", self.days(n))]));
        fill(p.at_limit, &[("limit", limit), ("last", last.unwrap_or_default())])
    }

    fn disk(&self, forecast: &Forecast) -> String {
        let p = self.room_words();
        let free = forecast.available_bytes.map_or_else(|| "?".to_owned(), |n| self.bytes(n));
        let fewer = match forecast.disk_growth_bytes_per_day {
            Some(n) if n > 0 => fill(p.less_a_day, &[("bytes", self.bytes(n.unsigned_abs()))]),
            _ => String::new(),
        };
        fill(p.free, &[("free", free), ("fewer", fewer)])
    }

    fn more(&self, growth: Option<i64>) -> String {
        let p = self.room_words();
        match growth {
            Some(n) if n > 0 => fill(p.more_a_day, &[("bytes", self.bytes(n.unsigned_abs()))]),
            Some(_) => p.not_growing.to_owned(),
            None => String::new(),
        }
    }

    /// `nth` is 0 for the limit, 1 for the disk.
    fn outlook(&self, when: Outlook, nth: usize, zone: &TimeZone) -> String {
        let p = self.room_words();
        match when {
            Outlook::TooEarly => p.too_early[nth].to_owned(),
            Outlook::NotInSight => p.not_in_sight[nth].to_owned(),
            Outlook::About { at } => fill(p.about[nth], &[("at", date(at, zone))]),
            Outlook::Reached => p.reached[nth].to_owned(),
        }
    }

    fn days(&self, n: i64) -> String {
        let nth = usize::try_from(n).unwrap_or(usize::MAX);
        fill(one_of(self.room_words().days, nth), &[("n", n.to_string())])
    }

    fn bytes(&self, n: u64) -> String {
        self.figures(&bytes(n))
    }
}

/// `640 MB`, `14 GB`: powers of ten, as makers of disks count.
pub fn bytes(n: u64) -> String {
    match n {
        0..10_000_000 => format!("{} kB", n / 1_000),
        10_000_000..10_000_000_000 => format!("{} MB", n / 1_000_000),
        _ => format!("{} GB", n / 1_000_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Lang;
    use crate::language::of;
    use crate::time::Timestamp;

    fn forecast() -> Forecast {
        Forecast {
            used_bytes: 640_000_000,
            limit_bytes: 2 << 30,
            growth_bytes_per_day: Some(1_800_000),
            limit: Outlook::NotInSight,
            samples_days: None,
            available_bytes: Some(63_000_000_000),
            disk_growth_bytes_per_day: Some(-5),
            disk: Some(Outlook::NotInSight),
            alarms: Vec::new(),
        }
    }

    const AT: Outlook = Outlook::About { at: Timestamp::from_seconds(1_804_850_000) };

    #[track_caller]
    fn check(forecast: &Forecast, record: &str, disk: &str) {
        let expected = format!("record: {record}\ndisk: {disk}");
        assert_eq!(of(Lang::En).room(forecast, &TimeZone::UTC), expected);
    }

    #[test]
    fn a_summary_says_how_much_how_fast_and_until_when() {
        check(
            &forecast(),
            "640 MB of at most 2147 MB, 1800 kB a day more; at this rate its limit will not be reached",
            "63 GB free; at this rate it will not be full",
        );
        check(
            &Forecast {
                growth_bytes_per_day: None,
                limit: Outlook::TooEarly,
                disk_growth_bytes_per_day: Some(400_000_000),
                disk: Some(AT),
                ..forecast()
            },
            "640 MB of at most 2147 MB; too early to predict when its limit will be reached",
            "63 GB free, 400 MB a day less; it will be full about 2027-03-12",
        );
        check(
            &Forecast {
                limit: Outlook::Reached,
                samples_days: Some(93),
                available_bytes: None,
                disk: None,
                ..forecast()
            },
            "at its limit of 2147 MB, as intended: it holds samples of the last 93 days, the oldest \
             make room; drops and notes are kept",
            "free space unknown",
        );
    }

    #[test]
    fn a_limit_is_announced_calmly_and_a_full_disk_plainly() {
        let near = Forecast {
            limit: AT,
            samples_days: Some(90),
            disk: Some(AT),
            disk_growth_bytes_per_day: Some(2_000_000_000),
            ..forecast()
        };
        assert_eq!(
            of(Lang::En).room_warning(Filling::Limit, &near, &TimeZone::UTC),
            "from about 2027-03-12 on, samples older than 90 days will make room for new ones, as \
             the record is limited to 2147 MB (max-size); drops and notes are kept"
        );
        assert_eq!(
            of(Lang::En).room_warning(Filling::Disk, &near, &TimeZone::UTC),
            "the disk is filling up: from about 2027-03-12 on there will be no room for the record to \
             grow (63 GB free, 2000 MB a day less)"
        );
        let full = Forecast { disk: Some(Outlook::Reached), ..near };
        assert_eq!(
            of(Lang::En).room_warning(Filling::Disk, &full, &TimeZone::UTC),
            "the disk is full (63 GB free, 2000 MB a day less): the record no longer grows, \
             the oldest samples make room"
        );
    }
}
