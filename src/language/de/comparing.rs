//! Before and after.

use crate::language::phrases::Comparing;

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const COMPARING: Comparing = Comparing {
    title: "Vorher und nachher",
    before: "Vorher",
    after: "Nachher",
    change: "Änderung",
    border: "vor und nach {border}{what}; überwacht {before} vorher und {after} nachher; 95-%-Intervalle",
    line: "{name}: {before} vorher, {after} nachher: {change}",
    available: "{ratio} (Ausfall {down} von {watched} überwachter Zeit)",
    unchanged: "unverändert",
    mostly_down: "nicht vergleichbar: auf einer Seite die meiste Zeit ausgefallen",
    names: ["Verfügbarkeit", "Ausfälle", "Verlust", "mittlere Laufzeit (Median)", "95. Perzentil der Laufzeit"],
    of_time: "von",
    rate: "{rate} am Tag ({drops} in {up} Betrieb)",
    not_watched: "nicht überwacht",
    spells: " (Ausfälle kamen gehäuft: Intervall um das {factor}-Fache erweitert)",
    share: "{ratio} ({lost} von {sent})",
    nothing_sent: "nichts gesendet",
    no_answer: "keine Antwort",
    nothing: "nichts zu vergleichen",
    drops_less_more: ["weniger", "mehr"],
    less_more: ["niedriger", "höher"],
    same: "gleich auf 10\u{a0}% genau",
    too_early: "noch nicht zu entscheiden",
    ratio: "das {value}-Fache der Häufigkeit ({lower} bis {upper})",
    no_ratio: "vorher keine, daher kein Verhältnis (Intervall {lower} bis {upper})",
    any_multiple: "jedes Vielfache",
    difference: "{value}\u{a0}{unit} ({lower} bis {upper})",
    points: "Prozentpunkte",
};
