//! Everything that is shown, as it stands: owned by the thread of the page.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::watch;

use super::News;
use super::mailbox::Mailbox;
use super::metrics;
use crate::language::words::impairment;
use crate::live::Status;
use crate::live::counters::Tally;
use crate::live::recent::{Recent, Shown};
use crate::vocabulary::Measurement;

/// What is shown.
#[derive(Debug)]
pub(super) struct Present {
    tally: Tally,
    recent: Recent,
    status: Option<Status>,
    /// The zone's IANA name; the browser's own serves where there is none.
    zone: Option<String>,
    /// Counts seconds; who waits for the next one is woken.
    second: watch::Sender<u64>,
    watchers: Arc<AtomicUsize>,
    mailbox: Arc<Mailbox>,
}

/// What a second brings to the page.
#[derive(Debug, Serialize)]
struct Second<'a> {
    status: &'a Status,
    /// In words, in the order of those in the status.
    impairments: Vec<String>,
    zone: Option<&'a str>,
    targets: Vec<Shown<'a>>,
}

impl Present {
    pub(super) fn new(
        gap_after: Duration,
        zone: Option<String>,
        watchers: Arc<AtomicUsize>,
        mailbox: Arc<Mailbox>,
    ) -> Self {
        Self {
            tally: Tally::new(gap_after),
            recent: Recent::default(),
            status: None,
            zone,
            second: watch::Sender::new(0),
            watchers,
            mailbox,
        }
    }

    /// Takes in what was measured before the start.
    pub(super) fn remember(&mut self, past: &[Measurement]) {
        self.recent.remember(past);
    }

    /// Takes in what waits in the mailbox: to be called before anything is shown.
    pub(super) fn catch_up(&mut self) {
        for news in self.mailbox.take() {
            self.on_news(news);
        }
    }

    /// Takes in what the daemon tells.
    fn on_news(&mut self, news: News) {
        match news {
            News::TargetAdded(target) => {
                self.tally.add_target(target.clone());
                self.recent.add_target(target);
            }
            News::TargetRemoved(id) => {
                self.tally.remove_target(id);
                self.recent.remove_target(id);
            }
            News::Measured(m) => {
                self.tally.on_measurement(&m);
                self.recent.on_measurement(&m);
            }
            News::Revised(m) => {
                self.tally.on_revision(&m);
                self.recent.on_revision(&m);
            }
            News::DropOver(ended) => self.tally.on_drop(ended),
            News::ClockStep(seconds) => self.recent.on_clock_step(seconds),
            News::Second(status, at) => {
                self.tally.on_second(at);
                self.recent.forget(status.at);
                self.status = Some(*status);
                self.second.send_modify(|second| *second += 1);
            }
        }
    }

    /// The metrics; `None` before the first second.
    pub(super) fn metrics(&self) -> Option<String> {
        self.status.as_ref().map(|status| metrics::text(status, &self.tally))
    }

    /// The status as JSON, the same as `linkmon status --format json`; `None` before the first
    /// second.
    pub(super) fn status_json(&self) -> Option<String> {
        let status = self.status.as_ref()?;
        Some(serde_json::to_string(status).expect("a status is plain data") + "\n")
    }

    /// Wakes at the next second.
    pub(super) fn seconds(&self) -> watch::Receiver<u64> {
        self.second.subscribe()
    }

    /// The present with the marks behind `seen`, and what is seen with it; `None` before the first
    /// second.
    pub(super) fn since(&self, seen: u64) -> Option<(String, u64)> {
        let status = self.status.as_ref()?;
        let words = status.impairments.iter();
        let words = words.map(|i| impairment::what(&i.figures, &i.places, i.target.as_deref()));
        let second = Second {
            status,
            impairments: words.collect(),
            zone: self.zone.as_deref(),
            targets: self.recent.since(seen),
        };
        let text = serde_json::to_string(&second).expect("a second is plain data");
        Some((text, self.recent.serial()))
    }

    /// Somebody looks, as long as the value lives.
    pub(super) fn watcher(&self) -> Watcher {
        self.watchers.fetch_add(1, Ordering::Relaxed);
        Watcher(Arc::clone(&self.watchers))
    }

    /// How many look.
    pub(super) fn watching(&self) -> usize {
        self.watchers.load(Ordering::Relaxed)
    }
}

/// Somebody who looks.
#[derive(Debug)]
pub(super) struct Watcher(Arc<AtomicUsize>);

impl Drop for Watcher {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
