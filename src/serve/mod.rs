//! The live page, its JSON and `/metrics`, over HTTP; read-only, for this computer alone unless
//! configured otherwise.
//!
//! One thread of its own owns everything that is shown. The daemon leaves it news in a mailbox and
//! never waits for it; browsers are served from there, each with bounded memory. The thread sleeps
//! while no browser asks. Nothing here asks anybody outside: the page works while the link is dead.
//!
//! `tally` and `recent` keep what is shown and are pure, `metrics` and `page` render it, `routes`
//! answers requests, `guard` says who may ask, `listener` bounds connections, `documents` makes
//! sheets and reports.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;

use jiff::tz::TimeZone;
use tokio::sync::oneshot;

use crate::config::Config;
use crate::live::Status;
use crate::sys::panics::expendable;
use crate::time::BootTime;
use crate::vocabulary::{Measurement, Target, TargetId};

mod answer;
mod documents;
mod events;
mod guard;
mod listener;
mod mailbox;
mod metrics;
mod page;
mod patient;
mod present;
mod routes;
#[cfg(test)]
mod tests;

pub use crate::live::Ended;

use mailbox::Mailbox;

/// What the page is told at its start.
#[derive(Debug, Clone)]
pub struct Options {
    /// The configuration, checked.
    pub config: Config,
    /// The database, for lists of drops and reports.
    pub database: PathBuf,
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Somebody else listens there, or it is no address of this computer.
    #[error(
        "cannot listen on {listen}: {source} (another address: `listen` in [web] of the \
         configuration)"
    )]
    Listen {
        /// The address.
        listen: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// No thread, or what it needs.
    #[error("cannot start its thread: {0}")]
    Start(std::io::Error),
}

/// What the daemon tells.
#[derive(Debug)]
pub enum News {
    /// A target is probed from now on.
    TargetAdded(Target),
    /// A target is no longer probed.
    TargetRemoved(TargetId),
    /// A probe is resolved.
    Measured(Measurement),
    /// A probe that was told lost is answered late.
    Revised(Measurement),
    /// A drop is over.
    DropOver(Ended),
    /// The clock was stepped by so many seconds.
    ClockStep(f64),
    /// A second has passed; this is the present.
    Second(Box<Status>, BootTime),
}

/// The page at work.
#[derive(Debug)]
pub struct Web {
    /// Belongs to the thread, so that no news pile up after its end.
    mailbox: Weak<Mailbox>,
    listen: SocketAddr,
    watchers: Watchers,
    end: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

/// How many look at the page, seen from the daemon.
#[derive(Debug, Clone, Default)]
pub struct Watchers(Arc<AtomicUsize>);

impl Watchers {
    /// Whether anybody does.
    pub fn any(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

/// Opens the page.
///
/// # Errors
/// When it cannot listen, or there is no thread for it.
pub fn start(options: Options) -> Result<Web, Error> {
    let listen = options.config.web.listen;
    let listening = |source| Error::Listen { listen, source };
    // Bound here and not over there, so that the failure is told at once.
    let listener = TcpListener::bind(listen).map_err(listening)?;
    listener.set_nonblocking(true).map_err(listening)?;
    let listen = listener.local_addr().map_err(listening)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(documents::AT_ONCE)
        .thread_name("web-documents")
        .build()
        .map_err(Error::Start)?;
    let inbox = Arc::new(Mailbox::default());
    let mailbox = Arc::downgrade(&inbox);
    let (end, ended) = oneshot::channel();
    let watchers = Watchers::default();
    let counted = Arc::clone(&watchers.0);
    let thread = std::thread::Builder::new().name("web".into()).spawn(move || {
        let tasks = tokio::task::LocalSet::new();
        let serving = async {
            tokio::select! {
                () = listener::serve(listener, options, inbox, counted) => {}
                _ = ended => {}
            }
        };
        expendable(|| tasks.block_on(&runtime, serving));
        drop(tasks);
        // A report under way may take seconds; nobody waits for it any more.
        runtime.shutdown_background();
    });
    let thread = thread.map_err(Error::Start)?;
    Ok(Web { mailbox, listen, watchers, end, thread })
}

impl Web {
    /// Where it listens.
    pub fn listen(&self) -> SocketAddr {
        self.listen
    }

    /// How many look at it.
    pub fn watchers(&self) -> Watchers {
        self.watchers.clone()
    }

    /// Tells it what happened since it was told last; never waits. The thread is woken only when a
    /// browser looks: otherwise the news lie there until one asks.
    pub fn tell(&self, news: Vec<News>) {
        // After the thread has ended, the daemon goes on without it.
        if let Some(mailbox) = self.mailbox.upgrade() {
            mailbox.put(news, &self.watchers);
        }
    }

    /// Ends it.
    pub fn stop(self) {
        let _ = self.end.send(());
        // A panic over there has been printed.
        let _ = self.thread.join();
    }
}

/// The zone in which times are shown: as configured, else the system's.
fn zone(config: &Config) -> TimeZone {
    let named = config.site.zone.as_deref().and_then(|name| TimeZone::get(name).ok());
    named.unwrap_or_else(TimeZone::system)
}
