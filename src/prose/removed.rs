//! Which samples are no longer kept, for all languages.

use crate::language::phrases::fill;
use crate::language::{Language, words};
use crate::report::Report;
use crate::time::TimeRange;
use crate::vocabulary::{RemovedSamples, SumsLeft};

impl Language {
    /// Which samples of the period are no longer kept, since when, and what is counted in their
    /// place; empty where all are there.
    pub(crate) fn removed(&self, report: &Report) -> String {
        let p = &self.phrases().removed;
        let part = |removed: &RemovedSamples| {
            let template = match removed.left {
                SumsLeft::Minutes => p.minutes,
                SumsLeft::Hours => p.hours,
            };
            let [from, to] =
                [removed.range.from, removed.range.to].map(|at| self.minute(at, &report.zone));
            fill(
                template,
                &[("from", from), ("to", to), ("when", self.removed_when(Some(removed)))],
            )
        };
        report.record.removed.iter().map(part).collect::<Vec<_>>().join(". ")
    }

    /// The same as a sentence of its own; `None` where all are there.
    pub(crate) fn removed_sentence(&self, report: &Report) -> Option<String> {
        let removed = self.removed(report);
        let p = self.phrases();
        (!removed.is_empty()).then(|| format!("{}{}{removed}.", p.removed.name, p.colon))
    }

    /// ` (removed 2026-09-14)`; nothing where the record does not say.
    pub(crate) fn removed_when(&self, removed: Option<&RemovedSamples>) -> String {
        let Some((first, last)) = removed.and_then(|removed| removed.removed) else {
            return String::new();
        };
        let [first, last] =
            [first, last].map(|at| words::local(at, &jiff::tz::TimeZone::UTC, "%Y-%m-%d"));
        let templates = self.phrases().removed.when;
        let template = templates[usize::from(first != last)];
        fill(template, &[("first", first), ("last", last)])
    }

    /// That the record no longer answers something about the time of `spans`; `None` where their
    /// samples are there.
    pub(crate) fn no_longer_answered(
        &self,
        report: &Report,
        mut spans: impl Iterator<Item = TimeRange>,
    ) -> Option<String> {
        let touched = |span: TimeRange| {
            report.record.removed.iter().find(|removed| removed.range.intersect(&span).is_some())
        };
        let removed = spans.find_map(touched)?;
        let when = self.removed_when(Some(removed));
        Some(fill(self.phrases().removed.unanswered, &[("when", when)]))
    }

    /// In place of the probes of a drop, where none of the time shown is there.
    pub(crate) fn no_probes_kept(&self, report: &Report) -> String {
        let when = self.removed_when(report.record.removed.first());
        fill(self.phrases().removed.sheet, &[("when", when)])
    }
}
