//! What happened beside drops, for all languages alike: what was wrong while the link was up, what
//! happened to this computer, why nobody watched.

use super::Language;
use super::phrases::{Events, Wrongs, fill};
use crate::report::words::{self, impairment};
use crate::report::{DropEntry, ImpairmentEntry, Meanwhile, Report, events};
use crate::stats::yardsticks::{KEYS, Yardstick};
use crate::time::Timestamp;
use crate::vocabulary::{Figures, GapReason, HostChange, Place, SlowFigures};

/// Events told of one drop; the rest is counted.
const EVENTS: usize = 4;

impl Language {
    fn wrongs(&self) -> &Wrongs {
        &self.phrases().wrongs
    }

    /// What was wrong, how bad, and what this computer sent meanwhile.
    pub(crate) fn impairment(&self, entry: &ImpairmentEntry) -> String {
        let i = &entry.impairment;
        let name = i.target.and_then(|id| entry.targets.iter().find(|t| t.id == id));
        let mut text = self.wrong(&i.figures, &i.places, name.map(|t| t.name.as_str()));
        text.extend(entry.meanwhile.map(|m| self.own_traffic(&m)));
        text
    }

    /// What was wrong and how bad. `target` is the name of the one target that it is about.
    pub(crate) fn wrong(
        &self,
        figures: &Figures,
        places: &[Place],
        target: Option<&str>,
    ) -> String {
        let p = self.wrongs();
        let share = |part, of| self.figures(&impairment::share(part, of));
        match figures {
            Figures::Loss(f) => {
                let values = [("share", share(f.lost, f.sent)), ("place", self.in_short(places))];
                fill(p.loss, &values)
            }
            Figures::Late(f) => {
                let values = [
                    ("late", share(f.late, f.sent)),
                    ("lost", share(f.lost, f.sent)),
                    ("place", self.in_short(places)),
                ];
                fill(p.late, &values)
            }
            Figures::Slow(f) => self.slow(f, places),
            Figures::RouteStep { before_us, after_us } => {
                let to = target.map(|name| fill(p.route_to, &[("name", name.to_owned())]));
                let by = self.delay_of(before_us.abs_diff(*after_us));
                let template = p.route[usize::from(after_us < before_us)];
                fill(template, &[("to", to.unwrap_or_default()), ("by", by)])
            }
            Figures::Ipv6(_) => p.ipv6.to_owned(),
            Figures::Dns(_) => p.dns.to_owned(),
            Figures::CaptivePortal(_) => p.portal.to_owned(),
            Figures::IcmpFiltered(_) => p.icmp.to_owned(),
            Figures::Partial { silent, answering } => {
                let number = |n: usize| self.number(n as u64);
                let values = [
                    ("silent", number(silent.len())),
                    ("all", number(silent.len() + answering.len())),
                ];
                fill(p.partial, &values)
            }
        }
    }

    fn delay_of(&self, us: u32) -> String {
        self.figures(&format!("{} ms", impairment::delay(us)))
    }

    /// Places as the templates take them: in words, and as JSON has them.
    fn named(&self, places: &[Place]) -> [(&'static str, String); 2] {
        let codes: Vec<_> = places.iter().map(|place| place.as_str()).collect();
        [("codes", codes.join("|")), ("places", self.place(places))]
    }

    /// ` (access)`; nothing where nothing tells.
    fn in_short(&self, places: &[Place]) -> String {
        if places.is_empty() {
            return String::new();
        }
        fill(self.wrongs().place, &self.named(places))
    }

    fn slow(&self, f: &SlowFigures, places: &[Place]) -> String {
        let p = self.wrongs();
        let queue = match places {
            [] => None,
            [Place::Access] => Some(p.queue_in_line.to_owned()),
            places => Some(self.at(places)),
        };
        let queue = queue.map_or_else(String::new, |at| {
            let [codes, places] = self.named(places);
            fill(p.queue, &[codes, places, ("at", at)])
        });
        let own = if impairment::own_queue_is_most(f) { p.own_queue } else { "" };
        let values = [
            ("median", self.delay_of(f.median_us)),
            ("usual", self.delay_of(f.usual_us)),
            ("queue", queue),
            ("own", own.to_owned()),
        ];
        fill(p.slow, &values)
    }

    /// `; this machine sent 4.8 and received 0.2 Mbit/s meanwhile (0.1 / 0.1 in the hour before)`.
    fn own_traffic(&self, m: &Meanwhile) -> String {
        let p = self.wrongs();
        let mbit = |bps: f64| self.figures(&format!("{:.1}", bps / 1e6));
        let values =
            |r: crate::report::Rates| [("sent", mbit(r.sent)), ("received", mbit(r.received))];
        let mut text = fill(p.own_traffic, &values(m.during));
        text.extend(m.hour_before.map(|before| fill(p.hour_before, &values(before))));
        text + if m.own_traffic_is_evident { p.own_filled } else { p.others_unseen }
    }

    /// What happened to this computer; `None` for what cannot explain a drop.
    pub(crate) fn event(&self, change: &HostChange) -> Option<String> {
        let p: &Events = &self.phrases().events;
        let pick = |pair: [&'static str; 2], is: &bool| pair[usize::from(*is)];
        let of = |template: &str, interface: &String| {
            fill(template, &[("interface", interface.clone())])
        };
        Some(match change {
            HostChange::Carrier { interface, up } => of(pick(p.carrier, up), interface),
            HostChange::Interface { interface, present } => {
                of(pick(p.interface, present), interface)
            }
            HostChange::Address { interface, address, present } if address.is_ipv4() => {
                if address.is_unspecified() {
                    of(pick(p.some_address, present), interface)
                } else {
                    let values =
                        [("interface", interface.clone()), ("address", address.to_string())];
                    fill(pick(p.address, present), &values)
                }
            }
            HostChange::DefaultRoute { v6: false, gateway: None, interface: None } => {
                p.no_route.to_owned()
            }
            HostChange::DefaultRoute { v6: false, gateway: Some(gateway), .. } => {
                if gateway.is_unspecified() {
                    p.other_route.to_owned()
                } else {
                    fill(p.route, &[("gateway", gateway.to_string())])
                }
            }
            HostChange::Slept { seconds } => {
                fill(p.slept, &[("s", self.figures(&format!("{seconds:.1}")))])
            }
            HostChange::ClockStep { seconds } => {
                fill(p.clock, &[("s", self.figures(&format!("{seconds:+.1}")))])
            }
            HostChange::Address { .. }
            | HostChange::DefaultRoute { .. }
            | HostChange::ClockSync { .. } => return None,
        })
    }

    /// `this computer: eth0 lost carrier 12:00:03.1; ...`; `None` where nothing happened to it.
    pub(crate) fn beside(&self, report: &Report, drop: &DropEntry) -> Option<String> {
        let p = &self.phrases().events;
        let all: Vec<_> = events::around(report, drop)
            .filter_map(|event| Some((event.at, self.event(&event.what)?)))
            .collect();
        let time = |at: Timestamp| {
            let began = drop.onset.midpoint();
            self.figures(&words::local_end(began, at, &report.zone, "%m-%d "))
        };
        let mut told: Vec<_> =
            all.iter().take(EVENTS).map(|(at, what)| format!("{what} {}", time(*at))).collect();
        if all.len() > EVENTS {
            let more = self.number((all.len() - EVENTS) as u64);
            told.push(fill(p.more, &[("n", more)]));
        }
        (!told.is_empty()).then(|| fill(p.beside, &[("list", told.join("; "))]))
    }

    /// Why nobody watched.
    pub(crate) fn gap(&self, reason: GapReason) -> &'static str {
        self.phrases().gaps[reason as usize]
    }

    /// A yardstick's name.
    pub(crate) fn yardstick(&self, stick: &Yardstick) -> &'static str {
        let at = KEYS.iter().position(|key| *key == stick.key);
        at.map_or(stick.name, |at| self.phrases().yardstick_names[at])
    }

    /// Where a yardstick's figure stands to its threshold, or why it has none.
    pub(crate) fn standing(&self, stick: &Yardstick) -> &'static str {
        let p = self.phrases();
        match (stick.verdict, stick.silent) {
            (Some(verdict), _) => p.verdicts[verdict as usize],
            (None, Some(silent)) => p.silences[silent as usize],
            (None, None) => "-",
        }
    }
}
