//! The daemon: start-up, pipeline, shutdown, told from top to bottom.
//!
//! Threads: this one is the pipeline (store, judge, show); the ICMP engine has its own and waits
//! for nobody; HTTP, DNS and TCP probes, discovery and the signals share one; the host's witness has
//! one and sleeps until something happens. The live page has its own,
//! and nobody waits for it.

use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use crate::config::Config;
use crate::probe::clockwatch::SyncWatch;
use crate::probe::discover::WantedTarget;
use crate::probe::host;
use crate::probe::icmp::{self, IcmpTarget};
use crate::serve::Watchers;
use crate::store::{self, Opening, SpaceLimits, Writer};
use crate::sys::memory;
use crate::time::{Reading, boot_id, micros};
use crate::vocabulary::{HostChange, HostEvent, Kind, Observation, Target};

mod background;
mod copies;
mod discovery;
mod impaired;
pub mod manager;
mod past;
mod pipeline;
mod shown;
#[cfg(test)]
mod tests;

pub use crate::live::{Audience, Notice, Over, Witnesses};
pub(crate) use past::remember;
pub(crate) use pipeline::Pipeline;

use background::Background;
use copies::Copies;
use discovery::Found;
use pipeline::Changed;
use shown::Shown;

/// The pipeline looks at the clock at least this often, also when no probe reports.
const HEARTBEAT: Duration = Duration::from_millis(1_100);

/// After a start, this long until memory is given back: the first minute has then been stored and the
/// first search for targets is over.
const SETTLED_AFTER: Duration = Duration::from_secs(60);

/// What the daemon is told at its start.
#[derive(Debug, Clone)]
pub struct Options {
    /// The configuration, checked.
    pub config: Config,
    /// The database.
    pub database: PathBuf,
    /// Where the tail file goes; `None`: beside the database.
    pub runtime_dir: Option<PathBuf>,
    /// Version of this program.
    pub version: &'static str,
}

/// Why the daemon could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The ICMP sockets.
    #[error(transparent)]
    Icmp(#[from] icmp::Error),
    /// The host's witness.
    #[error(transparent)]
    Host(#[from] host::Error),
    /// A thread or a signal.
    #[error("set up the daemon")]
    SetUp(#[source] std::io::Error),
}

/// Runs until SIGTERM, SIGINT or SIGHUP; then closes the record cleanly.
///
/// # Errors
/// When the database, the sockets or the host's witness cannot be opened. Once it measures, it
/// goes on whatever happens.
pub fn run(options: &Options, audience: &mut dyn Audience) -> Result<(), Error> {
    // The record first: without it nothing is worth measuring, and it may be another daemon's.
    let (mut writer, recovery) = Writer::open(Opening {
        path: &options.database,
        runtime_dir: options.runtime_dir.as_deref(),
        version: options.version,
    })?;
    if let Some(run) = recovery.crashed {
        audience.notice(&Notice::Recovered { last_seen: run.last_seen });
    }
    if let Some(to) = recovery.put_aside {
        audience.notice(&Notice::PutAside { to });
    }
    if recovery.damaged_rows > 0 {
        audience.notice(&Notice::DamagedRows(recovery.damaged_rows));
    }
    let Config { detect, probe, storage, .. } = &options.config;
    writer.keep_within(SpaceLimits {
        max_bytes: storage.max_size,
        keep_raw: storage.keep_samples,
        keep_minutes: storage.keep_minutes,
    });
    let past = past::remember(&options.database, detect.clone(), probe.waiting)?;

    // Then what can fail for want of privilege, so that it is said at once.
    let (out, batches) = mpsc::channel();
    let (unhurried, services) = mpsc::channel();
    let waiting = options.config.probe.waiting;
    let engine = icmp::spawn(options.config.probe.engine, waiting, Vec::new(), out.clone())?;
    let host = host::watch(out.clone())?;
    let before = writer.targets().into_iter().map(wanted_before).collect();
    let background =
        background::spawn(options.config.clone(), before, unhurried, out).map_err(Error::SetUp)?;

    let mut shown = Shown::new(options, audience);
    let watchers = shown.watchers();
    let mut pipeline =
        Pipeline::new(writer, past, Reading::now(), boot_id(), options.version, &mut shown)?;
    pipeline.set_engine(engine.description());
    pipeline.set_ways(&host::snapshot()?);
    pipeline.tell(&Notice::Started {
        engine: engine.description().to_owned(),
        database: options.database.clone(),
    });

    let mut copies = Copies::new(options.config.backup.clone(), options.database.clone());
    serve(&mut pipeline, &engine, &watchers, &background, &batches, &services, &mut copies);

    // Probers first, so that their last measurements still reach the record.
    host.stop();
    background.stop();
    engine.stop();
    for batch in batches.try_iter().chain(services.try_iter()) {
        pipeline.on_batch(&batch);
    }
    let stopped = pipeline.stop(Reading::now());
    shown.close();
    Ok(stopped?)
}

/// The daemon's life: a batch comes, once a second the present is written down.
fn serve(
    pipeline: &mut Pipeline<'_>,
    engine: &icmp::IcmpEngine,
    watchers: &Watchers,
    background: &Background,
    batches: &Receiver<Vec<Observation>>,
    services: &Receiver<Vec<Observation>>,
    copies: &mut Copies,
) {
    let mut last_second = None;
    let mut settles = Some(Reading::now().boot.0 + micros(SETTLED_AFTER));
    let mut reading = icmp::ReadingMode::Lazy;
    let mut sync = SyncWatch::default();
    while !background.told_to_stop() {
        match batches.recv_timeout(HEARTBEAT) {
            Ok(batch) => {
                if batch.iter().any(changes_the_network) {
                    background.look_again();
                }
                pipeline.on_batch(&batch);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        for batch in services.try_iter() {
            pipeline.on_batch(&batch);
        }
        if pipeline.came_up() {
            background.look_again();
        }
        while let Some(found) = background.found() {
            if take_targets(pipeline, found) == Changed::Yes {
                probe(pipeline.targets(), engine, background);
            }
        }
        let now = Reading::now();
        let second = now.boot.0.div_euclid(1_000_000);
        if last_second != Some(second) {
            last_second = Some(second);
            let wanted =
                if watchers.any() { icmp::ReadingMode::Eager } else { icmp::ReadingMode::Lazy };
            if std::mem::replace(&mut reading, wanted) != wanted {
                engine.set_reading(wanted);
            }
            // Asked here because this thread is awake anyway.
            if sync.is_due(now.boot)
                && let Some(what) = sync.observe(now.boot, host::clock_synchronized())
            {
                pipeline.on_batch(&[Observation::Host(HostEvent { at: now, what })]);
            }
            if let Some(interface) = pipeline.counters_due(&now) {
                pipeline.on_counters(now, &interface, host::counters(&interface));
            }
            pipeline.second(now);
            if settles.take_if(|at| now.boot.0 >= *at).is_some() {
                memory::give_back();
            }
            if let Some(notice) = copies.second(now) {
                pipeline.tell(&notice);
            }
            if pipeline.set_unmet_targets(now) == Changed::Yes {
                probe(pipeline.targets(), engine, background);
            }
        }
    }
}

fn take_targets(pipeline: &mut Pipeline<'_>, found: Found) -> Changed {
    for trouble in found.troubles {
        pipeline.tell(&Notice::DiscoveryTrouble(trouble));
    }
    pipeline.set_targets(found.wanted, Reading::now())
}

fn probe(targets: &[Target], engine: &icmp::IcmpEngine, background: &Background) {
    let icmp = targets.iter().filter(|t| t.kind == Kind::Icmp);
    let with_address = icmp.filter_map(|t| {
        Some(IcmpTarget { id: t.id, ip: t.ip()?, role: t.role, interval: t.interval })
    });
    engine.set_targets(with_address.collect());
    background.probe(targets.iter().filter(|t| t.kind != Kind::Icmp).cloned().collect());
}

fn wanted_before(t: Target) -> WantedTarget {
    WantedTarget {
        name: t.name,
        kind: t.kind,
        role: t.role,
        endpoint: t.endpoint,
        interval: t.interval,
    }
}

/// Whether targets may be others after it.
fn changes_the_network(observation: &Observation) -> bool {
    let Observation::Host(event) = observation else { return false };
    match event.what {
        HostChange::DefaultRoute { .. } | HostChange::Address { .. } | HostChange::Slept { .. } => {
            true
        }
        HostChange::Carrier { up, .. } => up,
        HostChange::Interface { present, .. } => present,
        HostChange::ClockStep { .. } | HostChange::ClockSync { .. } => false,
    }
}
