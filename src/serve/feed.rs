//! What each second brings to the page, as JSON.

use jiff::tz::TimeZone;
use serde::Serialize;

use crate::language::Language;
use crate::live::{SharedPresent, Status, TargetMarks};

/// One event of the stream.
#[derive(Debug, Serialize)]
struct PageSecond<'a> {
    status: &'a Status,
    /// In words, with their time, in the order of those in the status; after them the way, where it is not the line's.
    impairments: Vec<String>,
    /// What waits to be told or cannot be sent, in words.
    sending: Vec<String>,
    /// The modem, in words, once it was read.
    modem: Option<String>,
    zone: Option<&'a str>,
    targets: Vec<TargetMarks>,
}

/// The present with the marks after serial number `seen`, and the number of the newest mark in it;
/// `None` before the first second. Where the zone has no IANA name, the page takes the browser's.
pub(super) fn since(
    present: &SharedPresent,
    seen: u64,
    zone: &TimeZone,
    language: &Language,
) -> Option<(String, u64)> {
    let (status, targets, newest) = {
        let present = present.lock();
        (present.status()?.clone(), present.recent().since(seen), present.recent().serial())
    };
    let words = status.impairments.iter();
    let words = words.map(|i| language.wrong_now(i, status.at, zone));
    let other = status.way.as_ref().filter(|way| !way.is_line).map(|way| language.way_now(way));
    let words = words.chain(other).collect();
    let modem = status.modem.as_ref().map(|modem| language.modem_now(modem, status.at, zone));
    let sending = language.sending_troubles(&status, zone);
    let (impairments, zone) = (words, zone.iana_name());
    let second = PageSecond { status: &status, impairments, sending, modem, zone, targets };
    let text = serde_json::to_string(&second).expect("a second is plain data");
    Some((text, newest))
}

/// The status as JSON, the same as `linkmon status --format json`; `None` before the first second.
pub(super) fn status(present: &SharedPresent) -> Option<String> {
    let status = present.lock().status()?.clone();
    Some(serde_json::to_string(&*status).expect("a status is plain data") + "\n")
}
