//! The keys of the sign of life.

use std::time::Duration;

use super::{DAY, TableOfKeys, Takes, key, without_default};

pub(super) const TABLE: TableOfKeys = TableOfKeys {
    name: "heartbeat",
    documentation: "A sign of life for a monitor elsewhere (Healthchecks, the push monitor of Uptime \
                    Kuma): when box and line are both gone, nobody else can tell. It is sent only \
                    while probes go out and what they measure is stored.",
    keys: &[
        without_default(
            "url",
            Takes::SecretUrl(|c| &mut c.heartbeat.url),
            "\"https://hc.example.org/ping/3f0c8f4e\"",
            "The URL that is asked for (GET, with nothing about this place in it). Without it none is \
             sent. Whoever knows it can send signs of life, too: it is never printed.",
        ),
        key(
            "every",
            Takes::Length(Duration::from_secs(60)..=DAY, |c| &mut c.heartbeat.every),
            "Time from one to the next; each comes up to a tenth earlier. The monitor's grace time \
             should be longer than the drops that it is not to tell of.",
        ),
    ],
};
