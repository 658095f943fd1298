//! The kinds of time, and what a drop is made of.

/// Up, down, disputed and unknown time, and what decided.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct KindPhrases {
    pub(crate) name: &'static str,
    pub(crate) up_and_down: &'static str,
    pub(crate) disputed: &'static str,
    pub(crate) unknown: &'static str,
    pub(crate) because: &'static str,
    /// Silences that were perhaps drops: one, several.
    pub(crate) possible: [&'static str; 2],
    pub(crate) perhaps: &'static str,
    /// How often within how long a drop was silent, and how much of it was down.
    pub(crate) flaps: &'static str,
    pub(crate) not_watched: &'static str,
    pub(crate) record_ends: &'static str,
    /// Of a drop that nobody watches any more: in a table, in a sentence.
    pub(crate) not_over: [&'static str; 2],
    /// Of one drop, of the last of several.
    pub(crate) not_over_at: [&'static str; 2],
    pub(crate) one_server: &'static str,
}
