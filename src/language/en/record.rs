//! The record as a whole.

use crate::language::phrases::RecordWords;

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const RECORD: RecordWords = RecordWords {
    simulated: ["Simulated, not measured.", "Partly simulated, not measured."],
    begins_here: " (start of the record)",
    begins: "; the record begins at {at}",
    holds: " The record holds {span}.",
    no_internet: "No internet since linkmon started{who}.",
    answers: ["; {who} answers", "; {who} answer"],
    silent: ["; {who} does not answer either", "; {who} do not answer either"],
};
