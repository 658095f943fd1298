use super::*;
use crate::report::synthetic::Scene;
use crate::text::FullDisk;
use crate::vocabulary::Place;
use serde_json::Value;

type Write_ = fn(&Reader, TimeRange, &TimeZone, Form, &mut dyn Write) -> Result<u64, Error>;

fn minutes(
    reader: &Reader,
    period: TimeRange,
    zone: &TimeZone,
    form: Form,
    out: &mut dyn Write,
) -> Result<u64, Error> {
    write_minutes(reader, period, zone, form, out).map(|()| 0)
}

fn written(write: Write_, reader: &Reader, period: TimeRange, form: Form) -> String {
    let zone = TimeZone::get("America/Toronto").unwrap();
    let mut out = Vec::new();
    assert_eq!(write(reader, period, &zone, form, &mut out).unwrap(), 0);
    String::from_utf8(out).unwrap()
}

fn rows(text: &str) -> Vec<Vec<String>> {
    text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

/// The night of 2026-11-01 in Toronto: it has an hour twice.
fn autumn_night() -> Scene {
    let mut scene = Scene::new("2026-11-01T03:30:00Z", 4 * 3_600);
    scene.interval = Duration::from_secs(20);
    scene.drops = vec![(6_600.0, Some(3_000.0), vec![Place::Access])];
    scene
}

#[test]
fn every_probe_of_the_night_in_which_clocks_change_is_a_row_of_csv_and_the_same_in_json() {
    let folder = tempfile::tempdir().unwrap();
    let scene = autumn_night();
    let reader = Reader::open(&scene.import_into(folder.path())).unwrap();
    let mut want = Vec::new();
    scene.samples(|m| want.push((m.sent_at.to_string(), m.outcome.rtt())));
    want.sort();
    let text = written(write_probes, &reader, scene.period, Form::Csv);
    let csv = rows(&text);
    assert_eq!(csv[0], PROBE_COLUMNS);
    let json: Vec<Value> =
        serde_json::from_str(&written(write_probes, &reader, scene.period, Form::Json)).unwrap();
    assert_eq!((csv.len() - 1, json.len()), (want.len(), want.len()));
    let mut got = Vec::new();
    for (cells, object) in csv[1..].iter().zip(&json) {
        let ms = cells[5].parse::<f64>().ok();
        got.push((cells[0].clone(), ms.map(|ms| Duration::from_secs_f64(ms / 1e3))));
        let instant = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
        assert_eq!(instant(&cells[0]), instant(&cells[1]), "{cells:?}");
        assert_eq!(object["time"], *cells[0]);
        assert_eq!(object["local"], *cells[1]);
        assert_eq!(object["target"], *cells[2]);
        assert_eq!(object["rtt_ms"].as_f64(), ms);
        assert_eq!(cells[4] == "answered", ms.is_some());
    }
    got.sort();
    let us = |list: &[(String, Option<Duration>)]| -> Vec<_> {
        list.iter()
            .map(|(at, d)| (at.clone(), d.map(|d| (d.as_secs_f64() * 1e6).round())))
            .collect()
    };
    assert_eq!(us(&got), us(&want));
    let offsets = |offset: &str| csv[1..].iter().filter(|c| c[1].ends_with(offset)).count();
    // Two and a half hours of summer time, then one and a half of winter time.
    assert_eq!((offsets("-04:00"), offsets("-05:00")), (150 * 18, 90 * 18));
    let twice = csv[1..].iter().filter(|c| c[1].starts_with("2026-11-01T01:00:00.000"));
    assert_eq!(twice.count(), 2 * 2, "that second comes twice, two targets are probed in it");
}

#[test]
fn lines_are_what_the_table_writes() {
    let mut names = Names(crate::report::synthetic::targets(std::time::Duration::from_secs(1)));
    names.0[0].name = "a \"b\", c".to_owned();
    names.0[1].name = "=sum(a)".to_owned();
    let zone = TimeZone::get("Europe/Paris").unwrap();
    let ms = std::time::Duration::from_millis;
    let outcomes = [
        Outcome::reply(std::time::Duration::from_micros(12_345)),
        Outcome::Late { rtt: ms(4_000) },
        Outcome::Lost,
        Outcome::NotSent(crate::vocabulary::NotSent::NoRoute),
    ];
    for simulated in SimulatedShare::ALL {
        let (mut fast, mut table) = (Vec::new(), Vec::new());
        let mut lines = ProbeLines::new(&names, &zone, simulated, &mut fast).unwrap();
        let mut slow =
            CsvTable::new(&mut table, Form::Csv, &zone, &PROBE_COLUMNS, simulated).unwrap();
        for id in [names.0[0].id, names.0[1].id, names.0[2].id, TargetId(99)] {
            let sample = |(n, outcome): (i64, &Outcome)| Measurement {
                target: id,
                sent_at: Timestamp::from_millis(1_793_507_400_017 + n * 1_003),
                outcome: outcome.clone(),
            };
            let samples: Vec<_> = (0..).zip(&outcomes).map(sample).collect();
            for sample in &samples {
                probe_row(sample, &names, &mut slow).unwrap();
            }
            let minute = samples[0].sent_at.minute();
            let minute = MinuteSamples { run: 1, minute, target: id, samples };
            lines.minute(&minute, &|_, _| true).unwrap();
        }
        slow.finish().unwrap();
        assert_eq!(String::from_utf8(fast).unwrap(), String::from_utf8(table).unwrap());
    }
}

#[test]
fn minutes_agree_with_the_probes_in_them() {
    let folder = tempfile::tempdir().unwrap();
    let scene = autumn_night();
    let reader = Reader::open(&scene.import_into(folder.path())).unwrap();
    let probes = rows(&written(write_probes, &reader, scene.period, Form::Csv));
    let minutes_text = written(minutes, &reader, scene.period, Form::Csv);
    let minutes_csv = rows(&minutes_text);
    assert_eq!(minutes_csv[0], MINUTE_COLUMNS);
    assert_eq!(minutes_csv.len() - 1, 240 * 6);
    for cells in &minutes_csv[1..] {
        let of_it = probes[1..].iter().filter(|p| p[0][..16] == cells[0][..16] && p[2] == cells[2]);
        let lost = of_it.clone().filter(|p| p[4] != "answered").count();
        assert_eq!(cells[4], of_it.count().to_string(), "{cells:?}");
        assert_eq!(cells[6], lost.to_string(), "{cells:?}");
        assert_eq!(cells[11].is_empty(), cells[5] == "0", "no delay without an answer");
    }
    let json: Vec<Value> =
        serde_json::from_str(&written(minutes, &reader, scene.period, Form::Json)).unwrap();
    assert_eq!(json.len(), 240 * 6);
    assert!(json.iter().any(|row| row["rtt_p50_ms"].is_null() && row["loss_ratio"] == 1.0));
}

#[test]
fn a_period_without_a_record_is_a_table_without_rows() {
    let folder = tempfile::tempdir().unwrap();
    let scene = autumn_night();
    let reader = Reader::open(&scene.import_into(folder.path())).unwrap();
    let before = Scene::new("2020-01-01T00:00:00Z", 86_400).period;
    for write in [minutes as Write_, write_probes] {
        assert_eq!(written(write, &reader, before, Form::Csv).lines().count(), 1);
        assert_eq!(written(write, &reader, before, Form::Json), "[]\n");
    }
}

#[test]
fn the_end_of_what_is_written_to_is_an_error_and_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    let scene = autumn_night();
    let reader = Reader::open(&scene.import_into(folder.path())).unwrap();
    let zone = TimeZone::UTC;
    for room in [0, 30, 500, 5_000] {
        let error = write_probes(&reader, scene.period, &zone, Form::Csv, &mut FullDisk(room));
        assert!(matches!(error, Err(Error::Write(_))));
    }
}
