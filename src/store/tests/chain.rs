//! Attacks on a record and its chain, each of which is to show; and what a record may rightly do.

use super::*;
use crate::store::{
    Broken, ChainBreak, Digest, HeadCheck, SpaceLimits, Verification, verify_chain,
};

const HOUR: i64 = START_S / 3_600;
/// When all is over.
const LATER: i64 = 30 * 3_600;

/// Watches in these hours from the first on, each a run of a quarter of an hour, with a probe every
/// ten seconds, and adds them to the chain.
fn watched(place: &Place, hours: &[i64]) -> Writer {
    let mut writer = place.writer();
    let target = anchor(&mut writer);
    for hour in hours {
        watch(&mut writer, &target, *hour);
    }
    close(&mut writer);
    writer
}

fn watch(writer: &mut Writer, target: &Target, hour: i64) {
    let from = hour * 3_600;
    writer.begin_run(at(from), None).unwrap();
    for n in (from..from + 900).step_by(10) {
        writer.record(&nth(target, n)).unwrap();
    }
    writer.end_run(at(from + 900), RunEnd::Clean).unwrap();
}

fn close(writer: &mut Writer) {
    while writer.close_hours(at(LATER).utc, 50).unwrap() > 0 {}
}

fn verified(place: &Place) -> Verification {
    verify_chain(&place.db()).unwrap()
}

fn against(place: &Place, head: Digest) -> HeadCheck {
    place.reader().verify_head(head, at(LATER).utc).unwrap().noted.unwrap()
}

fn head(place: &Place) -> Digest {
    place.reader().chain_head().unwrap().unwrap().digest
}

fn found(place: &Place) -> Option<ChainBreak> {
    verified(place).first_broken
}

/// The rows of an hour moved to another, in a run of their own or not.
fn copy_rows(place: &Place, from: i64, to: i64, run: i64) {
    let sql = place.sql();
    let moved = "INSERT INTO raw SELECT minute + 60 * (?2 - ?1), target, ?3, samples FROM raw
                 WHERE minute BETWEEN 60 * ?1 AND 60 * ?1 + 59";
    assert!(sql.execute(moved, [HOUR + from, HOUR + to, run]).unwrap() > 0);
}

fn due(place: &Place, hour: i64) {
    place.sql().execute("INSERT INTO hour_due VALUES (?1)", [HOUR + hour]).unwrap();
}

#[test]
fn measurements_put_into_an_hour_that_was_not_watched_show() {
    let place = Place::new();
    drop(watched(&place, &[0, 1, 3, 4]));
    let noted = head(&place);
    assert_eq!((verified(&place).whole, found(&place)), (4, None));
    let whole = against(&place, noted);
    assert_eq!((whole.whole, whole.is_strict()), (4, true));

    copy_rows(&place, 1, 2, 2);
    let expected = Some(ChainBreak { hour: HOUR + 2, what: Broken::Unlisted });
    assert_eq!(found(&place), expected, "in no entry, and not due");
    assert_eq!((against(&place, noted).later, against(&place, noted).is_strict()), (1, false));
    due(&place, 2);
    assert_eq!((found(&place), verified(&place).due), (None, 1), "as if linkmon had written them");
    let late = against(&place, noted);
    assert_eq!((late.later, late.first_later, late.changed), (1, Some(HOUR + 2), 0));
    // linkmon itself adds them to the chain; the head does not cover them.
    let mut writer = place.writer();
    close(&mut writer);
    assert_eq!((verified(&place).whole, found(&place)), (5, None));
    assert_eq!((against(&place, noted).whole, against(&place, noted).later), (4, 1));
    assert!(against(&place, head(&place)).is_strict(), "the new head does");
}

#[test]
fn measurements_put_into_a_closed_hour_under_another_run_show() {
    let place = Place::new();
    drop(watched(&place, &[0, 1, 2]));
    let noted = head(&place);
    copy_rows(&place, 1, 0, 3);
    assert_eq!(found(&place), Some(ChainBreak { hour: HOUR, what: Broken::Unlisted }));
    due(&place, 0);
    assert_eq!((found(&place), verified(&place).due), (None, 1));
    assert_eq!((against(&place, noted).later, against(&place, noted).whole), (1, 3));
}

#[test]
fn measurements_of_a_closed_hour_that_were_overwritten_show_although_it_is_due() {
    let place = Place::new();
    drop(watched(&place, &[0, 1, 2]));
    let noted = head(&place);
    let sql = place.sql();
    let overwrite = "UPDATE raw SET samples = (SELECT samples FROM raw ORDER BY minute LIMIT 1)
                     WHERE minute BETWEEN 60 * ?1 + 24 AND 60 * ?1 + 32";
    assert!(sql.execute(overwrite, [HOUR + 1]).unwrap() > 0);
    due(&place, 1);
    let expected = Some(ChainBreak { hour: HOUR + 1, what: Broken::Rows });
    assert_eq!(found(&place), expected);
    let changed = against(&place, noted);
    assert_eq!((changed.changed, changed.first_changed, changed.whole), (1, Some(HOUR + 1), 2));
    // Whoever lets linkmon enter the hour again gets a whole chain, but not that head.
    let mut writer = place.writer();
    close(&mut writer);
    assert_eq!((found(&place), verified(&place).added_again), (None, 1));
    assert_eq!((against(&place, noted).changed, against(&place, noted).is_strict()), (1, false));
}

#[test]
fn only_the_oldest_hours_can_have_been_removed() {
    let place = Place::new();
    drop(watched(&place, &[0, 1, 2, 3]));
    let noted = head(&place);
    let sql = place.sql();
    let remove = |hour: i64| {
        let sql = sql.execute("DELETE FROM raw WHERE minute / 60 = ?1", [HOUR + hour]);
        assert!(sql.unwrap() > 0);
    };
    sql.execute("INSERT INTO meta VALUES ('raw_removed_before', ?1)", [HOUR + 3]).unwrap();
    remove(1);
    assert_eq!(found(&place), Some(ChainBreak { hour: HOUR + 1, what: Broken::Missing }));
    assert_eq!(against(&place, noted).changed, 1);
    remove(0);
    assert_eq!((found(&place), verified(&place).gone), (None, 2));
    assert_eq!((against(&place, noted).gone, against(&place, noted).is_strict()), (2, true));
    // An older record that is imported later does not speak against it.
    let mut writer = place.writer();
    let target = anchor(&mut writer);
    let late = (0..60).map(|n| measured(&target, n * 1_000 + 777, Outcome::Lost));
    writer.import_run(&mut late.collect::<Vec<_>>().into_iter()).unwrap();
    close(&mut writer);
    assert_eq!((found(&place), verified(&place).gone), (None, 1), "the first has rows again");
    remove(3);
    assert_eq!(found(&place), Some(ChainBreak { hour: HOUR + 3, what: Broken::Missing }));
}

#[test]
fn an_hour_that_is_gone_keeps_its_sums() {
    let place = Place::new();
    let mut writer = watched(&place, &[0, 1, 2]);
    assert!(writer.remove_oldest_raw(at(LATER).utc).unwrap());
    assert_eq!((verified(&place).gone, verified(&place).whole, found(&place)), (1, 2, None));
    let sql = place.sql();
    sql.execute("UPDATE minute SET lost = lost + 1 WHERE minute / 60 = ?1", [HOUR]).unwrap();
    assert_eq!(found(&place), Some(ChainBreak { hour: HOUR, what: Broken::Sums }));
    sql.execute("DELETE FROM minute WHERE minute / 60 = ?1", [HOUR]).unwrap();
    assert_eq!(found(&place), None, "removed for their age");
    sql.execute("UPDATE hour SET lost = lost + 1 WHERE hour = ?1", [HOUR]).unwrap();
    assert_eq!(found(&place), Some(ChainBreak { hour: HOUR, what: Broken::Sums }));
}

#[test]
fn summaries_that_were_changed_and_entered_again_do_not_have_the_head() {
    let place = Place::new();
    let mut writer = watched(&place, &[0, 1]);
    let noted = head(&place);
    place.sql().execute("UPDATE minute SET lost = 9 WHERE minute / 60 = ?1", [HOUR + 1]).unwrap();
    due(&place, 1);
    close(&mut writer);
    assert_eq!(found(&place), None);
    assert_eq!((against(&place, noted).changed, against(&place, noted).whole), (1, 1));
}

#[test]
fn a_run_or_a_target_that_became_another_shows() {
    let place = Place::new();
    drop(watched(&place, &[0, 1]));
    let noted = head(&place);
    let sql = place.sql();
    let names = |hour| Some(ChainBreak { hour: HOUR + hour, what: Broken::Names });
    sql.execute("UPDATE target SET role = 'service'", []).unwrap();
    assert_eq!((found(&place), against(&place, noted).is_strict()), (names(0), false));
    sql.execute("UPDATE target SET role = 'anchor'", []).unwrap();
    assert_eq!(found(&place), None);
    sql.execute("UPDATE run SET ended = 'import' WHERE id = 2", []).unwrap();
    assert_eq!(found(&place), names(1));
    sql.execute("UPDATE run SET ended = 'crash', started_us = started_us + 1", []).unwrap();
    assert_eq!((verified(&place).broken, found(&place)), (2, names(0)));
}

#[test]
fn a_chain_that_was_made_again_lacks_the_head_that_was_noted() {
    let place = Place::new();
    drop(watched(&place, &[0, 1, 2]));
    let noted = head(&place);
    let sql = place.sql();
    sql.execute_batch(
        "DELETE FROM raw WHERE minute = (SELECT min(minute) FROM raw); DELETE FROM chain;
         INSERT INTO hour_due SELECT DISTINCT minute / 60 FROM raw",
    )
    .unwrap();
    let mut writer = place.writer();
    close(&mut writer);
    assert_eq!((verified(&place).whole, found(&place)), (3, None), "whole in itself");
    assert_eq!(place.reader().verify_head(noted, at(LATER).utc).unwrap().noted, None);
    sql.execute("UPDATE chain_cover SET covers = replace(covers, 'here', 'import')", []).unwrap();
    assert_eq!(found(&place).unwrap().what, Broken::Chain);
    sql.execute("DELETE FROM chain_cover WHERE seq = 2", []).unwrap();
    assert_eq!(verified(&place).broken, 3);
}

/// As schemas 3 to 5 had it.
#[test]
fn entries_of_an_earlier_linkmon_cover_an_hour_as_one() {
    let place = Place::new();
    drop(watched(&place, &[0, 1, 2]));
    let sql = place.sql();
    let (mut before, mut seq) = (Digest([0; 32]), 0);
    sql.execute_batch("DELETE FROM chain; DELETE FROM chain_cover").unwrap();
    for hour in HOUR..HOUR + 3 {
        let content = crate::store::chain::tests::first_form_of(&sql, hour);
        seq += 1;
        before = crate::store::chain::tests::joined(before, seq, hour, content);
        let entry = "INSERT INTO chain VALUES (?1, ?2, 15, ?3, ?4)";
        sql.execute(entry, (seq, hour, content.0, before.0)).unwrap();
    }
    assert_eq!((verified(&place).whole, found(&place)), (3, None));
    let noted = head(&place);
    copy_rows(&place, 1, 0, 3);
    assert_eq!(found(&place), Some(ChainBreak { hour: HOUR, what: Broken::Unlisted }));
    due(&place, 0);
    assert_eq!((verified(&place).due, found(&place)), (1, None));
    let mut writer = place.writer();
    close(&mut writer);
    let later = against(&place, noted);
    assert_eq!(
        (later.whole, later.later, later.changed),
        (3, 1, 0),
        "the old rows are still found"
    );
    sql.execute("UPDATE raw SET run = 7 WHERE run = 1", []).unwrap();
    due(&place, 0);
    close(&mut writer);
    assert_eq!((against(&place, noted).changed, found(&place)), (1, None));
}

#[test]
fn a_clock_that_was_in_the_future_does_not_make_all_that_follows_late() {
    let place = Place::new();
    let mut writer = watched(&place, &[0, 1]);
    let target = anchor(&mut writer);
    watch(&mut writer, &target, 300_000);
    while writer.close_hours(at(300_002 * 3_600).utc, 50).unwrap() > 0 {}
    let noted = head(&place);
    for hour in [2, 3] {
        watch(&mut writer, &target, hour);
    }
    close(&mut writer);
    assert_eq!((verified(&place).whole, found(&place)), (5, None));
    assert_eq!((against(&place, noted).whole, against(&place, noted).later), (3, 0));
}

#[test]
fn an_hour_waits_for_measurements_that_could_not_be_written() {
    let place = Place::new();
    let mut writer = watched(&place, &[0]);
    let target = anchor(&mut writer);
    writer.begin_run(at(3_600), None).unwrap();
    writer.record(&nth(&target, 3_600)).unwrap();
    writer.flush(at(3_601)).unwrap();
    writer.record(&nth(&target, 3_700)).unwrap();
    assert_eq!(writer.close_hours(at(LATER).utc, 50).unwrap(), 0);
    writer.flush(at(3_701)).unwrap();
    assert_eq!(writer.close_hours(at(LATER).utc, 50).unwrap(), 1);
    assert_eq!((verified(&place).added_again, found(&place)), (0, None));
}

#[test]
fn retention_of_a_long_record_leaves_a_whole_chain() {
    let place = Place::new();
    let mut writer = watched(&place, &[0, 1, 2, 3]);
    let day = Duration::from_secs(86_400);
    let limits = SpaceLimits { max_bytes: 1 << 30, keep_raw: day, keep_minutes: day };
    writer.keep_within(limits);
    writer.begin_run(at(26 * 3_600), None).unwrap();
    for minute in 0..80 {
        writer.second(at(26 * 3_600 + 61 * minute), "{}").unwrap();
    }
    let found = verified(&place);
    assert!(found.gone >= 2, "{found:?}");
    assert_eq!((found.gone + found.whole, found.broken), (4, 0));
}
