//! Slack's incoming webhooks, and what understands the same: Mattermost, Rocket.Chat.
//!
//! Slack shows the blocks, whose text is plain and needs no escape; others show `text`.

use serde_json::json;

use super::super::message::Parcel;
use super::addressee::Addressee;
use super::fit::{LengthIn, fit, mrkdwn, verbatim};
use crate::net::client::HttpRequest;

/// Limits of a `header` and of a `section`.
const TITLE: usize = 150;
const TEXT: usize = 3_000;

pub(super) fn request(parcel: &Parcel<'_>, to: &Addressee) -> HttpRequest {
    let whole = format!("{}\n{}", parcel.title, parcel.text);
    let plain = |text: &str, most| {
        json!({
            "type": "plain_text",
            "text": fit(text, most, LengthIn::Utf16, verbatim),
            "emoji": false,
        })
    };
    let mut blocks = vec![json!({ "type": "header", "text": plain(&parcel.title, TITLE) })];
    // An empty one is refused.
    if !parcel.text.trim().is_empty() {
        blocks.push(json!({ "type": "section", "text": plain(&parcel.text, TEXT) }));
    }
    let body = json!({
        "text": fit(&whole, TEXT, LengthIn::Utf16, mrkdwn),
        "blocks": blocks,
    });
    HttpRequest::post(&*to.url.path, "application/json", body.to_string())
}
