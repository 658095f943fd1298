//! The record as a whole.

use crate::language::phrases::RecordWords;

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const RECORD: RecordWords = RecordWords {
    simulated: ["Simulation, rien n’a été mesuré.", "Simulation en partie, où rien n’a été mesuré."],
    begins_here: " (début du relevé)",
    begins: "; le relevé commence le {at}",
    holds: " Le relevé va {span}.",
    no_internet: "Pas d’Internet depuis le démarrage de linkmon{who}.",
    answers: ["; {who} répond", "; {who} répondent"],
    silent: ["; {who} ne répond pas non plus", "; {who} ne répondent pas non plus"],
};
