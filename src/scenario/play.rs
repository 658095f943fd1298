//! Plays a plan: through the daemon's own pipeline into a database, or through the
//! detector alone.

use std::path::Path;

use super::file::HostWhat;
use super::life::{Clocks, Daemon, Life};
use super::line::Line;
use super::plan::{Event, Plan};
use super::verdict::{Judged, Verdict};
use crate::daemon::{self, Audience, Pipeline};
use crate::detect::{Parameters, RunEnd};
use crate::measurement::Target;
use crate::probe::{Observation, Waiting};
use crate::store::rows::{NoteDraft, NoteKind};
use crate::store::{self, Durability, Opening, Writer};
use crate::time::Reading;

/// One life of the daemon, in seconds of the plan.
#[derive(Debug)]
struct Stay {
    from: i64,
    to: i64,
    /// What ends it; `None`: the plan.
    ended: Option<HostWhat>,
}

impl Plan {
    fn stays(&self) -> Vec<Stay> {
        let length = self.length / 1_000;
        let mut stays = Vec::new();
        let mut from = 0;
        for event in &self.host {
            let Event { span, what } = event;
            if matches!(what, HostWhat::Off | HostWhat::Kill | HostWhat::Reboot) {
                stays.push(Stay { from, to: span.from / 1_000, ended: Some(*what) });
                from = span.to / 1_000;
            }
        }
        if from < length {
            stays.push(Stay { from, to: length, ended: None });
        }
        stays
    }

    /// The daemon watches the line for one of its lives.
    fn watch<D: Daemon>(&self, stay: &Stay, line: &mut Line<'_>, life: &mut Life<'_, D>) {
        let begin = stay.from * 1_000;
        // Slots begin anywhere in a second, another place in each life.
        let offset = i64::from(self.seed as u16 % 997) + stay.from % 13;
        let due = |neighbor: &super::home::Neighbor| {
            begin + (neighbor.phase + offset) % super::when::millis(neighbor.wanted.interval)
        };
        let mut next: Vec<i64> = self.neighbors.iter().map(due).collect();
        let mut events = self.host.iter().filter(|event| {
            (begin..stay.to * 1_000).contains(&event.span.from)
                && matches!(event.what, HostWhat::Sleep | HostWhat::Clock(_))
        });
        let mut event = events.next();
        let mut slots: Vec<(i64, usize)> = Vec::new();
        while life.s < stay.to {
            if let Some(now) = event.filter(|event| event.span.from <= life.s * 1_000) {
                match now.what {
                    HostWhat::Clock(seconds) => life.steps_the_clock(seconds),
                    _ => {
                        let seconds = (now.span.to - now.span.from) / 1_000;
                        life.sleeps(i32::try_from(seconds).unwrap_or(i32::MAX));
                    }
                }
                event = events.next();
                continue;
            }
            let (from, to) = (life.s * 1_000, (life.s + 1) * 1_000);
            slots.clear();
            for (n, neighbor) in self.neighbors.iter().enumerate() {
                let interval = super::when::millis(neighbor.wanted.interval);
                while next[n] < from {
                    next[n] += interval;
                }
                while next[n] < to {
                    slots.push((next[n], n));
                    next[n] += interval;
                }
            }
            slots.sort_unstable();
            for (ms, n) in slots.drain(..) {
                let outcome = line.outcome(n, ms);
                life.send(n, ms, outcome);
            }
            life.pass();
        }
    }
}

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

/// Where a plan is recorded.
#[derive(Debug, Clone, Copy)]
pub struct Recording<'a> {
    /// The database; made when it is missing.
    pub database: &'a Path,
    /// Where the tail goes; `None`: beside the database.
    pub runtime_dir: Option<&'a Path>,
    /// How much a crash of the real machine may cost.
    pub durability: Durability,
}

/// Plays a plan through the daemon's own pipeline into a database: store, judge, tell.
///
/// # Errors
/// When the database cannot be written.
pub fn record(
    plan: &Plan,
    recording: &Recording<'_>,
    audience: &mut dyn Audience,
) -> Result<(), store::Error> {
    let version = env!("CARGO_PKG_VERSION");
    let Recording { database: path, runtime_dir, durability } = *recording;
    let mut clocks = Clocks::new(plan.start);
    let mut line = Line::new(plan);
    for stay in plan.stays() {
        let opening = Opening { path, runtime_dir, version };
        let (writer, _) = Writer::open_with(opening, durability)?;
        let past = daemon::remember(path, Parameters::default(), Waiting::default())?;
        let now = clocks.reading(stay.from * 1_000);
        let boot = Some(clocks.boot_id());
        let mut pipeline = Pipeline::new(writer, past, now, boot, version, audience)?;
        let wanted = plan.neighbors.iter().map(|neighbor| neighbor.wanted.clone()).collect();
        pipeline.set_targets(wanted, now);
        let mut life = Life::new(pipeline, stay.from, &mut clocks);
        plan.watch(&stay, &mut line, &mut life);
        if stay.ended == Some(HostWhat::Kill) {
            continue;
        }
        let now = life.now();
        life.end().stop(now)?;
        if stay.ended == Some(HostWhat::Reboot) {
            clocks.reboot(stay.to * 1_000);
        }
    }
    for (ms, text) in &plan.notes {
        let at = plan.label(*ms);
        let draft = NoteDraft { at, text: text.clone(), kind: NoteKind::Other, ticket: None };
        store::add_note(path, &draft, at)?;
    }
    Ok(())
}

/// Plays a plan through the detector alone: nothing is stored, and a restarted daemon has forgotten
/// nothing. The verdicts are those of [`record`].
pub fn judge(plan: &Plan) -> Verdict {
    let mut clocks = Clocks::new(plan.start);
    let mut line = Line::new(plan);
    let mut judged = Judged::new(plan);
    for stay in plan.stays() {
        judged.begin(clocks.reading(stay.from * 1_000), clocks.boot_id());
        let mut life = Life::new(judged, stay.from, &mut clocks);
        plan.watch(&stay, &mut line, &mut life);
        let now = life.now();
        let how = if stay.ended == Some(HostWhat::Kill) {
            judged = life.daemon;
            RunEnd::Crash
        } else {
            judged = life.end();
            RunEnd::Clean
        };
        judged.end(now, how);
        if stay.ended == Some(HostWhat::Reboot) {
            clocks.reboot(stay.to * 1_000);
        }
    }
    judged.finish()
}
