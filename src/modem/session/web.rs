//! Modems whose pages are fetched one by one: open, behind Basic authentication, or behind a form.
//!
//! The first request never carries a password: some modems hang on one that does, and one whose pages
//! are open needs none.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::conversation::{Conversation, Fetched};
use super::form::LoginForm;
use super::hashes::url_encoded;
use super::{ModemAccess, ModemWant, ReadFailure};
use crate::modem::{Error, ModemPage, parse};
use crate::net::client::HttpRequest;
use crate::vocabulary::ModemKind;

/// Where the pages of a kind are.
struct PagePlan {
    channels: &'static str,
    log: &'static str,
    info: &'static [&'static str],
    /// What ends a session that a form began.
    logout: &'static str,
}

fn site(kind: ModemKind) -> Option<PagePlan> {
    let site = |channels, log, info, logout| Some(PagePlan { channels, log, info, logout });
    match kind {
        ModemKind::Tc4400 => site(
            "/cmconnectionstatus.html",
            "/cmeventlog.html",
            &["/cmswinfo.html", "/info.html"],
            "",
        ),
        ModemKind::Sb8200 => site(
            "/cmconnectionstatus.html",
            "/cmeventlog.html",
            &["/cmswinfo.html"],
            "/logout.html",
        ),
        ModemKind::Sb6183 => site("/RgConnect.asp", "/RgEventLog.asp", &["/RgSwInfo.asp"], ""),
        ModemKind::Sb6190 => site("/cgi-bin/status", "/cgi-bin/event", &["/cgi-bin/swinfo"], ""),
        ModemKind::Cm1000 => {
            site("/DocsisStatus.asp", "/EventLog.asp", &["/RouterStatus.asp"], "/Logout.asp")
        }
        ModemKind::Cm3500b => site(
            "/cgi-bin/status_cgi",
            "/cgi-bin/event_cgi",
            &["/cgi-bin/vers_cgi"],
            "/cgi-bin/logout_cgi",
        ),
        ModemKind::NetgearCm => {
            site("/DocsisStatus.htm", "/eventLog.htm", &["/RouterStatus.htm"], "/Logout.htm")
        }
        ModemKind::Xb => site("/network_setup.jst", "", &[], "/home_loggedout.jst?out=1"),
        ModemKind::Hub5 => site(
            "/rest/v1/cablemodem/downstream",
            "/rest/v1/cablemodem/eventlog",
            &["/rest/v1/cablemodem/upstream", "/rest/v1/cablemodem/state_"],
            "",
        ),
        ModemKind::S33
        | ModemKind::Mb8611
        | ModemKind::FritzCable
        | ModemKind::FritzDsl
        | ModemKind::Starlink => None,
    }
}

/// What a page is called, in notes and as a saved file.
fn name(path: &str) -> &str {
    path.trim_start_matches('/').split('?').next().unwrap_or_default()
}

/// Reads the pages of a kind. Gives the kind back, or [`ModemKind::S33`] where an SB8200 turns out to
/// speak HNAP, which is then not read yet.
pub(super) fn read(
    talk: &mut Conversation,
    kind: ModemKind,
    access: &ModemAccess,
    want: ModemWant,
) -> Result<ModemKind, ReadFailure> {
    let Some(site) = site(kind) else { return Ok(kind) };
    let mut paths = vec![site.channels];
    let (log, info) = ((!site.log.is_empty()).then_some(site.log), site.info);
    match want {
        ModemWant::Everything => paths.extend(log.into_iter().chain(info.iter().copied())),
        ModemWant::LogFirst => {
            paths.splice(0..0, log.into_iter().chain(info.iter().copied()));
        }
    }
    let (first, rest, fetched, entrance) = first_page(talk, kind, &paths)?;
    let login = match entrance {
        Entrance::Open => None,
        Entrance::Basic => Some(basic(talk, access, first)?),
        Entrance::Form if speaks_hnap(kind, &fetched) => return Ok(ModemKind::S33),
        Entrance::Form => Some(by_form(talk, kind, access, first, &fetched)?),
    };
    let (page, session) = match login {
        None => (fetched, Session::default()),
        Some((page, session)) => (page, session),
    };
    let kept = talk.keep_good(name(first), page);
    talk.go_on(kept)?;
    let read = rest.iter().try_for_each(|path| {
        let fetched = talk.get(name(path), &session.path(path));
        let kept = fetched.and_then(|page| match page.answer.status {
            401 | 403 => {
                Err(ReadFailure::Status { path: name(path).to_owned(), status: page.answer.status })
            }
            _ => talk.keep_good(name(path), page),
        });
        talk.go_on(kept)
    });
    if session.by_form && !site.logout.is_empty() {
        // The modem may have ended the session by itself.
        let _ = talk.ask("logout", &HttpRequest::get(session.path(site.logout)));
    }
    read.map(|()| kind)
}

/// The first page that there is, and how the modem lets in; with the paths after it.
fn first_page<'a>(
    talk: &mut Conversation,
    kind: ModemKind,
    mut paths: &'a [&'static str],
) -> Result<(&'static str, &'a [&'static str], Fetched, Entrance), ReadFailure> {
    loop {
        let (first, rest) = paths.split_first().expect("the last path is returned");
        let fetched = talk.get(name(first), first)?;
        match entrance(kind, name(first), &fetched) {
            Ok(entrance) => return Ok((first, rest, fetched, entrance)),
            Err(failure @ ReadFailure::Status { status: 400.., .. }) if !rest.is_empty() => {
                talk.notes.push(failure.to_string());
                paths = rest;
            }
            Err(failure) => return Err(failure),
        }
    }
}

/// What a login changes for the requests after it.
#[derive(Default)]
struct Session {
    by_form: bool,
    token: Option<String>,
}

impl Session {
    fn path(&self, path: &str) -> String {
        match &self.token {
            Some(token) => format!("{path}?ct_{token}"),
            None => path.to_owned(),
        }
    }
}

/// How a modem lets in.
enum Entrance {
    Open,
    Basic,
    Form,
}

fn entrance(kind: ModemKind, name: &str, page: &Fetched) -> Result<Entrance, ReadFailure> {
    let wants = page.answer.field("www-authenticate").unwrap_or_default().to_ascii_lowercase();
    match page.answer.status {
        401 if wants.starts_with("basic") || wants.is_empty() => Ok(Entrance::Basic),
        401 => {
            let scheme = wants.split(' ').next().unwrap_or_default();
            Err(ReadFailure::LoginNeeded(format!("{name}, by {scheme}, which is not known for it")))
        }
        403 => Ok(Entrance::Form),
        200 if asks_for_login(kind, name, &page.answer.body) => Ok(Entrance::Form),
        200 => Ok(Entrance::Open),
        status => Err(ReadFailure::Status { path: name.to_owned(), status }),
    }
}

/// Whether a page is a form for a password, or a script that leads to one, instead of what was asked.
fn asks_for_login(kind: ModemKind, name: &str, body: &[u8]) -> bool {
    let page = ModemPage { path: name.to_owned(), body: body.to_vec() };
    match parse(kind, &[page]) {
        Ok(_) => false,
        Err(Error::Login { .. }) => true,
        Err(_) => {
            let text = String::from_utf8_lossy(body).to_ascii_lowercase();
            let signs = [
                "type=\"password\"",
                "type='password'",
                "type=password",
                "login.htm",
                "genielogin",
                "check.jst",
                "login_cgi",
                "adv_pwd_cgi",
                "home_loggedout",
                "please login",
            ];
            signs.iter().any(|sign| text.contains(sign))
        }
    }
}

/// The user's name as configured, else the one that nearly all of these modems come with.
pub(super) fn user(access: &ModemAccess) -> &str {
    access.user.as_deref().unwrap_or("admin")
}

/// The password, or that one is needed.
pub(super) fn password<'a>(access: &'a ModemAccess, page: &str) -> Result<&'a str, ReadFailure> {
    let needed = || ReadFailure::LoginNeeded(page.to_owned());
    access.password.as_ref().map(crate::vocabulary::Secret::reveal).ok_or_else(needed)
}

/// The field `Authorization` of RFC 7617.
pub(super) fn basic_credentials(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

fn basic(
    talk: &mut Conversation,
    access: &ModemAccess,
    path: &str,
) -> Result<(Fetched, Session), ReadFailure> {
    let password = password(access, name(path))?;
    talk.authorization = Some(basic_credentials(user(access), password));
    let page = talk.get(name(path), path)?;
    match page.answer.status {
        401 | 403 => Err(ReadFailure::LoginRefused(format!("user {}", user(access)))),
        _ => Ok((page, Session::default())),
    }
}

fn speaks_hnap(kind: ModemKind, page: &Fetched) -> bool {
    let text = page.answer.text();
    kind == ModemKind::Sb8200
        && ["HNAP", "hmac_md5", "hmac_sha256"].iter().any(|s| text.contains(s))
}

fn by_form(
    talk: &mut Conversation,
    kind: ModemKind,
    access: &ModemAccess,
    path: &str,
    page: &Fetched,
) -> Result<(Fetched, Session), ReadFailure> {
    let password = password(access, name(path))?;
    let user = user(access);
    let text = page.answer.text().into_owned();
    let mut session = Session { by_form: true, token: None };
    match kind {
        ModemKind::Sb8200 => {
            if let Some(page) = by_token(talk, user, password, path, &text, &mut session)? {
                return Ok((page, session));
            }
        }
        ModemKind::Cm3500b => post(talk, "/cgi-bin/login_cgi", &pair(user, password)).map(drop)?,
        ModemKind::Xb => post(talk, "/check.jst", &pair(user, password)).map(drop)?,
        ModemKind::Sb6190 => with_nonce(talk, user, password, &text)?,
        ModemKind::NetgearCm => {
            hidden_form(
                talk,
                "/Login.htm",
                "/goform/Login",
                &text,
                ["loginName", "loginPassword"],
                user,
                password,
            )?;
        }
        ModemKind::Cm1000 => {
            let names = ["loginUsername", "loginPassword"];
            hidden_form(
                talk,
                "/GenieLogin.asp",
                "/goform/GenieLogin",
                &text,
                names,
                user,
                password,
            )?;
        }
        _ => {
            let what = format!("{}, by a form that is not known for this model", name(path));
            return Err(ReadFailure::LoginNeeded(what));
        }
    }
    let page = talk.get(name(path), &session.path(path))?;
    let refused = matches!(page.answer.status, 401 | 403)
        || asks_for_login(kind, name(path), &page.answer.body);
    if refused {
        return Err(ReadFailure::LoginRefused(format!("user {user}")));
    }
    Ok((page, session))
}

fn pair(user: &str, password: &str) -> String {
    format!("username={}&password={}", url_encoded(user), url_encoded(password))
}

/// Posts a form; the answer after redirections.
fn post(talk: &mut Conversation, path: &str, form: &str) -> Result<Fetched, ReadFailure> {
    let request = HttpRequest::post(path, "application/x-www-form-urlencoded", form);
    let answered = talk.follow("login", &request)?;
    match answered.answer.status {
        401 | 403 => Err(ReadFailure::LoginRefused("the form".to_owned())),
        429 | 503 => {
            Err(ReadFailure::LoginBlocked(format!("HTTP status {}", answered.answer.status)))
        }
        _ => Ok(answered),
    }
}

/// The forms of Netgear: hidden fields of the form's page go back with the password.
fn hidden_form(
    talk: &mut Conversation,
    page: &str,
    action: &str,
    seen: &str,
    names: [&str; 2],
    user: &str,
    password: &str,
) -> Result<(), ReadFailure> {
    let form = match LoginForm::find(seen) {
        Some(form) if form.has_password() => Some(form),
        _ => LoginForm::find(&talk.get("login", page)?.answer.text()),
    };
    let mut form = form.unwrap_or_default();
    form.fill(names, user, password);
    let given = form.action.clone().filter(|action| !action.contains("://"));
    let path = format!("/{}", given.as_deref().unwrap_or(action).trim_start_matches(['.', '/']));
    post(talk, &path, &form.encoded()).map(drop)
}

/// The SB6190 from firmware 9.1.103 on: user and password with a random number, as fields of their own
/// or packed into one.
fn with_nonce(
    talk: &mut Conversation,
    user: &str,
    password: &str,
    seen: &str,
) -> Result<(), ReadFailure> {
    let nonce = fastrand::u32(10_000_000..100_000_000);
    let form = if seen.contains("arguments") {
        let (user, password) = (url_encoded(user), url_encoded(password));
        let packed = STANDARD.encode(format!("username%3D{user}:password%3D{password}"));
        format!("arguments={}&ar_nonce={nonce}", url_encoded(&packed))
    } else {
        format!("{}&ar_nonce={nonce}", pair(user, password))
    };
    let answered = post(talk, "/cgi-bin/adv_pwd_cgi", &form)?;
    let text = answered.answer.text();
    match text.split_once("Error:") {
        Some((_, why)) => Err(ReadFailure::LoginRefused(why.trim().chars().take(100).collect())),
        None => Ok(()),
    }
}

/// The SB8200's logins with the password in the query: with `login_` before it, whose answer is a token
/// for the query of each page; without, whose answer is the page itself with a cookie, or a token that
/// belongs into the cookie `credential`. Gives the page where it came at once.
fn by_token(
    talk: &mut Conversation,
    user: &str,
    password: &str,
    path: &str,
    seen: &str,
    session: &mut Session,
) -> Result<Option<Fetched>, ReadFailure> {
    let credentials = STANDARD.encode(format!("{user}:{password}"));
    let prefix = if seen.contains("login_") { "login_" } else { "" };
    let request = HttpRequest::get(format!("/cmconnectionstatus.html?{prefix}{credentials}"))
        .with("authorization", format!("Basic {credentials}"))
        .with("x-requested-with", "XMLHttpRequest");
    let answered = talk.ask("login", &request)?;
    let refused = || ReadFailure::LoginRefused(format!("user {user}"));
    if answered.answer.status != 200 {
        return Err(refused());
    }
    let text = answered.answer.text();
    let is_page = text.contains("Downstream Bonded Channels");
    if is_page && path == "/cmconnectionstatus.html" {
        return Ok(Some(answered));
    }
    if is_page {
        return Ok(None);
    }
    let token = text.trim();
    let is_token =
        (1..=400).contains(&token.len()) && token.chars().all(|c| c.is_ascii_graphic() && c != '<');
    if !is_token && !talk.has_cookies() {
        return Err(refused());
    }
    if !is_token {
        return Ok(None);
    }
    if prefix.is_empty() {
        talk.set_cookie("credential", token);
    } else {
        session.token = Some(token.to_owned());
    }
    Ok(None)
}
