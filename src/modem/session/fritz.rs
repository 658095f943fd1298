//! A FRITZ!Box for cable: `login_sid.lua` (version 2: PBKDF2, before it MD5), then `data.lua`.
//!
//! Both answers to the challenge are those of AVM's document on the session identifiers of the
//! FRITZ!Box.

use super::conversation::Conversation;
use super::hashes::{hex, md5_hex, pbkdf2, unhex, url_encoded};
use super::web::password;
use super::{ModemAccess, ModemWant, ReadFailure};
use crate::modem::xml::element;
use crate::net::client::HttpRequest;

/// The identifier of no session.
const NO_SESSION: &str = "0000000000000000";
/// The most iterations that are done for a challenge; a box asks for some 60 000.
const MOST_ITERATIONS: u32 = 1_000_000;
const FORM: &str = "application/x-www-form-urlencoded";

/// Logs in, fetches what is wanted, and logs out.
pub(super) fn read(
    talk: &mut Conversation,
    access: &ModemAccess,
    want: ModemWant,
) -> Result<(), ReadFailure> {
    if let Ok(info) = talk.get("jason_boxinfo.xml", "/jason_boxinfo.xml") {
        // Open to all, with model and firmware; a box that does not have it is read all the same.
        let _ = talk.keep_good("jason_boxinfo.xml", info);
    }
    let session = log_in(talk, access)?;
    let mut pages = [
        ("data.lua-docInfo.json", "page=docInfo"),
        ("data.lua-log.json", "page=log&filter=all"),
        ("data.lua-overview.json", "page=overview"),
    ];
    if want == ModemWant::LogFirst {
        pages.rotate_left(1);
    }
    let read = pages.iter().try_for_each(|(name, page)| {
        let form = format!("xhr=1&sid={session}&lang=en&{page}&xhrId=all&no_sidrenew=");
        let fetched = talk.ask(name, &HttpRequest::post("/data.lua", FORM, form));
        let kept = fetched.and_then(|page| talk.keep_good(name, page));
        talk.go_on(kept)
    });
    let bye = format!("/login_sid.lua?version=2&logout=1&sid={session}");
    let _ = talk.ask("logout", &HttpRequest::get(bye));
    read
}

/// The identifier of a new session.
fn log_in(talk: &mut Conversation, access: &ModemAccess) -> Result<String, ReadFailure> {
    let asked = talk.get("login_sid.lua", "/login_sid.lua?version=2")?;
    if asked.answer.status != 200 {
        let path = "login_sid.lua".to_owned();
        return Err(ReadFailure::Status { path, status: asked.answer.status });
    }
    let state = asked.answer.text().into_owned();
    if let Some(session) = session(&state) {
        return Ok(session);
    }
    let blocked = |state: &str| {
        let seconds = element(state, "BlockTime").and_then(|time| time.trim().parse::<u32>().ok());
        seconds.filter(|seconds| *seconds > 0).map(|seconds| {
            ReadFailure::LoginBlocked(format!("after wrong passwords, for {seconds} s"))
        })
    };
    if let Some(blocked) = blocked(&state) {
        return Err(blocked);
    }
    let password = password(access, "login_sid.lua")?;
    // The box names its users, the one who logged in last being the likeliest.
    let user = match &access.user {
        Some(user) => user.clone(),
        None => last_user(&state).unwrap_or_default(),
    };
    let challenge = element(&state, "Challenge").unwrap_or_default();
    let answer = response(&challenge, password).ok_or_else(|| {
        let why = "its challenge is not understood".to_owned();
        let page = "login_sid.lua".to_owned();
        ReadFailure::NotUnderstood(crate::modem::Error::Unknown { page, why })
    })?;
    let form = format!("username={}&response={}", url_encoded(&user), url_encoded(&answer));
    let request = HttpRequest::post("/login_sid.lua?version=2", FORM, form);
    let answered = talk.ask("login_sid.lua", &request)?.answer;
    let state = answered.text();
    match session(&state) {
        Some(session) => Ok(session),
        None => {
            Err(blocked(&state)
                .unwrap_or_else(|| ReadFailure::LoginRefused(format!("user {user}"))))
        }
    }
}

fn session(state: &str) -> Option<String> {
    let session = element(state, "SID")?;
    let is_session = session.len() == 16 && session.bytes().all(|b| b.is_ascii_hexdigit());
    (is_session && session != NO_SESSION).then_some(session)
}

/// `<User last="1">fritz1234</User>`, else the first.
fn last_user(state: &str) -> Option<String> {
    let last = state.find("<User last=\"1\"").map_or(state, |at| &state[at..]);
    element(last, "User").filter(|user| !user.is_empty())
}

/// The answer to a challenge: `2$10000$5A1711$2000$5A1722`, or eight digits of old boxes.
fn response(challenge: &str, password: &str) -> Option<String> {
    if let Some(rest) = challenge.strip_prefix("2$") {
        let parts: Vec<&str> = rest.split('$').collect();
        let [first, salt, second, other_salt] = parts.as_slice() else { return None };
        let iterations = |text: &str| text.parse().ok().filter(|n: &u32| *n <= MOST_ITERATIONS);
        let hash = pbkdf2(password.as_bytes(), &unhex(salt)?, iterations(first)?)?;
        let hash = pbkdf2(&hash, &unhex(other_salt)?, iterations(second)?)?;
        return Some(format!("{other_salt}${}", hex(&hash)));
    }
    if challenge.is_empty() || challenge.len() > 64 {
        return None;
    }
    // Characters beyond Latin-1 count as a dot there.
    let latin = password.chars().map(|c| if u32::from(c) > 255 { '.' } else { c });
    let text: String = challenge.chars().chain(['-']).chain(latin).collect();
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    Some(format!("{challenge}-{}", md5_hex(&bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_answered_as_in_avms_document() {
        assert_eq!(
            response("2$10000$5A1711$2000$5A1722", "1example!").as_deref(),
            Some("5A1722$1798a1672bca7c6463d6b245f82b53703b0f50813401b03e4045a5861e689adb")
        );
        assert_eq!(
            response("1234567z", "\u{e4}bc").as_deref(),
            Some("1234567z-9e224a41eeefa284df7bb0f26c2913e2")
        );
        for odd in ["", "2$", "2$1$2", "2$x$00$1$00", "2$0$00$1$00", "2$4000000000$00$1$00"] {
            assert_eq!(response(odd, "p"), None, "{odd}");
        }
    }

    #[test]
    fn the_user_who_logged_in_last_is_taken() {
        let users = "<Users><User>fritz1</User><User last=\"1\">fritz2</User></Users>";
        assert_eq!(last_user(users).as_deref(), Some("fritz2"));
        assert_eq!(last_user("<Users><User>a</User></Users>").as_deref(), Some("a"));
        assert_eq!(last_user("<Users></Users>"), None);
    }
}
