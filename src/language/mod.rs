//! The languages of reports: a language is one directory, with everything that texts, pages and
//! drawings say in words, in files of the same names in every language. To add one: a directory
//! with a `Language`, a word in [`crate::config::Lang`], a line in `of`; the compiler asks for every
//! phrase.
//!
//! A language has words, templates, and the little of grammar that no template can say. Which
//! sentence is written when is decided in `prose`, for all languages. Sentences may hold no-break
//! spaces, `±` and the like; `plain` takes these out for text that is pasted into forms. Figures
//! come out of `words` in English marks and are put into those of the language by `Language::figures`.

use std::time::Duration;

use crate::config::Lang;

mod alerts;
mod dates;
mod de;
mod en;
mod figures;
mod fr;
mod happenings;
pub mod log;
mod modem;
mod names;
mod notes;
pub mod notices;
pub(crate) mod phrases;
pub mod present;
mod remote_write;
pub mod room;
mod sending;
pub mod standing;
mod troubles;
pub(crate) mod watch;
pub mod words;

pub(crate) use phrases::{DropSheet, Phrases, Sheet, fill};

/// The language's phrases.
pub(crate) fn of(lang: Lang) -> &'static Language {
    match lang {
        Lang::De => &de::GERMAN,
        Lang::En => &en::ENGLISH,
        Lang::Fr => &fr::FRENCH,
    }
}

/// A language.
#[derive(Debug)]
pub(crate) struct Language {
    /// Which form of a noun goes with a number.
    form: fn(f64) -> usize,
    /// How figures are written.
    marks: Marks,
    /// Titles, words and templates.
    phrases: Phrases,
}

/// The marks in figures and next to them.
#[derive(Debug)]
pub(crate) struct Marks {
    /// Before tenths.
    decimal: char,
    /// Between thousands.
    thousands: char,
    /// Between a figure and its unit.
    unit: char,
    /// Before the half of a range.
    within: &'static str,
    /// Days as a unit.
    day: char,
}

/// Things that are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub(crate) enum Noun {
    Drop,
    Outage,
    Blip,
    Day,
    Hour,
    Minute,
    Second,
}

/// Edges of the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edge {
    /// It began before the period.
    Before,
    /// It continues after the period.
    After,
}

impl Language {
    /// Titles, words and templates.
    pub(crate) fn phrases(&self) -> &Phrases {
        &self.phrases
    }

    /// A figure with its unit as `words` writes it, in the marks of this language.
    pub(crate) fn figures(&self, english: &str) -> String {
        let marks = &self.marks;
        let chars: Vec<char> = english.replace("+-", marks.within).chars().collect();
        let digit =
            |i: Option<usize>| i.and_then(|i| chars.get(i)).is_some_and(char::is_ascii_digit);
        let mut out = String::with_capacity(english.len() + 8);
        for (i, c) in chars.iter().enumerate() {
            let between = digit(i.checked_sub(1)) && digit(Some(i + 1));
            out.push(match c {
                '.' if between => marks.decimal,
                ',' if between => marks.thousands,
                // Days as a unit, not the beginning of a word.
                'd' if digit(i.checked_sub(2))
                    && chars.get(i + 1).is_none_or(|c| !c.is_alphabetic()) =>
                {
                    marks.day
                }
                ' ' => marks.unit,
                c => *c,
            });
        }
        out
    }

    /// `1 drop`, `27 drops`.
    pub(crate) fn count(&self, n: usize, what: Noun) -> String {
        #[allow(clippy::cast_precision_loss, reason = "only its form is asked for")]
        let noun = self.noun(n as f64, what);
        format!("{}{}{noun}", self.number(n as u64), self.marks.unit)
    }

    fn noun(&self, n: f64, what: Noun) -> &'static str {
        let nouns = &self.phrases.nouns;
        let forms = match what {
            Noun::Drop => nouns.drop,
            Noun::Outage => nouns.outage,
            Noun::Blip => nouns.blip,
            Noun::Day => nouns.day,
            Noun::Hour => nouns.hour,
            Noun::Minute => nouns.minute,
            Noun::Second => nouns.second,
        };
        forms.get((self.form)(n)).or(forms.last()).copied().unwrap_or_default()
    }
}

/// Of a pair, the word for one or that for several.
pub(crate) fn one_of(pair: [&'static str; 2], n: usize) -> &'static str {
    if n == 1 { pair[0] } else { pair[1] }
}

/// Two lengths as a range, the unit once where it is the same: `1 to 2 min`, `56 s to 1 min 2 s`.
pub(crate) fn range(shortest: Duration, longest: Duration, [about, to]: [&str; 2]) -> String {
    use words::length;
    if length(shortest) == length(longest) {
        return length(shortest);
    }
    // Whole minutes where they are as good as that: "56 s to 2 min 8 s" is too precise for a headline.
    let minutes = |d: Duration| Duration::from_secs((d.as_secs() + 30) / 60 * 60);
    let within = |percent: u32| {
        let near = |d: Duration| minutes(d).abs_diff(d) * 100 <= d * percent;
        near(shortest) && near(longest) && longest < Duration::from_secs(3_600)
    };
    let [short, long] =
        [shortest, longest].map(|d| length(if within(10) { minutes(d) } else { d }));
    let text = if short == long {
        short
    } else if let (Some((a, unit)), Some((b, same))) = (short.split_once(' '), long.split_once(' '))
        && unit == same
    {
        format!("{a} {to} {b} {unit}")
    } else {
        format!("{short} {to} {long}")
    };
    if within(10) && !within(3) { fill(about, &[("range", text)]) } else { text }
}

/// Without no-break spaces and signs that a form may not take.
pub(crate) fn plain(text: &str) -> String {
    let text = text.replace("«\u{a0}", "\"").replace("\u{a0}»", "\"");
    let text = text.replace(['„', '“'], "\"");
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

/// With a capital letter.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |c| c.to_uppercase().to_string() + letters.as_str())
}

/// The sentence with a capital letter and a full stop.
pub(crate) fn sentence(text: &str) -> String {
    capital(text) + "."
}

#[cfg(test)]
mod tests;
