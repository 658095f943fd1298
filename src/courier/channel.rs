//! A way to people: what each channel does. The one of a configuration is made in `factory.rs`.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::message::{Message, Parcel};
use crate::language::Language;
use crate::time::Timestamp;

/// A way to people. Each is called on a thread of its own, which it may block for a minute or two.
pub trait Channel: Send {
    /// Sends a parcel; it may have arrived although an earlier attempt failed, so that its key goes with
    /// it wherever the receiver can make use of it.
    ///
    /// # Errors
    /// If it was not taken, and whether to try again.
    fn deliver(&mut self, parcel: &Parcel<'_>) -> Result<(), DeliveryError>;

    /// Does what has become due apart from parcels, and says when it wants to be called again; `None`:
    /// not before the next parcel. What fails is tried again at the time given.
    fn tend(&mut self, now: Timestamp) -> Option<Timestamp> {
        let _ = now;
        None
    }

    /// Whether it is still of use after a failure, as it reads its secrets each time; else it is made
    /// anew.
    fn stays_after_failure(&self) -> bool {
        false
    }

    /// Finds out whether it would work, without telling anybody; what was found out, in a sentence
    /// without a full stop.
    ///
    /// # Errors
    /// What is wrong, in such a sentence, without secrets.
    fn try_out(&mut self) -> Result<String, String> {
        Ok("nothing can be tried without telling somebody".to_owned())
    }
}

/// Why a parcel was not taken. Neither sentence has a secret in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// It may be taken later: no way to the receiver, no answer in time, 429, 5xx, wrong credentials.
    #[error("{why}")]
    Later {
        /// A sentence without a full stop.
        why: String,
        /// When the receiver wants to be asked again (`Retry-After`); `None`: it did not say.
        after: Option<Duration>,
    },
    /// This parcel will never be taken: it is set aside, and shown.
    #[error("{why}")]
    Refused {
        /// A sentence without a full stop.
        why: String,
    },
}

impl DeliveryError {
    /// Tried again with the usual back-off.
    pub fn later(why: impl Into<String>) -> Self {
        Self::Later { why: why.into(), after: None }
    }

    /// Never tried again.
    pub fn refused(why: impl Into<String>) -> Self {
        Self::Refused { why: why.into() }
    }
}

/// Draws what a message is about, as a PNG or PDF; `None` where there is nothing to draw.
pub type DropPicture = Arc<dyn Fn(&Message) -> Option<Vec<u8>> + Send + Sync>;

/// What channels may need besides their configuration.
#[derive(Clone)]
pub struct ChannelSetup {
    /// The language of what the channel writes itself.
    pub(crate) language: &'static Language,
    /// The zone of the times in it.
    pub zone: TimeZone,
    /// Draws a drop or a report; `None`: nothing is attached.
    pub picture: Option<DropPicture>,
    /// Writes a report as PDF; `None`: nothing is attached.
    pub document: Option<DropPicture>,
}

impl std::fmt::Debug for ChannelSetup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChannelSetup").field("zone", &self.zone).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_taken_says_whether_to_try_again() {
        let later = DeliveryError::later("no answer within 10 s");
        assert!(matches!(&later, DeliveryError::Later { after: None, .. }));
        assert_eq!(later.to_string(), "no answer within 10 s");
        assert_ne!(DeliveryError::refused("x"), DeliveryError::later("x"));
    }
}
