//! By which way packets left the computer.

use super::ByMedium;

/// The interface, its router, and other ways than the line.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct WayWords {
    /// Title of the other ways.
    pub(crate) name: &'static str,
    pub(crate) medium: ByMedium,
    /// What it was connected by: one way, several.
    pub(crate) connected: &'static str,
    /// A way in words, with its router.
    pub(crate) way: &'static str,
    /// The same without a router.
    pub(crate) direct: &'static str,
    pub(crate) share: &'static str,
    pub(crate) avoids: &'static str,
    pub(crate) tunnel: &'static str,
    pub(crate) at_drops: &'static str,
    pub(crate) other: &'static str,
    pub(crate) near_roam: &'static str,
    pub(crate) wifi: &'static str,
    pub(crate) roamed: &'static str,
    /// Another way inside the router.
    pub(crate) failover: &'static str,
    /// Drops of another way: one, several.
    pub(crate) drops: [&'static str; 2],
}

pub(crate) const EN: WayWords = WayWords {
    name: "Other ways",
    medium: ByMedium {
        cable: "cable",
        wifi: "Wi-Fi",
        mobile: "a mobile network",
        ppp: "PPP",
        tunnel: "a tunnel",
        other: "another interface",
    },
    connected: "This computer was connected by {ways}",
    way: "{medium} ({interface}, router {gateway})",
    direct: "{medium} ({interface})",
    share: "{way} for {length}",
    avoids: "the probes kept out of the tunnel {tunnel}",
    tunnel: "through a tunnel ({tunnel}): what fails may be the tunnel and not the line",
    at_drops: "it was on {medium} in {n} of {all} drops",
    near_roam: "{n} of {all} drops on Wi-Fi began within 5 s of a change of its access point",
    wifi: "Wi-Fi {signal} dBm, {rate} Mbit/s",
    roamed: "Wi-Fi connected anew {at}",
    other: "{length} by another way: {way}",
    failover: "the line is down, and the router uses another way: answers are not the line's",
    drops: ["one drop there, not the line's", "{n} drops there, not the line's"],
};

pub(crate) const FR: WayWords = WayWords {
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
    failover: "la ligne est coupée et le routeur passe par un autre chemin\u{a0}: les réponses ne sont pas les siennes",
    drops: [
        "une coupure sur ce chemin, non de la ligne",
        "{n} coupures sur ce chemin, non de la ligne",
    ],
};
