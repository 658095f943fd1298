//! What follows a measurement: store it, judge it, show it, in that order.

use std::sync::Arc;

use super::audience::Audience;
use super::impaired::AnnouncedImpairments;
use super::modem::ModemSchedule;
use super::past::{BACK, JudgeRules, Past, RECENT};
use crate::detect::LiveDetector;
use crate::live::{Event, ImpairmentStatus, SharedPresent, Status};
use crate::probe::discover::WantedTarget;
use crate::probe::follow::PathQuestion;
use crate::probe::host::{self, Counters, HostSnapshot, TrafficWatch};
use crate::probe::icmp::IcmpTarget;
use crate::store::{self, Writer};
use crate::time::{Reading, Timestamp};
use crate::vocabulary::{
    GapReason, HostChange, HostEvent, LinkState, Observation, Roster, RosterChange, RunEnd, Target,
    TargetId, Traffic,
};

mod clock;
mod dating;
mod drops;
mod followup;
mod links;
mod messages;
mod modem;
mod names;
mod pace;
mod paths;
mod record;
mod stations;
mod targets;
mod uplink;
mod ways;

use clock::KnownClock;
use drops::{Announced, KnownDrops};
use links::OwnLinks;
use messages::Messages;
use paths::DropPaths;
use record::OpenRecord;
use stations::StationWatch;
pub(crate) use targets::Changed;
use targets::ProbedTargets;
use uplink::AnnouncedState;
use ways::{KnownWays, SeenWay};

/// Everything that follows the probes.
pub(crate) struct Pipeline<'a> {
    record: OpenRecord,
    judge: LiveDetector,
    rules: JudgeRules,
    clock: KnownClock,
    targets: ProbedTargets,
    drops: KnownDrops,
    impairments: AnnouncedImpairments,
    state: AnnouncedState,
    traffic: TrafficWatch,
    ways: KnownWays,
    links: OwnLinks,
    paths: DropPaths,
    stations: StationWatch,
    modem: ModemSchedule,
    messages: Messages,
    present: SharedPresent,
    /// The last second.
    now: Reading,
    identity: DaemonIdentity,
    audience: &'a mut dyn Audience,
}

/// What a status says of the daemon itself.
struct DaemonIdentity {
    started: Reading,
    version: String,
    engine: String,
}

impl<'a> Pipeline<'a> {
    /// Begins a run in `writer`, with a judge that knows what came before; `boot_id` is the
    /// kernel's name of this boot.
    pub(crate) fn new(
        writer: Writer,
        past: Past,
        now: Reading,
        boot_id: Option<String>,
        version: &str,
        audience: &'a mut dyn Audience,
    ) -> Result<Self, store::Error> {
        let record = OpenRecord::begin(writer, now, boot_id)?;
        let mut drops = KnownDrops::default();
        let ways = KnownWays::new(past.ways);
        for stored in past.drops {
            drops.remember(stored.id, stored.drop, Announced::Yes);
        }
        let mut judge = past.judge;
        judge.begin_run(&record.run);
        let identity =
            DaemonIdentity { started: now, version: version.to_owned(), engine: String::new() };
        Ok(Self {
            record,
            judge,
            rules: past.rules,
            clock: KnownClock::default(),
            targets: ProbedTargets::new(past.targets, past.roster),
            drops,
            impairments: AnnouncedImpairments::new(&past.impairments),
            state: AnnouncedState::default(),
            traffic: TrafficWatch::default(),
            ways,
            links: OwnLinks::default(),
            paths: DropPaths::default(),
            stations: StationWatch::default(),
            modem: ModemSchedule::default(),
            messages: Messages::default(),
            present: past.present,
            now,
            identity,
            audience,
        })
    }

    /// Names the ICMP engine, for the status.
    pub(super) fn set_engine(&mut self, description: &str) {
        description.clone_into(&mut self.identity.engine);
    }

    /// Announces an event to everyone.
    pub(super) fn announce(&mut self, event: &Event) {
        let scribe = self.messages.scribe.as_mut();
        let message = scribe.and_then(|scribe| scribe.on_event(event, &self.now));
        self.put_messages(message);
        self.present.lock().on_event(event);
        self.audience.on_event(event);
    }

    fn announce_all(&mut self, events: impl IntoIterator<Item = Event>) {
        for event in events {
            self.announce(&event);
        }
    }

    /// The interface whose counters are to be read now; asked once a second.
    pub(super) fn counters_due(&self, now: &Reading) -> Option<String> {
        self.traffic.due(now).map(str::to_owned)
    }

    /// Takes in the counters of an interface: the traffic since the last time is stored.
    pub(super) fn on_counters(&mut self, now: Reading, interface: &str, said: Option<Counters>) {
        if let Some(traffic) = self.traffic.observe(now, interface, said) {
            let minute = traffic.from.minute();
            let host::MeasuredTraffic { interface, length, received, sent, .. } = traffic;
            self.record.writer.put_traffic(&Traffic { minute, interface, length, received, sent });
        }
    }

    /// When the modem is to be read.
    pub(super) fn set_modem(&mut self, schedule: ModemSchedule) {
        self.modem = schedule;
    }

    /// The default routes of this host at the start.
    pub(super) fn set_ways(&mut self, now: &HostSnapshot) {
        self.traffic.set_ways(now);
    }

    /// The line is the way that these words describe; `None`: the one seen most.
    pub(super) fn set_line(&mut self, named: Option<String>) {
        self.ways.set_name(named);
    }

    /// Whether the link came up since last asked, or is taken for dead because answers come by another
    /// way: what did not answer before may do so now, and the way may be another.
    pub(super) fn came_up(&mut self) -> bool {
        self.state.follow_way(self.judge.by_another_way_since().is_some());
        self.state.came_up()
    }

    /// The targets in use.
    pub(crate) fn targets(&self) -> &[Target] {
        &self.targets.current
    }

    /// What is to be asked of the path next.
    pub(super) fn path_question(&mut self) -> Option<PathQuestion> {
        self.paths.question()
    }

    /// What is to be probed over ICMP.
    pub(super) fn icmp_targets(&self) -> Vec<IcmpTarget> {
        self.targets.icmp(|to| self.ways.over(to))
    }

    /// Probes these from now on; gives them their numbers. Says whether anything changed. Where
    /// they cannot be stored, the previous ones stay, and [`Self::retry_targets`] tries again.
    pub(crate) fn set_targets(&mut self, mut wanted: Vec<WantedTarget>, now: Reading) -> Changed {
        if let Some(since) = self.judge.by_another_way_since() {
            ways::keep_hops_of_line(&mut wanted, &self.targets.current, now.utc, since);
        }
        let before = self.targets.roster.clone();
        match self.targets.set(&wanted, &mut self.record.writer, now) {
            Ok(events) => {
                let changed = if events.is_empty() { Changed::No } else { Changed::Yes };
                if changed == Changed::Yes {
                    self.judge.set_targets(&self.targets.ever);
                    self.present.lock().set_targets(&self.targets.current);
                }
                if let Some(change) = self.store_roster(&before, now.utc) {
                    self.judge.set_roster(&change);
                }
                let ProbedTargets { current, roster, .. } = &self.targets;
                self.paths.set_targets(current, roster, now.boot);
                self.announce_all(events);
                changed
            }
            Err(problem) => {
                self.targets.unsaved = Some(wanted);
                self.storing_failed(&problem);
                Changed::No
            }
        }
    }

    /// Stores the roster if it is not `before` any more, or the run is another one.
    fn store_roster(&mut self, before: &Roster, now: Timestamp) -> Option<RosterChange> {
        let OpenRecord { run, writer, .. } = &mut self.record;
        let change = self.targets.store_change(before, run.id, writer, now)?;
        self.present.lock().set_roster(&change.roster);
        Some(change)
    }

    /// Anchors that the judge believes no more have no vote from now on, nor after a restart.
    fn follow_false_witnesses(&mut self) {
        let roster = &self.targets.roster;
        let is_new = |id: &&TargetId| roster.is_known() && roster.may_vote(**id);
        let found: Vec<_> = self.judge.false_witnesses().iter().filter(is_new).copied().collect();
        for id in found {
            let before = self.targets.roster.clone();
            self.targets.roster = before.without_vote_of(id);
            self.store_roster(&before, self.now.utc);
        }
    }

    /// Follows the judge where it has others decide.
    fn follow_deciding(&mut self) {
        let Some(deciding) = self.judge.deciding() else { return };
        if self.targets.roster.is_known() && self.targets.roster.deciding() != deciding {
            let before = self.targets.roster.clone();
            self.targets.roster = before.with_deciding(&deciding);
            self.store_roster(&before, self.now.utc);
        }
    }

    /// To be called once a second.
    pub(super) fn retry_targets(&mut self, now: Reading) -> Changed {
        match self.targets.unsaved.take_if(|_| !self.record.must_wait()) {
            Some(wanted) => self.set_targets(wanted, now),
            None => Changed::No,
        }
    }

    /// Takes in what the probers saw: stores it, judges it, shows it, and announces what follows.
    pub(crate) fn on_batch(&mut self, batch: &[Observation]) {
        for observation in batch {
            let corrected = self.links.corrected(observation);
            let observation = corrected.as_ref().unwrap_or(observation);
            match observation {
                Observation::Measured(m) => {
                    self.ways.on_measurement(m, &self.targets.current);
                    if let Some(ip) = self.targets.on_the_path(m.target) {
                        self.paths.on_measured(m, ip);
                    }
                    let result = self.record.writer.record(m);
                    self.check(result);
                }
                Observation::Revised(m) => {
                    let result = self.record.writer.revise(m);
                    self.check(result.map(|_| ()));
                }
                Observation::Host(event) => self.on_host(event),
                Observation::ServerClock { target, offset, at } => {
                    self.on_server_clock(*target, *offset, *at);
                }
                Observation::Way { at, version, way, index, over } => {
                    self.links.saw(*version, way.as_deref());
                    let seen = SeenWay { index: *index, over: *over, way: way.as_deref().cloned() };
                    self.ways.saw(*version, seen, at.utc);
                    self.store_ways(at.utc);
                }
                Observation::Silent { family, at } => {
                    self.paths.on_silence(*family, self.targets.deciding_family(), at);
                }
                Observation::Path(round) => {
                    if let Some(round) = self.paths.on_round(round, self.now.boot) {
                        self.record.writer.put_path(&round);
                    }
                }
                Observation::Stray { .. } => {}
            }
            self.judge.on(observation);
        }
        self.present.lock().on_batch(batch);
        self.follow_up();
    }

    /// A second has passed: tail file, the minute's commit when it is due, the present.
    pub(crate) fn second(&mut self, now: Reading) {
        self.now = now;
        self.ways.follow_targets(&self.targets.current, now.utc);
        self.ways.second(now.utc);
        self.store_ways(now.utc);
        self.targets.store_waiting(&mut self.record.writer, now.utc);
        self.judge.on_time(now.utc);
        self.follow_up();
        let is_up = self.judge.state().0 == LinkState::Up;
        if let Some(round) = self.paths.second(&now, is_up) {
            self.record.writer.put_path(&round);
        }
        if self.record.may_retry(now.boot) {
            self.retry_dating(now);
            while let Some((_, drop)) = self.drops.unsaved.pop_first() {
                self.put_drop(drop);
                // The next would fail as well, and each may wait seconds for a lock.
                if self.record.must_wait() {
                    break;
                }
            }
        }
        let status = Arc::new(self.status(now.utc));
        self.tell_second(&status, &now);
        let text = status.to_json();
        let result = self.record.writer.second(now, &text);
        self.check(result);
        let events = self.record.writer.take_events();
        self.announce_all(events.into_iter().map(Event::from));
        // Storing works when all that failed has succeeded, not when nothing was tried.
        if self.drops.unsaved.is_empty() && self.targets.unsaved.is_none() {
            let event = self.record.works();
            self.announce_all(event);
        }
        self.post(&status, now);
        self.present.lock().on_second(Arc::clone(&status), now.boot);
        self.audience.on_second(&status);
    }

    /// When the record was last committed.
    pub(super) fn last_commit(&self) -> Option<Timestamp> {
        self.record.writer.last_commit()
    }

    #[cfg(test)]
    pub(super) fn writer(&mut self) -> &mut Writer {
        &mut self.record.writer
    }

    /// The end: what is open stays open in the record, and the run is closed.
    pub(crate) fn stop(mut self, now: Reading) -> Result<(), store::Error> {
        self.judge.end_run(now.utc, RunEnd::Clean);
        self.judge.settle();
        self.follow_up();
        // A drop that lasts was stored when it began or changed; it has grown since.
        if let Some(open) = self.judge.open_drop() {
            self.put_drop(open);
        }
        self.record.writer.close(now, RunEnd::Clean)?;
        let after = now.boot.since(self.identity.started.boot).to_duration();
        self.audience.on_event(&Event::Stopped { after });
        Ok(())
    }

    fn store_ways(&mut self, now: Timestamp) {
        for change in self.ways.changes(self.record.run.id, now) {
            self.record.writer.put_way(&change);
        }
    }

    fn on_host(&mut self, event: &HostEvent) {
        self.traffic.on_change(&event.what);
        self.links.on_host(&event.what);
        if matches!(event.what, HostChange::DefaultRoute { .. } | HostChange::Address { .. }) {
            self.paths.on_change(event.at.boot);
        }
        match event.what {
            HostChange::ClockStep { seconds } => self.on_clock_step(event.at, seconds),
            HostChange::ClockSync { synchronized } => {
                self.put_event(event);
                if synchronized {
                    self.on_clock_set(event.at);
                }
            }
            // For the judge alone; whoever reads the log has the drop.
            HostChange::FreshIdentifierUnanswered { .. } => self.record.writer.put_event(event),
            _ => self.put_event(event),
        }
    }

    fn put_event(&mut self, event: &HostEvent) {
        self.record.writer.put_event(event);
        self.announce(&Event::Host(event.what.clone()));
    }

    fn check(&mut self, result: Result<(), store::Error>) {
        if let Err(problem) = result {
            self.storing_failed(&problem);
        }
    }

    fn storing_failed(&mut self, problem: &store::Error) {
        let event = self.record.failed(problem, self.now.boot);
        self.announce_all(event);
    }

    fn status(&mut self, now: Timestamp) -> Status {
        let drops_24h = self.drops.count_since(now - RECENT);
        self.impairments.forget(now - BACK);
        let (mut state, mut since) = self.judge.state();
        let mut unknown = self.judge.open_gap().map(|gap| gap.reason);
        let is_apart = self.ways.is_apart();
        let way = self.ways.status();
        if is_apart {
            (state, since) = (LinkState::Unknown, way.as_ref().and_then(|way| way.since));
            unknown = Some(GapReason::OtherWay);
        }
        let ever = &self.targets.ever;
        let impairments =
            self.judge.present_impairments().filter_map(|i| ImpairmentStatus::new(i, ever));
        // What fails while the link is up cannot be seen while it is down.
        let is_seen = |i: &ImpairmentStatus| state != LinkState::Down || !i.figures.is_of_up_time();
        let impairments = impairments.filter(|i| !is_apart && is_seen(i));
        let mut impairments: Vec<_> = impairments.collect();
        impairments.sort_by_key(|i| (i.since, i.flag));
        let open_drop = self.judge.open_drop().filter(|_| !is_apart);
        let open_drop = open_drop.and_then(|open| self.drops.open(&open));
        // One that lasts is one, whenever it began and however short it still is.
        let drops_24h = drops_24h.max(u32::from(open_drop.is_some()));
        let present = self.present.lock();
        Status {
            at: now,
            version: self.identity.version.clone(),
            pid: std::process::id(),
            started: self.identity.started.utc,
            engine: self.identity.engine.clone(),
            state,
            since,
            unknown,
            way,
            open_drop,
            impairments,
            last_drop: self.drops.last.clone(),
            drops_24h,
            targets: present.targets(now),
            strays: present.counters().strays.clone(),
            storage_trouble: self.record.trouble().map(str::to_owned),
            publish_trouble: present.publish_trouble().map(str::to_owned),
            heartbeat: present.heartbeat().cloned(),
            mqtt_trouble: present.mqtt_trouble().map(str::to_owned),
            remote_write: present.remote_writes().to_vec(),
            storage: self.record.writer.health(),
            clock: self.clock.status(&self.targets.current, self.now.boot),
            modem: present.modem().status().cloned(),
            alerts: present.alerts().to_vec(),
        }
    }
}
