use std::io::{Seek, SeekFrom, Write};

use super::*;
use crate::store::{StoreEvent, check_all};
use crate::vocabulary::GapReason;

/// Minutes of one sample a second, committed in one go.
const MINUTES: i64 = 24 * 60;

/// A database with a day of samples, a drop and a note; its writer is gone.
fn a_day() -> (Place, Target) {
    let place = Place::new();
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    let target = anchor(&mut writer);
    for n in 0..MINUTES * 60 {
        writer.record(&nth(&target, n)).unwrap();
    }
    writer.put_drop(&super::rows::link_drop(60_000_000)).unwrap();
    writer.put_note(at(5).utc, "before the damage", at(5)).unwrap();
    let end = at(MINUTES * 60);
    while writer.close_hours(end.utc, 50).unwrap() > 0 {}
    writer.close(end, RunEnd::Clean).unwrap();
    // All of it in the file itself.
    place.sql().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    (place, target)
}

/// Writes over a file that nobody has open.
fn damage(path: &Path, at: u64, bytes: &[u8]) {
    let mut file = std::fs::File::options().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(bytes).unwrap();
}

fn noise(length: usize) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(5);
    (0..length).map(|_| random.u8(..)).collect()
}

/// Lets the writer work until it has brought over what there is.
fn salvaged(writer: &mut Writer, from_s: i64) -> u64 {
    // The thread that reads takes the time it takes; the hour is not to end meanwhile.
    for turn in 0..1_000_000 {
        writer.second(at(from_s + turn / 1_000), "{}").unwrap();
        for news in writer.take_events() {
            if let StoreEvent::Salvaged { rows } = news {
                return rows;
            }
        }
        std::thread::yield_now();
    }
    panic!("it never ends");
}

/// Opens a damaged database; gives how many rows of samples were brought over of how many.
fn opened_again(place: &Place) -> (Writer, Recovery, u64) {
    let (mut writer, recovery) = place.try_open().unwrap();
    writer.begin_run(at(MINUTES * 60 + 600), None).unwrap();
    let rows = salvaged(&mut writer, MINUTES * 60 + 600);
    let health = check_all(&place.db()).unwrap();
    assert_eq!((health.problems, health.damaged_rows), (vec![], 0));
    (writer, recovery, rows)
}

fn check_rest(place: &Place) {
    let reader = place.reader();
    assert_eq!(reader.targets().unwrap()[0].name, "cloudflare");
    assert_eq!(reader.drops(ALL).unwrap().len(), 1);
    assert_eq!(reader.notes(ALL).unwrap()[0].text, "before the damage");
}

#[test]
fn a_header_of_zeros_costs_nothing_but_the_small_tables() {
    let (place, _) = a_day();
    damage(&place.db(), 0, &[0; 4_096]);
    let (_writer, recovery, rows) = opened_again(&place);
    let aside = recovery.put_aside.unwrap();
    assert!(aside.exists() && aside.to_string_lossy().contains("linkmon.db.corrupt-"), "{aside:?}");
    assert_eq!(i64::try_from(rows).unwrap(), MINUTES);
    // Without the table of targets and runs nobody knows whose they are; they are kept all the same.
    let kept: i64 =
        place.sql().query_row("SELECT count(*) FROM raw", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, MINUTES);
}

#[test]
fn pages_of_noise_cost_their_own_minutes_and_the_report_knows_which() {
    let (place, target) = a_day();
    let pages = std::fs::metadata(place.db()).unwrap().len() / 4_096;
    let sql = place.sql();
    let root: u32 = sql
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'raw'", [], |row| row.get(0))
        .unwrap();
    drop(sql);
    // The top of the tree, and one page in the midst of the newest rows.
    damage(&place.db(), u64::from(root - 1) * 4_096, &noise(4_096));
    damage(&place.db(), (pages - 12) * 4_096, &noise(4_096));
    let (writer, recovery, rows) = opened_again(&place);
    assert!(recovery.put_aside.is_some());
    let lost = MINUTES - i64::try_from(rows).unwrap();
    assert!((0..=80).contains(&lost), "{lost} of {MINUTES}");
    check_rest(&place);
    let found = place.samples();
    assert_eq!(i64::try_from(found.len()).unwrap(), (MINUTES - lost) * 60);
    assert!(found.iter().all(|m| {
        *m == nth(&target, (m.sent_at.as_millis() - START_S * 1_000).div_euclid(1_000))
    }));
    assert_eq!(place.reader().hours(ALL).unwrap().len(), 24, "as they were summed up");
    drop(writer);
}

#[test]
fn a_file_cut_to_a_half_gives_its_half_and_gaps_for_the_rest() {
    let (place, _) = a_day();
    let length = std::fs::metadata(place.db()).unwrap().len();
    std::fs::File::options().write(true).open(place.db()).unwrap().set_len(length / 2).unwrap();
    let (_writer, recovery, rows) = opened_again(&place);
    assert!(recovery.put_aside.is_some());
    // The tables' first pages, the indexes and the reserve are in the first half, too.
    assert!(rows > 30, "{rows}");
    let reader = place.reader();
    let gaps = reader.gaps(ALL).unwrap();
    let lost: u64 = gaps
        .iter()
        .filter(|g| g.reason == GapReason::NoRecord)
        .map(|g| g.range.length().as_secs())
        .sum();
    let runs = reader.runs(ALL).unwrap();
    if runs.iter().any(|run| run.started == at(0).utc) {
        let minutes: std::collections::BTreeSet<i64> =
            reader.minutes(ALL).unwrap().iter().map(|row| row.minute).collect();
        assert!(lost / 60 + minutes.len() as u64 >= u64::try_from(MINUTES).unwrap() - 1);
    }
}

#[test]
fn a_log_that_was_lost_leaves_a_file_that_opens() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    let target = anchor(&mut writer);
    record(&mut writer, &target, 0..600);
    drop(writer);
    std::fs::remove_file(place.db().with_file_name("linkmon.db-wal")).unwrap();
    let _ = std::fs::remove_file(place.db().with_file_name("linkmon.db-shm"));
    let (mut writer, _) = place.try_open().unwrap();
    writer.begin_run(at(700), None).unwrap();
    anchor(&mut writer);
    writer.second(at(701), "{}").unwrap();
    assert_eq!(check_all(&place.db()).unwrap().problems, Vec::<String>::new());
}

#[test]
fn a_flipped_byte_of_the_newest_day_is_told_at_the_start_and_no_reason_to_put_aside() {
    let (place, _) = a_day();
    let sql = place.sql();
    // Of an hour that has its entry in the chain.
    let minute = at(MINUTES * 60 - 7_800).utc.minute();
    let raw: Vec<u8> = sql
        .query_row("SELECT samples FROM raw WHERE minute = ?1", [minute], |row| row.get(0))
        .unwrap();
    drop(sql);
    let file = std::fs::read(place.db()).unwrap();
    let place_of = file.windows(raw.len()).position(|window| window == raw).unwrap();
    damage(&place.db(), place_of as u64 + 40, &[file[place_of + 40] ^ 0x10]);
    let (_writer, recovery) = place.try_open().unwrap();
    assert_eq!((recovery.damaged_rows, recovery.put_aside), (1, None));
    let health = check_all(&place.db()).unwrap();
    assert_eq!((health.rows, health.damaged_rows, health.chain.broken), (1_440, 1, 1));
    assert!(health.problems.is_empty() && !health.is_whole());
}

#[test]
fn a_database_damaged_under_a_running_daemon_is_put_aside_and_nothing_measured_later_is_lost() {
    let (place, target) = a_day();
    let mut writer = place.writer();
    let from = MINUTES * 60 + 60;
    writer.begin_run(at(from), None).unwrap();
    record(&mut writer, &target, from..from + 100);
    // By another process: this one's locks stay as they are.
    let pages = std::fs::metadata(place.db()).unwrap().len() / 4_096;
    let status = std::process::Command::new("dd")
        .args(["if=/dev/urandom", "bs=4096", "seek=1", "conv=notrunc", "status=none"])
        .arg(format!("count={}", pages - 1))
        .arg(format!("of={}", place.db().display()))
        .status()
        .unwrap();
    assert!(status.success());
    // Reads all anew from the file.
    writer.file.db.execute_batch("PRAGMA shrink_memory").unwrap();
    let (mut told, mut news) = (0, Vec::new());
    for n in from + 100..from + 400 {
        writer.record(&nth(&target, n)).unwrap();
        told += usize::from(writer.second(at(n + 1), "{}").is_err());
        news.extend(writer.take_events());
    }
    assert_eq!(told, 1, "one alert");
    assert!(matches!(news[0], StoreEvent::PutAside { .. }), "{news:?}");
    writer.flush(at(from + 401)).unwrap();
    let found = place.samples();
    let expected: Vec<_> = (from + 100..from + 400).map(|n| nth(&target, n)).collect();
    assert!(found.ends_with(&expected), "{} of {}", found.len(), expected.len());
    let health = check_all(&place.db()).unwrap();
    assert_eq!((health.problems, health.damaged_rows), (vec![], 0));
}

#[test]
fn a_file_that_turned_read_only_is_opened_again_after_a_minute_and_then_later() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    let target = anchor(&mut writer);
    record(&mut writer, &target, 0..100);
    writer.file.db.execute_batch("PRAGMA query_only = ON").unwrap();
    let mut told = 0;
    for n in 100..400 {
        writer.record(&nth(&target, n)).unwrap();
        told += usize::from(writer.second(at(n + 1), "{}").is_err());
    }
    assert_eq!(told, 1, "one alert");
    assert!(!writer.is_failing(), "a new connection may write");
    writer.flush(at(401)).unwrap();
    let expected: Vec<_> = (0..400).map(|n| nth(&target, n)).collect();
    assert_eq!(place.samples(), expected);
}

#[test]
fn when_the_ring_is_full_the_oldest_samples_go_and_their_summaries_stay() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    let target = anchor(&mut writer);
    writer.waiting.ring = 64 << 10;
    // As on a file system without space.
    writer.file.db.execute_batch("PRAGMA max_page_count = 1").unwrap();
    let minutes = 1_200;
    for n in 0..minutes * 60 {
        writer.record(&nth(&target, n)).unwrap();
        if n % 60 == 30 {
            let _ = writer.second(at(n + 1), "{}");
        }
    }
    let waiting = writer.waiting.waiting_bytes();
    assert!((30_000..70_000).contains(&waiting), "{waiting}");
    writer.put_gap(&crate::vocabulary::Gap {
        range: TimeRange { from: at(5).utc, to: at(9).utc },
        reason: GapReason::Stalled,
    });
    writer.file.db.execute_batch("PRAGMA max_page_count = 1000000").unwrap();
    writer.flush(at(minutes * 60)).unwrap();
    let reader = place.reader();
    assert_eq!(reader.minutes(ALL).unwrap().len(), usize::try_from(minutes).unwrap());
    assert_eq!(reader.minutes(ALL).unwrap()[3].sent, 60);
    let found = place.samples();
    assert!(found.len() > 10_000 && found.len() < 60_000, "{}", found.len());
    assert_eq!(found.last(), Some(&nth(&target, minutes * 60 - 1)));
    assert_eq!(reader.gaps(ALL).unwrap().len(), 1);
}

#[test]
fn a_database_that_was_removed_under_the_daemon_is_put_back_whole() {
    for is_directory in [true, false] {
        let place = Place::new();
        let mut writer = place.writer();
        writer.begin_run(at(0), None).unwrap();
        let target = anchor(&mut writer);
        writer.put_drop(&super::rows::link_drop(60_000_000)).unwrap();
        let minutes = |writer: &mut Writer, range: std::ops::Range<i64>| {
            for n in range.start * 60..range.end * 60 {
                writer.record(&nth(&target, n)).unwrap();
                if n % 60 == 59 {
                    writer.second(at(n + 5), "{}").unwrap();
                }
            }
        };
        minutes(&mut writer, 0..10);
        let state = place.db().parent().unwrap().to_owned();
        if is_directory {
            std::fs::remove_dir_all(&state).unwrap();
        } else {
            std::fs::remove_file(place.db()).unwrap();
        }
        minutes(&mut writer, 10..20);
        assert_eq!(writer.take_events(), [StoreEvent::PutBack]);
        assert!(matches!(place.try_open(), Err(Error::Locked { .. })), "it is locked again");
        minutes(&mut writer, 20..25);
        assert_eq!(writer.take_events(), []);
        writer.close(at(25 * 60 + 9), RunEnd::Clean).unwrap();
        let health = check_all(&place.db()).unwrap();
        assert!(health.is_whole(), "{health:?}");
        let reader = place.reader();
        let all: Vec<_> = (0..25 * 60).map(|n| nth(&target, n)).collect();
        assert_eq!(samples(&reader), all, "nothing is missing");
        assert_eq!(reader.drops(ALL).unwrap().len(), 1);
    }
}

/// A database with a row for each minute of 27 hours, and an event for each.
fn a_long_day() -> (Place, Target) {
    let place = Place::new();
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    let target = anchor(&mut writer);
    for n in 0..27 * 60 {
        let mut minute = (0..60).map(|s| nth(&target, n * 60 + s));
        minute.try_for_each(|sample| writer.record(&sample)).unwrap();
        let what = crate::vocabulary::HostChange::ClockStep { seconds: 1.0 };
        writer.put_event(&crate::vocabulary::HostEvent { at: at(n * 60), what });
    }
    writer.close(at(27 * 3_600), RunEnd::Clean).unwrap();
    place.sql().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    (place, target)
}

/// Leaves of tables with numbered rows; of tables without, and of indexes.
const NUMBERED: u8 = 0x0D;
const KEYED: u8 = 0x0A;

/// The number of the first page of these kinds that holds these bytes.
fn page_with(path: &Path, kind: u8, bytes: &[u8]) -> u64 {
    let file = std::fs::read(path).unwrap();
    let holds = |page: &[u8]| page[0] == kind && page.windows(bytes.len()).any(|w| w == bytes);
    file.chunks_exact(4_096).position(holds).unwrap() as u64
}

#[test]
fn a_damaged_page_costs_a_reader_its_own_rows_alone() {
    let (place, _) = a_long_day();
    let hours_back = |h: f64| {
        #[allow(clippy::cast_possible_truncation, reason = "a few hours")]
        let seconds = (h * 3_600.0) as i64;
        at(27 * 3_600 - seconds)
    };
    let blob: Vec<u8> = place
        .sql()
        .query_row(
            "SELECT samples FROM raw WHERE minute = ?1",
            [hours_back(26.5).utc.minute()],
            |row| row.get(0),
        )
        .unwrap();
    let event = br#"{"kind":"clock-step","seconds":1.0}"#;
    let pages = [page_with(&place.db(), NUMBERED, event), page_with(&place.db(), KEYED, event)];
    damage(&place.db(), page_with(&place.db(), KEYED, &blob) * 4_096, &noise(4_096));
    for page in pages {
        damage(&place.db(), page * 4_096, &noise(4_096));
    }
    let reader = place.reader();
    let mut found = 0;
    reader.for_each_minute(ALL, &mut |minute| found += minute.samples.len()).unwrap();
    let lost = 27 * 60 - found / 60;
    assert!((1..60).contains(&lost), "{lost} minutes");
    let events = reader.events(ALL).unwrap().len();
    assert!((1_000..27 * 60).contains(&events), "{events} events");
    assert!(reader.extent().unwrap().is_some());
    let places = |table: &str| {
        reader.unread().iter().filter(|unread| unread.table == table).map(|u| u.places).sum::<u64>()
    };
    assert_eq!((places("raw"), places("event")), (1, 1), "{:?}", reader.unread());
    assert_eq!(reader.events(ALL).unwrap().len(), events, "the same once more");
}

#[test]
fn the_look_at_the_start_goes_as_far_back_as_the_judge_reads() {
    let (place, _) = a_long_day();
    let minute = at(27 * 3_600 - 25 * 3_600 - 1_800).utc.minute();
    let sql = "SELECT samples FROM raw WHERE minute = ?1";
    let blob: Vec<u8> = place.sql().query_row(sql, [minute], |row| row.get(0)).unwrap();
    damage(&place.db(), page_with(&place.db(), KEYED, &blob) * 4_096, &noise(4_096));
    let (mut writer, recovery) = place.try_open().unwrap();
    assert!(recovery.put_aside.is_some());
    writer.begin_run(at(27 * 3_600 + 60), None).unwrap();
    let rows = salvaged(&mut writer, 27 * 3_600 + 60);
    assert!(rows > 27 * 60 - 60, "{rows}");
    check_all(&place.db()).map(|health| assert!(health.problems.is_empty(), "{health:?}")).unwrap();
}

#[test]
fn what_is_salvaged_of_an_earlier_schema_has_its_notes_and_drops() {
    let files: [&[u8]; 3] = [
        include_bytes!("../../../tests/data/schema/1.db"),
        include_bytes!("../../../tests/data/schema/2.db"),
        include_bytes!("../../../tests/data/schema/3.db"),
    ];
    for (schema, file) in (1..).zip(files) {
        let folder = tempfile::tempdir().unwrap();
        let aside = folder.path().join("linkmon.db.corrupt");
        std::fs::write(&aside, file).unwrap();
        let new = rusqlite::Connection::open_in_memory().unwrap();
        crate::store::schema::migrate(&new, &aside, 0, "linkmon test").unwrap();
        crate::store::salvage::begin(&aside, &new).unwrap();
        let old = rusqlite::Connection::open(&aside).unwrap();
        for table in ["note", "link_drop", "gap", "run", "target"] {
            let sql = format!("SELECT count(*) FROM {table}");
            let count = |db: &rusqlite::Connection| {
                db.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap()
            };
            assert_eq!(count(&new), count(&old), "{table} of schema {schema}");
        }
        let notes = "SELECT count(*) FROM note WHERE kind = 'other'";
        let notes: i64 = new.query_row(notes, [], |row| row.get(0)).unwrap();
        assert_eq!(notes, 1, "schema {schema}");
    }
}
