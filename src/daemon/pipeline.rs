//! The one place that owns what follows a measurement: store it, judge it, show it, in that order.

mod drops;

use std::collections::BTreeMap;
use std::time::Duration;

use super::impaired::Told;
use super::past::Past;
use crate::detect::{Change, Judge};
use crate::live::{Audience, Notice, Over};
use crate::live::{Board, DropStatus, ImpairmentStatus, Status};
use crate::probe::discover::WantedTarget;
use crate::probe::host::{self, Counters, HostSnapshot, TrafficWatch};
use crate::store::{self, StoreEvent, Writer};
use crate::text::describe;
use crate::time::{BootTime, Reading, TimeRange, Timestamp};
use crate::vocabulary::{
    DropKind, HostChange, HostEvent, Impairment, LinkDrop, LinkState, Observation, Run, RunEnd,
    Target, TargetId, TargetTrouble, Traffic,
};

use drops::Known;

/// After a failed store, this long until the next attempt.
const RETRY_AFTER_US: i64 = 10_000_000;

/// Everything behind the probes.
pub(crate) struct Pipeline<'a> {
    writer: Writer,
    judge: Judge,
    board: Board,
    run: Run,
    targets: Vec<Target>,
    /// All targets there ever were: what a replay of the record knows.
    ever: Vec<Target>,
    known: BTreeMap<Timestamp, Known>,
    unsaved: BTreeMap<Timestamp, LinkDrop>,
    impaired: Told,
    last_drop: Option<DropStatus>,
    /// Since when the link was told to be up last.
    up_since: Option<Timestamp>,
    came_up: bool,
    storage_trouble: Option<String>,
    /// By boot time: a step of the clock neither hurries nor delays it.
    retry_at: Option<BootTime>,
    /// Targets that could not be stored.
    unmet: Option<Vec<WantedTarget>>,
    traffic: TrafficWatch,
    /// The last second.
    now: Reading,
    started: Reading,
    boot_id: Option<String>,
    version: String,
    engine: String,
    audience: &'a mut dyn Audience,
}

impl<'a> Pipeline<'a> {
    /// Begins a run in `writer`, with a judge that knows what came before; `boot_id` is the
    /// kernel's name of this boot.
    pub(crate) fn new(
        mut writer: Writer,
        past: Past,
        now: Reading,
        boot_id: Option<String>,
        version: &str,
        audience: &'a mut dyn Audience,
    ) -> Result<Self, store::Error> {
        let run = writer.begin_run(now, boot_id.clone())?;
        let mut pipeline = Self {
            writer,
            judge: past.judge,
            board: Board::default(),
            run,
            targets: Vec::new(),
            ever: past.targets,
            known: BTreeMap::new(),
            unsaved: BTreeMap::new(),
            impaired: Told::of(&past.impairments),
            last_drop: None,
            up_since: None,
            came_up: false,
            storage_trouble: None,
            retry_at: None,
            unmet: None,
            traffic: TrafficWatch::default(),
            now,
            started: now,
            boot_id,
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

    /// The interface whose counters are to be read now; asked once a second.
    pub(super) fn counters_due(&self, now: &Reading) -> Option<String> {
        self.traffic.due(now).map(str::to_owned)
    }

    /// Takes in the counters of an interface: what went through since the last time is stored.
    pub(super) fn on_counters(&mut self, now: Reading, interface: &str, said: Option<Counters>) {
        if let Some(traffic) = self.traffic.observe(now, interface, said) {
            let minute = traffic.from.minute();
            let host::MeasuredTraffic { interface, length, received, sent, .. } = traffic;
            self.writer.put_traffic(&Traffic { minute, interface, length, received, sent });
        }
    }

    /// The default routes of this host at the start.
    pub(super) fn set_ways(&mut self, now: &HostSnapshot) {
        self.traffic.set_ways(now);
    }

    /// Whether the link came up since last asked: what did not answer before may do so now, and the
    /// way may be another.
    pub(super) fn came_up(&mut self) -> bool {
        std::mem::take(&mut self.came_up)
    }

    /// The targets in use.
    pub(crate) fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// Probes these from now on; gives them their numbers. Says whether anything changed. Where
    /// they cannot be stored, those before stay, and [`Self::set_unmet_targets`] tries again.
    pub(crate) fn set_targets(&mut self, wanted: Vec<WantedTarget>, now: Reading) -> Changed {
        self.try_targets(&wanted, now).unwrap_or_else(|problem| {
            self.unmet = Some(wanted);
            self.check_storage(Some(problem));
            Changed::No
        })
    }

    /// To be called once a second.
    pub(super) fn set_unmet_targets(&mut self, now: Reading) -> Changed {
        match self.unmet.take_if(|_| self.retry_at.is_none()) {
            Some(wanted) => self.set_targets(wanted, now),
            None => Changed::No,
        }
    }

    fn try_targets(
        &mut self,
        wanted: &[WantedTarget],
        now: Reading,
    ) -> Result<Changed, store::Error> {
        self.unmet = None;
        let mut targets = Vec::with_capacity(wanted.len());
        for w in wanted {
            targets.push(self.writer.target(
                &w.name,
                w.kind,
                w.role,
                w.endpoint.as_str(),
                w.interval,
                now,
            )?);
        }
        if targets == self.targets {
            return Ok(Changed::No);
        }
        // All that can fail comes first: a second attempt then begins from the same place.
        let gone: Vec<_> = self.targets.iter().filter(|t| !targets.contains(t)).cloned().collect();
        for target in &gone {
            if !targets.iter().any(|t| t.id == target.id) {
                self.writer.retire_target(target.id, now)?;
            }
        }
        let before = std::mem::replace(&mut self.targets, targets);
        for target in gone {
            self.audience.notice(&Notice::TargetRemoved(target));
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
    pub(crate) fn on_batch(&mut self, batch: &[Observation]) {
        for observation in batch {
            match observation {
                Observation::Measured(m) => {
                    let result = self.writer.record(m);
                    self.check_storage(result.err());
                    self.board.on_measurement(m);
                }
                Observation::Revised(m) => {
                    let result = self.writer.revise(m);
                    self.check_storage(result.err());
                }
                Observation::Host(event) => self.on_host(event),
                Observation::Stray { kind, .. } => self.board.on_stray(*kind),
            }
            self.judge.on(observation);
            self.audience.observed(observation);
        }
        self.follow_up();
    }

    /// A second has passed: tail file, the minute's commit when it is due, the present.
    pub(crate) fn second(&mut self, now: Reading) {
        self.now = now;
        if self.retry_at.is_some_and(|at| now.boot >= at) {
            self.retry_at = None;
            while let Some((_, drop)) = self.unsaved.pop_first() {
                self.put_drop(drop);
                // The next would fail as well, and each may wait seconds for a lock.
                if self.retry_at.is_some() {
                    break;
                }
            }
        }
        let status = self.status(now.utc);
        let text = serde_json::to_string(&status).expect("a status is plain data");
        let result = self.writer.second(now, &text);
        self.check_storage(result.err());
        self.tell_news();
        self.storage_works();
        self.audience.present(&status);
    }

    #[cfg(test)]
    pub(super) fn writer(&mut self) -> &mut Writer {
        &mut self.writer
    }

    /// The end: what is open stays open in the record, the run is closed.
    pub(crate) fn stop(mut self, now: Reading) -> Result<(), store::Error> {
        self.judge.end_run(now.utc, RunEnd::Clean);
        self.judge.settle();
        self.follow_up();
        // What lasts was stored when it began or changed; it has grown since.
        if let Some(open) = self.judge.open_drop() {
            self.put_drop(open);
        }
        self.writer.close(now, RunEnd::Clean)?;
        let after = u64::try_from(now.boot.0 - self.started.boot.0).unwrap_or(0);
        let after = Duration::from_micros(after);
        self.audience.notice(&Notice::Stopped { after });
        Ok(())
    }

    fn on_host(&mut self, event: &HostEvent) {
        self.writer.put_event(event);
        self.traffic.on_change(&event.what);
        if let HostChange::ClockStep { seconds } = event.what {
            self.board.on_clock_step(seconds);
            // From here on UTC and boot time differ by another amount: a new run, on the same axis.
            let result = self
                .writer
                .end_run(event.at, RunEnd::ClockStep)
                .and_then(|()| self.writer.begin_run(event.at, self.boot_id.clone()));
            match result {
                Ok(run) => self.run = run,
                Err(problem) => self.check_storage(Some(problem)),
            }
            self.judge.end_run(event.at.utc, RunEnd::ClockStep);
            self.judge.begin_run(&self.run);
        }
        self.audience.notice(&Notice::Host(event.what.clone()));
    }

    fn follow_up(&mut self) {
        let mut changes = self.judge.changes();
        self.follow_moves(&mut changes);
        for change in changes {
            match change {
                Change::DropPut(drop) => self.put_drop(drop),
                Change::DropWithdrawn(key) => self.withdraw(key),
                Change::GapFound(gap) => {
                    self.writer.put_gap(&gap);
                    self.audience.notice(&Notice::Gap(gap));
                }
                Change::TroublePut(trouble) => {
                    self.writer.put_trouble(&trouble);
                    self.tell_trouble(&trouble);
                }
                Change::ImpairmentPut(impairment) => self.put_impairment(&impairment),
                Change::State { from, to, at } => {
                    // A second of silence is no news, and so is its end.
                    if to == LinkState::Up && self.up_since.replace(at) == Some(at) {
                        continue;
                    }
                    self.came_up |= to == LinkState::Up && from != LinkState::Unknown;
                    self.audience.notice(&Notice::State { from, to, at });
                }
            }
        }
    }

    /// Stored first (with the tail of this second), told second.
    pub(super) fn put_impairment(&mut self, impairment: &Impairment) {
        self.writer.put_impairment(impairment);
        let names = |id| name_of(&self.ever, id);
        if let Some(news) = self.impaired.news(impairment, self.now.utc, &names) {
            self.audience.notice(&news);
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

    /// What happened to the database itself.
    fn tell_news(&mut self) {
        for news in self.writer.take_events() {
            self.audience.notice(&match news {
                StoreEvent::PutAside { to } => Notice::PutAside { to },
                StoreEvent::PutBack => Notice::PutBack,
                StoreEvent::Salvaged { rows } => Notice::Salvaged { rows },
                StoreEvent::Filling { of, forecast } => Notice::Filling { of, forecast },
            });
        }
    }

    /// It works when all that failed before has succeeded, not when nothing was tried.
    fn storage_works(&mut self) {
        if self.unsaved.is_empty()
            && self.unmet.is_none()
            && !self.writer.is_failing()
            && self.storage_trouble.take().is_some()
        {
            self.audience.notice(&Notice::StorageWorks);
        }
    }

    /// Told once when it begins and once when it is over; the status has what was last said.
    fn check_storage(&mut self, problem: Option<store::Error>) {
        let Some(problem) = problem else { return };
        let text = describe(&problem);
        self.retry_at = Some(BootTime(self.now.boot.0 + RETRY_AFTER_US));
        if self.storage_trouble.replace(text.clone()).is_none() {
            self.audience.notice(&Notice::StorageTrouble(text));
        }
    }

    fn status(&mut self, now: Timestamp) -> Status {
        let oldest = now - super::past::RECENT;
        self.known.retain(|_, k| k.drop.end.is_none_or(|end| end.latest >= oldest));
        self.impaired.forget(now - super::past::BACK);
        let (state, since) = self.judge.state();
        let impairments =
            self.judge.present_impairments().filter_map(|i| ImpairmentStatus::of(i, &self.ever));
        let mut impairments: Vec<_> = impairments.collect();
        impairments.sort_by_key(|i| (i.since, i.flag));
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
            started: self.started.utc,
            engine: self.engine.clone(),
            state,
            since,
            open_drop,
            impairments,
            last_drop: self.last_drop.clone(),
            drops_24h: u32::try_from(drops_24h).unwrap_or(u32::MAX),
            targets: self.board.targets(now),
            strays: self.board.strays().clone(),
            storage_trouble: self.storage_trouble.clone(),
            storage: self.writer.health(),
        }
    }
}

/// Whether a set of targets differs from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Changed {
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
