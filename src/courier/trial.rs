//! A test by hand: a message that says that nothing happened.

use super::channel::{ChannelSetup, DeliveryError};
use super::factory::channel;
use super::message::{Message, MessageEvent, MessageOrigin};
use super::worker::pack;
use crate::config::AlertConfig;
use crate::language::{fill, plain};
use crate::time::Timestamp;

/// Sends a test by a channel, whatever the state of the line; nothing is stored.
///
/// # Errors
/// Why it was not taken, in a sentence without secrets.
pub fn try_channel(
    config: &AlertConfig,
    setup: &ChannelSetup,
    origin: &MessageOrigin,
    now: Timestamp,
) -> Result<(), String> {
    let p = setup.language.alerts();
    let message = Message {
        title: plain(p.titles.of(MessageEvent::Test)),
        text: plain(&fill(p.test, &[("host", origin.host.clone())])),
        ..Message::new(format!("test-{}", now.as_micros()), MessageEvent::Test, now)
    };
    let messages = [message];
    let parcel = pack(&messages[0].key, &messages, origin, now, setup);
    channel(config, setup)?.deliver(&parcel).map_err(|error| match error {
        DeliveryError::Later { why, .. } | DeliveryError::Refused { why } => why,
    })
}
