//! What surrounds every route: the headers of all answers, the sentence of a bare refusal, 304 for
//! a browser that has the answer already, and bounds on memory.

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::header::{
    self, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName,
    HeaderValue, IF_NONE_MATCH,
};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use hyper::body::Body as _;

use super::answer::{self, AlreadyHeld, HttpAnswer};
use super::outgoing::OutgoingBudget;

/// Headers of all answers: nothing is guessed or lent to other sites.
const ALWAYS: [(HeaderName, HeaderValue); 3] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// Headers of answers that have no other value of them: nothing is cached; nothing in an answer that
/// is not a page may do anything.
const UNLESS_SET: [(HeaderName, HeaderValue); 3] = [
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
];

/// Dresses an answer, whichever layer it comes from.
pub(super) async fn dress(request: Request, next: Next) -> HttpAnswer {
    let mut answer = next.run(request).await;
    let (status, headers) = (answer.status(), answer.headers());
    if status.as_u16() >= 400 && !headers.contains_key(CONTENT_TYPE) {
        answer = worded(status, headers);
    }
    let headers = answer.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, value);
    }
    for (name, value) in UNLESS_SET {
        headers.entry(name).or_insert(value);
    }
    answer
}

/// A refusal of a library, which has no words, with its headers.
fn worded(status: StatusCode, headers: &HeaderMap) -> HttpAnswer {
    let sentence = match status {
        StatusCode::METHOD_NOT_ALLOWED => "this path does not take this method",
        StatusCode::SERVICE_UNAVAILABLE => "it took too long to answer this",
        StatusCode::REQUEST_TIMEOUT => "the request took too long",
        other => other.canonical_reason().unwrap_or("this was refused"),
    };
    let mut answer = answer::said(status, sentence);
    for (name, value) in headers.iter().filter(|(name, _)| *name != CONTENT_LENGTH) {
        answer.headers_mut().insert(name, value.clone());
    }
    answer
}

/// Answers 304 to a browser that has what it asks for, and else counts what is to be sent.
pub(super) async fn spare(
    State(budget): State<OutgoingBudget>,
    request: Request,
    next: Next,
) -> HttpAnswer {
    let may_match = matches!(*request.method(), Method::GET | Method::HEAD);
    let known = may_match.then(|| request.headers().get(IF_NONE_MATCH).cloned()).flatten();
    let answer = next.run(request).await;
    if let (StatusCode::OK, Some(tag)) = (answer.status(), answer.headers().get(ETAG))
        && known.is_some_and(|known| matches(&known, tag))
    {
        return not_modified(&answer);
    }
    if answer.extensions().get::<AlreadyHeld>().is_some()
        || answer.body().size_hint().exact().is_none()
    {
        return answer;
    }
    let (parts, body) = answer.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    match budget.count(bytes) {
        Some(bytes) => HttpAnswer::from_parts(parts, bytes.into()),
        None => answer::said(
            StatusCode::SERVICE_UNAVAILABLE,
            "too many answers are on their way to slow clients; try again in a minute",
        ),
    }
}

fn not_modified(answer: &HttpAnswer) -> HttpAnswer {
    let mut bare = HttpAnswer::default();
    *bare.status_mut() = StatusCode::NOT_MODIFIED;
    for (name, value) in answer.headers() {
        if *name != CONTENT_TYPE && *name != CONTENT_LENGTH {
            bare.headers_mut().append(name, value.clone());
        }
    }
    bare
}

/// Whether `If-None-Match` names the tag, by the weak comparison of RFC 9110 (13.1.2).
fn matches(known: &HeaderValue, tag: &HeaderValue) -> bool {
    let (Ok(known), Ok(tag)) = (known.to_str(), tag.to_str()) else { return false };
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    known.trim() == "*" || known.split(',').any(|known| opaque(known) == opaque(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_among_others_weak_or_strong() {
        let matches = |known| {
            let tag = HeaderValue::from_static("W/\"a\"");
            matches(&HeaderValue::from_static(known), &tag)
        };
        for known in ["W/\"a\"", "\"a\"", "\"b\", W/\"a\"", "*", " \"a\" "] {
            assert!(matches(known), "{known}");
        }
        for known in ["", "a", "\"b\"", "W/\"ab\"", "\"a"] {
            assert!(!matches(known), "{known}");
        }
    }
}
