//! The daemon: start-up, pipeline, shutdown, from top to bottom.
//!
//! Threads: this one is the pipeline (store, judge, show). The ICMP engine has its own, which waits
//! for no other. HTTP, DNS and TCP probes, discovery and signals share one. The host's witness has
//! one, which sleeps until something happens. The live page has one, for which no other waits.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use crate::config::Config;
use crate::live::{Event, SharedPresent};
use crate::probe::clockwatch::SyncWatch;
use crate::probe::discover::{self, WantedTarget};
use crate::probe::follow::{self, PathFollower};
use crate::probe::host;
use crate::probe::icmp;
use crate::serve::{self, PageOptions, PageServer};
use crate::store::{self, Writer};
use crate::sys::memory;
use crate::text::describe;
use crate::time::{Reading, boot_id, hold_utc, is_utc_held};
use crate::vocabulary::{HostChange, HostEvent, Kind, Observation, Target};

mod audience;
mod background;
mod chore;
mod chores;
mod clock;
mod copies;
mod discovery;
mod heartbeat;
mod impaired;
mod manager;
mod messages;
mod modem;
mod opening;
mod options;
mod past;
mod pictures;
mod pipeline;
mod publish;
mod remote_writes;
mod reports;
mod signals;
mod stamps;
#[cfg(test)]
mod tests;

pub use audience::Audience;
pub use manager::ServiceManager;
pub use opening::substitute_in;
pub use options::DaemonOptions;
pub(crate) use past::remember;
pub(crate) use pipeline::Pipeline;
pub use stamps::{HeadStampError, stamp_head};

use background::Background;
use chores::Chores;
use clock::ClockAtStart;
use discovery::FoundTargets;
use modem::{ModemChore, ModemSchedule};
use opening::{OpenedRecord, RecordOpening, Waited, is_final};
use pipeline::Changed;
use signals::Signals;

/// The pipeline looks at the clock at least this often, even when no probe reports.
const HEARTBEAT: Duration = Duration::from_millis(1_100);

/// Batches that are taken in between two looks at the clock.
const MOST_AT_ONCE: usize = 10_000;

/// Memory is given back with the first commit after this long: storing a minute, searching for targets
/// and drawing a page leave mapped what the seconds after them do not need.
const GIVE_BACK_AFTER: Duration = Duration::from_secs(50);

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
pub fn run(options: &DaemonOptions, audience: &mut dyn Audience) -> Result<(), Error> {
    memory::share_one_heap();
    let signals = Signals::watch(options.leave).map_err(Error::SetUp)?;
    // The record first: another daemon may hold it. One that cannot be opened keeps nobody from measuring.
    let mut opening = RecordOpening::start(options);
    let why = match opening.wait(&|| signals.must_stop()) {
        Waited::MustStop => return Ok(()),
        Waited::Opened(opened) => {
            return live(options, ThisRecord::real(*opened), &signals, audience).map(drop);
        }
        Waited::Failed(why) if is_final(&why, &options.database) => return Err(why.into()),
        Waited::Failed(why) => describe(&why),
        Waited::NotYet => {
            format!("open database {}: it does not answer", options.database.display())
        }
    };
    let (meanwhile, opened) = opening::substitute(options)?;
    audience.on_event(&Event::NoRecord { why: why.clone(), meanwhile: meanwhile.clone() });
    let record = ThisRecord { path: Some(meanwhile), opened, unopened: Some((why, opening)) };
    match live(options, record, &signals, audience)? {
        LifeEnd::Asked => Ok(()),
        LifeEnd::RecordOpened(opened) => {
            live(options, ThisRecord::real(*opened), &signals, audience).map(drop)
        }
    }
}

/// The record of a life of the daemon.
struct ThisRecord {
    path: Option<PathBuf>,
    opened: OpenedRecord,
    /// Of one in the place of another: why that one is not open, and the attempts to open it.
    unopened: Option<(String, RecordOpening)>,
}

impl ThisRecord {
    fn real(opened: OpenedRecord) -> Self {
        Self { path: None, opened, unopened: None }
    }
}

/// How a life of the daemon ended.
enum LifeEnd {
    /// A signal came.
    Asked,
    /// The record is open in whose place another one was written.
    RecordOpened(Box<OpenedRecord>),
}

/// Measures into a record until a signal comes, or the true record is open.
fn live(
    options: &DaemonOptions,
    record: ThisRecord,
    signals: &Signals,
    audience: &mut dyn Audience,
) -> Result<LifeEnd, Error> {
    let ThisRecord { path, opened: (mut writer, recovery), unopened } = record;
    let database = path.as_ref().unwrap_or(&options.database);
    if let Some(run) = recovery.crashed {
        audience.on_event(&Event::Recovered { last_seen: run.last_seen });
    }
    if let Some(to) = recovery.put_aside {
        audience.on_event(&Event::PutAside { to });
    }
    if recovery.damaged_rows > 0 {
        audience.on_event(&Event::DamagedRows(recovery.damaged_rows));
    }
    if !recovery.unread.is_empty() {
        audience.on_event(&Event::Unread(recovery.unread));
    }
    let Config { detect, probe, .. } = &options.config;
    writer.keep_within(opening::limits(options, database));
    if path.is_none()
        && let Err(problem) = opening::take_over(&mut writer, options)
    {
        audience.on_event(&Event::StorageTrouble(describe(&problem)));
    }
    let boot_id = boot_id();
    let clock = start_clock(&mut writer, boot_id.as_deref())?;
    let past = past::remember(database, detect.clone(), probe.waiting);
    let past = past.unwrap_or_else(|problem| {
        // What was measured before matters less than what is measured now.
        audience.on_event(&Event::StorageTrouble(describe(&problem)));
        writer.put_aside_soon();
        past::Past::nothing(detect.clone(), probe.waiting)
    });
    if past.unread.iter().any(|unread| unread.places > 0) {
        audience.on_event(&Event::Unread(past.unread.clone()));
        writer.put_aside_soon();
    }

    // Then whatever can fail for lack of privilege, so that it is reported at once.
    let (out, batches) = mpsc::channel();
    signals.wake(out.clone());
    let (unhurried, services) = mpsc::channel();
    let waiting = options.config.probe.waiting;
    let engine = icmp::spawn(options.config.probe.engine, waiting, Vec::new(), out.clone())?;
    let follower = follow::spawn(out.clone()).map_err(Error::SetUp)?;
    let host = host::watch(discover::far_ends(&options.config), out.clone())?;
    let before = writer.targets().into_iter().map(|target| wanted_before(target, &past)).collect();
    let background =
        background::spawn(options.config.clone(), before, unhurried, out).map_err(Error::SetUp)?;

    let mut chores = Chores::begin(options, database, &past.present).map_err(Error::SetUp)?;
    let page = open_page(&options.config, database, past.present.clone(), audience);
    let behind = clock.behind(&Reading::of_host());
    writer.expect_clock(clock.state, behind);
    let messages = messages::begin(&options.config, database, &past, audience);
    let mut pipeline =
        Pipeline::new(writer, past, Reading::now(), boot_id, options.version, audience)?;
    pipeline.set_messages(messages.scribe, messages.courier);
    pipeline.set_clock(clock.state, behind);
    pipeline.set_engine(engine.description());
    pipeline.set_ways(&host::snapshot()?);
    let (before, drops) = modem::before(database, Reading::now().utc);
    pipeline.set_modem(ModemSchedule::of(&options.config, before, drops));
    pipeline.set_line(options.config.site.line.clone());
    pipeline.announce(&Event::Started {
        engine: engine.description().to_owned(),
        database: database.clone(),
    });
    let (why, mut opening) = unopened.unzip();
    pipeline.set_unopened(why);

    let sources = Sources {
        engine: &engine,
        follower: &follower,
        background: &background,
        signals,
        batches,
        services,
    };
    let mut modem = ModemChore::new(&options.config);
    let spare = (&mut modem, &mut chores);
    let opened = measure(&mut pipeline, &sources, page.as_ref(), spare, opening.as_mut());

    // Probers first, so that their last measurements still reach the record.
    host.stop();
    let Sources { batches, services, .. } = sources;
    background.stop();
    engine.stop();
    drop(follower);
    for batch in batches.try_iter().chain(services.try_iter()) {
        pipeline.on_batch(&batch);
    }
    let stopped = pipeline.stop(Reading::now());
    if let Some(page) = page {
        page.stop();
    }
    chores.stop(Reading::now());
    stopped?;
    Ok(opened.map_or(LifeEnd::Asked, LifeEnd::RecordOpened))
}

/// Judges the clock before anything is measured: where it is behind the record, UTC goes on from there;
/// where it was set since, earlier runs of this boot are dated anew.
fn start_clock(writer: &mut Writer, boot_id: Option<&str>) -> Result<ClockAtStart, store::Error> {
    let host = Reading::of_host();
    let last = writer.last_run()?;
    let clock = ClockAtStart::judge(last.as_ref(), &host, boot_id, host::clock_synchronized());
    if let Some(line) = clock.line {
        hold_utc(line);
    }
    if let Some(boot_id) = boot_id.filter(|_| clock.was_set) {
        writer.date_runs(boot_id, host.utc_offset_us(), host.utc)?;
    }
    Ok(clock)
}

/// Opens the page, unless it is switched off. Without it the daemon goes on.
fn open_page(
    config: &Config,
    database: &Path,
    present: SharedPresent,
    audience: &mut dyn Audience,
) -> Option<PageServer> {
    if !config.web.enabled {
        return None;
    }
    let (config, database) = (config.clone(), database.to_owned());
    match serve::start(PageOptions { config, database, present }) {
        Ok(page) => {
            audience.on_event(&Event::Page { listen: page.listen() });
            Some(page)
        }
        Err(problem) => {
            audience.on_event(&Event::NoPage(problem.to_string()));
            None
        }
    }
}

/// Where observations and targets come from.
struct Sources<'a> {
    engine: &'a icmp::IcmpEngine,
    follower: &'a PathFollower,
    background: &'a Background,
    signals: &'a Signals,
    batches: Receiver<Vec<Observation>>,
    services: Receiver<Vec<Observation>>,
}

/// The daemon's life: batches come in, and once a second the present is written down. Gives the record
/// that is being opened when it is open.
fn measure(
    pipeline: &mut Pipeline<'_>,
    sources: &Sources<'_>,
    page: Option<&PageServer>,
    (modem, chores): (&mut ModemChore, &mut Chores),
    mut opening: Option<&mut RecordOpening>,
) -> Option<Box<OpenedRecord>> {
    let Sources { engine, follower, background, signals, .. } = sources;
    let watchers = page.map(PageServer::watchers).unwrap_or_default();
    let mut icmp = Vec::new();
    let mut last_second = None;
    let mut give_back_at = Reading::now().boot + GIVE_BACK_AFTER;
    let mut stored = None;
    let mut reading = icmp::ReadingMode::Lazy;
    let mut sync = SyncWatch::default();
    let mut held = is_utc_held();
    while !signals.must_stop() {
        match sources.batches.recv_timeout(HEARTBEAT) {
            Ok(first) => {
                // All that waits, before the time is judged by the clock: while a disk did not answer,
                // much may have come.
                for batch in
                    [first].into_iter().chain(sources.batches.try_iter().take(MOST_AT_ONCE))
                {
                    if batch.iter().any(changes_the_network) {
                        background.look_again();
                    }
                    if batch.iter().any(changes_an_address) {
                        engine.change_identifiers();
                    }
                    pipeline.on_batch(&batch);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return None,
        }
        for batch in sources.services.try_iter() {
            pipeline.on_batch(&batch);
        }
        if pipeline.came_up() {
            background.look_again();
        }
        while let Some(found) = background.found() {
            if take_targets(pipeline, found) == Changed::Yes {
                probe_services(pipeline.targets(), background);
            }
        }
        while let Some(question) = pipeline.path_question() {
            follower.ask(question);
        }
        // Also where only what a target may prove has changed.
        let wanted = pipeline.icmp_targets();
        if wanted != icmp {
            engine.set_targets(wanted.clone());
            icmp = wanted;
        }
        let now = Reading::now();
        let second = now.boot.as_micros().div_euclid(1_000_000);
        if last_second != Some(second) {
            last_second = Some(second);
            background.second(now.boot);
            if let Some(opened) = opening.as_mut().and_then(|opening| opening.second(now.boot)) {
                return Some(opened);
            }
            let wanted =
                if watchers.any() { icmp::ReadingMode::Eager } else { icmp::ReadingMode::Lazy };
            if std::mem::replace(&mut reading, wanted) != wanted {
                engine.set_reading(wanted);
            }
            // Asked here because this thread is awake anyway.
            if sync.is_due(now.boot) {
                let said = host::clock_synchronized();
                pipeline.set_synchronized(said);
                if let Some(what) = sync.observe(now.boot, said) {
                    pipeline.on_batch(&[Observation::Host(HostEvent { at: now, what })]);
                }
            }
            if std::mem::replace(&mut held, is_utc_held()) && !held {
                pipeline.on_caught_up(now);
            }
            if let Some(interface) = pipeline.counters_due(&now) {
                pipeline.on_counters(now, &interface, host::counters(&interface));
            }
            if let Some(interface) = pipeline.station_due(&now) {
                pipeline.on_station(now, host::station(&interface));
            }
            if let Some((account, pages)) = modem.finished() {
                pipeline.on_modem(&now, account, pages);
            }
            if let Some(question) = pipeline.modem_due(&now) {
                modem.ask(question, now);
            }
            pipeline.second(now);
            watchers.second();
            let last_commit = pipeline.last_commit();
            let committed = std::mem::replace(&mut stored, last_commit) != last_commit;
            if committed && now.boot >= give_back_at {
                give_back_at = now.boot + GIVE_BACK_AFTER;
                memory::give_back();
            }
            let (events, message) = chores.second(now);
            for event in &events {
                pipeline.announce(event);
            }
            pipeline.tell(message);
            if pipeline.retry_targets(now) == Changed::Yes {
                probe_services(pipeline.targets(), background);
            }
        }
    }
    None
}

fn take_targets(pipeline: &mut Pipeline<'_>, found: FoundTargets) -> Changed {
    for trouble in found.troubles {
        pipeline.announce(&Event::DiscoveryTrouble(trouble));
    }
    pipeline.set_targets(found.wanted, Reading::now())
}

fn probe_services(targets: &[Target], background: &Background) {
    background.probe(targets.iter().filter(|t| t.kind != Kind::Icmp).cloned().collect());
}

fn wanted_before(t: Target, past: &past::Past) -> WantedTarget {
    WantedTarget {
        standing: past.standing(t.id),
        name: t.name,
        kind: t.kind,
        role: t.role,
        endpoint: t.endpoint,
        interval: t.interval,
    }
}

/// Whether a router may have other entries for this host after it.
fn changes_an_address(observation: &Observation) -> bool {
    let Observation::Host(event) = observation else { return false };
    matches!(event.what, HostChange::DefaultRoute { .. } | HostChange::Address { .. })
}

/// Whether other targets may apply after it.
fn changes_the_network(observation: &Observation) -> bool {
    let Observation::Host(event) = observation else { return false };
    match event.what {
        HostChange::DefaultRoute { .. } | HostChange::Address { .. } | HostChange::Slept { .. } => {
            true
        }
        HostChange::Carrier { up, .. } => up,
        HostChange::Interface { present, .. } => present,
        HostChange::ClockStep { .. }
        | HostChange::ClockSync { .. }
        | HostChange::DeadEntry { .. }
        | HostChange::FreshIdentifierUnanswered { .. } => false,
    }
}
