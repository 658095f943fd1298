//! What happened apart from drops, for all languages: what was wrong while the link was up,
//! what happened to this computer, why it was not watched.

use crate::language::Language;
use crate::language::phrases::fill;
use crate::language::words;
use crate::report::{DropEntry, ImpairmentEntry, Meanwhile, Report, events};
use crate::time::Timestamp;

/// Events listed for one drop; the rest is counted.
const EVENTS: usize = 4;

impl Language {
    /// What was wrong, how bad, and what this computer sent during it.
    pub(crate) fn impairment(&self, entry: &ImpairmentEntry) -> String {
        let i = &entry.impairment;
        let name = i.target.and_then(|id| entry.targets.iter().find(|t| t.id == id));
        let mut text = self.wrong(&i.figures, &i.places, name.map(|t| t.name.as_str()));
        text.extend(entry.meanwhile.map(|m| self.own_traffic(&m)));
        text
    }

    /// `; this machine was sending 4.8 and receiving 0.2 Mbit/s (0.1 / 0.1 in the hour before)`.
    fn own_traffic(&self, m: &Meanwhile) -> String {
        let p = self.wrongs();
        let mbit = |bps: f64| self.figures(&format!("{:.1}", bps / 1e6));
        let values =
            |r: crate::report::Rates| [("sent", mbit(r.sent)), ("received", mbit(r.received))];
        let mut text = fill(p.own_traffic, &values(m.during));
        text.extend(m.hour_before.map(|before| fill(p.hour_before, &values(before))));
        text + if m.own_traffic_is_evident { p.own_filled } else { p.others_unseen }
    }

    /// `this computer: eth0 lost carrier 12:00:03.1; ...`; `None` where nothing happened to it.
    pub(crate) fn this_computer(&self, report: &Report, drop: &DropEntry) -> Option<String> {
        let p = &self.phrases().events;
        let all: Vec<_> = events::around(report, drop)
            .filter_map(|event| Some((event.at, self.event(&event.what)?)))
            .collect();
        let time = |at: Timestamp| {
            let began = drop.onset.midpoint();
            self.figures(&words::local_end(began, at, &report.zone, "%m-%d "))
        };
        let mut list: Vec<_> =
            all.iter().take(EVENTS).map(|(at, what)| format!("{what} {}", time(*at))).collect();
        if all.len() > EVENTS {
            let more = self.number((all.len() - EVENTS) as u64);
            list.push(fill(p.more, &[("n", more)]));
        }
        (!list.is_empty()).then(|| fill(p.this_computer, &[("list", list.join("; "))]))
    }
}
