//! Server-sent events: the whole present first, then what each second brings.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::http::StatusCode;
use jiff::tz::TimeZone;
use tokio::sync::mpsc;

use super::answer::{self, HttpAnswer};
use super::feed;
use super::outgoing::OutgoingBudget;
use super::watchers::Watchers;
use crate::language::Language;
use crate::live::SharedPresent;
use crate::time::Timestamp;

/// At most this many pages at once. Those that are up to date share what they are sent.
const MOST: usize = 200;

/// What a stream is made of.
#[derive(Debug, Clone)]
pub(super) struct EventStreams {
    pub(super) present: SharedPresent,
    pub(super) watchers: Watchers,
    /// The zone of the times.
    pub(super) zone: TimeZone,
    /// The language of what is said in words.
    pub(super) language: &'static Language,
    pub(super) budget: OutgoingBudget,
    /// What was made last.
    pub(super) made: Arc<Mutex<Option<MadeEvent>>>,
}

/// An event, for all browsers that have seen the same before it.
#[derive(Debug)]
pub(super) struct MadeEvent {
    /// The time of the status in it, and the marks before it.
    of: (Timestamp, u64),
    bytes: Bytes,
    /// The newest mark in it.
    up_to: u64,
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
        tokio::spawn(self.clone().send_to(pieces));
        answer::stream(taken)
    }

    async fn send_to(self, pieces: mpsc::Sender<Bytes>) {
        let mut seconds = self.watchers.join();
        let mut seen = 0;
        loop {
            // Room first, so that what is sent is of now and not of when the browser last slept.
            let Ok(room) = pieces.reserve().await else { return };
            if let Some((bytes, up_to)) = self.since(seen) {
                seen = up_to;
                room.send(bytes);
            }
            tokio::select! {
                changed = seconds.changed() => if changed.is_err() { return },
                () = pieces.closed() => return,
            }
        }
    }

    /// What came after mark `seen`, and the newest mark in it; `None` before the first second, and where
    /// too much waits for slow browsers: it is in the next one then.
    fn since(&self, seen: u64) -> Option<(Bytes, u64)> {
        let of = (self.present.lock().status()?.at, seen);
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = made.as_ref().filter(|made| made.of == of) {
            return Some((made.bytes.clone(), made.up_to));
        }
        let (text, up_to) = feed::since(&self.present, seen, &self.zone, self.language)?;
        let bytes = self.budget.count(Bytes::from(format!("data: {text}\n\n")))?;
        *made = Some(MadeEvent { of, bytes: bytes.clone(), up_to });
        Some((bytes, up_to))
    }
}
