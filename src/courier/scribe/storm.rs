//! Storms: drops that follow one another so fast that each is not worth a message.

use std::time::Duration;

use super::drops::ToldDrop;
use crate::time::Timestamp;
use crate::vocabulary::{MessageEvent, StoredMessage};

/// So many drops within an hour are a storm.
const DROPS: usize = 3;
/// It is over when there was none for this long.
const CALM: Duration = Duration::from_secs(3_600);

/// A storm that lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Storm {
    pub(super) thread: String,
    /// The onset of its first drop.
    pub(super) first: Timestamp,
    /// How many there were, as far as this daemon saw them.
    pub(super) drops: usize,
}

/// What a new drop is to a storm.
#[derive(Debug)]
pub(super) enum StormVerdict {
    None,
    /// It is the third.
    Begins(Storm),
    /// There is one.
    Lasts,
}

/// Whether these drops of an hour are one.
pub(super) fn begins(near: &[&ToldDrop]) -> StormVerdict {
    if near.len() < DROPS {
        return StormVerdict::None;
    }
    let Some(first) = near.iter().min_by_key(|known| known.onset) else {
        return StormVerdict::None;
    };
    let name = first.thread.strip_prefix("drop-").unwrap_or(&first.thread);
    let thread = format!("flapping-{name}");
    StormVerdict::Begins(Storm { thread, first: first.onset, drops: near.len() })
}

impl Storm {
    /// The one that messages tell of as lasting.
    pub(super) fn of(messages: &[StoredMessage]) -> Option<Self> {
        let is_of_storm = |m: &&StoredMessage| {
            matches!(m.message.event, MessageEvent::Flapping | MessageEvent::FlappingOver)
        };
        let last = &messages.iter().rfind(is_of_storm)?.message;
        let thread = last.thread.clone();
        let lasts = last.event == MessageEvent::Flapping;
        lasts.then(|| Self { thread, first: last.onset.unwrap_or(last.at), drops: DROPS })
    }
}

/// Whether it was calm for long enough since the last drop ended.
pub(super) fn is_calm(last_end: Timestamp, now: Timestamp) -> bool {
    now.duration_since(last_end).is_some_and(|calm| calm >= CALM)
}
