//! The channel of a configuration: each kind has its arm.

use super::channel::{Channel, ChannelSetup};
use super::command::CommandChannel;
use super::webhook::Webhook;
use crate::config::{AlertConfig, AlertKind};

/// The channel of a configuration. It is made on its thread, and again after a failure: a file with a
/// secret may come later.
///
/// # Errors
/// A sentence why there can be none at present, without secrets.
pub fn channel(config: &AlertConfig, setup: &ChannelSetup) -> Result<Box<dyn Channel>, String> {
    match config.kind() {
        AlertKind::Webhook => Ok(Box::new(Webhook::of(config)?)),
        AlertKind::Command => Ok(Box::new(CommandChannel::of(config)?)),
        AlertKind::Mail => Ok(Box::new(super::mail::MailChannel::new(config, setup)?)),
        AlertKind::Desktop => desktop(),
    }
}

#[cfg(feature = "desktop")]
fn desktop() -> Result<Box<dyn Channel>, String> {
    if super::session::has_session() {
        return Ok(Box::<super::desktop_channel::DesktopChannel>::default());
    }
    Err("there is no desktop session to show notifications in".to_owned())
}

#[cfg(not(feature = "desktop"))]
fn desktop() -> Result<Box<dyn Channel>, String> {
    Err("this linkmon was built without desktop notifications".to_owned())
}
