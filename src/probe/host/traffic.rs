//! This host's own traffic: the byte counters of the interface that leads to the default route,
//! read once a minute, as what went through between two readings. Pure.
//!
//! A counter that runs backwards was set to zero, or is one of 32 bits that overflowed, or is
//! another interface's of the same name: which of them cannot be known, and nothing is reported for
//! that minute.

use std::time::Duration;

use super::{Counters, HostSnapshot};
use crate::time::{Micros, Reading, Timestamp};
use crate::vocabulary::HostChange;

/// Bytes through one interface between two readings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeasuredTraffic {
    /// When the earlier of the two was.
    pub from: Timestamp,
    /// The interface.
    pub interface: String,
    /// From one reading to the other.
    pub length: Duration,
    /// Bytes received.
    pub received: u64,
    /// Bytes sent.
    pub sent: u64,
}

const EVERY: Micros = Micros::MINUTE;
/// Readings further apart say nothing about a minute: the machine slept.
const LONGEST_US: i64 = 150_000_000;

/// From readings to traffic.
#[derive(Debug, Clone, Default)]
pub struct TrafficWatch {
    /// Interfaces of the default routes, IPv4 first.
    ways: [Option<String>; 2],
    asked: Option<Reading>,
    last: Option<(Reading, String, Counters)>,
}

impl TrafficWatch {
    /// The default routes are these.
    pub fn set_ways(&mut self, now: &HostSnapshot) {
        let routes = [&now.default_route_v4, &now.default_route_v6];
        self.ways = routes.map(|route| route.as_ref().map(|route| route.interface.clone()));
    }

    /// Takes note of a new default route.
    pub fn on_change(&mut self, change: &HostChange) {
        if let HostChange::DefaultRoute { v6, interface, .. } = change {
            self.ways[usize::from(*v6)].clone_from(interface);
        }
    }

    /// The interface to be read now, if it is time. To be called when awake anyway.
    pub fn due(&self, now: &Reading) -> Option<&str> {
        let due = self.asked.is_none_or(|asked| now.boot.since(asked.boot) >= EVERY);
        self.ways.iter().flatten().next().filter(|_| due).map(String::as_str)
    }

    /// Takes in the counters of `interface` at `now`; `None`: there are none.
    pub fn observe(
        &mut self,
        now: Reading,
        interface: &str,
        said: Option<Counters>,
    ) -> Option<MeasuredTraffic> {
        self.asked = Some(now);
        let before = self.last.take();
        let counters = said?;
        self.last = Some((now, interface.to_owned(), counters));
        let (then, name, before) = before?;
        let length = now.boot.since(then.boot).as_i64();
        if name != interface || before.index != counters.index || length > LONGEST_US {
            return None;
        }
        Some(MeasuredTraffic {
            from: then.utc,
            interface: name,
            length: Duration::from_micros(u64::try_from(length).ok()?),
            received: counters.received.checked_sub(before.received)?,
            sent: counters.sent.checked_sub(before.sent)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::DefaultRoute;
    use super::*;
    use crate::time::BootTime;

    fn at(second: i64) -> Reading {
        let us = second * 1_000_000;
        let utc = Timestamp::from_seconds(1_770_038_400 + second);
        Reading { utc, boot: BootTime::from_micros(us), monotonic_us: us }
    }

    #[allow(clippy::unnecessary_wraps, reason = "it is what `observe` wants")]
    fn counters(received: u64, sent: u64) -> Option<Counters> {
        Some(Counters { index: 2, received, sent })
    }

    fn watch() -> TrafficWatch {
        let mut watch = TrafficWatch::default();
        let way = DefaultRoute { interface: "eth0".to_owned(), gateway: None };
        watch.set_ways(&HostSnapshot { default_route_v4: Some(way), ..HostSnapshot::default() });
        watch
    }

    /// What the second of two readings a minute apart reports.
    fn reported(before: Option<Counters>, after: Option<Counters>) -> Option<(u64, u64)> {
        let mut watch = watch();
        assert_eq!(watch.observe(at(0), "eth0", before), None);
        watch.observe(at(60), "eth0", after).map(|traffic| (traffic.received, traffic.sent))
    }

    #[test]
    fn traffic_is_what_went_through_between_two_readings() {
        let mut watch = watch();
        assert_eq!(watch.due(&at(0)), Some("eth0"));
        assert_eq!(watch.observe(at(0), "eth0", counters(1_000, 50)), None);
        assert_eq!(watch.due(&at(59)), None);
        assert_eq!(watch.due(&at(61)), Some("eth0"));
        let expected = MeasuredTraffic {
            from: at(0).utc,
            interface: "eth0".to_owned(),
            length: Duration::from_secs(61),
            received: 5_000_000_000,
            sent: 0,
        };
        let now = counters(5_000_001_000, 50);
        assert_eq!(watch.observe(at(61), "eth0", now), Some(expected));
    }

    #[test]
    fn a_counter_that_was_reset_is_no_traffic_and_the_next_minute_is_right() {
        let mut watch = watch();
        watch.observe(at(0), "eth0", counters(9_000, 9_000));
        assert_eq!(watch.observe(at(60), "eth0", counters(100, 9_500)), None);
        let next = watch.observe(at(120), "eth0", counters(300, 9_900)).unwrap();
        assert_eq!((next.received, next.sent), (200, 400));
    }

    #[test]
    fn a_counter_of_32_bits_that_overflowed_is_no_traffic() {
        let most = u64::from(u32::MAX);
        assert_eq!(reported(counters(most - 10, 5), counters(20, 6)), None);
        assert_eq!(reported(counters(5, most), counters(6, 0)), None);
        assert_eq!(reported(counters(most, most), counters(most + 7, most)), Some((7, 0)));
    }

    #[test]
    fn another_interface_is_no_traffic_though_it_has_the_same_name() {
        let other = Some(Counters { index: 3, received: 5_000, sent: 5_000 });
        assert_eq!(reported(counters(1_000, 1_000), other), None);
        let mut watch = watch();
        watch.observe(at(0), "eth0", counters(1_000, 1_000));
        let interface = Some("wlan0".to_owned());
        watch.on_change(&HostChange::DefaultRoute { v6: false, interface, gateway: None });
        assert_eq!(watch.due(&at(60)), Some("wlan0"));
        assert_eq!(watch.observe(at(60), "wlan0", other), None);
        assert!(watch.observe(at(120), "wlan0", other).is_some());
    }

    #[test]
    fn an_interface_that_was_away_and_a_sleep_leave_a_hole() {
        assert_eq!(reported(counters(1, 1), None), None);
        assert_eq!(reported(None, counters(1, 1)), None);
        let mut watch = watch();
        watch.observe(at(0), "eth0", counters(1, 1));
        assert_eq!(watch.observe(at(3_600), "eth0", counters(9, 9)), None);
    }

    #[test]
    fn without_a_default_route_nothing_is_read_and_ipv6_alone_will_do() {
        let mut watch = TrafficWatch::default();
        assert_eq!(watch.due(&at(0)), None);
        let interface = Some("ppp0".to_owned());
        watch.on_change(&HostChange::DefaultRoute { v6: true, interface, gateway: None });
        assert_eq!(watch.due(&at(0)), Some("ppp0"));
    }
}
