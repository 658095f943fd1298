//! One conversation with a modem: requests one after another within one time limit, with the cookies
//! that it sets, and the pages that came.

use std::collections::BTreeMap;
use std::time::Duration;

use super::address::{ModemAddress, Scheme, own_port};
use super::{FetchTime, ReadFailure};
use crate::modem::ModemPage;
use crate::net::client::{self, HttpClient, HttpRequest, HttpResponse, HttpServer, Trust};
use crate::time::Reading;

/// The largest page that is taken, in bytes; the largest known is below 200 kB.
pub(super) const LARGEST_PAGE: usize = 2_000_000;
/// Redirections that are followed for a page.
const MOST_REDIRECTIONS: usize = 3;

/// A conversation.
pub(super) struct Conversation {
    client: HttpClient,
    pub(super) server: HttpServer,
    scheme: Scheme,
    ends_us: i64,
    limit: Duration,
    cookies: BTreeMap<String, String>,
    /// The longest that a single request may take.
    pub(super) patience: Option<Duration>,
    /// Whether there is a password, which no redirection may take from TLS to a connection without.
    pub(super) has_password: bool,
    /// Sent with each request: what Basic authentication wants.
    pub(super) authorization: Option<String>,
    pub(super) pages: Vec<(ModemPage, FetchTime)>,
    /// Pages that did not come.
    pub(super) notes: Vec<String>,
}

/// An answer with the time that it took.
pub(super) struct Fetched {
    pub(super) answer: HttpResponse,
    pub(super) time: FetchTime,
}

impl Conversation {
    /// Begins a conversation that ends `limit` after `began`.
    pub(super) fn begin(address: &ModemAddress, began: &Reading, limit: Duration) -> Self {
        Self {
            client: HttpClient::new(Trust::AnyCertificate, LARGEST_PAGE),
            server: address.server.clone(),
            scheme: address.scheme,
            ends_us: began.monotonic_us + i64::try_from(limit.as_micros()).unwrap_or(i64::MAX),
            limit,
            cookies: BTreeMap::new(),
            patience: None,
            has_password: false,
            authorization: None,
            pages: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Sends a request; `name` is what the page is called where something is said of it, since a path
    /// may hold a password. Where the address does not say whether to use TLS and nothing takes the
    /// first connection, it is tried the other way once.
    pub(super) fn ask(
        &mut self,
        name: &str,
        request: &HttpRequest,
    ) -> Result<Fetched, ReadFailure> {
        let scheme = std::mem::replace(&mut self.scheme, Scheme::Said);
        match self.ask_once(name, request) {
            Err(failure @ (ReadFailure::NoAnswer(_) | ReadFailure::Refused(_)))
                if scheme == Scheme::Assumed =>
            {
                let first = self.server.clone();
                self.server.https = !first.https;
                if first.port == own_port(first.https) {
                    self.server.port = own_port(self.server.https);
                }
                self.ask_once(name, request).map_err(|second| {
                    self.server = first;
                    let says_nothing =
                        second.is_silence() || matches!(second, ReadFailure::Refused(_));
                    if says_nothing { failure } else { second }
                })
            }
            asked => asked,
        }
    }

    fn ask_once(&mut self, name: &str, request: &HttpRequest) -> Result<Fetched, ReadFailure> {
        let asked = Reading::now();
        let left = self.ends_us - asked.monotonic_us;
        let left = Duration::from_micros(u64::try_from(left).unwrap_or(0));
        if left.is_zero() {
            return Err(ReadFailure::TimedOut(self.limit));
        }
        let left = self.patience.map_or(left, |patience| patience.min(left));
        let mut request = request.clone();
        if !self.cookies.is_empty() {
            let cookies: Vec<_> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
            request = request.with("cookie", cookies.join("; "));
        }
        if let Some(authorization) = &self.authorization {
            request = request.with("authorization", authorization.clone());
        }
        let answer =
            self.client.ask(&self.server, &request, left).map_err(|e| self.failure(name, e))?;
        let took = Reading::now().monotonic_us - asked.monotonic_us;
        let took = Duration::from_micros(u64::try_from(took).unwrap_or(0));
        for cookie in answer.fields("set-cookie") {
            self.take_cookie(cookie);
        }
        Ok(Fetched { answer, time: FetchTime { asked, took } })
    }

    fn failure(&self, name: &str, e: client::Error) -> ReadFailure {
        let path = name.to_owned();
        match e {
            client::Error::NoAddress(host) => ReadFailure::Address(host),
            client::Error::NoAnswer(why) => ReadFailure::NoAnswer(why),
            client::Error::Refused(why) => ReadFailure::Refused(why),
            client::Error::NoConnection(limit) => ReadFailure::TimedOut(limit),
            client::Error::TimedOut(_) => {
                ReadFailure::TimedOut(self.patience.unwrap_or(self.limit))
            }
            client::Error::TooLarge(limit) => ReadFailure::TooLarge { path, limit },
            client::Error::Tls(why) => ReadFailure::NotHttp { path, why: format!("TLS: {why}") },
            client::Error::NotHttp(why) | client::Error::Request(why) => {
                ReadFailure::NotHttp { path, why }
            }
        }
    }

    /// `name=value; Path=/; ..`
    fn take_cookie(&mut self, text: &str) {
        let (pair, rest) = text.split_once(';').unwrap_or((text, ""));
        let Some((name, value)) = pair.split_once('=') else { return };
        let is_over = value.is_empty() || rest.to_ascii_lowercase().contains("max-age=0");
        if is_over {
            self.cookies.remove(name.trim());
        } else {
            self.set_cookie(name.trim(), value.trim());
        }
    }

    /// Sends this cookie from now on.
    pub(super) fn set_cookie(&mut self, name: &str, value: &str) {
        if self.cookies.len() < 20 && value.len() < 4_096 {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Whether the modem has set a cookie.
    pub(super) fn has_cookies(&self) -> bool {
        !self.cookies.is_empty()
    }

    /// Gets a page, and what it redirects to on the same host, by whatever scheme.
    pub(super) fn get(&mut self, name: &str, path: &str) -> Result<Fetched, ReadFailure> {
        let request = HttpRequest::get(path);
        self.follow(name, &request)
    }

    /// Sends a request and follows redirections of the same host by GET.
    pub(super) fn follow(
        &mut self,
        name: &str,
        request: &HttpRequest,
    ) -> Result<Fetched, ReadFailure> {
        let mut fetched = self.ask(name, request)?;
        let mut at = request.path.clone();
        for _ in 0..MOST_REDIRECTIONS {
            if !matches!(fetched.answer.status, 301 | 302 | 303 | 307 | 308) {
                break;
            }
            let location = fetched.answer.field("location").unwrap_or_default().to_owned();
            let Some((server, path)) = self.target(&at, &location) else { break };
            self.server = server;
            fetched = self.ask(name, &HttpRequest::get(path.clone()))?;
            at = path;
        }
        Ok(fetched)
    }

    /// Where a redirection leads. `None` to another host, passwords are for this one; and to a connection
    /// that anyone can read, where there is a password.
    fn target(&self, from: &str, location: &str) -> Option<(HttpServer, String)> {
        if location.contains("://") {
            let to = ModemAddress::read(location).ok()?;
            let is_bared = self.server.https && !to.server.https;
            if to.server.host != self.server.host || (is_bared && self.has_password) {
                return None;
            }
            let after = location.split_once("://")?.1;
            let path = after.find('/').map_or("/", |at| &after[at..]);
            return Some((to.server, path.to_owned()));
        }
        if location.is_empty() || location.starts_with("//") {
            return None;
        }
        let path = if location.starts_with('/') {
            location.to_owned()
        } else {
            let folder = from.split('?').next().and_then(|path| path.rfind('/')).unwrap_or(0);
            format!("{}/{location}", &from[..folder])
        };
        Some((self.server.clone(), path))
    }

    /// Keeps a page.
    pub(super) fn keep(&mut self, name: &str, fetched: Fetched) {
        let page = ModemPage { path: name.to_owned(), body: fetched.answer.body };
        self.pages.push((page, fetched.time));
    }

    /// Keeps a page whose status is 200. Any other status is a failure.
    pub(super) fn keep_good(&mut self, name: &str, fetched: Fetched) -> Result<(), ReadFailure> {
        match fetched.answer.status {
            200 => {
                self.keep(name, fetched);
                Ok(())
            }
            status => Err(ReadFailure::Status { path: name.to_owned(), status }),
        }
    }

    /// Notes that a page did not come, as long as the modem still speaks; silence ends the
    /// conversation, and so does what bears on all pages.
    pub(super) fn go_on(&mut self, result: Result<(), ReadFailure>) -> Result<(), ReadFailure> {
        match result {
            Err(
                failure @ (ReadFailure::Status { .. }
                | ReadFailure::TooLarge { .. }
                | ReadFailure::NotHttp { .. }),
            ) => {
                self.notes.push(failure.to_string());
                Ok(())
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirection_from_https_to_http_is_not_followed_with_a_password() {
        let target = |address: &str, has_password, location: &str| {
            let address = ModemAddress::read(address).unwrap();
            let mut talk = Conversation::begin(&address, &Reading::now(), Duration::from_secs(1));
            talk.has_password = has_password;
            talk.target("/a", location).map(|(server, path)| format!("{server}{path}"))
        };
        for (address, has_password, location, expected) in [
            ("https://modem", true, "http://modem/b", None),
            ("https://modem", false, "http://modem/b", Some("http://modem/b")),
            ("https://modem", true, "https://modem/b", Some("https://modem/b")),
            ("https://modem", true, "/b", Some("https://modem/b")),
            ("http://modem", true, "https://modem/b", Some("https://modem/b")),
            ("http://modem", true, "http://modem:81/b", Some("http://modem:81/b")),
        ] {
            let found = target(address, has_password, location);
            assert_eq!(found.as_deref(), expected, "{address} {location}");
        }
    }
}
