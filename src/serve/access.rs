//! Who sent a request, and what is for whom.
//!
//! Someone at this computer needs no token. That is a request to a loopback address by a name of this
//! computer, which no proxy has passed on: what comes by a name of `hosts`, with a header that proxies
//! add, from a page of another name or by HTTP/1.0, which some proxies speak, comes from elsewhere. No
//! such sign is ever believed, it only takes away.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{
    AUTHORIZATION, FORWARDED, HOST, HeaderMap, HeaderValue, LOCATION, ORIGIN, RETRY_AFTER, VIA,
    WWW_AUTHENTICATE,
};
use axum::http::{Extensions, StatusCode, Version};
use axum::middleware::Next;
use sha2::{Digest as _, Sha256};

use super::answer::{self, HttpAnswer};
use super::attempts::{COUNTS, SenderWay, TokenSender, WrongTokens};
use super::guard;
use super::session::Sessions;
use crate::config::WebConfig;
use crate::time::Reading;

/// The answer to a wrong token waits this long.
pub(super) const SLOW: Duration = Duration::from_secs(1);

/// For everyone who reaches the server.
const FOR_ALL: [&str; 3] = ["/login", "/logout", "/icon.svg"];

/// For everyone where the configuration says so.
pub(super) const PUBLIC: [&str; 4] = ["/status", "/feed.atom", "/api/v1/systems", "/api/systems"];

/// Headers of requests that a proxy passes on.
const OF_PROXIES: [&str; 4] =
    ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"];

/// Who sent a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Visitor {
    /// Who showed the token, or has logged in with it.
    Owner,
    /// A user of this computer.
    Local,
    /// Anyone.
    Stranger,
}

impl Visitor {
    /// Who sent the request with these extensions.
    pub(super) fn of(extensions: &Extensions) -> Self {
        extensions.get().copied().unwrap_or(Self::Stranger)
    }
}

/// From where a connection comes: an address, or the network of a home.
#[derive(Debug, Clone, Copy)]
pub(super) struct PeerAddress(pub(super) IpAddr);

impl PeerAddress {
    pub(super) fn of(extensions: &Extensions) -> IpAddr {
        extensions.get().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |Self(ip)| *ip)
    }
}

/// What lets a visitor in.
#[derive(Debug)]
pub(super) struct AccessRules {
    /// Compared as digests, so that the time taken says nothing about the token.
    token: Option<(Sha256Digest, Sessions)>,
    is_on_loopback: bool,
    has_public_status: bool,
    wrong: Mutex<WrongTokens>,
}

type Sha256Digest = [u8; 32];

/// What came of looking at a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenVerdict {
    Right,
    Wrong,
    /// There were too many wrong ones: it was not looked at.
    TooMany,
}

impl AccessRules {
    pub(super) fn new(web: &WebConfig) -> Self {
        let token = web.token();
        Self {
            token: token.map(|token| (digest(token), Sessions::new(token))),
            is_on_loopback: web.is_on_loopback(),
            has_public_status: web.public_status,
            wrong: Mutex::default(),
        }
    }

    /// The sessions, where there is a token to log in with.
    pub(super) fn sessions(&self) -> Option<&Sessions> {
        self.token.as_ref().map(|(_, sessions)| sessions)
    }

    /// Looks at a token.
    pub(super) fn judge(&self, shown: &str, sender: TokenSender) -> TokenVerdict {
        // Where there is none, none can be guessed.
        let Some((token, _)) = &self.token else { return TokenVerdict::Wrong };
        let now = Reading::now().boot;
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        if !wrong.may_try(sender, now) {
            return TokenVerdict::TooMany;
        }
        if digest(shown) == *token {
            wrong.remember(sender);
            return TokenVerdict::Right;
        }
        wrong.add(sender, now);
        TokenVerdict::Wrong
    }

    /// Whose request it is.
    fn visitor(&self, request: &Request) -> Result<Visitor, TokenVerdict> {
        let headers = request.headers();
        // A proxy that names itself in nothing, as that of nginx does by itself, asks by HTTP/1.0.
        let is_direct = is_direct(headers) && request.version() != Version::HTTP_10;
        let local =
            if self.is_on_loopback && is_direct { Visitor::Local } else { Visitor::Stranger };
        if let Some(shown) = bearer(headers) {
            return match self.judge(shown, sender_of(request.extensions(), headers)) {
                TokenVerdict::Right => Ok(Visitor::Owner),
                // For whoever needs none, it is as if there was none.
                _ if local == Visitor::Local => Ok(local),
                other => Err(other),
            };
        }
        let has_session =
            self.sessions().is_some_and(|sessions| sessions.holds(headers, Reading::now().utc));
        Ok(if has_session { Visitor::Owner } else { local })
    }

    fn lets_in(&self, visitor: Visitor, path: &str) -> bool {
        visitor != Visitor::Stranger
            || FOR_ALL.contains(&path)
            || (self.has_public_status && PUBLIC.contains(&path))
    }

    /// The answer to who is not let in.
    pub(super) fn refusal(&self, path: &str) -> HttpAnswer {
        if self.token.is_none() {
            let sentence = "by this name, from another computer or through a proxy, this can only \
                            be read with a token: set `token` in [web] of the configuration";
            return answer::said(StatusCode::FORBIDDEN, sentence);
        }
        if path == "/" {
            return see("/login");
        }
        let mut answer =
            answer::said(StatusCode::UNAUTHORIZED, "log in at /login, or send the token");
        answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        answer
    }
}

/// Lets in who may ask for what they ask for, and notes who they are.
pub(super) async fn admit(
    State(rules): State<Arc<AccessRules>>,
    mut request: Request,
    next: Next,
) -> HttpAnswer {
    let visitor = match rules.visitor(&request) {
        Ok(visitor) => visitor,
        Err(TokenVerdict::TooMany) => return too_many(),
        Err(_) => {
            tokio::time::sleep(SLOW).await;
            return answer::said(StatusCode::UNAUTHORIZED, "this is not the token");
        }
    };
    if !rules.lets_in(visitor, request.uri().path()) {
        return rules.refusal(request.uri().path());
    }
    request.extensions_mut().insert(visitor);
    next.run(request).await
}

/// The answer to one more token after too many wrong ones.
pub(super) fn too_many() -> HttpAnswer {
    let sentence = "there were too many wrong tokens; try again in a minute";
    let mut answer = answer::said(StatusCode::TOO_MANY_REQUESTS, sentence);
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(COUNTS.as_secs()));
    answer
}

/// Sends a browser elsewhere, to be read from there.
pub(super) fn see(path: &'static str) -> HttpAnswer {
    let mut answer = answer::said(StatusCode::SEE_OTHER, "see the other page");
    answer.headers_mut().insert(LOCATION, HeaderValue::from_static(path));
    answer
}

/// From where a token comes.
pub(super) fn sender_of(extensions: &Extensions, headers: &HeaderMap) -> TokenSender {
    let way = if is_direct(headers) { SenderWay::Direct } else { SenderWay::FromElsewhere };
    TokenSender { ip: PeerAddress::of(extensions), way }
}

/// The token that a request shows.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whether a request was sent to this computer by its own name, and passed on by nobody.
fn is_direct(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let is_passed_on = headers.contains_key(FORWARDED)
        || headers.contains_key(VIA)
        || OF_PROXIES.iter().any(|name| headers.contains_key(*name));
    // Of a page elsewhere, which got to this name on its way.
    let is_of_another = headers.get(ORIGIN).is_some_and(|origin| {
        let origin = origin.to_str().unwrap_or_default();
        host.is_none_or(|host| !origin.ends_with(&format!("://{host}")))
    });
    !is_passed_on && !is_of_another && host.is_some_and(guard::is_this_computer)
}

fn digest(text: &str) -> Sha256Digest {
    Sha256::digest(text.as_bytes()).into()
}
