//! The path at the moment of a drop.

use crate::language::phrases::PathWords;

pub(super) const PATHS: PathWords = PathWords {
    name: "Pfad",
    last: "zuletzt geantwortet: {hop}",
    nobody: "kein Hop antwortete",
    silent: "zuerst stumm: {hop}",
    back: "zuerst wieder da: {hops}",
    more: "{hops} und {n} weitere",
    together: "alle kamen innerhalb einer Sekunde wieder",
    alike: "bei {n} von {all} Ausfällen: {path}",
    of_listed: "bei allen hier aufgeführten Ausfällen: {path}",
    hop: "Hop {n}",
    some_hop: "ein Hop",
    no_route: "der Pfad konnte nicht abgefragt werden: dieser Rechner hatte keine Route",
    paced: "der Pfad wurde nicht abgefragt: die letzte Abfrage lag keine Minute zurück",
    not_sent: "der Pfad konnte nicht abgefragt werden",
};
