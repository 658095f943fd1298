//! Samples that are no longer kept.

use crate::language::phrases::RemovedWords;

pub(super) const REMOVED: RemovedWords = RemovedWords {
    name: "Mesures",
    minutes: "celles du {from} au {to} ne sont plus conservées{when}; leurs minutes sont comptées à la place, et les centiles des délais sont estimés",
    hours: "celles du {from} au {to} ne sont plus conservées{when}, leurs minutes non plus; les heures entières sont comptées à la place et, des heures entamées, les serveurs publics seuls",
    when: [" (supprimées le {first})", " (supprimées du {first} au {last})"],
    gone: "plus conservé",
    unanswered: "Les mesures de ce temps ne sont plus conservées{when}\u{a0}: le relevé ne répond plus à cela.",
    sheet: "Les sondes une à une ne sont plus conservées{when}.",
};
