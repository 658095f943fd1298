//! French as written in Québec: FSI for ISP, decimal comma, a no-break space in numbers and before
//! a unit, a percent sign or a colon (none before `;`, `!` and `?`), dates as ISO 8601 has them.

use std::time::Duration;

use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use super::{Language, Noun, Phrases, range, sentence};
use crate::detect::{DropKind, Figures, GapReason, Place};
use crate::measurement::Role;
use crate::probe::HostChange;
use crate::report::facts::{Dead, Headline};
use crate::report::words::impairment::own_queue_is_most;
use crate::report::{ImpairmentEntry, Report, sight, words};
use crate::stats::calls::MINUTES;
use crate::stats::yardsticks::{Verdict, Yardstick};
use crate::time::{TimeRange, Timestamp};

mod pattern;
mod phrases;

use phrases::PHRASES;

/// French.
pub(super) struct French;

impl Language for French {
    fn phrases(&self) -> &'static Phrases {
        &PHRASES
    }

    fn figures(&self, english: &str) -> String {
        let chars: Vec<char> = english.replace("+-", "±\u{a0}").chars().collect();
        let digit =
            |i: Option<usize>| i.and_then(|i| chars.get(i)).is_some_and(char::is_ascii_digit);
        let mut out = String::with_capacity(english.len() + 8);
        for (i, c) in chars.iter().enumerate() {
            let between = digit(i.checked_sub(1)) && digit(Some(i + 1));
            out.push(match c {
                '.' if between => ',',
                ',' if between => '\u{202f}',
                // Days as a unit, not the beginning of a word.
                'd' if digit(i.checked_sub(2))
                    && chars.get(i + 1).is_none_or(|c| !c.is_alphabetic()) =>
                {
                    'j'
                }
                ' ' => '\u{a0}',
                c => *c,
            });
        }
        out
    }

    fn count(&self, n: usize, what: Noun) -> String {
        let (one, many) = match what {
            Noun::Drop => ("coupure", "coupures"),
            Noun::Outage => ("panne", "pannes"),
            Noun::Blip => ("microcoupure", "microcoupures"),
            Noun::Day => ("jour", "jours"),
        };
        format!(
            "{}\u{a0}{}",
            self.figures(&words::number(n as u64)),
            if n < 2 { one } else { many }
        )
    }

    fn minute(&self, at: Timestamp, zone: &TimeZone) -> String {
        format!("{} {}", weekday(at, zone), words::local(at, zone, "%Y-%m-%d\u{a0}%H:%M"))
    }

    fn headline(&self, facts: Option<&Headline>, report: &Report) -> String {
        let Some(h) = facts else {
            return "Rien n’a été observé pendant cette période.".to_owned();
        };
        let (before, period) = watched_part(h);
        if h.counted == 0 {
            let least = fig(&words::length(sight::least(report)));
            let none = if before.is_empty() { "Aucune" } else { "aucune" };
            let this: &dyn Language = self;
            let unseen = this.sight(report, PHRASES.unseen).unwrap_or_default();
            let lesser = lesser(h, report);
            return format!(
                "{before}{none} coupure de {least} ou plus en {period}{lesser}.{unseen}"
            );
        }
        format!("{before}{}. {}", what_happened(h, &period, report), evidence(h))
    }

    fn brief(&self, facts: Option<&Headline>, report: &Report) -> String {
        match facts {
            Some(h) if h.counted > 0 => {
                let (before, period) = watched_part(h);
                format!("{before}{}.", what_happened(h, &period, report))
            }
            _ => self.headline(facts, report),
        }
    }

    fn period_length(&self, d: Duration) -> String {
        let english = fig(&words::period_length(d));
        english.replace("day", "jour").replace("hour", "heure").replace("second", "seconde")
    }

    fn period(&self, period: TimeRange, zone: &TimeZone) -> String {
        let zones = words::zone(period, zone).replace(", later ", ", puis ");
        let [from, to] = [period.from, period.to].map(|at| self.minute(at, zone));
        format!("du {from} au {to}, {}", zones.replace("local time", "heure locale"))
    }

    fn place(&self, places: &[Place]) -> String {
        let names: Vec<_> = places
            .iter()
            .map(|place| match place {
                Place::Lan => "réseau de la maison",
                Place::Modem => "modem",
                Place::Access => "ligne d’accès",
                Place::IspCore => "réseau du FSI",
                Place::Beyond => "au-delà du FSI",
            })
            .collect();
        if names.is_empty() { "inconnu".to_owned() } else { names.join(" ou ") }
    }

    fn subject(&self, role: Role) -> &'static str {
        match role {
            Role::Gateway => "le routeur de la maison",
            Role::Modem => "le modem",
            Role::Isp => "le premier nœud du FSI",
            Role::Anchor => "le serveur public",
            Role::Service => "le service",
        }
    }

    fn pattern(&self, report: &Report) -> Vec<(&'static str, String)> {
        let mut out = Vec::new();
        if report.pattern.drops > 0 {
            out.push(("Régularité", pattern::statement(self, report)));
            let trend = pattern::trend(self, report);
            if !trend.is_empty() {
                out.push(("Tendance", trend));
            }
        }
        out
    }

    fn gap(&self, reason: GapReason) -> &'static str {
        match reason {
            GapReason::Stopped => "linkmon était arrêté",
            GapReason::Crashed => "linkmon a été tué ou privé de courant",
            GapReason::Rebooted => "l’ordinateur était éteint ou redémarrait",
            GapReason::Asleep => "l’ordinateur dormait",
            GapReason::Stalled => "linkmon ne pouvait pas sonder",
            GapReason::NoRecord => "aucun relevé",
        }
    }

    fn impairment(&self, entry: &ImpairmentEntry) -> String {
        let i = &entry.impairment;
        let share = |part: u32, of: u32| {
            if of == 0 { "-".to_owned() } else { pct(f64::from(part) / f64::from(of)) }
        };
        let ms = |us: u32| fig(&format!("{:.0} ms", f64::from(us) / 1_000.0));
        let place = |text: String| match i.places.as_slice() {
            [] => text,
            places => format!("{text} ({})", self.place(places)),
        };
        match &i.figures {
            Figures::Loss(f) => place(format!("perte de {}", share(f.lost, f.sent))),
            Figures::Late(f) => place(format!(
                "{} des réponses trop tardives pour compter, sur {} sans réponse à temps",
                share(f.late, f.sent),
                share(f.lost, f.sent)
            )),
            Figures::Slow(f) => {
                let own = if own_queue_is_most(f) {
                    "; surtout dans la file d’envoi de cet ordinateur"
                } else {
                    ""
                };
                let traffic = entry.meanwhile.filter(|m| m.own_traffic_is_evident);
                let traffic =
                    traffic.map_or("", |_| "; le trafic de cet ordinateur remplissait la ligne");
                place(format!("lent\u{a0}: {} au lieu de {}", ms(f.median_us), ms(f.usual_us)))
                    + own
                    + traffic
            }
            Figures::RouteStep { before_us, after_us } => {
                let to = i.target.and_then(|id| entry.targets.iter().find(|t| t.id == id));
                let to = to.map_or_else(String::new, |t| format!(" vers {}", t.name));
                let longer = if after_us >= before_us { "allongé" } else { "raccourci" };
                format!("chemin{to} {longer} de {}", ms(before_us.abs_diff(*after_us)))
            }
            Figures::Ipv6(_) => "l’IPv6 ne marche pas; l’IPv4, si".to_owned(),
            Figures::Dns(_) => {
                "les serveurs de noms ne répondent pas; la liaison marche".to_owned()
            }
            Figures::CaptivePortal(_) => "un portail captif répond".to_owned(),
            Figures::IcmpFiltered(_) => "l’ICMP est filtré\u{a0}: le Web marche".to_owned(),
            Figures::Partial { silent, answering } => format!(
                "{} serveurs publics hors d’atteinte, la liaison marche",
                super::of(crate::config::Lang::Fr).of(silent.len(), silent.len() + answering.len())
            ),
        }
    }

    fn event(&self, change: &HostChange) -> Option<String> {
        Some(match change {
            HostChange::Carrier { interface, up: false } => {
                format!("{interface} a perdu la porteuse")
            }
            HostChange::Carrier { interface, up: true } => format!("{interface} a la porteuse"),
            HostChange::Interface { interface, present: false } => format!("{interface} a disparu"),
            HostChange::Interface { interface, present: true } => {
                format!("{interface} est apparue")
            }
            HostChange::Address { interface, address, present } if address.is_ipv4() => {
                let verb = if *present { "a reçu" } else { "a perdu" };
                if address.is_unspecified() {
                    format!("{interface} {verb} une adresse")
                } else {
                    format!("{interface} {verb} l’adresse {address}")
                }
            }
            HostChange::DefaultRoute { v6: false, gateway: None, interface: None } => {
                "aucune route par défaut".to_owned()
            }
            HostChange::DefaultRoute { v6: false, gateway: Some(gateway), .. } => {
                if gateway.is_unspecified() {
                    "autre route par défaut".to_owned()
                } else {
                    format!("route par défaut par {gateway}")
                }
            }
            HostChange::Slept { seconds } => fig(&format!("a dormi {seconds:.1} s, jusqu’à")),
            HostChange::ClockStep { seconds } => {
                fig(&format!("horloge déplacée de {seconds:+.1} s"))
            }
            HostChange::Address { .. }
            | HostChange::DefaultRoute { .. }
            | HostChange::ClockSync { .. } => return None,
        })
    }

    fn calls(&self, report: &Report) -> Vec<String> {
        let calls = &report.calls;
        let mut lines = Vec::new();
        let free = calls.undisturbed.map(|s| ("sans coupure ni perte", s));
        if let Some((what, s)) = free.or(calls.clear.map(|s| ("sans coupure", s))) {
            let [longest, median] = [s.longest, s.median].map(|d| fig(&words::length(d)));
            lines.push(format!("{what}\u{a0}: au plus {longest}, médiane {median}"));
        }
        let chances: Vec<_> = MINUTES
            .iter()
            .zip(&calls.waking)
            .filter_map(|(m, chance)| Some(format!("{m}\u{a0}min {}", pct(chance.ratio()?))))
            .collect();
        if !chances.is_empty() {
            lines.push(format!(
                "commencés de 7 à 23\u{a0}h, menés à terme\u{a0}: {}",
                chances.join(", ")
            ));
        }
        if let Some(q) = calls.quality {
            lines.push(fig(&format!(
                "entre les coupures, qualité de la voix estimée\u{a0}: MOS {:.1} sur 4.5",
                q.mos
            )));
        }
        lines
    }

    fn yardstick(&self, stick: &Yardstick) -> String {
        let name = match stick.key {
            "available" => "Disponible, selon le temps",
            "g826-unavailable" => "Secondes d’indisponibilité à la manière de G.826",
            "g826-severely-errored" => "Secondes gravement erronées à la manière de G.826",
            "y1540-5min-75" => "PIU à la manière de Y.1540, > 75\u{a0}% en 5\u{a0}min",
            "y1540-1min-20" => "PIU à la manière de Y.1540, > 20\u{a0}% en 1\u{a0}min",
            "accc-outages" => "ACCC, pannes > 30\u{a0}s par jour",
            "nbn-dropouts" => "nbn, jours à 4 coupures ou plus",
            "crtc-loss-all" => "CRTC, perte ≤ 0,25\u{a0}%, à toute heure",
            "crtc-loss-peak" => "CRTC, perte ≤ 0,25\u{a0}%, en pointe",
            "crtc-rtt-peak" => "CRTC, aller-retour ≤ 50\u{a0}ms, en pointe",
            "fcc-loss-peak" => "FCC/SamKnows, perte en pointe, 2\u{a0}s",
            "tkg-58" => "TKG 58, panne totale > 2 jours",
            "ofcom-compensation" => "Ofcom, panne totale > 2 jours ouvrables",
            _ => stick.name,
        };
        name.to_owned()
    }

    fn verdict(&self, verdict: Verdict) -> &'static str {
        match verdict {
            Verdict::Met => "respecté",
            Verdict::Missed => "non respecté",
            Verdict::Reached => "atteint",
            Verdict::NotReached => "non atteint",
            Verdict::Low => "meilleure de 3 classes",
            Verdict::Middle => "classe du milieu de 3",
            Verdict::High => "pire de 3 classes",
        }
    }
}

fn fig(english: &str) -> String {
    French.figures(english)
}

fn pct(ratio: f64) -> String {
    fig(&words::percent(ratio))
}

fn weekday(at: Timestamp, zone: &TimeZone) -> &'static str {
    let day = jiff::Timestamp::from_microsecond(at.as_micros())
        .map(|t| t.to_zoned_datetime(zone.clone()).weekday());
    match day {
        Ok(Weekday::Monday) => "lun.",
        Ok(Weekday::Tuesday) => "mar.",
        Ok(Weekday::Wednesday) => "mer.",
        Ok(Weekday::Thursday) => "jeu.",
        Ok(Weekday::Friday) => "ven.",
        Ok(Weekday::Saturday) => "sam.",
        Ok(Weekday::Sunday) => "dim.",
        Err(_) => "",
    }
}

fn watched_part(h: &Headline) -> (String, String) {
    let period = French.period_length(h.within);
    match h.coverage {
        Some(ratio) if ratio < 0.5 => (
            format!("Seulement {} de {period} ont été surveillés\u{a0}: ", pct(ratio)),
            "ce temps".to_owned(),
        ),
        Some(ratio) if ratio < 0.95 && h.dead.is_some() => {
            (String::new(), format!("{period} surveillés"))
        }
        Some(ratio) if ratio < 0.95 => {
            (String::new(), format!("{period} (dont {} surveillés)", pct(ratio)))
        }
        _ => (String::new(), period),
    }
}

fn what_happened(h: &Headline, period: &str, report: &Report) -> String {
    let since = |at: Timestamp| French.minute(at, &report.zone);
    let classes: Vec<_> = h
        .classes
        .iter()
        .map(|class| {
            let noun = if class.kind == DropKind::Outage { Noun::Outage } else { Noun::Drop };
            let so_far = if class.goes_on { " jusqu’ici" } else { "" };
            let inside = if class.clipped { " à l’intérieur de la période" } else { "" };
            let lengths = fig(&range(class.shortest, class.longest, ["environ", "à"]));
            format!("{} de {lengths}{so_far}{inside}", French.count(class.count, noun))
        })
        .collect();
    let classes: Vec<_> = classes.iter().map(String::as_str).collect();
    let mut parts = vec![format!("{} en {period}", words::join(&classes, "et"))];
    if let Some(every) = h.every {
        parts.push(match every.as_secs() {
            3_300..=3_900 => ", environ toutes les heures".to_owned(),
            _ => format!(", environ toutes les {}", fig(&words::about(every))),
        });
    }
    if let Some(Dead { since: at, length, goes_on }) = h.dead {
        let length = fig(&words::about(length));
        parts.push(if goes_on {
            format!(", puis plus aucun service depuis {} ({length} jusqu’ici)", since(at))
        } else {
            format!(", puis aucun service pendant {length}")
        });
    }
    if let Some(at) = h.open_since {
        let last = if h.counted == 1 { "qui dure" } else { "la dernière dure" };
        parts.push(format!(", {last} encore depuis {}", since(at)));
    }
    parts.concat()
}

fn lesser(h: &Headline, report: &Report) -> String {
    let p = &report.method.parameters;
    let mut parts = Vec::new();
    if h.blips > 0 {
        let [least, most] = [p.blip_after, p.drop_after].map(|d| fig(&words::length(d)));
        parts.push(format!(", {} de {least} à {most}", French.count(h.blips, Noun::Blip)));
    }
    if !h.failed.is_empty() {
        let names = match h.failed.as_slice() {
            names if names.len() <= 3 => words::join(names, "et"),
            names => format!("{} cibles isolées", names.len()),
        };
        parts
            .push(format!("; par moments, sans réponse de {names}, alors que la liaison marchait"));
    }
    parts.concat()
}

fn evidence(h: &Headline) -> String {
    let names = |roles: &[Role], last: &str| {
        let names: Vec<_> = roles.iter().map(|role| French.subject(*role)).collect();
        words::join(&names, last)
    };
    let ending = |one: &'static str, many: &'static str, n: usize| if n == 1 { one } else { many };
    let (during, none) = if h.counted == 1 {
        ("pendant ce temps", "pendant ce temps")
    } else {
        ("pendant chacune d’elles", "pendant aucune d’elles")
    };
    let yes = format!(
        "{} {} répondu {during}",
        names(&h.answered, "et"),
        ending("a", "ont", h.answered.len())
    );
    let not = if h.counted == 1 { " pas" } else { "" };
    let no = format!(
        "{} n’{}{not} répondu {none}",
        names(&h.silent, "et"),
        ending("a", "ont", h.silent.len())
    );
    let who = match (h.answered.is_empty(), h.silent.is_empty()) {
        (true, true) => String::new(),
        (false, true) => format!("{yes}\u{a0}: "),
        (true, false) => format!("{no}\u{a0}: "),
        (false, false) => format!("{yes}, {no}\u{a0}: "),
    };
    sentence(&(who + &verdict(h)))
}

fn at(places: &[Place]) -> String {
    let words: Vec<_> = places
        .iter()
        .map(|place| match place {
            Place::Lan => "dans le réseau de la maison",
            Place::Modem => "au modem ou au câble qui y mène",
            Place::Access => "sur la ligne d’accès",
            Place::IspCore => "dans le réseau du FSI",
            Place::Beyond => "au-delà du FSI",
        })
        .collect();
    words::join(&words, "ou")
}

fn verdict(h: &Headline) -> String {
    let fault = |places: &[Place]| match places {
        [] => "l’endroit de la panne n’a pu être établi".to_owned(),
        [Place::Lan] => "la panne est dans le réseau de la maison, non chez le FSI".to_owned(),
        places => format!("la panne est {}", at(places)),
    };
    let [(first, k), (second, m), others @ ..] = h.places.as_slice() else {
        return fault(h.places.first().map_or(&[], |(places, _)| places));
    };
    let second = if second.is_empty() { "sans endroit établi".to_owned() } else { at(second) };
    let rest: usize = others.iter().map(|(_, n)| n).sum();
    let rest = if rest > 0 { format!(", ailleurs dans {rest}") } else { String::new() };
    format!("{} dans {k} cas sur {}, {second} dans {m}{rest}", fault(first), h.counted)
}
