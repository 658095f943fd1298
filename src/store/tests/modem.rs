use super::*;
use crate::time::Micros;
use crate::vocabulary::{
    Bounds, ClockState, LogClass, LogEntry, LogStamp, ModemAccount, ModemKind, ModemPageKept,
    ModemReadCause, ModemSilence, ModemSilenceKind, ModemSnapshot, ModemWords,
};

fn said(s: i64) -> ModemAccount {
    let entry = LogEntry {
        stamp: LogStamp::Unset,
        last: None,
        count: 1,
        level: Some(3),
        number: None,
        class: LogClass::T4,
        text: "T4 time out".into(),
    };
    let snapshot = ModemSnapshot {
        uptime: Some(Duration::from_secs(77)),
        log: Some(vec![entry]),
        ..ModemSnapshot::default()
    };
    ModemAccount {
        at: at(s).utc,
        took: Duration::from_millis(1_500),
        cause: ModemReadCause::Drop,
        kind: Some(ModemKind::Tc4400),
        clock_fetched: None,
        uptime_fetched: None,
        words: ModemWords::Said(Box::new(snapshot)),
    }
}

fn silent(s: i64) -> ModemAccount {
    let text = "it did not answer within 60 s".to_owned();
    let silence = ModemSilence { kind: ModemSilenceKind::TimedOut, text };
    ModemAccount { words: ModemWords::Silent(silence), kind: None, ..said(s) }
}

#[test]
fn what_the_modem_said_is_read_from_the_journal_and_after_the_commit() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    let readings = [said(10), silent(20)];
    for reading in &readings {
        writer.put_modem(reading);
    }
    writer.second(at(30), "{}").unwrap();
    assert_eq!(place.reader().modem(ALL).unwrap(), readings);
    for s in 31..150 {
        writer.second(at(s), "{}").unwrap();
    }
    let count = |table: &str| {
        let sql = format!("SELECT count(*) FROM {table}");
        place.sql().query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!(count("modem_reading"), 2);
    assert_eq!(place.reader().modem(ALL).unwrap(), readings);
    let none = TimeRange { from: at(11).utc, to: at(20).utc };
    assert_eq!(place.reader().modem(none).unwrap(), []);
}

#[test]
fn when_pages_came_moves_with_a_reading_of_a_clock_that_was_late() {
    let place = Place::new();
    let mut writer = place.writer();
    // Started three hours before the network tells the time.
    let late = |s: i64| Reading { utc: at(s - 3 * 3_600).utc, ..at(s) };
    writer.expect_clock(ClockState::Provisional, Micros::ZERO);
    writer.begin_run(late(0), Some("boot".to_owned())).unwrap();
    let came = |s: i64| Some(Bounds { earliest: at(s).utc, latest: at(s + 1).utc });
    let fetched = |by: i64| ModemAccount {
        at: at(10 + by).utc,
        clock_fetched: came(11 + by),
        uptime_fetched: came(12 + by),
        ..said(10)
    };
    let reading = fetched(-3 * 3_600);
    writer.put_modem(&reading);
    writer.second(late(30), "{}").unwrap();
    assert_eq!(place.reader().modem(ALL).unwrap(), std::slice::from_ref(&reading));
    writer.end_run(late(40), RunEnd::ClockStep).unwrap();
    assert_eq!(place.reader().modem(ALL).unwrap(), [reading]);
    let offset_us = at(0).utc.as_micros() - 5_000_000_000;
    writer.date_runs("boot", offset_us, at(41).utc).unwrap();
    assert_eq!(place.reader().modem(ALL).unwrap(), [fetched(0)]);
}

#[test]
fn pages_are_kept_as_they_came_and_a_day_of_them_takes_4_mb_at_most() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    let page =
        |s: i64, body: Vec<u8>| ModemPageKept { at: at(s).utc, path: "log.html".into(), body };
    let html = page(1, b"<table>\xa9".repeat(2_000));
    writer.put_modem_pages(std::slice::from_ref(&html)).unwrap();
    assert_eq!(place.reader().modem_pages(ALL).unwrap(), [html]);
    let mut random = fastrand::Rng::with_seed(1);
    for s in 2..40 {
        let noise = std::iter::repeat_with(|| random.u8(..)).take(500_000).collect();
        writer.put_modem_pages(&[page(s, noise)]).unwrap();
    }
    let size = "SELECT sum(length(body)) FROM modem_page";
    let size: i64 = place.sql().query_row(size, [], |row| row.get(0)).unwrap();
    assert!((3_000_000..=4_500_000).contains(&size), "{size}");
    writer.put_modem_pages(&[page(90_000, vec![0; 100])]).unwrap();
    assert_eq!(place.reader().modem_pages(ALL).unwrap().last().unwrap().at, at(90_000).utc);
}

#[test]
fn what_claims_to_be_larger_than_any_page_is_not_unpacked() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    writer.close(at(1), RunEnd::Clean).unwrap();
    let mut bomb = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    for _ in 0..17 {
        std::io::Write::write_all(&mut bomb, &vec![b' '; 1 << 20]).unwrap();
    }
    let insert = "INSERT INTO modem_reading VALUES (?1, 1, 'drop', NULL, NULL, NULL, ?2, NULL)";
    place.sql().execute(insert, (at(5).utc.as_micros(), bomb.finish().unwrap())).unwrap();
    assert_eq!(place.reader().modem(ALL).unwrap(), []);
}
