//! Alerts on the desktop of the session in which the daemon runs.

use notify_rust::{Notification, Timeout, Urgency};

use super::channel::{Channel, DeliveryError};
use super::message::{MessageEvent, Parcel};

/// Shows parcels; one about the incident that is shown takes its place.
#[derive(Debug, Default)]
pub(super) struct DesktopChannel {
    /// The incident last shown, and the number that the desktop gave its notification.
    shown: Option<(String, u32)>,
}

impl Channel for DesktopChannel {
    fn deliver(&mut self, parcel: &Parcel<'_>) -> Result<(), DeliveryError> {
        let mut notification = Notification::new();
        notification.appname("linkmon").summary(&parcel.title).body(&parcel.text);
        let last = parcel.messages.last();
        match last.map(|message| message.event) {
            // It stays until the link is back.
            Some(MessageEvent::Down | MessageEvent::StillDown) => notification
                .icon("network-error")
                .urgency(Urgency::Critical)
                .timeout(Timeout::Never),
            _ => notification
                .icon("network-idle")
                .urgency(Urgency::Normal)
                .timeout(Timeout::Milliseconds(30_000)),
        };
        let thread = last.map(|message| message.thread.clone()).unwrap_or_default();
        if let Some((_, number)) = self.shown.as_ref().filter(|(shown, _)| *shown == thread) {
            notification.id(*number);
        }
        let handle = notification.show().map_err(|e| DeliveryError::later(e.to_string()))?;
        self.shown = Some((thread, handle.id()));
        Ok(())
    }
}
