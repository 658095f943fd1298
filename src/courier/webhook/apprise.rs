//! Apprise API: one of its configurations, which knows further services.

use serde_json::json;

use super::super::message::Parcel;
use super::addressee::Addressee;
use super::fit::{LengthIn, fit, verbatim};
use super::mood::Mood;
use crate::net::client::HttpRequest;

/// The services behind it cut further, each at its own limit.
const TITLE: usize = 250;
const TEXT: usize = 16_000;

pub(super) fn request(parcel: &Parcel<'_>, to: &Addressee) -> HttpRequest {
    let kind = match Mood::of(parcel) {
        Mood::Quiet => "info",
        Mood::Relief => "success",
        Mood::Concern => "warning",
        Mood::Alarm => "failure",
    };
    let body = json!({
        "title": fit(&parcel.title, TITLE, LengthIn::Utf16, verbatim),
        "body": fit(&parcel.text, TEXT, LengthIn::Utf16, verbatim),
        "type": kind,
        "format": "text",
    });
    HttpRequest::post(&*to.url.path, "application/json", body.to_string())
}
