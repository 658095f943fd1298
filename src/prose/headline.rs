//! The headline, for all languages: what happened, how often, how long, who answered, and
//! where the fault lies.

use std::time::Duration;

use crate::language::phrases::fill;
use crate::language::{Language, Noun, one_of, range, sentence};
use crate::report::facts::{Class, Headline};
use crate::report::strain::Strain;
use crate::report::{Report, sight};
use crate::vocabulary::{DropKind, Role};

impl Language {
    /// The headline: whole sentences.
    pub(crate) fn headline(&self, facts: Option<&Headline>, report: &Report) -> String {
        match facts {
            Some(h) if h.counted > 0 => {
                format!("{} {}", self.brief(facts, report), self.evidence(h))
            }
            _ => self.brief(facts, report),
        }
    }

    /// The headline in as few words as can be, for a ticket of few characters.
    pub(crate) fn brief(&self, facts: Option<&Headline>, report: &Report) -> String {
        let text = facts.map_or_else(|| self.unjudged(report), |h| self.judged(h, report));
        self.with_simulated(report.record.simulated, text)
    }

    /// What happened in judged time.
    fn judged(&self, h: &Headline, report: &Report) -> String {
        let p = self.headlines();
        let (before, period) = self.part_watched(h);
        if h.counted > 0 {
            let strain = self.strain(self.headlines().besides, h, report);
            return sentence(&(before + &self.what_happened(h, period, report) + &strain));
        }
        let unseen = self.sight(report, self.phrases().unseen).unwrap_or_default();
        let values = [
            ("least", self.length(sight::least(report))),
            ("period", period),
            ("lesser", self.lesser(h, report)),
        ];
        let strain = self.strain(p.but, h, report);
        sentence(&(before + &fill(p.no_drop, &values) + &strain)) + &unseen
    }

    /// The start of the sentence, and the period in it: where less than half of the period was
    /// watched, the sentence starts with that.
    fn part_watched(&self, h: &Headline) -> (String, String) {
        let p = self.headlines();
        let period = self.period_length(h.within);
        let Some(ratio) = h.coverage.filter(|ratio| *ratio < 0.95) else {
            return (String::new(), period);
        };
        let values = [("ratio", self.percent(ratio)), ("period", period)];
        if ratio < 0.5 {
            (fill(p.only_watched, &values), p.that_time.to_owned())
        } else {
            let part = if h.dead.is_some() { p.period_watched } else { p.period_in_part };
            (String::new(), fill(part, &values))
        }
    }

    /// `27 drops of 1 to 2 min in 5 days, about every hour, then no service for 24 h`.
    fn what_happened(&self, h: &Headline, period: String, report: &Report) -> String {
        let p = self.headlines();
        let at = |at| self.minute(at, &report.zone);
        let classes: Vec<_> = h.classes.iter().map(|class| self.class(class, report)).collect();
        let classes: Vec<_> = classes.iter().map(String::as_str).collect();
        let values = [("classes", self.list(&classes)), ("period", period)];
        let mut text = fill(p.in_period, &values);
        if let Some(every) = h.every {
            text += &match every.length.as_secs() {
                3_300..=3_900 if !every.of_watched => p.every_hour.to_owned(),
                _ => fill(p.every, &[("length", self.apart(every))]),
            };
        }
        if let Some(dead) = h.dead {
            let until = dead.until.map(at).unwrap_or_default();
            let values =
                [("at", at(dead.since)), ("until", until), ("length", self.about(dead.length))];
            let template = match dead.until {
                _ if dead.goes_on => p.dead_open,
                Some(_) => p.dead_until,
                None => p.dead,
            };
            text += &fill(template, &values);
        }
        let ends = report.counted_drops().find_map(|drop| drop.record_ends);
        match (h.open_since, ends) {
            (Some(_), Some(ends)) => {
                let not_over = one_of(self.phrases().kinds.not_over_at, h.counted);
                text += &fill(not_over, &[("at", at(ends))]);
            }
            (Some(since), None) => {
                text += &fill(one_of(p.open, h.counted), &[("at", at(since))]);
            }
            (None, _) => {}
        }
        let is_open = h.open_since.is_some() && ends.is_none();
        let goes_on = is_open || h.dead.is_some_and(|dead| dead.goes_on);
        if let Some(ends) = report.time.record_ends.filter(|_| goes_on) {
            text += &fill(self.phrases().kinds.record_ends, &[("at", at(ends))]);
        }
        text
    }

    fn class(&self, class: &Class, report: &Report) -> String {
        let p = self.headlines();
        let noun = match class.kind {
            DropKind::Outage => Noun::Outage,
            DropKind::Drop | DropKind::Possible | DropKind::Blip => Noun::Drop,
        };
        let none = String::new();
        let is_watched = report.counted_drops().all(|drop| drop.record_ends.is_none());
        let values = [
            ("count", self.count(class.count, noun)),
            ("lengths", self.figures(&range(class.shortest, class.longest, [p.about, p.to]))),
            (
                "so_far",
                if class.goes_on && is_watched { p.so_far.to_owned() } else { none.clone() },
            ),
            ("inside", if class.clipped { p.inside.to_owned() } else { none }),
        ];
        fill(p.class, &values)
    }

    /// Loss, delay and single targets that were wrong for long, put in by `template`; empty where
    /// nothing was.
    fn strain(&self, template: &'static str, h: &Headline, report: &Report) -> String {
        let p = self.headlines();
        let strain = Strain::of(report);
        let mut parts = Vec::new();
        if let Some((loss, length)) = strain.loss {
            let ratio = self.figures(&format!("{:.0} %", loss * 100.0));
            let values = [("ratio", ratio), ("length", self.roughly(length))];
            parts.push(fill(p.strain_loss, &values));
        }
        if let Some(length) = strain.late {
            parts.push(fill(p.strain_late, &[("length", &self.roughly(length))]));
        }
        if let Some((us, length)) = strain.slow {
            let delay = Duration::from_millis(u64::from(us).div_ceil(10_000) * 10);
            let delay = match delay.as_millis() {
                ms @ ..1_000 => self.figures(&format!("{ms} ms")),
                _ => self.length(delay),
            };
            let values = [("delay", delay), ("length", self.roughly(length))];
            parts.push(fill(p.strain_slow, &values));
        }
        for (name, length) in &h.failed_long {
            let values = [("name", (*name).to_owned()), ("length", self.roughly(*length))];
            parts.push(fill(p.strain_target, &values));
        }
        let parts: Vec<_> = parts.iter().map(String::as_str).collect();
        if parts.is_empty() {
            String::new()
        } else {
            fill(template, &[("list", &self.list(&parts))])
        }
    }

    /// A long time to whole minutes, hours of many to whole hours.
    fn roughly(&self, d: Duration) -> String {
        let step = if d < Duration::from_secs(36_000) { 300 } else { 3_600 };
        self.about(Duration::from_secs((d.as_secs() + step / 2) / step * step))
    }

    /// For a period without a drop: blips, and targets that failed on their own.
    fn lesser(&self, h: &Headline, report: &Report) -> String {
        const NAMED: usize = 3;
        let (p, parameters) = (self.headlines(), &report.method.parameters);
        let mut text = String::new();
        if h.blips > 0 {
            let values = [
                ("blips", self.count(h.blips, Noun::Blip)),
                ("least", self.length(parameters.blip_after)),
                ("most", self.length(parameters.drop_after)),
            ];
            text += &fill(p.blips, &values);
        }
        for (names, template) in [(&h.failed, p.failed), (&h.mute, p.mute)] {
            if names.is_empty() {
                continue;
            }
            let names = if names.len() <= NAMED {
                self.list(names)
            } else {
                fill(p.failed_many, &[("n", self.number(names.len() as u64))])
            };
            text += &fill(template, &[("names", names)]);
        }
        text
    }

    /// Who answered, who did not, and what follows, as far as it is true of every drop.
    fn evidence(&self, h: &Headline) -> String {
        sentence(&(self.who([&h.answered, &h.silent], h.counted) + &self.faults(h)))
    }

    /// Who answered in one or several drops and who did not, before what follows from it; nothing
    /// where none was probed.
    pub(crate) fn who(&self, [answered, silent]: [&[Role]; 2], drops: usize) -> String {
        let p = self.headlines();
        let names = |roles: &[Role]| {
            let names: Vec<_> = roles.iter().map(|role| self.subject(*role)).collect();
            self.list(&names)
        };
        let of_drops = usize::from(drops != 1);
        let say = |templates: [[&'static str; 2]; 2], roles: &[Role]| {
            fill(one_of(templates[of_drops], roles.len()), &[("who", names(roles))])
        };
        let text = match (answered.is_empty(), silent.is_empty()) {
            (true, true) => return String::new(),
            (false, true) => say(p.answered, answered),
            (true, false) => say(p.silent, silent),
            (false, false) => {
                let too = fill(p.silent_too[of_drops], &[("who", names(silent))]);
                format!("{}, {too}", say(p.answered, answered))
            }
        };
        text + self.phrases().colon
    }

    /// Where the faults lie, with counts where they differ: the two most frequent places.
    fn faults(&self, h: &Headline) -> String {
        let p = self.headlines();
        let [(first, in_first), (second, in_second), others @ ..] = h.places.as_slice() else {
            return self.fault(h.places.first().map_or(&[], |(places, _)| places));
        };
        let second = match *second {
            [] => p.not_placed.to_owned(),
            places => self.at(places),
        };
        let number = |n: usize| self.number(n as u64);
        let rest: usize = others.iter().map(|(_, n)| n).sum();
        let rest = match rest {
            0 => String::new(),
            n => fill(p.elsewhere, &[("n", number(n))]),
        };
        let values = [
            ("fault", self.fault(first)),
            ("k", number(*in_first)),
            ("n", number(h.counted)),
            ("second", second),
            ("m", number(*in_second)),
            ("rest", rest),
        ];
        fill(p.faults, &values)
    }
}
