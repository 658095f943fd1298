//! The record as a whole.

use crate::language::phrases::RecordWords;

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const RECORD: RecordWords = RecordWords {
    simulated: ["Simuliert, nicht gemessen.", "Zum Teil simuliert, nicht gemessen."],
    begins_here: " (Beginn der Aufzeichnung)",
    begins: "; die Aufzeichnung beginnt {at}",
    holds: " Die Aufzeichnung umfasst {span}.",
    no_internet: "Kein Internet seit dem Start von linkmon{who}.",
    answers: ["; es antwortet {who}", "; es antworten {who}"],
    silent: ["; auch {who} antwortet nicht", "; auch {who} antworten nicht"],
};
