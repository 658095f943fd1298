//! The login page, login and logout.

use std::sync::{Arc, LazyLock};

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderValue, SET_COOKIE,
};
use axum::http::{Extensions, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use super::access::{self, SLOW, TokenVerdict, Visitor, see};
use super::answer::{self, HttpAnswer};
use super::documents::DocumentSource;
use super::query;
use super::session::Sessions;
use super::state::Routes;
use crate::language::Language;
use crate::store;
use crate::time::Reading;

const STYLE: &str = "\
:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}\
body{max-width:22rem;margin:15vh auto;padding:0 1rem}\
h1{font-size:1.25rem}\
label,input,button{display:block;box-sizing:border-box;width:100%;font:inherit}\
input,button{margin:.4rem 0 1rem;padding:.5rem}\
[role=alert]{border-inline-start:.25rem solid #c3372d;padding-inline-start:.75rem}";

static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; img-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'",
        STANDARD.encode(Sha256::digest(STYLE.as_bytes()))
    );
    HeaderValue::from_str(&policy).expect("a policy is plain text")
});

/// What the page says about the token that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LoginState {
    Asked,
    Refused,
}

/// The page that asks for the token.
pub(super) async fn ask(State(routes): State<Arc<Routes>>, request: Request) -> HttpAnswer {
    match Visitor::of(request.extensions()) {
        Visitor::Owner => return see("/"),
        Visitor::Local if routes.access.sessions().is_none() => return see("/"),
        Visitor::Stranger if routes.access.sessions().is_none() => {
            return routes.access.refusal("/login");
        }
        Visitor::Local | Visitor::Stranger => {}
    }
    page(routes.events.language, LoginState::Asked)
}

/// Looks at the token that was sent, and begins a session.
pub(super) async fn log_in(
    State(routes): State<Arc<Routes>>,
    extensions: Extensions,
    headers: HeaderMap,
    body: Bytes,
) -> HttpAnswer {
    const FORM: &str = "application/x-www-form-urlencoded";
    if !is_of_type(&headers, FORM) {
        return answer::said(StatusCode::UNSUPPORTED_MEDIA_TYPE, "a login is a form");
    }
    let pairs = std::str::from_utf8(&body).ok().and_then(|body| query::pairs(body).ok());
    let token = pairs.into_iter().flatten().find(|(name, _)| name == "token");
    let Some((_, token)) = token else {
        return answer::said(StatusCode::BAD_REQUEST, "the form has no token");
    };
    let rules = &routes.access;
    if rules.sessions().is_none() {
        return rules.refusal("/login");
    }
    match rules.judge(token.trim(), access::sender_of(&extensions, &headers)) {
        TokenVerdict::Right => {}
        TokenVerdict::TooMany => return access::too_many(),
        TokenVerdict::Wrong => {
            tokio::time::sleep(SLOW).await;
            let mut answer = page(routes.events.language, LoginState::Refused);
            *answer.status_mut() = StatusCode::UNAUTHORIZED;
            return answer;
        }
    }
    let cookie = rules.sessions().and_then(|sessions| sessions.begin(Reading::now().utc));
    match cookie.and_then(|cookie| HeaderValue::from_str(&cookie).ok()) {
        Some(cookie) => {
            let mut answer = see("/");
            answer.headers_mut().insert(SET_COOKIE, cookie);
            answer
        }
        None => answer::said(StatusCode::INTERNAL_SERVER_ERROR, "there are no random numbers"),
    }
}

/// Ends the session.
pub(super) async fn log_out(State(routes): State<Arc<Routes>>, headers: HeaderMap) -> HttpAnswer {
    let mut answer = see("/login");
    // What this browser has kept of the record goes, too.
    let cache = HeaderValue::from_static("\"cache\"");
    answer.headers_mut().insert("clear-site-data", cache);
    let Some(sessions) = routes.access.sessions() else { return answer };
    if sessions.end(&headers, Reading::now().utc) {
        let access = Arc::clone(&routes.access);
        let keep = move |source: &DocumentSource| {
            let ended = access.sessions().map(Sessions::ended).unwrap_or_default();
            store::keep_ended_sessions(&source.database, &ended)
        };
        // Where the record cannot be written, it is over as long as this server runs.
        let _ = routes.documents.with_record(keep).await;
    }
    if let Ok(cookie) = HeaderValue::from_str(&Sessions::forget()) {
        answer.headers_mut().insert(SET_COOKIE, cookie);
    }
    answer
}

/// Whether the body of a request is of this type, whatever its parameters.
pub(super) fn is_of_type(headers: &HeaderMap, wanted: &str) -> bool {
    let found = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let found = found.and_then(|value| value.split(';').next());
    found.is_some_and(|found| found.trim().eq_ignore_ascii_case(wanted))
}

fn page(language: &Language, state: LoginState) -> HttpAnswer {
    let phrases = language.phrases();
    let words = &phrases.login;
    let page = html! {
        (DOCTYPE)
        html lang=(phrases.code) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (words.title) }
                link rel="icon" href="/icon.svg";
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { (words.title) }
                    @if state == LoginState::Refused {
                        p role="alert" { (words.refused) }
                    }
                    form method="post" action="/login" {
                        label for="token" { (words.token) }
                        input #token name="token" type="password" required autofocus
                            autocomplete="current-password" aria-describedby="where";
                        button { (words.enter) }
                    }
                    p #where { (words.where_it_is) }
                }
            }
        }
    };
    let mut answer = answer::ok("text/html; charset=utf-8", page.into_string());
    let headers = answer.headers_mut();
    headers.remove(header::ETAG);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, POLICY.clone());
    // Else a browser sends the form without its origin.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    answer
}
