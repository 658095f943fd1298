//! Remote write: how sending to each receiver goes.

use crate::language::phrases::RemoteWriteWords;

pub(super) const REMOTE_WRITE: RemoteWriteWords = RemoteWriteWords {
    sending: "Remote Write an {receiver}: {samples} Werte gesendet, {behind} im Rückstand",
    nothing_yet: "Remote Write an {receiver}: noch nichts gesendet",
    waiting: "wartet auf die Leitung",
    skipped: "{samples} Werte ausgelassen, die er ablehnte",
    too_old: "Remote Write an {receiver} wartet: Der Empfänger lehnt so alte Werte ab ({said}); nichts wird ausgelassen. Dort ist out_of_order_time_window zu setzen (Prometheus: storage.tsdb, Mimir: limits), länger als das Älteste, das zu senden ist",
    out_of_order: "Remote Write an {receiver} wartet: Der Empfänger hat neuere Werte dieser Reihen ({said}); nichts wird ausgelassen. Zwei linkmon mit denselben Labels? Sonst ist dort out_of_order_time_window zu setzen (Prometheus: storage.tsdb, Mimir: limits)",
    refused: "Remote Write an {receiver} wartet: Der Empfänger lehnt ab, was gesendet wird ({said}); nichts wird ausgelassen",
    fails: "Remote Write an {receiver} schlägt fehl und wird wiederholt: {said}",
    skips: "Remote Write an {receiver}: Der Empfänger lehnt Werte wegen ihres Alters ab ({said}); ab hier werden sie ausgelassen (on-too-old = \"skip\")",
    works: "Remote Write an {receiver} gelingt wieder",
};
