//! Figures of a year of six targets at 1 Hz, made by the writer at speed. Not a test: run by hand,
//! `cargo test --release --lib a_year_in_figures -- --ignored --nocapture`, with `LINKMON_DAYS` for
//! another length. `tests/bench/writes.py` counts what a day of the writer writes to its disk.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    clippy::cast_lossless,
    clippy::too_many_lines,
    reason = "figures to be printed, in a row"
)]

use std::fs::File;

use super::*;
use crate::report::gather;
use crate::stats::{Histogram, Sorted};
use crate::store::{SpaceLimits, backup, check_all, verify_chain};

/// Seconds of work of this process so far, user and system.
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap();
    let behind = text.rsplit_once(')').unwrap().1;
    let field = |n: usize| behind.split_whitespace().nth(n).unwrap().parse::<f64>().unwrap();
    (field(11) + field(12)) / 100.0
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let before = cpu();
    let result = work();
    println!("{what}: {:.2} s CPU", cpu() - before);
    result
}

/// Six targets at 1 Hz, as they are found by default.
fn home(writer: &mut Writer) -> Vec<Target> {
    let second = Duration::from_secs(1);
    let target = |n: usize| {
        let role = [Role::Gateway, Role::Modem, Role::Isp, Role::Anchor][n.min(3)];
        let address = format!("192.0.2.{n}");
        writer.target(&format!("t{n}"), Kind::Icmp, role, &address, second, at(0)).unwrap()
    };
    (0..6).map(target).collect()
}

/// What becomes of their probes, in order: a base, noise of about 10 %, a queue in the evening,
/// 0.1 % lost, a drop each day.
fn life(targets: &[Target], seconds: i64) -> impl Iterator<Item = Measurement> {
    let mut random = fastrand::Rng::with_seed(1);
    let slots = (0..seconds).flat_map(|s| (0..6).map(move |t| (s, t)));
    slots.map(move |(s, t)| {
        let base = [600.0, 1_100.0, 8_200.0, 11_900.0, 14_800.0, 17_500.0][t];
        let noise: f64 = (0..4).map(|_| random.f64() - 0.5).sum::<f64>() * 0.17 * base;
        let evening = (s / 3_600 % 24 > 18) as i64 as f64;
        let queue = if t > 2 { evening * random.f64() * 9_000.0 } else { 0.0 };
        let down = t > 2 && s % 86_400 > 40_000 && s % 86_400 < 40_090;
        let late = if random.u32(..1_000) == 0 { random.i64(0..40) } else { 0 };
        let outcome = if down || random.u32(..1_000) == 0 {
            Outcome::Lost
        } else {
            reply((base + noise + queue) as u64)
        };
        measured(&targets[t], s * 1_000 + t as i64 * 160 + late, outcome)
    })
}

/// The next seconds of a life, six probes each.
fn seconds(life: impl Iterator<Item = Measurement>) -> impl Iterator<Item = Vec<Measurement>> {
    let mut life = life.peekable();
    std::iter::from_fn(move || {
        life.peek()?;
        Some(life.by_ref().take(6).collect())
    })
}

/// Hours to live, and the directory of the database: on the file system that is to be measured.
fn given() -> (i64, PathBuf) {
    let hours = std::env::var("LINKMON_HOURS").ok().and_then(|hours| hours.parse().ok());
    let place = std::env::var_os("LINKMON_PLACE").map_or_else(std::env::temp_dir, PathBuf::from);
    (hours.unwrap_or(24), place)
}

/// As the kernel writes back by itself what nobody flushed, at the pace of the simulated clock.
fn write_back(directory: &File, second: i64) {
    if second % 30 == 29 {
        rustix::fs::syncfs(directory).unwrap();
    }
}

/// Run by `tests/bench/writes.py`, which counts what it writes.
#[test]
#[ignore = "writes for a simulated day; run by hand"]
fn the_writer_lives_for_hours() {
    let (hours, place) = given();
    let directory = tempfile::tempdir_in(place).unwrap();
    let runtime = tempfile::tempdir_in("/dev/shm").unwrap();
    let (mut writer, _) = open_at(&directory.path().join("linkmon.db"), runtime.path()).unwrap();
    let year = Duration::from_secs(400 * 86_400);
    writer.keep_within(SpaceLimits { max_bytes: 2 << 30, keep_raw: year, keep_minutes: year });
    writer.begin_run(at(0), None).unwrap();
    let targets = home(&mut writer);
    let folder = File::open(directory.path()).unwrap();
    let status = "s".repeat(3_000);
    let (mut used, mut used_by_commits) = (0.0, 0.0);
    for (s, probes) in (0..).zip(seconds(life(&targets, hours * 3_600))) {
        let before = precise_cpu();
        for probe in &probes {
            writer.record(probe).unwrap();
        }
        writer.second(at(s + 1), &status).unwrap();
        let spent = precise_cpu() - before;
        used += spent;
        // The rest is the journal, which the other table has nothing like.
        used_by_commits += if (s + 1) % 60 == 4 { spent } else { 0.0 };
        write_back(&folder, s);
    }
    println!("cpu_s {used:.3}\ncpu_of_commits_s {used_by_commits:.3}");
    writer.close(at(hours * 3_600 + 1), RunEnd::Clean).unwrap();
}

/// The same probes as most tools of the kind keep them: a row each, an index, a commit a minute.
#[test]
#[ignore = "writes for a simulated day; run by hand"]
fn a_naive_table_lives_for_hours() {
    let (hours, place) = given();
    let directory = tempfile::tempdir_in(place).unwrap();
    let any = Place::new();
    let targets = home(&mut any.writer());
    let db = rusqlite::Connection::open(directory.path().join("naive.db")).unwrap();
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE probe(id INTEGER PRIMARY KEY, time_us INTEGER, target INTEGER, rtt_us INTEGER);
         CREATE INDEX probe_of_target ON probe(target, time_us); BEGIN",
    )
    .unwrap();
    let folder = File::open(directory.path()).unwrap();
    let mut used = 0.0;
    for (s, probes) in (0..).zip(seconds(life(&targets, hours * 3_600))) {
        let before = precise_cpu();
        for probe in &probes {
            let rtt = probe.outcome.rtt().map(|rtt| rtt.as_micros() as i64);
            db.prepare_cached("INSERT INTO probe(time_us, target, rtt_us) VALUES (?1, ?2, ?3)")
                .unwrap()
                .execute((probe.sent_at.as_micros(), probe.target.0, rtt))
                .unwrap();
        }
        if s % 60 == 59 {
            db.execute_batch("COMMIT; BEGIN").unwrap();
        }
        used += precise_cpu() - before;
        write_back(&folder, s);
    }
    println!("cpu_s {used:.3}");
}

/// Seconds of work of this thread so far, user and system, exactly.
fn precise_cpu() -> f64 {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    spent.tv_sec as f64 + spent.tv_nsec as f64 / 1e9
}

#[test]
#[ignore = "takes minutes and a gigabyte; run by hand"]
fn a_year_in_figures() {
    let days: i64 =
        std::env::var("LINKMON_DAYS").ok().and_then(|days| days.parse().ok()).unwrap_or(365);
    let place = Place::new();
    let mut writer = place.writer();
    let targets = home(&mut writer);
    let mut samples = life(&targets, days * 86_400);
    let probes = days * 86_400 * 6;
    timed("import (encode, summaries of minutes)", || {
        for _ in 0..days {
            let mut day = samples.by_ref().take(86_400 * 6);
            writer.import_run(&mut day).unwrap();
        }
    });
    let end = at(days * 86_400);
    timed("hours and chain", || while writer.close_hours(end.utc, 48).unwrap() > 0 {});
    writer.close(end, RunEnd::Clean).unwrap();
    let bytes = std::fs::metadata(place.db()).unwrap().len();
    let per_probe = bytes as f64 / probes as f64;
    println!(
        "{probes} probes, {bytes} bytes: {per_probe:.3} a probe, {:.0} MB a year",
        per_probe * 189.2
    );
    let sql = place.sql();
    for table in ["hour", "chain"] {
        let (rows, wide): (i64, f64) = sql
            .query_row(
                &format!("SELECT count(*), avg(length(quote({table}.hour))) FROM {table}"),
                [],
                |r| Ok((r.get(0)?, r.get(1)?)),
            )
            .unwrap();
        println!("{table}: {rows} rows ({wide:.0})");
    }
    let widths: (f64, f64) = sql
        .query_row("SELECT avg(length(sketch)), avg(length(seconds)) FROM hour", [], |r| {
            Ok((r.get(0)?, r.get(1)?))
        })
        .unwrap();
    println!("sketch {:.0} bytes, seconds {:.0} bytes an hour", widths.0, widths.1);
    drop(sql);

    let opened = timed("quick check and open", || place.try_open().unwrap());
    drop(opened);
    let reader = place.reader();
    for length in [7, 30, 90, 365].into_iter().filter(|length| *length <= days) {
        let period = TimeRange { from: at((days - length) * 86_400 + 77).utc, to: end.utc };
        let rows = timed(&format!("gather {length} d"), || gather(&reader, period, None).unwrap());
        assert!(rows.tallies.len() == 6);
    }
    timed("verify the chain", || println!("{:?}", verify_chain(&place.db()).unwrap()));
    timed("backup", || {
        backup(&place.db(), &place.directory.path().join("copy.db"), 1, end.utc).unwrap()
    });
    timed("check all", || assert!(check_all(&place.db()).unwrap().is_whole()));
    let month = TimeRange { from: at((days - 30.min(days)) * 86_400).utc, to: end.utc };
    for target in &targets {
        let mut exact = Vec::new();
        reader
            .for_each_minute(month, &mut |m| {
                if m.target == target.id {
                    let rtts = m.samples.iter().filter_map(|s| s.outcome.rtt());
                    exact.extend(rtts.map(|rtt| rtt.as_micros() as u32));
                }
            })
            .unwrap();
        let exact = Sorted::new(exact);
        let mut sketch = Histogram::default();
        for row in reader.hours(month).unwrap().iter().filter(|row| row.target == target.id) {
            sketch.merge(&row.delays);
        }
        let off = |q| {
            let (a, b) = (
                sketch.quantile(q).unwrap().as_secs_f64(),
                exact.quantile(q).unwrap().as_secs_f64(),
            );
            100.0 * (a - b).abs() / b
        };
        println!(
            "{}: p50 off {:.2} %, p95 {:.2} %, p99 {:.2} %",
            target.name,
            off(0.5),
            off(0.95),
            off(0.99)
        );
    }
}
