//! What happened to this computer and to its router, counted.

/// How often things happened to this computer: once, several times.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct HostCounts {
    pub(crate) name: &'static str,
    pub(crate) slept: [&'static str; 2],
    pub(crate) clock: [&'static str; 2],
    pub(crate) carrier: [&'static str; 2],
    pub(crate) route: [&'static str; 2],
    pub(crate) router: &'static str,
    pub(crate) dead_entry: [&'static str; 2],
}

pub(crate) const EN: HostCounts = HostCounts {
    name: "Computer",
    slept: ["slept once", "slept {n} times"],
    clock: ["clock set forward or back once", "clock set forward or back {n} times"],
    carrier: ["lost its cable or Wi-Fi once", "lost its cable or Wi-Fi {n} times"],
    route: ["default route changed once", "default route changed {n} times"],
    router: "Router",
    dead_entry: [
        "kept a dead entry for linkmon's pings once: they were lost there, the line worked",
        "kept a dead entry for linkmon's pings {n} times: they were lost there, the line worked",
    ],
};

pub(crate) const FR: HostCounts = HostCounts {
    name: "Ordinateur",
    slept: ["en veille une fois", "en veille {n} fois"],
    clock: ["horloge avancée ou reculée une fois", "horloge avancée ou reculée {n} fois"],
    carrier: ["câble ou Wi-Fi perdu une fois", "câble ou Wi-Fi perdu {n} fois"],
    route: ["route par défaut changée une fois", "route par défaut changée {n} fois"],
    router: "Routeur",
    dead_entry: [
        "a gardé une fois une entrée morte pour les pings de linkmon\u{a0}: ils s’y perdaient, l’accès marchait",
        "a gardé {n} fois une entrée morte pour les pings de linkmon\u{a0}: ils s’y perdaient, l’accès marchait",
    ],
};
