//! The status page as files: written by a thread of its own, at least every minute, and within a second
//! of a change.

mod files;

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::tz::TimeZone;

use super::chore::Chore;
use crate::config::{Config, shown_zone};
use crate::live::{Event, Flag, SharedPresent, Status};
use crate::render::{self, PageHome};
use crate::report::systems::{Systems, SystemsView};
use crate::store::{self, Reader};
use crate::sys::memory;
use crate::text::describe;
use crate::time::{Micros, Reading, Timestamp};
use crate::vocabulary::LinkState;

/// From one page to the next where nothing happens.
const EVERY: Micros = Micros::from_seconds(60);

/// The end of the daemon waits for its last page this long at most.
const AT_THE_END: Duration = Duration::from_secs(2);

/// Why there are no files.
#[derive(Debug, thiserror::Error)]
pub(super) enum PublishError {
    /// The record cannot be read.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// There is no such directory.
    #[error("{} is not a directory", path.display())]
    NoDirectory {
        /// The directory of the configuration.
        path: PathBuf,
    },
    /// A file cannot be written.
    #[error("write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// What the files are made of.
#[derive(Debug, Clone)]
struct PublishedFiles {
    config: Config,
    database: PathBuf,
    zone: TimeZone,
    directory: PathBuf,
}

/// What a page shows at once when it changes; all else waits for the next minute.
#[derive(Debug, Clone, PartialEq)]
struct ShownState {
    state: LinkState,
    open_drop: Option<(i64, String)>,
    last_drop: Option<i64>,
    flags: Vec<Flag>,
    failing: Vec<String>,
    /// How many have answered: after a start each is news.
    answering: usize,
}

impl ShownState {
    fn of(status: &Status) -> Self {
        // A moment without an answer comes often, and is nothing as a rule.
        let state = if status.state == LinkState::Suspect { LinkState::Up } else { status.state };
        let open_drop = status.open_drop.as_ref().map(|drop| (drop.id, drop.place.clone()));
        let failing = status.targets.iter().filter(|t| t.sent > 0 && t.lost == t.sent);
        Self {
            state,
            open_drop,
            last_drop: status.last_drop.as_ref().map(|drop| drop.id),
            flags: status.flags(),
            failing: failing.map(|target| target.name.clone()).collect(),
            answering: status.targets.iter().filter(|t| t.last_reply.is_some()).count(),
        }
    }
}

/// Writes the files when they are due.
#[derive(Debug)]
pub(super) struct Publisher {
    files: Option<PublishedFiles>,
    present: SharedPresent,
    shown: Option<ShownState>,
    was_written: bool,
    chore: Chore<Result<(), PublishError>>,
}

impl Publisher {
    pub(super) fn new(config: &Config, database: &Path, present: SharedPresent) -> Self {
        let files = config.publish.dir.as_ref().map(|directory| PublishedFiles {
            config: config.clone(),
            database: database.to_owned(),
            zone: shown_zone(config.site.zone.as_deref()),
            directory: directory.clone(),
        });
        let chore = Chore::every("publish", EVERY);
        Self { files, present, shown: None, was_written: false, chore }
    }

    /// To be called once a second; gives the event to announce.
    pub(super) fn second(&mut self, now: Reading) -> Option<Event> {
        let files = self.files.as_ref()?;
        let event = self.chore.finished().and_then(|result| match result {
            Ok(()) => {
                let has_failed = self.chore.was_done();
                let is_first = !std::mem::replace(&mut self.was_written, true);
                let to = files.directory.clone();
                (has_failed || is_first).then_some(Event::Published { to })
            }
            Err(error) => self.chore.failed().then(|| Event::PublishFails(describe(&error))),
        });
        let status = self.present.lock().status().cloned();
        if let Some(status) = status {
            let shown = Some(ShownState::of(&status));
            if self.shown != shown {
                self.shown = shown;
                self.chore.hurry(now.boot);
            }
            if self.chore.is_due(now.boot) {
                let files = files.clone();
                self.chore.start(move || files.write(Some(&status), now.utc));
            }
        }
        event
    }

    /// The last page says that nothing is watched any more.
    pub(super) fn say_stopped(mut self, now: Reading) {
        let Some(files) = self.files.take() else { return };
        self.chore.wait_for(AT_THE_END);
        if self.chore.is_free() {
            self.chore.start(move || files.write(None, now.utc));
            self.chore.wait_for(AT_THE_END);
        }
    }
}

impl PublishedFiles {
    fn write(&self, live: Option<&Status>, now: Timestamp) -> Result<(), PublishError> {
        let directory = &self.directory;
        if !directory.is_dir() {
            return Err(PublishError::NoDirectory { path: directory.clone() });
        }
        let reader = Reader::open(&self.database)?;
        let view = SystemsView { now, zone: &self.zone, config: &self.config };
        let systems = Systems::look(&reader, view, live)?;
        drop(reader);
        let url = self.config.publish.url.as_deref();
        // The page last: what it links to is there.
        let written = [
            ("icon.svg", render::ICON.to_owned()),
            ("feed.atom", render::atom(&systems, url)),
            ("status.json", render::systems_json(&systems)),
            ("index.html", render::status_page(&systems, PageHome::Published)),
        ]
        .into_iter()
        .try_for_each(|(name, text)| {
            let path = directory.join(name);
            files::replace(&path, text.as_bytes())
                .map_err(|source| PublishError::Write { path, source })
        });
        memory::give_back();
        written
    }
}

#[cfg(test)]
mod tests;
