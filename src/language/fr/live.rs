//! The present.

use crate::language::phrases::{
    ByFailedReason, ByFlag, ByGapReason, ByLinkState, ByNotSent, ByPhase, ByRole, ByStrayKind,
    DropListWords, NoticeWords, PresentWords, StatusWords, TroubleWords,
};

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const PRESENT: PresentWords = PresentWords {
    states: ByLinkState { unknown: "INCONNU", up: "EN MARCHE", suspect: "sans réponse", down: "EN PANNE", disputed: "CONTESTÉ" },
    flags: ByFlag { lossy: "PERTES", slow: "LENT", partial: "PARTIEL", disputed: "CONTESTÉ", login: "CONNEXION-WEB", no_icmp: "SANS-ICMP", no_ipv6: "SANS-IPV6", no_dns: "SANS-DNS", router_dns: "DNS-ROUTEUR", network_dns: "DNS-RÉSEAU", no_ipv4: "SANS-IPV4", other_way: "AUTRE-CHEMIN", no_tcp: "SANS-TCP" },
    gaps: ByGapReason { stopped: "linkmon était arrêté", crashed: "linkmon a été tué", rebooted: "l’ordinateur était éteint ou redémarrait", asleep: "l’ordinateur était en veille", stalled: "linkmon ne pouvait pas sonder", no_record: "aucun relevé", unanswered: "aucun serveur public n’a encore répondu", not_sent: "cet ordinateur n’envoie pas les sondes", dead_entry: "le routeur garde une entrée périmée pour les sondes", unconfirmed: "un silence que trop peu de serveurs voient pour le confirmer", other_way: "les paquets passaient par un autre chemin que la ligne" },
    since: "{state} depuis {when} ({long})",
    roles: ByRole { gateway: "routeur", modem: "modem", isp: "FAI", anchor: "Internet", service: "services" },
    nothing_sent: "rien d’envoyé",
    none_lost: "0\u{a0}% de perte",
    lost: "{share} de perte ({lost}/{sent})",
    last_drop: "dernière coupure {when}, {length} ({place})",
    first_drop: "la première coupure",
    no_drop: "aucune coupure jusqu’ici",
    so_far: "en cours",
    clock_behind: "l’horloge de cet ordinateur retarde d’au moins {by} sur {n} serveurs indépendants",
    clock_ahead: "l’horloge de cet ordinateur avance d’au moins {by} sur {n} serveurs indépendants",
    clock_unset: "l’horloge de cet ordinateur n’a pas été réglée\u{a0}: les heures sont au mieux approximatives",
    clock_within: "à moins de {by} de {n} serveurs indépendants",
    through_tunnel: "\u{a0}: à travers un tunnel, une panne peut donc être celle du tunnel et non de la ligne",
    avoids: "; les sondes évitent le tunnel {tunnel}",
    not_line: "; ce n’est pas la ligne\u{a0}: ce qui s’y passe est compté à part",
    span_from: "depuis {from}",
    span_open: "depuis {from}, {long} jusqu’ici",
    span: "de {from} à {to}, {long}",
    span_at: "à {from}",
    votes: ["sans voix\u{a0}: adresse privée", "sans voix\u{a0}: répond du domicile", "sans voix\u{a0}: faux témoin", "privée, admise"],
};

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const STATUS: StatusWords = StatusWords {
    stopped: "linkmon ne mesure pas\u{a0}: le dernier état date de {when} (il y a {age}). Il disait\u{a0}:",
    late: "État d’il y a {age}; linkmon est en retard ou arrêté.",
    open_drop: "coupure {id} depuis {when}\u{a0}: {place}",
    flag: "{flag} depuis {since} ({long})\u{a0}: {what}",
    in_24_h: "{last}; {drops} dans les dernières 24\u{a0}h",
    no_drop: "aucune coupure",
    connected: "relié par {way}",
    columns: ["rôle", "cible", "par", "délai", "perdues sur", "60 dernières s"],
    not_sent: "{n} non envoyées",
    strays: "réponses égarées depuis le démarrage\u{a0}: {kinds}",
    warning: "ATTENTION\u{a0}: {what}",
    storing: "ENREGISTREMENT IMPOSSIBLE\u{a0}: {what}",
    heartbeat: ["signe de vie\u{a0}: aucun n’est arrivé depuis le démarrage", "signe de vie\u{a0}: le dernier est arrivé {when}"],
    unstored: "ce qui a été mesuré pendant que {path} ne pouvait être ouvert est dans {meanwhile} et pas encore dans le relevé\u{a0}: linkmon l’y reprend dès qu’il peut l’ouvrir",
    made_by: "linkmon {version}, processus {pid}, depuis {since}; {engine}; fuseau {zone}",
    system_zone: "du système",
};

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const TROUBLES: TroubleWords = TroubleWords {
    late: "réponse après {s}\u{a0}s",
    unreachable: "{by} signale une destination inaccessible (ICMP {type}/{code})",
    no_host: "aucun appareil ne répond à cette adresse sur ce réseau",
    failed: "{reason} ({phase})",
    reasons: ByFailedReason { timeout: "délai dépassé", refused: "refusé", dns: "nom introuvable", tls: "échec de TLS", status: "code HTTP inattendu", captive_portal: "une autre page est venue", malformed: "réponse mal formée", home_page: "une page du réseau domestique est venue" },
    phases: ByPhase { resolve: "recherche du nom", connect: "connexion", tls: "TLS", first_byte: "attente de la réponse", transfer: "transfert" },
    not_sent: "non envoyée\u{a0}: {why}",
    whys: ByNotSent { no_route: "aucune route", link_down: "l’interface est coupée", forbidden: "cet ordinateur l’interdit", queue_full: "la file d’envoi est pleine", missed: "linkmon n’a pas pu s’exécuter à ce moment", no_address: "son nom n’a jamais été trouvé", dead_entry: "le routeur garde une entrée périmée", overflowed: "trop de réponses à la fois pour cet ordinateur", other_way: "par un autre chemin que la ligne", other: "autre erreur" },
    strays: ByStrayKind { duplicate: "en double", foreign: "étrangères", too_late: "après plus de 60\u{a0}s" },
};

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const DROP_LIST: DropListWords = DropListWords {
    none: "Aucune coupure.",
    columns: ["n°", "début (UTC{offset})", "début (décalage)", "fin", "durée", "endroit", "ont répondu", "muets"],
    other_way: " (autre chemin)",
    blip: " (microcoupure)",
    perhaps: " (peut-être une coupure)",
    ongoing: "dure encore",
    not_over: "pas finie",
    so_far: "{length} jusqu’ici",
    times: ", {n} fois",
    about: "vers ",
    all: "tous",
    anchors_only: "serveurs publics",
    local: "Heures locales ({zone}).",
    this_zone: "fuseau de cet ordinateur",
    caption: "Début et fin à {half} près, durée minimale à maximale. Pendant ses silences, aucun serveur public ne répond.",
    unobserved: "Rien n’a été observé {period}.",
    record_ends: "La coupure {id} n’est pas finie quand le relevé s’arrête, le {at}.",
    what_other_way: "Autre chemin\u{a0}: cet ordinateur n’atteignait pas Internet par la ligne.",
    blips_left_out: "{blips} ({from} à {to}) non énumérées; --blips les montre.",
    period: "Période\u{a0}: {period}.",
};

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const NOTICES: NoticeWords = NoticeWords {
    down: "Connexion coupée depuis {when}",
    down_text: "Internet ne répond pas; la panne est {place}.{today}",
    back: "Connexion rétablie après {length} de coupure",
    back_text: "De {from}{day} à {to}, {place}.{today}",
    day_before: " (la veille)",
    first_today: "La première coupure d’aujourd’hui.",
    today: "{drops} aujourd’hui.",
    nowhere: "à un endroit inconnu",
    withdrawn: "La connexion marchait, en fin de compte",
    withdrawn_text: "Des réponses tardives le prouvent\u{a0}: la coupure est retirée.",
    disk: "Le disque du relevé de linkmon se remplit",
    limit: "Le relevé de linkmon approche de sa limite",
};
