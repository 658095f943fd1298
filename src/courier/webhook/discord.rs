//! Discord's webhooks: an embed, with the true time of the onset and nobody mentioned.

use serde_json::{Value, json};

use super::super::message::Parcel;
use super::addressee::Addressee;
use super::fit::{LengthIn, fit, markdown};
use super::mood::Mood;
use crate::net::client::HttpRequest;

/// An embed may have 256 and 4,096; beyond 2,000 readers have to unfold it.
const TITLE: usize = 256;
const TEXT: usize = 2_000;

pub(super) fn request(parcel: &Parcel<'_>, to: &Addressee) -> HttpRequest {
    let color = match Mood::of(parcel) {
        Mood::Quiet => 0x80_80_80,
        Mood::Relief => 0x2e_a0_43,
        Mood::Concern => 0xd2_99_22,
        Mood::Alarm => 0xcf_22_2e,
    };
    let title = fit(&parcel.title.replace('\n', " "), TITLE, LengthIn::Utf16, markdown);
    let mut embed = json!({
        "title": title,
        "description": fit(&parcel.text, TEXT, LengthIn::Utf16, markdown),
        "color": color,
    });
    if let [only] = parcel.messages {
        embed["timestamp"] = Value::String(only.onset.unwrap_or(only.at).to_string());
    }
    let body = json!({ "embeds": [embed], "allowed_mentions": { "parse": [] } });
    HttpRequest::post(&*to.url.path, "application/json", body.to_string())
}
