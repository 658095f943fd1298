//! Samples that are no longer kept.

use crate::language::phrases::RemovedWords;

pub(super) const REMOVED: RemovedWords = RemovedWords {
    name: "Samples",
    minutes: "those from {from} to {to} are no longer kept{when}; their minutes are counted instead, and percentiles of delays are estimates",
    hours: "those from {from} to {to} are no longer kept{when}, nor are their minutes; whole hours are counted instead, and parts of an hour for the public servers alone",
    when: [" (removed {first})", " (removed {first} to {last})"],
    gone: "no longer kept",
    unanswered: "The samples of that time are no longer kept{when}: the record no longer answers this.",
    sheet: "Single probes are no longer kept{when}.",
};
