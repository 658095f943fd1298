//! The path at the moment of a drop.

/// Who answered last, who was silent first, who came back first.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct PathWords {
    /// Its title.
    pub(crate) name: &'static str,
    pub(crate) last: &'static str,
    pub(crate) nobody: &'static str,
    pub(crate) silent: &'static str,
    pub(crate) back: &'static str,
    pub(crate) more: &'static str,
    pub(crate) together: &'static str,
    pub(crate) alike: &'static str,
    /// Of a list, which need not have all.
    pub(crate) of_listed: &'static str,
    /// A hop without an address.
    pub(crate) hop: &'static str,
    pub(crate) some_hop: &'static str,
    /// Why nothing was asked.
    pub(crate) no_route: &'static str,
    pub(crate) paced: &'static str,
    pub(crate) not_sent: &'static str,
}
