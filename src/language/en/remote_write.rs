//! Remote write: how sending to each receiver goes.

use crate::language::phrases::RemoteWriteWords;

pub(super) const REMOTE_WRITE: RemoteWriteWords = RemoteWriteWords {
    sending: "Remote write to {receiver}: {samples} samples sent, {behind} behind",
    nothing_yet: "Remote write to {receiver}: nothing sent yet",
    waiting: "waits for the link",
    skipped: "{samples} samples left out that it refused",
    too_old: "remote write to {receiver} is held: it refuses samples as old as these ({said}); nothing is left out. Set out_of_order_time_window there (Prometheus: storage.tsdb, Mimir: limits), longer than the oldest that is to be sent",
    out_of_order: "remote write to {receiver} is held: it has newer samples of these series ({said}); nothing is left out. Two linkmons with the same labels? Else set out_of_order_time_window there (Prometheus: storage.tsdb, Mimir: limits)",
    refused: "remote write to {receiver} is held: it refuses what is sent ({said}); nothing is left out",
    fails: "remote write to {receiver} fails and is tried again: {said}",
    skips: "remote write to {receiver}: it refuses samples because of their age ({said}), and they are left out from here on (on-too-old = \"skip\")",
    works: "remote write to {receiver} works again",
};
