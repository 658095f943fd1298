//! The data of a period as tables: a row for each minute and target, or for each probe.
//!
//! Written as it is read, a day at a time, so that a year takes no more memory than a day. Apart
//! from [`crate::report::gather()`], this alone touches the store for a report.

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::tz::TimeZone;

use super::csv::{Cell, CsvTable, Form, push_thousandths};
use crate::store::rows::{MinuteRow, MinuteSamples};
use crate::store::{self, Reader};
use crate::time::{MinuteText, TimeRange, Timestamp, micros};
use crate::vocabulary::{Measurement, Outcome, Target, TargetId};

/// Why data could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The record cannot be read.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// It cannot be written.
    #[error("write the data")]
    Write(#[from] io::Error),
}

const MINUTE_COLUMNS: [&str; 16] = [
    "time",
    "local",
    "target",
    "role",
    "sent",
    "received",
    "lost",
    "late",
    "not_sent",
    "loss_ratio",
    "rtt_min_ms",
    "rtt_p50_ms",
    "rtt_p95_ms",
    "rtt_max_ms",
    "rtt_mean_ms",
    "jitter_ms",
];

/// The minutes that overlap `period`, whole, in order of minute and target.
///
/// # Errors
/// When the record cannot be read or `out` not be written.
pub fn write_minutes(
    reader: &Reader,
    period: TimeRange,
    zone: &TimeZone,
    form: Form,
    out: &mut dyn Write,
) -> Result<(), Error> {
    reader.at_once(|reader| {
        let names = Names::new(reader)?;
        let mut table = CsvTable::new(out, form, zone, &MINUTE_COLUMNS)?;
        for day in days(recorded(reader, period)?) {
            for minute in reader.minutes(day)? {
                minute_row(&minute, &names, &mut table)?;
            }
        }
        Ok(table.finish()?)
    })
}

fn minute_row(minute: &MinuteRow, names: &Names, table: &mut CsvTable<'_>) -> io::Result<()> {
    let at = Timestamp::from_seconds(minute.minute.saturating_mul(60));
    let [name, role] = names.of(minute.target);
    let (sent, lost) = (f64::from(minute.sent), f64::from(minute.lost));
    let rtt = minute.rtt;
    table.row(&[
        Cell::Utc(at),
        Cell::Local(at),
        name,
        role,
        Cell::Count(minute.sent.into()),
        Cell::Count(minute.received.into()),
        Cell::Count(minute.lost.into()),
        Cell::Count(minute.late.into()),
        Cell::Count(minute.not_sent.into()),
        if minute.sent == 0 { Cell::None } else { Cell::Ratio(lost / sent) },
        Cell::or_none(rtt, |rtt| Cell::Millis(rtt.min)),
        Cell::or_none(rtt, |rtt| Cell::Millis(rtt.p50)),
        Cell::or_none(rtt, |rtt| Cell::Millis(rtt.p95)),
        Cell::or_none(rtt, |rtt| Cell::Millis(rtt.max)),
        Cell::or_none(rtt, |rtt| Cell::Millis(rtt.mean)),
        Cell::or_none(rtt.and_then(|rtt| rtt.jitter), Cell::Millis),
    ])
}

const PROBE_COLUMNS: [&str; 8] =
    ["time", "local", "target", "role", "result", "rtt_ms", "own_queue_ms", "reason"];

/// Every probe sent or due in `period`, a day (UTC) at a time, each in order of run, minute, target
/// and time. Gives how many rows of samples were damaged and left out.
///
/// # Errors
/// When the record cannot be read or `out` not be written.
pub fn write_probes(
    reader: &Reader,
    period: TimeRange,
    zone: &TimeZone,
    form: Form,
    out: &mut dyn Write,
) -> Result<u64, Error> {
    reader.at_once(|reader| {
        let names = Names::new(reader)?;
        if form == Form::Csv {
            let mut lines = ProbeLines::new(&names, zone, out)?;
            let damaged = each_minute(reader, period, |minute| lines.minute(minute))?;
            lines.out.flush()?;
            return Ok(damaged);
        }
        let mut table = CsvTable::new(out, form, zone, &PROBE_COLUMNS)?;
        let damaged = each_minute(reader, period, |minute| {
            minute.samples.iter().try_for_each(|sample| probe_row(sample, &names, &mut table))
        })?;
        table.finish()?;
        Ok(damaged)
    })
}

/// Gives all samples of `period` to `write`, a day at a time; how many rows are damaged.
fn each_minute(
    reader: &Reader,
    period: TimeRange,
    mut write: impl FnMut(&MinuteSamples) -> io::Result<()>,
) -> Result<u64, Error> {
    let mut damaged = 0;
    for day in days(recorded(reader, period)?) {
        let mut written = Ok(());
        let damage = reader.for_each_minute(day, &mut |minute: &MinuteSamples| {
            if written.is_ok() {
                written = write(minute);
            }
        })?;
        written?;
        damaged += damage.rows;
    }
    Ok(damaged)
}

/// Probes as lines of CSV, the same that [`CsvTable`] writes. There are tens of millions of them in a
/// quarter: nothing is allocated for one that was answered or lost.
struct ProbeLines<'a> {
    names: &'a Names,
    zone: &'a TimeZone,
    /// The cells of each target, with commas around and between them.
    targets: BTreeMap<TargetId, Vec<u8>>,
    utc: MinuteText,
    local: MinuteText,
    out: &'a mut dyn Write,
    lines: Vec<u8>,
}

impl<'a> ProbeLines<'a> {
    fn new(names: &'a Names, zone: &'a TimeZone, out: &'a mut dyn Write) -> io::Result<Self> {
        let (utc, local) = (MinuteText::utc(), MinuteText::local(zone));
        writeln!(out, "{}", PROBE_COLUMNS.join(","))?;
        Ok(Self { names, zone, targets: BTreeMap::new(), utc, local, out, lines: Vec::new() })
    }

    fn target(&mut self, id: TargetId) -> io::Result<Vec<u8>> {
        if let Some(cells) = self.targets.get(&id) {
            return Ok(cells.clone());
        }
        let mut line = Vec::new();
        let columns = &["target", "role"];
        let mut table = CsvTable::new(&mut line, Form::Csv, self.zone, columns)?;
        table.row(&self.names.of(id))?;
        table.finish()?;
        let cells = line.strip_prefix(b"target,role\n").unwrap_or_default();
        let cells = cells.strip_suffix(b"\n").unwrap_or_default();
        let cells = [b",", cells, b","].concat();
        self.targets.insert(id, cells.clone());
        Ok(cells)
    }

    fn minute(&mut self, minute: &MinuteSamples) -> io::Result<()> {
        let target = self.target(minute.target)?;
        self.lines.clear();
        for sample in &minute.samples {
            let result: &[u8] = match &sample.outcome {
                Outcome::Reply(_) => b"answered,",
                Outcome::Late { .. } => b"late,",
                Outcome::Lost => b"lost,",
                _ => {
                    self.with_reason(sample)?;
                    continue;
                }
            };
            let out = &mut self.lines;
            self.utc.push(sample.sent_at, out);
            out.push(b',');
            self.local.push(sample.sent_at, out);
            out.extend_from_slice(&target);
            out.extend_from_slice(result);
            let (rtt, queue) = match &sample.outcome {
                Outcome::Reply(reply) => (Some(reply.rtt), reply.local_queue),
                Outcome::Late { rtt } => (Some(*rtt), None),
                _ => (None, None),
            };
            if let Some(rtt) = rtt {
                push_thousandths(micros(rtt).unsigned_abs(), out);
            }
            out.push(b',');
            if let Some(queue) = queue {
                push_thousandths(micros(queue).unsigned_abs(), out);
            }
            out.extend_from_slice(b",\n");
        }
        self.out.write_all(&self.lines)
    }

    /// A probe that has a reason.
    fn with_reason(&mut self, sample: &Measurement) -> io::Result<()> {
        let mut line = Vec::new();
        let mut table = CsvTable::new(&mut line, Form::Csv, self.zone, &PROBE_COLUMNS)?;
        probe_row(sample, self.names, &mut table)?;
        table.finish()?;
        let head = PROBE_COLUMNS.join(",").len() + 1;
        self.lines.extend_from_slice(line.get(head..).unwrap_or_default());
        Ok(())
    }
}

fn probe_row(sample: &Measurement, names: &Names, table: &mut CsvTable<'_>) -> io::Result<()> {
    let [name, role] = names.of(sample.target);
    let (mut rtt, mut queue, mut reason) = (None, None, String::new());
    let result = match &sample.outcome {
        Outcome::Reply(reply) => {
            (rtt, queue) = (Some(reply.rtt), reply.local_queue);
            "answered"
        }
        Outcome::Late { rtt: late } => {
            rtt = Some(*late);
            "late"
        }
        Outcome::Lost => "lost",
        Outcome::Unreachable(said) => {
            let by = said.by.map_or_else(|| "this computer".to_owned(), |by| by.to_string());
            reason = format!("ICMP type {} code {} from {by}", said.icmp_type, said.code);
            "unreachable"
        }
        Outcome::Failed(failed) => {
            reason = format!("{} in {}", word(&failed.reason), word(&failed.phase));
            "failed"
        }
        Outcome::NotSent(why) => {
            reason = word(why);
            "not-sent"
        }
    };
    table.row(&[
        Cell::Utc(sample.sent_at),
        Cell::Local(sample.sent_at),
        name,
        role,
        Cell::Word(result),
        Cell::or_none(rtt, Cell::Millis),
        Cell::or_none(queue, Cell::Millis),
        if reason.is_empty() { Cell::None } else { Cell::Word(&reason) },
    ])
}

/// The word of a value in JSON.
fn word<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// Targets by their numbers.
struct Names(Vec<Target>);

impl Names {
    fn new(reader: &Reader) -> Result<Self, store::Error> {
        Ok(Self(reader.targets()?))
    }

    /// Name and role; samples of a target that the record does not name have neither.
    fn of(&self, id: TargetId) -> [Cell<'_>; 2] {
        match self.0.iter().find(|target| target.id == id) {
            Some(target) => [Cell::Text(&target.name), Cell::Word(target.role.as_str())],
            None => [Cell::None; 2],
        }
    }
}

/// The part of `period` that the record reaches over.
fn recorded(reader: &Reader, period: TimeRange) -> Result<TimeRange, store::Error> {
    let empty = TimeRange { from: period.from, to: period.from };
    let extent = reader.extent()?;
    Ok(extent.and_then(|extent| extent.intersect(&period)).unwrap_or(empty))
}

/// `range` cut at the days of UTC.
fn days(range: TimeRange) -> impl Iterator<Item = TimeRange> {
    let day = |at: Timestamp| at.minute().div_euclid(24 * 60);
    let start = |day: i64| Timestamp::from_seconds(day.saturating_mul(86_400));
    (day(range.from)..=day(range.to))
        .filter_map(move |n| TimeRange { from: start(n), to: start(n + 1) }.intersect(&range))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::synthetic::Scene;
    use crate::text::FullDisk;
    use crate::vocabulary::Place;
    use serde_json::Value;
    use std::time::Duration;

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
            serde_json::from_str(&written(write_probes, &reader, scene.period, Form::Json))
                .unwrap();
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
        let (mut fast, mut table) = (Vec::new(), Vec::new());
        let mut lines = ProbeLines::new(&names, &zone, &mut fast).unwrap();
        let mut slow = CsvTable::new(&mut table, Form::Csv, &zone, &PROBE_COLUMNS).unwrap();
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
            lines.minute(&MinuteSamples { run: 1, minute, target: id, samples }).unwrap();
        }
        slow.finish().unwrap();
        assert_eq!(String::from_utf8(fast).unwrap(), String::from_utf8(table).unwrap());
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
            let of_it =
                probes[1..].iter().filter(|p| p[0][..16] == cells[0][..16] && p[2] == cells[2]);
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
}
