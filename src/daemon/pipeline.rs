//! The one place that owns what follows a measurement: store it, judge it, show it, in that order.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::daemon::notice::{Audience, Notice, Over, Witnesses};
use crate::detect::{Change, DropKind, Judge, LinkDrop, Run, RunEnd, TargetTrouble};
use crate::measurement::{Target, TargetId};
use crate::probe::discover::Wanted;
use crate::probe::{HostChange, HostEvent, Observation};
use crate::status::{Board, DropStatus, Status};
use crate::store::rows::StoredDrop;
use crate::store::{self, Writer};
use crate::time::{Reading, TimeRange, Timestamp, boot_id};

/// After a failed store, this long until the next attempt.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// A drop as the pipeline knows it.
struct Known {
    id: i64,
    drop: LinkDrop,
    told_open: Over,
    told_closed: Over,
}

/// What is known of the time before the daemon started.
pub(super) struct Past {
    /// A judge that has seen the last hours.
    pub(super) judge: Judge,
    /// The drops of the last day.
    pub(super) drops: Vec<StoredDrop>,
    /// All targets there ever were.
    pub(super) targets: Vec<Target>,
}

/// Everything behind the probes.
pub(super) struct Pipeline<'a> {
    writer: Writer,
    judge: Judge,
    board: Board,
    run: Run,
    targets: Vec<Target>,
    /// All targets there ever were: what a replay of the record knows.
    ever: Vec<Target>,
    known: BTreeMap<Timestamp, Known>,
    unsaved: BTreeMap<Timestamp, LinkDrop>,
    last_drop: Option<DropStatus>,
    storage_trouble: Option<String>,
    retry_at: Option<Timestamp>,
    started: Timestamp,
    version: String,
    engine: String,
    audience: &'a mut dyn Audience,
}

impl<'a> Pipeline<'a> {
    /// Begins a run in `writer`, with a judge that knows what came before.
    pub(super) fn new(
        mut writer: Writer,
        past: Past,
        now: Reading,
        version: &str,
        audience: &'a mut dyn Audience,
    ) -> Result<Self, store::Error> {
        let run = writer.begin_run(now, boot_id())?;
        let mut pipeline = Self {
            writer,
            judge: past.judge,
            board: Board::default(),
            run,
            targets: Vec::new(),
            ever: past.targets,
            known: BTreeMap::new(),
            unsaved: BTreeMap::new(),
            last_drop: None,
            storage_trouble: None,
            retry_at: None,
            started: now.utc,
            version: version.to_owned(),
            engine: String::new(),
            audience,
        };
        for stored in past.drops {
            pipeline.remember(stored.id, stored.drop, Over::Yes);
        }
        pipeline.judge.begin_run(&pipeline.run);
        Ok(pipeline)
    }

    /// Names the ICMP engine, for the status.
    pub(super) fn set_engine(&mut self, description: &str) {
        description.clone_into(&mut self.engine);
    }

    /// Says something to whoever listens.
    pub(super) fn tell(&mut self, notice: &Notice) {
        self.audience.notice(notice);
    }

    /// The targets in use.
    pub(super) fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// Probes these from now on; gives them their numbers. Says whether anything changed.
    pub(super) fn set_targets(
        &mut self,
        wanted: Vec<Wanted>,
        now: Reading,
    ) -> Result<Changed, store::Error> {
        let mut targets = Vec::with_capacity(wanted.len());
        for w in wanted {
            targets.push(self.writer.target(&w.name, w.kind, w.role, &w.address, w.interval, now)?);
        }
        if targets == self.targets {
            return Ok(Changed::No);
        }
        let before = std::mem::replace(&mut self.targets, targets);
        for gone in before.iter().filter(|t| !self.targets.contains(t)) {
            self.writer.retire_target(gone.id, now)?;
            self.audience.notice(&Notice::TargetRemoved(gone.clone()));
        }
        for new in self.targets.iter().filter(|t| !before.contains(t)) {
            self.audience.notice(&Notice::TargetAdded(new.clone()));
        }
        for new in &self.targets {
            if !self.ever.iter().any(|t| t.id == new.id) {
                self.ever.push(new.clone());
            }
        }
        self.judge.set_targets(&self.ever);
        self.board.set_targets(self.targets.clone());
        Ok(Changed::Yes)
    }

    /// Takes in what the probers saw: stores it, judges it, tells what follows.
    pub(super) fn on_batch(&mut self, batch: &[Observation]) {
        for observation in batch {
            match observation {
                Observation::Measured(m) => {
                    let result = self.writer.record(m);
                    self.check_storage(result.err(), m.sent_at);
                    self.board.on_measurement(m);
                }
                Observation::Revised(m) => {
                    let result = self.writer.revise(m);
                    self.check_storage(result.err(), m.sent_at);
                }
                Observation::Host(event) => self.on_host(event),
                Observation::Stray { kind, .. } => self.board.on_stray(*kind),
            }
            self.judge.on(observation);
        }
        self.follow_up();
    }

    /// A second has passed: tail file, the minute's commit when it is due, the present.
    pub(super) fn second(&mut self, now: Reading) {
        if self.retry_at.is_some_and(|at| now.utc >= at) {
            self.retry_at = None;
            for (_, drop) in std::mem::take(&mut self.unsaved) {
                self.put_drop(drop, now.utc);
            }
        }
        let status = self.status(now.utc);
        let text = serde_json::to_string(&status).expect("a status is plain data");
        match self.writer.second(now, &text) {
            Ok(()) => self.storage_works(),
            Err(problem) => self.check_storage(Some(problem), now.utc),
        }
        self.audience.present(&status);
    }

    /// The end: what is open stays open in the record, the run is closed.
    pub(super) fn stop(mut self, now: Reading) -> Result<(), store::Error> {
        self.judge.end_run(now.utc, RunEnd::Clean);
        self.judge.settle();
        self.follow_up();
        self.writer.close(now, RunEnd::Clean)?;
        let after = now.utc.duration_since(self.started).unwrap_or_default();
        self.audience.notice(&Notice::Stopped { after });
        Ok(())
    }

    fn on_host(&mut self, event: &HostEvent) {
        self.writer.put_event(event);
        if let HostChange::ClockStep { .. } = event.what {
            // From here on UTC and boot time differ by another amount: a new run, on the same axis.
            let result = self
                .writer
                .end_run(event.at, RunEnd::ClockStep)
                .and_then(|()| self.writer.begin_run(event.at, boot_id()));
            match result {
                Ok(run) => self.run = run,
                Err(problem) => self.check_storage(Some(problem), event.at.utc),
            }
            self.judge.end_run(event.at.utc, RunEnd::ClockStep);
            self.judge.begin_run(&self.run);
        }
        self.audience.notice(&Notice::Host(event.what.clone()));
    }

    fn follow_up(&mut self) {
        for change in self.judge.changes() {
            match change {
                Change::DropPut(drop) => {
                    let now = drop.end.map_or(drop.onset.latest, |end| end.latest);
                    self.put_drop(drop, now);
                }
                Change::DropWithdrawn(key) => self.withdraw(key),
                Change::GapFound(gap) => {
                    self.writer.put_gap(&gap);
                    self.audience.notice(&Notice::Gap(gap));
                }
                Change::TroublePut(trouble) => {
                    self.writer.put_trouble(&trouble);
                    self.tell_trouble(&trouble);
                }
                Change::State { from, to, at } => {
                    self.audience.notice(&Notice::State { from, to, at });
                }
            }
        }
    }

    /// Stored first, told second.
    fn put_drop(&mut self, drop: LinkDrop, now: Timestamp) {
        match self.writer.put_drop(&drop) {
            Ok(id) => {
                self.check_storage(None, now);
                self.remember_and_tell(id, drop);
            }
            Err(problem) => {
                self.unsaved.insert(drop.key, drop);
                self.check_storage(Some(problem), now);
            }
        }
    }

    fn remember_and_tell(&mut self, id: i64, drop: LinkDrop) {
        let key = drop.key;
        self.remember(id, drop, Over::No);
        let Some(known) = self.known.get(&key) else { return };
        if known.drop.kind == DropKind::Blip {
            return;
        }
        let (drop, witnesses) =
            (Box::new(known.drop.clone()), witnesses(&self.targets, &known.drop));
        let over = if drop.end.is_some() { Over::Yes } else { Over::No };
        let news = match (over, known.told_open, known.told_closed) {
            (Over::No, Over::No, _) => Notice::DropBegan { id, drop, witnesses },
            (Over::Yes, _, Over::No) => Notice::DropEnded { id, drop, witnesses },
            _ => return,
        };
        if let Some(known) = self.known.get_mut(&key) {
            known.told_open = Over::Yes;
            known.told_closed = over;
        }
        self.audience.notice(&news);
    }

    /// `told` is whether those that are listening to a former life of the daemon heard of it.
    fn remember(&mut self, id: i64, drop: LinkDrop, told: Over) {
        if drop.kind != DropKind::Blip && drop.end.is_some() {
            let newer =
                self.last_drop.as_ref().is_none_or(|last| last.onset <= drop.onset.midpoint());
            if newer {
                self.last_drop = Some(DropStatus::of(id, &drop));
            }
        }
        let told_closed = if drop.end.is_some() { told } else { Over::No };
        let fresh = Known { id, drop: drop.clone(), told_open: told, told_closed };
        let known = self.known.entry(drop.key).or_insert(fresh);
        known.id = id;
        known.drop = drop;
    }

    fn withdraw(&mut self, key: Timestamp) {
        self.unsaved.remove(&key);
        let result = self.writer.withdraw_drop(key);
        self.check_storage(result.err(), key);
        if let Some(known) = self.known.remove(&key)
            && known.told_open == Over::Yes
        {
            self.audience.notice(&Notice::DropWithdrawn { id: known.id });
        }
    }

    fn tell_trouble(&mut self, trouble: &TargetTrouble) {
        let notice = Notice::TargetTrouble {
            name: name_of(&self.targets, trouble.target),
            range: TimeRange { from: trouble.from, to: trouble.to.unwrap_or(trouble.from) },
            over: if trouble.to.is_some() { Over::Yes } else { Over::No },
            lost: trouble.lost,
            sent: trouble.sent,
        };
        self.audience.notice(&notice);
    }

    fn storage_works(&mut self) {
        if self.unsaved.is_empty() && self.storage_trouble.take().is_some() {
            self.audience.notice(&Notice::StorageWorks);
        }
    }

    /// Told once when it begins and once when it is over.
    fn check_storage(&mut self, problem: Option<store::Error>, now: Timestamp) {
        let Some(problem) = problem else { return };
        let text = format!("{:#}", anyhow::Error::new(problem));
        self.retry_at = Some(now + RETRY_AFTER);
        if self.storage_trouble.as_ref() != Some(&text) {
            self.audience.notice(&Notice::StorageTrouble(text.clone()));
        }
        self.storage_trouble = Some(text);
    }

    fn status(&mut self, now: Timestamp) -> Status {
        let oldest = now - super::RECENT;
        self.known.retain(|_, k| k.drop.end.is_none_or(|end| end.latest >= oldest));
        let (state, since) = self.judge.state();
        let drops_24h = self
            .known
            .values()
            .filter(|k| k.drop.kind != DropKind::Blip && k.drop.onset.latest >= oldest)
            .count();
        let open_drop = self.judge.open_drop().and_then(|open| {
            let known = self.known.get(&open.key)?;
            Some(DropStatus::of(known.id, &open))
        });
        Status {
            at: now,
            version: self.version.clone(),
            pid: std::process::id(),
            started: self.started,
            engine: self.engine.clone(),
            state,
            since,
            open_drop,
            last_drop: self.last_drop.clone(),
            drops_24h: u32::try_from(drops_24h).unwrap_or(u32::MAX),
            targets: self.board.targets(now),
            strays: self.board.strays().clone(),
            storage_trouble: self.storage_trouble.clone(),
        }
    }
}

/// Whether a set of targets differs from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Changed {
    /// It is the same.
    No,
    /// It differs.
    Yes,
}

fn name_of(targets: &[Target], id: TargetId) -> String {
    targets
        .iter()
        .find(|t| t.id == id)
        .map_or_else(|| format!("target {}", id.0), |t| t.name.clone())
}

fn witnesses(targets: &[Target], drop: &LinkDrop) -> Witnesses {
    let names = |ids: &[TargetId]| ids.iter().map(|id| name_of(targets, *id)).collect();
    Witnesses { answered: names(&drop.answered), silent: names(&drop.silent) }
}
