//! What people wrote and what the record says about itself, for all languages: notes with
//! their kinds, and the head of the chain.

use crate::language::phrases::fill;
use crate::language::{Language, one_of};
use crate::report::Report;

impl Language {
    /// The head of the record's chain; `None` where it has none.
    pub(crate) fn chain(&self, report: &Report) -> Option<String> {
        let chain = report.record.chain.as_ref()?;
        let n = usize::try_from(chain.entries).unwrap_or(usize::MAX);
        let values = [
            ("entries", self.number(chain.entries.unsigned_abs())),
            ("hour", self.minute(chain.hour, &report.zone)),
            ("head", chain.head.clone()),
        ];
        Some(fill(one_of(self.phrases().chain_head, n), &values))
    }
}
