//! Time: the only module that reads a clock.
//!
//! Two kinds of time, never mixed. [`Timestamp`] is UTC, a label: stored, compared, printed.
//! [`BootTime`] is the kernel's `CLOCK_BOOTTIME`, which counts through sleep and never steps:
//! durations come from it. A [`Reading`] takes both at once.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

mod day;
pub mod duration;
mod micros;
mod minute_text;
mod parse;
pub mod spans;
mod utc_line;
pub use day::day_of;
pub use micros::{Micros, micros};
pub use minute_text::MinuteText;
pub use parse::{ParseError, Since, parse_duration, parse_instant};
pub use utc_line::{LARGEST_SLEW, UtcLine, hold_utc, is_utc_held, release_utc};

/// Microseconds since the Unix epoch, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since the Unix epoch.
    pub const fn from_micros(us: i64) -> Self {
        Self(us)
    }
    /// From milliseconds since the Unix epoch.
    pub const fn from_millis(ms: i64) -> Self {
        Self(ms.saturating_mul(1_000))
    }
    /// From whole seconds since the Unix epoch.
    pub const fn from_seconds(s: i64) -> Self {
        Self(s.saturating_mul(1_000_000))
    }
    /// Microseconds since the Unix epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }
    /// Whole milliseconds since the Unix epoch, rounded down.
    pub const fn as_millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }
    /// Whole minutes since the Unix epoch: the key of a row of samples.
    pub const fn minute(self) -> i64 {
        self.0.div_euclid(60_000_000)
    }
    /// Microseconds from `earlier` to `self`; negative when `self` comes first.
    pub const fn micros_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
    /// Time from `earlier` to `self`; negative when `self` comes first.
    pub const fn since(self, earlier: Self) -> Micros {
        Micros::new(self.micros_since(earlier))
    }
    /// Time from `earlier` to `self`; `None` when `self` comes first.
    pub fn duration_since(self, earlier: Self) -> Option<Duration> {
        u64::try_from(self.micros_since(earlier)).ok().map(Duration::from_micros)
    }
    /// Later by `by`, which may be negative, in microseconds.
    #[must_use]
    pub const fn plus_micros(self, by: i64) -> Self {
        Self(self.0.saturating_add(by))
    }
    /// Rounded down to a whole millisecond, the resolution of stored send times.
    #[must_use]
    pub const fn floor_millis(self) -> Self {
        Self::from_millis(self.as_millis())
    }
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, by: Duration) -> Self {
        self.plus_micros(micros(by))
    }
}

impl std::ops::Add<Micros> for Timestamp {
    type Output = Self;
    fn add(self, by: Micros) -> Self {
        self.plus_micros(by.as_i64())
    }
}

impl std::ops::Sub<Duration> for Timestamp {
    type Output = Self;
    fn sub(self, by: Duration) -> Self {
        self.plus_micros(-micros(by))
    }
}

/// RFC 3339 in UTC with milliseconds: `2026-02-02T13:20:05.125Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.as_millis()) {
            Ok(t) => write!(f, "{t:.3}"),
            Err(_) => write!(f, "unix-ms:{}", self.as_millis()),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        text.parse::<jiff::Timestamp>()
            .map(|t| Self(t.as_microsecond()))
            .map_err(serde::de::Error::custom)
    }
}

/// A half-open span of time, `from` included, `to` not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeRange {
    /// First instant of the span.
    pub from: Timestamp,
    /// First instant after the span.
    pub to: Timestamp,
}

impl TimeRange {
    /// All of time.
    pub const EVER: Self =
        Self { from: Timestamp::from_micros(i64::MIN), to: Timestamp::from_micros(i64::MAX) };

    /// Its length; zero when `to` is not after `from`.
    pub fn length(&self) -> Duration {
        self.to.duration_since(self.from).unwrap_or_default()
    }
    /// Whether `at` lies in it.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
    /// What both have in common; `None` when they do not overlap.
    pub fn intersect(&self, other: &Self) -> Option<Self> {
        let both = Self { from: self.from.max(other.from), to: self.to.min(other.to) };
        (both.from < both.to).then_some(both)
    }
}

/// Microseconds of `CLOCK_BOOTTIME`: since boot, time asleep included, never stepped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BootTime(i64);

impl BootTime {
    /// From microseconds since boot.
    pub const fn from_micros(us: i64) -> Self {
        Self(us)
    }
    /// Microseconds since boot.
    pub const fn as_micros(self) -> i64 {
        self.0
    }
    /// Time from `earlier` to `self`; negative when `self` comes first.
    pub const fn since(self, earlier: Self) -> Micros {
        Micros::new(self.0.saturating_sub(earlier.0))
    }
}

impl std::ops::Add<Micros> for BootTime {
    type Output = Self;
    fn add(self, by: Micros) -> Self {
        Self(self.0.saturating_add(by.as_i64()))
    }
}

impl std::ops::Add<Duration> for BootTime {
    type Output = Self;
    fn add(self, by: Duration) -> Self {
        self + Micros::from(by)
    }
}

/// All clocks at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// `CLOCK_REALTIME`, or what takes its place while it is behind the record: see [`UtcLine`].
    pub utc: Timestamp,
    /// `CLOCK_BOOTTIME`.
    pub boot: BootTime,
    /// `CLOCK_MONOTONIC` in microseconds: does not advance while the machine sleeps.
    pub monotonic_us: i64,
}

impl Reading {
    /// Reads the clocks of this machine; UTC is that of the [`UtcLine`] in use, if there is one.
    pub fn now() -> Self {
        utc_line::by_line(Self::of_host())
    }

    /// Reads the three clocks of this machine.
    pub fn of_host() -> Self {
        use rustix::time::{ClockId, clock_gettime};
        let us = |id| {
            let t = clock_gettime(id);
            t.tv_sec * 1_000_000 + t.tv_nsec / 1_000
        };
        Self {
            utc: Timestamp(us(ClockId::Realtime)),
            boot: BootTime(us(ClockId::Boottime)),
            monotonic_us: us(ClockId::Monotonic),
        }
    }
    /// UTC minus boot time in microseconds: constant except for steps of the clock.
    pub fn utc_offset_us(&self) -> i64 {
        self.utc.as_micros() - self.boot.0
    }
}

/// The kernel's name of this boot; `None` where it has none.
pub fn boot_id() -> Option<String> {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok().map(|id| id.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_print_as_rfc_3339_in_utc_with_milliseconds() {
        assert_eq!(
            Timestamp::from_millis(1_675_785_600_123).to_string(),
            "2023-02-07T16:00:00.123Z"
        );
        assert_eq!(Timestamp::from_micros(-1).to_string(), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn boot_time_does_not_run_backwards() {
        let (a, b) = (Reading::now(), Reading::now());
        assert!(b.boot >= a.boot && b.monotonic_us >= a.monotonic_us);
    }
}
