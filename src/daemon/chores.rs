//! What the daemon does besides measuring, each on threads of their own: copies, time stamps, the status
//! page as files, signs of life, reports by the calendar, an MQTT broker, and remote write.

use std::path::Path;

use super::copies::Copies;
use super::heartbeat::Heartbeat;
use super::options::DaemonOptions;
use super::publish::Publisher;
use super::remote_writes::RemoteWrites;
use super::reports::PeriodicReports;
use super::stamps::HeadStamps;
use crate::courier::HomeReporter;
use crate::live::{Event, SharedPresent};
use crate::time::Reading;
use crate::vocabulary::StoredMessage;

/// All of them.
#[derive(Debug)]
pub(super) struct Chores {
    copies: Copies,
    stamps: HeadStamps,
    publisher: Publisher,
    remote_writes: RemoteWrites,
    heartbeat: Heartbeat,
    reports: PeriodicReports,
    home: Option<HomeReporter>,
    present: SharedPresent,
}

impl Chores {
    /// `database` is the record that is written, for now perhaps in place of the configured one.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub(super) fn begin(
        options: &DaemonOptions,
        database: &Path,
        present: &SharedPresent,
    ) -> std::io::Result<Self> {
        let config = &options.config;
        let authority = config.evidence.timestamp.as_deref();
        Ok(Self {
            copies: Copies::new(config.backup.clone(), options.database.clone()),
            stamps: HeadStamps::new(authority, options.database.clone()),
            publisher: Publisher::new(config, database, present.clone()),
            // Nothing of a record in the place of another: that one has the cursors.
            remote_writes: RemoteWrites::new(
                config,
                Some(database).filter(|path| *path == options.database),
                present,
            ),
            heartbeat: Heartbeat::new(config, present.clone()),
            reports: PeriodicReports::new(config, database),
            home: HomeReporter::start(config, database.to_owned(), options.version)?,
            present: present.clone(),
        })
    }

    /// To be called once a second; gives events to announce, and a message to store.
    pub(super) fn second(&mut self, now: Reading) -> (Vec<Event>, Option<StoredMessage>) {
        let chores = [self.copies.second(now), self.stamps.second(now), self.publisher.second(now)];
        let mut events: Vec<Event> = chores.into_iter().flatten().collect();
        events.extend(self.remote_writes.second(now));
        events.extend(self.heartbeat.second(now));
        let status = self.present.lock().status().cloned();
        if let Some(home) = &self.home {
            events.extend(home.second(now, &self.present.lock()));
        }
        let message = match self.reports.second(now, status.as_deref()) {
            Some(Ok(message)) => Some(message),
            Some(Err(event)) => {
                events.push(event);
                None
            }
            None => None,
        };
        (events, message)
    }

    /// Whoever looks from now on is told that nothing is watched any more.
    pub(super) fn stop(self, now: Reading) {
        if let Some(home) = self.home {
            home.stop();
        }
        self.publisher.say_stopped(now);
        self.remote_writes.stop();
    }
}
