use std::sync::Arc;

use super::*;
use crate::store::rows::HourRow;
use crate::store::{
    Broken, ChainBreak, KeptHours, RecordPiece, SummedHours, SumsOf, TargetSum, Verification,
    verify_chain,
};

/// The hour of [`START_S`] ends 2,400 s later; it is summed up 150 s after that.
const HOUR: i64 = START_S / 3_600;
const SUMMED_UP: i64 = 2_400 + 150;

fn outcome(n: i64) -> Outcome {
    match n {
        500..=512 | 700 | 2_398..=2_401 => Outcome::Lost,
        600 => Outcome::Late { rtt: Duration::from_secs(5) },
        n => reply(12_000 + (n * 7_919).unsigned_abs() % 9_973),
    }
}

fn record_outcomes(writer: &mut Writer, target: &Target, range: std::ops::Range<i64>) {
    for n in range {
        writer.record(&measured(target, n * 1_000 + 250, outcome(n))).unwrap();
        if n % 30 == 0 {
            writer.second(at(n + 1), "{}").unwrap();
        }
    }
}

fn recorded(place: &Place, seconds: i64) -> (Writer, Target) {
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    let target = anchor(&mut writer);
    record_outcomes(&mut writer, &target, 0..seconds);
    (writer, target)
}

fn verified(place: &Place) -> Verification {
    verify_chain(&place.db()).unwrap()
}

fn broken(place: &Place) -> Option<ChainBreak> {
    let found = verified(place);
    assert_eq!(found.broken > 0, found.first_broken.is_some());
    found.first_broken
}

/// All sums of hours, and minutes where an hour has none.
fn sums(reader: &Reader) -> Vec<TargetSum> {
    let range = TimeRange { from: at(-7_200).utc, to: at(6 * 3_600).utc };
    let mut all = Vec::new();
    reader.for_each_sum(range, SumsOf::Hours, &mut |row| all.push(*row)).unwrap();
    all
}

#[test]
fn sums_of_hours_that_are_kept_are_those_of_the_record_whatever_happens_to_it() {
    let place = Place::new();
    let (mut writer, target) = recorded(&place, SUMMED_UP + 91);
    let kept = Arc::new(KeptHours::default());
    let keeping = || place.reader().with_kept(Arc::clone(&kept));
    let same = || {
        let read = sums(&place.reader());
        assert_eq!(sums(&keeping()), read);
        assert_eq!(sums(&keeping()), read, "once more");
        read
    };
    let first = same();
    assert!(!first.is_empty());
    // A reader that began before an hour was over sees it as it was then.
    let early = keeping();
    early
        .at_once(|early| {
            assert_eq!(sums(early), first);
            record_outcomes(&mut writer, &target, SUMMED_UP + 91..SUMMED_UP + 3_700);
            assert_ne!(same(), first, "another hour is over");
            assert_eq!(sums(early), first);
            Ok::<_, Error>(())
        })
        .unwrap();
    // An hour that is summed up again.
    place.sql().execute("UPDATE hour SET lost = 77, sent = 78", []).unwrap();
    place.sql().execute("INSERT INTO hour_due SELECT DISTINCT hour FROM hour", []).unwrap();
    writer.close_hours(at(SUMMED_UP + 3_700).utc, 10).unwrap();
    assert!(same().iter().all(|row| row.sent != 78));
    // Hours that are removed, the oldest first.
    let rows = same().len();
    place.sql().execute("DELETE FROM hour WHERE hour = (SELECT min(hour) FROM hour)", []).unwrap();
    assert!(same().len() < rows);
    let asked = kept.asked();
    kept.forget();
    assert_eq!(kept.asked(), asked);
    same();
    assert_ne!(kept.asked(), asked);
}

#[test]
fn an_hour_is_summed_up_when_it_is_over_and_not_before() {
    let place = Place::new();
    let (mut writer, target) = recorded(&place, SUMMED_UP);
    assert_eq!(place.reader().hours(ALL).unwrap(), []);
    assert_eq!(place.reader().chain_head().unwrap(), None);
    record_outcomes(&mut writer, &target, SUMMED_UP..SUMMED_UP + 91);
    let reader = place.reader();
    let hours = reader.hours(ALL).unwrap();
    assert_eq!(hours.len(), 1, "the open hour has no row");
    let row = &hours[0];

    let of_hour: Vec<Outcome> = (0..2_400).map(outcome).collect();
    let mut rtts: Vec<Duration> = of_hour.iter().filter_map(Outcome::rtt).collect();
    let sum: Duration = rtts.iter().sum();
    let jitter: Vec<Duration> =
        of_hour.windows(2).filter_map(|w| Some(w[0].rtt()?.abs_diff(w[1].rtt()?))).collect();
    rtts.sort_unstable();
    let lost = u32::try_from(2_400 - rtts.len()).unwrap();
    assert_eq!((row.hour, row.target, row.sent), (HOUR, target.id, 2_400));
    assert_eq!((row.lost, row.late, row.not_sent, row.damaged), (lost, 1, 0, 0));
    assert_eq!(row.loss_runs, 4, "13 in a row, a late one, one alone, two at the end");
    let rtt = row.rtt.unwrap();
    let nearest = |percent: usize| rtts[(rtts.len() * percent).div_ceil(100).max(1) - 1];
    assert_eq!((rtt.min, rtt.p50, rtt.p95), (nearest(0), nearest(50), nearest(95)));
    assert_eq!((rtt.p99, rtt.max), (nearest(99), nearest(100)));
    assert_eq!(u128::from(rtt.sum_us), sum.as_micros());
    let jitter_us: u128 = jitter.iter().map(Duration::as_micros).sum();
    assert_eq!((u128::from(rtt.jitter_us), rtt.jitter_pairs), (jitter_us, jitter.len() as u64));
    assert_eq!(row.delays.total(), rtts.len() as u64);

    let found = verified(&place);
    assert_eq!((found.whole, found.broken, found.head), (1, 0, reader.chain_head().unwrap()));
    let view: (String, i64, f64) = place
        .sql()
        .query_row("SELECT utc, lost, p99_ms FROM v_hour", [], |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?))
        })
        .unwrap();
    assert_eq!(
        view,
        ("2026-02-02T13:00:00Z".to_owned(), i64::from(lost), rtt.p99.as_secs_f64() * 1e3)
    );
}

#[test]
fn sketches_of_hours_add_up_to_quantiles_within_one_128th() {
    let place = Place::new();
    let (mut writer, _) = recorded(&place, 12 * 3_600);
    writer.flush(at(12 * 3_600)).unwrap();
    assert!(writer.close_hours(at(13 * 3_600).utc, 100).unwrap() < 100);
    let hours = place.reader().hours(ALL).unwrap();
    assert_eq!(hours.len(), 13);
    let mut all = crate::stats::Histogram::default();
    for row in &hours {
        all.merge(&row.delays);
    }
    let us = |o: Outcome| o.rtt().map(|rtt| u32::try_from(rtt.as_micros()).unwrap());
    let exact = crate::stats::Sorted::new((0..12 * 3_600).filter_map(|n| us(outcome(n))).collect());
    for q in [0.01, 0.05, 0.5, 0.95, 0.99, 0.999] {
        let (found, exact) = (all.quantile(q).unwrap(), exact.quantile(q).unwrap());
        let off = found.abs_diff(exact).as_secs_f64() / exact.as_secs_f64();
        assert!(off <= 0.0079, "{q}: {found:?}, exact {exact:?}");
    }
}

#[test]
fn samples_that_come_later_make_the_hour_due_and_are_added_to_the_chain_again() {
    let place = Place::new();
    let (mut writer, target) = recorded(&place, 3 * 3_600);
    while writer.close_hours(at(3 * 3_600).utc, 5).unwrap() > 0 {}
    let before = verified(&place);
    assert_eq!((before.whole, before.added_again, before.due), (3, 0, 0));
    let late = (0..60).map(|n| measured(&target, n * 1_000 + 777, Outcome::Lost));
    writer.import_run(&mut late.collect::<Vec<_>>().into_iter()).unwrap();
    let found = verified(&place);
    assert_eq!((found.whole, found.due, found.broken), (2, 1, 0));
    assert_eq!(place.reader().hours(ALL).unwrap().len(), 2, "what is out of date is not given");
    assert_eq!(writer.close_hours(at(3 * 3_600).utc, 5).unwrap(), 1);
    let found = verified(&place);
    assert_eq!((found.whole, found.added_again, found.broken), (3, 1, 0));
    assert_eq!((before.head.unwrap().seq, found.head.unwrap().seq), (3, 4));
    let hours = place.reader().hours(ALL).unwrap();
    assert_eq!((hours.len(), hours[0].sent), (3, 2_460));
}

#[test]
fn a_change_of_a_row_shows_with_its_hour() {
    let place = Place::new();
    let (mut writer, _) = recorded(&place, 4 * 3_600);
    while writer.close_hours(at(4 * 3_600).utc, 5).unwrap() > 0 {}
    drop(writer);
    assert_eq!((verified(&place).whole, broken(&place)), (4, None));
    let head = verified(&place).head;
    let sql = place.sql();
    let minute = (HOUR + 2) * 60 + 7;
    let change = |statement: &str| {
        sql.execute_batch("BEGIN").unwrap();
        assert!(sql.execute(statement, [minute]).unwrap() > 0, "{statement}");
        sql.execute_batch("COMMIT").unwrap();
    };
    let raw: Vec<u8> = sql
        .query_row("SELECT samples FROM raw WHERE minute = ?1", [minute], |row| row.get(0))
        .unwrap();
    let rows_broken = Some(ChainBreak { hour: HOUR + 2, what: Broken::Rows });

    change(
        "UPDATE raw SET samples = CAST(substr(samples, 1, 9) || x'77' || substr(samples, 11) AS BLOB) WHERE minute = ?1",
    );
    assert_eq!(broken(&place), rows_broken);
    change("DELETE FROM raw WHERE minute = ?1");
    assert_eq!(broken(&place), rows_broken);
    sql.execute("INSERT INTO raw VALUES (?1, 1, 1, ?2)", (minute, &raw)).unwrap();
    assert_eq!((broken(&place), verified(&place).head), (None, head), "put right, it is whole");
    change("UPDATE raw SET target = 9 WHERE minute = ?1");
    assert_eq!(broken(&place), rows_broken);
    change("UPDATE raw SET target = 1 WHERE minute = ?1");
    assert_eq!(broken(&place), None);

    change("DELETE FROM raw WHERE minute / 60 = ?1 / 60");
    assert_eq!(broken(&place), Some(ChainBreak { hour: HOUR + 2, what: Broken::Missing }));
    sql.execute("INSERT INTO meta VALUES ('raw_removed_before', ?1)", [HOUR + 3]).unwrap();
    assert_eq!(broken(&place), Some(ChainBreak { hour: HOUR + 2, what: Broken::Missing }));
    // As retention leaves it.
    sql.execute("DELETE FROM raw WHERE minute / 60 < ?1", [HOUR + 2]).unwrap();
    let found = verified(&place);
    assert_eq!((found.whole, found.gone, found.broken, found.head), (1, 3, 0, head));

    sql.execute("UPDATE chain SET content = zeroblob(32) WHERE seq = 2", []).unwrap();
    assert_eq!(broken(&place), Some(ChainBreak { hour: HOUR + 1, what: Broken::Chain }));
}

#[test]
fn a_file_of_schema_2_is_migrated_and_its_hours_are_summed_up() {
    let place = Place::new();
    std::fs::create_dir_all(place.db().parent().unwrap()).unwrap();
    std::fs::write(place.db(), include_bytes!("../../../tests/data/schema/2.db")).unwrap();
    let reader = place.reader();
    assert_eq!(reader.about().unwrap().schema, 2);
    let before = samples(&reader);
    assert_eq!(before.len(), 120);
    assert_eq!(reader.hours(ALL).unwrap(), []);
    assert_eq!((reader.chain_head().unwrap(), verified(&place)), (None, Verification::default()));
    let mut pieces = 0;
    reader.for_each_piece(ALL, SummedHours::Every, &mut |_| pieces += 1).unwrap();
    assert_eq!(pieces, 4, "minute by minute");
    drop(reader);

    let mut writer = place.writer();
    writer.begin_run(at(10 * 3_600), None).unwrap();
    writer.second(at(10 * 3_600 + 1), "{}").unwrap();
    let reader = place.reader();
    assert_eq!(samples(&reader), before);
    assert_eq!((reader.drops(ALL).unwrap().len(), reader.notes(ALL).unwrap().len()), (1, 1));
    assert_eq!(reader.traffic(ALL).unwrap().len(), 1);
    let hours = reader.hours(ALL).unwrap();
    let of = |row: &HourRow| (row.hour, row.target.0, row.sent, row.lost);
    let found: Vec<_> = hours.iter().map(of).collect();
    assert_eq!(
        found,
        [(HOUR, 1, 30, 0), (HOUR, 2, 30, 0), (HOUR + 1, 1, 30, 7), (HOUR + 1, 2, 30, 0)]
    );
    assert!(hours.iter().all(|row| row.anchor.is_some() == (row.target.0 == 1)));
    assert_eq!((verified(&place).whole, verified(&place).broken), (2, 0));
}

#[test]
fn whole_hours_and_samples_together_are_the_whole_record_once() {
    let place = Place::new();
    let (mut writer, target) = recorded(&place, 5 * 3_600);
    while writer.close_hours(at(5 * 3_600).utc, 5).unwrap() > 0 {}
    record_outcomes(&mut writer, &target, 5 * 3_600..5 * 3_600 + 10);
    writer.flush(at(5 * 3_600 + 10)).unwrap();
    let reader = place.reader();
    let ranges =
        [(0, 18_010, 4), (1, 18_009, 4), (2_400, 6_000, 1), (2_401, 9_599, 0), (700, 701, 0)];
    for (from, to, whole) in ranges {
        let range = TimeRange { from: at(from).utc, to: at(to).utc };
        let (mut sent, mut hours, mut last) = (0, 0, i64::MIN);
        reader
            .for_each_piece(range, SummedHours::Every, &mut |piece| {
                let minute = match piece {
                    RecordPiece::Hour(rows) => {
                        hours += 1;
                        sent += i64::from(rows[0].sent);
                        rows[0].hour * 60
                    }
                    RecordPiece::Part(part) => panic!("{part:?}"),
                    RecordPiece::Minute(minute) => {
                        sent += i64::try_from(minute.samples.len()).unwrap();
                        minute.minute
                    }
                };
                assert!(minute > last, "in order of time");
                last = minute;
            })
            .unwrap();
        assert_eq!(sent, to - from, "{from} to {to}");
        assert_eq!(hours, whole, "{from} to {to}");
    }
}
