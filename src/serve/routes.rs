//! From a request to its answer.

use std::rc::Rc;

use hyper::header::{AUTHORIZATION, CONTENT_DISPOSITION, HeaderValue, LINK};
use hyper::{Method, Request, StatusCode};
use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};

use super::answer::{self, HttpAnswer};
use super::documents::{
    DocumentError, DocumentFormat, DocumentWanted, Documents, DropsWanted, LatestDrops,
    ReportAudience,
};
use super::events::EventStreams;
use super::{feed, guard, metrics, page};
use crate::live::DropStatus;
use crate::text::describe;
use crate::time::{Reading, Since, TimeRange, Timestamp};

const JSON: &str = "application/json";

/// Everything answers are made of.
#[derive(Debug, Clone)]
pub(super) struct Routes {
    pub(super) events: EventStreams,
    pub(super) documents: Documents,
    pub(super) names: Rc<[String]>,
    pub(super) zone: TimeZone,
    pub(super) token: Option<Rc<str>>,
}

/// Drops in one answer, at most and unless another number is asked for.
const DROPS_AT_ONCE: usize = 1_000;

impl Routes {
    /// Answers a request; its body is not read.
    pub(super) async fn answer<B>(&self, request: &Request<B>) -> HttpAnswer {
        if let Err(refusal) = guard::check(request, &self.names) {
            return refusal.into();
        }
        let uri = request.uri();
        match uri.path() {
            "/" => page::page(),
            "/icon.svg" => page::icon(),
            "/metrics" => begun(self.metrics(), metrics::CONTENT_TYPE),
            "/api/status" => begun(feed::status(&self.events.present), JSON),
            "/api/events" if request.method() == Method::GET => self.events.open(),
            "/api/events" => answer::ok("text/event-stream", ""),
            "/api/drops" => self.drops(uri.query().unwrap_or_default()).await,
            path => match DocumentWanted::of_path(path) {
                Some(wanted) => {
                    let audience = self.audience(request);
                    self.document(DocumentWanted { audience, ..wanted }, path).await
                }
                None => answer::said(StatusCode::NOT_FOUND, "there is nothing at this path"),
            },
        }
    }

    /// Whose request it is. Compared as digests, so that the time taken says nothing about the token.
    fn audience<B>(&self, request: &Request<B>) -> ReportAudience {
        let shown = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let shown = shown.and_then(|value| value.strip_prefix("Bearer "));
        let digest = |text: &str| Sha256::digest(text.as_bytes());
        match (shown, &self.token) {
            (Some(shown), Some(token)) if digest(shown) == digest(token) => ReportAudience::Owner,
            _ => ReportAudience::Anyone,
        }
    }

    fn metrics(&self) -> Option<String> {
        let (status, counters) = {
            let present = self.events.present.lock();
            (present.status()?.clone(), present.counters().clone())
        };
        Some(metrics::text(&status, &counters))
    }

    fn latest_drops(&self) -> LatestDrops {
        let present = self.events.present.lock();
        let Some(status) = present.status() else { return LatestDrops::default() };
        let id = |drop: &Option<DropStatus>| drop.as_ref().map(|drop| drop.id);
        LatestDrops { open: id(&status.open_drop), over: id(&status.last_drop) }
    }

    async fn document(&self, wanted: DocumentWanted, path: &str) -> HttpAnswer {
        match self.documents.get(wanted, self.latest_drops()).await {
            Ok(bytes) => {
                let mut answer = answer::ok(wanted.content_type(), bytes);
                if wanted.form != DocumentFormat::Sheet {
                    // A known path has nothing odd in it.
                    let file = path.trim_start_matches('/').replace('/', "-");
                    let value = format!("attachment; filename=\"linkmon-{file}\"");
                    if let Ok(value) = HeaderValue::from_str(&value) {
                        answer.headers_mut().insert(CONTENT_DISPOSITION, value);
                    }
                }
                answer
            }
            Err(problem) => failed(&problem),
        }
    }

    async fn drops(&self, query: &str) -> HttpAnswer {
        let wanted = match drops_wanted(query, Reading::now().utc, &self.zone) {
            Ok(wanted) => wanted,
            Err(why) => return answer::said(StatusCode::BAD_REQUEST, &why),
        };
        match self.documents.drops(wanted).await {
            Ok((json, has_older)) => {
                let mut answer = answer::ok(JSON, json);
                if has_older && let Ok(link) = HeaderValue::from_str(&older(wanted)) {
                    answer.headers_mut().insert(LINK, link);
                }
                answer
            }
            Err(problem) => failed(&problem),
        }
    }
}

/// Before the first second has passed there is nothing to answer with.
fn begun(text: Option<String>, content_type: &'static str) -> HttpAnswer {
    match text {
        Some(text) => answer::ok(content_type, text),
        None => answer::said(StatusCode::SERVICE_UNAVAILABLE, "measuring has not begun yet"),
    }
}

fn failed(problem: &DocumentError) -> HttpAnswer {
    answer::said(StatusCode::INTERNAL_SERVER_ERROR, &describe(problem))
}

/// Where the next older drops of the same period are (RFC 8288).
fn older(wanted: DropsWanted) -> String {
    let DropsWanted { period: TimeRange { from, to }, skip, most } = wanted;
    let skip = skip + most;
    format!("</api/drops?since={from}&until={to}&limit={most}&skip={skip}>; rel=\"next\"")
}

/// `since=7d&until=now`, in the forms of the command line except `drop:12`, and `limit=100&skip=200`.
fn drops_wanted(query: &str, now: Timestamp, zone: &TimeZone) -> Result<DropsWanted, String> {
    let (mut since, mut until) = ("7d".to_owned(), "now".to_owned());
    let (mut skip, mut most) = (0, DROPS_AT_ONCE);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decoded(value).ok_or_else(|| format!("{name}: the value is not UTF-8"))?;
        match name {
            "since" => since = value,
            "until" => until = value,
            "limit" => match value.parse() {
                Ok(n) if (1..=DROPS_AT_ONCE).contains(&n) => most = n,
                _ => return Err(format!("limit: it is 1 to {DROPS_AT_ONCE}")),
            },
            "skip" => match value.parse() {
                Ok(n) if n < usize::MAX / 2 => skip = n,
                _ => return Err("skip: it is a number of drops".to_owned()),
            },
            _ => return Err("known are since, until, limit and skip".to_owned()),
        }
    }
    let instant = |name: &str, text: &str| match Since::parse(text, now, zone) {
        Ok(Since::At(at)) => Ok(at),
        Ok(Since::Drop(_)) => Err(format!("{name}: the time around a drop is not served here")),
        Err(problem) => Err(format!("{name}: {problem}")),
    };
    let (from, to) = (instant("since", &since)?, instant("until", &until)?);
    if from < to {
        Ok(DropsWanted { period: TimeRange { from, to }, skip, most })
    } else {
        Err(format!("the period is empty: its start {from} is not before its end {to}"))
    }
}

/// `%2B` and `+` as in the query of a form.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |b: Option<u8>| char::from(b?).to_digit(16);
                u8::try_from(digit(rest.next())? * 16 + digit(rest.next())?).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_770_038_400);

    fn seconds_back(query: &str) -> Result<(i64, i64), String> {
        let period = drops_wanted(query, NOW, &TimeZone::UTC)?.period;
        let back = |at: Timestamp| NOW.micros_since(at) / 1_000_000;
        Ok((back(period.from), back(period.to)))
    }

    #[test]
    fn a_period_is_given_as_on_the_command_line() {
        assert_eq!(seconds_back(""), Ok((7 * 86_400, 0)));
        assert_eq!(seconds_back("since=90m"), Ok((5_400, 0)));
        assert_eq!(seconds_back("since=2h&until=1h"), Ok((7_200, 3_600)));
        assert_eq!(seconds_back("since=2026-02-02T13%3A19%3A50%2B00:00"), Ok((10, 0)));
    }

    #[test]
    fn an_invalid_period_is_refused_in_one_sentence() {
        for query in [
            "since=soon",
            "since=drop:1",
            "until=2020-01-01",
            "x=1",
            "since=%ff",
            "since=%4",
            "limit=0",
            "limit=1001",
            "skip=-1",
        ] {
            let why = seconds_back(query).unwrap_err();
            assert!(!why.contains('\n') && why.len() < 300, "{query}: {why}");
        }
    }

    proptest! {
        #[test]
        fn no_query_makes_it_panic(query in r"(since|until|=|&|%[0-9a-f]{0,2}|[0-9]{1,5}|[dhm+-]|\PC){0,20}") {
            let _ = seconds_back(&query);
        }
    }
}
