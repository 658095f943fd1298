//! An HTTP client for few requests to servers that are not trusted: a time limit for each exchange, a
//! limit on what is kept of an answer, one connection a request, closed after it (`Connection: close`).
//!
//! It blocks, and follows no redirect. What servers of small devices get wrong in HTTP/1.1 is
//! tolerated as far as the answer remains unambiguous.

mod body;
mod names;
mod tls;

use std::borrow::Cow;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};

pub use tls::Trust;
pub(crate) use tls::known_authorities;

/// How long a connection may take to come about: three repetitions of its first packet.
const CONNECTION_LIMIT: Duration = Duration::from_secs(10);
/// More than what ends by itself takes to do so.
const SPARE: Duration = Duration::from_secs(1);
/// Bounds the memory that the head of an answer can take.
const HEAD_LIMIT: usize = 64 * 1024;

/// Where requests go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpServer {
    /// Whether over TLS.
    pub https: bool,
    /// Name or literal address, without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

impl HttpServer {
    /// As in the `Host` header: brackets around IPv6, the port unless it is the scheme's own.
    pub fn authority(&self) -> String {
        let host =
            if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let own = if self.https { 443 } else { 80 };
        if self.port == own { host } else { format!("{host}:{}", self.port) }
    }
}

impl std::fmt::Display for HttpServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "http{}://{}", if self.https { "s" } else { "" }, self.authority())
    }
}

/// A request. It has no `Debug` form: its fields may hold passwords.
#[derive(Clone, Default)]
pub struct HttpRequest {
    /// Path and query, beginning with `/`.
    pub path: String,
    /// Fields of its head besides `Host`, `User-Agent`, `Accept` and `Connection`.
    pub fields: Vec<(Cow<'static, str>, String)>,
    /// What is sent; `None`: nothing.
    pub posted: Option<Vec<u8>>,
    /// The method; `None`: POST where something is sent, else GET.
    pub method: Option<&'static str>,
}

impl HttpRequest {
    /// A GET.
    pub fn get(path: impl Into<String>) -> Self {
        Self { path: path.into(), ..Self::default() }
    }

    /// A POST of `body`.
    pub fn post(path: impl Into<String>, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let fields = vec![(Cow::Borrowed("content-type"), content_type.to_owned())];
        Self { path: path.into(), fields, posted: Some(body.into()), method: None }
    }

    /// The same with another field in its head.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    /// The same by another method.
    #[must_use]
    pub fn by(mut self, method: &'static str) -> Self {
        self.method = Some(method);
        self
    }
}

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub struct HttpResponse {
    /// The status: 200, 401.
    pub status: u16,
    /// Its whole body.
    pub body: Vec<u8>,
    head: header::HeaderMap,
}

impl HttpResponse {
    /// The first field of this name, if it is text.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.head.get(name)?.to_str().ok()
    }

    /// All fields of this name that are text.
    pub fn fields<'a>(&'a self, name: &'static str) -> impl Iterator<Item = &'a str> {
        self.head.get_all(name).iter().filter_map(|value| value.to_str().ok())
    }

    /// Its body as text; what is not UTF-8 is replaced.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A request that cannot be written: a space or a line break in its path.
    #[error("no request can be made of this: {0}")]
    Request(String),
    /// The name has no address.
    #[error("{0} has no address at present")]
    NoAddress(String),
    /// The connection was refused: something is there that does not listen.
    #[error("{0}")]
    Refused(String),
    /// No connection came about, or it ended before the answer was complete.
    #[error("{0}")]
    NoAnswer(String),
    /// Nothing took or refused the connection in time.
    #[error("no connection within {} s", .0.as_secs())]
    NoConnection(Duration),
    /// The exchange was not complete in time.
    #[error("no complete answer within {} s", .0.as_secs())]
    TimedOut(Duration),
    /// The connection is there; TLS was not agreed on, or the certificate is not trusted.
    #[error("TLS: {0}")]
    Tls(String),
    /// What came is not HTTP.
    #[error("not HTTP: {0}")]
    NotHttp(String),
    /// The body is larger than what is wanted at most.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
}

/// A client with its limits.
pub struct HttpClient {
    trust: Trust,
    largest: usize,
    body: WantedBody,
    interface: Option<String>,
    protocol: &'static [u8],
    authorities: Vec<CertificateDer<'static>>,
    tls: OnceLock<TlsConnector>,
    /// Where the server was when it last proved by its certificate who it is.
    proven: Mutex<Option<(String, SocketAddr)>>,
}

/// An answer of which the head has come.
type Begun = (hyper::http::response::Parts, Incoming, JoinSet<hyper::Result<()>>);

/// What is wanted of the body of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WantedBody {
    /// All of it, or there is no answer.
    Whole,
    /// Its beginning, if it comes at once.
    Beginning,
}

impl HttpClient {
    /// A client that trusts as said and takes bodies of at most `largest` bytes.
    pub const fn new(trust: Trust, largest: usize) -> Self {
        Self {
            trust,
            largest,
            body: WantedBody::Whole,
            interface: None,
            protocol: b"http/1.1",
            authorities: Vec::new(),
            tls: OnceLock::new(),
            proven: Mutex::new(None),
        }
    }

    /// The same, whose connections leave through this interface alone.
    #[must_use]
    pub fn through(mut self, interface: String) -> Self {
        self.interface = Some(interface);
        self
    }

    /// The same for what is not HTTP: it is not said what is to be spoken over TLS.
    #[must_use]
    pub(super) const fn for_another_protocol(mut self) -> Self {
        self.protocol = b"";
        self
    }

    /// The same, for servers whose status says everything: of a body that is too large, cut or slow to
    /// come, the beginning is taken, and nothing is missed.
    #[must_use]
    pub const fn heeding_status(mut self) -> Self {
        self.body = WantedBody::Beginning;
        self
    }

    /// The same, which trusts the authorities whose certificates are in a file (PEM), and no others.
    ///
    /// # Errors
    /// If there is no certificate in it.
    pub fn trusting(mut self, pem: &[u8]) -> Result<Self, Error> {
        self.authorities = tls::certificates(pem).map_err(Error::Tls)?;
        Ok(self)
    }

    /// Sends a request and waits for the whole answer, for `limit` at most. Not to be called from
    /// within an asynchronous runtime.
    ///
    /// # Errors
    /// When no complete answer came in time, or a larger one than is wanted. A status of failure is
    /// an answer.
    pub fn ask(
        &self,
        server: &HttpServer,
        request: &HttpRequest,
        limit: Duration,
    ) -> Result<HttpResponse, Error> {
        if self.body == WantedBody::Whole {
            return within(limit, async {
                let (head, body, _driver) = self.exchange(server, request).await?;
                let body = body::read(body, &head.headers, self.largest).await?;
                Ok(HttpResponse { status: head.status.as_u16(), body, head: head.headers })
            });
        }
        // The status has come in time, or there is no answer; what follows it has time of its own.
        within(limit + body::PATIENCE + SPARE, async {
            let asked = tokio::time::timeout(limit, self.exchange(server, request)).await;
            let (head, body, _driver) = asked.unwrap_or(Err(Error::TimedOut(limit)))?;
            let body = body::beginning(body, &head.headers, self.largest).await;
            Ok(HttpResponse { status: head.status.as_u16(), body, head: head.headers })
        })
    }

    /// Connects, agrees on TLS where the server is asked over it, and asks nothing. Not to be called
    /// from within an asynchronous runtime.
    ///
    /// # Errors
    /// When no connection came about in time, or its certificate is not trusted.
    pub fn reach(&self, server: &HttpServer, limit: Duration) -> Result<(), Error> {
        within(limit, async {
            let (stream, _) = self.connected(server).await?;
            if server.https {
                self.agreed(server, stream).await?;
            }
            Ok(())
        })
    }

    /// The head of the answer, its body to come, and what has to live until that has come.
    async fn exchange(&self, server: &HttpServer, request: &HttpRequest) -> Result<Begun, Error> {
        let request = written(server, request)?;
        let (stream, _) = self.connected(server).await?;
        if !server.https {
            return self.answer(stream, request).await;
        }
        let stream = self.agreed(server, stream).await?;
        self.answer(stream, request).await
    }

    /// Over TLS from here on.
    pub(super) async fn agreed(
        &self,
        server: &HttpServer,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, Error> {
        let tls = if let Some(made) = self.tls.get() {
            made
        } else {
            let made = tls::connector(self.trust, &self.authorities, self.protocol);
            let made = made.map_err(Error::Tls)?;
            self.tls.get_or_init(|| made)
        };
        let name = ServerName::try_from(server.host.clone())
            .map_err(|_| Error::NoAddress(server.host.clone()))?;
        let at = stream.peer_addr();
        let stream = tls.connect(name, stream).await.map_err(|e| body::tls_failure(&e))?;
        if let (Ok(mut proven), Ok(at)) = (self.proven.lock(), at) {
            *proven = Some((server.host.clone(), at));
        }
        Ok(stream)
    }

    /// Connects to the first address that takes the connection.
    pub(super) async fn connected(
        &self,
        server: &HttpServer,
    ) -> Result<(TcpStream, SocketAddr), Error> {
        let mut failure = Error::NoAddress(server.host.clone());
        for address in self.addresses(server).await {
            match tokio::time::timeout(CONNECTION_LIMIT, self.connection(address)).await {
                Ok(Ok(stream)) => return Ok((stream, address)),
                Ok(Err(e)) if e.kind() == ErrorKind::ConnectionRefused => {
                    failure = Error::Refused(body::words(&e));
                }
                Ok(Err(e)) => failure = Error::NoAnswer(body::words(&e)),
                Err(_) => failure = Error::NoConnection(CONNECTION_LIMIT),
            }
        }
        Err(failure)
    }

    async fn connection(&self, to: SocketAddr) -> std::io::Result<TcpStream> {
        let socket = if to.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        if let Some(interface) = &self.interface {
            socket.bind_device(Some(interface.as_bytes()))?;
        }
        socket.set_nodelay(true)?;
        socket.connect(to).await
    }

    async fn answer(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        request: hyper::Request<Full<Bytes>>,
    ) -> Result<Begun, Error> {
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(HEAD_LIMIT)
            .http09_responses(false)
            .allow_obsolete_multiline_headers_in_responses(true)
            .allow_spaces_after_header_name_in_responses(true)
            .ignore_invalid_headers_in_responses(true)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|e| body::failure(&e))?;
        // The connection ends with it.
        let mut driver = JoinSet::new();
        driver.spawn(connection);
        let response = sender.send_request(request).await.map_err(|e| body::failure(&e))?;
        let (head, incoming) = response.into_parts();
        Ok((head, incoming, driver))
    }
}

impl std::fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HttpClient")
    }
}

/// Waits for an exchange, for `limit` at most.
pub(super) fn within<T, E: From<Error>>(
    limit: Duration,
    exchange: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Error::NoAnswer(e.to_string()))?;
    let done = runtime.block_on(async { tokio::time::timeout(limit, exchange).await });
    // A look-up of a name may still be under way in a thread of its own.
    runtime.shutdown_background();
    done.unwrap_or(Err(Error::TimedOut(limit).into()))
}

fn written(
    server: &HttpServer,
    request: &HttpRequest,
) -> Result<hyper::Request<Full<Bytes>>, Error> {
    let usual = if request.posted.is_some() { "POST" } else { "GET" };
    let method = request.method.unwrap_or(usual);
    let mut builder = hyper::Request::builder()
        .method(method)
        .uri(request.path.as_str())
        .header(header::HOST, server.authority())
        .header(header::USER_AGENT, concat!("linkmon/", env!("CARGO_PKG_VERSION")))
        .header(header::ACCEPT, "*/*")
        .header(header::CONNECTION, "close");
    for (name, value) in &request.fields {
        builder = builder.header(&**name, value.as_str());
    }
    let body = Full::new(Bytes::from(request.posted.clone().unwrap_or_default()));
    builder.body(body).map_err(|e| Error::Request(e.to_string()))
}

#[cfg(test)]
mod tests;
