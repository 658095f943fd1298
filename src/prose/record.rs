//! The record as a whole: from when to when it reaches, whether it was measured, and what there is to
//! say while no public server has answered.

use jiff::tz::TimeZone;

use super::english;
use crate::language::phrases::fill;
use crate::language::{Language, one_of};
use crate::report::{Report, TargetEntry};
use crate::time::TimeRange;
use crate::vocabulary::{Role, SimulatedShare};

impl Language {
    /// A sentence that goes before everything else where not all was measured.
    pub(crate) fn simulated(&self, share: SimulatedShare) -> Option<&'static str> {
        let [all, part] = self.phrases().record.simulated;
        match share {
            SimulatedShare::Nothing => None,
            SimulatedShare::Part => Some(part),
            SimulatedShare::All => Some(all),
        }
    }

    /// `text` after the sentence on simulation, where there is one.
    pub(crate) fn with_simulated(&self, share: SimulatedShare, text: String) -> String {
        match self.simulated(share) {
            Some(said) => format!("{said} {text}"),
            None => text,
        }
    }

    /// The period of a report, and that the record begins in it.
    pub(crate) fn period_of(&self, report: &Report) -> String {
        let begins = report.record.begins_in(report.period);
        self.period_with_begin(report.period, begins, &report.zone)
    }

    /// What the record holds, after a sentence about a period that has nothing of it.
    pub(crate) fn holds(&self, holds: Option<TimeRange>, zone: &TimeZone) -> String {
        let Some(holds) = holds else { return String::new() };
        let ends = [("from", holds.from), ("to", holds.to)];
        let span =
            fill(self.phrases().dates.span, &ends.map(|(name, at)| (name, self.minute(at, zone))));
        fill(self.phrases().record.holds, &[("span", span)])
    }

    /// The headline of a period in which nothing showed whether the link was up.
    pub(crate) fn unjudged(&self, report: &Report) -> String {
        let (p, headlines) = (&self.phrases().record, self.headlines());
        let sent = |entry: &&TargetEntry| entry.total.probes.sent > 0;
        let is_far = |entry: &&TargetEntry| entry.target.role == Role::Anchor;
        if !report.targets.iter().filter(sent).any(|entry| is_far(&entry)) {
            let holds = report.record.holds_outside(report.period);
            return headlines.unobserved.to_owned() + &self.holds(holds, &report.zone);
        }
        if report.record.begins_in(report.period).is_none() {
            return headlines.unanswered.to_owned();
        }
        let has_answered =
            |entry: &TargetEntry| entry.total.probes.answered() + entry.total.probes.late > 0;
        let near = [Role::Gateway, Role::Modem, Role::Isp].into_iter().filter_map(|role| {
            let mut of_role = report.targets.iter().filter(sent).filter(|t| t.target.role == role);
            let first = of_role.next()?;
            Some((self.subject(role), has_answered(first) || of_role.any(has_answered)))
        });
        let (answered, silent): (Vec<_>, Vec<_>) =
            near.partition(|(_, has_answered)| *has_answered);
        // Those that answer say that this computer and its network work; the others say more only
        // where none does.
        let (template, named) =
            if answered.is_empty() { (p.silent, silent) } else { (p.answers, answered) };
        let subjects: Vec<_> = named.iter().map(|(subject, _)| *subject).collect();
        let who = match subjects.as_slice() {
            [] => String::new(),
            several => fill(one_of(template, several.len()), &[("who", self.list(several))]),
        };
        fill(p.no_internet, &[("who", who)])
    }
}

/// What is said before everything else where not all of a record was measured, in the language of the report.
pub fn simulated(share: SimulatedShare) -> Option<&'static str> {
    english().simulated(share)
}
