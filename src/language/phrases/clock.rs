//! What dated the record.

use super::ClockWords;

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(crate) const EN: ClockWords = ClockWords {
    name: "Clock",
    about_time: "about {time}",
    about: "times from {from} to {to} are about: this computer's clock had not been set",
    behind: "from {from} to {to} this computer's clock was {by} behind until it was set; these times are dated anew by its boot clock",
    ahead: "from {from} to {to} this computer's clock was {by} ahead until it was set; these times are dated anew by its boot clock",
    servers_ahead: "this computer's clock was {by} or more behind two independent servers",
    servers_behind: "this computer's clock was {by} or more ahead of two independent servers",
    within: "clock within {by} of two independent servers",
};

#[rustfmt::skip]
pub(crate) const FR: ClockWords = ClockWords {
    name: "Horloge",
    about_time: "vers {time}",
    about: "heures approximatives du {from} au {to}\u{a0}: l’horloge de cet ordinateur n’avait pas été réglée",
    behind: "du {from} au {to}, l’horloge de cet ordinateur retardait de {by} jusqu’à son réglage\u{a0}; ces heures sont recalculées d’après son horloge de démarrage",
    ahead: "du {from} au {to}, l’horloge de cet ordinateur avançait de {by} jusqu’à son réglage\u{a0}; ces heures sont recalculées d’après son horloge de démarrage",
    servers_ahead: "l’horloge de cet ordinateur retardait d’au moins {by} sur deux serveurs indépendants",
    servers_behind: "l’horloge de cet ordinateur avançait d’au moins {by} sur deux serveurs indépendants",
    within: "horloge à moins de {by} de deux serveurs indépendants",
};
