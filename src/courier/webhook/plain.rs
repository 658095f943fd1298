//! The JSON of docs/json.md, which is a contract: for a receiver of one's own, and for a program.

use serde::Serialize;

use super::super::message::{Message, MessageEvent, MessageOrigin, Parcel};
use crate::net::client::HttpRequest;
use crate::time::Timestamp;

/// A message of one's own account.
#[derive(Serialize)]
struct PostedMessage<'a> {
    key: &'a str,
    thread: &'a str,
    event: MessageEvent,
    #[serde(flatten)]
    origin: PostedOrigin<'a>,
    #[serde(flatten)]
    facts: PostedFacts<'a>,
}

/// Several that waited.
#[derive(Serialize)]
struct PostedMeanwhile<'a> {
    key: &'a str,
    event: &'static str,
    #[serde(flatten)]
    origin: PostedOrigin<'a>,
    events: Vec<PostedPart<'a>>,
    title: &'a str,
    text: &'a str,
}

/// One of them.
#[derive(Serialize)]
struct PostedPart<'a> {
    key: &'a str,
    thread: &'a str,
    event: MessageEvent,
    #[serde(flatten)]
    facts: PostedFacts<'a>,
}

#[derive(Serialize)]
struct PostedOrigin<'a> {
    site: Option<&'a str>,
    isp: Option<&'a str>,
    line: Option<&'a str>,
    host: &'a str,
}

#[derive(Serialize)]
struct PostedFacts<'a> {
    at: Timestamp,
    onset: Option<Timestamp>,
    end: Option<Timestamp>,
    min_s: Option<f64>,
    max_s: Option<f64>,
    place: Option<&'a str>,
    target: Option<&'a str>,
    count_today: Option<u32>,
    late_s: f64,
    title: &'a str,
    text: &'a str,
}

impl<'a> PostedOrigin<'a> {
    fn of(origin: &'a MessageOrigin) -> Self {
        Self {
            site: origin.site.as_deref(),
            isp: origin.isp.as_deref(),
            line: origin.line.as_deref(),
            host: &origin.host,
        }
    }
}

impl<'a> PostedFacts<'a> {
    fn of(message: &'a Message, parcel: &Parcel<'_>, title: &'a str, text: &'a str) -> Self {
        let Message { at, onset, end, min_s, max_s, place, target, count_today, .. } = message;
        Self {
            at: *at,
            onset: *onset,
            end: *end,
            min_s: min_s.map(to_ms),
            max_s: max_s.map(to_ms),
            place: place.as_deref(),
            target: target.as_deref(),
            count_today: *count_today,
            late_s: to_ms(parcel.late_s(message)),
            title,
            text,
        }
    }
}

impl<'a> PostedPart<'a> {
    fn of(message: &'a Message, parcel: &Parcel<'_>) -> Self {
        Self {
            key: &message.key,
            thread: &message.thread,
            event: message.event,
            facts: PostedFacts::of(message, parcel, &message.title, &message.text),
        }
    }
}

/// To three decimals.
fn to_ms(seconds: f64) -> f64 {
    (seconds * 1_000.0).round() / 1_000.0
}

/// The parcel as JSON.
pub(in crate::courier) fn json(parcel: &Parcel<'_>) -> Vec<u8> {
    let origin = PostedOrigin::of(parcel.origin);
    let written = if let [only] = parcel.messages {
        serde_json::to_vec(&PostedMessage {
            key: parcel.key,
            thread: &only.thread,
            event: only.event,
            origin,
            facts: PostedFacts::of(only, parcel, &parcel.title, &parcel.text),
        })
    } else {
        serde_json::to_vec(&PostedMeanwhile {
            key: parcel.key,
            event: parcel.event(),
            origin,
            events: parcel.messages.iter().map(|message| PostedPart::of(message, parcel)).collect(),
            title: &parcel.title,
            text: &parcel.text,
        })
    };
    written.expect("its keys are text and its numbers finite")
}

pub(super) fn request(parcel: &Parcel<'_>, path: &str) -> HttpRequest {
    HttpRequest::post(path, "application/json", json(parcel))
}
