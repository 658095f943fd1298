//! What happened to this computer and to its router, counted.

use crate::language::phrases::HostCounts;

pub(super) const HOST: HostCounts = HostCounts {
    name: "Ordinateur",
    slept: ["en veille une fois", "en veille {n} fois"],
    clock: ["horloge avancée ou reculée une fois", "horloge avancée ou reculée {n} fois"],
    carrier: ["câble ou Wi-Fi perdu une fois", "câble ou Wi-Fi perdu {n} fois"],
    route: ["route par défaut changée une fois", "route par défaut changée {n} fois"],
    router: "Routeur",
    dead_entry: [
        "a gardé une fois une entrée périmée pour les pings de linkmon\u{a0}: ils s’y perdaient, l’accès marchait",
        "a gardé {n} fois une entrée périmée pour les pings de linkmon\u{a0}: ils s’y perdaient, l’accès marchait",
    ],
};
