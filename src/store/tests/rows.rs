use super::*;
use crate::vocabulary::{
    BearingCounts, Bounds, DropKind, Figures, Gap, GapReason, HostChange, HostEvent, Impairment,
    LinkDrop, Place as Where, StoredDrop, StoredEvent, TargetTrouble,
};

fn us(us: i64) -> Timestamp {
    at(0).utc.plus_micros(us)
}

pub(super) fn link_drop(key: i64) -> LinkDrop {
    LinkDrop {
        key: us(key),
        kind: DropKind::Drop,
        onset: Bounds { earliest: us(key - 333_001), latest: us(key + 12_345) },
        end: None,
        min: Duration::from_micros(5_000_001),
        max: Duration::from_micros(5_345_346),
        unobserved: Duration::ZERO,
        stretches: Vec::new(),
        places: vec![Where::Access, Where::IspCore],
        answered: vec![TargetId(1), TargetId(255)],
        silent: vec![],
        flaps: 1,
    }
    .in_one_stretch()
}

#[test]
fn a_new_database_is_set_up_to_be_shrunk_copied_and_known() {
    let place = Place::new();
    place.writer().close(at(0), RunEnd::Clean).unwrap();
    let sql = place.sql();
    let pragma = |name| sql.pragma_query_value(None, name, |r| r.get::<_, i64>(0)).unwrap();
    assert_eq!(pragma("application_id"), 0x4C4E_4B4D);
    assert_eq!((pragma("auto_vacuum"), pragma("page_size")), (2, 4096));
    let mode: String = sql.pragma_query_value(None, "journal_mode", |r| r.get(0)).unwrap();
    assert_eq!(mode, "wal");
    let about = place.reader().about().unwrap();
    assert_eq!(
        (about.created_by.as_str(), about.schema),
        ("linkmon 0.0.0-test", crate::store::schema::SCHEMA)
    );
}

#[test]
fn one_run_is_open_at_a_time_and_samples_need_one() {
    let place = Place::new();
    let mut writer = place.writer();
    let target = anchor(&mut writer);
    assert!(matches!(writer.record(&nth(&target, 0)), Err(Error::NoRun { .. })));
    let run = writer.begin_run(at(0), None).unwrap().id;
    let again = writer.begin_run(at(1), None);
    assert!(matches!(again, Err(Error::RunOpen { run: open, .. }) if open == run));
    writer.end_run(at(2), RunEnd::Clean).unwrap();
    assert!(matches!(writer.end_run(at(3), RunEnd::Clean), Err(Error::NoRun { .. })));
}

#[test]
fn a_drop_of_several_silences_is_read_back_with_each_of_them_and_they_move_with_it() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    let mut drop = link_drop(1_000_000);
    let mut later = drop.whole();
    later.onset = Bounds { earliest: us(9_000_000), latest: us(9_300_000) };
    drop.stretches[0].end = Some(Bounds { earliest: us(6_000_000), latest: us(6_300_000) });
    drop.stretches.push(later);
    let id = writer.put_drop(&drop).unwrap();
    let stretches = || place.reader().drop_by_id(id).unwrap().unwrap().drop.stretches;
    assert_eq!(stretches(), drop.stretches);
    let sql = place.sql();
    let span = [us(0).as_micros(), us(8_000_000).as_micros(), 7];
    crate::store::tables::stretch::move_times(&sql, span).unwrap();
    let moved = stretches();
    assert_eq!(moved[0].onset.latest, drop.stretches[0].onset.latest.plus_micros(7));
    assert_eq!(moved[0].end.unwrap().latest, us(6_300_007));
    assert_eq!(moved[1], later, "what lies after the span stays");
}

#[test]
fn a_drop_is_read_back_to_the_microsecond_and_grows_under_its_number() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    let target = anchor(&mut writer);
    writer.record(&nth(&target, 0)).unwrap();
    let mut drop = link_drop(1_000_000);
    let id = writer.put_drop(&drop).unwrap();
    assert_eq!(place.samples(), [nth(&target, 0)], "the open minute is stored with it");
    let reader = place.reader();
    let stored = |drop: &LinkDrop| StoredDrop { id, first_key: None, drop: drop.clone() };
    assert_eq!(reader.drops(ALL).unwrap(), [stored(&drop)]);
    drop.end = Some(Bounds { earliest: us(9_000_000), latest: us(9_333_334) });
    drop.kind = DropKind::Outage;
    let drop = drop.in_one_stretch();
    assert_eq!(writer.put_drop(&drop).unwrap(), id);
    let other = writer.put_drop(&link_drop(60_000_000)).unwrap();
    assert_eq!(reader.drop_by_id(id).unwrap(), Some(stored(&drop)));
    let found = |from, to| {
        let drops = reader.drops(TimeRange { from: us(from), to: us(to) }).unwrap();
        drops.iter().map(|d| d.id).collect::<Vec<_>>()
    };
    assert_eq!(found(9_000_000, 10_000_000), [id]);
    assert!(found(9_400_000, 10_000_000).is_empty());
    assert_eq!(found(0, 100_000_000), [id, other]);
    assert_eq!(found(200_000_000, 300_000_000), [other], "one that lasts has no end");
    let view: (String, String, f64, f64, Option<String>) = place
        .sql()
        .query_row(
            "SELECT onset_earliest, end_latest, min_s, max_s, places FROM v_drop WHERE id = ?1",
            [id],
            |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?)),
        )
        .unwrap();
    assert_eq!(view.0, "2026-02-02T13:20:00.667Z");
    assert_eq!(view.1, "2026-02-02T13:20:09.333Z");
    assert!((view.2 - 5.000_001).abs() < 1e-9 && (view.3 - 5.345_346).abs() < 1e-9);
    assert_eq!(view.4.as_deref(), Some(r#"["access","isp-core"]"#));

    writer.withdraw_drop(us(60_000_000)).unwrap();
    writer.withdraw_drop(us(60_000_000)).unwrap();
    assert_eq!(found(0, 100_000_000), [id]);
    let later = writer.put_drop(&link_drop(70_000_000)).unwrap();
    assert!(later > other, "the number of a withdrawn drop is not given again");
}

#[test]
fn a_drop_that_gets_another_key_keeps_its_first_one_however_it_grows() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    let first = link_drop(1_000_000);
    let id = writer.put_drop(&first).unwrap();
    let stored = || place.reader().drop_by_id(id).unwrap().unwrap();
    assert_eq!(stored().first_key, None);
    for key in [2_000_000, 3_000_000] {
        let before = stored().drop.key;
        assert_eq!(writer.move_drop(before, &link_drop(key)).unwrap(), id);
        assert_eq!((stored().drop.key, stored().first_key), (us(key), Some(first.key)));
    }
    let mut grown = link_drop(3_000_000);
    grown.end = Some(Bounds { earliest: us(9_000_000), latest: us(9_333_334) });
    assert_eq!(writer.put_drop(&grown.in_one_stretch()).unwrap(), id);
    assert_eq!(stored().first_key, Some(first.key));
}

#[test]
fn drops_that_follow_each_other_have_numbers_that_do() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    let numbers: Vec<i64> = [10_000_000, 60_000_000, 110_000_000]
        .into_iter()
        .map(|key| {
            let mut drop = link_drop(key);
            let id = writer.put_drop(&drop).unwrap();
            for flaps in 2..4 {
                drop.flaps = flaps;
                assert_eq!(writer.put_drop(&drop).unwrap(), id, "it keeps its number");
            }
            id
        })
        .collect();
    assert_eq!(numbers, [1, 2, 3]);
}

#[test]
fn gaps_troubles_and_events_are_read_before_and_after_their_commit() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    let range = TimeRange { from: us(1), to: us(2_000_000) };
    let gap = Gap { range, reason: GapReason::Asleep };
    let mut trouble =
        TargetTrouble { target: TargetId(4), from: us(7), to: None, lost: 30, sent: 31 };
    let what = HostChange::Slept { seconds: 12.345_678_901 };
    let event = HostEvent { at: at(5), what: what.clone() };
    for _ in 0..2 {
        writer.put_gap(&gap);
        writer.put_trouble(&trouble);
        writer.put_event(&event);
    }
    trouble.lost = 60;
    trouble.to = Some(us(90_000_000));
    writer.put_trouble(&trouble);
    writer.second(at(3), "{}").unwrap();
    let reader = place.reader();
    let check = |reader: &Reader| {
        assert_eq!(reader.gaps(ALL).unwrap(), std::slice::from_ref(&gap));
        assert_eq!(reader.troubles(ALL).unwrap(), std::slice::from_ref(&trouble));
        assert_eq!(
            reader.events(ALL).unwrap(),
            [StoredEvent { at: at(5).utc, what: what.clone() }]
        );
        let later = TimeRange { from: us(100_000_000), to: us(200_000_000) };
        assert_eq!(reader.gaps(later).unwrap(), []);
        assert_eq!(reader.troubles(later).unwrap(), []);
        assert_eq!(reader.events(later).unwrap(), []);
    };
    let in_database: i64 =
        place.sql().query_row("SELECT count(*) FROM gap", [], |row| row.get(0)).unwrap();
    assert_eq!(in_database, 0);
    check(&reader);
    drop(writer);
    let (mut writer, recovery) = place.try_open().unwrap();
    assert!(recovery.crashed.is_some());
    check(&reader);
    writer.put_gap(&gap);
    writer.put_event(&event);
    writer.flush(at(7)).unwrap();
    check(&reader);
}

#[test]
fn a_killed_run_is_closed_with_the_time_it_was_last_seen() {
    let place = Place::new();
    let mut writer = place.writer();
    let run = writer.begin_run(at(0), Some("boot-1".to_owned())).unwrap();
    let target = anchor(&mut writer);
    record(&mut writer, &target, 0..97);
    drop(writer);
    let (writer, recovery) = place.try_open().unwrap();
    let crashed = recovery.crashed.unwrap();
    assert_eq!((crashed.id, crashed.ended), (run.id, Some(RunEnd::Crash)));
    assert_eq!((crashed.last_seen, crashed.boot_id.as_deref()), (at(97).utc, Some("boot-1")));
    assert_eq!(recovery.saved_minutes, 1);
    assert_eq!(place.reader().runs(ALL).unwrap(), [crashed]);
    assert_eq!(place.samples(), (0..97).map(|n| nth(&target, n)).collect::<Vec<_>>());
    drop(writer);
    assert_eq!(place.try_open().unwrap().1, Recovery::default(), "once");
}

#[test]
fn without_a_runtime_directory_the_tail_lies_beside_the_database_and_moves_with_it() {
    let place = Place::new();
    let opening = Opening { path: &place.db(), runtime_dir: None, version: "0.0.0-test" };
    let mut writer = Writer::open(opening).unwrap().0;
    writer.begin_run(at(0), None).unwrap();
    let target = anchor(&mut writer);
    record(&mut writer, &target, 0..30);
    let beside = writer.path().with_file_name("linkmon.db-tail");
    assert!(beside.exists());
    drop(writer);
    let (writer, recovery) = place.try_open().unwrap();
    assert_eq!(recovery.saved_minutes, 1);
    assert!(!beside.exists());
    assert_eq!(place.samples().len(), 30);
    writer.close(at(31), RunEnd::Clean).unwrap();
    let left = std::fs::read_dir(place.directory.path().join("run")).unwrap().count();
    assert_eq!(left, 0, "a clean end leaves no tail");
    assert_eq!(place.reader().live(), None);
}

#[test]
fn what_goes_wrong_all_day_does_not_fill_the_disk() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    let day = 86_400 - START_S % 86_400;
    let seconds = |s: i64| us((day + s) * 1_000_000);
    for n in 0..6_000 {
        let range = TimeRange { from: seconds(2 * n), to: seconds(2 * n + 1) };
        writer.put_gap(&Gap { range, reason: GapReason::Stalled });
        if n % 1_000 == 999 {
            writer.flush(at(day + 2 * n)).unwrap();
        }
    }
    for n in 0..2_100 {
        let bounds = |at| Bounds { earliest: at, latest: at };
        writer.put_impairment(&Impairment {
            key: seconds(n),
            target: None,
            onset: bounds(seconds(n)),
            end: Some(bounds(seconds(n + 1))),
            unobserved: Duration::ZERO,
            places: Vec::new(),
            figures: Figures::Dns(BearingCounts { bearing: 29, sent: 30 }.into()),
        });
        if n % 500 == 99 {
            writer.flush(at(day + n)).unwrap();
        }
    }
    writer.flush(at(day + 13_000)).unwrap();
    let reader = place.reader();
    let gaps = reader.gaps(ALL).unwrap();
    assert_eq!(gaps.len(), 5_000);
    let last = TimeRange { from: seconds(2 * 4_999), to: seconds(2 * 5_999 + 1) };
    assert_eq!(gaps[4_999].range, last, "none of the others passes for watched");
    assert_eq!(reader.impairments(ALL).unwrap().len(), 2_000);
    // The next day has its own.
    let range = TimeRange { from: seconds(86_400), to: seconds(86_401) };
    writer.put_gap(&Gap { range, reason: GapReason::Stalled });
    writer.flush(at(day + 86_402)).unwrap();
    assert_eq!(place.reader().gaps(ALL).unwrap().len(), 5_001);
}

#[test]
fn rows_that_wait_are_bounded_and_those_next_to_the_measurements_go_first() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    writer.waiting.most_rows = 10;
    let gap = |n: i64| Gap {
        range: TimeRange { from: us(n), to: us(n + 1) },
        reason: GapReason::Stalled,
    };
    for n in 0..8 {
        let what = HostChange::Slept { seconds: 1.0 };
        writer.put_event(&HostEvent { at: at(n), what });
        writer.put_gap(&gap(n * 10));
    }
    writer.flush(at(20)).unwrap();
    let reader = place.reader();
    let counts = (reader.gaps(ALL).unwrap().len(), reader.events(ALL).unwrap().len());
    assert_eq!(counts, (8, 2));
}
