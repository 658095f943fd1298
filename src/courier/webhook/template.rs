//! A body of one's own: `{{key}}` and the like are replaced, escaped for what the body is.

use super::super::message::{Message, Parcel};
use super::addressee::Addressee;
use super::fit::{self, Escape, LengthIn, fit};
use crate::config::template::{TemplatePiece, is_json, pieces};
use crate::net::client::HttpRequest;

/// Receivers take more; what is beyond this is in the record.
const MOST: usize = 16_000;

/// A value as it is known.
enum FieldValue {
    Text(String),
    Number(String),
}

pub(super) fn request(parcel: &Parcel<'_>, to: &Addressee) -> HttpRequest {
    let content_type = to.content_type.as_deref();
    let escape: Escape = match content_type.unwrap_or("application/json") {
        kind if is_json(Some(kind)) => fit::json,
        kind if kind.contains("form-urlencoded") => fit::form,
        kind if kind.contains("html") || kind.contains("xml") => fit::html,
        _ => fit::verbatim,
    };
    let template = to.template.as_deref().unwrap_or_default();
    // It was looked at when the configuration was read.
    let pieces = pieces(template).unwrap_or_default();
    let body = write(&pieces, escape, &|name| value(parcel, name));
    HttpRequest::post(&*to.url.path, content_type.unwrap_or("application/json"), body)
}

fn write(
    pieces: &[TemplatePiece<'_>],
    escape: Escape,
    value: &dyn Fn(&str) -> Option<FieldValue>,
) -> String {
    let mut body = String::new();
    for piece in pieces {
        match piece {
            TemplatePiece::Text(text) => body.push_str(text),
            TemplatePiece::Field(name) => {
                if let Some(FieldValue::Text(value) | FieldValue::Number(value)) = value(name) {
                    body.push_str(&fit(&value, MOST, LengthIn::Octets, escape));
                }
            }
            TemplatePiece::Json(name) => match value(name) {
                None => body.push_str("null"),
                Some(FieldValue::Number(number)) => body.push_str(&number),
                Some(FieldValue::Text(text)) => {
                    body.extend(["\"", &fit(&text, MOST, LengthIn::Octets, fit::json), "\""]);
                }
            },
        }
    }
    body
}

/// The value of a field; `None`: there is none. Of several messages, those of one alone are not known.
fn value(parcel: &Parcel<'_>, name: &str) -> Option<FieldValue> {
    let text = |text: &str| Some(FieldValue::Text(text.to_owned()));
    let origin = parcel.origin;
    match name {
        "key" => return text(parcel.key),
        "event" => return text(parcel.event()),
        "title" => return text(&parcel.title),
        "text" => return text(&parcel.text),
        "site" => return origin.site.as_deref().and_then(text),
        "isp" => return origin.isp.as_deref().and_then(text),
        "line" => return origin.line.as_deref().and_then(text),
        "host" => return text(&origin.host),
        _ => {}
    }
    let [only] = parcel.messages else { return None };
    of_message(only, name).or_else(|| {
        (name == "late_s").then(|| FieldValue::Number(format!("{:.3}", parcel.late_s(only))))
    })
}

fn of_message(message: &Message, name: &str) -> Option<FieldValue> {
    match name {
        "thread" => Some(FieldValue::Text(message.thread.clone())),
        "at" => Some(FieldValue::Text(message.at.to_string())),
        "onset" => message.onset.map(|at| FieldValue::Text(at.to_string())),
        "end" => message.end.map(|at| FieldValue::Text(at.to_string())),
        "min_s" => message.min_s.map(|s| FieldValue::Number(format!("{s:.3}"))),
        "max_s" => message.max_s.map(|s| FieldValue::Number(format!("{s:.3}"))),
        "place" => message.place.clone().map(FieldValue::Text),
        "target" => message.target.clone().map(FieldValue::Text),
        "count_today" => message.count_today.map(|n| FieldValue::Number(n.to_string())),
        _ => None,
    }
}
