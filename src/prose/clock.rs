//! What dated the record: the clock of this computer, its boot clock, web servers.

use crate::language::Language;
use crate::language::phrases::fill;
use crate::report::Report;
use crate::time::{Micros, TimeRange};

impl Language {
    /// Which times are about, and which were found by the boot clock; empty where all are those of a
    /// clock that had been set.
    pub(crate) fn dating(&self, report: &Report) -> String {
        let p = &self.phrases().clock;
        let facts = &report.record.clock;
        let span = |range: TimeRange| {
            let [from, to] = [range.from, range.to].map(|at| self.minute(at, &report.zone));
            [("from", from), ("to", to)]
        };
        let about = facts.provisional.iter().map(|range| fill(p.about, &span(*range)));
        let dated = facts.dated.iter().map(|stretch| {
            let [from, to] = span(stretch.range);
            let template = if stretch.behind > Micros::ZERO { p.behind } else { p.ahead };
            fill(template, &[from, to, ("by", self.off_by(stretch.behind))])
        });
        let differs = facts.servers.and_then(|check| check.difference).map(|by| {
            let template = if by > Micros::ZERO { p.servers_ahead } else { p.servers_behind };
            fill(template, &[("by", self.off_by(by))])
        });
        about.chain(dated).chain(differs).collect::<Vec<_>>().join("; ")
    }

    /// `clock within 0.9 s of two independent servers`; `None` where fewer than two answered, or
    /// they differ from it.
    pub(crate) fn clock_within(&self, report: &Report) -> Option<String> {
        let check = report.record.clock.servers.filter(|check| check.difference.is_none())?;
        let within = self.off_by(check.offset.within());
        Some(fill(self.phrases().clock.within, &[("by", within)]))
    }

    fn off_by(&self, by: Micros) -> String {
        self.length(if by < Micros::ZERO { -by } else { by }.to_duration())
    }
}
