use super::*;
use crate::vocabulary::{Failed, FailedReason, NotSent, Phase, Phases, Reply, Unreachable};

#[test]
fn a_sample_recorded_a_moment_ago_is_read_at_once() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.begin_run(at(0), Some("boot".to_owned())).unwrap();
    let target = anchor(&mut writer);
    let reader = place.reader();
    assert_eq!((samples(&reader), reader.extent().unwrap()), (vec![], None));
    for n in 0..200 {
        record(&mut writer, &target, n..n + 1);
        let expected: Vec<_> = (0..=n).map(|n| nth(&target, n)).collect();
        assert_eq!(samples(&reader), expected, "second {n}");
        let extent = reader.extent().unwrap().unwrap();
        assert_eq!(extent.from, expected[0].sent_at);
        assert_eq!(extent.to, nth(&target, n).sent_at.plus_micros(1_000));
        assert_eq!(reader.runs(ALL).unwrap()[0].last_seen, at(n + 1).utc);
        let sent: u32 = reader.minutes(ALL).unwrap().iter().map(|m| m.sent).sum();
        assert_eq!(i64::from(sent), n + 1);
    }
    let live = reader.live().unwrap();
    assert_eq!((live.written, live.status.as_str()), (at(200).utc, "{}"));
}

#[test]
fn every_kind_of_outcome_is_read_as_it_was_recorded() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    let target = anchor(&mut writer);
    let ms = Duration::from_millis;
    let phases = Phases {
        resolve: None,
        connect: ms(9),
        tls: Some(ms(20)),
        first_byte: ms(11),
        transfer: Duration::ZERO,
    };
    let local_queue = Some(Duration::from_micros(40));
    let by = Some(std::net::IpAddr::from([192, 0, 2, 1]));
    let outcomes = [
        Outcome::Reply(Reply { rtt: ms(12), local_queue, ttl: None, phases: None }),
        Outcome::Reply(Reply {
            rtt: ms(40),
            local_queue: None,
            ttl: None,
            phases: Some(Box::new(phases)),
        }),
        Outcome::Late { rtt: ms(3_500) },
        Outcome::Lost,
        Outcome::Unreachable(Unreachable { by, icmp_type: 3, code: 0 }),
        Outcome::Failed(Failed { phase: Phase::Tls, reason: FailedReason::CaptivePortal }),
        Outcome::NotSent(NotSent::LinkDown),
    ];
    let expected: Vec<_> =
        (0_i64..).zip(outcomes).map(|(n, o)| measured(&target, n * 1_017, o)).collect();
    for measurement in expected.iter().rev() {
        writer.record(measurement).unwrap();
    }
    writer.second(at(8), "{}").unwrap();
    assert_eq!(place.samples(), expected, "from the tail");
    writer.close(at(9), RunEnd::Clean).unwrap();
    assert_eq!(place.samples(), expected, "from the database");
}

#[test]
fn the_sql_view_gives_what_was_recorded() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    let target = anchor(&mut writer);
    let offsets = [0, 0, 17, -900, 0, 0, -3, 440, 0, 20_000];
    let mut expected = Vec::new();
    for (n, off) in (0_i64..).zip(offsets) {
        let outcome = match n {
            4 => Outcome::Lost,
            5 => Outcome::NotSent(NotSent::NoRoute),
            8 => Outcome::Late { rtt: Duration::from_secs(9) },
            n => reply(200_000 - 19_999 * n.unsigned_abs()),
        };
        expected.push(measured(&target, 700 + n * 1_000 + off, outcome));
    }
    for measurement in &expected {
        writer.record(measurement).unwrap();
    }
    expected.sort_by_key(|m| m.sent_at);
    writer.flush(at(40)).unwrap();
    let sql = place.sql();
    let rows: Vec<(i64, String, Option<f64>, Option<String>)> = sql
        .prepare("SELECT time_ms, target, rtt_ms, lost_because FROM v_sample_last_hour ORDER BY 1")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let wanted: Vec<_> = expected
        .iter()
        .filter(|m| m.outcome.was_sent())
        .map(|m| {
            let because = match m.outcome {
                Outcome::Lost => Some("no answer".to_owned()),
                Outcome::Late { .. } => Some("answered late".to_owned()),
                _ => None,
            };
            let ms = m.outcome.rtt().map(|rtt| rtt.as_secs_f64() * 1e3);
            (m.sent_at.as_millis(), "cloudflare".to_owned(), ms, because)
        })
        .collect();
    assert_eq!(rows, wanted);
    let minute: (String, i64, i64, i64, i64, f64, f64) = sql
        .query_row(
            "SELECT utc, sent, received, late, not_sent, loss_pct, max_ms FROM v_minute",
            [],
            |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?, r.get(5)?, r.get(6)?)),
        )
        .unwrap();
    assert_eq!(minute, ("2026-02-02T13:20:00Z".to_owned(), 9, 7, 1, 1, 22.22, 200.0));
}

#[test]
fn a_restart_within_a_minute_keeps_both_halves() {
    let place = Place::new();
    let mut writer = place.writer();
    let first = writer.begin_run(at(0), None).unwrap();
    let target = anchor(&mut writer);
    record(&mut writer, &target, 0..20);
    writer.close(at(20), RunEnd::Clean).unwrap();
    let (mut writer, recovery) = place.try_open().unwrap();
    assert_eq!(recovery, Recovery::default());
    let second = writer.begin_run(at(25), None).unwrap();
    assert!(second.id > first.id);
    assert_eq!(writer.targets(), std::slice::from_ref(&target));
    record(&mut writer, &target, 25..45);
    writer.close(at(45), RunEnd::Clean).unwrap();
    let expected: Vec<_> = (0..20).chain(25..45).map(|n| nth(&target, n)).collect();
    assert_eq!(place.samples(), expected);
    let minutes = place.reader().minutes(ALL).unwrap();
    assert_eq!((minutes.len(), minutes[0].sent), (1, 40), "one summary over both runs");
}

#[test]
fn a_clock_put_back_an_hour_keeps_both_hours_in_the_order_they_were_measured() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.begin_run(at(3_600), Some("b".to_owned())).unwrap();
    let target = anchor(&mut writer);
    record(&mut writer, &target, 3_600..3_640);
    writer.end_run(stepped(3_640, -3_600), RunEnd::ClockStep).unwrap();
    writer.begin_run(stepped(3_640, -3_600), Some("b".to_owned())).unwrap();
    for n in 40..200 {
        writer.record(&nth(&target, n)).unwrap();
        writer.second(stepped(n + 3_601, -3_600), "{}").unwrap();
    }
    let expected: Vec<_> = (3_600..3_640).chain(40..200).map(|n| nth(&target, n)).collect();
    assert_eq!(place.samples(), expected);
    let runs = place.reader().runs(ALL).unwrap();
    assert_eq!(runs[0].last_seen, at(3_640).utc, "told by boot time, not by the new clock");
    assert_eq!((runs[0].ended, runs[1].ended), (Some(RunEnd::ClockStep), None));
    assert_eq!(runs[1].started, at(40).utc);
}

#[test]
fn a_late_reply_is_revised_wherever_its_minute_is() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    let target = anchor(&mut writer);
    let late = |ms| measured(&target, ms, Outcome::Late { rtt: Duration::from_millis(4_321) });
    for n in 0..600 {
        writer.record(&measured(&target, n * 1_000, Outcome::Lost)).unwrap();
        writer.second(at(n + 1), "{}").unwrap();
        if n == 3 {
            assert!(writer.revise(&late(2_000)).unwrap(), "in the open minute");
        }
        if n == 70 {
            assert!(writer.revise(&late(50_000)).unwrap(), "in a committed minute");
        }
    }
    assert!(writer.revise(&late(8_000)).unwrap(), "long after");
    assert!(writer.revise(&late(8_000)).unwrap(), "again");
    assert!(!writer.revise(&late(8_001)).unwrap(), "never sent");
    let check = |place: &Place| {
        let found: Vec<_> =
            place.samples().into_iter().filter(|s| s.outcome != Outcome::Lost).collect();
        assert_eq!(found, [late(2_000), late(8_000), late(50_000)]);
        assert_eq!(place.samples().len(), 600);
        let minutes = place.reader().minutes(ALL).unwrap();
        assert_eq!((minutes[0].late, minutes[0].lost), (3, 60));
    };
    writer.second(at(600), "{}").unwrap();
    check(&place);
    writer.end_run(at(600), RunEnd::Clean).unwrap();
    writer.begin_run(at(600), None).unwrap();
    assert!(writer.revise(&late(8_000)).unwrap(), "of a run before");
    writer.close(at(601), RunEnd::Clean).unwrap();
    check(&place);
}

#[test]
fn a_range_cuts_the_minutes_at_its_edges() {
    let place = Place::recorded(300);
    let reader = place.reader();
    let target = reader.targets().unwrap().remove(0);
    for (from, to) in [(0, 300), (30, 30), (30, 31), (59, 61), (60, 120), (61, 239), (400, 500)] {
        let range = TimeRange { from: at(from).utc, to: at(to).utc };
        let mut found = Vec::new();
        reader.for_each_minute(range, &mut |m| found.extend_from_slice(&m.samples)).unwrap();
        let expected: Vec<_> = (from..to.min(300)).map(|n| nth(&target, n)).collect();
        assert_eq!(found, expected, "{from}..{to}");
    }
}

#[test]
fn an_import_is_a_run_of_its_own_and_is_refused_the_second_time() {
    let place = Place::new();
    let mut writer = place.writer();
    let target = anchor(&mut writer);
    let lines: Vec<_> = (0..500).map(|n| nth(&target, n * 7)).collect();
    // In an order that no clock made.
    let mut shuffled = lines.clone();
    shuffled.sort_by_key(|m| m.sent_at.as_millis() % 1_013);
    let run = writer.import_run(&mut shuffled.clone().into_iter()).unwrap();
    assert_eq!(run.ended, Some(RunEnd::Import));
    assert_eq!((run.boot, run.started), (None, lines[0].sent_at));
    let again = writer.import_run(&mut shuffled.into_iter()).unwrap_err();
    assert_eq!(
        again.to_string(),
        format!(
            "import into {}: these samples are in it already (run {})",
            writer.path().display(),
            run.id
        )
    );
    let empty = writer.import_run(&mut std::iter::empty());
    assert!(matches!(empty, Err(Error::EmptyImport { .. })));
    writer.close(at(0), RunEnd::Clean).unwrap();
    assert_eq!(place.samples(), lines);
    let reader = place.reader();
    assert_eq!(reader.runs(ALL).unwrap(), [run]);
    let received: u32 = reader.minutes(ALL).unwrap().iter().map(|m| m.received).sum();
    assert_eq!(received, 500);
}

fn add(writer: &mut Writer, name: &str, address: &str, s: i64) -> Result<Target, Error> {
    writer.target(name, Kind::Icmp, Role::Gateway, address, Duration::from_secs(1), at(s))
}

#[test]
fn a_target_keeps_its_number_wherever_it_is_and_the_record_says_where_it_was() {
    let place = Place::new();
    let mut writer = place.writer();
    let a = add(&mut writer, "gateway", "192.168.1.1", 0).unwrap();
    assert_eq!(add(&mut writer, "gateway", "192.168.1.1", 1).unwrap(), a);
    // A name that resolves differently every hour, for weeks.
    for n in 1..=600 {
        let address = format!("10.0.{}.{}", n / 200, n % 200);
        let moved = add(&mut writer, "gateway", &address, n * 3_600).unwrap();
        assert_eq!((moved.id, moved.endpoint.as_str()), (a.id, &*address));
        assert_eq!(writer.targets(), [moved]);
    }
    let v6 = add(&mut writer, "gateway", "2001:db8::1", 601 * 3_600).unwrap();
    assert_ne!(v6.id, a.id, "of another family it is another witness");
    assert_eq!(add(&mut writer, "gateway", "192.168.1.1", 602 * 3_600).unwrap(), a);
    writer.retire_target(a.id, at(602 * 3_600)).unwrap();
    assert_eq!(writer.targets(), []);
    drop(writer);
    let reader = place.reader();
    let then = |s: i64| reader.targets_at(at(s).utc).unwrap()[0].endpoint.as_str().to_owned();
    assert_eq!(then(-5), "192.168.1.1");
    assert_eq!(then(3_599), "192.168.1.1");
    assert_eq!(then(3_600), "10.0.0.1");
    assert_eq!(then(500 * 3_600 + 7), "10.0.2.100");
    assert_eq!(then(700 * 3_600), "192.168.1.1");
    // A daemon that starts again goes on with the same numbers.
    let mut writer = place.writer();
    assert_eq!(add(&mut writer, "gateway", "10.0.0.9", 701 * 3_600).unwrap().id, a.id);
}

#[test]
fn when_all_numbers_are_used_the_targets_that_have_one_are_used_all_the_same() {
    let place = Place::new();
    let mut writer = place.writer();
    for n in 1..=255 {
        let target = add(&mut writer, &format!("t{n}"), "10.0.0.1", n).unwrap();
        assert_eq!(i64::from(target.id.0), n);
    }
    let error = add(&mut writer, "new", "10.0.1.1", 300).unwrap_err();
    assert!(matches!(&error, Error::TargetsExhausted { name, .. } if name == "new"));
    assert_eq!(place.reader().targets().unwrap().len(), 255);
    assert_eq!(add(&mut writer, "t7", "10.9.9.9", 301).unwrap().id, TargetId(7));
}
