//! The session of who has logged in: a value that only this server can make, and that only holds as
//! long as the token does. It is in the cookie alone, so that there are no sessions to count here,
//! and one outlasts a restart. Only those that were ended are kept, in the record.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::time::Timestamp;

/// The name of the cookie.
const NAME: &str = "linkmon-session";

/// How long a login holds.
const HOLDS: Duration = Duration::from_secs(30 * 86_400);

/// Sessions that were ended are remembered up to this number, the newest ones.
const ENDED: usize = 200;

/// When it ends, in seconds since 1970, and chance.
type SessionClaim = [u8; 24];

/// Makes sessions and knows its own.
#[derive(Debug)]
pub(super) struct Sessions {
    key: hmac::Key,
    ended: Mutex<VecDeque<SessionClaim>>,
}

impl Sessions {
    /// Those of a token: with another, all others are over.
    pub(super) fn new(token: &str) -> Self {
        let of_token = hmac::Key::new(hmac::HMAC_SHA256, token.as_bytes());
        let key = hmac::sign(&of_token, b"linkmon session 1");
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, key.as_ref()), ended: Mutex::default() }
    }

    /// The cookie of a new session; `None` where the system has no random numbers.
    pub(super) fn begin(&self, now: Timestamp) -> Option<String> {
        let mut claim: SessionClaim = [0; 24];
        let ends = (now + HOLDS).as_micros() / 1_000_000;
        claim[..8].copy_from_slice(&ends.to_be_bytes());
        SystemRandom::new().fill(&mut claim[8..]).ok()?;
        let tag = hmac::sign(&self.key, &claim);
        let [claim, tag] = [&claim[..], tag.as_ref()].map(|part| URL_SAFE_NO_PAD.encode(part));
        Some(cookie(&format!("{claim}.{tag}"), HOLDS))
    }

    /// Whether a request is one of a session that goes on.
    pub(super) fn holds(&self, headers: &HeaderMap, now: Timestamp) -> bool {
        values(headers).any(|value| {
            self.claim(value).is_some_and(|claim| ends(claim) > now && !self.has_ended(&claim))
        })
    }

    /// Ends the sessions of a request; gives whether one went on.
    pub(super) fn end(&self, headers: &HeaderMap, now: Timestamp) -> bool {
        let mut has_ended_one = false;
        for claim in values(headers).filter_map(|value| self.claim(value)) {
            let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
            ended.retain(|other| ends(*other) > now);
            if ends(claim) > now && !ended.contains(&claim) {
                ended.truncate(ENDED - 1);
                ended.push_front(claim);
                has_ended_one = true;
            }
        }
        has_ended_one
    }

    /// The cookie that makes a browser forget its session.
    pub(super) fn forget() -> String {
        cookie("", Duration::ZERO)
    }

    /// Those that were ended, the newest first, as [`Self::recall`] takes them. Nobody can make a session
    /// of that.
    pub(super) fn ended(&self) -> String {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let all: Vec<_> = ended.iter().map(|claim| URL_SAFE_NO_PAD.encode(claim)).collect();
        all.join(" ")
    }

    /// Takes those for ended that were when the server stopped.
    pub(super) fn recall(&self, ended: &str, now: Timestamp) {
        let claims = ended.split(' ').filter_map(|claim| URL_SAFE_NO_PAD.decode(claim).ok());
        let claims = claims.filter_map(|claim| SessionClaim::try_from(claim).ok());
        let claims = claims.filter(|claim| ends(*claim) > now).take(ENDED);
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).extend(claims);
    }

    fn has_ended(&self, claim: &SessionClaim) -> bool {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).contains(claim)
    }

    /// What a cookie claims, where its tag is ours.
    fn claim(&self, value: &str) -> Option<SessionClaim> {
        let (claim, tag) = value.split_once('.')?;
        let [claim, tag] = [claim, tag].map(|part| URL_SAFE_NO_PAD.decode(part).ok());
        let (claim, tag) = (SessionClaim::try_from(claim?).ok()?, tag?);
        hmac::verify(&self.key, &claim, &tag).ok()?;
        Some(claim)
    }
}

fn ends(claim: SessionClaim) -> Timestamp {
    let mut seconds = [0; 8];
    seconds.copy_from_slice(&claim[..8]);
    Timestamp::from_seconds(i64::from_be_bytes(seconds))
}

/// No other site sends it along, and no script reads it.
fn cookie(value: &str, holds: Duration) -> String {
    let seconds = holds.as_secs();
    format!("{NAME}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Strict")
}

/// The values that a request has for the cookie.
fn values(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    let pairs = cookies.flat_map(|cookies| cookies.split(';'));
    pairs.filter_map(|pair| pair.trim().strip_prefix(NAME)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_770_038_400);

    fn sent(cookie: &str) -> HeaderMap {
        let pair = cookie.split(';').next().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, format!("other=1; {pair}; more=2").parse().unwrap());
        headers
    }

    #[test]
    fn a_session_holds_until_its_end_and_as_long_as_the_token() {
        let sessions = Sessions::new("sesame");
        let cookie = sessions.begin(NOW).unwrap();
        for part in ["; HttpOnly", "; SameSite=Strict", "; Path=/", "; Max-Age=2592000"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        let request = sent(&cookie);
        assert!(sessions.holds(&request, NOW));
        assert!(sessions.holds(&request, NOW + HOLDS - Duration::from_secs(1)));
        assert!(!sessions.holds(&request, NOW + HOLDS));
        assert!(Sessions::new("sesame").holds(&request, NOW), "after a restart");
        assert!(!Sessions::new("sesame2").holds(&request, NOW), "with another token");
        assert_ne!(cookie, sessions.begin(NOW).unwrap(), "no two are the same");
    }

    #[test]
    fn one_that_was_ended_holds_no_more_and_others_go_on() {
        let sessions = Sessions::new("sesame");
        let [one, other] = [(); 2].map(|()| sent(&sessions.begin(NOW).unwrap()));
        assert!(Sessions::forget().starts_with("linkmon-session=; Max-Age=0; "));
        assert!(sessions.end(&one, NOW));
        assert!(!sessions.end(&one, NOW) && !sessions.end(&HeaderMap::new(), NOW));
        assert!(!sessions.holds(&one, NOW) && sessions.holds(&other, NOW));
        let restarted = Sessions::new("sesame");
        restarted.recall(&sessions.ended(), NOW);
        assert!(!restarted.holds(&one, NOW) && restarted.holds(&other, NOW));
        restarted.recall("odd \u{e9} A AAAA", NOW);
        assert_eq!(restarted.ended(), sessions.ended());
        restarted.end(&other, NOW + HOLDS);
        assert_eq!(restarted.ended(), "", "what is over by itself is not kept");
        for _ in 0..1_000 {
            sessions.end(&sent(&sessions.begin(NOW).unwrap()), NOW);
        }
        assert_eq!(sessions.ended.lock().unwrap().len(), ENDED);
    }

    #[test]
    fn a_forged_or_torn_value_is_none_of_ours() {
        let sessions = Sessions::new("sesame");
        let cookie = sessions.begin(NOW).unwrap();
        let value = cookie.split(';').next().unwrap().strip_prefix("linkmon-session=").unwrap();
        assert!(sessions.claim(value).is_some());
        for at in 0..value.len() {
            let mut forged = value.to_owned();
            let other = if &value[at..=at] == "A" { "B" } else { "A" };
            forged.replace_range(at..=at, other);
            assert!(sessions.claim(&forged).is_none(), "{at}: {forged}");
            assert!(sessions.claim(&value[..at]).is_none());
        }
        for odd in ["", ".", "x.y", "\u{e9}.", &"A".repeat(10_000)] {
            assert!(sessions.claim(odd).is_none(), "{odd}");
        }
    }
}
