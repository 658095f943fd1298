//! Lengths, shares and counts in the marks of a language.

use std::time::Duration;

use super::{Language, Noun, fill, words};
use crate::vocabulary::Lengths;

impl Language {
    /// A length in the marks of the language.
    pub(crate) fn length(&self, d: Duration) -> String {
        self.figures(&words::length(d))
    }

    /// The bounds of a length: `85.6 to 86.3 s`.
    pub(crate) fn bounds(&self, lengths: Lengths) -> String {
        self.figures(&words::bounds(lengths, self.phrases().headlines.to))
    }

    /// As [`Self::length`], without seconds from ten minutes on.
    pub(crate) fn about(&self, d: Duration) -> String {
        self.figures(&words::about(d))
    }

    /// A share as percent.
    pub(crate) fn percent(&self, ratio: f64) -> String {
        self.figures(&words::percent(ratio))
    }

    /// A whole number.
    pub(crate) fn number(&self, n: u64) -> String {
        self.figures(&words::number(n))
    }

    /// A number with one decimal, as what is expected by chance; `<0.1` for what is less and not none.
    pub(crate) fn tenths(&self, n: f64) -> String {
        let text = if n > 0.0 && n < 0.05 { "<0.1".to_owned() } else { format!("{n:.1}") };
        self.figures(&text)
    }

    /// `131 of 137`.
    pub(crate) fn of(&self, part: usize, whole: usize) -> String {
        let [part, whole] = [part, whole].map(|n| self.number(n as u64));
        fill(self.phrases().of, &[("part", &part), ("whole", &whole)])
    }

    /// `131 of 137 drops`.
    pub(crate) fn of_drops(&self, part: usize, whole: usize) -> String {
        let values = [
            ("count", self.count(part, Noun::Drop)),
            ("part", self.number(part as u64)),
            ("whole", self.number(whole as u64)),
        ];
        fill(self.phrases().of_drops, &values)
    }

    /// `a, b and c`.
    pub(crate) fn list(&self, words: &[&str]) -> String {
        words::join(words, self.phrases().and)
    }

    /// A length that is not over.
    pub(crate) fn so_far(&self, length: &str) -> String {
        fill(self.phrases().so_far, &[("length", length)])
    }
}
