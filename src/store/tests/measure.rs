//! Figures of a year of six targets at 1 Hz, made by the writer at speed. Not a test: run by hand,
//! `cargo test --release --lib a_year_in_figures -- --ignored --nocapture`, with `LINKMON_DAYS` for
//! another length.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    clippy::cast_lossless,
    clippy::too_many_lines,
    reason = "figures to be printed, in a row"
)]

use super::*;
use crate::report::gather;
use crate::stats::{Histogram, Sorted};
use crate::store::{backup, check_all, verify_chain};

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

#[test]
#[ignore = "takes minutes and a gigabyte; run by hand"]
fn a_year_in_figures() {
    let days: i64 =
        std::env::var("LINKMON_DAYS").ok().and_then(|days| days.parse().ok()).unwrap_or(365);
    let place = Place::new();
    let mut writer = place.writer();
    let second = Duration::from_secs(1);
    let targets: Vec<_> = (0..6)
        .map(|n| {
            let role = [Role::Gateway, Role::Modem, Role::Isp, Role::Anchor][n.min(3)];
            let address = format!("192.0.2.{n}");
            writer.target(&format!("t{n}"), Kind::Icmp, role, &address, second, at(0)).unwrap()
        })
        .collect();
    let mut random = fastrand::Rng::with_seed(1);
    let mut samples = (0..days * 86_400).flat_map(|s| (0..6).map(move |t| (s, t))).map(|(s, t)| {
        // A base, noise of about 10 %, a queue in the evening, 0.1 % lost, a drop now and then.
        let base = [600.0, 1_100.0, 8_200.0, 11_900.0, 14_800.0, 17_500.0][t];
        let noise: f64 = (0..4).map(|_| random.f64() - 0.5).sum::<f64>() * 0.17 * base;
        let evening = (s / 3_600 % 24 > 18) as i64 as f64;
        let queue = if t > 2 { evening * random.f64() * 9_000.0 } else { 0.0 };
        let down = t > 2 && s % 86_400 > 40_000 && s % 86_400 < 40_090;
        let late = if random.u32(..1_000) == 0 { random.i64(..40) } else { 0 };
        let outcome = if down || random.u32(..1_000) == 0 {
            Outcome::Lost
        } else {
            reply((base + noise + queue) as u64)
        };
        measured(&targets[t], s * 1_000 + t as i64 * 160 + late, outcome)
    });
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
        let rows = timed(&format!("gather {length} d"), || gather(&reader, period).unwrap());
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
