//! An answer, whole or as a stream of events.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue};
use axum::http::{Response, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::body::Frame;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

/// The type of most answers.
pub(super) const JSON: &str = "application/json";

/// An answer.
pub(super) type HttpAnswer = Response<Body>;

/// A browser may keep it, and asks each time whether it is still the same.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("private, no-cache");

/// Bytes with their tag, by which a browser that has them already is spared them.
#[derive(Debug, Clone)]
pub(super) struct TaggedBytes {
    bytes: Bytes,
    tag: HeaderValue,
}

impl TaggedBytes {
    pub(super) fn new(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        // Weak: it names what is said, compressed or not.
        let tag = format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(&Sha256::digest(&bytes)[..16]));
        let tag = HeaderValue::from_str(&tag).expect("a digest in base64 is plain text");
        Self { bytes, tag }
    }

    /// An answer of these bytes.
    pub(super) fn answer(&self, content_type: &'static str) -> HttpAnswer {
        let mut answer = with(content_type, Body::from(self.bytes.clone()));
        answer.headers_mut().insert(ETAG, self.tag.clone());
        answer.headers_mut().insert(CACHE_CONTROL, ASK_AGAIN);
        answer
    }
}

/// The bytes of an answer are in memory anyway, and need not be counted among what waits to be sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct AlreadyHeld;

/// An answer of this type. No browser keeps it: a computer on which somebody once logged in would have
/// numbers and notes on its disk.
pub(super) fn ok(content_type: &'static str, bytes: impl Into<Bytes>) -> HttpAnswer {
    let mut answer = TaggedBytes::new(bytes).answer(content_type);
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// A stream of events. A browser that does not take them holds one piece, and gets no more.
pub(super) fn stream(pieces: mpsc::Receiver<Bytes>) -> HttpAnswer {
    with("text/event-stream", Body::new(EventPieces(pieces)))
}

/// An answer of one sentence.
pub(super) fn said(status: StatusCode, sentence: &str) -> HttpAnswer {
    let mut answer = with("text/plain; charset=utf-8", Body::from(format!("{sentence}\n")));
    *answer.status_mut() = status;
    answer
}

fn with(content_type: &'static str, body: Body) -> HttpAnswer {
    let mut answer = Response::new(body);
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer
}

/// Pieces as they come, one at a time.
struct EventPieces(mpsc::Receiver<Bytes>);

impl hyper::body::Body for EventPieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}
