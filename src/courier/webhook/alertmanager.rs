//! Alertmanager v2: one alert for each incident, with its true beginning and end.
//!
//! An alert is known by its labels, so that these are the same from its beginning to its end: what may
//! be corrected meanwhile (place, times) is in its annotations. Each incident has a label of its own,
//! else the second of two drops would replace the first.
//!
//! - While it lasts, it has an end far away. Without one it would be over after `resolve_timeout`
//!   unless sent again, which fails when the line is down, that is, when it lasts.
//! - Of an alert that comes with an end that is past, Alertmanager tells nobody. What was over before it
//!   could be sent therefore begins as lasting for a while, and gets its true end when that is over
//!   ([`Lingering`]): people then have both true times.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::super::message::{Message, MessageEvent, Parcel};
use super::addressee::Addressee;
use crate::net::client::HttpRequest;
use crate::time::Timestamp;

/// Longer than the day between two messages about a drop that lasts, some of which may fail.
const FAR_AWAY: Duration = Duration::from_secs(3 * 86_400);
/// As many incidents are known to be shown as lasting.
const MOST_SHOWN: usize = 500;

/// An incident of a parcel.
struct AlertedIncident<'a> {
    newest: &'a Message,
    /// Whether its beginning is in the parcel.
    begins: bool,
}

/// An alert whose true end is to be sent later.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lingering {
    /// When to send it.
    pub(super) due: Timestamp,
    /// The alert with its true end.
    pub(super) alert: Value,
}

/// What Alertmanager shows as lasting because of this channel, since it was made.
#[derive(Debug, Default)]
pub(super) struct ShownAlerts {
    threads: Vec<String>,
}

impl ShownAlerts {
    fn has(&self, thread: &str) -> bool {
        self.threads.iter().any(|shown| shown == thread)
    }

    /// Takes note of what a parcel that was taken shows.
    pub(super) fn on_delivered(&mut self, parcel: &Parcel<'_>) {
        for incident in incidents(parcel) {
            let thread = &incident.newest.thread;
            self.threads.retain(|shown| shown != thread);
            if end_of(incident.newest).is_none() && lasts(incident.newest.event) {
                self.threads.push(thread.clone());
            }
        }
        let too_many = self.threads.len().saturating_sub(MOST_SHOWN);
        self.threads.drain(..too_many);
    }
}

/// The alerts of a parcel, and those of them whose end follows.
pub(super) fn alerts(
    parcel: &Parcel<'_>,
    shown: &ShownAlerts,
    linger: Duration,
) -> (Vec<Value>, Vec<Lingering>) {
    let mut lingering = Vec::new();
    let alerts = incidents(parcel).into_iter().map(|incident| {
        let message = incident.newest;
        let end = match end_of(message) {
            None if lasts(message.event) => parcel.now + FAR_AWAY,
            // It has no length: it goes by itself.
            None => parcel.now + linger,
            Some(end) if shown.has(&message.thread) && !incident.begins => end,
            Some(end) => {
                let due = parcel.now + linger;
                lingering.push(Lingering { due, alert: alert(message, parcel, end) });
                // Should the true end never follow.
                due + linger
            }
        };
        alert(message, parcel, end)
    });
    let alerts = alerts.collect();
    (alerts, lingering)
}

/// A request with alerts.
pub(super) fn request(alerts: Vec<Value>, to: &Addressee) -> HttpRequest {
    let body = Value::Array(alerts).to_string();
    to.bearer(HttpRequest::post(path(to), "application/json", body))
}

fn path(to: &Addressee) -> String {
    to.below("/api/v2/alerts")
}

/// In the order of their beginnings in the parcel.
fn incidents<'a>(parcel: &Parcel<'a>) -> Vec<AlertedIncident<'a>> {
    let mut found: Vec<AlertedIncident<'a>> = Vec::new();
    for message in parcel.messages {
        let begins = begins(message);
        match found.iter_mut().find(|known| known.newest.thread == message.thread) {
            Some(known) => {
                known.newest = message;
                known.begins |= begins;
            }
            None => found.push(AlertedIncident { newest: message, begins }),
        }
    }
    found
}

/// Whether it is the first that is told of its incident.
fn begins(message: &Message) -> bool {
    use MessageEvent as E;
    match message.event {
        E::StillDown | E::Back | E::Corrected | E::Withdrawn | E::FlappingOver => false,
        _ => message.end.is_none(),
    }
}

/// Whether what it tells has a length.
fn lasts(event: MessageEvent) -> bool {
    use MessageEvent as E;
    !matches!(event, E::Digest | E::Report | E::Test | E::Modem | E::Disk | E::OtherWay)
}

/// When its incident was over; `None`: it lasts.
fn end_of(message: &Message) -> Option<Timestamp> {
    use MessageEvent as E;
    match message.event {
        E::Withdrawn | E::FlappingOver | E::Back => Some(message.end.unwrap_or(message.at)),
        _ => message.end,
    }
}

fn name(event: MessageEvent) -> &'static str {
    use MessageEvent as E;
    match event {
        E::Down | E::StillDown | E::Back | E::Corrected | E::Withdrawn => "LinkmonDown",
        E::Flapping | E::FlappingOver => "LinkmonFlapping",
        E::Loss => "LinkmonLoss",
        E::Slow => "LinkmonSlow",
        E::Target => "LinkmonTarget",
        E::Dns => "LinkmonDns",
        E::Ipv6 => "LinkmonIpv6",
        E::Ipv4 => "LinkmonIpv4",
        E::Tcp => "LinkmonTcp",
        E::Login => "LinkmonLogin",
        E::OtherWay => "LinkmonOtherWay",
        E::Blind => "LinkmonBlind",
        E::Modem => "LinkmonModem",
        E::Disk => "LinkmonDisk",
        E::Digest => "LinkmonDigest",
        E::Report => "LinkmonReport",
        E::Test => "LinkmonTest",
    }
}

fn severity(event: MessageEvent) -> &'static str {
    use MessageEvent as E;
    match event {
        E::Digest | E::Report | E::Test => "info",
        E::Down
        | E::StillDown
        | E::Back
        | E::Corrected
        | E::Withdrawn
        | E::Flapping
        | E::FlappingOver
        | E::Blind => "critical",
        _ => "warning",
    }
}

fn alert(message: &Message, parcel: &Parcel<'_>, end: Timestamp) -> Value {
    let origin = parcel.origin;
    let begin = message.onset.unwrap_or(message.at);
    let labels = [
        ("alertname", Some(name(message.event))),
        ("severity", Some(severity(message.event))),
        ("incident", Some(message.thread.as_str())),
        ("instance", Some(origin.host.as_str())),
        ("site", origin.site.as_deref()),
        ("isp", origin.isp.as_deref()),
        ("line", origin.line.as_deref()),
    ];
    let seconds = |s: f64| format!("{s:.3}");
    let annotations = [
        ("summary", Some(message.title.clone())),
        ("description", Some(message.text.clone())),
        ("event", Some(message.event.to_string())),
        ("onset", message.onset.map(|at| at.to_string())),
        ("end", end_of(message).map(|at| at.to_string())),
        ("min_s", message.min_s.map(seconds)),
        ("max_s", message.max_s.map(seconds)),
        ("place", message.place.clone()),
        ("target", message.target.clone()),
    ];
    json!({
        "labels": texts(labels.map(|(name, value)| (name, value.map(str::to_owned)))),
        "annotations": texts(annotations),
        "startsAt": begin,
        // Before its beginning it is refused.
        "endsAt": end.max(begin),
    })
}

/// What is not there, or empty, is left out, as Alertmanager does.
fn texts<const N: usize>(pairs: [(&'static str, Option<String>); N]) -> Value {
    let known = pairs.into_iter().filter_map(|(name, value)| {
        let value = value.filter(|value| !value.is_empty())?;
        Some((name.to_owned(), Value::String(value)))
    });
    Value::Object(known.collect::<Map<_, _>>())
}
