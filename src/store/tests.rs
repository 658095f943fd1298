//! Writer and reader together, on real files with simulated time.

mod backup;
mod chain;
mod check;
mod damage;
mod faults;
mod growth;
mod hours;
mod impairments;
mod kill;
mod measure;
mod mend;
mod merge;
mod modem;
mod notes;
mod outbox;
pub(crate) mod refusal;
mod room;
mod rows;
mod samples;
mod schemas;

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Error, Opening, Reader, Recovery, Writer};
use crate::time::{BootTime, Reading, TimeRange, Timestamp};
use crate::vocabulary::{Kind, Measurement, Outcome, Role, RunEnd, Target, TargetId};

/// 2026-02-02T13:20:00Z, the start of a minute.
const START_S: i64 = 1_770_038_400;

const ALL: TimeRange =
    TimeRange { from: Timestamp::from_seconds(0), to: Timestamp::from_seconds(1 << 33) };

/// A place for a database and its journal.
struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }
    /// One in which a daemon recorded so many seconds, and ended.
    fn recorded(seconds: i64) -> Self {
        let place = Self::new();
        let mut writer = place.writer();
        writer.begin_run(at(0), None).unwrap();
        let target = anchor(&mut writer);
        record(&mut writer, &target, 0..seconds);
        writer.close(at(seconds), RunEnd::Clean).unwrap();
        place
    }
    fn db(&self) -> PathBuf {
        self.directory.path().join("state/linkmon.db")
    }
    fn try_open(&self) -> Result<(Writer, Recovery), Error> {
        let runtime = self.directory.path().join("run");
        open_at(&self.db(), &runtime)
    }
    fn writer(&self) -> Writer {
        self.try_open().unwrap().0
    }
    fn reader(&self) -> Reader {
        Reader::open(&self.db()).unwrap()
    }
    fn samples(&self) -> Vec<Measurement> {
        samples(&self.reader())
    }
    /// A connection as any other program makes it.
    fn sql(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.db()).unwrap()
    }
}

fn open_at(path: &Path, runtime: &Path) -> Result<(Writer, Recovery), Error> {
    Writer::open(Opening { path, runtime_dir: Some(runtime), version: "0.0.0-test" })
}

/// All samples, in order of run, minute and target.
fn samples(reader: &Reader) -> Vec<Measurement> {
    let mut all = Vec::new();
    let damage = reader.for_each_minute(ALL, &mut |m| all.extend_from_slice(&m.samples)).unwrap();
    assert_eq!(damage.rows, 0);
    all
}

/// All clocks `s` seconds behind the start.
fn at(s: i64) -> Reading {
    let us = s * 1_000_000;
    Reading {
        utc: Timestamp::from_micros(START_S * 1_000_000 + us),
        boot: BootTime::from_micros(5_000_000_000 + us),
        monotonic_us: 4_000_000_000 + us,
    }
}

/// The same with a wall clock that shows `by` seconds more.
fn stepped(s: i64, by: i64) -> Reading {
    Reading { utc: at(s + by).utc, ..at(s) }
}

fn measured(target: &Target, ms: i64, outcome: Outcome) -> Measurement {
    let sent_at = Timestamp::from_millis(START_S * 1_000 + ms);
    Measurement { target: target.id, sent_at, outcome }
}

fn reply(us: u64) -> Outcome {
    Outcome::reply(Duration::from_micros(us))
}

fn anchor(writer: &mut Writer) -> Target {
    let second = Duration::from_secs(1);
    writer.target("cloudflare", Kind::Icmp, Role::Anchor, "1.1.1.1", second, at(0)).unwrap()
}

/// One sample of second `n`, different in each.
fn nth(target: &Target, n: i64) -> Measurement {
    measured(target, n * 1_000 + 250, reply(12_000 + n.unsigned_abs() % 977))
}

/// Records the seconds of `range`, one `second` call each.
fn record(writer: &mut Writer, target: &Target, range: std::ops::Range<i64>) {
    for n in range {
        writer.record(&nth(target, n)).unwrap();
        writer.second(at(n + 1), "{}").unwrap();
    }
}
