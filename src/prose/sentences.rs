//! Sentences made of templates, for all languages: who and where, how much was watched, how
//! it was measured, what it does not claim, what it discloses.

use std::time::Duration;

use crate::config::Site;
use crate::language::phrases::fill;
use crate::language::words;
use crate::language::{Language, Noun};
use crate::report::sight::{self, Sight};
use crate::report::{Coverage, Disclosure, Origin, Report, WitnessCount};
use crate::stats::{Availability, LossRatio};
use crate::vocabulary::{HostChange, Role};

impl Language {
    /// Who and where.
    pub(crate) fn site(&self, s: &Site) -> String {
        let mut parts = self.site_parts(s).to_vec();
        parts.retain(|part| !part.is_empty());
        parts.join(", ")
    }

    /// Name and ISP; account and ticket.
    pub(crate) fn site_parts(&self, s: &Site) -> [String; 2] {
        let p = self.phrases();
        let named = |name: &str, value: &Option<String>| {
            value.as_ref().map(|value| format!("{name} {value}"))
        };
        let parts = [
            [s.name.clone(), named(p.isp, &s.isp)],
            [named(p.account, &s.account), named(p.ticket, &s.ticket)],
        ];
        parts.map(|parts| parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }

    /// Share and length of the time watched.
    pub(crate) fn watched(&self, c: Coverage) -> String {
        let ratio = c.ratio().map_or_else(|| "-".to_owned(), |ratio| self.percent(ratio));
        let values =
            [("ratio", ratio.as_str()), ("part", &self.watched_part(c, |d| self.length(d)))];
        fill(self.phrases().share_of_time, &values)
    }

    /// Watched of elapsed time, or what is missing where that is little; lengths as `length` writes
    /// them.
    pub(crate) fn watched_part(&self, c: Coverage, length: impl Fn(Duration) -> String) -> String {
        let p = self.phrases();
        let missed = c.elapsed.saturating_sub(c.observed);
        // What is missing is never written as "0 s".
        let missed = if missed.is_zero() { missed } else { missed.max(Duration::from_secs(1)) };
        let template = if missed.is_zero() {
            p.watched_all
        } else if missed * 20 < c.elapsed {
            p.watched_but
        } else {
            p.watched_part
        };
        let [elapsed, observed, missed] = [c.elapsed, c.observed, missed].map(length);
        let values = [("elapsed", elapsed.as_str()), ("observed", &observed), ("missed", &missed)];
        fill(template, &values)
    }

    /// Share of the time watched in which the link was up, with bounds and both counts; `None`
    /// when nothing was watched.
    pub(crate) fn available(&self, report: &Report) -> Option<String> {
        let p = self.phrases();
        let a = report.availability?;
        let [ratio, lower, upper] = self.availability(a);
        let between = if lower == upper {
            String::new()
        } else {
            fill(p.between, &[("lower", &lower), ("upper", &upper)])
        };
        let [up, watched] = [a.up(), a.observed].map(|d| self.number(words::whole_seconds(d)));
        let values = [
            ("ratio", ratio.as_str()),
            ("up", &up),
            ("watched", &watched),
            ("between", &between),
            ("down", &self.down(report)),
        ];
        Some(fill(p.up, &values))
    }

    /// The share and its bounds, with no more digits than these leave certain.
    pub(crate) fn availability(&self, a: Availability) -> [String; 3] {
        let apart = (a.upper - a.lower) * 100.0;
        let decimals = match apart {
            ..0.05 => return [a.ratio, a.lower, a.upper].map(|ratio| self.percent(ratio)),
            ..0.5 => 1,
            _ => 0,
        };
        // Rounded inwards, some of the time would be said to be down that was not, or up.
        let scale = if decimals == 1 { 1_000.0 } else { 100.0 };
        let lower = (a.lower * scale).floor() / scale;
        let upper = (a.upper * scale).ceil() / scale;
        [a.ratio, lower, upper].map(|ratio| match format!("{:.decimals$} %", ratio * 100.0) {
            text if text.starts_with("100") && ratio < 1.0 => self.percent(ratio),
            text => self.figures(&text),
        })
    }

    /// Down time with its bounds.
    pub(crate) fn down(&self, report: &Report) -> String {
        let (p, summary) = (self.phrases(), &report.summary);
        if summary.down.max.is_zero() {
            return p.no_down.to_owned();
        }
        let [down, half] = [summary.likely_down, summary.down_error()].map(|d| self.length(d));
        fill(p.down, &[("down", &down), ("half", &half)])
    }

    /// Drops, outages and blips, each with its rule.
    pub(crate) fn classes(&self, report: &Report) -> String {
        let (s, p) = (&report.summary, &report.method.parameters);
        let [blip, drop, outage] =
            [p.blip_after, p.drop_after, p.outage_after].map(|d| self.length(d));
        let sight = Sight::narrowed(report);
        let sure = sight.map_or_else(String::new, |sight| self.length(sight.sure));
        let values = [
            ("sure", sure),
            // Outages are drops: every other count of drops has them in it.
            ("all", self.count(s.counted(), Noun::Drop)),
            ("n", self.number(s.drops as u64)),
            ("m", self.number(s.outages as u64)),
            ("blips", self.count(s.blips, Noun::Blip)),
            ("blip", blip),
            ("drop", drop),
            ("outage", outage),
        ];
        let phrases = self.phrases();
        fill(if sight.is_some() { phrases.classes_seen } else { phrases.classes }, &values)
    }

    /// A target that failed on its own: how many of its probes were lost.
    pub(crate) fn lost_by_itself(&self, loss: LossRatio) -> String {
        let [part, whole] = [loss.lost, loss.sent].map(|n| self.number(n));
        fill(self.phrases().lost_by_itself, &[("lost", &part), ("sent", &whole)])
    }

    /// In how many drops a role answered, or was silent.
    pub(crate) fn witness(&self, w: &WitnessCount) -> String {
        let n = w.answered + w.silent;
        let (template, k) = if w.answered >= w.silent {
            (self.phrases().answered_in, w.answered)
        } else {
            (self.phrases().silent_in, w.silent)
        };
        fill(template, &[("who", self.subject(w.role)), ("of", &self.of_drops(k, n))])
    }

    /// The places of drops with their counts; empty without a drop.
    pub(crate) fn places(&self, report: &Report) -> String {
        let all = report.summary.counted();
        let places = report.summary.by_place.iter().map(|(place, n)| {
            let named = report.counted_drops().find(|d| d.place == *place);
            let place = self.place(named.map_or(&[], |d| d.places.as_slice()));
            format!("{place}{}{}", self.phrases().colon, self.of(*n, all))
        });
        places.collect::<Vec<_>>().join("; ")
    }

    /// The template with the distance of the probes and the shortest drop that is sure to be seen;
    /// `None` where all that count as such are.
    pub(crate) fn sight(&self, report: &Report, template: &str) -> Option<String> {
        let sight = Sight::narrowed(report)?;
        let [apart, sure] = [sight.apart, sight.sure].map(|d| self.length(d));
        Some(fill(template, &[("apart", &apart), ("sure", &sure)]))
    }

    /// How it was measured: whole sentences.
    pub(crate) fn method(&self, report: &Report) -> Vec<String> {
        let (p, m) = (self.phrases(), &report.method);
        let mut out = Vec::new();
        let names = deciders(report);
        if !names.is_empty() {
            let each = if names.len() == 1 { "" } else { p.each };
            let values = [
                ("version", m.version.as_str()),
                ("every", &self.every(report)),
                ("each", each),
                ("names", &self.list(&names)),
            ];
            let sent = fill(
                match report.record.origin {
                    Origin::Probed => p.sent_probed,
                    Origin::Imported => p.sent_imported,
                    Origin::Both => p.sent_both,
                },
                &values,
            );
            // What is declared a drop; what is sure to be seen comes after it.
            let least = self.length(m.parameters.drop_after);
            let from = if names.len() == 1 { p.from_anchors[0] } else { p.from_anchors[1] };
            out.push(fill(from, &[("sent", &sent), ("least", &least)]));
        }
        out.extend(self.connection(report).map(|by| format!("{by}.")));
        out.extend(self.votes(report));
        out.extend(self.sight(report, p.shortest_seen));
        let [threshold, window] =
            [m.waiting.loss_threshold, m.waiting.late_window].map(|d| self.length(d));
        out.push(fill(p.lost_after, &[("threshold", &threshold), ("window", &window)]));
        out
    }

    /// How it was measured, in a line.
    pub(crate) fn method_in_short(&self, report: &Report) -> String {
        let (p, names) = (self.phrases(), deciders(report));
        let template = match names.len() {
            0 => p.short_none,
            1 => p.short_one,
            _ => p.short_many,
        };
        let values = [
            ("version", report.method.version.as_str()),
            ("every", &self.every(report)),
            ("n", &self.number(names.len() as u64)),
            ("names", &self.list(&names)),
            ("least", &self.length(sight::least(report))),
        ];
        let short = fill(template, &values);
        let more = self.votes(report);
        match more.as_slice() {
            [] => short,
            more => format!("{short}. {}", more.join(" ").trim_end_matches('.')),
        }
    }

    fn every(&self, report: &Report) -> String {
        let p = self.phrases();
        let deciders = report.targets.iter().filter(|t| t.decides);
        deciders.map(|t| t.target.interval).min().map_or_else(String::new, |d| {
            match d.as_millis() {
                1_000 => p.every_second.to_owned(),
                60_000 => p.every_minute.to_owned(),
                _ => fill(p.every, &[("interval", &self.length(d))]),
            }
        })
    }

    /// What the report does not claim.
    pub(crate) fn unclaimed(&self, report: &Report) -> String {
        let p = self.phrases();
        let isp = report.targets.iter().any(|t| t.target.role == Role::Isp);
        fill(p.not_claimed, &[("hop", if isp { "" } else { p.no_hop })])
    }

    /// What the report discloses about its owner: whole sentences.
    pub(crate) fn disclosure(&self, report: &Report) -> String {
        let (p, s) = (self.phrases(), &report.site);
        if report.disclosure == Disclosure::Redacted {
            return p.is_redacted.to_owned();
        }
        let [targets, interfaces, notes, zone] = p.disclosed_rest;
        let names_interfaces = report.events.iter().any(|event| {
            let what = &event.what;
            !matches!(
                what,
                HostChange::Slept { .. }
                    | HostChange::ClockStep { .. }
                    | HostChange::ClockSync { .. }
                    | HostChange::DeadEntry { .. }
                    | HostChange::FreshIdentifierUnanswered { .. }
            )
        });
        let all = [
            (s.name.is_some(), p.disclosed_name),
            (s.isp.is_some(), p.disclosed_isp),
            (s.account.is_some(), p.disclosed_account),
            (s.ticket.is_some(), p.disclosed_ticket),
            (!report.targets.is_empty(), targets),
            (names_interfaces, interfaces),
            (!report.notes.is_empty(), notes),
            (true, zone),
        ];
        let disclosed: Vec<_> = all.iter().filter(|(is, _)| *is).map(|(_, name)| *name).collect();
        fill(p.discloses, &[("what", &self.list(&disclosed))])
    }
}

fn deciders(report: &Report) -> Vec<&str> {
    report.targets.iter().filter(|t| t.decides).map(|t| t.target.name.as_str()).collect()
}
