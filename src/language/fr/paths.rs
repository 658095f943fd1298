//! The path at the moment of a drop.

use crate::language::phrases::PathWords;

pub(super) const PATHS: PathWords = PathWords {
    name: "Chemin",
    last: "dernier à répondre\u{a0}: {hop}",
    nobody: "aucun nœud n’a répondu",
    silent: "premier muet\u{a0}: {hop}",
    back: "revenu le premier\u{a0}: {hops}",
    more: "{hops} et {n} de plus",
    together: "tous revenus à moins d’une seconde d’intervalle",
    alike: "lors de {n} coupures sur {all}\u{a0}: {path}",
    of_listed: "lors de toutes les coupures énumérées ici\u{a0}: {path}",
    hop: "nœud {n}",
    some_hop: "un nœud",
    no_route: "le chemin n’a pas pu être sondé\u{a0}: cet ordinateur n’avait pas de route",
    paced: "le chemin n’a pas été sondé\u{a0}: il l’avait été moins d’une minute avant",
    not_sent: "le chemin n’a pas pu être sondé",
};
