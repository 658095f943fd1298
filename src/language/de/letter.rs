//! What is asked of the provider.

use crate::language::phrases::LetterWords;

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const LETTER: LetterWords = LetterWords {
    line: "Leitung",
    first_hop: "der erste Hop des Providers ist {address}",
    asked: "Bitte",
    check: ["bitte prüfen Sie zu diesen Zeiten die Signalpegel der Leitung, auch im Rückkanal, und die T3/T4-Zeitüberschreitungen des Modems", "bitte prüfen Sie zu diesen Zeiten Ihr Netz hinter dem ersten Hop", "bitte prüfen Sie zu diesen Zeiten die Signalpegel der Leitung, auch im Rückkanal, die T3/T4-Zeitüberschreitungen des Modems und Ihr Netz hinter dem ersten Hop"],
    no_account: "es ist keine Kundennummer eingetragen, der Text hat daher keine: `account` unter `[site]` in der Konfiguration eintragen",
    provider: "[Name und Anschrift des Providers]",
    subject: "Betreff",
    subject_of: "Ausfälle meines Internetanschlusses{customer}{ticket}",
    customer: ", Kundennummer {n}",
    ticket: ", Ticket {n}",
    greeting: "Sehr geehrte Damen und Herren,",
    ask: "ich bitte Sie um Folgendes:",
    please: ["{check};", "teilen Sie mir schriftlich mit, was Sie festgestellt haben und wann die Störung behoben wird;", "bestätigen Sie mir den Eingang dieses Schreibens mit Ihrer Ticketnummer."],
    closing: "Mit freundlichen Grüßen",
    enclosed: "Anlagen",
    enclosures: ["der Zeitraum in einem Bild (linkmon report -o sheet.pdf)", "die Daten mit Prüfsummen (linkmon report -o record.zip)"],
};
