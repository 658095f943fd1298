//! An answer with the headers that every answer has, whole or as a stream of events.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use http_body_util::Full;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use tokio::sync::mpsc;

use super::guard::RequestRefusal;

/// The body of an answer.
pub(super) enum AnswerBody {
    Whole(Full<Bytes>),
    /// Pieces as they come, one at a time: a browser that does not take them holds one, and gets no
    /// more.
    Stream(mpsc::Receiver<Bytes>),
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            Self::Whole(whole) => Pin::new(whole).poll_frame(cx),
            Self::Stream(pieces) => {
                pieces.poll_recv(cx).map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(whole) => whole.is_end_stream(),
            Self::Stream(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(whole) => whole.size_hint(),
            Self::Stream(_) => SizeHint::default(),
        }
    }
}

/// An answer.
pub(super) type HttpAnswer = Response<AnswerBody>;

/// Headers of all answers: nothing is cached, guessed or lent to other sites.
const ALWAYS: [(HeaderName, HeaderValue); 5] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// For everything but the page: nothing in it may do anything.
const INERT: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// An answer of this type.
pub(super) fn ok(content_type: &'static str, bytes: impl Into<Bytes>) -> HttpAnswer {
    with(content_type, AnswerBody::Whole(Full::new(bytes.into())))
}

/// A stream of events.
pub(super) fn stream(pieces: mpsc::Receiver<Bytes>) -> HttpAnswer {
    with("text/event-stream", AnswerBody::Stream(pieces))
}

/// An answer of one sentence.
pub(super) fn said(status: StatusCode, sentence: &str) -> HttpAnswer {
    let mut answer = ok("text/plain; charset=utf-8", format!("{sentence}\n"));
    *answer.status_mut() = status;
    answer
}

impl From<RequestRefusal> for HttpAnswer {
    fn from(refusal: RequestRefusal) -> Self {
        let mut answer = said(refusal.status, refusal.why);
        if refusal.status == StatusCode::METHOD_NOT_ALLOWED {
            answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        }
        answer
    }
}

fn with(content_type: &'static str, body: AnswerBody) -> HttpAnswer {
    let mut answer = Response::new(body);
    let headers = answer.headers_mut();
    for (name, value) in &ALWAYS {
        headers.insert(name, value.clone());
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, INERT);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer
}
