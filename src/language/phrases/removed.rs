//! Samples that are no longer kept.

/// Which samples are no longer kept, and what is counted in their place.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct RemovedWords {
    pub(crate) name: &'static str,
    pub(crate) minutes: &'static str,
    pub(crate) hours: &'static str,
    /// On one day, on several; nothing where it is not known.
    pub(crate) when: [&'static str; 2],
    /// In place of figures.
    pub(crate) gone: &'static str,
    /// In place of what the samples would have answered.
    pub(crate) unanswered: &'static str,
    /// In place of probes on the sheet of one drop.
    pub(crate) sheet: &'static str,
}
