//! A report without what identifies its owner: the name of the site, account and ticket, addresses,
//! host names, MAC addresses and interfaces. It is taken out of the value itself, so that no
//! rendering can forget it.
//!
//! linkmon's own public test points stay with their names: they are the same for everybody. So do
//! the ISP's name, the zone, and every time and figure, which are what the report is for. In notes
//! what looks like an address, a host name or a number of five digits or more is taken out, and so
//! is every text that is taken out elsewhere; names of people are not recognized, and the report
//! says so.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::compare::Comparison;
use super::{
    Analyses, Disclosure, DropEntry, DropPath, ImpairmentEntry, ModemFacts, OtherWayEntry,
    RecordFacts, Report, TargetEntry, TroubleEntry, WayFacts,
};
use crate::config::{Config, Lang, Site};
use crate::language;
use crate::store::{self, Reader};
use crate::text::order::InOrder;
use crate::time::TimeRange;
use crate::vocabulary::well_known::{is_own_name, is_public_test_point};
use crate::vocabulary::{Endpoint, HostChange, Note, StationSeen, StoredEvent, Target, Way};

/// Texts shorter than this are not searched for in notes: they would take words apart.
const LEAST_SECRET: usize = 3;
/// A number of this many digits in a note may be an account, a ticket or a telephone.
const DIGITS: usize = 5;

impl Report {
    /// The same without the numbers by which a provider knows its owner: account and tickets, by those
    /// that are known.
    #[must_use]
    pub fn without_numbers(mut self, known: &KnownNumbers) -> Self {
        let of_border = self.analyses.compare.iter_mut().filter_map(|c| c.note.as_mut());
        known.leave_out(self.notes.iter_mut().chain(of_border));
        (self.site.account, self.site.ticket) = (None, None);
        self
    }

    /// The same without what identifies its owner; see [`Disclosure::Redacted`].
    #[must_use]
    pub fn redacted(self) -> Self {
        let redaction = Redaction::of(&self);
        let r = &redaction;
        // Every field by name: one that is added does not compile until it is decided here.
        let Self {
            period,
            zone,
            site,
            made,
            coverage,
            time,
            availability,
            drops,
            ways,
            modem,
            summary,
            analyses: Analyses { pattern, blips, yardsticks, calls, compare },
            gaps,
            targets,
            troubles,
            impairments,
            events,
            notes,
            // A digest says nothing about what it was made of.
            record:
                record @ RecordFacts {
                    origin: _,
                    unreadable_minutes: _,
                    removed: _,
                    unread: _,
                    chain: _,
                    clock: _,
                    holds: _,
                    simulated: _,
                },
            method,
            worst_minute,
            language,
            disclosure: _,
            focus,
        } = self;
        let Site { name: _, isp, account: _, ticket: _, line: _, country, zone: site_zone } = site;
        Self {
            site: Site {
                name: None,
                isp,
                account: None,
                ticket: None,
                line: None,
                country,
                zone: site_zone,
            },
            ways: r.ways(ways),
            modem: modem.map(ModemFacts::redacted),
            drops: drops.into_iter().map(|drop| r.drop(drop)).collect(),
            targets: targets
                .into_iter()
                .map(|entry| TargetEntry { target: r.target(entry.target), ..entry })
                .collect(),
            troubles: troubles
                .into_iter()
                .map(|entry| TroubleEntry { target: r.target(entry.target), ..entry })
                .collect(),
            impairments: impairments
                .into_iter()
                .map(|entry| ImpairmentEntry { targets: r.targets(entry.targets), ..entry })
                .collect(),
            events: events.into_iter().map(|event| r.event(event)).collect(),
            notes: notes.into_iter().map(|note| r.note(note)).collect(),
            analyses: Analyses {
                compare: compare.map(|c| Comparison {
                    note: c.note.map(|note| r.note(note)),
                    anchors: c.anchors.iter().map(|name| r.text(name)).collect(),
                    ..c
                }),
                pattern,
                blips,
                yardsticks,
                calls,
            },
            disclosure: Disclosure::Redacted,
            focus,
            period,
            zone,
            made,
            coverage,
            time,
            availability,
            summary,
            gaps,
            record,
            method,
            worst_minute,
            language,
        }
    }
}

/// What is put in place of what.
pub(super) struct Redaction {
    /// In place of what was taken out.
    mark: &'static str,
    /// Texts that must not appear, the longest first.
    secrets: Vec<String>,
    /// Interfaces by their names: `if1`, `if2`. A name may hold a MAC address.
    interfaces: BTreeMap<String, String>,
}

impl Redaction {
    fn of(report: &Report) -> Self {
        let site = &report.site;
        let mut secrets: Vec<String> =
            [&site.name, &site.account, &site.ticket].into_iter().flatten().cloned().collect();
        let of_border = report.analyses.compare.iter().filter_map(|c| c.note.as_ref());
        secrets.extend(report.notes.iter().chain(of_border).filter_map(|n| n.ticket.clone()));
        for target in targets_of(report) {
            if !is_own_name(&target.name) {
                secrets.push(target.name.clone());
            }
            if !is_public_test_point(target.endpoint.as_str()) {
                secrets.push(target.endpoint.to_string());
            }
        }
        let paths = report.drops.iter().filter_map(|drop| drop.path.as_ref());
        secrets.extend(paths.flat_map(DropPath::private_addresses));
        let mut interfaces = BTreeMap::new();
        for event in &report.events {
            if let Some(name) = interface(&event.what) {
                interfaces.entry(name.to_owned()).or_default();
            }
        }
        let ways = report.ways.by_line.iter().map(|(way, _)| way);
        for way in ways.chain(report.ways.others.iter().map(|other| &other.way)) {
            for name in std::iter::once(&way.interface).chain(&way.avoids) {
                interfaces.entry(name.clone()).or_default();
            }
        }
        for (number, (name, alias)) in (1..).zip(&mut interfaces) {
            *alias = format!("if{number}");
            secrets.push(name.clone());
        }
        Self { interfaces, ..Self::of_texts(secrets, report.language) }
    }

    /// What takes these texts out of others, and whatever looks like an identifier.
    pub(super) fn of_texts(mut secrets: Vec<String>, language: Lang) -> Self {
        secrets.retain(|secret| secret.chars().count() >= LEAST_SECRET);
        secrets.order_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.dedup();
        let mark = language::of(language).phrases().redacted;
        Self { mark, secrets, interfaces: BTreeMap::new() }
    }

    fn note(&self, note: Note) -> Note {
        let Note { id, at, kind, ticket: _, text, added, edited } = note;
        Note { id, at, kind, ticket: None, text: self.text(&text), added, edited }
    }

    fn target(&self, target: Target) -> Target {
        let Target { id, name, kind, role, endpoint, interval } = target;
        let name = if is_own_name(&name) { name } else { format!("{role}-{}", id.0) };
        let keeps_address = is_public_test_point(endpoint.as_str());
        let endpoint = if keeps_address { endpoint } else { Endpoint::new(kind, self.mark) };
        Target { id, name, kind, role, endpoint, interval }
    }

    fn targets(&self, targets: Vec<Target>) -> Vec<Target> {
        targets.into_iter().map(|target| self.target(target)).collect()
    }

    fn drop(&self, drop: DropEntry) -> DropEntry {
        let DropEntry { answered, silent, .. } = drop;
        let (answered, silent) = (self.targets(answered), self.targets(silent));
        let path = drop.path.map(DropPath::without_addresses);
        DropEntry { answered, silent, path, ..drop }
    }

    fn ways(&self, facts: WayFacts) -> WayFacts {
        let WayFacts { by_line, named: _, others, at_drops, .. } = facts.clone();
        let way = |way: Way| Way {
            interface: self.interfaces.get(&way.interface).cloned().unwrap_or_default(),
            medium: way.medium,
            gateway: None,
            mac: None,
            isp_hop: None,
            avoids: way.avoids.and_then(|tunnel| self.interfaces.get(&tunnel).cloned()),
        };
        let others = others.into_iter().map(|other| OtherWayEntry {
            way: way(other.way),
            spans: other.spans,
            drops: other.drops.into_iter().map(|drop| self.drop(drop)).collect(),
        });
        WayFacts {
            by_line: by_line.into_iter().map(|(one, length)| (way(one), length)).collect(),
            named: None,
            others: others.collect(),
            at_drops,
            stations: facts
                .stations
                .iter()
                .map(|seen| StationSeen {
                    interface: self.interfaces.get(&seen.interface).cloned().unwrap_or_default(),
                    bssid: String::new(),
                    ..seen.clone()
                })
                .collect(),
            ..facts
        }
    }

    fn event(&self, event: StoredEvent) -> StoredEvent {
        let alias = |name: String| self.interfaces.get(&name).cloned().unwrap_or_default();
        let what = match event.what {
            HostChange::Carrier { interface, up } => {
                HostChange::Carrier { interface: alias(interface), up }
            }
            HostChange::Interface { interface, present } => {
                HostChange::Interface { interface: alias(interface), present }
            }
            HostChange::Address { interface, address, present } => HostChange::Address {
                interface: alias(interface),
                address: unspecified(address),
                present,
            },
            HostChange::DefaultRoute { v6, interface, gateway } => HostChange::DefaultRoute {
                v6,
                interface: interface.map(alias),
                gateway: gateway.map(unspecified),
            },
            other @ (HostChange::Slept { .. }
            | HostChange::ClockStep { .. }
            | HostChange::ClockSync { .. }
            | HostChange::DeadEntry { .. }
            | HostChange::FreshIdentifierUnanswered { .. }) => other,
        };
        StoredEvent { what, ..event }
    }

    /// A text that someone wrote, without what looks like an identifier.
    pub(super) fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.secrets {
            text = replace(&text, secret, self.mark);
        }
        let text = without_spaced_numbers(&text, self.mark);
        let mut out = String::with_capacity(text.len());
        for part in text.split_inclusive(char::is_whitespace) {
            let word = part.trim_end_matches(char::is_whitespace);
            let core = word.trim_matches(is_around);
            if word.contains(self.mark) || !reveals(core) {
                out += part;
            } else {
                out += &part.replace(core, self.mark);
            }
        }
        out
    }
}

/// Every target that the report names.
fn targets_of(report: &Report) -> impl Iterator<Item = &Target> {
    let of_drops = report.drops.iter().flat_map(|d| d.answered.iter().chain(&d.silent));
    report
        .targets
        .iter()
        .map(|entry| &entry.target)
        .chain(of_drops)
        .chain(report.troubles.iter().map(|entry| &entry.target))
        .chain(report.impairments.iter().flat_map(|entry| &entry.targets))
}

fn interface(change: &HostChange) -> Option<&str> {
    match change {
        HostChange::Carrier { interface, .. }
        | HostChange::Interface { interface, .. }
        | HostChange::Address { interface, .. } => Some(interface),
        HostChange::DefaultRoute { interface, .. } => interface.as_deref(),
        HostChange::Slept { .. }
        | HostChange::ClockStep { .. }
        | HostChange::ClockSync { .. }
        | HostChange::DeadEntry { .. }
        | HostChange::FreshIdentifierUnanswered { .. } => None,
    }
}

/// No host has the unspecified address: it marks one that was taken out.
fn unspecified(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    }
}

/// Every occurrence of `secret`, in small or capital letters.
fn replace(text: &str, secret: &str, by: &str) -> String {
    let lower = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<String>();
    let secret = lower(secret);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        // As many characters as it takes to be the secret in small letters.
        let end = rest.char_indices().map(|(i, c)| i + c.len_utf8()).find(|end| {
            let part = lower(&rest[..*end]);
            part.len() >= secret.len() || !secret.starts_with(&part)
        });
        if let Some(end) = end.filter(|end| lower(&rest[..*end]) == secret) {
            out += by;
            rest = &rest[end..];
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

/// What may surround a word.
fn is_around(c: char) -> bool {
    "()<>[]{},;:.!?\"'’«»".contains(c)
}

/// Whether a word identifies, or what it is made of: `host=nas.example.org`, `10.0.0.7->10.0.0.9`,
/// `bob@example.net's`.
pub(super) fn reveals(word: &str) -> bool {
    let parts = || word.split(['=', ',', ';', '|', '<', '>', '(', ')', '[', ']', '"', '\'', '’']);
    identifies(word) || parts().any(|part| identifies(part.trim_matches(is_around)))
}

/// A number that is written in groups of digits (`+33 6 12 34 56 78`) is one number.
fn without_spaced_numbers(text: &str, mark: &str) -> String {
    let core = |word: &str| word.trim_matches(is_around).to_owned();
    let is_group = |word: &str| {
        let word = core(word);
        let digits = word.strip_prefix('+').unwrap_or(&word);
        !digits.is_empty() && digits.len() <= DIGITS && digits.bytes().all(|b| b.is_ascii_digit())
    };
    let mut out: Vec<String> = Vec::new();
    let words: Vec<&str> = text.split(' ').collect();
    for group in words.chunk_by(|a, b| is_group(a) && is_group(b)) {
        let digits: usize =
            group.iter().map(|w| w.bytes().filter(u8::is_ascii_digit).count()).sum();
        if group.len() > 1 && digits >= DIGITS {
            out.push(mark.to_owned());
        } else {
            out.extend(group.iter().map(|word| (*word).to_owned()));
        }
    }
    out.join(" ")
}

/// Whether a word looks like an address, a host name or the number of someone.
fn identifies(word: &str) -> bool {
    if is_public_test_point(word) {
        return false;
    }
    is_address(word) || is_mac(word) || is_host(word) || is_number(word)
}

fn is_address(word: &str) -> bool {
    let bare = word.split(['/', '%']).next().unwrap_or_default();
    bare.parse::<IpAddr>().is_ok() || word.parse::<std::net::SocketAddr>().is_ok()
}

/// `00:11:22:33:44:55`, `00-11-...`, `0011.2233.4455`, `001122334455`.
fn is_mac(word: &str) -> bool {
    let digits = word.chars().filter(char::is_ascii_hexdigit).count();
    let others = word.chars().all(|c| c.is_ascii_hexdigit() || ":-.".contains(c));
    digits == 12 && others
}

/// Labels with dots between, the last of two letters or more; a URL and the address of a mailbox,
/// whatever they hold.
fn is_host(word: &str) -> bool {
    if word.contains("//") || word.contains('@') {
        return true;
    }
    let host = word.split(['/', ':', '?', '#']).next().unwrap_or_default();
    let Some((rest, last)) = host.rsplit_once('.') else { return false };
    let label = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
    };
    last.chars().count() >= 2 && last.chars().all(char::is_alphabetic) && rest.split('.').all(label)
}

/// Digits enough to be an account or a telephone, and no date or time.
fn is_number(word: &str) -> bool {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let is_time = word.parse::<jiff::civil::Date>().is_ok()
        || word.parse::<jiff::civil::DateTime>().is_ok()
        || word.parse::<jiff::civil::Time>().is_ok();
    digits >= DIGITS && !is_time
}

/// The numbers of an account and of tickets that a record has or had in any note, whatever period is shown:
/// another note may mention them.
#[derive(Debug, Clone)]
pub struct KnownNumbers {
    /// The longest first.
    numbers: Vec<String>,
    /// What stands in their places.
    left_out: &'static str,
}

impl KnownNumbers {
    /// Those of a record and of its site.
    ///
    /// # Errors
    /// If the notes cannot be read.
    pub fn read(reader: &Reader, config: &Config) -> Result<Self, store::Error> {
        let notes = reader.notes(TimeRange::EVER)?.into_iter().map(|note| note.ticket);
        let changes = reader.note_changes(TimeRange::EVER)?;
        let before = changes.into_iter().map(|change| change.before.ticket);
        let of_site = [config.site.account.clone(), config.site.ticket.clone()];
        let mut numbers: Vec<String> = notes.chain(before).chain(of_site).flatten().collect();
        numbers.retain(|number| number.chars().count() >= LEAST_SECRET);
        numbers.order_by_key(|number| (std::cmp::Reverse(number.len()), number.clone()));
        numbers.dedup();
        Ok(Self { numbers, left_out: language::of(config.report.language).phrases().redacted })
    }

    /// The numbers.
    pub(in crate::report) fn into_numbers(self) -> Vec<String> {
        self.numbers
    }

    /// Leaves them out of notes, as each note's own.
    pub fn leave_out<'a>(&self, notes: impl Iterator<Item = &'a mut Note>) {
        for note in notes {
            note.ticket = None;
            for number in &self.numbers {
                if note.text.contains(number) {
                    note.text = note.text.replace(number, self.left_out);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
