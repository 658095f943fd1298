//! Runs the HTTP, DNS and TCP targets on tokio: from targets to one measurement a slot.
//!
//! The schedule is absolute: slot n of a target is due at its start (random) + n x interval,
//! whatever the probes before it do; each probe is a task of its own. Slots that passed while the
//! process could not run are reported as [`NotSent::Missed`], at most the last ten of them. The order
//! among measurements is that of completion.

use std::collections::HashMap;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;

use super::http::{self, HttpProber};
use super::resolve::{NameServers, Resolver};
use super::{dns, tcp};
use crate::time::{Reading, Timestamp, micros};
use crate::vocabulary::{
    Destination, Kind, Measurement, NotSent, Observation, Outcome, Target, TargetId, Waiting,
    recorded_time,
};

/// More missed slots than this are a gap, which is found by its length.
const MISSED_LIMIT: u64 = 10;

/// The running HTTP, DNS and TCP targets.
#[derive(Debug)]
pub struct Services {
    roster: ServiceTasks<Network>,
}

/// Starts probing the HTTP, DNS and TCP targets among `targets`; ICMP ones are passed over. To
/// be called inside a tokio runtime with its I/O and time drivers.
pub fn spawn(targets: Vec<Target>, waiting: Waiting, out: Sender<Vec<Observation>>) -> Services {
    let network = Network {
        http: HttpProber::default(),
        resolver: Resolver::new(NameServers::System),
        waiting,
        out: out.clone(),
    };
    let mut services = Services { roster: ServiceTasks::new(network, out) };
    services.set_targets(targets);
    services
}

impl Services {
    /// From now on probes these. Targets that stay as they were keep their schedule; probes of
    /// others that are under way are given up as [`NotSent::Missed`].
    pub fn set_targets(&mut self, targets: Vec<Target>) {
        let targets: Vec<_> = targets.into_iter().filter(|t| t.kind != Kind::Icmp).collect();
        self.roster.prober.resolver.watch(targets.iter().filter_map(host_of));
        self.roster.set(targets);
    }

    /// Ends probing. Probes under way are given up and reported as [`NotSent::Missed`], so that
    /// nothing is sent to the pipeline after this returns. Takes milliseconds.
    pub async fn stop(mut self) {
        self.roster.set(Vec::new());
        for task in self.roster.ending.drain(..) {
            // A task that panicked has ended, too.
            let _ = task.await;
        }
    }
}

/// What probing takes; scripted in tests.
trait Prober: Send + Sync + 'static {
    /// UTC now.
    fn utc(&self) -> Timestamp;
    /// Probes once. Bounded in time by itself.
    fn probe(&self, target: &Target) -> impl Future<Output = Outcome> + Send;
}

/// Probes for real.
#[derive(Debug)]
struct Network {
    http: HttpProber,
    resolver: Resolver,
    waiting: Waiting,
    /// For what an answer shows besides its outcome.
    out: Sender<Vec<Observation>>,
}

impl Prober for Network {
    fn utc(&self) -> Timestamp {
        Reading::now().utc
    }

    async fn probe(&self, target: &Target) -> Outcome {
        let threshold = self.waiting.loss_threshold;
        let outcome = match target.endpoint.destination() {
            Destination::Http(url) => {
                let addresses = self.addresses(&url.host).await;
                let took = self.resolver.look_up_took(&url.host);
                let limit = http::limit(target.interval, threshold);
                let (outcome, clock) = self.http.probe(url, &addresses, took, limit).await;
                if let Some(offset) = clock {
                    let (target, at) = (target.id, Reading::now());
                    // The pipeline may have ended first.
                    let _ = self.out.send(vec![Observation::ServerClock { target, offset, at }]);
                }
                outcome
            }
            Destination::Dns { name, server } => dns::probe(name, *server, threshold).await,
            Destination::Tcp { host, port } => {
                let addresses = self.addresses(host).await;
                let addresses: Vec<_> =
                    addresses.into_iter().map(|ip| SocketAddr::new(ip, *port)).collect();
                tcp::probe(&addresses, threshold).await
            }
            // Configuration and discovery give well-formed endpoints only.
            Destination::Icmp(_) | Destination::Unknown => Outcome::NotSent(NotSent::Other),
        };
        if !matches!(outcome, Outcome::Reply(_))
            && let Some(host) = target.endpoint.host()
        {
            // The address may have changed.
            self.resolver.doubt(host);
        }
        outcome
    }
}

impl Network {
    /// The known addresses of a name. The first probe of a target may be due before the first
    /// look-up is over; it waits for it a little.
    async fn addresses(&self, name: &str) -> Vec<IpAddr> {
        const A_LITTLE: Duration = Duration::from_millis(500);
        let known = self.resolver.addresses(name);
        if !known.is_empty() {
            return known;
        }
        // In vain where DNS is dead.
        let _ = tokio::time::timeout(A_LITTLE, self.resolver.learned(name)).await;
        self.resolver.addresses(name)
    }
}

/// The host of a target, which may have to be resolved first.
fn host_of(target: &Target) -> Option<String> {
    target.endpoint.host().map(str::to_owned)
}

/// The tasks of the targets.
#[derive(Debug)]
struct ServiceTasks<P> {
    prober: Arc<P>,
    out: Sender<Vec<Observation>>,
    running: HashMap<TargetId, Runner>,
    ending: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Runner {
    target: Target,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl<P: Prober> ServiceTasks<P> {
    fn new(prober: P, out: Sender<Vec<Observation>>) -> Self {
        Self { prober: Arc::new(prober), out, running: HashMap::new(), ending: Vec::new() }
    }

    fn set(&mut self, targets: Vec<Target>) {
        self.ending.retain(|task| !task.is_finished());
        let mut before = std::mem::take(&mut self.running);
        for target in targets {
            let runner = match before.remove(&target.id) {
                Some(same) if same.target == target => same,
                other => {
                    before.extend(other.map(|runner| (target.id, runner)));
                    self.start(target)
                }
            };
            // Of two targets with one number the later would otherwise run on unstoppably.
            if let Some(double) = self.running.insert(runner.target.id, runner) {
                self.end(double);
            }
        }
        for runner in before.into_values() {
            self.end(runner);
        }
    }

    fn start(&self, target: Target) -> Runner {
        let (stop, stopped) = watch::channel(false);
        let run = run(target.clone(), self.prober.clone(), self.out.clone(), stopped);
        Runner { target, stop, task: tokio::spawn(run) }
    }

    fn end(&mut self, runner: Runner) {
        runner.stop.send_replace(true);
        self.ending.push(runner.task);
    }
}

/// Probes one target until it is stopped.
async fn run<P: Prober>(
    target: Target,
    prober: Arc<P>,
    out: Sender<Vec<Observation>>,
    mut stopped: watch::Receiver<bool>,
) {
    let target = Arc::new(target);
    let mut grid = ProbeGrid::new(target.interval, instant(), prober.utc());
    let mut under_way = JoinSet::new();
    let report = {
        let id = target.id;
        move |sent_at, outcome| {
            let measurement = Measurement { target: id, sent_at, outcome };
            // The pipeline may have ended first.
            let _ = out.send(vec![Observation::Measured(measurement)]);
        }
    };
    loop {
        tokio::select! {
            _ = stopped.wait_for(|&stopped| stopped) => break,
            Some(_) = under_way.join_next() => continue,
            () = tokio::time::sleep_until(grid.due()) => {}
        }
        for due in grid.missed(instant()) {
            report(due, Outcome::NotSent(NotSent::Missed));
        }
        let Some(sent_at) = grid.take(instant(), prober.utc()) else { continue };
        let (target, prober, report) = (target.clone(), prober.clone(), report.clone());
        let mut stopped = stopped.clone();
        under_way.spawn(async move {
            let outcome = tokio::select! {
                outcome = prober.probe(&target) => outcome,
                // No one waits for the answer any more: unobserved.
                _ = stopped.wait_for(|&stopped| stopped) => Outcome::NotSent(NotSent::Missed),
            };
            report(sent_at, outcome);
        });
    }
    while under_way.join_next().await.is_some() {}
}

/// The runtime's clock, by which its timers run.
#[allow(clippy::disallowed_methods, reason = "timers need it; it is simulated in tests")]
fn instant() -> Instant {
    Instant::now()
}

/// The slots of one target, by the runtime's clock and in UTC.
#[derive(Debug)]
struct ProbeGrid {
    interval: Duration,
    /// When the next slot is due.
    next: Instant,
    /// The same in UTC, whole milliseconds; set right after steps of the clock.
    next_utc: Timestamp,
}

impl ProbeGrid {
    /// The first slot is due at a random time within the first interval.
    fn new(interval: Duration, now: Instant, utc: Timestamp) -> Self {
        let interval = interval.max(Duration::from_millis(1));
        let start =
            Duration::from_micros(fastrand::u64(..u64::try_from(micros(interval)).unwrap_or(1)));
        // The slot's own time in UTC is a whole millisecond.
        let next_utc = (utc + start).floor_millis();
        let early = Duration::from_micros((utc + start).micros_since(next_utc).unsigned_abs());
        Self { interval, next: now + start.saturating_sub(early), next_utc }
    }

    fn due(&self) -> Instant {
        self.next
    }

    /// Passes over the slots that are more than half an interval late; returns the last of them.
    fn missed(&mut self, now: Instant) -> Vec<Timestamp> {
        let late = now.saturating_duration_since(self.next) + self.interval / 2;
        let count = u64::try_from(late.as_nanos() / self.interval.as_nanos()).unwrap_or(u64::MAX);
        let reported = count.min(MISSED_LIMIT);
        self.skip(count - reported);
        (0..reported)
            .map(|_| {
                let due = self.next_utc;
                self.skip(1);
                due
            })
            .collect()
    }

    /// Takes the next slot if it is due; returns the time at which its probe is recorded.
    fn take(&mut self, now: Instant, utc: Timestamp) -> Option<Timestamp> {
        const NEGLIGIBLE_US: u64 = 5_000;
        let late = now.checked_duration_since(self.next)?;
        let off = utc.micros_since(self.next_utc + late);
        if off.unsigned_abs() > NEGLIGIBLE_US {
            // UTC was stepped, or the machine slept: the grid goes on from here.
            self.next_utc = self.next_utc.plus_micros(off).floor_millis();
        }
        let recorded = recorded_time(self.next_utc, utc);
        self.skip(1);
        Some(recorded)
    }

    fn skip(&mut self, slots: u64) {
        let by = Duration::from_nanos_u128(self.interval.as_nanos() * u128::from(slots));
        self.next += by;
        self.next_utc = self.next_utc + by;
    }
}

#[cfg(test)]
mod tests;
