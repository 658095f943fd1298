//! Names of targets.

use crate::vocabulary::{Target, TargetId};

/// The name of a target, or its number where it is not among these.
pub(super) fn name_of(targets: &[Target], id: TargetId) -> String {
    targets
        .iter()
        .find(|t| t.id == id)
        .map_or_else(|| format!("target {}", id.0), |t| t.name.clone())
}
