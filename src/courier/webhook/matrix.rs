//! Matrix: the key of the parcel is the id of the transaction, so that a server that had it already
//! says so, and shows it once (client-server API, PUT of `/rooms/{roomId}/send`).

use serde_json::json;

use super::super::message::Parcel;
use super::addressee::Addressee;
use super::fit::{LengthIn, fit, html, segment, verbatim};
use crate::net::client::HttpRequest;

/// A whole event has 65,536 octets at most, and this is in it twice.
const TEXT: usize = 12_000;
const TITLE: usize = 1_000;

pub(super) fn request(parcel: &Parcel<'_>, to: &Addressee) -> HttpRequest {
    let part = |text: &str, most, escape| fit(text, most, LengthIn::Octets, escape);
    let plain = |text: &str, most| part(text, most, verbatim);
    let body = json!({
        "msgtype": "m.text",
        "body": format!("{}\n{}", plain(&parcel.title, TITLE), plain(&parcel.text, TEXT)),
        "format": "org.matrix.custom.html",
        "formatted_body": format!(
            "<strong>{}</strong><br>{}",
            part(&parcel.title, TITLE, html),
            part(&parcel.text, 2 * TEXT, html),
        ),
        // Without it, some servers look for names in the text.
        "m.mentions": {},
    });
    let room = to.room.as_deref().unwrap_or_default();
    let path = to.below(&format!(
        "/_matrix/client/v3/rooms/{}/send/m.room.message/{}",
        segment(room),
        segment(parcel.key)
    ));
    to.bearer(HttpRequest::post(path, "application/json", body.to_string()).by("PUT"))
}
