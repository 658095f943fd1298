//! UTC by the boot clock, where this host's own is behind what was measured before.
//!
//! A box without a battery clock starts with an old date, or in 1970, until NTP sets it; what it
//! measures meanwhile would lie before, or among, what is in the record already. Such a start goes on
//! from the record instead: [`UtcLine`] is the least UTC that it can be, by the boot clock, and
//! [`Reading::now`] keeps to it until the clock has caught up, which is when it was set.

use std::sync::atomic::{AtomicI64, Ordering};

use super::{Micros, Reading, Timestamp};

/// A clock that differs by less is not behind: it is slewed.
pub const LARGEST_SLEW: Micros = Micros::from_millis(250);

/// UTC as a line by the boot clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UtcLine {
    /// UTC less boot time, microseconds.
    offset_us: i64,
}

impl UtcLine {
    /// The line of a boot that began after `last_seen`: at boot time 0 it was that late at least.
    pub fn after(last_seen: Timestamp) -> Self {
        Self { offset_us: last_seen.as_micros() }
    }

    /// The line by the offset, UTC less boot time in microseconds, of an earlier run of this boot.
    pub fn of_offset(offset_us: i64) -> Self {
        Self { offset_us }
    }

    /// Whether the clock of this reading is behind it.
    pub fn is_ahead_of(self, host: &Reading) -> bool {
        self.offset_us - host.utc_offset_us() > LARGEST_SLEW.as_i64()
    }

    /// The same instant with the UTC of the line.
    pub fn label(self, host: Reading) -> Reading {
        Reading { utc: Timestamp::from_micros(host.boot.as_micros() + self.offset_us), ..host }
    }
}

/// No line.
const NONE: i64 = i64::MIN;

/// The line of this process. Only set by the daemon, before it measures.
static HELD: AtomicI64 = AtomicI64::new(NONE);

/// From now on [`Reading::now`] keeps to this line, until the clock has caught up with it or
/// [`release_utc`] is called.
pub fn hold_utc(line: UtcLine) {
    HELD.store(line.offset_us, Ordering::Relaxed);
}

/// From now on UTC is that of this host's clock.
pub fn release_utc() {
    HELD.store(NONE, Ordering::Relaxed);
}

/// Whether UTC is kept to a line.
pub fn is_utc_held() -> bool {
    HELD.load(Ordering::Relaxed) != NONE
}

/// A reading of this host's clocks as it is to be used.
pub(super) fn by_line(host: Reading) -> Reading {
    let offset_us = HELD.load(Ordering::Relaxed);
    if offset_us == NONE {
        return host;
    }
    let line = UtcLine { offset_us };
    if line.is_ahead_of(&host) {
        return line.label(host);
    }
    // For all threads: a clock that was set stays in use. A line set meanwhile is another one.
    let _ = HELD.compare_exchange(offset_us, NONE, Ordering::Relaxed, Ordering::Relaxed);
    host
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::BootTime;

    fn host(utc_s: i64, boot_s: i64) -> Reading {
        let boot = BootTime::from_micros(boot_s * 1_000_000);
        let utc = Timestamp::from_seconds(utc_s);
        Reading { utc, boot, monotonic_us: boot.as_micros() }
    }

    #[test]
    fn a_start_in_1970_goes_on_after_the_record() {
        let line = UtcLine::after(Timestamp::from_seconds(1_000_000));
        assert!(line.is_ahead_of(&host(40, 40)));
        assert_eq!(line.label(host(40, 40)).utc, Timestamp::from_seconds(1_000_040));
        assert!(!line.is_ahead_of(&host(1_000_041, 40)), "set by now");
        assert!(!line.is_ahead_of(&host(1_000_040, 40)));
    }

    #[test]
    fn an_earlier_run_of_the_same_boot_says_what_time_it_is() {
        let before = host(5_000, 300);
        let line = UtcLine::of_offset(before.utc_offset_us());
        let now = host(3_860, 360);
        assert!(line.is_ahead_of(&now), "put back by 20 minutes");
        assert_eq!(line.label(now).utc, Timestamp::from_seconds(5_060));
        assert_eq!(line.label(now).boot, now.boot);
    }
}
