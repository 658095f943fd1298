//! Plays a plan: through the daemon's own pipeline into a database, or through the
//! detector alone.

use std::path::Path;

use super::file::HostIncident;
use super::home::Neighbor;
use super::life::{Daemon, DaemonLife, HostClocks};
use super::line::SimulatedLine;
use super::modem::SimulatedModem;
use super::plan::{PlannedHostEvent, ScenarioPlan};
use super::verdict::{JudgedByDetector, ScenarioVerdict};
use super::when::millis;
use crate::daemon::{self, Audience, Pipeline};
use crate::detect::Parameters;
use crate::live::{Event, Status};
use crate::store::{self, Durability, Opening, Writer};
use crate::time::Reading;
use crate::vocabulary::{NoteDraft, Observation, RunEnd, Target, Waiting};

/// One life of the daemon, in seconds of the plan.
#[derive(Debug)]
pub(crate) struct DaemonStay {
    pub(crate) from: i64,
    pub(crate) to: i64,
    /// What ends it; `None`: the plan.
    pub(crate) ended: Option<HostIncident>,
}

impl ScenarioPlan {
    /// The lives of the daemon, in order.
    pub(crate) fn stays(&self) -> Vec<DaemonStay> {
        let length = self.length / 1_000;
        let mut stays = Vec::new();
        let mut from = 0;
        for event in &self.host {
            let PlannedHostEvent { span, what } = event;
            if matches!(what, HostIncident::Off | HostIncident::Kill | HostIncident::Reboot) {
                stays.push(DaemonStay { from, to: span.from / 1_000, ended: Some(*what) });
                from = span.to / 1_000;
            }
        }
        if from < length {
            stays.push(DaemonStay { from, to: length, ended: None });
        }
        stays
    }

    /// The daemon watches the line for one of its lives.
    pub(crate) fn watch<D: Daemon>(
        &self,
        stay: &DaemonStay,
        line: &mut SimulatedLine<'_>,
        on: &mut DaemonLife<'_, D>,
    ) {
        let start = stay.from * 1_000;
        // Slots start anywhere in a second, elsewhere in each life.
        let offset = i64::try_from(self.seed % 997).unwrap_or(0) + stay.from % 13;
        let interval = |neighbor: &Neighbor| millis(neighbor.wanted.interval).max(1);
        let due = |neighbor: &Neighbor| start + (neighbor.phase + offset) % interval(neighbor);
        let mut next: Vec<i64> = self.neighbors.iter().map(due).collect();
        let inside = |event: &&PlannedHostEvent| {
            (start..stay.to * 1_000).contains(&event.span.from)
                && matches!(event.what, HostIncident::Sleep | HostIncident::Clock(_))
        };
        let mut events = self.host.iter().filter(inside).peekable();
        let mut slots: Vec<(i64, usize)> = Vec::new();
        while on.s < stay.to {
            if let Some(event) = events.next_if(|event| event.span.from <= on.s * 1_000) {
                if let HostIncident::Clock(seconds) = event.what {
                    on.steps_the_clock(seconds);
                } else {
                    let seconds = (event.span.to - event.span.from) / 1_000;
                    on.sleeps(i32::try_from(seconds).unwrap_or(i32::MAX));
                }
                continue;
            }
            let (from, to) = (on.s * 1_000, (on.s + 1) * 1_000);
            for (n, neighbor) in self.neighbors.iter().enumerate() {
                while next[n] < to {
                    // Slots during sleep are skipped.
                    if next[n] >= from {
                        slots.push((next[n], n));
                    }
                    next[n] += interval(neighbor);
                }
            }
            slots.sort_unstable();
            for (ms, n) in slots.drain(..) {
                let outcome = line.outcome(n, ms);
                on.send(n, ms, outcome);
            }
            on.pass();
        }
    }
}

#[cfg(test)]
impl Daemon for Pipeline<'_> {
    fn targets(&self) -> &[Target] {
        self.targets()
    }
    fn on_batch(&mut self, batch: &[Observation]) {
        self.on_batch(batch);
    }
    fn second(&mut self, now: Reading) {
        self.second(now);
    }
}

/// The pipeline while it is recorded.
struct Recorder<'a> {
    pipeline: Pipeline<'a>,
    /// From this second on the present is written every second, as while it is being watched;
    /// before that once a minute, when minutes are committed.
    from_s: i64,
    s: i64,
    modem: Option<SimulatedModem>,
    /// Second of the plan at which this life began.
    began_s: i64,
}

/// A minute is committed when it has been over for 4 s.
const COMMIT_S: i64 = 5;

impl Daemon for Recorder<'_> {
    fn targets(&self) -> &[Target] {
        self.pipeline.targets()
    }
    fn on_batch(&mut self, batch: &[Observation]) {
        self.pipeline.on_batch(batch);
    }
    fn second(&mut self, now: Reading) {
        self.s += 1;
        if let Some(modem) = &mut self.modem
            && let Some(account) = modem.second(self.began_s + self.s)
        {
            self.pipeline.on_modem(&now, account, Vec::new());
        }
        let minute = now.utc.as_micros().div_euclid(1_000_000).rem_euclid(60);
        if self.s >= self.from_s || minute == COMMIT_S {
            self.pipeline.second(now);
        }
    }
}

/// An audience that ignores everything.
#[derive(Debug, Clone, Copy)]
pub struct NoAudience;

impl Audience for NoAudience {
    fn on_event(&mut self, _: &Event) {}
    fn on_second(&mut self, _: &Status) {}
}

/// Where a plan is recorded.
#[derive(Debug, Clone, Copy)]
pub struct Recording<'a> {
    /// The database; made when it is missing.
    pub database: &'a Path,
    /// Where the tail goes; `None`: next to the database.
    pub runtime_dir: Option<&'a Path>,
    /// How much a crash of the real machine may cost.
    pub durability: Durability,
}

/// Plays a plan through the daemon's own pipeline into a database: store, judge, report.
///
/// # Errors
/// When the database cannot be written.
pub fn record(
    plan: &ScenarioPlan,
    recording: &Recording<'_>,
    audience: &mut dyn Audience,
) -> Result<(), store::Error> {
    let Recording { database: path, runtime_dir, durability } = *recording;
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let version = match durability {
        Durability::Full => version,
        Durability::Simulated => store::simulated_version(&version),
    };
    let version = version.as_str();
    let mut clocks = HostClocks::new(plan.start);
    let mut line = SimulatedLine::new(plan);
    for stay in plan.stays() {
        let opening = Opening { path, runtime_dir, version };
        let (writer, _) = Writer::open_with(opening, durability)?;
        let past = daemon::remember(path, Parameters::default(), Waiting::default())?;
        let now = clocks.reading(stay.from * 1_000);
        let boot = Some(clocks.boot_id());
        let mut pipeline = Pipeline::new(writer, past, now, boot, version, audience)?;
        let wanted = plan.neighbors.iter().map(|neighbor| neighbor.wanted.clone()).collect();
        pipeline.set_targets(wanted, now);
        // A killed daemon leaves what it wrote in its last seconds.
        let from_s = if durability == Durability::Full { 0 } else { stay.to - stay.from - 130 };
        let modem = plan.modem.map(|_| SimulatedModem::new(plan, stay.from));
        let recorder = Recorder { pipeline, from_s, s: 0, modem, began_s: stay.from };
        let mut on = DaemonLife::new(recorder, stay.from, &mut clocks);
        plan.watch(&stay, &mut line, &mut on);
        if stay.ended == Some(HostIncident::Kill) {
            continue;
        }
        let now = on.now();
        on.end().pipeline.stop(now)?;
        if stay.ended == Some(HostIncident::Reboot) {
            clocks.reboot(stay.to * 1_000);
        }
    }
    for note in &plan.notes {
        let at = plan.label(millis(note.at));
        let draft = NoteDraft { at, text: note.text.clone(), kind: note.kind, ticket: None };
        store::add_note(path, &draft, at)?;
    }
    Ok(())
}

/// Plays a plan through the detector alone: nothing is stored, and a restarted daemon has forgotten
/// nothing. The verdicts are those of [`record`].
pub fn judge(plan: &ScenarioPlan) -> ScenarioVerdict {
    let mut clocks = HostClocks::new(plan.start);
    let mut line = SimulatedLine::new(plan);
    let mut judged = JudgedByDetector::new(plan);
    for stay in plan.stays() {
        judged.begin(clocks.reading(stay.from * 1_000), clocks.boot_id());
        let mut on = DaemonLife::new(judged, stay.from, &mut clocks);
        plan.watch(&stay, &mut line, &mut on);
        let now = on.now();
        let how = if stay.ended == Some(HostIncident::Kill) {
            judged = on.daemon;
            RunEnd::Crash
        } else {
            judged = on.end();
            RunEnd::Clean
        };
        judged.end(now, how);
        if stay.ended == Some(HostIncident::Reboot) {
            clocks.reboot(stay.to * 1_000);
        }
    }
    judged.finish()
}
