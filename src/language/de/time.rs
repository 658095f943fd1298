//! The kinds of time.

use crate::language::phrases::KindPhrases;

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const KINDS: KindPhrases = KindPhrases {
    name: "Zeit",
    up_and_down: "in Betrieb {up}, ausgefallen {down}",
    disputed: "strittig {length} (die öffentlichen Server schwiegen, und etwas anderes antwortete; nur in den Grenzen)",
    unknown: "nicht bekannt {length}",
    because: "{length}: {reason}",
    possible: ["{n} Stille von {blip} oder mehr, vielleicht ein Ausfall (≥ {drop}): nur in den Grenzen", "{n}-mal Stille von {blip} oder mehr, vielleicht Ausfälle (≥ {drop}): nur in den Grenzen"],
    perhaps: "vielleicht ein Ausfall: die Grenzen sagen es nicht",
    flaps: "{n}-mal innerhalb von {within}, davon {down} ausgefallen",
    not_watched: "von {from} bis {to} nicht überwacht",
    record_ends: " (die Aufzeichnung endet {at})",
    not_over: ["nicht vorbei", "nicht vorbei, als die Aufzeichnung {at} endet"],
    not_over_at: [", nicht vorbei, als die Aufzeichnung {at} endet", ", der letzte nicht vorbei, als die Aufzeichnung {at} endet"],
    one_server: "von einem einzigen Server entschieden: {name}",
};
