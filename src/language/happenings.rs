//! What happened apart from drops, for all languages: what was wrong while the link was up,
//! what happened to this computer.

use super::phrases::{Events, Wrongs};
use super::words::impairment;
use super::{Language, fill};
use crate::vocabulary::{
    Figures, HostChange, NameServerFigures, NameServerPlace, Place, SlowFigures,
};

impl Language {
    pub(crate) fn wrongs(&self) -> &Wrongs {
        &self.phrases().wrongs
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
            Figures::Ipv4(_) => p.ipv4.to_owned(),
            Figures::Dns(f) => self.name_servers(f),
            Figures::Tcp(_) => p.tcp.to_owned(),
            Figures::CaptivePortal(_) => p.portal.to_owned(),
            Figures::IcmpFiltered(_) => p.icmp.to_owned(),
            Figures::WebAlone(_) => p.web_alone.to_owned(),
            Figures::SuspectVoice(_) => {
                fill(p.suspect, &[("name", target.unwrap_or_default().to_owned())])
            }
            Figures::OtherWay => self.phrases().ways.failover.to_owned(),
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

    fn name_servers(&self, f: &NameServerFigures) -> String {
        let p = self.wrongs();
        let Some(other) = f.answering else { return p.dns.to_owned() };
        let template = match f.server {
            NameServerPlace::Home => p.dns_router,
            NameServerPlace::Beyond => p.dns_network,
        };
        fill(template, &[("other", other.to_string())])
    }

    fn delay_of(&self, us: u32) -> String {
        self.figures(&format!("{} ms", impairment::delay(us)))
    }

    /// Places as the templates take them: in words, and as JSON has them.
    fn named(&self, places: &[Place]) -> [(&'static str, String); 2] {
        let codes: Vec<_> = places.iter().map(|place| place.as_str()).collect();
        [("codes", codes.join("|")), ("places", self.place(places))]
    }

    /// ` (access)`; nothing where the place is unknown.
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
            | HostChange::ClockSync { .. }
            | HostChange::DeadEntry { .. }
            | HostChange::FreshIdentifierUnanswered { .. } => return None,
        })
    }
}
