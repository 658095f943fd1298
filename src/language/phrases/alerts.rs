//! What people are told by alerts, and what is said of the channels.

use super::ByMessageEvent;

/// Messages, and how they are doing.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct AlertWords {
    /// What happened, in a few words: titles of messages, where they have no other.
    pub(crate) titles: ByMessageEvent,
    pub(crate) over: &'static str,
    pub(crate) still: &'static str,
    /// When and where, of a drop that lasts and of one that is over.
    pub(crate) drop_since: &'static str,
    pub(crate) drop_span: &'static str,
    pub(crate) corrected: &'static str,
    pub(crate) withdrawn: &'static str,
    pub(crate) flapping: &'static str,
    pub(crate) flapping_text: &'static str,
    pub(crate) flapping_over: &'static str,
    pub(crate) blind: &'static str,
    pub(crate) other_way: &'static str,
    pub(crate) modem_restarted: &'static str,
    pub(crate) test: &'static str,
    /// Of several that waited.
    pub(crate) meanwhile: &'static str,
    pub(crate) others: [&'static str; 2],
    pub(crate) late: &'static str,
    /// Of `linkmon status`.
    pub(crate) waiting: [&'static str; 2],
    pub(crate) waits_because: &'static str,
    pub(crate) aside: [&'static str; 2],
    /// Of `linkmon alert`.
    pub(crate) taken: &'static str,
    pub(crate) not_taken: &'static str,
    pub(crate) none_configured: &'static str,
    pub(crate) columns: [&'static str; 8],
    pub(crate) never: &'static str,
    pub(crate) messages: &'static str,
}
