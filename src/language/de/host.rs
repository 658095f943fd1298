//! What happened to this computer and to its router, counted.

use crate::language::phrases::HostCounts;

pub(super) const HOST: HostCounts = HostCounts {
    name: "Rechner",
    slept: ["einmal im Ruhezustand", "{n}-mal im Ruhezustand"],
    clock: ["Uhr einmal vor- oder zurückgestellt", "Uhr {n}-mal vor- oder zurückgestellt"],
    carrier: ["Kabel oder WLAN einmal verloren", "Kabel oder WLAN {n}-mal verloren"],
    route: ["Standardroute einmal geändert", "Standardroute {n}-mal geändert"],
    router: "Router",
    dead_entry: [
        "hielt einmal einen veralteten Eintrag für linkmons Pings: sie gingen dort verloren, die Leitung funktionierte",
        "hielt {n}-mal einen veralteten Eintrag für linkmons Pings: sie gingen dort verloren, die Leitung funktionierte",
    ],
};
