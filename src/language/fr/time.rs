//! The kinds of time.

use crate::language::phrases::KindPhrases;

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const KINDS: KindPhrases = KindPhrases {
    name: "Temps",
    up_and_down: "en service {up}, coupée {down}",
    disputed: "contesté {length} (les serveurs publics se taisaient et autre chose répondait; dans les bornes seulement)",
    unknown: "inconnu {length}",
    because: "{length}\u{a0}: {reason}",
    possible: ["{n} silence d’au moins {blip}, peut-être une coupure (≥ {drop})\u{a0}: dans les bornes seulement", "{n} silences d’au moins {blip}, peut-être des coupures (≥ {drop})\u{a0}: dans les bornes seulement"],
    perhaps: "peut-être une coupure\u{a0}: ses bornes ne le disent pas",
    flaps: "{n} fois en {within}, dont {down} de coupure",
    not_watched: "non observé de {from} à {to}",
    record_ends: " (le relevé finit le {at})",
    not_over: ["pas finie", "pas finie quand le relevé s’arrête le {at}"],
    not_over_at: [", pas finie quand le relevé s’arrête le {at}", ", la dernière pas finie quand le relevé s’arrête le {at}"],
    one_server: "décidé par un seul serveur\u{a0}: {name}",
};
