//! What is counted: one, several.

use super::Nouns;

pub(crate) const EN: Nouns = Nouns {
    drop: &["drop", "drops"],
    outage: &["outage", "outages"],
    blip: &["blip", "blips"],
    day: &["day", "days"],
    hour: &["hour", "hours"],
    minute: &["minute", "minutes"],
    second: &["second", "seconds"],
};

pub(crate) const FR: Nouns = Nouns {
    drop: &["coupure", "coupures"],
    outage: &["panne", "pannes"],
    blip: &["microcoupure", "microcoupures"],
    day: &["jour", "jours"],
    hour: &["heure", "heures"],
    minute: &["minute", "minutes"],
    second: &["seconde", "secondes"],
};
