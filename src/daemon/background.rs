//! The one tokio thread of the probes: HTTP, DNS and TCP probes, the search for targets, and the
//! manager's watchdog. Nothing here delays the ICMP engine or the pipeline.

use std::sync::Arc;
use std::sync::mpsc as batches;
use std::thread::JoinHandle;

use tokio::sync::mpsc;
use tokio::time::{Interval, interval};

use super::discovery::{self, FoundTargets};
use super::manager::{LastSecond, Watchdog};
use crate::config::Config;
use crate::probe::discover::WantedTarget;
use crate::probe::{icmp, services};
use crate::time::{BootTime, Reading};
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
    last_second: Arc<LastSecond>,
    thread: JoinHandle<()>,
}

/// Starts the thread. `before` are the targets of the previous daemon. Found targets are followed by an
/// empty batch to `wake`, so that the pipeline looks. Measurements go to `out`, which
/// wakes no thread: they can wait for the pipeline's next second.
pub(super) fn spawn(
    config: Config,
    before: Vec<WantedTarget>,
    out: batches::Sender<Vec<Observation>>,
    wake: batches::Sender<Vec<Observation>>,
) -> std::io::Result<Background> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (commands, inbox) = mpsc::unbounded_channel();
    let (tell, found) = batches::channel();
    let last_second = Arc::new(LastSecond::new(Reading::now().boot));
    let thread = BackgroundThread {
        config,
        before,
        out,
        wake,
        tell,
        watchdog: Watchdog::of_this_process(),
        last_second: Arc::clone(&last_second),
    };
    let thread = std::thread::Builder::new()
        .name("background".into())
        .spawn(move || runtime.block_on(thread.run(inbox)))?;
    Ok(Background { commands, found, last_second, thread })
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

    /// The pipeline has a second.
    pub(super) fn second(&self, now: BootTime) {
        self.last_second.set(now);
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
    watchdog: Option<Watchdog>,
    last_second: Arc<LastSecond>,
}

impl BackgroundThread {
    async fn run(self, mut inbox: mpsc::UnboundedReceiver<BackgroundCommand>) {
        let Self { config, before, out, wake, tell, watchdog, last_second } = self;
        let mut services = services::spawn(Vec::new(), config.probe.waiting, out);
        let (look_again, asked) = mpsc::channel(1);
        let search = tokio::spawn(discovery::keep_looking(config, before, asked, move |found| {
            let _ = tell.send(found);
            let _ = wake.send(Vec::new());
        }));
        let mut pause = watchdog.as_ref().map(|watchdog| interval(watchdog.pause));
        loop {
            tokio::select! {
                command = inbox.recv() => match command {
                    Some(BackgroundCommand::Probe(targets)) => services.set_targets(targets),
                    // One pending request is enough.
                    Some(BackgroundCommand::LookAgain) => drop(look_again.try_send(())),
                    Some(BackgroundCommand::Stop) | None => break,
                },
                () = hungry(pause.as_mut()) => {
                    if watchdog.is_some() {
                        Watchdog::feed(Reading::now().boot, icmp::due(), &last_second);
                    }
                }
            }
        }
        search.abort();
        services.stop().await;
    }
}

/// Returns when the watchdog wants the next sign of life; never where there is none.
async fn hungry(pause: Option<&mut Interval>) {
    match pause {
        Some(pause) => drop(pause.tick().await),
        None => std::future::pending().await,
    }
}
