//! Webhooks: a parcel as the request of a service, and what its answer means.
//!
//! Each preset is a pure function from a parcel and a [`Addressee`] to a request. All requests carry
//! the key of the parcel as `Idempotency-Key`, the same at each attempt.

mod addressee;
mod alertmanager;
mod answer;
mod apprise;
mod discord;
mod fit;
mod gotify;
mod matrix;
mod mood;
mod ntfy;
mod plain;
mod sign;
mod slack;
mod template;
#[cfg(test)]
mod tests;
mod trial;

use std::time::Duration;

use self::addressee::Addressee;
use self::alertmanager::{Lingering, ShownAlerts};
use super::channel::{Channel, DeliveryError};
use super::message::Parcel;
use crate::config::{AlertConfig, WebhookConfig, WebhookPreset};
use crate::net::client::{HttpClient, HttpRequest, Trust};
use crate::sys::plain as plain_file;
use crate::time::Timestamp;
pub(in crate::courier) use plain::json;

/// As much of an answer is read: services say in a sentence what is wrong.
const LARGEST_ANSWER: usize = 16 * 1024;
/// Pause before an end is sent again that could not be.
const AGAIN: Duration = Duration::from_secs(30);
/// Certificates in a file.
const LARGEST_CA_FILE: u64 = 1 << 20;

/// The request for a parcel as its service takes it.
fn request_of(to: &Addressee, parcel: &Parcel<'_>) -> HttpRequest {
    match to.preset {
        WebhookPreset::Plain => to.bearer(plain::request(parcel, &to.url.path)),
        WebhookPreset::Template => to.bearer(template::request(parcel, to)),
        WebhookPreset::Ntfy => ntfy::request(parcel, to),
        WebhookPreset::Gotify => gotify::request(parcel, to),
        WebhookPreset::Matrix => matrix::request(parcel, to),
        WebhookPreset::Slack => slack::request(parcel, to),
        WebhookPreset::Discord => discord::request(parcel, to),
        WebhookPreset::Apprise => to.bearer(apprise::request(parcel, to)),
        WebhookPreset::Alertmanager => {
            let (alerts, _) = alertmanager::alerts(parcel, &ShownAlerts::default(), Duration::ZERO);
            alertmanager::request(alerts, to)
        }
    }
}

/// A channel that sends by HTTP.
#[derive(Debug)]
pub(super) struct Webhook {
    config: WebhookConfig,
    to: Addressee,
    client: HttpClient,
    limit: Duration,
    linger: Duration,
    shown: ShownAlerts,
    lingering: Vec<Lingering>,
}

impl Webhook {
    /// The channel of a configuration.
    ///
    /// # Errors
    /// If a file with a secret or a certificate cannot be read, in a sentence without it.
    pub(super) fn of(config: &AlertConfig) -> Result<Self, String> {
        let to = Addressee::of(&config.webhook)?;
        let client = HttpClient::new(Trust::KnownAuthorities, LARGEST_ANSWER).heeding_status();
        let client = match &config.webhook.ca_file {
            Some(path) => {
                let wrong = |e: String| format!("{}: {e}", path.display());
                let pem =
                    plain_file::read(path, LARGEST_CA_FILE).map_err(|e| wrong(e.to_string()))?;
                client.trusting(&pem).map_err(|e| wrong(e.to_string()))?
            }
            None => client,
        };
        let client = match &config.interface {
            Some(interface) => client.through(interface.clone()),
            None => client,
        };
        Ok(Self {
            config: config.webhook.clone(),
            to,
            client,
            limit: config.timeout,
            linger: config.webhook.linger,
            shown: ShownAlerts::default(),
            lingering: Vec::new(),
        })
    }

    fn send(&self, request: HttpRequest, key: &str, now: Timestamp) -> Result<(), DeliveryError> {
        let request = self.to.complete(request, key, now);
        let server = self.to.server();
        let answer = self.client.ask(&server, &request, self.limit);
        answer::judged(answer, &self.to, now)
    }
}

impl Channel for Webhook {
    fn deliver(&mut self, parcel: &Parcel<'_>) -> Result<(), DeliveryError> {
        // Its secrets may have been replaced.
        self.to = Addressee::of(&self.config).map_err(DeliveryError::later)?;
        if self.to.preset != WebhookPreset::Alertmanager {
            return self.send(request_of(&self.to, parcel), parcel.key, parcel.now);
        }
        let (alerts, lingering) = alertmanager::alerts(parcel, &self.shown, self.linger);
        self.send(alertmanager::request(alerts, &self.to), parcel.key, parcel.now)?;
        self.shown.on_delivered(parcel);
        self.lingering.extend(lingering);
        Ok(())
    }

    /// Alerts get their ends that could not be sent with them.
    fn tend(&mut self, now: Timestamp) -> Option<Timestamp> {
        let due: Vec<Lingering> =
            self.lingering.iter().filter(|one| one.due <= now).cloned().collect();
        if let Some(first) = due.first() {
            let alerts = due.iter().map(|one| one.alert.clone()).collect();
            let key = format!("linger-{}", first.due.as_micros());
            if self.send(alertmanager::request(alerts, &self.to), &key, now).is_err() {
                return Some(now + AGAIN);
            }
            self.lingering.retain(|one| !due.contains(one));
        }
        self.lingering.iter().map(|one| one.due).min()
    }

    /// What it remembers is of use after a failure: where the server was, and ends to be sent. Only
    /// certificates are read once.
    fn stays_after_failure(&self) -> bool {
        self.config.ca_file.is_none()
    }

    fn try_out(&mut self) -> Result<String, String> {
        self.tried()
    }
}

/// What a part of a path stands for.
fn percent_decoded(part: &str) -> String {
    let mut octets = Vec::new();
    let mut rest = part.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind.get(..2).filter(|_| *first == b'%');
        let value = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(octet) = value.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            octets.push(octet);
            rest = &behind[2..];
        } else {
            octets.push(*first);
            rest = behind;
        }
    }
    String::from_utf8_lossy(&octets).into_owned()
}
