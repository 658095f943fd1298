//! Before and after.

use crate::language::phrases::Comparing;

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const COMPARING: Comparing = Comparing {
    title: "Avant et après",
    before: "Avant",
    after: "Après",
    change: "Changement",
    border: "avant et après le {border}{what}; surveillé {before} avant et {after} après; intervalles de 95\u{a0}%",
    line: "{name}\u{a0}: {before} avant, {after} après\u{a0}: {change}",
    available: "{ratio} (en panne {down} sur {watched} surveillés)",
    unchanged: "inchangé",
    mostly_down: "non comparables\u{a0}: d’un côté, en panne la plupart du temps",
    names: ["disponibilité", "coupures", "perte", "délai médian", "95e centile du délai"],
    of_time: "de",
    rate: "{rate} par jour ({drops} en {up} de service)",
    not_watched: "non surveillé",
    spells: " (coupures par grappes\u{a0}: intervalle élargi de {factor} fois)",
    share: "{ratio} ({lost} sur {sent})",
    nothing_sent: "rien d’envoyé",
    no_answer: "aucune réponse",
    nothing: "rien à comparer",
    drops_less_more: ["moins nombreuses", "plus nombreuses"],
    less_more: ["en baisse", "en hausse"],
    same: "pareil à 10\u{a0}% près",
    too_early: "trop tôt pour conclure",
    ratio: "{value} fois le taux ({lower} à {upper})",
    no_ratio: "aucune avant, donc pas de rapport (intervalle de {lower} à {upper})",
    any_multiple: "tout multiple",
    difference: "{value} {unit} ({lower} à {upper})",
    points: "points",
};
