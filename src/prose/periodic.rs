//! What is sent by the calendar.

use crate::language::phrases::fill;
use crate::language::{Language, Noun, plain};
use crate::report::Report;
use crate::vocabulary::{CalendarPeriod, CalendarUnit};

impl Language {
    /// The title of a report, or of the account of a week with so many drops.
    pub(crate) fn periodic_title(&self, period: CalendarPeriod, drops: Option<usize>) -> String {
        let p = &self.phrases().periodic;
        let [day, week, month] = p.titles;
        let template = match (drops, period.unit()) {
            (Some(_), _) => p.digest,
            (None, CalendarUnit::Day) => day,
            (None, CalendarUnit::Week) => week,
            (None, CalendarUnit::Month) => month,
        };
        let drops = self.count(drops.unwrap_or_default(), Noun::Drop);
        plain(&fill(template, &[("period", period.to_string()), ("drops", drops)]))
    }

    /// The head of the chain, for whoever keeps a message: who has it can show later that the record was
    /// no other. `None` where there is none yet.
    pub(crate) fn chain_to_keep(&self, report: &Report) -> Option<String> {
        let head = self.chain(report)?;
        Some(plain(&fill(self.phrases().periodic.chain, &[("head", head)])))
    }
}
