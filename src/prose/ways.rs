//! By which way packets left the computer, in sentences.

use crate::language::phrases::fill;
use crate::language::{Language, one_of};
use crate::report::{OtherWayEntry, Report};
use crate::vocabulary::{Medium, Way};

impl Language {
    /// What the computer was connected by, in one sentence without its full stop; `None` where the
    /// record does not say.
    pub(crate) fn connection(&self, report: &Report) -> Option<String> {
        let w = &self.phrases().ways;
        let facts = &report.ways;
        let ways: Vec<_> = match facts.by_line.as_slice() {
            [] => return None,
            [(only, _)] => vec![self.way(only)],
            several => several
                .iter()
                .map(|(way, length)| {
                    let length = self.length(*length);
                    fill(w.share, &[("way", self.way(way).as_str()), ("length", &length)])
                })
                .collect(),
        };
        let mut parts = vec![fill(w.connected, &[("ways", &ways.join(", "))])];
        let avoided = facts.by_line.iter().find_map(|(way, _)| way.avoids.as_deref());
        parts.extend(avoided.map(|tunnel| fill(w.avoids, &[("tunnel", tunnel)])));
        let through = facts.tunnel().map(|way| way.interface.as_str());
        parts.extend(through.map(|tunnel| fill(w.tunnel, &[("tunnel", tunnel)])));
        let all: usize = facts.at_drops.iter().map(|(_, count)| count).sum();
        for (medium, count) in &facts.at_drops {
            let values = [
                ("medium", w.medium.of(*medium).to_owned()),
                ("n", self.number(*count as u64)),
                ("all", self.number(all as u64)),
            ];
            parts.push(fill(w.at_drops, &values));
        }
        Some(parts.join("; "))
    }

    /// Each way that is not the line, with how long it was taken and what happened there.
    pub(crate) fn other_ways(&self, report: &Report) -> Vec<String> {
        report.ways.others.iter().map(|other| self.other_way(other)).collect()
    }

    fn other_way(&self, other: &OtherWayEntry) -> String {
        let w = &self.phrases().ways;
        let way = self.way(&other.way);
        let mut text = fill(w.other, &[("length", &self.length(other.length())), ("way", &way)]);
        let n = other.counted();
        if n > 0 {
            text += "; ";
            text += &fill(one_of(w.drops, n), &[("n", &self.number(n as u64))]);
        }
        text
    }

    /// `cable (eth0, router 192.168.1.1)`.
    pub(crate) fn way(&self, way: &Way) -> String {
        let w = &self.phrases().ways;
        let medium = w.medium.of(way.medium);
        let values = [("medium", medium), ("interface", way.interface.as_str())];
        match way.gateway.filter(|_| way.medium != Medium::Tunnel) {
            Some(gateway) => {
                let gateway = gateway.to_string();
                fill(w.way, &[values[0], values[1], ("gateway", &gateway)])
            }
            None => fill(w.direct, &values),
        }
    }
}
