//! How much may wait to be sent, over all connections: slow clients hold that much and no more.

use std::sync::Arc;

use axum::body::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Octets in one unit of the budget. What is smaller is not counted: the number of connections bounds
/// it.
const UNIT: usize = 16 << 10;

/// Units in all: 24 MB.
const UNITS: usize = 1_536;

/// The memory for answers that are being sent.
#[derive(Debug, Clone)]
pub(super) struct OutgoingBudget(Arc<Semaphore>);

/// Units for streams of events, which are not to wait for anything else: 8 MB.
const UNITS_OF_STREAMS: usize = 512;

impl Default for OutgoingBudget {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(UNITS)))
    }
}

/// Octets that are counted until the last copy of them is gone.
struct CountedBytes {
    bytes: Bytes,
    _permit: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for CountedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl OutgoingBudget {
    /// The largest answer that can be sent at all, in octets.
    pub(super) const MOST: usize = UNITS * UNIT;

    /// That of the streams of events.
    pub(super) fn of_streams() -> Self {
        Self(Arc::new(Semaphore::new(UNITS_OF_STREAMS)))
    }

    /// The same bytes, counted as long as anyone holds them; `None` where too much waits already.
    pub(super) fn count(&self, bytes: Bytes) -> Option<Bytes> {
        let units = u32::try_from(bytes.len() / UNIT).ok()?;
        if units == 0 {
            return Some(bytes);
        }
        let permit = Arc::clone(&self.0).try_acquire_many_owned(units).ok()?;
        Some(Bytes::from_owner(CountedBytes { bytes, _permit: permit }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_bounded_and_what_was_sent_makes_room() {
        let budget = OutgoingBudget::default();
        let half = || Bytes::from(vec![7; UNIT * UNITS / 2]);
        let first = budget.count(half()).unwrap();
        let second = budget.count(half()).unwrap();
        let copy = second.slice(1_000..);
        assert_eq!(budget.count(half()), None);
        assert!(budget.count(Bytes::from_static(b"small")).is_some());
        drop(second);
        assert_eq!(budget.count(half()), None, "a part of it is still held");
        drop(copy);
        assert_eq!(budget.count(half()).as_deref(), Some(&first[..]));
    }
}
