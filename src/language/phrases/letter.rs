//! What is asked of the provider: in a line of a ticket, and in a letter.

/// The words of a letter, and of what is asked for.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct LetterWords {
    /// Title of the connection.
    pub(crate) line: &'static str,
    pub(crate) first_hop: &'static str,
    /// Title of what is asked for.
    pub(crate) asked: &'static str,
    /// What to check: the line, the network, both.
    pub(crate) check: [&'static str; 3],
    pub(crate) no_account: &'static str,
    pub(crate) provider: &'static str,
    pub(crate) subject: &'static str,
    pub(crate) subject_of: &'static str,
    pub(crate) customer: &'static str,
    pub(crate) ticket: &'static str,
    pub(crate) greeting: &'static str,
    pub(crate) ask: &'static str,
    pub(crate) please: [&'static str; 3],
    pub(crate) closing: &'static str,
    pub(crate) enclosed: &'static str,
    pub(crate) enclosures: [&'static str; 2],
}
