//! The record as a whole: from when to when, and whether anything was measured.

/// Sentences about the record.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct RecordWords {
    /// Before everything else, with a blank: all of it, some of it.
    pub(crate) simulated: [&'static str; 2],
    /// After a time that is the first of the period and of the record.
    pub(crate) begins_here: &'static str,
    /// After a period in which it begins later.
    pub(crate) begins: &'static str,
    /// Behind a sentence about a period with nothing in it.
    pub(crate) holds: &'static str,
    /// Nothing beyond the home has answered since the start.
    pub(crate) no_internet: &'static str,
    pub(crate) answers: [&'static str; 2],
    pub(crate) silent: [&'static str; 2],
}
