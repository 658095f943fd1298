//! What is counted: one, several.

/// What is counted: each as often as the language has forms of a noun.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct Nouns {
    pub(crate) drop: &'static [&'static str],
    pub(crate) outage: &'static [&'static str],
    pub(crate) blip: &'static [&'static str],
    pub(crate) day: &'static [&'static str],
    pub(crate) hour: &'static [&'static str],
    pub(crate) minute: &'static [&'static str],
    pub(crate) second: &'static [&'static str],
}
