//! The one tokio thread: HTTP, DNS and TCP probes, the search for targets, and the signals.
//! Nothing here delays the ICMP engine or the pipeline.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc as batches;
use std::thread::JoinHandle;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use super::discovery::{self, Found};
use crate::config::Config;
use crate::probe::discover::WantedTarget;
use crate::probe::services;
use crate::vocabulary::{Observation, Target};

/// What the pipeline tells the thread.
enum Command {
    Probe(Vec<Target>),
    LookAgain,
    Stop,
}

/// The thread, seen from the pipeline.
pub(super) struct Background {
    commands: mpsc::UnboundedSender<Command>,
    found: batches::Receiver<Found>,
    told_to_stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

/// Starts the thread. `before` are the targets of the daemon's former life; what is found and every
/// signal is followed by an empty batch to `wake`, so that the pipeline looks. What is measured goes
/// to `out`, which wakes nobody: it can wait for the pipeline's next second.
pub(super) fn spawn(
    config: Config,
    before: Vec<WantedTarget>,
    out: batches::Sender<Vec<Observation>>,
    wake: batches::Sender<Vec<Observation>>,
) -> std::io::Result<Background> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // Registered before anything is measured: no signal may find the default action.
    let signals = {
        let _inside = runtime.enter();
        Signals::new()?
    };
    let (commands, inbox) = mpsc::unbounded_channel();
    let (tell, found) = batches::channel();
    let told_to_stop = Arc::new(AtomicBool::new(false));
    let life = Life { config, before, out, wake, tell, told_to_stop: Arc::clone(&told_to_stop) };
    let thread = std::thread::Builder::new()
        .name("background".into())
        .spawn(move || runtime.block_on(life.run(inbox, signals)))?;
    Ok(Background { commands, found, told_to_stop, thread })
}

impl Background {
    /// Probes these over HTTP, DNS and TCP from now on.
    pub(super) fn probe(&self, targets: Vec<Target>) {
        let _ = self.commands.send(Command::Probe(targets));
    }

    /// The network changed: the targets may be others.
    pub(super) fn look_again(&self) {
        let _ = self.commands.send(Command::LookAgain);
    }

    /// What was found since last asked.
    pub(super) fn found(&self) -> Option<Found> {
        self.found.try_recv().ok()
    }

    /// Whether a signal has come.
    pub(super) fn told_to_stop(&self) -> bool {
        self.told_to_stop.load(Ordering::Relaxed)
    }

    /// Ends the probes; what they measured is in the channel when this returns.
    pub(super) fn stop(self) {
        let _ = self.commands.send(Command::Stop);
        // A panic over there has been printed and must not take the record with it.
        let _ = self.thread.join();
    }
}

struct Life {
    config: Config,
    before: Vec<WantedTarget>,
    out: batches::Sender<Vec<Observation>>,
    wake: batches::Sender<Vec<Observation>>,
    tell: batches::Sender<Found>,
    told_to_stop: Arc<AtomicBool>,
}

impl Life {
    async fn run(self, mut inbox: mpsc::UnboundedReceiver<Command>, mut signals: Signals) {
        let Self { config, before, out, wake, tell, told_to_stop } = self;
        let mut services = services::spawn(Vec::new(), config.probe.waiting, out);
        let (look_again, asked) = mpsc::channel(1);
        let there = wake.clone();
        let search = tokio::spawn(discovery::keep_looking(config, before, asked, move |found| {
            let _ = tell.send(found);
            let _ = there.send(Vec::new());
        }));
        loop {
            tokio::select! {
                command = inbox.recv() => match command {
                    Some(Command::Probe(targets)) => services.set_targets(targets),
                    // One request under way is enough.
                    Some(Command::LookAgain) => drop(look_again.try_send(())),
                    Some(Command::Stop) | None => break,
                },
                () = signals.next() => {
                    told_to_stop.store(true, Ordering::Relaxed);
                    let _ = wake.send(Vec::new());
                }
            }
        }
        search.abort();
        services.stop().await;
    }
}

/// SIGTERM, SIGINT and SIGHUP: all ask for a clean end.
struct Signals {
    term: Signal,
    int: Signal,
    hup: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            term: signal(SignalKind::terminate())?,
            int: signal(SignalKind::interrupt())?,
            hup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.int.recv() => {}
            _ = self.hup.recv() => {}
        }
    }
}
