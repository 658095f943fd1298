//! When drops come, for all languages: each claim with its count and its chance.

use std::time::Duration;

use crate::language::phrases::{Patterns, fill};
use crate::language::words;
use crate::language::{Language, Noun, one_of};
use crate::report::Report;
use crate::report::facts::{RegularInterval, every};
use crate::stats::pattern::recurrence::LEAST;
use crate::stats::pattern::{
    BusyHours, DailyDrops, DropClock, DropIntervals, DropRate, RateChange, RecurrenceTest,
};
use crate::text::order::InOrder;
use crate::time::Timestamp;
use crate::vocabulary::{DropKind, Lengths};

impl Language {
    /// When drops come, by name of the line; nothing without a drop.
    pub(crate) fn pattern(&self, report: &Report) -> Vec<(&'static str, String)> {
        let p = self.pattern_words();
        let mut out = Vec::new();
        let blips = self.blips_found(report);
        if report.analyses.pattern.drops > 0 {
            out.push((p.pattern, self.pattern_found(report)));
            let trend = self.trend(report);
            if !trend.is_empty() {
                out.push((p.trend, trend));
            }
        }
        out.extend(blips.map(|text| (p.blips, text)));
        out
    }

    /// When blips come, where there are many, and what that means for a call.
    pub(crate) fn blips_found(&self, report: &Report) -> Option<String> {
        let (p, r) = (self.pattern_words(), &report.analyses.blips.recurrence);
        if r.drops < LEAST {
            return None;
        }
        let blips = report.analyses.blips.drops;
        let perhaps = report.drops.iter().filter(|drop| drop.kind == DropKind::Possible).count();
        let mut n = self.count(blips, Noun::Blip);
        if perhaps > 0 {
            n += &fill(p.blips_perhaps, &[("n", self.number(perhaps as u64))]);
        }
        let found = r.found().find_map(|(test, chance)| {
            let what = match test {
                RecurrenceTest::Regular => {
                    let intervals = r.intervals.filter(DropIntervals::are_alike)?;
                    fill(p.blips_every, &[("every", self.minutes(intervals.median))])
                }
                RecurrenceTest::Clock => self.clock(&r.clock?, report),
                RecurrenceTest::Clustered => p.clustered.to_owned(),
                RecurrenceTest::TimeOfDay => self.time_of_day(&r.hours?),
            };
            Some(fill(p.said, &[("what", what), ("n", n.clone()), ("chance", self.chance(chance))]))
        });
        let text = found.unwrap_or_else(|| fill(p.nothing_found, &[("n", n)]));
        Some(text + p.blips_cut)
    }

    /// Once a day at the same time; nothing where that is not so.
    fn daily(&self, report: &Report) -> Option<String> {
        let daily = report.analyses.pattern.daily?;
        Some(fill(self.pattern_words().daily, &self.daily_values(&daily)))
    }

    /// The facts of drops that come once a day, as templates take them.
    pub(crate) fn daily_values(&self, daily: &DailyDrops) -> [(&'static str, String); 5] {
        let clock = |time: Duration| {
            let minutes = time.as_secs() / 60 % 1_440;
            format!("{:02}:{:02}", minutes / 60, minutes % 60)
        };
        let number = |n: usize| self.number(n as u64);
        let lengths = self.bounds(Lengths { min: daily.shortest, max: daily.longest });
        [
            ("days", number(daily.days)),
            ("of", number(daily.of)),
            ("from", clock(daily.from)),
            ("to", clock(daily.to + Duration::from_secs(59))),
            ("lengths", lengths),
        ]
    }

    fn pattern_words(&self) -> &Patterns {
        &self.phrases().patterns
    }

    /// The pattern in words.
    pub(crate) fn pattern_found(&self, report: &Report) -> String {
        let (p, pattern) = (self.pattern_words(), &report.analyses.pattern);
        let r = &pattern.recurrence;
        let n = self.count(r.drops, Noun::Drop);
        let n = if r.drops < pattern.drops { fill(p.newest, &[("n", n)]) } else { n };
        let daily = self.daily(report);
        if r.drops < LEAST && daily.is_none() {
            return fill(p.too_few, &[("n", n), ("least", self.number(LEAST as u64))]);
        }
        let is_daily = daily.is_some();
        let mut said: Vec<String> = daily.into_iter().collect();
        // What comes once a day has no other time or interval.
        let is_other = |test: RecurrenceTest| !is_daily || test == RecurrenceTest::Clustered;
        let found = r.found().filter(|(test, _)| is_other(*test));
        said.extend(found.filter_map(|(test, chance)| {
            let what = match test {
                RecurrenceTest::Regular => self.regular(&r.intervals?, every(report)),
                RecurrenceTest::Clustered => p.clustered.to_owned(),
                RecurrenceTest::Clock => self.clock(&r.clock?, report),
                RecurrenceTest::TimeOfDay => self.time_of_day(&r.hours?),
            };
            let chance = self.chance(chance);
            Some(fill(p.said, &[("what", what), ("n", n.clone()), ("chance", chance)]))
        }));
        if said.is_empty() {
            said.push(fill(p.nothing_found, &[("n", n)]));
        }
        let mut text = said.join(p.also);
        let is_all = pattern.daily.is_some_and(|daily| daily.others == 0);
        let episodes = pattern.episodes.iter().filter(|_| !is_all);
        if let Some(most) = episodes.max_by_key(|e| e.drops) {
            let k = pattern.episodes.len();
            let which = fill(one_of(p.episodes, k), &[("k", self.number(k as u64))]);
            let values = [
                ("which", which),
                ("from", self.minute(most.from, &report.zone)),
                ("drops", self.count(most.drops, Noun::Drop)),
                ("down", self.about(most.down)),
            ];
            text += &fill(p.episode, &values);
        }
        text
    }

    fn chance(&self, p: f64) -> String {
        if p < 0.001 {
            self.pattern_words().chance_below.to_owned()
        } else {
            // More than once in a record no pattern is reported.
            let about = Duration::try_from_secs_f64(1.0 / p).unwrap_or_default();
            let n = self.number(words::whole_seconds(about));
            fill(self.pattern_words().chance_of, &[("n", n)])
        }
    }

    /// In minutes where that is what people count in.
    fn minutes(&self, d: Duration) -> String {
        match d.as_secs() {
            600..10_800 => self.figures(&format!("{:.0} min", d.as_secs_f64() / 60.0)),
            _ => self.about(d),
        }
    }

    /// The time from one drop to the next; `60 min of the time watched` where pauses lie between.
    pub(crate) fn apart(&self, every: RegularInterval) -> String {
        let watched = if every.of_watched { self.pattern_words().of_watched } else { "" };
        self.minutes(every.length) + watched
    }

    fn regular(&self, intervals: &DropIntervals, every: Option<RegularInterval>) -> String {
        let (low, high) = intervals.half;
        let [low_text, high_text] = [low, high].map(|d| self.minutes(d));
        let Some(every) = every else {
            return fill(self.pattern_words().even, &[("low", low_text), ("high", high_text)]);
        };
        let every = self.apart(every);
        if low_text == high_text {
            let values = [("every", every), ("high", high_text)];
            return fill(self.pattern_words().regular_alike, &values);
        }
        // The unit once where it is the same.
        let minutes = |text: &str| text.ends_with("min") && text.matches(['h', 's']).count() == 0;
        let low_text = match low_text.strip_suffix("min") {
            Some(bare) if minutes(&low_text) && minutes(&high_text) => bare.trim_end().to_owned(),
            _ => low_text,
        };
        let values = [("every", every), ("low", low_text), ("high", high_text)];
        fill(self.pattern_words().regular, &values)
    }

    fn clock(&self, clock: &DropClock, report: &Report) -> String {
        let p = self.pattern_words();
        let minutes = (clock.period.as_secs() + 30) / 60;
        let every = if minutes == 60 {
            p.clock_hour.to_owned()
        } else {
            fill(p.clock_every, &[("length", self.length(Duration::from_secs(minutes * 60)))])
        };
        let (zone, beat) = (&report.zone, clock.beat);
        let at = match minutes {
            1_440 => fill(p.at_time, &[("time", words::local(beat, zone, "%H:%M"))]),
            60 => fill(p.at_minute, &[("minute", words::local(beat, zone, "%-M"))]),
            _ => fill(p.last_at, &[("time", self.minute(beat, zone))]),
        };
        fill(p.clock, &[("every", every), ("at", at)])
    }

    fn time_of_day(&self, hours: &BusyHours) -> String {
        let number = |n: usize| self.number(n as u64);
        let values = [
            ("from", hours.from.to_string()),
            ("to", hours.to.to_string()),
            ("drops", number(hours.drops)),
            ("days", number(hours.days)),
        ];
        fill(self.pattern_words().time_of_day, &values)
    }

    /// Drops per day of up time; for less than a day, which says nothing about a whole one, the bare
    /// counts.
    fn rate(&self, DropRate { drops, up_s }: DropRate) -> String {
        let p = self.pattern_words();
        let up = Duration::try_from_secs_f64(up_s).unwrap_or_default();
        let counts = [("drops", self.number(drops as u64)), ("up", self.about(up))];
        let days = up_s / 86_400.0;
        if days < 1.0 {
            return fill(p.short_rate, &counts);
        }
        let n = u32::try_from(drops).map_or(f64::INFINITY, f64::from);
        let rate = n / days;
        let figure = match rate {
            ..0.095 => format!("{rate:.2}"),
            ..9.95 => format!("{rate:.1}"),
            _ => format!("{rate:.0}"),
        };
        let [drops, up] = counts;
        fill(p.rate, &[("rate", self.figures(&figure)), drops, up])
    }

    fn change(&self, change: &RateChange, report: &Report) -> String {
        let p = self.pattern_words();
        let values = [
            ("better", p.better[usize::from(change.is_worse())].to_owned()),
            ("at", self.minute(change.at, &report.zone)),
            ("before", self.rate(change.before)),
            ("after", self.rate(change.after)),
            ("chance", self.chance(change.p)),
        ];
        fill(p.getting, &values)
    }

    /// How often, what changed, and the end of service, in order of time.
    fn trend(&self, report: &Report) -> String {
        let (p, trend) = (self.pattern_words(), &report.analyses.pattern.trend);
        let mut parts: Vec<(Timestamp, String)> = Vec::new();
        parts.extend(trend.change.map(|c| (c.at, self.change(&c, report))));
        if parts.is_empty() && report.analyses.pattern.drops >= LEAST && trend.up_s > 0.0 {
            let rate =
                self.rate(DropRate { drops: report.analyses.pattern.drops, up_s: trend.up_s });
            parts.push((report.period.from, fill(p.steady, &[("rate", rate)])));
        }
        parts.extend(trend.dead_since.map(|at| (at, self.dead(at, report))));
        parts.order_by_key(|(at, _)| *at);
        let parts: Vec<_> = parts.into_iter().map(|(_, text)| text).collect();
        parts.join(p.then)
    }

    /// An outage that is over is not "no service since".
    fn dead(&self, since: Timestamp, report: &Report) -> String {
        let p = self.pattern_words();
        let last = report.counted_drops().last().filter(|last| last.end.is_some());
        let at = self.minute(since, &report.zone);
        match last {
            Some(last) => {
                let length = self.about(last.length.midpoint());
                fill(p.dead_for, &[("length", length), ("at", at)])
            }
            None => fill(p.dead_since, &[("at", at)]),
        }
    }
}
