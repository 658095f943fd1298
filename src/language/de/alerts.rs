//! Meldungen.

use crate::language::phrases::{AlertWords, ByMessageEvent};

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const ALERTS: AlertWords = AlertWords {
    titles: ByMessageEvent { down: "Internet ausgefallen", still_down: "Internet weiterhin ausgefallen", back: "Internet wieder da", corrected: "Berichtigung", withdrawn: "Die Verbindung stand doch", flapping: "Verbindung instabil", flapping_over: "Verbindung wieder stabil", loss: "Pakete gehen verloren", slow: "Der Anschluss ist langsam", target: "Ein Ziel antwortet nicht", dns: "Namen werden nicht aufgelöst", ipv6: "IPv6 ist gestört", ipv4: "IPv4 ist gestört", tcp: "Verbindungen scheitern", login: "Eine Anmeldeseite steht im Weg", other_way: "Das Internet ist auf einem anderen Weg erreichbar", blind: "linkmon hat nicht gemessen", modem: "Das Modem", disk: "Der Platz geht aus", digest: "Übersicht von linkmon", report: "Bericht", test: "Test der Meldungen von linkmon" },
    over: "Vorbei: {what}",
    still: "Internet nach {length} noch immer ausgefallen",
    drop_since: "Keine Antwort aus dem Internet seit {from}; die Störung liegt {place}.{today}",
    drop_span: "{from} bis {to} ({bounds}), {place}.{today}",
    corrected: "Berichtigung: Ausfall von {length}",
    withdrawn: "Verspätete Antworten beweisen es: der Ausfall von {from} ist zurückgenommen.",
    flapping: "Verbindung instabil: {drops} in einer Stunde",
    flapping_text: "Der erste um {from}. Bis es eine Stunde lang keinen gibt, werden nur Ausfälle gemeldet, die 15\u{a0}min dauern.",
    flapping_over: "{drops} von {from} bis {to}; in der Stunde danach keiner.",
    blind: "linkmon hat {length} lang nicht gemessen",
    other_way: "Seit {from} über {way}. Was dort geschieht, wird getrennt vom Anschluss geführt.",
    modem_restarted: "Das Modem ist gegen {at} neu gestartet.",
    test: "Gesendet von `linkmon alert test` auf {host}. Es ist nichts geschehen.",
    meanwhile: "Während Sie offline waren: {what}",
    others: ["{n} andere Meldung", "{n} andere Meldungen"],
    late: "Diese Meldung hat {length} gewartet.",
    waiting: ["Meldungen {name}: {n} wartet seit {when}{why}", "Meldungen {name}: {n} warten, die erste seit {when}{why}"],
    waits_because: "; der letzte Versuch scheiterte: {why}",
    aside: ["Meldungen {name}: {n} wurde abgelehnt und beiseitegelegt: {why}", "Meldungen {name}: {n} wurden abgelehnt und beiseitegelegt, die letzte: {why}"],
    taken: "{name}: zugestellt",
    not_taken: "{name}: nicht zugestellt: {why}",
    none_configured: "es sind keine Meldungen eingerichtet: [[alert]] in `linkmon config sample` zeigt, wie es geht",
    columns: ["Meldungen", "Art", "wartend", "zugestellt", "gescheitert", "abgelaufen", "beiseite", "letzte Zustellung"],
    never: "nie",
    messages: "Meldungen der letzten 7 Tage:",
};
