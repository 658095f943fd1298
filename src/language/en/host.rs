//! What happened to this computer and to its router, counted.

use crate::language::phrases::HostCounts;

pub(super) const HOST: HostCounts = HostCounts {
    name: "Computer",
    slept: ["slept once", "slept {n} times"],
    clock: ["clock set forward or back once", "clock set forward or back {n} times"],
    carrier: ["lost its cable or Wi-Fi once", "lost its cable or Wi-Fi {n} times"],
    route: ["default route changed once", "default route changed {n} times"],
    router: "Router",
    dead_entry: [
        "kept a stale entry for linkmon's pings once: they were lost there, the line worked",
        "kept a stale entry for linkmon's pings {n} times: they were lost there, the line worked",
    ],
};
