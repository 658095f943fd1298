//! What happened to this computer and to its router, counted.

/// How often things happened to this computer: once, several times.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct HostCounts {
    pub(crate) name: &'static str,
    pub(crate) slept: [&'static str; 2],
    pub(crate) clock: [&'static str; 2],
    pub(crate) carrier: [&'static str; 2],
    pub(crate) route: [&'static str; 2],
    pub(crate) router: &'static str,
    pub(crate) dead_entry: [&'static str; 2],
}
