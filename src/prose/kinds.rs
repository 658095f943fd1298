//! The four kinds of time, and what a drop is made of, in sentences.

use std::time::Duration;

use crate::language::phrases::fill;
use crate::language::{Language, one_of};
use crate::report::{DropEntry, KindsOfTime, Report};
use crate::vocabulary::{DropKind, GapReason};

impl Language {
    /// How much of the period was up, down, disputed and not known; empty where all of it was up or
    /// down, or none of it.
    pub(crate) fn kinds_of_time(&self, report: &Report) -> String {
        let p = &self.phrases().kinds;
        let time = &report.time;
        if report.availability.is_none() || is_plain(time) {
            return String::new();
        }
        let values = [("up", self.length(time.up)), ("down", self.length(time.down))];
        let mut parts = vec![fill(p.up_and_down, &values)];
        if !time.disputed.is_zero() {
            parts.push(fill(p.disputed, &[("length", &self.length(time.disputed))]));
        }
        if !time.unknown.is_zero() {
            let mut unknown = fill(p.unknown, &[("length", &self.length(time.unknown))]);
            let reasons: Vec<_> = time.reasons.iter().map(|reason| self.because(*reason)).collect();
            if !reasons.is_empty() {
                unknown = format!("{unknown} ({})", reasons.join("; "));
            }
            parts.push(unknown);
        }
        parts.join(", ")
    }

    fn because(&self, (reason, length): (GapReason, Duration)) -> String {
        let values = [("length", self.length(length)), ("reason", self.gap(reason).to_owned())];
        fill(self.phrases().kinds.because, &values)
    }

    /// Drops, outages and blips, each with its rule; what was perhaps a drop; that one server decided
    /// alone.
    pub(crate) fn counts(&self, report: &Report) -> String {
        let mut parts = vec![self.classes(report), self.perhaps_drops(report), self.alone(report)];
        parts.retain(|part| !part.is_empty());
        parts.join("; ")
    }

    /// How many silences were perhaps drops; empty where there was none.
    fn perhaps_drops(&self, report: &Report) -> String {
        let (p, n) = (&self.phrases().kinds, report.summary.possible);
        if n == 0 {
            return String::new();
        }
        let parameters = &report.method.parameters;
        let values = [
            ("n", self.number(n as u64)),
            ("blip", self.length(parameters.blip_after)),
            ("drop", self.length(parameters.drop_after)),
        ];
        fill(one_of(p.possible, n), &values)
    }

    /// What a drop is made of, where it is more than one silence, or was not watched to its end.
    pub(crate) fn made_of(&self, drop: &DropEntry, report: &Report) -> Vec<String> {
        let p = &self.phrases().kinds;
        let mut remarks = Vec::new();
        if drop.kind == DropKind::Possible {
            remarks.push(p.perhaps.to_owned());
        }
        if let Some(end) = drop.end.filter(|_| drop.flaps > 1) {
            let within = end.midpoint().duration_since(drop.onset.midpoint()).unwrap_or_default();
            let values = [
                ("n", self.number(drop.flaps.into())),
                ("within", self.length(within)),
                ("down", self.bounds(drop.length)),
            ];
            remarks.push(fill(p.flaps, &values));
        }
        if drop.is_vague()
            && let Some(gap) = report.gaps.iter().find(|gap| {
                let span = drop.span(report.period);
                gap.range.intersect(&span).is_some()
            })
        {
            let from = self.local(gap.range.from, &report.zone, "%H:%M:%S");
            let to = self.local(gap.range.to, &report.zone, "%H:%M:%S");
            remarks.push(fill(p.not_watched, &[("from", &from), ("to", &to)]));
        }
        remarks
    }

    /// That one server decided alone; empty where there were more.
    fn alone(&self, report: &Report) -> String {
        let mut deciding = report.targets.iter().filter(|target| target.decides);
        match (deciding.next(), deciding.next()) {
            (Some(only), None) => {
                fill(self.phrases().kinds.one_server, &[("name", &only.target.name)])
            }
            _ => String::new(),
        }
    }
}

/// Whether there is nothing but up and down time, and what was not watched for plain reasons is
/// said with the coverage.
fn is_plain(time: &KindsOfTime) -> bool {
    let is_plain = |(reason, _): &(GapReason, Duration)| {
        !matches!(
            reason,
            GapReason::NotSent
                | GapReason::Unconfirmed
                | GapReason::Unanswered
                | GapReason::OtherWay
                | GapReason::DeadEntry
        )
    };
    time.disputed.is_zero() && time.reasons.iter().all(is_plain)
}
