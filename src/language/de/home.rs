//! Namen in Home Assistant und Berichte nach dem Kalender.

use crate::language::phrases::{HomeWords, PeriodicWords};

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const HOME: HomeWords = HomeWords {
    link: "Internet",
    state: "Zustand der Verbindung",
    place: "Ort der Störung",
    drops_today: "Ausfälle heute",
    delay: "Laufzeit",
    loss: "Paketverlust",
    levels: ["Modem: Empfangspegel, niedrigster", "Modem: Empfangspegel, höchster", "Modem: MER im Empfang, niedrigste", "Modem: Sendepegel, höchster"],
};

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const PERIODIC: PeriodicWords = PeriodicWords {
    titles: ["Bericht vom {period}", "Bericht der Woche ab {period}", "Bericht für {period}"],
    digest: "Woche ab {period}: {drops}",
    chain: "Kette der Aufzeichnung: {head}. Wer diese Nachricht aufbewahrt, kann zeigen, dass die Aufzeichnung damals keine andere war (`linkmon verify`).",
};
