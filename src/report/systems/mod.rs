//! Systems at a glance: what works, how available it was, and the incidents with what people noted
//! about them. The status page, its JSON and its feed are renderings of this one value.
//!
//! Anybody may read it, so it holds nothing that identifies the owner: no addresses, no numbers of
//! account and tickets, no names of hosts or networks; notes are cleaned as in a redacted report. It is
//! made without reading samples: a month takes some milliseconds.

mod build;
mod gather;
mod identity;
mod incidents;
#[cfg(test)]
pub(crate) mod tests;

use std::time::Duration;

use jiff::tz::TimeZone;

pub(crate) use incidents::most_telling;

use crate::config::{Config, Lang};
use crate::live::{Flag, Status, SystemState};
use crate::store::{Error, Reader};
use crate::time::Timestamp;
use crate::vocabulary::{Bounds, GapReason, Kind, Lengths, NoteKind, Place, Role, SimulatedShare};

/// The identifier of the line itself among the systems.
pub const INTERNET: &str = "internet";

/// How far back incidents are listed.
pub const INCIDENTS_OF: Duration = Duration::from_secs(90 * 86_400);

/// Incidents that are listed at most: those that last, then the newest.
pub const MOST_INCIDENTS: usize = 100;

/// Lengths of the windows of availability.
pub const WINDOWS: [Duration; 3] = [
    Duration::from_secs(86_400),
    Duration::from_secs(7 * 86_400),
    Duration::from_secs(30 * 86_400),
];

/// A status older than this does not describe the present.
const FRESH_FOR: Duration = Duration::from_secs(15);

/// What works, and what did not.
#[derive(Debug, Clone, PartialEq)]
pub struct Systems {
    /// When this was true.
    pub made: Timestamp,
    /// The zone in which times are shown.
    pub zone: TimeZone,
    /// The language of its renderings.
    pub language: Lang,
    /// The name to show, as configured for this purpose; `None`: none is shown.
    pub site: Option<String>,
    /// The provider.
    pub isp: Option<String>,
    /// What tells its record from any other: a UUID.
    pub record: String,
    /// When the record begins; `None`: it holds nothing.
    pub begins: Option<Timestamp>,
    /// Whether a daemon measures now.
    pub is_measuring: bool,
    /// Until when it was watched, where no daemon measures now.
    pub stopped: Option<Timestamp>,
    /// How much of the record was simulated.
    pub simulated: SimulatedShare,
    /// The internet first, then what is on the way to it from the host outwards, then services.
    pub systems: Vec<SystemEntry>,
    /// Drops and outages of the line and failures of services, the newest first.
    pub incidents: Vec<Incident>,
    /// How many more began in the last 90 days.
    pub left_out: usize,
}

/// What a system is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SystemKind {
    /// The internet by this line, as the anchors that decide show it.
    Internet,
    /// One target.
    Target {
        /// Where it is on the way.
        role: Role,
        /// How it is probed.
        kind: Kind,
    },
}

/// Where a system is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SystemSite {
    /// In the home or office.
    Home,
    /// At the provider.
    Isp,
    /// Beyond it.
    Internet,
}

impl SystemSite {
    /// The word for it in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Isp => "isp",
            Self::Internet => "internet",
        }
    }
}

/// One system.
#[derive(Debug, Clone, PartialEq)]
pub struct SystemEntry {
    /// `internet`, or the name of the target; of one whose name identifies somebody, `service-7`.
    pub id: String,
    /// What it is.
    pub kind: SystemKind,
    /// Where it is.
    pub site: SystemSite,
    /// Its state.
    pub state: SystemState,
    /// Since when; `None` where that is not known.
    pub since: Option<Timestamp>,
    /// Where the fault lies that lasts, from the host outwards; of the internet alone.
    pub fault: Vec<Place>,
    /// What is wrong while it works; of the internet alone.
    pub flags: Vec<Flag>,
    /// Why its state is not known.
    pub reason: Option<GapReason>,
    /// When it last answered; `None`: it did not since linkmon was started, or is not watched now.
    pub last_answer: Option<Timestamp>,
    /// How available it was over each of [`WINDOWS`].
    pub windows: [SystemWindow; WINDOWS.len()],
}

/// How available a system was in a time that ends now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SystemWindow {
    /// Length of that time.
    pub length: Duration,
    /// Time of it in which it is known whether the system worked.
    pub watched: Duration,
    /// Of the watched time, that in which it did not work, likely.
    pub down: Duration,
    /// Share of the watched time in which it worked; `None` where none of it was watched.
    pub ratio: Option<f64>,
}

impl SystemWindow {
    /// Watched of elapsed, 0 to 1.
    pub fn coverage(&self) -> f64 {
        self.watched.as_secs_f64() / self.length.as_secs_f64().max(1e-9)
    }

    /// Of nothing that was watched.
    fn unwatched(length: Duration) -> Self {
        Self { length, watched: Duration::ZERO, down: Duration::ZERO, ratio: None }
    }
}

/// What an incident is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IncidentKind {
    /// A drop of the line.
    Drop,
    /// A drop of the line of more than 5 min.
    Outage,
    /// A service failed while the line was up.
    Failure,
}

impl IncidentKind {
    /// The word for it in JSON and in the feed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Drop => "drop",
            Self::Outage => "outage",
            Self::Failure => "failure",
        }
    }
}

/// A drop of the line, or the failure of a service.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// `urn:uuid:` and what stays the same from onset to end, through restarts and whatever number the
    /// drop has in the record.
    pub id: String,
    /// Number of the drop in the record; `None` of the failure of a service.
    pub drop: Option<i64>,
    /// The system: as [`SystemEntry::id`].
    pub system: String,
    /// What it is.
    pub kind: IncidentKind,
    /// When it began.
    pub onset: Bounds,
    /// When it ended; `None` while it lasts.
    pub end: Option<Bounds>,
    /// When the record ends while it lasts; `None` where it is over or still watched.
    pub record_ends: Option<Timestamp>,
    /// How long it was down; so far, while it lasts.
    pub length: Lengths,
    /// The places it may lie in, from the host outwards.
    pub places: Vec<Place>,
    /// When what is said of it last changed: at its onset, its end, with a note.
    pub updated: Timestamp,
    /// What people wrote about it.
    pub notes: Vec<IncidentNote>,
}

impl Incident {
    /// Whether it lasts, as far as is known.
    pub fn lasts(&self) -> bool {
        self.end.is_none() && self.record_ends.is_none()
    }

    /// Its places as in JSON: `access|isp-core`, `unknown`.
    pub fn place(&self) -> String {
        if self.places.is_empty() {
            return "unknown".to_owned();
        }
        self.places.iter().map(|place| place.as_str()).collect::<Vec<_>>().join("|")
    }
}

/// A note, without what identifies its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentNote {
    /// The time it is about.
    pub at: Timestamp,
    /// What kind of thing it is about.
    pub kind: NoteKind,
    /// The text.
    pub text: String,
    /// When it was last changed; `None`: it is as it was first written.
    pub edited: Option<Timestamp>,
}

/// As of when, and for whom, systems are looked at.
#[derive(Debug, Clone, Copy)]
pub struct SystemsView<'a> {
    /// Now.
    pub now: Timestamp,
    /// The zone in which times are shown.
    pub zone: &'a TimeZone,
    /// The configuration.
    pub config: &'a Config,
}

impl Systems {
    /// What the record says; `live` is the present of a running daemon, `None` where none runs.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub fn look(
        reader: &Reader,
        view: SystemsView<'_>,
        live: Option<&Status>,
    ) -> Result<Self, Error> {
        let age = |status: &Status| view.now.duration_since(status.at);
        let live = live.filter(|status| age(status).is_none_or(|age| age <= FRESH_FOR));
        let rows = gather::gather(reader, view.now, view.config)?;
        Ok(build::build(&rows, view, live))
    }
}
