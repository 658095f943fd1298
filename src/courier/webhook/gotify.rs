//! Gotify: the token of an application, a priority from 0 to 10.

use serde_json::json;

use super::super::message::Parcel;
use super::addressee::Addressee;
use super::fit::{LengthIn, fit, verbatim};
use super::mood::Mood;
use crate::net::client::HttpRequest;

/// It has no limit; its clients show this much.
const TITLE: usize = 250;
const TEXT: usize = 16_000;

pub(super) fn request(parcel: &Parcel<'_>, to: &Addressee) -> HttpRequest {
    // On Android: from 1 without a sound, from 4 with one, from 8 on top of everything.
    let priority = match Mood::of(parcel) {
        Mood::Quiet => 2,
        Mood::Relief => 4,
        Mood::Concern => 5,
        Mood::Alarm => 8,
    };
    let body = json!({
        "title": fit(&parcel.title, TITLE, LengthIn::Utf16, verbatim),
        "message": fit(&parcel.text, TEXT, LengthIn::Utf16, verbatim),
        "priority": priority,
        "extras": { "client::display": { "contentType": "text/plain" } },
    });
    with_token(HttpRequest::post(path(to), "application/json", body.to_string()), to)
}

/// Where messages go: `/message` below the address, unless that is it.
pub(super) fn path(to: &Addressee) -> String {
    to.below("/message")
}

pub(super) fn with_token(request: HttpRequest, to: &Addressee) -> HttpRequest {
    match &to.token {
        Some(token) => request.with("x-gotify-key", token.reveal()),
        None => request,
    }
}
