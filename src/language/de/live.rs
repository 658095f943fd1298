//! The present.

use crate::language::phrases::{
    ByFailedReason, ByFlag, ByGapReason, ByLinkState, ByNotSent, ByPhase, ByRole, ByStrayKind,
    DropListWords, NoticeWords, PresentWords, StatusWords, TroubleWords,
};

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const PRESENT: PresentWords = PresentWords {
    states: ByLinkState { unknown: "UNBEKANNT", up: "ONLINE", suspect: "keine Antwort", down: "AUSFALL", disputed: "STRITTIG" },
    flags: ByFlag { lossy: "VERLUST", slow: "LANGSAM", partial: "TEILWEISE", disputed: "STRITTIG", login: "ANMELDESEITE", no_icmp: "KEIN-ICMP", no_ipv6: "KEIN-IPV6", no_dns: "KEIN-DNS", router_dns: "ROUTER-DNS", network_dns: "NETZ-DNS", no_ipv4: "KEIN-IPV4", other_way: "ANDERER-WEG", no_tcp: "KEIN-TCP" },
    gaps: ByGapReason { stopped: "linkmon war angehalten", crashed: "linkmon wurde abgebrochen", rebooted: "der Rechner war aus oder startete neu", asleep: "der Rechner war im Ruhezustand", stalled: "linkmon konnte nicht messen", no_record: "keine Aufzeichnung", unanswered: "noch kein öffentlicher Server hat geantwortet", not_sent: "dieser Rechner sendet die Messpakete nicht", dead_entry: "der Router hält einen veralteten Eintrag für die Messpakete", unconfirmed: "eine Stille, die zu wenige Server sehen, um sie zu bestätigen", other_way: "die Pakete nahmen einen anderen Weg als die Leitung" },
    since: "{state} seit {when} ({long})",
    roles: ByRole { gateway: "Router", modem: "Modem", isp: "Provider", anchor: "Internet", service: "Dienste" },
    nothing_sent: "nichts gesendet",
    none_lost: "0\u{a0}% Verlust",
    lost: "{share} Verlust ({lost}/{sent})",
    last_drop: "letzter Ausfall {when}, {length} ({place})",
    first_drop: "der erste Ausfall",
    no_drop: "bisher kein Ausfall",
    so_far: "dauert an",
    clock_behind: "die Uhr dieses Rechners geht gegenüber {n} unabhängigen Servern um mindestens {by} nach",
    clock_ahead: "die Uhr dieses Rechners geht gegenüber {n} unabhängigen Servern um mindestens {by} vor",
    clock_unset: "die Uhr dieses Rechners ist noch nicht gestellt: die Zeiten sind bestenfalls ungefähr",
    clock_within: "auf {by} mit {n} unabhängigen Servern einig",
    through_tunnel: ": durch einen Tunnel, was ausfällt, kann also der Tunnel sein und nicht die Leitung",
    avoids: "; die Messpakete meiden den Tunnel {tunnel}",
    not_line: "; nicht die Leitung: was hier geschieht, ist getrennt aufgeführt",
    span_from: "seit {from}",
    span_open: "seit {from}, bisher {long}",
    span: "von {from} bis {to}, {long}",
    span_at: "um {from}",
    votes: ["ohne Stimme: private Adresse", "ohne Stimme: im Haus beantwortet", "ohne Stimme: falscher Zeuge", "privat, zugelassen"],
};

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const STATUS: StatusWords = StatusWords {
    stopped: "linkmon misst nicht: der letzte Stand ist von {when} (vor {age}). Er lautete:",
    late: "Stand vor {age}; linkmon ist verspätet oder angehalten.",
    open_drop: "Ausfall {id} seit {when}: {place}",
    flag: "{flag} seit {since} ({long}): {what}",
    in_24_h: "{last}; {drops} in den letzten 24\u{a0}h",
    no_drop: "kein Ausfall",
    connected: "verbunden über {way}",
    columns: ["Rolle", "Ziel", "über", "Laufzeit", "verloren von", "letzte 60 s"],
    not_sent: "{n} nicht gesendet",
    strays: "verirrte Antworten seit dem Start: {kinds}",
    warning: "WARNUNG: {what}",
    storing: "SPEICHERN SCHLÄGT FEHL: {what}",
    heartbeat: ["Lebenszeichen: seit dem Start kam keines an", "Lebenszeichen: das letzte kam an {when}"],
    unstored: "was gemessen wurde, während {path} nicht zu öffnen war, liegt in {meanwhile} und noch nicht in der Aufzeichnung: linkmon übernimmt es, sobald es sie öffnen kann",
    made_by: "linkmon {version}, Prozess {pid}, seit {since}; {engine}; Zeitzone {zone}",
    system_zone: "des Systems",
};

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const TROUBLES: TroubleWords = TroubleWords {
    late: "nach {s}\u{a0}s geantwortet",
    unreachable: "{by} meldet unerreichbar (ICMP {type}/{code})",
    no_host: "unter dieser Adresse antwortet kein Gerät in diesem Netz",
    failed: "{reason} ({phase})",
    reasons: ByFailedReason { timeout: "Zeit überschritten", refused: "abgelehnt", dns: "Name nicht gefunden", tls: "TLS gescheitert", status: "unerwarteter HTTP-Status", captive_portal: "eine andere Seite kam", malformed: "fehlerhafte Antwort", home_page: "eine Seite aus dem Heimnetz kam" },
    phases: ByPhase { resolve: "Namensauflösung", connect: "Verbindungsaufbau", tls: "TLS", first_byte: "Warten auf die Antwort", transfer: "Übertragung" },
    not_sent: "nicht gesendet: {why}",
    whys: ByNotSent { no_route: "keine Route", link_down: "die Schnittstelle ist aus", forbidden: "dieser Rechner verbietet es", queue_full: "die Sendewarteschlange ist voll", missed: "linkmon kam nicht dazu", no_address: "der Name wurde nie aufgelöst", dead_entry: "der Router hält einen veralteten Eintrag", overflowed: "zu viele Antworten auf einmal für diesen Rechner", other_way: "auf einem anderen Weg als der Leitung", other: "anderer Fehler" },
    strays: ByStrayKind { duplicate: "doppelt", foreign: "fremd", too_late: "später als 60\u{a0}s" },
};

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const DROP_LIST: DropListWords = DropListWords {
    none: "Keine Ausfälle.",
    columns: ["Nr.", "Beginn (UTC{offset})", "Beginn (Abstand)", "Ende", "Dauer", "Ort", "antwortete", "stumm"],
    other_way: " (anderer Weg)",
    blip: " (Aussetzer)",
    perhaps: " (vielleicht ein Ausfall)",
    ongoing: "dauert an",
    not_over: "nicht vorbei",
    so_far: "bisher {length}",
    times: ", {n}-mal",
    about: "etwa ",
    all: "alle",
    anchors_only: "nur öffentliche Server",
    local: "Die Zeiten sind Ortszeit ({zone}).",
    this_zone: "Zeitzone dieses Rechners",
    caption: "Beginn und Ende sind auf {half} genau, die Dauer ist die kürzeste bis längste mögliche. Währenddessen antwortet kein öffentlicher Server.",
    unobserved: "Nichts wurde überwacht: {period}.",
    record_ends: "Ausfall {id} ist nicht vorbei, als die Aufzeichnung endet: {at}.",
    what_other_way: "Anderer Weg: dieser Rechner erreichte das Internet nicht über die Leitung.",
    blips_left_out: "{blips} ({from} bis {to}) nicht aufgeführt; --blips zeigt sie.",
    period: "Zeitraum: {period}.",
};

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const NOTICES: NoticeWords = NoticeWords {
    down: "Internet ausgefallen seit {when}\u{a0}Uhr",
    down_text: "Keine Antwort aus dem Internet; die Störung liegt {place}.{today}",
    back: "Internet wieder da: Ausfall von {length}",
    back_text: "{from}{day} bis {to}\u{a0}Uhr, {place}.{today}",
    day_before: " (am Vortag)",
    first_today: "Der erste Ausfall heute.",
    today: "{drops} heute.",
    nowhere: "an unbekanntem Ort",
    withdrawn: "Die Verbindung stand doch",
    withdrawn_text: "Verspätete Antworten beweisen es: der Ausfall ist zurückgenommen.",
    disk: "Die Platte mit linkmons Aufzeichnung wird voll",
    limit: "linkmons Aufzeichnung nähert sich ihrer Grenze",
};
