//! What a channel is given: messages, who they are from, and the parcel that goes out.

use crate::config::{Config, Site};
use crate::time::Timestamp;
pub use crate::vocabulary::{Message, MessageEvent};

/// Whose messages they are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MessageOrigin {
    /// The place, as configured.
    pub site: Option<String>,
    /// The internet provider, as configured.
    pub isp: Option<String>,
    /// The line, as configured.
    pub line: Option<String>,
    /// Name of this computer.
    pub host: String,
}

impl MessageOrigin {
    /// That of a configuration, on this computer.
    pub fn of(config: &Config) -> Self {
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let Site { name, isp, line, .. } = config.site.clone();
        Self { site: name, isp, line, host }
    }
}

/// One delivery: one message, or several that waited, oldest first.
#[derive(Debug, Clone)]
pub struct Parcel<'a> {
    /// Its name, the same at each attempt: the key of its only message, or `meanwhile-` and the key of
    /// the last of several.
    pub key: &'a str,
    /// At least one.
    pub messages: &'a [Message],
    /// Whose they are.
    pub origin: &'a MessageOrigin,
    /// When this attempt is made.
    pub now: Timestamp,
    /// What happened, in a line.
    pub title: String,
    /// The text of the whole; it says its age where it waited.
    pub text: String,
}

impl Parcel<'_> {
    /// The event in the words of a contract: that of its only message, or `meanwhile`.
    pub fn event(&self) -> &'static str {
        match self.messages {
            [only] => only.event.as_str(),
            _ => "meanwhile",
        }
    }

    /// How long a message of it waited, in seconds; never below 0.
    pub fn late_s(&self, message: &Message) -> f64 {
        self.now.duration_since(message.at).unwrap_or_default().as_secs_f64()
    }
}
