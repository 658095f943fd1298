//! What dated the record.

/// What dated the record.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct ClockWords {
    pub(crate) name: &'static str,
    pub(crate) about_time: &'static str,
    pub(crate) about: &'static str,
    pub(crate) behind: &'static str,
    pub(crate) ahead: &'static str,
    pub(crate) servers_ahead: &'static str,
    pub(crate) servers_behind: &'static str,
    pub(crate) within: &'static str,
}
