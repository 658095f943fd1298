//! By which way packets left the computer.

use super::ByMedium;

/// The interface, its router, and other ways than the line.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct WayWords {
    /// Title of the other ways.
    pub(crate) name: &'static str,
    pub(crate) medium: ByMedium,
    /// What it was connected by: one way, several.
    pub(crate) connected: &'static str,
    /// A way in words, with its router.
    pub(crate) way: &'static str,
    /// The same without a router.
    pub(crate) direct: &'static str,
    pub(crate) share: &'static str,
    pub(crate) avoids: &'static str,
    pub(crate) tunnel: &'static str,
    pub(crate) at_drops: &'static str,
    pub(crate) other: &'static str,
    pub(crate) near_roam: &'static str,
    pub(crate) wifi: &'static str,
    pub(crate) roamed: &'static str,
    /// Another way inside the router.
    pub(crate) failover: &'static str,
    /// Drops of another way: one, several.
    pub(crate) drops: [&'static str; 2],
}
