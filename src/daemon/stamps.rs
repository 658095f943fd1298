//! Time stamps of the chain's head, one a day. While the
//! authority cannot be reached the next look asks again: its stamp then covers the days before, too.

use std::path::{Path, PathBuf};

use super::chore::Chore;
use crate::live::Event;
use crate::probe::http::{AuthorityError, time_stamp};
use crate::store::{self, HeadStamp, Reader};
use crate::text::describe;
use crate::time::{Micros, Reading, Timestamp};
use crate::vocabulary::Url;

/// From one stamp to the next.
const EVERY: Micros = Micros::from_seconds(86_400);

/// Why there is no stamp of the head.
#[derive(Debug, thiserror::Error)]
pub enum HeadStampError {
    /// The record cannot be read or written.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The authority gave none.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// No hour is over yet.
    #[error("the chain has no hour yet: the first is added when it is over")]
    NoHead,
}

/// Has the head of the chain of `database` stamped by the authority at `url`, and stores the stamp.
///
/// # Errors
/// If there is no head, no stamp of it, or the record cannot be read or written.
pub fn stamp_head(database: &Path, url: &Url, now: Timestamp) -> Result<HeadStamp, HeadStampError> {
    let head = Reader::open(database)?.chain_head()?.ok_or(HeadStampError::NoHead)?;
    let stamped = time_stamp(url, head.digest.0, fastrand::u64(1..))?;
    let stamp = HeadStamp {
        seq: head.seq,
        head: head.digest,
        asked: now,
        url: url.to_string(),
        at: stamped.at,
        token: stamped.token,
    };
    store::add_stamp(database, &stamp)?;
    Ok(stamp)
}

/// Asks for stamps when they are due.
#[derive(Debug)]
pub(super) struct HeadStamps {
    url: Option<Url>,
    database: PathBuf,
    chore: Chore<Result<bool, HeadStampError>>,
}

impl HeadStamps {
    pub(super) fn new(url: Option<&str>, database: PathBuf) -> Self {
        let url = url.and_then(|url| url.parse().ok());
        Self { url, database, chore: Chore::new("stamp") }
    }

    /// To be called once a second; gives the event to announce.
    pub(super) fn second(&mut self, now: Reading) -> Option<Event> {
        let event = self.finished();
        if let Some(url) = &self.url
            && self.chore.is_due(now.boot)
        {
            let (database, url) = (self.database.clone(), url.clone());
            self.chore.start(move || stamp_if_due(&database, &url, now.utc));
        }
        event
    }

    fn finished(&mut self) -> Option<Event> {
        match self.chore.finished()? {
            Ok(true) => {
                self.chore.was_done();
            }
            Err(error) if self.chore.failed() => return Some(Event::StampFails(describe(&error))),
            Ok(false) | Err(_) => {}
        }
        None
    }
}

/// Whether a stamp was asked for and came. There is none to ask for before the first hour is over, and
/// none within a day of the last; one dated in the future was made before the clock was put right, and
/// does not count.
fn stamp_if_due(database: &Path, url: &Url, now: Timestamp) -> Result<bool, HeadStampError> {
    let reader = Reader::open(database)?;
    let head = reader.chain_head()?;
    let newest = reader.stamps()?.into_iter().map(|stamp| (stamp.asked, stamp.seq)).max();
    drop(reader);
    let is_recent = newest.is_some_and(|(asked, seq)| {
        let recent = asked <= now && now < asked.plus_micros(EVERY.as_i64());
        recent || head.is_some_and(|head| head.seq == seq)
    });
    if head.is_none() || is_recent {
        return Ok(false);
    }
    stamp_head(database, url, now).map(|_| true)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::store::{Opening, Writer};
    use crate::time::BootTime;

    /// A look each ten minutes of these hours; what is announced.
    fn announced(stamps: &mut HeadStamps, hours: std::ops::Range<i64>) -> Vec<Event> {
        let mut events = Vec::new();
        for s in (hours.start * 3_600..hours.end * 3_600).step_by(300) {
            let us = s * 1_000_000;
            let utc = Timestamp::from_micros(1_800_000_000_000_000 + us);
            let now = Reading { utc, boot: BootTime::from_micros(us), monotonic_us: us };
            events.extend(stamps.second(now));
            stamps.chore.wait();
        }
        events
    }

    #[test]
    fn an_authority_that_cannot_be_reached_is_asked_again_and_announced_once() {
        let folder = tempfile::tempdir().unwrap();
        let scene = crate::report::synthetic::flapping_week(Duration::from_secs(600));
        let database = scene.import_into(folder.path());
        let opening = Opening { path: &database, runtime_dir: None, version: "0.0.0-test" };
        let mut writer = Writer::open(opening).unwrap().0;
        while writer.close_hours(Timestamp::from_seconds(1_800_000_000), 100).unwrap() > 0 {}
        drop(writer);
        // A port on which no one listens.
        let nobody = "http://127.0.0.1:1/";
        let mut stamps = HeadStamps::new(Some(nobody), database.clone());
        let events = announced(&mut stamps, 0..3);
        assert!(matches!(events.as_slice(), [Event::StampFails(_)]), "{events:?}");
        assert!(Reader::open(&database).unwrap().stamps().unwrap().is_empty());
        let mut none = HeadStamps::new(None, database.clone());
        assert_eq!(announced(&mut none, 0..3), []);

        // One stored by hand counts for a day, unless it is of the future.
        let head = Reader::open(&database).unwrap().chain_head().unwrap().unwrap();
        let asked = Timestamp::from_seconds(1_800_000_000);
        let stamp = HeadStamp {
            seq: head.seq - 1,
            head: head.digest,
            asked,
            url: String::new(),
            at: None,
            token: Vec::new(),
        };
        store::add_stamp(&database, &stamp).unwrap();
        let url = nobody.parse().unwrap();
        let due = |seconds: i64| {
            stamp_if_due(&database, &url, asked.plus_micros(seconds * 1_000_000)).is_err()
        };
        assert_eq!([due(0), due(86_399), due(86_400), due(-1)], [false, false, true, true]);
    }
}
