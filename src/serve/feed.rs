//! What each second brings to the page, as JSON.

use serde::Serialize;

use crate::language::present::way_words;
use crate::language::words::impairment;
use crate::live::{SharedPresent, Status, TargetMarks};

/// One event of the stream.
#[derive(Debug, Serialize)]
struct PageSecond<'a> {
    status: &'a Status,
    /// In words, in the order of those in the status; after them the way, where it is not the line's.
    impairments: Vec<String>,
    zone: Option<&'a str>,
    targets: Vec<TargetMarks>,
}

/// The present with the marks after serial number `seen`, and the number of the newest mark in it;
/// `None` before the first second. `zone` is the zone's IANA name; without one the page takes the
/// browser's.
pub(super) fn since(
    present: &SharedPresent,
    seen: u64,
    zone: Option<&str>,
) -> Option<(String, u64)> {
    let (status, targets, newest) = {
        let present = present.lock();
        (present.status()?.clone(), present.recent().since(seen), present.recent().serial())
    };
    let words = status.impairments.iter();
    let words = words.map(|i| impairment::what(&i.figures, &i.places, i.target.as_deref()));
    let other = status.way.as_ref().filter(|way| !way.is_line).map(way_words);
    let words = words.chain(other).collect();
    let second = PageSecond { status: &status, impairments: words, zone, targets };
    let text = serde_json::to_string(&second).expect("a second is plain data");
    Some((text, newest))
}

/// The status as JSON, the same as `linkmon status --format json`; `None` before the first second.
pub(super) fn status(present: &SharedPresent) -> Option<String> {
    let status = present.lock().status()?.clone();
    Some(serde_json::to_string(&*status).expect("a status is plain data") + "\n")
}
