//! Room for the record, in words. Pure.

use jiff::tz::TimeZone;

use super::words::date;
use crate::vocabulary::{Filling, Forecast, Outlook};

/// The limit that is near, in a sentence without a full stop.
pub fn warning(of: Filling, forecast: &Forecast, zone: &TimeZone) -> String {
    match (of, forecast.disk, forecast.limit) {
        (Filling::Disk, Some(Outlook::About { at }), _) => format!(
            "the disk is filling up: from about {} on there will be no room for the record to grow ({})",
            date(at, zone),
            disk(forecast)
        ),
        (Filling::Disk, ..) => format!(
            "the disk is full ({}): the record no longer grows, the oldest samples make room",
            disk(forecast)
        ),
        (Filling::Limit, _, Outlook::About { at }) => {
            let old = match forecast.samples_days {
                Some(n) => format!("samples older than {}", days(n)),
                None => "the oldest samples".to_owned(),
            };
            format!(
                "from about {} on, {old} will make room for new ones, as the record is limited to {} \
                 (max-size); drops, notes and summaries are kept",
                date(at, zone),
                bytes(forecast.limit_bytes)
            )
        }
        (Filling::Limit, ..) => at_limit(forecast),
    }
}

/// Both limits, a line each: `record: 640 MB of at most 2147 MB, 1800 kB a day more; ...`.
pub fn summary(forecast: &Forecast, zone: &TimeZone) -> String {
    let used = bytes(forecast.used_bytes);
    let most = bytes(forecast.limit_bytes);
    let record = match forecast.limit {
        Outlook::Reached => at_limit(forecast),
        limit => {
            let when = outlook(limit, "its limit", "reached", zone);
            format!("{used} of at most {most}{}; {when}", more(forecast.growth_bytes_per_day))
        }
    };
    let disk = match forecast.disk {
        None => "free space unknown".to_owned(),
        Some(when) => format!("{}; {}", disk(forecast), outlook(when, "it", "full", zone)),
    };
    format!("record: {record}\ndisk: {disk}")
}

fn at_limit(forecast: &Forecast) -> String {
    if forecast.used_bytes > forecast.limit_bytes {
        return format!(
            "{} more than its limit of {}: the oldest samples are being removed; drops, notes and summaries \
             are kept",
            bytes(forecast.used_bytes - forecast.limit_bytes),
            bytes(forecast.limit_bytes)
        );
    }
    let kept = forecast.samples_days.map(|n| format!(" of the last {}", days(n)));
    format!(
        "at its limit of {}, as intended: it holds samples{}, the oldest make room; drops, notes and \
         summaries are kept",
        bytes(forecast.limit_bytes),
        kept.unwrap_or_default()
    )
}

fn disk(forecast: &Forecast) -> String {
    let free = forecast.available_bytes.map_or_else(|| "?".to_owned(), bytes);
    let fewer = match forecast.disk_growth_bytes_per_day {
        Some(n) if n > 0 => format!(", {} a day less", bytes(n.unsigned_abs())),
        _ => String::new(),
    };
    format!("{free} free{fewer}")
}

fn more(growth: Option<i64>) -> String {
    match growth {
        Some(n) if n > 0 => format!(", {} a day more", bytes(n.unsigned_abs())),
        Some(_) => ", and not growing".to_owned(),
        None => String::new(),
    }
}

fn outlook(when: Outlook, what: &str, event: &str, zone: &TimeZone) -> String {
    match when {
        Outlook::TooEarly => format!("too early to predict when {what} will be {event}"),
        Outlook::NotInSight => format!("at this rate {what} will not be {event}"),
        Outlook::About { at } => format!("{what} will be {event} about {}", date(at, zone)),
        Outlook::Reached => format!("{what} is {event}"),
    }
}

fn days(n: i64) -> String {
    if n == 1 { "1 day".to_owned() } else { format!("{n} days") }
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
        assert_eq!(summary(forecast, &TimeZone::UTC), expected);
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
             make room; drops, notes and summaries are kept",
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
            warning(Filling::Limit, &near, &TimeZone::UTC),
            "from about 2027-03-12 on, samples older than 90 days will make room for new ones, as \
             the record is limited to 2147 MB (max-size); drops, notes and summaries are kept"
        );
        assert_eq!(
            warning(Filling::Disk, &near, &TimeZone::UTC),
            "the disk is filling up: from about 2027-03-12 on there will be no room for the record to \
             grow (63 GB free, 2000 MB a day less)"
        );
        let full = Forecast { disk: Some(Outlook::Reached), ..near };
        assert_eq!(
            warning(Filling::Disk, &full, &TimeZone::UTC),
            "the disk is full (63 GB free, 2000 MB a day less): the record no longer grows, \
             the oldest samples make room"
        );
    }
}
