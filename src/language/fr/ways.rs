//! By which way packets left the computer.

use crate::language::phrases::{ByMedium, WayWords};

pub(super) const WAYS: WayWords = WayWords {
    name: "Autres chemins",
    medium: ByMedium {
        cable: "câble",
        wifi: "Wi-Fi",
        mobile: "réseau mobile",
        ppp: "PPP",
        tunnel: "tunnel",
        other: "autre interface",
    },
    connected: "Cet ordinateur était relié par {ways}",
    way: "{medium} ({interface}, routeur {gateway})",
    direct: "{medium} ({interface})",
    share: "{way} pendant {length}",
    avoids: "les sondes ont évité le tunnel {tunnel}",
    tunnel: "à travers un tunnel ({tunnel})\u{a0}: une panne peut être celle du tunnel et non de la ligne",
    at_drops: "il était relié par {medium} lors de {n} coupures sur {all}",
    near_roam: "{n} coupures en Wi-Fi sur {all} ont commencé à 5\u{a0}s au plus d’un changement de point d’accès",
    wifi: "Wi-Fi {signal}\u{a0}dBm, {rate}\u{a0}Mbit/s",
    roamed: "nouvelle connexion Wi-Fi à {at}",
    other: "{length} par un autre chemin\u{a0}: {way}",
    failover: "ligne coupée{span}\u{a0}: le routeur passe par un autre chemin, et les réponses ne sont pas celles de la ligne",
    drops: [
        "une coupure sur ce chemin, non de la ligne",
        "{n} coupures sur ce chemin, non de la ligne",
    ],
};
