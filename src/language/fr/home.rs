//! Noms dans Home Assistant, et rapports selon le calendrier.

use crate::language::phrases::{HomeWords, PeriodicWords};

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const HOME: HomeWords = HomeWords {
    link: "Internet",
    state: "État de la liaison",
    place: "Lieu de la panne",
    drops_today: "Coupures aujourd’hui",
    delay: "Délai aller-retour",
    loss: "Perte de paquets",
    levels: ["Modem, puissance reçue la plus basse", "Modem, puissance reçue la plus haute", "Modem, MER descendant le plus bas", "Modem, puissance émise la plus haute"],
};

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const PERIODIC: PeriodicWords = PeriodicWords {
    titles: ["Rapport du {period}", "Rapport de la semaine du {period}", "Rapport de {period}"],
    digest: "Semaine du {period}\u{a0}: {drops}",
    chain: "Chaîne du relevé\u{a0}: {head}. Qui garde ce message peut montrer que le relevé n’était pas autre alors (`linkmon verify`).",
};
