//! Samples that are no longer kept.

use crate::language::phrases::RemovedWords;

pub(super) const REMOVED: RemovedWords = RemovedWords {
    name: "Messwerte",
    minutes: "die von {from} bis {to} sind nicht mehr gespeichert{when}; gezählt sind stattdessen ihre Minuten, und Perzentile der Laufzeit sind geschätzt",
    hours: "die von {from} bis {to} sind nicht mehr gespeichert{when}, auch ihre Minuten nicht; gezählt sind stattdessen ganze Stunden, und Teile einer Stunde nur für die öffentlichen Server",
    when: [" (gelöscht am {first})", " (gelöscht vom {first} bis {last})"],
    gone: "nicht mehr gespeichert",
    unanswered: "Die Messwerte dieser Zeit sind nicht mehr gespeichert{when}: die Aufzeichnung beantwortet das nicht mehr.",
    sheet: "Einzelne Messpakete sind nicht mehr gespeichert{when}.",
};
