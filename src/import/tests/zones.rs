//! Times before lines: their forms, zones, the hour that the clock shows twice.

use jiff::tz::TimeZone;

use super::*;

fn berlin() -> ImportOptions {
    let zone = LocalZone::Given(TimeZone::get("Europe/Berlin").unwrap());
    ImportOptions { zone, ..ImportOptions::default() }
}

const REPLY: &str = "64 bytes from 192.0.2.7: icmp_seq=N ttl=57 time=12.0 ms";

fn text(stamps: &[&str]) -> String {
    let number = |n: usize| REPLY.replace('N', &(n + 1).to_string());
    let lines = stamps.iter().enumerate().map(|(n, stamp)| format!("{stamp} {}\n", number(n)));
    lines.collect::<Vec<_>>().concat()
}

/// The UTC times of replies with these before them.
fn times(stamps: &[&str], options: ImportOptions) -> Result<Vec<String>, String> {
    let (series, _) = import_with(text(stamps).as_bytes(), options).map_err(|e| e.to_string())?;
    Ok(series[0].outcomes().map(|(at, _)| at.to_string()[..19].to_owned()).collect())
}

#[test]
fn one_instant_is_read_in_every_form() {
    for stamp in [
        "[1773169200.045148]",
        "1773169200",
        "1773169200.045148",
        "1773169200045",
        "(1773169200)",
        "Tue Mar 10 20:00:00 CET 2026:",
        "Tue Mar 10 20:00:00 2026",
        "[Tue Mar 10 20:00:00 2026]",
        "Tue 10 Mar 2026 08:00:00 PM CET:",
        "Di 10. Mär 20:00:00 CET 2026:",
        "mar. 10 mars 2026 20:00:00 CET",
        "Mar 10 20:00:00",
        "Mar 10 20:00:00 myhost ping[812]:",
        "2026-03-10 20:00:00",
        "2026-03-10 20:00:00,123",
        "2026-03-10T20:00:00+0100",
        "2026-03-10T20:00:00+01:00",
        "2026-03-10T19:00:00Z",
        "2026-03-10T20:00:00.1234567+01:00",
        "[2026/03/10 20:00:00]",
        "[2026-03-10 20:00:00] -",
        "10.03.2026 20:00:00",
        "10.03.26 20:00:00,25:",
        "Tue 03/10/2026 20:00:00.12",
        "20:00:00.031",
        "20:00:00 |",
        "Mar 10 20:00:00 [1773169200.045148]",
    ] {
        let options = ImportOptions { date: Some("2026-03-10".parse().unwrap()), ..berlin() };
        assert_eq!(times(&[stamp], options), Ok(vec!["2026-03-10T19:00:00".to_owned()]), "{stamp}");
    }
}

#[test]
fn the_zone_is_said_aloud_and_a_year_is_taken_from_the_present() {
    let now = Timestamp::from_seconds(1_767_300_000); // 2026-01-01T20:40Z
    let options = ImportOptions { now, ..berlin() };
    let stamps = ["Dec 31 23:59:59", "Jan 1 00:00:00"];
    let (_, notices) = import_with(text(&stamps).as_bytes(), options.clone()).unwrap();
    assert!(notices[0].contains("those of Europe/Berlin"), "{notices:?}");
    assert!(notices[1].contains("2025 was taken"), "{notices:?}");
    let wanted = ["2025-12-31T22:59:59", "2025-12-31T23:00:00"].map(str::to_owned);
    assert_eq!(times(&stamps, options), Ok(wanted.to_vec()));
}

#[test]
fn a_day_that_may_be_a_month_is_decided_by_another_line_or_asked_for() {
    let first = ["03/10/2026 20:00:00", "03/13/2026 20:00:00"];
    assert_eq!(times(&first, berlin()).unwrap()[0], "2026-03-10T19:00:00");
    let second = ["10/03/2026 20:00:00", "13/03/2026 20:00:00"];
    assert_eq!(times(&second, berlin()).unwrap()[0], "2026-03-10T19:00:00");
    let error = times(&["03/10/2026 20:00:00", "03/11/2026 20:00:00"], berlin()).unwrap_err();
    assert!(error.contains("no line shows which number is the day"), "{error}");
    let said = ImportOptions { time_format: Some("%m/%d/%Y %H:%M:%S".to_owned()), ..berlin() };
    assert_eq!(times(&["03/10/2026 20:00:00"], said).unwrap(), ["2026-03-10T19:00:00"]);
}

#[test]
fn midnight_ends_a_day_of_times_without_dates() {
    let options = ImportOptions { date: Some("2026-03-10".parse().unwrap()), ..berlin() };
    let wanted = ["2026-03-10T22:59:59", "2026-03-10T23:00:00"].map(str::to_owned);
    assert_eq!(times(&["23:59:59", "00:00:00"], options), Ok(wanted.to_vec()));
}

/// In Berlin the clock shows 02:00 to 03:00 twice on 2026-10-25.
#[test]
fn the_hour_that_is_there_twice_is_decided_by_the_order_of_lines_or_refused() {
    let local = |times: &[&str]| -> Vec<String> {
        times.iter().map(|time| format!("2026-10-25 {time}")).collect()
    };
    let read = |times: &[&str]| {
        let stamps = local(times);
        let stamps: Vec<&str> = stamps.iter().map(String::as_str).collect();
        super::zones::times(&stamps, berlin())
    };
    let utc = |times: &[&str]| -> Result<Vec<String>, String> {
        Ok(times.iter().map(|time| format!("2026-10-25T{time}")).collect())
    };
    // Through both.
    assert_eq!(
        read(&["01:59:59", "02:00:00", "02:59:59", "02:00:00", "02:59:59", "03:00:00"]),
        utc(&["23:59:59", "00:00:00", "00:59:59", "01:00:00", "01:59:59", "02:00:00"]).map(
            |mut all| {
                all[0] = "2026-10-24T23:59:59".to_owned();
                all
            }
        )
    );
    // From the midst of the first, and of the second.
    assert_eq!(
        read(&["02:30:00", "02:30:01", "02:00:00"]),
        utc(&["00:30:00", "00:30:01", "01:00:00"])
    );
    assert_eq!(
        read(&["02:58:00", "02:59:59", "03:00:00"]),
        utc(&["01:58:00", "01:59:59", "02:00:00"])
    );
    // Nothing shows it.
    let error = read(&["02:30:00", "02:30:01"]).unwrap_err();
    assert!(error.contains("which the clock of Europe/Berlin shows twice"), "{error}");
    // An hour that does not exist is no time.
    let error = super::zones::times(&["2026-03-29 02:30:00"], berlin()).unwrap_err();
    assert!(error.contains("does not exist in Europe/Berlin"), "{error}");
}
