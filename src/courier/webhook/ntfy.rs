//! ntfy, as JSON: titles of any language, which its header fields have to encode.

use serde_json::json;

use super::super::message::Parcel;
use super::addressee::Addressee;
use super::fit::{LengthIn, fit, verbatim};
use super::mood::Mood;
use super::percent_decoded;
use crate::net::client::HttpRequest;

/// `message-size-limit` is 4 KiB as it comes; a longer one would become a file.
const TEXT: usize = 4_000;
/// It goes on in a header field, of which clients show a line.
const TITLE: usize = 200;

/// The topic is the last part of the path; what is before it is the server's.
pub(super) fn request(parcel: &Parcel<'_>, to: &Addressee) -> HttpRequest {
    let (base, topic) = to.bare_path().rsplit_once('/').unwrap_or(("", to.bare_path()));
    // 1 to 5, where 3 is the usual one and 5 goes on ringing.
    let (priority, tag) = match Mood::of(parcel) {
        Mood::Quiet => (2, "information_source"),
        Mood::Relief => (3, "white_check_mark"),
        Mood::Concern => (3, "warning"),
        Mood::Alarm => (4, "rotating_light"),
    };
    let body = json!({
        "topic": percent_decoded(topic),
        "title": fit(&parcel.title.replace('\n', " "), TITLE, LengthIn::Octets, verbatim),
        "message": fit(&parcel.text, TEXT, LengthIn::Octets, verbatim),
        "priority": priority,
        "tags": [tag],
    });
    to.bearer(HttpRequest::post(format!("{base}/"), "application/json", body.to_string()))
}
