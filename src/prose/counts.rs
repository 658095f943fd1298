//! Lists in a line: drops by day, what happened to this computer, what was wrong, how much was not
//! watched.

use std::time::Duration;

use crate::language::phrases::fill;
use crate::language::{Language, Noun, one_of};
use crate::report::facts::every;
use crate::report::{DayCount, DropEntry, GapEntry, ImpairmentEntry, Report};
use crate::vocabulary::HostChange;

/// More days than this are not listed.
const MOST_DAYS: usize = 31;

impl Language {
    /// How long a drop lasted, as one figure, or by its bounds where these are far apart.
    pub(crate) fn lasted(&self, drop: &DropEntry) -> String {
        if drop.is_vague() { self.bounds(drop.down) } else { self.length(drop.down.midpoint()) }
    }

    /// Drops that began on each day, with the time down; nothing for a single day, for many, or
    /// without a drop.
    pub(crate) fn drops_by_day(&self, report: &Report) -> String {
        let (p, summary) = (&self.phrases().by_day, &report.summary);
        if !(2..=MOST_DAYS).contains(&summary.per_day.len()) || summary.counted() == 0 {
            return String::new();
        }
        let day = |day: &DayCount| {
            let count = self.count(day.drops, Noun::Drop);
            let count = if day.observed.is_zero() {
                p.not_watched.to_owned()
            } else if day.down.is_zero() {
                count
            } else {
                fill(p.each, &[("drops", count), ("down", self.about(day.down))])
            };
            format!("{}{}{count}", self.date(day.date, "%a %d"), self.phrases().colon)
        };
        let list: Vec<_> = summary.per_day.iter().map(day).collect();
        fill(p.drops, &[("list", list.join("; "))])
    }

    /// The median time from one onset to the next; nothing with fewer than three drops.
    pub(crate) fn interval(&self, report: &Report) -> String {
        let interval = report.summary.median_interval.filter(|_| report.summary.counted() > 2);
        let said = |d| {
            let apart = every(report).filter(|every| every.of_watched);
            let length = apart.map_or_else(|| self.length(d), |every| self.apart(every));
            fill(self.phrases().by_day.interval, &[("length", length)])
        };
        interval.map_or_else(String::new, said)
    }

    /// What happened to this computer, counted.
    pub(crate) fn host(&self, report: &Report) -> String {
        let p = &self.phrases().host;
        let count = |is: fn(&HostChange) -> bool, template: [&'static str; 2]| {
            let n = report.events.iter().filter(|event| is(&event.what)).count();
            (n > 0).then(|| fill(one_of(template, n), &[("n", self.number(n as u64))]))
        };
        let all = [
            count(|e| matches!(e, HostChange::Slept { .. }), p.slept),
            count(|e| matches!(e, HostChange::ClockStep { .. }), p.clock),
            count(|e| matches!(e, HostChange::Carrier { up: false, .. }), p.carrier),
            count(|e| matches!(e, HostChange::DefaultRoute { .. }), p.route),
        ];
        all.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }

    /// How often the home's router kept a dead entry.
    pub(crate) fn router(&self, report: &Report) -> String {
        let is_dead = |what: &HostChange| matches!(what, HostChange::DeadEntry { .. });
        let n = report.events.iter().filter(|event| is_dead(&event.what)).count();
        let template = one_of(self.phrases().host.dead_entry, n);
        if n == 0 { String::new() } else { fill(template, &[("n", self.number(n as u64))]) }
    }

    /// How many impairments of each kind: `2 stretches of loss, 1 slow stretch`.
    pub(crate) fn wrongs_counted(&self, entries: &[ImpairmentEntry]) -> String {
        let count = |(kind, nouns): &(&str, [&'static str; 2])| {
            let n = entries.iter().filter(|e| e.impairment.figures.kind() == *kind).count();
            (n > 0).then(|| format!("{} {}", self.number(n as u64), one_of(*nouns, n)))
        };
        let kinds = self.phrases().wrongs.kinds;
        kinds.iter().filter_map(count).collect::<Vec<_>>().join(", ")
    }

    /// `2 gaps, 3 h in all`.
    pub(crate) fn gaps_in_all(&self, gaps: &[GapEntry]) -> String {
        let length: Duration = gaps.iter().map(|gap| gap.range.length()).sum();
        let values = [("n", self.number(gaps.len() as u64)), ("length", self.length(length))];
        fill(one_of(self.phrases().gaps_in_all, gaps.len()), &values)
    }

    /// How many probes could not be sent; `None` where all were.
    pub(crate) fn unsent(&self, report: &Report) -> Option<String> {
        let unsent: u64 = report.targets.iter().map(|t| t.total.probes.not_sent).sum();
        let n = usize::try_from(unsent).unwrap_or(usize::MAX);
        let template = one_of(self.phrases().unsent, n);
        (unsent > 0).then(|| fill(template, &[("n", self.number(unsent))]))
    }
}
