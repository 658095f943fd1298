//! The one tokio thread of the probes: HTTP, DNS and TCP probes, the search for targets, and
//! signals. Nothing here delays the ICMP engine or the pipeline.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc as batches;
use std::thread::JoinHandle;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use super::discovery::{self, FoundTargets};
use crate::config::Config;
use crate::probe::discover::WantedTarget;
use crate::probe::services;
use crate::vocabulary::{Observation, Target};

/// What the pipeline asks of the thread.
enum BackgroundCommand {
    Probe(Vec<Target>),
    LookAgain,
    Stop,
}

/// The thread as the pipeline sees it.
pub(super) struct Background {
    commands: mpsc::UnboundedSender<BackgroundCommand>,
    found: batches::Receiver<FoundTargets>,
    must_stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

/// Starts the thread. `before` are the targets of the previous daemon. Found targets and signals are
/// followed by an empty batch to `wake`, so that the pipeline looks. Measurements go to `out`, which
/// wakes no thread: they can wait for the pipeline's next second.
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
    let must_stop = Arc::new(AtomicBool::new(false));
    let thread =
        BackgroundThread { config, before, out, wake, tell, must_stop: Arc::clone(&must_stop) };
    let thread = std::thread::Builder::new()
        .name("background".into())
        .spawn(move || runtime.block_on(thread.run(inbox, signals)))?;
    Ok(Background { commands, found, must_stop, thread })
}

impl Background {
    /// Probes these over HTTP, DNS and TCP from now on.
    pub(super) fn probe(&self, targets: Vec<Target>) {
        let _ = self.commands.send(BackgroundCommand::Probe(targets));
    }

    /// The network changed: the targets may be others.
    pub(super) fn look_again(&self) {
        let _ = self.commands.send(BackgroundCommand::LookAgain);
    }

    /// Targets found since last asked.
    pub(super) fn found(&self) -> Option<FoundTargets> {
        self.found.try_recv().ok()
    }

    /// Whether a signal has come.
    pub(super) fn must_stop(&self) -> bool {
        self.must_stop.load(Ordering::Relaxed)
    }

    /// Ends the probes; their measurements are in the channel when this returns.
    pub(super) fn stop(self) {
        let _ = self.commands.send(BackgroundCommand::Stop);
        // A panic on that thread has been printed and must not take the record with it.
        let _ = self.thread.join();
    }
}

struct BackgroundThread {
    config: Config,
    before: Vec<WantedTarget>,
    out: batches::Sender<Vec<Observation>>,
    wake: batches::Sender<Vec<Observation>>,
    tell: batches::Sender<FoundTargets>,
    must_stop: Arc<AtomicBool>,
}

impl BackgroundThread {
    async fn run(
        self,
        mut inbox: mpsc::UnboundedReceiver<BackgroundCommand>,
        mut signals: Signals,
    ) {
        let Self { config, before, out, wake, tell, must_stop } = self;
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
                    Some(BackgroundCommand::Probe(targets)) => services.set_targets(targets),
                    // One pending request is enough.
                    Some(BackgroundCommand::LookAgain) => drop(look_again.try_send(())),
                    Some(BackgroundCommand::Stop) | None => break,
                },
                () = signals.next() => {
                    must_stop.store(true, Ordering::Relaxed);
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
