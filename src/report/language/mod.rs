//! The languages of reports: a language is one file, and everything that the ticket text, Markdown
//! and HTML say in words is in it. To add one: a file with a [`Language`], a word in
//! [`crate::config::Lang`], a line in [`of`]; the compiler asks for every phrase.
//!
//! Sentences may hold no-break spaces, `±` and the like; [`plain`] takes these out for text that is
//! pasted into forms. Figures come out of `words` in English marks and are put into those of the
//! language by [`Language::figures`].

use std::time::Duration;

use jiff::tz::TimeZone;

use super::facts::Headline;
use super::{ImpairmentEntry, Report};
use crate::config::Lang;
use crate::detect::{GapReason, Place};
use crate::measurement::Role;
use crate::probe::HostChange;
use crate::stats::yardsticks::{Verdict, Yardstick};
use crate::time::{TimeRange, Timestamp};

mod comparison;
mod en;
mod fr;
mod kept;
mod phrases;
mod replies;
mod sentences;

pub(super) use phrases::{Comparing, Phrases, Replies, fill};

/// The language's phrases.
pub(super) fn of(lang: Lang) -> &'static dyn Language {
    match lang {
        Lang::En => &en::English,
        Lang::Fr => &fr::French,
    }
}

/// What a language says that no template can: grammar, dates, names. What is made of templates is
/// in `sentences` and `replies`, for all languages alike.
pub(super) trait Language: Sync {
    /// Titles, words and templates.
    fn phrases(&self) -> &'static Phrases;
    /// A figure with its unit as `words` writes it, in the marks of this language.
    fn figures(&self, english: &str) -> String;
    /// `1 drop`, `27 drops`.
    fn count(&self, n: usize, what: Noun) -> String;
    /// Day and minute, local.
    fn minute(&self, at: Timestamp, zone: &TimeZone) -> String;
    /// The headline: whole sentences.
    fn headline(&self, facts: Option<&Headline>, report: &Report) -> String;
    /// The headline in as few words as can be, for a ticket of few characters.
    fn brief(&self, facts: Option<&Headline>, report: &Report) -> String;
    /// The length of a period: `7 days`.
    fn period_length(&self, d: Duration) -> String;
    /// From, to, and the zone with its offsets.
    fn period(&self, period: TimeRange, zone: &TimeZone) -> String;
    /// A place for tables: `access line`.
    fn place(&self, places: &[Place]) -> String;
    /// A role with its article, as the subject of a sentence.
    fn subject(&self, role: Role) -> &'static str;
    /// When drops come, by name of the line.
    fn pattern(&self, report: &Report) -> Vec<(&'static str, String)>;
    /// Why nobody watched.
    fn gap(&self, reason: GapReason) -> &'static str;
    /// What was wrong beside drops.
    fn impairment(&self, entry: &ImpairmentEntry) -> String;
    /// What happened to this computer; `None` for what cannot explain a drop.
    fn event(&self, change: &HostChange) -> Option<String>;
    /// What it means on a call.
    fn calls(&self, report: &Report) -> Vec<String>;
    /// A yardstick's name.
    fn yardstick(&self, stick: &Yardstick) -> String;
    /// Where a yardstick's figure stands to its threshold.
    fn verdict(&self, verdict: Verdict) -> &'static str;
}

/// Things that are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub(super) enum Noun {
    Drop,
    Outage,
    Blip,
    Day,
}

/// Edges of the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    /// It began before the period.
    Before,
    /// It goes on behind the period.
    Behind,
}

/// Two lengths as a range, the unit once where it is the same: `1 to 2 min`, `56 s to 1 min 2 s`.
fn range(shortest: Duration, longest: Duration, [about, to]: [&str; 2]) -> String {
    use super::words::length;
    if length(shortest) == length(longest) {
        return length(shortest);
    }
    // Whole minutes where they are as good as that: nobody needs 56 s to 2 min 8 s in a headline.
    let minutes = |d: Duration| Duration::from_secs((d.as_secs() + 30) / 60 * 60);
    let within = |percent: u32| {
        let near = |d: Duration| minutes(d).abs_diff(d) * 100 <= d * percent;
        near(shortest) && near(longest) && longest < Duration::from_secs(3_600)
    };
    let about = if within(10) && !within(3) { format!("{about} ") } else { String::new() };
    let [short, long] =
        [shortest, longest].map(|d| length(if within(10) { minutes(d) } else { d }));
    if short == long {
        return about + &short;
    }
    if let (Some((a, unit)), Some((b, same))) = (short.split_once(' '), long.split_once(' '))
        && unit == same
    {
        return format!("{about}{a} {to} {b} {unit}");
    }
    format!("{about}{short} {to} {long}")
}

/// Without no-break spaces and signs that a form may not take.
pub(super) fn plain(text: &str) -> String {
    let text = text.replace("«\u{a0}", "\"").replace("\u{a0}»", "\"");
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{a0}' | '\u{202f}' => out.push(' '),
            '±' => out.push_str("+-"),
            '–' | '−' => out.push('-'),
            '’' => out.push('\''),
            '…' => out.push_str("..."),
            '≤' => out.push_str("<="),
            c => out.push(c),
        }
    }
    out
}

/// The sentence with a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

#[cfg(test)]
mod tests;
