//! HNAP: a login by challenge and answer, each message signed; then what the modem's own pages ask.
//!
//! The recipe is that of the scripts of these modems (`Login.js`, `SOAPAction.js`): keys in upper-case
//! hexadecimal, the quotes around an action's name part of what is signed, the time modulo 2·10^12 ms.

use serde_json::Value;

use super::conversation::{Conversation, Fetched};
use super::hashes::Signer;
use super::web::{password, user};
use super::{ModemAccess, ModemWant, ReadFailure};
use crate::net::client::HttpRequest;
use crate::time::Reading;
use crate::vocabulary::ModemKind;

/// What signs before there is a key.
const NO_KEY: &str = "withoutloginkey";
const NAMESPACE: &str = "http://purenetworks.com/HNAP1/";

/// Fetches what is wanted, in the session that is open already or in a new one, which stays open.
pub(super) fn read(
    talk: &mut Conversation,
    kind: ModemKind,
    access: &ModemAccess,
    want: ModemWant,
    kept: &mut Option<HnapSession>,
) -> Result<(), ReadFailure> {
    let password = password(access, "HNAP1")?;
    let mut calls = calls(kind);
    if want == ModemWant::LogFirst {
        calls.rotate_left(1);
    }
    let mut session = match kept.take() {
        Some(session) => {
            session.enter(talk);
            session
        }
        None => open(talk, kind, user(access), password)?,
    };
    let mut is_new = false;
    for (name, actions) in calls {
        let mut fetched = session.multiple(talk, name, &actions)?;
        if was_shut_out(&fetched) && !is_new {
            // The session has ended, by its age or a restart.
            session = open(talk, kind, user(access), password)?;
            fetched = session.multiple(talk, name, &actions)?;
        }
        is_new = true;
        if was_shut_out(&fetched) {
            return Err(ReadFailure::LoginRefused(name.to_owned()));
        }
        let kept = talk.keep_good(name, fetched);
        talk.go_on(kept)?;
    }
    *kept = Some(session);
    Ok(())
}

fn was_shut_out(fetched: &Fetched) -> bool {
    matches!(fetched.answer.status, 401 | 403) || fetched.answer.text().contains("UN-AUTH")
}

/// Opens a session.
fn open(
    talk: &mut Conversation,
    kind: ModemKind,
    user: &str,
    password: &str,
) -> Result<HnapSession, ReadFailure> {
    let signers = match kind {
        ModemKind::Mb8611 => vec![Signer::Md5],
        _ => signers(talk)?,
    };
    let (last, others) = signers.split_last().expect("there is a hash");
    for signer in others {
        match log_in(talk, *signer, user, password) {
            // Where it does not say which hash it wants, a wrong one looks like a wrong password.
            Err(ReadFailure::LoginRefused(_)) => {}
            other => return other,
        }
    }
    log_in(talk, *last, user, password)
}

/// What is asked, in the groups in which the modem's own pages ask: status, log, software.
fn calls(kind: ModemKind) -> Vec<(&'static str, Vec<String>)> {
    let named = |maker: &str, actions: &[&str]| {
        actions.iter().map(|action| format!("Get{maker}Status{action}")).collect::<Vec<_>>()
    };
    let status =
        ["StartupSequence", "ConnectionInfo", "DownstreamChannelInfo", "UpstreamChannelInfo"];
    let maker = if kind == ModemKind::Mb8611 { "Moto" } else { "Customer" };
    let mut software = named(maker, &["Software"]);
    if kind != ModemKind::Mb8611 {
        software.push("GetArrisDeviceStatus".to_owned());
    }
    vec![
        ("HNAP1/status.json", named(maker, &status)),
        ("HNAP1/log.json", named(maker, &["Log"])),
        ("HNAP1/software.json", software),
    ]
}

/// Which hashes to try: the one whose script the login page loads, else both.
fn signers(talk: &mut Conversation) -> Result<Vec<Signer>, ReadFailure> {
    let page = talk.get("Login.html", "/Login.html")?;
    let text = page.answer.text().to_ascii_lowercase();
    Ok(match (text.contains("sha256"), text.contains("hmac_md5")) {
        (true, false) => vec![Signer::Sha256],
        (false, true) => vec![Signer::Md5],
        _ => vec![Signer::Md5, Signer::Sha256],
    })
}

/// A session that is open.
pub(super) struct HnapSession {
    signer: Signer,
    key: String,
    cookie: String,
}

impl HnapSession {
    /// Takes the session up in a conversation.
    fn enter(&self, talk: &mut Conversation) {
        talk.set_cookie("uid", &self.cookie);
        talk.set_cookie("PrivateKey", &self.key);
    }

    /// Makes it one that the modem does not know.
    #[cfg(test)]
    pub(super) fn forge(&mut self) {
        self.key = "0".repeat(self.key.len());
    }

    /// Calls several actions at once.
    fn multiple(
        &self,
        talk: &mut Conversation,
        name: &str,
        actions: &[String],
    ) -> Result<Fetched, ReadFailure> {
        let actions: Vec<String> = actions.iter().map(|a| format!("\"{a}\":\"\"")).collect();
        let body = format!("{{\"GetMultipleHNAPs\":{{{}}}}}", actions.join(","));
        call(talk, self.signer, &self.key, name, "GetMultipleHNAPs", &body)
    }
}

fn call(
    talk: &mut Conversation,
    signer: Signer,
    key: &str,
    name: &str,
    action: &str,
    body: &str,
) -> Result<Fetched, ReadFailure> {
    let time = Reading::now().utc.as_millis().rem_euclid(2_000_000_000_000);
    let action = format!("\"{NAMESPACE}{action}\"");
    let proof = signer.sign(key, &format!("{time}{action}"));
    let request = HttpRequest::post("/HNAP1/", "application/json", body)
        .with("soapaction", action)
        .with("hnap_auth", format!("{proof} {time}"));
    talk.ask(name, &request)
}

fn log_in(
    talk: &mut Conversation,
    signer: Signer,
    user: &str,
    password: &str,
) -> Result<HnapSession, ReadFailure> {
    let login = |action: &str, password: &str| {
        let user = Value::from(user);
        format!(
            "{{\"Login\":{{\"Action\":\"{action}\",\"Username\":{user},\
             \"LoginPassword\":\"{password}\",\"Captcha\":\"\",\"PrivateLogin\":\"LoginPassword\"}}}}"
        )
    };
    let asked = call(talk, signer, NO_KEY, "HNAP1", "Login", &login("request", ""))?;
    let challenge = login_response(&asked)?;
    check(&challenge, user)?;
    let [question, public, cookie] = ["Challenge", "PublicKey", "Cookie"]
        .map(|name| challenge.get(name).and_then(Value::as_str).unwrap_or_default().to_owned());
    if question.is_empty() || public.is_empty() {
        return Err(not_hnap("it gave no challenge"));
    }
    let key = signer.sign(&format!("{public}{password}"), &question);
    let proof = signer.sign(&key, &question);
    let session = HnapSession { signer, key, cookie };
    session.enter(talk);
    let answered = call(talk, signer, &session.key, "HNAP1", "Login", &login("login", &proof))?;
    check(&login_response(&answered)?, user)?;
    Ok(session)
}

fn login_response(fetched: &Fetched) -> Result<Value, ReadFailure> {
    if fetched.answer.status != 200 {
        let path = "HNAP1".to_owned();
        return Err(ReadFailure::Status { path, status: fetched.answer.status });
    }
    let mut json: Value = serde_json::from_slice(&fetched.answer.body)
        .map_err(|_| not_hnap("the answer to a login is not JSON"))?;
    Ok(json["LoginResponse"].take())
}

/// Whether a step of the login was taken well.
fn check(response: &Value, user: &str) -> Result<(), ReadFailure> {
    match response.get("LoginResult").and_then(Value::as_str).unwrap_or_default() {
        "OK" | "OK_CHANGED" => Ok(()),
        "LOCKUP" | "REBOOT" => Err(ReadFailure::LoginBlocked("after wrong passwords".to_owned())),
        _ => Err(ReadFailure::LoginRefused(format!("user {user}"))),
    }
}

fn not_hnap(why: &str) -> ReadFailure {
    let error = crate::modem::Error::Unknown { page: "HNAP1".to_owned(), why: why.to_owned() };
    ReadFailure::NotUnderstood(error)
}
