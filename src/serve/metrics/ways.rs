//! The way by which packets leave this computer.

use super::decimal::{seconds, seconds_of};
use super::exposition::{Exposition, FamilyKind};
use super::start;
use crate::live::{LiveCounters, Status};
use crate::vocabulary::Medium;

impl Exposition {
    pub(super) fn ways(&mut self, status: &Status, counters: &LiveCounters) {
        if let Some(way) = &status.way {
            let name = "linkmon_way_info";
            let help = "The way by which packets leave; always 1, absent where there is none.";
            self.family(name, FamilyKind::Info, help);
            let medium = way.medium.as_str();
            self.sample(name, &[("interface", &way.interface), ("medium", medium)], 1);
            if let Some(since) = way.since {
                let name = "linkmon_way_start_timestamp_seconds";
                self.gauge(name, "Since when packets leave by this way.", seconds_of(since));
            }
        }
        let name = "linkmon_way_seconds_total";
        let help = "Time in which packets left by each kind of interface.";
        self.family(name, FamilyKind::Counter, help);
        for medium in Medium::ALL {
            let time = seconds(counters.spent().by_medium(medium));
            self.count(name, &[("medium", medium.as_str())], time, start(status));
        }
    }
}
