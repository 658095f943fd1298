//! `linkmon notify`: drops on the desktop, from the status of a running daemon.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use jiff::tz::TimeZone;

use super::context::Context;
use super::failure::say;
use super::status::STALE_AFTER;
use super::usage::Hinted;
use crate::courier::{Desktop, DropsOfDay, Follower, has_session};
use crate::live::Status;
use crate::store::Reader;
use crate::time::{Reading, TimeRange, Timestamp, day_of};

/// The daemon writes its status once a second.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) fn notify(context: &Context) -> anyhow::Result<()> {
    if !has_session() {
        return Err(Hinted {
            sentence: "there is no desktop session to show notifications in".to_owned(),
            hint: "run it in a session, or as its user unit: \
                   `systemctl --user enable --now linkmon-notify`"
                .to_owned(),
        }
        .into());
    }
    let db = context.existing_db().to_owned();
    let count = drops_of_day(db.clone(), context.zone.clone());
    let desktop = Desktop::spawn(context.zone.clone(), context.language(), count)
        .context("show notifications")?;
    let mut follower = Follower::default();
    let mut presence = DaemonPresence::Unknown;
    let mut reader = None;
    loop {
        if reader.is_none() {
            reader = Reader::open(&db).ok();
        }
        let status = reader
            .as_ref()
            .and_then(Reader::live)
            .and_then(|live| serde_json::from_str::<Status>(&live.status).ok());
        let now = Reading::now().utc;
        let present = status.filter(|s| now.duration_since(s.at).is_none_or(|d| d <= STALE_AFTER));
        if let Some(status) = &present {
            presence.is(DaemonPresence::There, "following the daemon");
            if let Some(event) = follower.on_status(status) {
                desktop.show(event);
            }
        } else {
            // The next daemon may use another file.
            reader = None;
            let waiting = format!("no daemon is measuring into {}; waiting for one", db.display());
            presence.is(DaemonPresence::Gone, &waiting);
        }
        if let Some(trouble) = desktop.trouble() {
            say(&trouble);
        }
        std::thread::sleep(PAUSE);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DaemonPresence {
    Unknown,
    There,
    Gone,
}

impl DaemonPresence {
    /// Sets it; a change is reported.
    fn is(&mut self, now: Self, words: &str) {
        if std::mem::replace(self, now) != now {
            say(words);
        }
    }
}

/// Counts the drops in the record that began on the local day of an instant, without blips.
pub(super) fn drops_of_day(db: PathBuf, zone: TimeZone) -> DropsOfDay {
    Box::new(move |at: Timestamp| {
        let day: TimeRange = day_of(at, &zone)?;
        let drops = Reader::open(&db).ok()?.drops(day).ok()?;
        let began = |drop: &crate::vocabulary::LinkDrop| day.contains(drop.onset.midpoint());
        Some(drops.iter().filter(|s| s.drop.kind.is_down() && began(&s.drop)).count())
    })
}
