//! HTTP(S) probe: one GET over a fresh connection (RFC 9112), from URL and address to
//! [`Outcome`] with the [`Phases`] of the request.
//!
//! Nothing is reused (no pool, no TLS resumption), so that each probe is like the others.
//! Redirects are not followed; of a body at most 64 KiB is read. Connect is the kernel's time;
//! TLS, first byte and transfer are taken in this process: correct to a few ms on a busy machine.
//! The name is resolved elsewhere ([`super::resolve`]): `rtt` is the sum of the phases from
//! connect on, and `resolve` is the time taken by the look-up that found the address.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

use super::tcp::{self, Stopwatch};
use crate::net::client::known_authorities;
use crate::time::{LARGEST_SLEW, Reading, Timestamp};
use crate::vocabulary::{
    ClockOffset, Failed, FailedReason, NotSent, Outcome, Phase, Phases, Reply, Url,
};

mod expect;
mod timestamp;

pub use timestamp::{AuthorityError, TimeStamp, stamped_digest, time_stamp};

/// Octets of a body that are read; the rest is left unread.
const BODY_LIMIT: usize = 64 * 1024;
/// Bounds the memory that a header can take.
const HEAD_LIMIT: usize = 64 * 1024;
/// The longest a probe may take, whatever its interval.
const LONGEST: Duration = Duration::from_secs(10);

/// The time limit of a whole probe: 10 s, but at most two slots, so that no more than two probes
/// of a target are under way, and at least the loss threshold.
pub fn limit(interval: Duration, loss_threshold: Duration) -> Duration {
    (2 * interval).min(LONGEST).max(loss_threshold)
}

/// What all HTTP probes share: the trusted certificates, read when the first HTTPS target is probed.
/// linkmon's own checks are plain HTTP and need none.
#[derive(Clone, Default)]
pub struct HttpProber {
    tls: OnceLock<TlsConnector>,
}

impl HttpProber {
    /// Reads the system's certificates (`SSL_CERT_FILE` and `SSL_CERT_DIR` if set), once; where
    /// there are none, takes Mozilla's, as built in. The first time takes some milliseconds.
    fn tls(&self) -> &TlsConnector {
        self.tls.get_or_init(|| connector(known_authorities()))
    }

    /// Gets `url` from the first of `addresses` to which this host has a route. `resolve`: how
    /// long the look-up took that found them, `None` if they were known before. Gives also how far the
    /// server's clock is ahead of this host's, where a right answer says so.
    pub async fn probe(
        &self,
        url: &Url,
        addresses: &[IpAddr],
        resolve: Option<Duration>,
        limit: Duration,
    ) -> (Outcome, Option<ClockOffset>) {
        if url.https {
            // Before anything is timed.
            self.tls();
        }
        let (mut at, mut clock) = (Phase::Connect, None);
        let sockets: Vec<_> = addresses.iter().map(|&ip| SocketAddr::new(ip, url.port)).collect();
        let steps = self.steps(url, &sockets, resolve, &mut at, &mut clock);
        let outcome = match tokio::time::timeout(limit, steps).await {
            Ok(Ok(reply)) => return (Outcome::Reply(reply), clock),
            Ok(Err(outcome)) => outcome,
            // Not even a SYN-ACK: no one answered.
            Err(_) if at == Phase::Connect => Outcome::Lost,
            Err(_) => failed(at, FailedReason::Timeout),
        };
        (outcome, None)
    }

    /// The request, step by step; `at` always holds the phase it is in, `server` what the answer shows
    /// of the server's clock.
    async fn steps(
        &self,
        url: &Url,
        addresses: &[SocketAddr],
        resolve: Option<Duration>,
        at: &mut Phase,
        server: &mut Option<ClockOffset>,
    ) -> Result<Reply, Outcome> {
        let connected = tcp::connect_any(addresses).await?;
        let peer = connected.stream.peer_addr().map(|a| a.ip()).ok();
        // A request is one small segment; Nagle would only add the wait for an ACK.
        let _ = connected.stream.set_nodelay(true);
        let mut clock = Stopwatch::start();
        let mut phases = Phases {
            resolve,
            connect: connected.took,
            tls: None,
            first_byte: Duration::ZERO,
            transfer: Duration::ZERO,
        };
        if url.https {
            *at = Phase::Tls;
            let name = ServerName::try_from(url.host.clone())
                .map_err(|_| Outcome::NotSent(NotSent::Other))?;
            let stream =
                self.tls().connect(name, connected.stream).await.map_err(|e| tls_failure(&e))?;
            phases.tls = Some(clock.lap());
            *server = exchange(url, peer, stream, &mut phases, &mut clock, at).await?;
        } else {
            let stream = connected.stream;
            *server = exchange(url, peer, stream, &mut phases, &mut clock, at).await?;
        }
        let rtt =
            phases.connect + phases.tls.unwrap_or_default() + phases.first_byte + phases.transfer;
        Ok(Reply { rtt, local_queue: None, ttl: None, phases: Some(Box::new(phases)) })
    }
}

impl std::fmt::Debug for HttpProber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HttpProber")
    }
}

/// Request and response over an open connection; gives what the answer shows of the server's clock.
async fn exchange(
    url: &Url,
    peer: Option<IpAddr>,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    phases: &mut Phases,
    clock: &mut Stopwatch,
    at: &mut Phase,
) -> Result<Option<ClockOffset>, Outcome> {
    *at = Phase::FirstByte;
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(HEAD_LIMIT)
        .handshake::<_, Empty<Bytes>>(TokioIo::new(stream))
        .await
        .map_err(|e| http_failure(&e, Phase::FirstByte))?;
    // Ends with this function, and the connection with it.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let request = hyper::Request::get(url.path.as_str())
        .header(header::HOST, url.authority())
        .header(header::USER_AGENT, concat!("linkmon/", env!("CARGO_PKG_VERSION")))
        .header(header::ACCEPT, "*/*")
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::CONNECTION, "close")
        .body(Empty::new())
        .map_err(|_| Outcome::NotSent(NotSent::Other))?;
    let asked = Reading::now();
    let response =
        sender.send_request(request).await.map_err(|e| http_failure(&e, Phase::FirstByte))?;
    phases.first_byte = clock.lap();
    let answered = Reading::now();
    *at = Phase::Transfer;
    let (head, body) = response.into_parts();
    let body = read_body(body).await?;
    phases.transfer = clock.lap();
    let location =
        head.headers.get(header::LOCATION).map(|l| String::from_utf8_lossy(l.as_bytes()));
    expect::judge(url, peer, head.status.as_u16(), location.as_deref(), &body)
        .map_err(Outcome::Failed)?;
    Ok(server_clock(&head.headers, &asked, &answered))
}

/// How far the clock of a server is ahead that wrote its `Date` (RFC 9110 §6.6.1) between these two
/// readings; `None` if it says nothing, if a cache answered, or if the clock was set in between.
fn server_clock(
    headers: &header::HeaderMap,
    asked: &Reading,
    answered: &Reading,
) -> Option<ClockOffset> {
    let stepped = (answered.utc_offset_us() - asked.utc_offset_us()).abs();
    let age = headers.get(header::AGE).is_some_and(|age| age != "0");
    if age || stepped > LARGEST_SLEW.as_i64() {
        return None;
    }
    let date = headers.get(header::DATE)?.to_str().ok()?;
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok()?;
    let date = Timestamp::from_micros(date.as_microsecond());
    Some(ClockOffset::of_answer(date, asked.utc, answered.utc))
}

/// At most [`BODY_LIMIT`] octets of the body.
async fn read_body(mut body: Incoming) -> Result<Vec<u8>, Outcome> {
    let mut read = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|e| http_failure(&e, Phase::Transfer))?;
        if let Some(piece) = frame.data_ref() {
            read.extend_from_slice(&piece[..piece.len().min(BODY_LIMIT - read.len())]);
        }
        if read.len() == BODY_LIMIT {
            break;
        }
    }
    Ok(read)
}

fn failed(phase: Phase, reason: FailedReason) -> Outcome {
    Outcome::Failed(Failed { phase, reason })
}

/// A closed or reset connection was refused; anything else was not TLS, or the wrong certificate.
fn tls_failure(e: &std::io::Error) -> Outcome {
    use rustls::Error as E;
    let reason = match e.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        None => FailedReason::Refused,
        Some(
            E::InvalidMessage(_)
            | E::InappropriateMessage { .. }
            | E::InappropriateHandshakeMessage { .. }
            | E::PeerMisbehaved(_)
            | E::PeerSentOversizedRecord,
        ) => FailedReason::Malformed,
        Some(_) => FailedReason::Tls,
    };
    failed(Phase::Tls, reason)
}

/// What is not HTTP is malformed; the rest is a connection that was reset or closed too early.
fn http_failure(e: &hyper::Error, phase: Phase) -> Outcome {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(e);
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            let of_tls = io
                .get_ref()
                .is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>);
            let garbage = of_tls || io.kind() == std::io::ErrorKind::InvalidData;
            let reason = if garbage { FailedReason::Malformed } else { FailedReason::Refused };
            return failed(phase, reason);
        }
        cause = error.source();
    }
    let early = e.is_incomplete_message() || e.is_canceled() || e.is_closed();
    failed(phase, if early { FailedReason::Refused } else { FailedReason::Malformed })
}

fn connector(roots: RootCertStore) -> TlsConnector {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring supports the default TLS versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.resumption = rustls::client::Resumption::disabled();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    TlsConnector::from(Arc::new(config))
}

#[cfg(test)]
mod tests;
