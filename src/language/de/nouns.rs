//! What is counted: one, several.

use crate::language::phrases::Nouns;

/// Days are in the dative: a period is always said after a preposition.
pub(super) const NOUNS: Nouns = Nouns {
    drop: &["Ausfall", "Ausfälle"],
    outage: &["langer Ausfall", "lange Ausfälle"],
    blip: &["Aussetzer", "Aussetzer"],
    day: &["Tag", "Tagen"],
    hour: &["Stunde", "Stunden"],
    minute: &["Minute", "Minuten"],
    second: &["Sekunde", "Sekunden"],
};
