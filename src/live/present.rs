//! The one projection of the present, fed by the pipeline and read by everything that shows it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::alert::AlertStatus;
use super::counters::LiveCounters;
use super::event::Event;
use super::modem::LiveModem;
use super::recent::RecentProbes;
use super::remote_write::WriteStatus;
use super::status::{HeartbeatStatus, Status, TargetStatus};
use crate::time::{BootTime, Timestamp};
use crate::vocabulary::{HostChange, ModemAccount, Observation, Roster, Target, deciding_anchors};

/// The present: the status of the last second, everything counted since the start, and the probes
/// of the last ten minutes.
#[derive(Debug)]
pub struct Present {
    status: Option<Arc<Status>>,
    counters: LiveCounters,
    recent: RecentProbes,
    targets: Vec<Target>,
    roster: Roster,
    modem: LiveModem,
    publish_trouble: Option<String>,
    heartbeat: Option<HeartbeatStatus>,
    mqtt_trouble: Option<String>,
    alerts: Vec<AlertStatus>,
    remote_writes: Vec<WriteStatus>,
    is_stopping: bool,
}

impl Present {
    /// Nothing measured yet but what `recent` remembers. Probes of deciding anchors further apart than
    /// `gap_after` leave a gap in the time observed.
    pub fn new(gap_after: Duration, recent: RecentProbes) -> Self {
        Self {
            status: None,
            counters: LiveCounters::new(gap_after),
            recent,
            targets: Vec::new(),
            roster: Roster::default(),
            modem: LiveModem::default(),
            publish_trouble: None,
            heartbeat: None,
            mqtt_trouble: None,
            alerts: Vec::new(),
            remote_writes: Vec::new(),
            is_stopping: false,
        }
    }

    /// These targets are probed from now on.
    pub fn set_targets(&mut self, targets: &[Target]) {
        self.counters.set_targets(targets, self.status.as_ref().map(|status| status.at));
        self.recent.set_targets(targets);
        targets.clone_into(&mut self.targets);
        self.follow_deciding();
    }

    /// What the targets may prove, and which of them decide from now on.
    pub fn set_roster(&mut self, roster: &Roster) {
        self.roster.clone_from(roster);
        self.follow_deciding();
    }

    fn follow_deciding(&mut self) {
        let deciding = if self.roster.is_known() {
            self.roster.deciding()
        } else {
            deciding_anchors(&self.targets, |_| true).into_iter().map(|t| t.id).collect()
        };
        self.counters.set_deciding(&deciding);
        self.recent.set_deciding(&deciding, &self.roster);
    }

    /// Takes in what the probers saw.
    pub fn on_batch(&mut self, batch: &[Observation]) {
        for observation in batch {
            match observation {
                Observation::Measured(m) => {
                    self.counters.on_measurement(m);
                    self.recent.on_measurement(m);
                }
                Observation::Revised(m) => {
                    self.counters.on_revision(m);
                    self.recent.on_revision(m);
                }
                Observation::Host(event) => {
                    if let HostChange::ClockStep { seconds } = event.what {
                        self.recent.on_clock_step(seconds);
                    }
                }
                Observation::Stray { kind, .. } => self.counters.on_stray(*kind),
                Observation::Way { .. }
                | Observation::Silent { .. }
                | Observation::Path(_)
                | Observation::ServerClock { .. } => {}
            }
        }
    }

    /// Takes in a reading of the modem, in whose log is only what is new.
    pub fn on_modem(&mut self, account: &ModemAccount) {
        self.modem.on_account(account);
    }

    /// The modem, as far as it was read.
    pub fn modem(&self) -> &LiveModem {
        &self.modem
    }

    /// Takes in an event.
    pub fn on_event(&mut self, event: &Event) {
        match event {
            Event::DropEnded { detail: Some(detail), drop } => {
                self.counters.on_drop_ended(drop.id, &detail.drop);
            }
            Event::PublishFails(why) => self.publish_trouble = Some(why.clone()),
            Event::Published { .. } => self.publish_trouble = None,
            Event::HomeFails(why) => self.mqtt_trouble = Some(why.clone()),
            Event::HomeWorks => self.mqtt_trouble = None,
            _ => {}
        }
    }

    /// Why the status page cannot be written as files, while it cannot.
    pub fn publish_trouble(&self) -> Option<&str> {
        self.publish_trouble.as_deref()
    }

    /// Why the MQTT broker cannot be informed, while it cannot.
    pub fn mqtt_trouble(&self) -> Option<&str> {
        self.mqtt_trouble.as_deref()
    }

    /// How the sign of life does; `None`: none is sent.
    pub fn set_heartbeat(&mut self, heartbeat: HeartbeatStatus) {
        self.heartbeat = Some(heartbeat);
    }

    /// How the sign of life does; `None`: none is sent.
    pub fn heartbeat(&self) -> Option<&HeartbeatStatus> {
        self.heartbeat.as_ref()
    }

    /// How a channel of alerts is doing now.
    pub fn set_alert(&mut self, status: AlertStatus) {
        match self.alerts.iter_mut().find(|known| known.name == status.name) {
            Some(known) => *known = status,
            None => self.alerts.push(status),
        }
    }

    /// How each channel of alerts is doing, by name.
    pub fn alerts(&self) -> &[AlertStatus] {
        &self.alerts
    }

    /// How sending to each receiver goes.
    pub fn set_remote_writes(&mut self, statuses: Vec<WriteStatus>) {
        self.remote_writes = statuses;
    }

    /// How sending to each receiver goes.
    pub fn remote_writes(&self) -> &[WriteStatus] {
        &self.remote_writes
    }

    /// The daemon is about to end.
    pub fn set_stopping(&mut self) {
        self.is_stopping = true;
    }

    /// Whether the daemon is about to end: what takes long is not begun any more.
    pub fn is_stopping(&self) -> bool {
        self.is_stopping
    }

    /// A second has passed, at boot time `at`; `status` is its status.
    pub fn on_second(&mut self, status: Arc<Status>, at: BootTime) {
        self.counters.on_second(&status, at);
        self.recent.forget(status.at);
        self.status = Some(status);
    }

    /// Every target from the host outwards, with the 60 s before `now`.
    pub fn targets(&self, now: Timestamp) -> Vec<TargetStatus> {
        self.recent.statuses(now)
    }

    /// The status of the last second; `None` before the first.
    pub fn status(&self) -> Option<&Arc<Status>> {
        self.status.as_ref()
    }

    /// Everything counted since the start.
    pub fn counters(&self) -> &LiveCounters {
        &self.counters
    }

    /// The probes of the last ten minutes.
    pub fn recent(&self) -> &RecentProbes {
        &self.recent
    }
}

/// The present, shared between the pipeline that feeds it and the threads that read it. Nothing
/// that can take long is done while it is locked, so that the pipeline never waits for a reader.
#[derive(Debug, Clone)]
pub struct SharedPresent(Arc<Mutex<Present>>);

impl SharedPresent {
    /// Shares a present.
    pub fn new(present: Present) -> Self {
        Self(Arc::new(Mutex::new(present)))
    }

    /// Locks it, for a moment. A reader that panicked has changed nothing.
    pub fn lock(&self) -> MutexGuard<'_, Present> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
