//! Remote write: how sending to each receiver goes.

use crate::language::phrases::RemoteWriteWords;

pub(super) const REMOTE_WRITE: RemoteWriteWords = RemoteWriteWords {
    sending: "Remote write vers {receiver}\u{a0}: {samples} échantillons envoyés, retard de {behind}",
    nothing_yet: "Remote write vers {receiver}\u{a0}: rien d’envoyé encore",
    waiting: "attend la ligne",
    skipped: "{samples} échantillons refusés et omis",
    too_old: "remote write vers {receiver} est en attente\u{a0}: le récepteur refuse des échantillons aussi anciens ({said})\u{a0}; rien n’est omis. Il faut y régler out_of_order_time_window (Prometheus\u{a0}: storage.tsdb, Mimir\u{a0}: limits), au-delà du plus ancien à envoyer",
    out_of_order: "remote write vers {receiver} est en attente\u{a0}: le récepteur a des échantillons plus récents de ces séries ({said})\u{a0}; rien n’est omis. Deux linkmon aux mêmes étiquettes\u{a0}? Sinon il faut y régler out_of_order_time_window (Prometheus\u{a0}: storage.tsdb, Mimir\u{a0}: limits)",
    refused: "remote write vers {receiver} est en attente\u{a0}: le récepteur refuse ce qui est envoyé ({said})\u{a0}; rien n’est omis",
    fails: "remote write vers {receiver} échoue et sera réessayé\u{a0}: {said}",
    skips: "remote write vers {receiver}\u{a0}: le récepteur refuse des échantillons à cause de leur âge ({said})\u{a0}; ils sont désormais omis (on-too-old = \"skip\")",
    works: "remote write vers {receiver} fonctionne de nouveau",
};
