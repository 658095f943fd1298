//! The sign of life for a monitor elsewhere: asked for on a thread of its own, and only while probes go
//! out and what they measure is stored. It must not say that linkmon works where it does not.

use std::time::Duration;

use super::chore::Chore;
use crate::config::Config;
use crate::live::{Event, HeartbeatStatus, SharedPresent, Status};
use crate::net::client::{self, HttpClient, HttpRequest, HttpServer, Trust};
use crate::text::describe;
use crate::time::{BootTime, Reading, Timestamp};
use crate::vocabulary::{LinkState, Url};

/// The whole exchange, the look-up of the name included.
const LIMIT: Duration = Duration::from_secs(20);
/// Answers are words; one that is larger is not from a monitor.
const LARGEST: usize = 64 * 1024;
/// Measurements are committed each minute; some of them may go on behind.
const COMMIT_WITHIN: Duration = Duration::from_secs(300);
/// After the first failure, then twice as long after each.
const FIRST_RETRY: Duration = Duration::from_secs(60);
/// Many lines come back at once when their region does: the first sign after that waits up to this long.
const SPREAD: Duration = Duration::from_secs(30);
/// One failure can be the beginning of a drop that is not confirmed yet, or its end.
const TOLD_AFTER: u32 = 2;

/// Why a sign of life was not taken. Its URL is in none of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum HeartbeatError {
    /// There is no answer.
    #[error("{server}: {why}")]
    NoAnswer {
        /// The monitor.
        server: String,
        /// What is known of it.
        why: client::Error,
    },
    /// It answered with another status than success.
    #[error("{server} answered with status {status}")]
    Status {
        /// The monitor.
        server: String,
        /// Its answer.
        status: u16,
    },
    /// Healthchecks says so with a status of success where the URL ends in an identifier.
    #[error("{server} answered \"{said}\"")]
    NotTaken {
        /// The monitor.
        server: String,
        /// The beginning of its answer.
        said: String,
    },
}

/// Asks for the URL when it is time to.
#[derive(Debug)]
pub(super) struct Heartbeat {
    url: Option<Url>,
    every: Duration,
    /// Probes can be further apart than commits: then these wait for them.
    probes_every: Duration,
    present: SharedPresent,
    chore: Chore<Result<(), HeartbeatError>>,
    next: Option<BootTime>,
    /// In a row, while the link was up.
    failures: u32,
    was_taken: bool,
    /// The link was down since the last one.
    was_down: bool,
}

impl Heartbeat {
    pub(super) fn new(config: &Config, present: SharedPresent) -> Self {
        let url = config.heartbeat.url.as_ref().and_then(|url| url.reveal().parse().ok());
        if url.is_some() {
            present.lock().set_heartbeat(HeartbeatStatus::default());
        }
        Self {
            url,
            every: config.heartbeat.every,
            probes_every: config.probe.interval,
            present,
            chore: Chore::new("heartbeat"),
            next: None,
            failures: 0,
            was_taken: false,
            was_down: false,
        }
    }

    /// To be called once a second; gives the event to announce.
    pub(super) fn second(&mut self, now: Reading) -> Option<Event> {
        let url = self.url.clone()?;
        let status = self.present.lock().status().cloned()?;
        let event = self.chore.finished().and_then(|result| match result {
            Ok(()) => self.on_taken(now),
            Err(error) => self.on_failure(&error, status.state, now.boot),
        });
        match status.state {
            LinkState::Down => self.was_down = true,
            LinkState::Up if std::mem::take(&mut self.was_down) => {
                self.failures = 0;
                self.next = Some(now.boot + part_of(SPREAD.min(self.every / 4)));
            }
            _ => {}
        }
        let next = *self.next.get_or_insert_with(|| now.boot + part_of(FIRST_RETRY / 6));
        if now.boot >= next
            && self.chore.is_free()
            && is_measuring(&status, now.utc, self.probes_every)
        {
            self.next = Some(now.boot + self.every.mul_f64(1.0 - 0.1 * fastrand::f64()));
            self.chore.start(move || send(&url));
        }
        event
    }

    fn on_taken(&mut self, now: Reading) -> Option<Event> {
        self.failures = 0;
        let last = Some(now.utc);
        self.present.lock().set_heartbeat(HeartbeatStatus { last, trouble: None });
        let has_failed = self.chore.was_done();
        let is_first = !std::mem::replace(&mut self.was_taken, true);
        (has_failed || is_first).then_some(Event::HeartbeatWorks)
    }

    /// A failure while the link is down is no news of the monitor, and nothing is tried before it is up.
    fn on_failure(
        &mut self,
        error: &HeartbeatError,
        state: LinkState,
        now: BootTime,
    ) -> Option<Event> {
        if matches!(state, LinkState::Down | LinkState::Suspect) {
            return None;
        }
        let why = describe(error);
        let mut present = self.present.lock();
        let last = present.heartbeat().and_then(|heartbeat| heartbeat.last);
        present.set_heartbeat(HeartbeatStatus { last, trouble: Some(why.clone()) });
        drop(present);
        let pause = FIRST_RETRY * 2_u32.pow(self.failures.min(10));
        self.failures += 1;
        let retry = now + pause.min(self.every);
        self.next = Some(self.next.map_or(retry, |next| next.min(retry)));
        let is_told = self.failures >= TOLD_AFTER && self.chore.failed();
        is_told.then_some(Event::HeartbeatFails(why))
    }
}

/// Whether probes go out, what they measure is stored, and the link is not known to be down.
fn is_measuring(status: &Status, now: Timestamp, probes_every: Duration) -> bool {
    /// The counts of a target are of a minute.
    const COUNTED: Duration = Duration::from_secs(30);
    let is_down = matches!(status.state, LinkState::Down | LinkState::Suspect);
    let goes_out = probes_every > COUNTED || status.targets.iter().any(|target| target.sent > 0);
    let is_recent = |at: Timestamp| {
        now.duration_since(at).is_some_and(|age| age <= COMMIT_WITHIN + 2 * probes_every)
    };
    let is_stored =
        status.storage_trouble.is_none() && status.storage.last_commit.is_some_and(is_recent);
    !is_down && goes_out && is_stored
}

/// Up to this long, by chance.
fn part_of(most: Duration) -> Duration {
    most.mul_f64(fastrand::f64())
}

fn send(url: &Url) -> Result<(), HeartbeatError> {
    let to = HttpServer { https: url.https, host: url.host.clone(), port: url.port };
    let server = to.authority();
    let client = HttpClient::new(Trust::KnownAuthorities, LARGEST);
    let answer = client
        .ask(&to, &HttpRequest::get(url.path.clone()), LIMIT)
        .map_err(|why| HeartbeatError::NoAnswer { server: server.clone(), why })?;
    if !(200..300).contains(&answer.status) {
        return Err(HeartbeatError::Status { server, status: answer.status });
    }
    // "OK" from one that took it; "OK (not found)", "OK (rate limited)" from one that did not.
    let text = answer.text();
    if text.starts_with("OK (") {
        let said = text.chars().take_while(|c| !c.is_control()).take(60).collect();
        return Err(HeartbeatError::NotTaken { server, said });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
