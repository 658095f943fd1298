//! Remote write: how sending to each receiver goes.

/// Words about receivers.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct RemoteWriteWords {
    /// A line of `linkmon status`.
    pub(crate) sending: &'static str,
    pub(crate) nothing_yet: &'static str,
    pub(crate) waiting: &'static str,
    pub(crate) skipped: &'static str,
    /// News, and warnings of `linkmon status`.
    pub(crate) too_old: &'static str,
    pub(crate) out_of_order: &'static str,
    pub(crate) refused: &'static str,
    pub(crate) fails: &'static str,
    pub(crate) skips: &'static str,
    pub(crate) works: &'static str,
}
