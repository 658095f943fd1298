//! What happened apart from drops, for all languages: what was wrong while the link was up,
//! what happened to this computer.

use super::phrases::{Events, Wrongs};
use super::words::impairment;
use super::{Language, fill};
use crate::vocabulary::{Figures, HostChange, NameServerPlace, Place, SlowFigures};

impl Language {
    pub(crate) fn wrongs(&self) -> &Wrongs {
        &self.phrases().wrongs
    }

    /// What was wrong and how bad, without its time. `target` is the name of the one target that it is
    /// about.
    pub(crate) fn wrong(
        &self,
        figures: &Figures,
        places: &[Place],
        target: Option<&str>,
    ) -> String {
        self.wrong_in(figures, places, target, "")
    }

    /// The same with its time, which stands by what fails and not by what works meanwhile.
    pub(crate) fn wrong_in(
        &self,
        figures: &Figures,
        places: &[Place],
        target: Option<&str>,
        span: &str,
    ) -> String {
        self.wrong_advised(figures, places, target, span, self.to_do(figures))
    }

    /// Of what is over: with its time, and nothing that is to be done about it.
    pub(crate) fn wrong_over(
        &self,
        figures: &Figures,
        places: &[Place],
        target: Option<&str>,
        span: &str,
    ) -> String {
        self.wrong_advised(figures, places, target, span, "")
    }

    /// What is to be done while it lasts, behind all else.
    fn to_do(&self, figures: &Figures) -> &'static str {
        let [home, router, network, tcp] = self.wrongs().to_do;
        match figures {
            Figures::Tcp(_) => tcp,
            Figures::Dns(f) => match (f.answering, f.server) {
                (Some(_), NameServerPlace::Home) => router,
                (Some(_), NameServerPlace::Beyond) => network,
                (None, NameServerPlace::Home) => home,
                (None, NameServerPlace::Beyond) => "",
            },
            _ => "",
        }
    }

    fn wrong_advised(
        &self,
        figures: &Figures,
        places: &[Place],
        target: Option<&str>,
        span: &str,
        to_do: &str,
    ) -> String {
        let p = self.wrongs();
        let share = |part, of| self.figures(&impairment::share(part, of));
        let span = if span.is_empty() { String::new() } else { format!(" {span}") };
        let mut values =
            vec![("span", span), ("place", self.in_short(places)), ("to_do", to_do.to_owned())];
        let template = match figures {
            Figures::Loss(f) => {
                values.push(("share", share(f.lost, f.sent)));
                p.loss
            }
            Figures::Late(f) => {
                values.extend([("late", share(f.late, f.sent)), ("lost", share(f.lost, f.sent))]);
                p.late
            }
            Figures::Slow(f) => {
                values.extend(self.slow(f, places));
                p.slow
            }
            Figures::RouteStep { before_us, after_us } => {
                let to = target.map(|name| fill(p.route_to, &[("name", name.to_owned())]));
                let by = self.delay_of(before_us.abs_diff(*after_us));
                values.extend([("to", to.unwrap_or_default()), ("by", by)]);
                p.route[usize::from(after_us < before_us)]
            }
            Figures::Ipv6(_) => p.ipv6,
            Figures::Ipv4(_) => p.ipv4,
            Figures::Dns(f) => {
                values.extend(f.answering.map(|other| ("other", other.to_string())));
                match (f.answering, f.server) {
                    (Some(_), NameServerPlace::Home) => p.dns_router,
                    (Some(_), NameServerPlace::Beyond) => p.dns_network,
                    (None, NameServerPlace::Home) => p.dns_home,
                    (None, NameServerPlace::Beyond) => p.dns,
                }
            }
            Figures::Tcp(_) => p.tcp,
            Figures::CaptivePortal(_) => p.portal,
            Figures::IcmpFiltered(_) => p.icmp,
            Figures::WebAlone(_) => p.web_alone,
            Figures::SuspectVoice(_) => {
                values.push(("name", target.unwrap_or_default().to_owned()));
                p.suspect
            }
            Figures::OtherWay => self.phrases().ways.failover,
            Figures::Partial { silent, answering } => {
                let number = |n: usize| self.number(n as u64);
                values.push(("silent", number(silent.len())));
                values.push(("all", number(silent.len() + answering.len())));
                p.partial
            }
        };
        fill(template, &values)
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

    fn slow(&self, f: &SlowFigures, places: &[Place]) -> [(&'static str, String); 4] {
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
        [
            ("median", self.delay_of(f.median_us)),
            ("usual", self.delay_of(f.usual_us)),
            ("queue", queue),
            ("own", own.to_owned()),
        ]
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
