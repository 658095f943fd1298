//! When the modem started, by its uptime.

use std::time::Duration;

use crate::time::Timestamp;
use crate::vocabulary::{Bounds, ModemAccount};

/// The uptime is shown in whole seconds.
const RESOLUTION_US: i64 = 1_000_000;
/// Uptimes that differ by no more than this, and by no more than [`DRIFT`], are of one start: pages are
/// built before they are sent, some of them half a minute.
const SLACK_US: i64 = 45_000_000;
/// How far a modem's clock may run apart from ours, as a share of the time: 500 ppm.
const DRIFT: i64 = 2_000;
/// Counters of uptime begin anew, without a start: 2^32 hundredths of a second, 2^32 milliseconds.
const WRAPS_US: [i64; 2] = [(1 << 32) * 10_000, (1 << 32) * 1_000];

/// When the modem last started, by a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Boot {
    /// When.
    pub at: Bounds,
    /// When the reading began that shows it.
    pub read: Timestamp,
    /// The uptime that it showed.
    pub uptime: Duration,
}

/// When the modem last started, by what a reading shows; `None` where it shows no uptime.
pub fn boot_of(account: &ModemAccount) -> Option<Boot> {
    let fetched = account.uptime_fetched.unwrap_or(account.whole());
    boot_by(account.snapshot()?.uptime?, fetched, account.at)
}

/// The same by an uptime, of a page that was fetched between `fetched` in a reading that began at `read`.
pub fn boot_by(uptime: Duration, fetched: Bounds, read: Timestamp) -> Option<Boot> {
    // More than a century is no uptime.
    let us = i64::try_from(uptime.as_micros()).ok().filter(|us| *us < 1 << 52)?;
    // The page may have been built at any moment since it was asked for, and its seconds are rounded down.
    let earliest = fetched.earliest.plus_micros(-us - RESOLUTION_US);
    let latest = fetched.latest.plus_micros(-us);
    Some(Boot { at: Bounds { earliest, latest }, read, uptime })
}

/// Whether the modem started between two readings.
pub(super) fn restarted(before: &Boot, now: &Boot) -> bool {
    let us = |uptime: Duration| i64::try_from(uptime.as_micros()).unwrap_or(i64::MAX);
    let between = now.at.latest.micros_since(before.at.earliest);
    let elapsed = now.read.micros_since(before.read);
    let slack = SLACK_US + elapsed / DRIFT;
    if between <= slack {
        return false;
    }
    // One that started between the readings has not been up for longer than the time between them.
    if us(now.uptime) > elapsed.saturating_add(slack) {
        return false;
    }
    let expected = us(before.uptime).saturating_add(elapsed);
    let wrapped = |wrap: i64| (expected - wrap - us(now.uptime)).abs() <= slack;
    !(us(before.uptime) > us(now.uptime) && WRAPS_US.into_iter().any(wrapped))
}
