//! Les alertes.

use crate::language::phrases::{AlertWords, ByMessageEvent};

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const ALERTS: AlertWords = AlertWords {
    titles: ByMessageEvent { down: "Connexion coupée", still_down: "Connexion toujours coupée", back: "Connexion rétablie", corrected: "Correction", withdrawn: "La connexion marchait, en fin de compte", flapping: "Connexion instable", flapping_over: "Connexion de nouveau stable", loss: "Des paquets se perdent", slow: "La ligne est lente", target: "Une cible ne répond pas", dns: "Les noms ne sont pas résolus", ipv6: "IPv6 est en panne", ipv4: "IPv4 est en panne", tcp: "Les connexions échouent", login: "Une page de connexion fait obstacle", other_way: "Internet est joint par un autre chemin", blind: "linkmon ne mesurait pas", modem: "Le modem", disk: "L’espace manque bientôt", digest: "Bilan de linkmon", report: "Rapport", test: "Essai des alertes de linkmon" },
    over: "Terminé\u{a0}: {what}",
    still: "Connexion toujours coupée après {length}",
    drop_since: "Internet ne répond pas depuis {from}; la panne est {place}.{today}",
    drop_span: "De {from} à {to} ({bounds}), {place}.{today}",
    corrected: "Correction\u{a0}: {length} de coupure",
    withdrawn: "Des réponses tardives le prouvent\u{a0}: la coupure de {from} est retirée.",
    flapping: "Connexion instable\u{a0}: {drops} en une heure",
    flapping_text: "La première à {from}. Tant qu’une heure ne passe pas sans coupure, seules celles de 15\u{a0}min sont annoncées.",
    flapping_over: "{drops} de {from} à {to}; aucune dans l’heure qui suit.",
    blind: "linkmon n’a pas mesuré pendant {length}",
    other_way: "Depuis {from} par {way}. Ce qui s’y passe est compté à part de la ligne.",
    modem_restarted: "Le modem a redémarré vers {at}.",
    test: "Envoyé par `linkmon alert test` sur {host}. Il ne s’est rien passé.",
    meanwhile: "Pendant que vous étiez hors ligne\u{a0}: {what}",
    others: ["{n} autre message", "{n} autres messages"],
    late: "Ce message a attendu {length}.",
    waiting: ["alertes {name}\u{a0}: {n} message attend depuis {when}{why}", "alertes {name}\u{a0}: {n} messages attendent, le premier depuis {when}{why}"],
    waits_because: "; le dernier essai a échoué\u{a0}: {why}",
    aside: ["alertes {name}\u{a0}: {n} message a été refusé et mis de côté\u{a0}: {why}", "alertes {name}\u{a0}: {n} messages ont été refusés et mis de côté, le dernier\u{a0}: {why}"],
    taken: "{name}\u{a0}: remis",
    not_taken: "{name}\u{a0}: non remis\u{a0}: {why}",
    none_configured: "aucune alerte n’est configurée\u{a0}: [[alert]] dans `linkmon config sample` montre comment faire",
    columns: ["alertes", "genre", "en attente", "remis", "échoués", "expirés", "de côté", "dernière remise"],
    never: "jamais",
    messages: "Messages des 7 derniers jours\u{a0}:",
};
