//! What is counted: one, several.

use crate::language::phrases::Nouns;

pub(super) const NOUNS: Nouns = Nouns {
    drop: &["coupure", "coupures"],
    outage: &["panne", "pannes"],
    blip: &["microcoupure", "microcoupures"],
    day: &["jour", "jours"],
    hour: &["heure", "heures"],
    minute: &["minute", "minutes"],
    second: &["seconde", "secondes"],
};
