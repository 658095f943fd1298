//! A simulated modem, of which the truth is known, next to what is understood of it.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds and counts of simulated modems"
)]

mod chance;
mod codewords;
mod levels;
mod times;
mod verdicts;

use std::time::Duration;

use super::*;
use crate::time::Timestamp;
use crate::vocabulary::{
    Bounds, ChannelKind, Downstream, LogClass, LogEntry, LogStamp, ModemAccount, ModemClock,
    ModemReadCause, ModemSilence, ModemSilenceKind, ModemSnapshot, ModemWords, Modulation,
    Upstream,
};

const SECOND: i64 = 1_000_000;

/// So many seconds after the beginning of the tests.
fn at(seconds: f64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000).plus_micros((seconds * 1e6) as i64)
}

fn bounds(earliest: f64, latest: f64) -> Bounds {
    Bounds { earliest: at(earliest), latest: at(latest) }
}

fn drop(onset: f64, end: f64) -> MeasuredDrop {
    let (onset, end) = (bounds(onset - 0.5, onset), Some(bounds(end - 0.5, end)));
    MeasuredDrop { onset, end, is_at_home: false }
}

/// The modem's clock in civil time, rounded down to seconds, `ahead` of UTC.
fn civil(utc: Timestamp, ahead_us: i64) -> jiff::civil::DateTime {
    let us = (utc.as_micros() + ahead_us).div_euclid(SECOND) * SECOND;
    jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::from_microsecond(us).unwrap())
}

fn entry(stamp: LogStamp, class: LogClass, text: &str) -> LogEntry {
    let text = text.into();
    LogEntry { stamp, last: None, count: 1, level: Some(3), number: None, class, text }
}

fn account(from: f64, took: f64, cause: ModemReadCause, said: ModemSnapshot) -> ModemAccount {
    ModemAccount {
        at: at(from),
        took: Duration::from_secs_f64(took),
        cause,
        kind: None,
        clock_fetched: None,
        uptime_fetched: None,
        words: ModemWords::Said(Box::new(said)),
    }
}

fn dead(from: f64, took: f64) -> ModemAccount {
    let silence = ModemSilence { kind: ModemSilenceKind::TimedOut, text: String::new() };
    ModemAccount {
        words: ModemWords::Silent(silence),
        ..account(from, took, ModemReadCause::Drop, ModemSnapshot::default())
    }
}

/// A modem with a clock of its own, a start, locked channels and a log.
struct Modem {
    ahead_us: i64,
    booted: f64,
    log: Vec<(f64, LogClass)>,
    /// Times without lock of all channels.
    unlocked: Vec<(f64, f64)>,
    transmits: f64,
    shows_clock: bool,
}

impl Modem {
    fn new() -> Self {
        Self {
            ahead_us: 3_600 * SECOND + 2 * SECOND,
            booted: -1_000_000.3,
            log: Vec::new(),
            unlocked: Vec::new(),
            transmits: 44.0,
            shows_clock: true,
        }
    }

    /// Codewords of a channel since the start, locked all the time but in `unlocked`.
    fn codewords(&self, now: f64) -> u64 {
        let lost: f64 = self
            .unlocked
            .iter()
            .map(|(from, to)| (to.min(now) - from.max(self.booted)).max(0.0))
            .sum();
        (((now - self.booted - lost) * 34_078.43) as u64) % (1 << 32)
    }

    /// A reading whose pages show the state at an instant within it.
    fn read(&self, from: f64, took: f64, shown: f64, cause: ModemReadCause) -> ModemAccount {
        let now = from + took * shown;
        let is_locked = !self.unlocked.iter().any(|(from, to)| (*from..*to).contains(&now));
        let down = |id: u32| Downstream {
            id: Some(id),
            kind: Some(ChannelKind::ScQam),
            locked: Some(is_locked),
            frequency_hz: Some(600_000_000 + u64::from(id) * 8_000_000),
            width_hz: Some(8_000_000),
            modulation: Some(Modulation::Qam(256)),
            power_dbmv: is_locked.then_some(1.5),
            mer_db: is_locked.then_some(38.5),
            unerrored: is_locked.then(|| self.codewords(now)),
            corrected: is_locked.then_some(0),
            uncorrectable: is_locked.then_some(0),
            ..Downstream::default()
        };
        let up = Upstream {
            id: Some(1),
            kind: Some(ChannelKind::ScQam),
            locked: Some(true),
            power_dbmv: Some(self.transmits),
            ..Upstream::default()
        };
        let written = self.log.iter().filter(|(when, _)| *when <= now);
        let log = written.map(|(when, class)| {
            let stamp = LogStamp::Second(civil(at(*when), self.ahead_us));
            entry(stamp, *class, &format!("{class} {when}"))
        });
        let said = ModemSnapshot {
            uptime: Some(Duration::from_secs((now - self.booted) as u64)),
            clock: self.shows_clock.then(|| ModemClock::Local(civil(at(now), self.ahead_us))),
            connection: Some("Operational".into()),
            downstream: (1..=4).map(down).collect(),
            upstream: vec![up],
            log: Some(log.collect()),
            ..ModemSnapshot::default()
        };
        account(from, took, cause, said)
    }

    /// A reading each quarter of an hour.
    fn read_each(&self, from: i32, to: i32) -> Vec<ModemAccount> {
        let cause = ModemReadCause::Scheduled;
        (from..to).map(|n| self.read(f64::from(n) * 900.0, 20.0, 0.5, cause)).collect()
    }
}
