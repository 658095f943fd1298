//! What happened to this computer around a drop: a drop whose own cable was unplugged is
//! explained by that, whatever else was silent.

use std::time::Duration;

use super::{DropEntry, Report};
use crate::vocabulary::StoredEvent;

/// An event this long before or after a drop still counts as near it.
const NEAR: Duration = Duration::from_secs(10);

/// Everything that happened to this computer while a drop lasted, or near it.
pub(crate) fn around<'a>(
    report: &'a Report,
    drop: &DropEntry,
) -> impl Iterator<Item = &'a StoredEvent> {
    let from = drop.onset.earliest - NEAR;
    let to = drop.end.map_or(report.period.to, |end| end.latest) + NEAR;
    report.events.iter().filter(move |event| from <= event.at && event.at <= to)
}
