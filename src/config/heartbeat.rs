//! The sign of life that a monitor of somebody else's expects.

use std::time::Duration;

use serde::Serialize;

use super::web::hidden;
use crate::vocabulary::Secret;

/// The sign of life that is sent to a URL at intervals, so that somebody notices its absence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct HeartbeatConfig {
    /// The URL; `None`: none is sent. Whoever knows it can send signs of life, too: it is shown as
    /// `"..."`.
    #[serde(serialize_with = "hidden")]
    pub url: Option<Secret>,
    /// Time from one to the next.
    #[serde(with = "crate::time::duration")]
    pub every: Duration,
}

impl Default for HeartbeatConfig {
    fn default() -> Self {
        Self { url: None, every: Duration::from_secs(300) }
    }
}
