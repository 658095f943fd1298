use std::time::Duration;

use super::*;
use crate::config::{AlertConfig, AlertKind};
use crate::report::synthetic::flapping_week;

fn at(text: &str) -> Timestamp {
    let at: jiff::Timestamp = text.parse().unwrap();
    Timestamp::from_micros(at.as_microsecond())
}

fn sent(keys: &[&str]) -> Vec<StoredMessage> {
    let message = |key: &&str| Message::new(*key, MessageEvent::Report, at("2026-01-01T00:00:00Z"));
    let stored = |message| StoredMessage { id: 1, of_us: None, message };
    keys.iter().map(message).map(stored).collect()
}

#[track_caller]
fn due(kind: Periodical, keys: &[&str], now: &str, expected: &[&str]) {
    let toronto = TimeZone::get("America/Toronto").unwrap();
    let found = kind.due(&sent(keys), at(now), &toronto);
    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found, expected, "{now}");
}

const MONTH: Periodical = Periodical::Report(CalendarUnit::Month);
const WEEK: Periodical = Periodical::Report(CalendarUnit::Week);
const DAY: Periodical = Periodical::Report(CalendarUnit::Day);

#[test]
fn a_period_is_due_a_quarter_of_an_hour_after_its_end_in_the_zone_and_once() {
    // Clocks go back on the 1st of November there, after its beginning at 04:00 UTC.
    let before = &["report-month-2026-09"];
    due(MONTH, before, "2026-11-01T04:14:59Z", &[]);
    due(MONTH, before, "2026-11-01T04:15:00Z", &["2026-10"]);
    due(MONTH, &["report-month-2026-10"], "2026-11-30T12:00:00Z", &[]);
    // A day of 25 hours.
    due(DAY, &["report-day-2026-10-31"], "2026-11-02T05:14:00Z", &[]);
    due(DAY, &["report-day-2026-10-31"], "2026-11-02T05:15:00Z", &["2026-11-01"]);
    due(WEEK, &["report-week-2026-10-19"], "2026-11-02T05:15:00Z", &["2026-10-26"]);
}

#[test]
fn what_was_missed_is_made_up_for_within_reason_oldest_first() {
    let (now, months) = ("2026-11-05T12:00:00Z", ["2026-08", "2026-09", "2026-10"]);
    due(MONTH, &["report-month-2026-08"], now, &months[1..]);
    due(MONTH, &["report-month-2025-08"], now, &months);
    // Nothing is known of before: the last one.
    due(MONTH, &[], now, &months[2..]);
    due(MONTH, &["report-week-2026-10-26", "digest-week-2026-10-26"], now, &months[2..]);
    due(
        DAY,
        &["report-day-2026-10-01"],
        now,
        &[
            "2026-10-29",
            "2026-10-30",
            "2026-10-31",
            "2026-11-01",
            "2026-11-02",
            "2026-11-03",
            "2026-11-04",
        ],
    );
    // The clock was put back: it was sent.
    due(MONTH, &["report-month-2026-11"], now, &[]);
}

fn config(events: &[MessageEvent]) -> Config {
    let mail = AlertConfig { events: events.to_vec(), ..AlertConfig::of(AlertKind::Mail) };
    let mut config = Config { alerts: vec![mail], ..Config::default() };
    config.site.zone = Some("UTC".to_owned());
    config.site.account = Some("12345".to_owned());
    config.report.every = vec![CalendarUnit::Week, CalendarUnit::Month];
    config
}

#[test]
fn each_is_made_once_with_its_text_and_what_was_not_watched_is_no_report() {
    let folder = tempfile::tempdir().unwrap();
    let scene = flapping_week(Duration::from_secs(600));
    let database = scene.import_into(folder.path());
    let config = config(&[MessageEvent::Report, MessageEvent::Digest]);
    let reports = PeriodicReports::new(&config, &database);
    let mut maker = reports.maker;
    assert_eq!(maker.wanted, [WEEK, MONTH, Periodical::Digest]);
    // A week in which something was watched is over.
    let week = CalendarPeriod::of(CalendarUnit::Week, scene.period.from, &maker.zone).unwrap();
    let now = week.range(&maker.zone).unwrap().to.plus_micros(3_600_000_000);
    let first = maker.next(now).unwrap().unwrap().message;
    assert_eq!(first.key, format!("report-week-{week}"));
    assert_eq!((first.event, &first.thread), (MessageEvent::Report, &first.key));
    assert_eq!(first.title, format!("Report of the week of {week}"));
    assert!(first.text.contains("12345") && first.text.lines().count() > 5, "{}", first.text);
    maker.wanted = vec![Periodical::Digest];
    let digest = maker.next(now).unwrap().unwrap().message;
    assert_eq!(digest.key, format!("digest-week-{week}"));
    assert!(digest.text.chars().count() <= DIGEST_CHARS && !digest.text.contains("12345"));
    // Two weeks earlier there is nothing.
    let long_ago = week.before().and_then(CalendarPeriod::before).unwrap();
    let then = long_ago.range(&maker.zone).unwrap().to.plus_micros(3_600_000_000);
    assert_eq!(maker.next(then).unwrap(), None);
}

#[test]
fn none_is_made_for_nobody_or_by_a_clock_that_was_not_set() {
    let folder = tempfile::tempdir().unwrap();
    let scene = flapping_week(Duration::from_secs(600));
    let database = scene.import_into(folder.path());
    let nobody = PeriodicReports::new(&config(&[MessageEvent::Down]), &database);
    assert_eq!(nobody.maker.wanted, []);
    let unless_configured = PeriodicReports::new(&config(&[]), &database);
    assert_eq!(unless_configured.maker.wanted, [WEEK, MONTH], "by mail");

    let mut reports = PeriodicReports::new(&config(&[]), &database);
    let mut live = |seconds: std::ops::Range<i64>, state| {
        let mut made = Vec::new();
        for s in seconds {
            let us = s * 1_000_000;
            let utc = scene.period.to.plus_micros(8 * 86_400_000_000 + us);
            let boot = crate::time::BootTime::from_micros(us);
            let mut status = Status::of_start(utc);
            status.clock.state = state;
            let now = Reading { utc, boot, monotonic_us: us };
            made.extend(reports.second(now, Some(&status)));
            reports.chore.wait();
        }
        made
    };
    assert!(live(0..2_000, ClockState::Provisional).is_empty());
    let made = live(2_000..2_700, ClockState::Set);
    assert_eq!(made.len(), 1, "one at a look: {made:?}");
}
