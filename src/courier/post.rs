//! The threads of the channels: each has its own, so that none waits for another, and the daemon for
//! none.

use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::channel::ChannelSetup;
use super::factory::channel;
use super::message::MessageOrigin;
use super::plan::LineView;
use super::scribe::Scribe;
use super::worker::Worker;
use crate::config::{AlertConfig, Config};
use crate::live::{SharedPresent, Status};
use crate::store::{self, Outbox};
use crate::sys::panics::expendable;
use crate::time::{Reading, Timestamp};
use crate::vocabulary::{GapReason, LinkState, StoredDrop, StoredMessage};

/// Messages are kept for this long.
const KEPT: Duration = Duration::from_secs(90 * 86_400);
/// What was told longer ago has no bearing on what is told now.
const TOLD: Duration = Duration::from_secs(3 * 86_400);
/// The longest sleep of a thread: a deadline may lie in the sleep of the host.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// Whether messages were stored since last asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posted {
    /// None.
    Nothing,
    /// One at least.
    Something,
}

/// The channels of a daemon, at work.
#[derive(Debug)]
pub struct Courier {
    wakes: Vec<Sender<()>>,
    line: Arc<Mutex<LineView>>,
    last: LineView,
}

impl Courier {
    /// Starts a thread for each channel of the configuration. Channels that are configured no more are
    /// forgotten, and one that is new begins now.
    ///
    /// # Errors
    /// If the database cannot be written, or no thread be started.
    pub fn start(
        config: &Config,
        database: &Path,
        setup: &ChannelSetup,
        present: &SharedPresent,
    ) -> Result<Self, CourierError> {
        let outbox = Outbox::new(database);
        let names: Vec<&str> = config.alerts.iter().map(AlertConfig::name).collect();
        outbox.keep_channels(&names)?;
        outbox.forget_before(Reading::now().utc - KEPT)?;
        let origin = Arc::new(MessageOrigin::of(config));
        let line = Arc::new(Mutex::new(LineView::default()));
        let mut wakes = Vec::new();
        for alert in &config.alerts {
            outbox.begin(alert.name())?;
            let (wake, woken) = mpsc::channel();
            let make = {
                let (alert, setup) = (alert.clone(), setup.clone());
                Box::new(move || channel(&alert, &setup))
            };
            let (setup, origin) = (setup.clone(), Arc::clone(&origin));
            let worker = Worker::new(alert.clone(), setup, origin, outbox.clone(), make);
            let (line, present) = (Arc::clone(&line), present.clone());
            std::thread::Builder::new()
                .name(format!("alert {}", alert.name()))
                .spawn(move || expendable(|| work(worker, &woken, &line, &present)))
                .map_err(CourierError::Thread)?;
            wakes.push(wake);
        }
        Ok(Self { wakes, line, last: LineView::default() })
    }

    /// A second has passed: channels that have something to do are woken.
    pub fn second(&mut self, status: &Status, now: &Reading, posted: Posted) {
        let view = self.last.next(status, now);
        let is_changed = view != self.last;
        if is_changed {
            *self.line.lock().unwrap_or_else(PoisonError::into_inner) = view;
            self.last = view;
        }
        if is_changed || posted == Posted::Something {
            // A thread is gone only if its channel panicked, which was printed.
            for wake in &self.wakes {
                let _ = wake.send(());
            }
        }
    }
}

/// Why no channel can be started.
#[derive(Debug, thiserror::Error)]
pub enum CourierError {
    /// The database.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A thread.
    #[error("start a thread for alerts")]
    Thread(#[source] std::io::Error),
}

impl LineView {
    /// The line a second later. Something can leave while the link is up, and where the internet is
    /// reached by another way; a silence of a second or two is for the judge to tell.
    pub(super) fn next(self, status: &Status, now: &Reading) -> Self {
        let passes = match status.state {
            LinkState::Up => true,
            LinkState::Suspect => self.up_since.is_some(),
            LinkState::Unknown => status.unknown == Some(GapReason::OtherWay),
            // The web answers; where it is a login page that does, nothing leaves.
            LinkState::Disputed => {
                !status.impairments.iter().any(|i| i.figures.kind() == "captive-portal")
            }
            LinkState::Down => false,
        };
        Self { up_since: passes.then(|| self.up_since.unwrap_or(now.boot)) }
    }
}

/// A writer of messages that knows what the record says was told; `drops` are those of the last day.
/// Where the record cannot be read, it knows of nothing.
pub fn scribe_of(
    config: &Config,
    setup: &ChannelSetup,
    database: &Path,
    drops: &[StoredDrop],
    now: Timestamp,
) -> Option<Scribe> {
    if config.alerts.is_empty() {
        return None;
    }
    let mut scribe = Scribe::new(setup.language, setup.zone.clone());
    scribe.restore(&told_lately(database, now), drops);
    Some(scribe)
}

/// What was told in the last days.
pub fn told_lately(database: &Path, now: Timestamp) -> Vec<StoredMessage> {
    Outbox::new(database).since(now - TOLD).unwrap_or_default()
}

fn work(mut worker: Worker, woken: &Receiver<()>, line: &Mutex<LineView>, present: &SharedPresent) {
    loop {
        let view = *line.lock().unwrap_or_else(PoisonError::into_inner);
        let next = worker.step(view, &Reading::now);
        if let Some(status) = worker.news() {
            present.lock().set_alert(status);
        }
        let now = Reading::now().boot;
        let ended = match next.map(|at| at.since(now).to_duration().min(LONGEST_SLEEP)) {
            Some(length) => {
                matches!(woken.recv_timeout(length), Err(RecvTimeoutError::Disconnected))
            }
            None => woken.recv().is_err(),
        };
        if ended {
            return;
        }
        while woken.try_recv().is_ok() {}
    }
}
