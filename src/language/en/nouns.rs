//! What is counted: one, several.

use crate::language::phrases::Nouns;

pub(super) const NOUNS: Nouns = Nouns {
    drop: &["drop", "drops"],
    outage: &["outage", "outages"],
    blip: &["blip", "blips"],
    day: &["day", "days"],
    hour: &["hour", "hours"],
    minute: &["minute", "minutes"],
    second: &["second", "seconds"],
};
