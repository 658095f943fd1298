use super::*;
use crate::store::{SpaceLimits, verify_chain};
use crate::vocabulary::{HostChange, HostEvent, Phases, Reply, Traffic};

const DAY: Duration = Duration::from_secs(86_400);

pub(super) fn limits(max_bytes: u64) -> SpaceLimits {
    SpaceLimits { max_bytes, keep_raw: 400 * DAY, keep_minutes: 400 * DAY }
}

/// About a kilobyte of samples in each minute.
fn heavy(target: &Target, n: i64) -> Measurement {
    let us = |by: i64| Duration::from_micros((n * by).unsigned_abs() % 90_001 + 1);
    let phases = Phases {
        resolve: Some(us(7_919)),
        connect: us(104_729),
        tls: Some(us(1_299_709)),
        first_byte: us(15_485_863),
        transfer: us(31),
    };
    let rtt = us(7_919) + us(104_729);
    let outcome =
        Outcome::Reply(Reply { rtt, local_queue: None, ttl: None, phases: Some(Box::new(phases)) });
    measured(target, n * 1_000 + 250, outcome)
}

/// Records minutes of heavy samples, with a look of the writer after each.
pub(super) fn fill(writer: &mut Writer, target: &Target, minutes: std::ops::Range<i64>) {
    for minute in minutes {
        for n in minute * 60..minute * 60 + 60 {
            writer.record(&heavy(target, n)).unwrap();
        }
        for s in 0..3 {
            writer.second(at(minute * 60 + 60 + s), "{}").unwrap();
        }
    }
}

fn pages(place: &Place) -> (i64, i64) {
    let sql = place.sql();
    let pragma = |name| sql.pragma_query_value(None, name, |r| r.get::<_, i64>(0)).unwrap();
    (pragma("page_count"), pragma("freelist_count"))
}

fn begun(place: &Place, limits: SpaceLimits) -> (Writer, Target) {
    let mut writer = place.writer();
    writer.keep_within(limits);
    writer.begin_run(at(0), None).unwrap();
    let target = anchor(&mut writer);
    (writer, target)
}

#[test]
fn a_new_file_gets_a_reserve_inside_and_a_log_at_full_length_that_survive_a_restart() {
    let place = Place::new();
    let (mut writer, target) = begun(&place, limits(1 << 30));
    writer.second(at(1), "{}").unwrap();
    let log = || std::fs::metadata(place.db().with_file_name("linkmon.db-wal")).unwrap().len();
    assert!(log() >= 4_000_000, "{}", log());
    assert!(pages(&place).1 >= 1_000, "{:?}", pages(&place));
    record(&mut writer, &target, 2..200);
    writer.close(at(200), RunEnd::Clean).unwrap();
    assert!(log() >= 4_000_000, "{}", log());
    let _writer = place.writer();
    assert!(log() >= 4_000_000, "{}", log());
    assert!(pages(&place).1 >= 900);
}

#[test]
fn samples_go_by_size_the_oldest_first_and_nothing_else_does() {
    let place = Place::new();
    let most = 2 << 20;
    let (mut writer, target) = begun(&place, limits(most));
    writer.put_drop(&super::rows::link_drop(60_000_000)).unwrap();
    writer.put_note(at(5).utc, "stays", at(5)).unwrap();
    let minutes = 44 * 60;
    fill(&mut writer, &target, 0..minutes);
    let (count, free) = pages(&place);
    assert!(count * 4_096 <= i64::try_from(most).unwrap(), "{count} pages");
    assert!(free >= 16, "{free} free pages");
    let reader = place.reader();
    let extent = reader.extent().unwrap().unwrap();
    assert!(extent.from > at(5 * 3_600).utc, "the oldest went: {:?}", extent.from);
    assert_eq!(extent.from.as_micros() % 3_600_000_000, 250_000, "whole hours");
    assert!(extent.to > at(minutes * 60 - 60).utc, "the newest stayed");
    let kept = samples(&reader);
    let first = (extent.from.as_millis() - START_S * 1_000) / 1_000;
    let expected: Vec<_> = (first..minutes * 60).map(|n| heavy(&target, n)).collect();
    assert_eq!(kept.len(), expected.len());
    assert!(kept == expected, "what is there is as it was recorded");
    // The rest of the record is whole.
    assert_eq!(reader.drops(ALL).unwrap().len(), 1);
    assert_eq!(reader.notes(ALL).unwrap().len(), 1);
    let hours = reader.hours(ALL).unwrap();
    assert_eq!(hours.first().unwrap().hour, START_S / 3_600);
    let sent: u32 = hours.iter().map(|row| row.sent).sum();
    let minutes_kept = reader.minutes(ALL).unwrap().len();
    assert_eq!(i64::try_from(minutes_kept).unwrap(), minutes, "summaries of minutes stay");
    assert!(i64::from(sent) > (minutes - 65) * 60, "{sent}");
    let found = verify_chain(&place.db()).unwrap();
    assert_eq!((found.broken, found.first_broken), (0, None));
    assert!(found.gone > 5 && found.whole > 2, "{found:?}");
    let word: String =
        place.sql().query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(word, "ok");
}

#[test]
fn a_limit_that_was_lowered_gives_room_back_to_the_file_system() {
    let place = Place::new();
    let (mut writer, target) = begun(&place, limits(1 << 30));
    fill(&mut writer, &target, 0..24 * 60);
    let before = pages(&place).0;
    let most = 1 << 20;
    writer.keep_within(limits(most));
    let mut said = Vec::new();
    for s in 0..400 {
        writer.second(at(24 * 3_600 + 10 + s), "{}").unwrap();
        said.push(writer.health().forecast.unwrap().used_bytes);
    }
    let (first, last) = (said[0], said[399]);
    assert!(first > most && last <= most, "what is said of it follows: {first}, {last}");
    assert_eq!(last, place.reader().forecast(limits(most), at(0).utc).unwrap().used_bytes);
    let after = pages(&place).0;
    assert!(before > after && after * 4_096 <= i64::try_from(most).unwrap(), "{before}, {after}");
    assert!(!samples(&place.reader()).is_empty());
    assert_eq!(verify_chain(&place.db()).unwrap().broken, 0);
}

#[test]
fn what_is_too_old_goes_by_age_once_the_clock_is_believed() {
    let place = Place::new();
    let day = 86_400;
    let (mut writer, target) = begun(
        &place,
        SpaceLimits { keep_raw: 10 * DAY, keep_minutes: 20 * DAY, ..limits(1 << 30) },
    );
    record(&mut writer, &target, 0..100);
    let begin_again = |writer: &mut Writer, s| {
        writer.end_run(at(s), RunEnd::Clean).unwrap();
        writer.begin_run(at(s), None).unwrap();
    };
    let looks = |writer: &mut Writer, s: i64| {
        for n in 0..130 {
            writer.second(at(s + n * 30), "{}").unwrap();
        }
    };
    let has = |place: &Place| {
        let reader = place.reader();
        let hours = reader.hours(ALL).unwrap().len();
        (samples(&reader).len(), reader.minutes(ALL).unwrap().len(), hours)
    };
    begin_again(&mut writer, 9 * day);
    looks(&mut writer, 9 * day);
    assert_eq!(has(&place), (100, 2, 1));
    // A clock that is years ahead at boot is put right before anything goes.
    writer.end_run(stepped(9 * day, 0), RunEnd::Clean).unwrap();
    writer.begin_run(stepped(9 * day, 4_000 * day), None).unwrap();
    for n in 0..100 {
        writer.second(stepped(9 * day + n * 30, 4_000 * day), "{}").unwrap();
    }
    assert_eq!(has(&place), (100, 2, 1));
    begin_again(&mut writer, 11 * day);
    looks(&mut writer, 11 * day);
    assert_eq!(has(&place), (0, 2, 1));
    begin_again(&mut writer, 21 * day);
    looks(&mut writer, 21 * day);
    assert_eq!(has(&place), (0, 0, 1), "the hour stays");
    let found = verify_chain(&place.db()).unwrap();
    assert_eq!((found.gone, found.broken), (1, 0));
}

#[test]
fn a_clock_that_is_wrong_into_the_future_makes_nothing_old_until_it_is_set() {
    let place = Place::new();
    let (mut writer, target) = begun(
        &place,
        SpaceLimits { keep_raw: 10 * DAY, keep_minutes: 20 * DAY, ..limits(1 << 30) },
    );
    record(&mut writer, &target, 0..100);
    writer.put_event(&HostEvent { at: at(50), what: HostChange::Slept { seconds: 9.0 } });
    writer.put_traffic(&Traffic {
        minute: at(0).utc.minute(),
        interface: "eth0".to_owned(),
        length: Duration::from_secs(60),
        received: 1,
        sent: 1,
    });
    writer.put_drop(&super::rows::link_drop(60_000_000)).unwrap();
    writer.end_run(at(100), RunEnd::Clean).unwrap();
    // Two years later, as the battery of its clock would have it.
    let later = 730 * 86_400;
    writer.expect_clock(crate::vocabulary::ClockState::Provisional, crate::time::Micros::ZERO);
    writer.begin_run(at(later), Some("boot".to_owned())).unwrap();
    for hour in 0..50 {
        writer.second(at(later + hour * 3_600), "{}").unwrap();
    }
    let left = |place: &Place| {
        let reader = place.reader();
        let samples = samples(&reader).len();
        (samples, reader.events(ALL).unwrap().len(), reader.traffic(ALL).unwrap().len())
    };
    assert_eq!(left(&place), (100, 1, 1));
    writer.end_run(at(later + 50 * 3_600), RunEnd::ClockStep).unwrap();
    writer.expect_clock(crate::vocabulary::ClockState::Set, crate::time::Micros::ZERO);
    writer.begin_run(at(later + 50 * 3_600), Some("boot".to_owned())).unwrap();
    for hour in 50..54 {
        writer.second(at(later + hour * 3_600), "{}").unwrap();
    }
    // What follows from the samples and stands beside them goes as well; what was found stays.
    assert_eq!(left(&place), (0, 0, 0));
    let reader = place.reader();
    assert_eq!((reader.drops(ALL).unwrap().len(), reader.hours(ALL).unwrap().len()), (1, 1));
    let [removed] = reader.removed_samples(ALL).unwrap()[..] else { panic!("one stretch") };
    assert!(removed.removed.is_some_and(|(on, _)| on > at(later).utc));
}

#[test]
fn a_year_that_became_too_much_goes_in_seconds_and_says_so() {
    let place = Place::new();
    let (mut writer, target) = begun(&place, limits(1 << 30));
    fill(&mut writer, &target, 0..30 * 60);
    let before = place.reader().extent().unwrap().unwrap().from;
    writer.keep_within(limits(600 << 10));
    writer.second(at(30 * 3_600 + 10), "{}").unwrap();
    let after = place.reader().extent().unwrap().unwrap().from;
    let hours = after.micros_since(before) / 3_600_000_000;
    assert!((12..=24).contains(&hours), "{hours} hours went in one second");
}

#[test]
fn a_flapping_interface_fills_no_disk() {
    let place = Place::new();
    let (mut writer, _) = begun(&place, limits(1 << 30));
    for n in 0..12_000 {
        let now = at(n);
        writer.put_event(&HostEvent { at: now, what: HostChange::Slept { seconds: 9.0 } });
        if n % 500 == 499 {
            writer.flush(now).unwrap();
        }
    }
    writer.flush(at(12_000)).unwrap();
    assert_eq!(place.reader().events(ALL).unwrap().len(), 10_000);
}

#[test]
fn sums_of_years_that_alone_are_too_much_go_too_and_no_record_is_said_of_their_time() {
    let place = Place::new();
    let most = 2 << 20;
    let (mut writer, target) = begun(&place, limits(most));
    writer.put_drop(&super::rows::link_drop(60_000_000)).unwrap();
    writer.put_note(at(5).utc, "stays", at(5)).unwrap();
    record(&mut writer, &target, 0..30);
    writer.flush(at(30)).unwrap();
    // Three megabytes of sums, and what else there is of their time.
    let first = START_S / 3_600 + 1;
    let hours = 3_000;
    place
        .sql()
        .execute_batch(&format!(
            "WITH RECURSIVE n(hour) AS (SELECT {first} UNION ALL
               SELECT hour + 1 FROM n WHERE hour < {first} + {hours} - 1)
             INSERT INTO hour SELECT hour, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0,
               randomblob(900), NULL FROM n;
             INSERT INTO gap SELECT hour * 3600000000, hour * 3600000000 + 5000000, 'asleep'
               FROM hour WHERE hour % 10 = 0;
             INSERT INTO impairment(key_us, kind, target, onset_earliest_us, onset_latest_us,
               end_earliest_us, end_latest_us, unobserved_us, places, detail)
               SELECT hour * 3600000000, 'dns', NULL, hour * 3600000000, hour * 3600000000,
                 hour * 3600000000 + 5000000, hour * 3600000000 + 6000000, 0, '[]',
                 '{{\"bearing\":29,\"sent\":30}}' FROM hour WHERE hour % 10 = 5;"
        ))
        .unwrap();
    let now = at((hours + 3) * 3_600);
    let mut later = now;
    for s in 0..400 {
        later = at((hours + 3) * 3_600 + s);
        writer.second(later, "{}").unwrap();
    }
    let (count, free) = pages(&place);
    assert!((count - free) * 4_096 <= i64::try_from(most).unwrap(), "{count} pages, {free} free");
    let sql = place.sql();
    let number = |of: &str| sql.query_row(of, [], |row| row.get::<_, i64>(0)).unwrap();
    let oldest = number("SELECT min(hour) FROM hour");
    assert!(oldest > first + 500, "{oldest}, {first}");
    assert_eq!(number("SELECT max(hour) FROM hour"), first + hours - 1, "the newest stays");
    let cut_us = oldest * 3_600_000_000;
    let gaps = place.reader().gaps(ALL).unwrap();
    let reason = gaps[0].reason.as_str();
    assert_eq!((reason, gaps[0].range.to.as_micros()), ("no-record", cut_us), "{:?}", gaps[0]);
    assert_eq!(gaps[0].range.from, at(0).utc);
    assert!(
        gaps[1..]
            .iter()
            .all(|gap| gap.range.from.as_micros() >= cut_us && gap.reason.as_str() == "asleep")
    );
    assert!(number("SELECT min(end_latest_us) FROM impairment") >= cut_us);
    let removed =
        format!("SELECT count(*) FROM removal WHERE what = 'hour' AND to_hour = {oldest}");
    assert_eq!(number(&removed), 1);
    let reader = place.reader();
    assert_eq!((reader.drops(ALL).unwrap().len(), reader.notes(ALL).unwrap().len()), (1, 1));
    assert_eq!(reader.runs(ALL).unwrap().len(), 1);
    assert_eq!(verify_chain(&place.db()).unwrap().broken, 0);
    writer.close(later, RunEnd::Clean).unwrap();
}
