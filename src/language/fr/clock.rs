//! What dated the record.

use crate::language::phrases::ClockWords;

#[rustfmt::skip]
pub(super) const CLOCK: ClockWords = ClockWords {
    name: "Horloge",
    about_time: "vers {time}",
    about: "heures approximatives du {from} au {to}\u{a0}: l’horloge de cet ordinateur n’avait pas été réglée",
    behind: "du {from} au {to}, l’horloge de cet ordinateur retardait de {by} jusqu’à son réglage; ces heures sont recalculées d’après son horloge de démarrage",
    ahead: "du {from} au {to}, l’horloge de cet ordinateur avançait de {by} jusqu’à son réglage; ces heures sont recalculées d’après son horloge de démarrage",
    servers_ahead: "l’horloge de cet ordinateur retardait d’au moins {by} sur deux serveurs indépendants",
    servers_behind: "l’horloge de cet ordinateur avançait d’au moins {by} sur deux serveurs indépendants",
    within: "horloge à moins de {by} de deux serveurs indépendants",
};
