//! English.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::{Language, Noun, Phrases, range, sentence};
use crate::detect::{DropKind, GapReason, Place};
use crate::measurement::Role;
use crate::probe::HostChange;
use crate::report::facts::{Dead, Headline};
use crate::report::words::{self, length, percent};
use crate::report::{ImpairmentEntry, Report, events, impairments, patterns, sight};
use crate::stats::yardsticks::{Verdict, Yardstick};
use crate::time::{TimeRange, Timestamp};

mod phrases;

use phrases::PHRASES;

/// English.
pub(super) struct English;

impl Language for English {
    fn phrases(&self) -> &'static Phrases {
        &PHRASES
    }

    fn figures(&self, english: &str) -> String {
        english.replace("+-", "±")
    }

    fn count(&self, n: usize, what: Noun) -> String {
        let (one, many) = match what {
            Noun::Drop => ("drop", "drops"),
            Noun::Outage => ("outage", "outages"),
            Noun::Blip => ("blip", "blips"),
            Noun::Day => ("day", "days"),
        };
        words::count(n, one, many)
    }

    fn minute(&self, at: Timestamp, zone: &TimeZone) -> String {
        words::local_minute(at, zone)
    }

    fn headline(&self, facts: Option<&Headline>, report: &Report) -> String {
        let Some(h) = facts else {
            return "Nothing was observed in this period.".to_owned();
        };
        let (before, period) = watched_part(h);
        if h.counted == 0 {
            let least = length(sight::least(report));
            let no = if before.is_empty() { "No" } else { "no" };
            let this: &dyn Language = self;
            let unseen = this.sight(report, PHRASES.unseen).unwrap_or_default();
            let lesser = lesser(h, report);
            return format!("{before}{no} drop of {least} or more in {period}{lesser}.{unseen}");
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
        words::period_length(d)
    }

    fn period(&self, period: TimeRange, zone: &TimeZone) -> String {
        format!("{}, {}", words::span(period, zone), words::zone(period, zone))
    }

    fn place(&self, places: &[Place]) -> String {
        words::places(places)
    }

    fn pattern(&self, report: &Report) -> Vec<(&'static str, String)> {
        patterns::lines(report)
    }

    fn gap(&self, reason: GapReason) -> &'static str {
        words::gap_reason(reason)
    }

    fn impairment(&self, entry: &ImpairmentEntry) -> String {
        impairments::what(entry)
    }

    fn event(&self, change: &HostChange) -> Option<String> {
        events::what(change)
    }

    fn calls(&self, report: &Report) -> Vec<String> {
        crate::report::calls::lines(report)
    }

    fn yardstick(&self, stick: &Yardstick) -> String {
        stick.name.to_owned()
    }

    fn verdict(&self, verdict: Verdict) -> &'static str {
        verdict.as_str()
    }

    fn subject(&self, role: Role) -> &'static str {
        words::role(role)
    }
}

/// What stands before the sentence and the period in it: what was not watched comes first where it
/// is the greater part.
fn watched_part(h: &Headline) -> (String, String) {
    let period = words::period_length(h.within);
    match h.coverage {
        Some(ratio) if ratio < 0.5 => {
            (format!("Only {} of {period} was watched: ", percent(ratio)), "that time".to_owned())
        }
        Some(ratio) if ratio < 0.95 && h.dead.is_some() => {
            (String::new(), format!("{period} watched"))
        }
        Some(ratio) if ratio < 0.95 => {
            (String::new(), format!("{period} ({} of it watched)", percent(ratio)))
        }
        _ => (String::new(), period),
    }
}

/// `27 drops of 1 to 2 min in 5 days, about every hour, then no service for 24 h`.
fn what_happened(h: &Headline, period: &str, report: &Report) -> String {
    let day = |at: Timestamp| words::local(at, &report.zone, "%a %-d %b %H:%M");
    let classes: Vec<_> = h
        .classes
        .iter()
        .map(|class| {
            let (one, many) = match class.kind {
                DropKind::Outage => ("outage", "outages"),
                DropKind::Drop | DropKind::Blip => ("drop", "drops"),
            };
            let so_far = if class.goes_on { " so far" } else { "" };
            let lengths = range(class.shortest, class.longest, ["about", "to"]);
            let inside = if class.clipped { " inside the period" } else { "" };
            format!("{} of {lengths}{so_far}{inside}", words::count(class.count, one, many))
        })
        .collect();
    let classes: Vec<_> = classes.iter().map(String::as_str).collect();
    let mut parts = vec![format!("{} in {period}", words::join(&classes, "and"))];
    if let Some(every) = h.every {
        parts.push(match every.as_secs() {
            3_300..=3_900 => ", about every hour".to_owned(),
            _ => format!(", about every {}", words::about(every)),
        });
    }
    if let Some(Dead { since, length: d, goes_on }) = h.dead {
        parts.push(if goes_on {
            format!(", then no service since {} ({} so far)", day(since), words::about(d))
        } else {
            format!(", then no service for {}", words::about(d))
        });
    }
    if let Some(since) = h.open_since {
        let last = if h.counted == 1 { "" } else { "the last " };
        parts.push(format!(", {last}still going on since {}", day(since)));
    }
    parts.concat()
}

/// What there was where there was no drop: blips, and targets that failed by themselves.
fn lesser(h: &Headline, report: &Report) -> String {
    let p = &report.method.parameters;
    let mut parts = Vec::new();
    if h.blips > 0 {
        let blips = words::count(h.blips, "blip", "blips");
        parts.push(format!(", {blips} of {} to {}", length(p.blip_after), length(p.drop_after)));
    }
    match h.failed.as_slice() {
        [] => {}
        names if names.len() <= 3 => {
            parts
                .push(format!("; at times {} failed, the link did not", words::join(names, "and")));
        }
        names => {
            parts.push(format!(
                "; at times {} single targets failed, the link did not",
                names.len()
            ));
        }
    }
    parts.concat()
}

/// Who answered, who did not, and what follows; as much of it as is true of every drop.
fn evidence(h: &Headline) -> String {
    let (meanwhile, ever) = if h.counted == 1 {
        ("meanwhile", "meanwhile")
    } else {
        ("during all of them", "during any of them")
    };
    let names = |roles: &[Role]| {
        let names: Vec<_> = roles.iter().map(|role| words::role(*role)).collect();
        words::join(&names, "and")
    };
    let (yes, no) = (names(&h.answered), names(&h.silent));
    let who = match (yes.as_str(), no.as_str()) {
        ("", "") => String::new(),
        (yes, "") => format!("{yes} answered {meanwhile}: "),
        ("", no) => format!("{no} did not answer {ever}: "),
        (yes, no) => format!("{yes} answered {meanwhile}, {no} did not: "),
    };
    sentence(&(who + &verdict(h)))
}

/// Where the faults lie, with counts where they differ: the two most frequent places.
fn verdict(h: &Headline) -> String {
    let [(first, k), (second, m), others @ ..] = h.places.as_slice() else {
        return words::fault(h.places.first().map_or(&[], |(places, _)| places));
    };
    let second =
        if second.is_empty() { "could not be placed".to_owned() } else { words::at(second) };
    let rest: usize = others.iter().map(|(_, n)| n).sum();
    let rest = if rest > 0 { format!(", elsewhere in {rest}") } else { String::new() };
    format!("{} in {k} of {}, {second} in {m}{rest}", words::fault(first), h.counted)
}
