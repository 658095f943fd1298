//! By which way packets left the computer.

use crate::language::phrases::{ByMedium, WayWords};

pub(super) const WAYS: WayWords = WayWords {
    name: "Andere Wege",
    medium: ByMedium {
        cable: "Kabel",
        wifi: "WLAN",
        mobile: "Mobilfunk",
        ppp: "PPP",
        tunnel: "Tunnel",
        other: "andere Schnittstelle",
    },
    connected: "Dieser Rechner war verbunden über {ways}",
    way: "{medium} ({interface}, Router {gateway})",
    direct: "{medium} ({interface})",
    share: "{way} für {length}",
    avoids: "die Messpakete mieden den Tunnel {tunnel}",
    tunnel: "durch einen Tunnel ({tunnel}): was ausfällt, kann der Tunnel sein und nicht die Leitung",
    at_drops: "bei {n} von {all} Ausfällen war dieser Rechner verbunden über {medium}",
    near_roam: "{n} von {all} Ausfällen über WLAN begannen höchstens 5\u{a0}s neben einem Wechsel des Zugangspunkts",
    wifi: "WLAN {signal}\u{a0}dBm, {rate}\u{a0}Mbit/s",
    roamed: "WLAN neu verbunden um {at}",
    other: "{length} auf einem anderen Weg: {way}",
    failover: "Leitung ausgefallen{span}: der Router nutzt einen anderen Weg, und die Antworten sind nicht die der Leitung",
    drops: ["ein Ausfall dort, nicht der Leitung", "{n} Ausfälle dort, nicht der Leitung"],
};
