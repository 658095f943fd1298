//! What an answer means: delivered, later, or never; and what of it is shown.
//!
//! Only what says that this very message is wrong is final. What may be mended on either side, a wrong
//! password among it, is tried again: nothing is lost meanwhile.

use std::time::Duration;

use super::super::channel::DeliveryError;
use super::addressee::Addressee;
use super::fit::{LengthIn, fit, verbatim};
use crate::config::WebhookPreset;
use crate::net::client::{Error, HttpResponse};
use crate::time::Timestamp;

/// A receiver that wants to be left alone for longer is asked all the same.
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);
/// Characters of an answer that are shown.
const SHOWN: usize = 160;
/// Shorter parts of a URL are words such as `api`, and no secrets.
const SHORTEST_SECRET: usize = 6;

/// What became of a request.
pub(super) fn judged(
    answer: Result<HttpResponse, Error>,
    to: &Addressee,
    now: Timestamp,
) -> Result<(), DeliveryError> {
    let server = to.server();
    let answer = match answer {
        Ok(answer) => answer,
        // What cannot be written will not be the next time either.
        Err(e @ Error::Request(_)) => {
            return Err(DeliveryError::refused(format!(
                "{server}: {}",
                hidden(&e.to_string(), to)
            )));
        }
        Err(e) => {
            return Err(DeliveryError::later(format!("{server}: {}", hidden(&e.to_string(), to))));
        }
    };
    match answer.status {
        200..=299 => match what_is_missing(&answer, to.preset) {
            None => Ok(()),
            Some(why) => Err(DeliveryError::later(format!("{server} {why}"))),
        },
        status => Err(refusal(status, &answer, to, now)),
    }
}

/// Why an answer of success is none.
fn what_is_missing(answer: &HttpResponse, preset: WebhookPreset) -> Option<&'static str> {
    if preset == WebhookPreset::Apprise && answer.status == 204 {
        return Some("knows no configuration under the key in the url (204)");
    }
    let is_of_service = !matches!(preset, WebhookPreset::Plain | WebhookPreset::Template);
    let text = answer.text();
    let start: String = text.trim_start().chars().take(9).collect::<String>().to_ascii_lowercase();
    let is_page = start.starts_with("<html") || start.starts_with("<!doctype");
    (is_of_service && is_page).then_some(
        "answers with a page where its service answers with none: is there a login page in the way, \
         or is the url that of its pages?",
    )
}

fn refusal(status: u16, answer: &HttpResponse, to: &Addressee, now: Timestamp) -> DeliveryError {
    let server = to.server();
    let said = said(answer, to);
    let sentence = |what: &str| format!("{server} {what} ({status}{said})");
    match status {
        300..=399 => {
            let place = answer.field("location").map(|to_there| place(to_there, to));
            let place = place.map(|place| format!(" to {place}")).unwrap_or_default();
            DeliveryError::later(format!(
                "{server} sends elsewhere{place} ({status}), where nothing is sent: put the right url \
                 into the configuration"
            ))
        }
        401 => DeliveryError::later(sentence("does not accept the token or password")),
        403 => DeliveryError::later(sentence("does not allow this token or url to send there")),
        404 => DeliveryError::later(sentence("has nothing under this url")),
        405 => DeliveryError::later(sentence("does not take this method there")),
        410 => DeliveryError::later(sentence("has nothing under this url any more")),
        407 => DeliveryError::later(sentence("is behind a proxy that asks for a password")),
        424 => DeliveryError::later(sentence("could not pass it on to all")),
        421 | 423 | 426 | 451 => DeliveryError::later(sentence("does not take it at present")),
        408 | 425 | 429 | 500..=599 => DeliveryError::Later {
            why: sentence("does not take it at present"),
            after: answer.field("retry-after").and_then(|text| pause(text, answer, now)),
        },
        _ => DeliveryError::refused(sentence("does not take this message")),
    }
}

/// `Retry-After` (RFC 9110, 10.2.3): seconds, for some services with decimals, or a date.
fn pause(text: &str, answer: &HttpResponse, now: Timestamp) -> Option<Duration> {
    let seconds = if let Ok(seconds) = text.trim().parse::<f64>() {
        seconds
    } else {
        let at = |text: &str| jiff::fmt::rfc2822::parse(text.trim()).ok().map(|at| at.timestamp());
        let then = at(text)?.as_microsecond();
        // By the server's own clock, where it tells it: ours may be wrong.
        let its_now = answer.field("date").and_then(at).map(jiff::Timestamp::as_microsecond);
        let since = Timestamp::from_micros(its_now.unwrap_or(now.as_micros()));
        Timestamp::from_micros(then).duration_since(since)?.as_secs_f64()
    };
    Duration::try_from_secs_f64(seconds).ok().map(|pause| pause.min(LONGEST_PAUSE))
}

/// What the server said, escaped and short, after a colon; empty where it is nothing, or a page.
fn said(answer: &HttpResponse, to: &Addressee) -> String {
    let text = answer.text();
    let text = text.trim();
    if text.is_empty() || text.starts_with('<') {
        return String::new();
    }
    format!(": {}", hidden(text, to))
}

/// Where a redirect leads, without the query, in which there may be anything.
fn place(location: &str, to: &Addressee) -> String {
    let bare = location.split(['?', '#']).next().unwrap_or_default();
    // A name and password before the host.
    let bare = match bare.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = authority.rsplit('@').next().unwrap_or_default();
            format!("{scheme}://{host}/{path}")
        }
        None => bare.to_owned(),
    };
    hidden(&bare, to)
}

/// Whether a terminal, a log or a page shows it as the one character that it is.
fn is_harmless(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A text from elsewhere as it is shown: in one line, escaped, short, without our secrets.
pub(super) fn hidden(text: &str, to: &Addressee) -> String {
    let mut secrets = to.secrets();
    secrets.extend(to.parts_of_path().filter(|part| part.len() >= SHORTEST_SECRET));
    secrets.retain(|secret| !secret.is_empty());
    // The longest first: others are parts of it.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    let mut text = text.to_owned();
    for secret in secrets {
        text = text.replace(&secret, "...");
    }
    let line: Vec<&str> = text.split_whitespace().collect();
    let line = line.join(" ");
    let escaped: String = line.chars().map(|c| if is_harmless(c) { c } else { '?' }).collect();
    fit(&escaped, SHOWN, LengthIn::Utf16, verbatim)
}
