//! The full check finds what the cheap look at a start may not: one byte, a missing end, a lost log.

use super::*;
use crate::store::check_all;

/// A file of three closed hours and some minutes, without a log.
fn closed(place: &Place) {
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    let target = anchor(&mut writer);
    record(&mut writer, &target, 0..3 * 3_600 + 600);
    writer.close(at(3 * 3_600 + 600), RunEnd::Clean).unwrap();
    std::fs::remove_file(place.db().with_file_name("linkmon.db-wal")).unwrap();
}

#[test]
fn a_file_as_it_was_written_is_whole() {
    let place = Place::new();
    closed(&place);
    let found = check_all(&place.db()).unwrap();
    assert!(found.is_whole(), "{found:?}");
    assert_eq!((found.rows, found.chain.whole), (190, 3), "{found:?}");
}

#[test]
fn one_byte_flipped_in_the_samples_of_an_old_hour_is_found_by_its_sum_and_by_the_chain() {
    let place = Place::new();
    closed(&place);
    let blob: Vec<u8> = place
        .sql()
        .query_row("SELECT samples FROM raw WHERE minute = ?1", [at(1_200).utc.minute()], |row| {
            row.get(0)
        })
        .unwrap();
    let mut file = std::fs::read(place.db()).unwrap();
    // Pages that were split keep copies of what went to the other.
    let at: Vec<usize> =
        (0..file.len() - blob.len()).filter(|n| file[*n..].starts_with(&blob)).collect();
    assert!(!at.is_empty());
    for n in at {
        file[n + 30] ^= 0x01;
    }
    std::fs::write(place.db(), file).unwrap();
    let found = check_all(&place.db()).unwrap();
    assert!(!found.is_whole());
    assert_eq!(found.problems, Vec::<String>::new(), "SQLite sees nothing of it");
    assert_eq!((found.damaged_rows, found.chain.broken), (1, 1), "{found:?}");
}

#[test]
fn a_file_that_was_cut_is_damaged_wherever_it_was_cut() {
    let place = Place::new();
    closed(&place);
    let whole = std::fs::read(place.db()).unwrap();
    for kept in [95, 60, 30, 5] {
        let length = whole.len() * kept / 100 / 4_096 * 4_096;
        std::fs::write(place.db(), &whole[..length]).unwrap();
        let word = match check_all(&place.db()) {
            Ok(found) => {
                assert!(!found.problems.is_empty(), "{kept} %: {found:?}");
                continue;
            }
            Err(error) => error.to_string(),
        };
        assert!(word.contains("damaged"), "{kept} %: {word}");
    }
}

#[test]
fn a_log_that_was_lost_under_a_killed_daemon_is_known_by_the_commits_that_are_missing() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    let target = anchor(&mut writer);
    record(&mut writer, &target, 0..1_000);
    let found = check_all(&place.db()).unwrap();
    assert!(found.is_whole(), "while the daemon runs: {found:?}");
    place.sql().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    record(&mut writer, &target, 1_000..2_000);
    // Killed, with all files as they are.
    let log = place.db().with_file_name("linkmon.db-wal");
    let before = std::fs::read(place.db()).unwrap();
    let kept = std::fs::read(&log).unwrap();
    drop(writer);
    std::fs::write(place.db(), before).unwrap();
    std::fs::write(&log, kept).unwrap();
    let _ = std::fs::remove_file(place.db().with_file_name("linkmon.db-shm"));
    let found = check_all(&place.db()).unwrap();
    assert!(found.is_whole(), "killed, and nothing lost: {found:?}");
    std::fs::remove_file(&log).unwrap();
    let _ = std::fs::remove_file(place.db().with_file_name("linkmon.db-shm"));
    let found = check_all(&place.db()).unwrap();
    assert_eq!(found.problems, Vec::<String>::new(), "the file alone is whole: {found:?}");
    assert!((16..=18).contains(&found.lost_commits), "{found:?}");
}

#[test]
fn each_fault_is_a_line() {
    let place = Place::recorded(200);
    let copy = place.directory.path().join("copy.db");
    crate::store::backup(&place.db(), &copy, 1, at(200).utc).unwrap();
    let mut bytes = std::fs::read(&copy).unwrap();
    for page in 20..bytes.len() / 4_096 {
        bytes[page * 4_096..page * 4_096 + 64].fill(0x55);
    }
    std::fs::write(&copy, &bytes).unwrap();
    if let Ok(found) = check_all(&copy) {
        assert!(!found.problems.is_empty());
        assert!(found.problems.iter().all(|line| !line.contains('\n') && !line.starts_with('*')));
    }
}
