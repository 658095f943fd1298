//! TR-064: SOAP calls to a FRITZ!Box at port 49000, behind digest authentication (RFC 7616 with MD5).

use std::fmt::Write as _;

use super::conversation::{Conversation, Fetched};
use super::hashes::{hex, md5_hex};
use super::web::password;
use super::{ModemAccess, ModemWant, ReadFailure};
use crate::net::client::HttpRequest;

/// The user's name where a box asks for a password alone.
const PASSWORD_ONLY: &str = "dslf-config";

/// A call: what its answer is called, its path, service and action.
type Call = (&'static str, &'static str, &'static str, &'static str);

const DEVICE: Call = ("tr064-device.xml", "deviceinfo", "DeviceInfo:1", "GetInfo");
const LINE: Call = ("tr064-line.xml", "wandslifconfig1", "WANDSLInterfaceConfig:1", "GetInfo");
const ERRORS: Call =
    ("tr064-errors.xml", "wandslifconfig1", "WANDSLInterfaceConfig:1", "GetStatisticsTotal");
const PPP: Call = ("tr064-ppp.xml", "wanpppconn1", "WANPPPConnection:1", "GetInfo");

/// Fetches what is wanted.
pub(super) fn read(
    talk: &mut Conversation,
    access: &ModemAccess,
    want: ModemWant,
) -> Result<(), ReadFailure> {
    // The device's answer holds log and uptime.
    let calls = match want {
        ModemWant::Everything => [LINE, ERRORS, DEVICE, PPP],
        ModemWant::LogFirst => [DEVICE, LINE, ERRORS, PPP],
    };
    let mut digest = None;
    for call in calls {
        let kept =
            ask(talk, access, &mut digest, call).and_then(|answer| talk.keep_good(call.0, answer));
        talk.go_on(kept)?;
    }
    Ok(())
}

fn ask(
    talk: &mut Conversation,
    access: &ModemAccess,
    digest: &mut Option<DigestAnswers>,
    (name, control, service, action): Call,
) -> Result<Fetched, ReadFailure> {
    let path = format!("/upnp/control/{control}");
    let service = format!("urn:dslforum-org:service:{service}");
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
         <s:Envelope s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\" \
         xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\
         <u:{action} xmlns:u=\"{service}\"></u:{action}></s:Body></s:Envelope>"
    );
    let request = HttpRequest::post(path.clone(), "text/xml; charset=\"utf-8\"", body)
        .with("soapaction", format!("{service}#{action}"));
    // At most one call without an answer to a challenge, and one with; a second challenge right after
    // an answer is taken once, where it only renews the first.
    for attempt in 0..2 {
        let signed = match digest {
            Some(digest) => request.clone().with("authorization", digest.answer("POST", &path)),
            None => request.clone(),
        };
        let fetched = talk.ask(name, &signed)?;
        if fetched.answer.status != 401 {
            return Ok(fetched);
        }
        let given = fetched.answer.fields("www-authenticate").find_map(Challenge::read);
        let was_refused = digest.is_some() && !given.as_ref().is_some_and(|c| c.is_stale);
        let Some(challenge) = given else {
            let how = format!("{name}, by a way that is not known for it");
            return Err(ReadFailure::LoginNeeded(how));
        };
        let password = password(access, name)?;
        let user = access.user.as_deref().unwrap_or(PASSWORD_ONLY);
        // A box may give each challenge for one call only.
        if attempt == 1 || (was_refused && digest.as_ref().is_some_and(|d| d.count <= 1)) {
            return Err(ReadFailure::LoginRefused(format!("user {user}")));
        }
        *digest = Some(DigestAnswers::new(challenge, user, password));
    }
    Err(ReadFailure::LoginRefused("again and again".to_owned()))
}

/// `Digest realm="..", nonce="..", qop="auth"`.
#[derive(Debug, PartialEq, Eq)]
struct Challenge {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    has_qop: bool,
    is_stale: bool,
}

impl Challenge {
    /// `None` for other schemes and hashes.
    fn read(field: &str) -> Option<Self> {
        let (scheme, rest) = field.trim().split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("digest") {
            return None;
        }
        let value = |name: &str| parameter(rest, name);
        if value("algorithm").is_some_and(|algorithm| !algorithm.eq_ignore_ascii_case("md5")) {
            return None;
        }
        Some(Self {
            realm: value("realm")?,
            nonce: value("nonce")?,
            opaque: value("opaque"),
            has_qop: value("qop").is_some_and(|qop| qop.split(',').any(|q| q.trim() == "auth")),
            is_stale: value("stale").is_some_and(|stale| stale.eq_ignore_ascii_case("true")),
        })
    }
}

/// A parameter of a challenge, quoted or not.
fn parameter(text: &str, name: &str) -> Option<String> {
    let mut rest = text;
    loop {
        let (key, after) = rest.split_once('=')?;
        let key = key.trim_matches([' ', ',', '\t']);
        let (value, after) = match after.trim_start().strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_once(',').unwrap_or((after, "")),
        };
        if key.eq_ignore_ascii_case(name) {
            return Some(value.trim().to_owned());
        }
        rest = after;
    }
}

/// A challenge with what answers it.
struct DigestAnswers {
    challenge: Challenge,
    user: String,
    /// The hash of user, realm and password.
    secret: String,
    client_nonce: String,
    /// Calls that were answered for.
    count: u32,
}

impl DigestAnswers {
    fn new(challenge: Challenge, user: &str, password: &str) -> Self {
        let secret = md5_hex(format!("{user}:{}:{password}", challenge.realm).as_bytes());
        let client_nonce = hex(&fastrand::u128(..).to_be_bytes());
        Self { challenge, user: user.to_owned(), secret, client_nonce, count: 0 }
    }

    /// The field `Authorization` for a call.
    fn answer(&mut self, method: &str, path: &str) -> String {
        self.count += 1;
        let Challenge { realm, nonce, opaque, has_qop, .. } = &self.challenge;
        let (secret, client_nonce) = (&self.secret, &self.client_nonce);
        let call = md5_hex(format!("{method}:{path}").as_bytes());
        let mut field = format!(
            "Digest username=\"{}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{path}\"",
            self.user
        );
        if *has_qop {
            let count = format!("{:08x}", self.count);
            let response =
                md5_hex(format!("{secret}:{nonce}:{count}:{client_nonce}:auth:{call}").as_bytes());
            let _ = write!(
                field,
                ", qop=auth, nc={count}, cnonce=\"{client_nonce}\", response=\"{response}\""
            );
        } else {
            let response = md5_hex(format!("{secret}:{nonce}:{call}").as_bytes());
            let _ = write!(field, ", response=\"{response}\"");
        }
        if let Some(opaque) = opaque {
            let _ = write!(field, ", opaque=\"{opaque}\"");
        }
        field + ", algorithm=MD5"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_that_of_the_standard() {
        // RFC 2617, 3.5.
        let challenge = "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", \
                         nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", \
                         opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";
        let challenge = Challenge::read(challenge).unwrap();
        assert_eq!((challenge.has_qop, challenge.is_stale), (true, false));
        let mut digest = DigestAnswers::new(challenge, "Mufasa", "Circle Of Life");
        digest.client_nonce = "0a4f113b".to_owned();
        let answer = digest.answer("GET", "/dir/index.html");
        for part in [
            "username=\"Mufasa\"",
            "nc=00000001",
            "response=\"6629fae49393a05397450978507c4ef1\"",
            "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
        ] {
            assert!(answer.contains(part), "{part} in {answer}");
        }
        assert!(digest.answer("GET", "/").contains("nc=00000002"));
    }

    #[test]
    fn other_schemes_and_damaged_challenges_are_none() {
        for odd in [
            "",
            "Basic realm=\"x\"",
            "Digest",
            "Digest realm=\"x\"",
            "Digest nonce=\"",
            "Digest realm=a, nonce=b, algorithm=SHA-256",
        ] {
            assert_eq!(Challenge::read(odd), None, "{odd}");
        }
        let bare = Challenge::read("digest realm=a, nonce=b, stale=TRUE").unwrap();
        assert_eq!((bare.realm.as_str(), bare.nonce.as_str(), bare.is_stale), ("a", "b", true));
    }
}
