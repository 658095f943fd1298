//! The body of an answer, and what an error of a connection means.

use std::io::{ErrorKind, Read as _};
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap};
use tokio_rustls::rustls;

use super::Error;

/// The whole body, unpacked, unless it is larger than `largest`.
pub(super) async fn read(
    mut body: Incoming,
    head: &HeaderMap,
    largest: usize,
) -> Result<Vec<u8>, Error> {
    let announced = head.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if announced.and_then(|length| length.parse().ok()).is_some_and(|n: usize| n > largest) {
        return Err(Error::TooLarge(largest));
    }
    let ends_with_connection = announced.is_none() && !head.contains_key(header::TRANSFER_ENCODING);
    let mut read = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = match frame {
            Ok(frame) => frame,
            // Without the farewell that TLS asks for; nothing else says where such a body ends.
            Err(e) if ends_with_connection && is_early_end(&e) => break,
            Err(e) => return Err(failure(&e)),
        };
        if let Some(piece) = frame.data_ref() {
            if piece.len() > largest - read.len() {
                return Err(Error::TooLarge(largest));
            }
            read.extend_from_slice(piece);
        }
    }
    if head.get(header::CONTENT_ENCODING).is_some_and(|coding| coding == "gzip") {
        return unpacked(&read, largest);
    }
    Ok(read)
}

/// How long the beginning of a body is waited for where the status says everything.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// What of the body comes at once, `largest` bytes at most; nothing of a packed one.
pub(super) async fn beginning(mut body: Incoming, head: &HeaderMap, largest: usize) -> Vec<u8> {
    let mut read = Vec::new();
    if head.contains_key(header::CONTENT_ENCODING) {
        return read;
    }
    let coming = async {
        while let Some(Ok(frame)) = body.frame().await {
            if let Some(piece) = frame.data_ref() {
                let room = largest - read.len();
                read.extend_from_slice(&piece[..piece.len().min(room)]);
            }
            if read.len() >= largest {
                break;
            }
        }
    };
    // Whether it was all of it makes no difference.
    let _ = tokio::time::timeout(PATIENCE, coming).await;
    read
}

/// Not asked for, but sent by some servers all the same.
fn unpacked(packed: &[u8], largest: usize) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    let limit = u64::try_from(largest).unwrap_or(u64::MAX).saturating_add(1);
    flate2::read::GzDecoder::new(packed)
        .take(limit)
        .read_to_end(&mut body)
        .map_err(|e| Error::NotHttp(format!("gzip: {}", words(&e))))?;
    if body.len() > largest { Err(Error::TooLarge(largest)) } else { Ok(body) }
}

fn is_early_end(e: &hyper::Error) -> bool {
    io_cause(e).is_some_and(|io| io.kind() == ErrorKind::UnexpectedEof)
}

fn io_cause(e: &hyper::Error) -> Option<&std::io::Error> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(e);
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            return Some(io);
        }
        cause = error.source();
    }
    None
}

/// Without the number that is of no use to a reader.
pub(super) fn words(e: &std::io::Error) -> String {
    let words = e.to_string();
    let end = words.find(" (os error").unwrap_or(words.len());
    words[..end].to_owned()
}

/// Of the handshake of TLS.
pub(super) fn tls_failure(e: &std::io::Error) -> Error {
    match e.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(tls) => Error::Tls(tls.to_string()),
        None if e.kind() == ErrorKind::UnexpectedEof => {
            Error::Tls("the connection was closed".to_owned())
        }
        None => Error::Tls(words(e)),
    }
}

/// Of a connection that was there. What is not HTTP is not; the rest ended too early.
pub(super) fn failure(e: &hyper::Error) -> Error {
    if let Some(io) = io_cause(e) {
        let of_tls = io.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        return match of_tls {
            Some(tls) => Error::Tls(tls.to_string()),
            None if io.kind() == ErrorKind::InvalidData => Error::NotHttp(words(io)),
            None => Error::NoAnswer(words(io)),
        };
    }
    if e.is_incomplete_message() || e.is_canceled() || e.is_closed() {
        return Error::NoAnswer("the connection was closed before the answer was complete".into());
    }
    Error::NotHttp(e.to_string())
}
