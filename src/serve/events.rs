//! Server-sent events: the whole present first, then what each second brings.

use hyper::StatusCode;
use hyper::body::Bytes;
use tokio::sync::mpsc;
use tokio::task::spawn_local;

use super::answer::{self, HttpAnswer};
use super::feed;
use super::watchers::Watchers;
use crate::live::SharedPresent;

/// At most this many pages at once. Each holds one second of marks, at its start ten minutes of
/// them.
const MOST: usize = 12;

/// What a stream is made of.
#[derive(Debug, Clone)]
pub(super) struct EventStreams {
    pub(super) present: SharedPresent,
    pub(super) watchers: Watchers,
    /// The zone's IANA name; without one the page takes the browser's.
    pub(super) zone: Option<String>,
}

impl EventStreams {
    /// Opens a stream for one browser. A slow one misses no mark: what was not sent is in the next
    /// event that it takes.
    pub(super) fn open(&self) -> HttpAnswer {
        if self.watchers.count() >= MOST {
            let sentence = "as many pages are open as can be served";
            return answer::said(StatusCode::SERVICE_UNAVAILABLE, sentence);
        }
        let (pieces, taken) = mpsc::channel(1);
        spawn_local(self.clone().send_to(pieces));
        answer::stream(taken)
    }

    async fn send_to(self, pieces: mpsc::Sender<Bytes>) {
        let mut seconds = self.watchers.join();
        let mut seen = 0;
        loop {
            // Room first, so that what is sent is of now and not of when the browser last slept.
            let Ok(room) = pieces.reserve().await else { return };
            if let Some((text, up_to)) = feed::since(&self.present, seen, self.zone.as_deref()) {
                seen = up_to;
                room.send(Bytes::from(format!("data: {text}\n\n")));
            }
            tokio::select! {
                changed = seconds.changed() => if changed.is_err() { return },
                () = pieces.closed() => return,
            }
        }
    }
}
