//! The access point of the Wi-Fi interface in use, every ten seconds: stored where it is another, or
//! differs much.

use std::time::Duration;

use super::Pipeline;
use crate::time::{Micros, Reading, Timestamp};
use crate::vocabulary::{AccessPoint, Medium, StationSeen};

/// How often the kernel is asked. That makes no scan.
const EVERY: Micros = Micros::from_seconds(10);
/// How long a row stands at most.
const STANDS: Duration = Duration::from_secs(600);
/// A signal that differs by this much is stored, decibels.
const SIGNAL: u8 = 6;
/// The age of a connection is known to a second.
const AGE: Duration = Duration::from_secs(3);

/// When it was asked for, and what was stored last.
#[derive(Debug, Default)]
pub(super) struct StationWatch {
    asked: Option<Reading>,
    stored: Option<StationSeen>,
}

impl StationWatch {
    fn is_due(&self, now: &Reading) -> bool {
        self.asked.is_none_or(|asked| now.boot.since(asked.boot) >= EVERY)
    }

    /// The row to be stored of what the kernel says, if it tells anything new.
    fn observe(
        &mut self,
        run: i64,
        now: Reading,
        station: Option<AccessPoint>,
    ) -> Option<StationSeen> {
        self.asked = Some(now);
        let Some(AccessPoint { interface, bssid, signal_dbm, rate_kbps, connected }) = station
        else {
            self.stored = None;
            return None;
        };
        let before = self.stored.as_ref().filter(|before| before.run == run);
        let same = before.filter(|before| {
            before.bssid == bssid
                && connected.is_none_or(|connected| is_since(before.since, connected, now.utc))
        });
        let since = match (same, connected) {
            (Some(same), _) => same.since,
            (None, Some(connected)) => now.utc - connected,
            (None, None) => now.utc,
        };
        let seen = StationSeen { run, at: now.utc, interface, bssid, since, signal_dbm, rate_kbps };
        if same.is_some_and(|same| !differs(same, &seen)) {
            return None;
        }
        self.stored = Some(seen.clone());
        Some(seen)
    }
}

/// Whether a connection of this age began at `since`.
fn is_since(since: Timestamp, connected: Duration, now: Timestamp) -> bool {
    let began = now - connected;
    began.micros_since(since).unsigned_abs() <= u64::try_from(AGE.as_micros()).unwrap_or(u64::MAX)
}

fn differs(before: &StationSeen, now: &StationSeen) -> bool {
    let signal = match (before.signal_dbm, now.signal_dbm) {
        (Some(a), Some(b)) => a.abs_diff(b) >= SIGNAL,
        (a, b) => a != b,
    };
    let rate = match (before.rate_kbps, now.rate_kbps) {
        (Some(a), Some(b)) => a / 2 > b || b / 2 > a,
        (a, b) => a != b,
    };
    let age = now.at.duration_since(before.at);
    signal || rate || age.is_none_or(|age| age >= STANDS)
}

impl Pipeline<'_> {
    /// The Wi-Fi interface whose access point is to be asked for now; asked once a second.
    pub(in crate::daemon) fn station_due(&self, now: &Reading) -> Option<String> {
        let wifi = self.ways.present().filter(|way| way.medium == Medium::Wifi);
        wifi.filter(|_| self.stations.is_due(now)).map(|way| way.interface.clone())
    }

    /// Takes in what the kernel said of it.
    pub(in crate::daemon) fn on_station(&mut self, now: Reading, said: Option<AccessPoint>) {
        if let Some(seen) = self.stations.observe(self.record.run.id, now, said) {
            self.record.writer.put_station(&seen);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::BootTime;

    fn reading(second: i64) -> Reading {
        Reading {
            utc: Timestamp::from_seconds(second),
            boot: BootTime::from_micros(second * 1_000_000),
            monotonic_us: second * 1_000_000,
        }
    }

    #[allow(clippy::unnecessary_wraps, reason = "it is what `follow` wants")]
    fn station(bssid: &str, dbm: i8, connected: u64) -> Option<AccessPoint> {
        Some(AccessPoint {
            interface: "wlan0".to_owned(),
            bssid: bssid.to_owned(),
            signal_dbm: Some(dbm),
            rate_kbps: Some(100_000),
            connected: Some(Duration::from_secs(connected)),
        })
    }

    #[test]
    fn a_row_is_stored_for_another_access_point_a_new_connection_and_much_of_a_change() {
        let mut watch = StationWatch::default();
        let mut stored = Vec::new();
        for (second, seen) in [
            (1_000, station("a", -50, 100)),
            (1_010, station("a", -52, 110)),
            (1_020, station("a", -58, 120)),
            (1_030, station("b", -58, 4)),
            (1_040, station("b", -58, 14)),
            (1_050, station("b", -58, 2)),
            (1_060, None),
            (1_070, station("b", -58, 22)),
        ] {
            let row = watch.observe(1, reading(second), seen);
            stored.extend(row.map(|row| (second, row.since.as_micros() / 1_000_000)));
        }
        let expected = [(1_000, 900), (1_020, 900), (1_030, 1_026), (1_050, 1_048), (1_070, 1_048)];
        assert_eq!(stored, expected);
    }

    #[test]
    fn what_does_not_change_is_stored_every_ten_minutes() {
        let mut watch = StationWatch::default();
        let rows = (0..130_u32).filter(|n| {
            let at = reading(i64::from(*n) * 10);
            watch.observe(1, at, station("a", -50, u64::from(*n) * 10)).is_some()
        });
        assert_eq!(rows.count(), 3);
        assert!(!watch.is_due(&reading(1_295)) && watch.is_due(&reading(1_300)));
    }
}
