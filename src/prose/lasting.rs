//! Drops that had not ended when they were last seen.

use crate::language::Language;
use crate::language::phrases::fill;
use crate::report::{DropEntry, Report};

impl Language {
    /// Its length until then: `10 min so far`, or `10 min` where nobody watches any more.
    pub(crate) fn lasted_so_far(&self, drop: &DropEntry, length: &str) -> String {
        if drop.record_ends.is_some() { length.to_owned() } else { self.so_far(length) }
    }

    /// In a column of ends.
    pub(crate) fn no_end(&self, drop: &DropEntry) -> &'static str {
        let p = self.phrases();
        if drop.record_ends.is_some() { p.kinds.not_over[0] } else { p.lasts }
    }

    /// That it is not over when the record ends; `None` of all others.
    pub(crate) fn not_over(&self, drop: &DropEntry, report: &Report) -> Option<String> {
        let at = self.minute(drop.record_ends?, &report.zone);
        Some(fill(self.phrases().kinds.not_over[1], &[("at", at)]))
    }
}
