//! By which way packets left the computer.

use crate::language::phrases::{ByMedium, WayWords};

pub(super) const WAYS: WayWords = WayWords {
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
    failover: "line down{span}: the router uses another way, and answers are not the line's",
    drops: ["one drop there, not the line's", "{n} drops there, not the line's"],
};
