//! Sentences about a [`Report`], for all languages and shared by all renderings.

mod asked;
mod calls;
mod clock;
mod comparison;
mod counts;
mod happenings;
mod headline;
mod kept;
mod kinds;
mod lasting;
mod modem;
mod paths;
mod patterns;
mod periodic;
mod record;
mod removed;
mod replies;
mod sentences;
mod systems;
mod votes;
mod ways;

use crate::config::Lang;
use crate::language::{self, Language};
use crate::report::facts::Headline;
use crate::report::{DropEntry, Report};
use crate::text::order::InOrder;
use crate::vocabulary::Note;

pub use record::simulated;

/// The first sentence of every rendering: what happened, how long, and where, in the language of
/// the report.
pub fn headline(report: &Report) -> String {
    language::of(report.language).headline(Headline::of(report).as_ref(), report)
}

/// English, for what has no other language: the plug-in of a monitoring system, the doctor.
pub(crate) fn english() -> &'static Language {
    language::of(Lang::En)
}

/// Who and where, as far as configured, in the language of the report.
pub fn site(report: &Report) -> String {
    language::of(report.language).site(&report.site)
}

/// A note in a line: `call to the ISP, ticket 4711: they see nothing`.
pub fn note(note: &Note) -> String {
    english().note(note)
}

/// What was measured and how, and which samples are no longer kept, in sentences; the same words are
/// under the drawing.
pub fn how(report: &Report) -> Vec<String> {
    let mut how = english().method(report);
    how.extend(english().removed_sentence(report));
    how
}

/// The longest `n` drops for a short list: an open one first, then by length.
pub fn longest(report: &Report, n: usize) -> Vec<&DropEntry> {
    let mut drops: Vec<_> = report.counted_drops().collect();
    drops.order_by_key(|d| std::cmp::Reverse((d.end.is_none(), d.judged.likely, d.length.min)));
    drops.truncate(n);
    drops
}

/// That a text has no customer number, and where it is set.
pub fn no_account(report: &Report) -> &'static str {
    language::of(report.language).phrases().letter.no_account
}

/// What a report discloses about its owner, in its language: whole sentences.
pub fn disclosure(report: &Report) -> String {
    language::of(report.language).disclosure(report)
}
