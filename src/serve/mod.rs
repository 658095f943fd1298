//! The live page, its JSON and `/metrics`, over HTTP; for this computer alone unless
//! configured otherwise, and then for whoever has the token. Nothing is changed from here but notes.
//!
//! One thread of its own serves everything. It reads the present that the daemon's pipeline keeps,
//! when a request asks for it, and once a second while a browser has the page open; otherwise it
//! sleeps. The daemon never waits for it; every connection has bounded memory. Nothing here asks
//! anyone outside: the page works while the link is dead.
//!
//! `metrics`, `feed` and `page` render, `routes` has every path and the layers around them, of which
//! some are in `layers`, `guard` says what may be asked from where and `access` by whom, `login` and
//! `session` let in who has the token, `listener` bounds connections and `outgoing` what
//! waits to be sent, `documents` makes sheets and reports.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::thread::JoinHandle;

use jiff::tz::TimeZone;
use tokio::sync::oneshot;

use crate::config::{Config, SecretError, shown_zone};
use crate::live::SharedPresent;
use crate::sys::panics::expendable;

mod access;
mod answer;
mod attempts;
mod document_error;
mod documents;
mod events;
mod feed;
mod guard;
mod hours_ahead;
mod layers;
mod listener;
mod login;
mod metrics;
mod notes;
mod notes_pace;
mod outgoing;
mod page;
mod past;
mod patient;
mod periods;
mod query;
mod routes;
mod session;
mod state;
mod systems;
#[cfg(test)]
mod tests;
mod typed_period;
mod watchers;

pub use watchers::Watchers;

/// What the page is made of.
#[derive(Debug, Clone)]
pub struct PageOptions {
    /// The configuration, checked.
    pub config: Config,
    /// The database, for lists of drops and reports.
    pub database: PathBuf,
    /// The present.
    pub present: SharedPresent,
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another program listens there, or this computer does not have that address.
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
    /// Anyone who reaches the address could read everything.
    #[error(
        "it is not served on {listen} without a token: anyone who reaches that address could read \
         the record (set `token` in [web] of the configuration)"
    )]
    Unguarded {
        /// The address.
        listen: SocketAddr,
    },
    /// There is no token where one is to be.
    #[error("there is no token: {0} (`token-file` in [web] of the configuration)")]
    Token(#[from] SecretError),
    /// The thread, or what it needs, cannot be had.
    #[error("cannot start its thread: {0}")]
    Start(std::io::Error),
}

/// The page while it is served.
#[derive(Debug)]
pub struct PageServer {
    listen: SocketAddr,
    watchers: Watchers,
    end: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

/// Opens the page.
///
/// # Errors
/// When it would listen beyond this computer without a token, when the file of the token cannot be read,
/// when it cannot listen, or when its thread cannot be started.
pub fn start(mut options: PageOptions) -> Result<PageServer, Error> {
    let listen = options.config.web.listen;
    options.config.web = options.config.web.with_token_of_file()?;
    if options.config.web.is_unguarded() {
        return Err(Error::Unguarded { listen });
    }
    let listening = |source| Error::Listen { listen, source };
    // Bound here rather than on the thread, so that a failure is known at once.
    let listener = TcpListener::bind(listen).map_err(listening)?;
    listener.set_nonblocking(true).map_err(listening)?;
    let listen = listener.local_addr().map_err(listening)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(documents::AT_ONCE)
        .thread_name("web-documents")
        .build()
        .map_err(Error::Start)?;
    let (end, ended) = oneshot::channel();
    let watchers = Watchers::default();
    let served = watchers.clone();
    let thread = std::thread::Builder::new().name("web".into()).spawn(move || {
        let tasks = tokio::task::LocalSet::new();
        let serving = async {
            tokio::select! {
                () = listener::serve(listener, options, served) => {}
                _ = ended => {}
            }
        };
        expendable(|| tasks.block_on(&runtime, serving));
        drop(tasks);
        // A report being made may take seconds; no one is waiting for it any more.
        runtime.shutdown_background();
    });
    let thread = thread.map_err(Error::Start)?;
    Ok(PageServer { listen, watchers, end, thread })
}

impl PageServer {
    /// Address it listens on.
    pub fn listen(&self) -> SocketAddr {
        self.listen
    }

    /// The browsers that have the page open.
    pub fn watchers(&self) -> Watchers {
        self.watchers.clone()
    }

    /// Ends it.
    pub fn stop(self) {
        let _ = self.end.send(());
        // A panic on that thread has been printed.
        let _ = self.thread.join();
    }
}

/// The zone in which times are shown: the one configured, else the system's.
fn zone(config: &Config) -> TimeZone {
    shown_zone(config.site.zone.as_deref())
}
