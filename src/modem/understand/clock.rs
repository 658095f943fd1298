//! How far the modem's clock is from ours.

use std::fmt;

use jiff::civil::DateTime;

use crate::time::Timestamp;
use crate::vocabulary::{Bounds, LogEntry, LogStamp, ModemAccount, ModemClock};

/// Its seconds are rounded down.
const RESOLUTION_US: i64 = 1_000_000;
/// The largest difference that a zone and a clock that is a little wrong account for: 15 hours. A clock
/// that is further off is believed only once it is seen to run.
const ZONES_US: i64 = 15 * 3_600_000_000;

/// An earlier reading's clock serves for so long: six hours.
const EARLIER_US: i64 = 6 * 3_600_000_000;
/// How far a clock may drift, as a share of the time: 500 ppm.
const DRIFT: i64 = 2_000;

/// A clock shows the time of a zone if it is less than this off: half of the least between two zones.
const NEAR_ZONE_US: i64 = 7 * 60_000_000;
/// Zones that are no whole hours from UTC, in minutes east of it, summer times included.
const BETWEEN_HOURS: [i64; 13] =
    [-570, -210, -150, 210, 270, 330, 345, 390, 525, 570, 630, 765, 825];

/// The zone whose time a clock shows: `UTC+01:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockZone {
    /// In minutes east of UTC.
    minutes: i64,
    /// How far the clock is ahead of the time of the zone, in microseconds.
    pub ahead_us: i64,
}

impl fmt::Display for ClockZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minutes < 0 { '-' } else { '+' };
        let minutes = self.minutes.abs();
        write!(f, "UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

/// What is to be added to our time to get the modem's: zone and error of its clock in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockOffsetBounds {
    /// The least, in microseconds.
    pub least_us: i64,
    /// The most.
    pub most_us: i64,
}

impl ClockOffsetBounds {
    /// The best single figure, in microseconds.
    pub fn middle_us(self) -> i64 {
        self.least_us.midpoint(self.most_us)
    }

    /// How far the truth may be from it, in microseconds.
    pub fn error_us(self) -> i64 {
        (self.most_us - self.least_us) / 2
    }

    /// The zone whose time it shows, and how far ahead of that it is; `None` where this does not
    /// determine one.
    pub fn zone(self) -> Option<ClockZone> {
        const MINUTE_US: i64 = 60_000_000;
        let hour = (self.middle_us() + 30 * MINUTE_US).div_euclid(60 * MINUTE_US) * 60;
        let hours = (-12 * 60..=14 * 60).contains(&hour).then_some(hour);
        hours.into_iter().chain(BETWEEN_HOURS).find_map(|minutes| {
            let ahead_us = self.middle_us() - minutes * MINUTE_US;
            (ahead_us.abs() + self.error_us() < NEAR_ZONE_US)
                .then_some(ClockZone { minutes, ahead_us })
        })
    }

    /// With bounds that are further apart by this on either side.
    fn widened(self, by_us: i64) -> Self {
        Self { least_us: self.least_us - by_us, most_us: self.most_us + by_us }
    }

    /// What both allow; `None` where they contradict each other.
    fn common(self, other: Self) -> Option<Self> {
        let least_us = self.least_us.max(other.least_us);
        let most_us = self.most_us.min(other.most_us);
        (least_us <= most_us).then_some(Self { least_us, most_us })
    }

    /// When something was written whose stamp is this, to a resolution.
    pub(super) fn utc(self, stamp_us: i64, resolution_us: i64) -> Bounds {
        Bounds {
            earliest: Timestamp::from_micros(stamp_us.saturating_sub(self.most_us)),
            latest: Timestamp::from_micros(
                stamp_us.saturating_add(resolution_us).saturating_sub(self.least_us),
            ),
        }
    }
}

/// A civil time as if it were UTC, in microseconds.
pub(super) fn as_if_utc(at: DateTime) -> Option<i64> {
    Some(jiff::tz::TimeZone::UTC.to_timestamp(at).ok()?.as_microsecond())
}

/// How long after a stamp a thing may have happened, in microseconds.
pub(super) fn resolution_us(stamp: LogStamp) -> i64 {
    if matches!(stamp, LogStamp::Minute(_)) { 60_000_000 } else { 1_000_000 }
}

/// What the clock that one reading shows allows.
fn of_clock(account: &ModemAccount) -> Option<ClockOffsetBounds> {
    let shown = match account.snapshot()?.clock? {
        ModemClock::Local(at) => as_if_utc(at)?,
        // The log of such a modem is in the same zone, which the page does not name.
        ModemClock::Absolute(_) => return None,
    };
    let fetched = account.clock_fetched.unwrap_or(account.whole());
    Some(ClockOffsetBounds {
        least_us: shown - fetched.latest.as_micros(),
        most_us: shown + RESOLUTION_US - fetched.earliest.as_micros(),
    })
}

/// What entries allow that were new in a reading: they were written since the one before.
fn of_new_entries(before: &ModemAccount, account: &ModemAccount) -> Option<ClockOffsetBounds> {
    let mut bounds: Option<ClockOffsetBounds> = None;
    let is_new = |entry: &&LogEntry| !before.log().contains(entry);
    for entry in account.log().iter().filter(is_new) {
        let (LogStamp::Second(at) | LogStamp::Minute(at)) = entry.last.unwrap_or(entry.stamp)
        else {
            continue;
        };
        let resolution = resolution_us(entry.last.unwrap_or(entry.stamp));
        let Some(stamp) = as_if_utc(at) else { continue };
        let allows = ClockOffsetBounds {
            least_us: stamp - account.until().as_micros(),
            most_us: stamp + resolution - before.at.as_micros(),
        };
        bounds = Some(match bounds {
            Some(bounds) => bounds.common(allows)?,
            None => allows,
        });
    }
    bounds
}

/// The offset of the modem's clock at the last of these readings, which are in order; `None` where
/// nothing shows it.
///
/// The page's own clock says so, unless it stands still or is years off. Where there is none, entries
/// of the log that were new say between which readings they were written.
pub fn learn_offset(accounts: &[ModemAccount]) -> Option<ClockOffsetBounds> {
    let last = accounts.iter().rfind(|account| account.snapshot().is_some())?;
    let before = accounts.iter().filter(|account| account.at < last.at);
    if let Some(now) = of_clock(last).filter(|_| !stands_still(accounts)) {
        let earlier: Vec<_> = before.clone().filter_map(of_clock).collect();
        let is_near = now.middle_us().abs() <= ZONES_US;
        let is_running = earlier.last().is_some_and(|earlier| {
            let slack = 5_000_000 + now.error_us() + earlier.error_us();
            (now.middle_us() - earlier.middle_us()).abs() <= slack
        });
        if is_near || is_running {
            return Some(now);
        }
    }
    // The clock of an earlier reading has hardly drifted since.
    let shown = before.rev().filter(|_| !stands_still(accounts)).find_map(|account| {
        let near = of_clock(account).filter(|offset| offset.middle_us().abs() <= ZONES_US)?;
        let since = last.at.micros_since(account.at);
        (since <= EARLIER_US).then(|| near.widened(RESOLUTION_US + since / DRIFT))
    });
    if shown.is_some() {
        return shown;
    }
    // Readings without an offset of their own: the newest that the entries allow.
    let mut bounds: Option<ClockOffsetBounds> = None;
    let said: Vec<_> = accounts.iter().filter(|account| account.snapshot().is_some()).collect();
    for pair in said.windows(2) {
        if let Some(allows) = of_new_entries(pair[0], pair[1]) {
            // One that contradicts those before it is of a clock that was set meanwhile.
            bounds = bounds.and_then(|bounds| bounds.common(allows)).or(Some(allows));
        }
    }
    bounds
}

/// Whether the modem shows the same time at every reading.
fn stands_still(accounts: &[ModemAccount]) -> bool {
    let mut shown = accounts.iter().filter_map(|account| account.snapshot()?.clock);
    let first = shown.next();
    let mut others = shown.peekable();
    others.peek().is_some() && others.all(|clock| Some(clock) == first)
}
