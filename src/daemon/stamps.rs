//! Time stamps of the chain's head, one a day, each asked for on a thread of its own. While the
//! authority cannot be reached the next look asks again: its stamp then covers the days before, too.

use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use crate::live::Event;
use crate::probe::http::{AuthorityError, time_stamp};
use crate::store::{self, HeadStamp, Reader};
use crate::sys::panics::expendable;
use crate::text::describe;
use crate::time::{BootTime, Micros, Reading, Timestamp};
use crate::vocabulary::Url;

/// From one look to the next.
const LOOK_EVERY: Micros = Micros::from_seconds(600);
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
    look_at: Option<BootTime>,
    at_work: Option<JoinHandle<Result<bool, HeadStampError>>>,
    /// A failure is announced once, until a stamp has come.
    failing: bool,
}

impl HeadStamps {
    pub(super) fn new(url: Option<&str>, database: PathBuf) -> Self {
        let url = url.and_then(|url| url.parse().ok());
        Self { url, database, look_at: None, at_work: None, failing: false }
    }

    /// To be called once a second; gives the event to announce.
    pub(super) fn second(&mut self, now: Reading) -> Option<Event> {
        let event = self.finished();
        let next = now.boot + LOOK_EVERY;
        let due = *self.look_at.get_or_insert(next);
        if now.boot >= due && self.at_work.is_none() {
            self.look_at = Some(next);
            if let Some(url) = self.url.clone() {
                let database = self.database.clone();
                let thread = std::thread::Builder::new().name("stamp".into());
                // Without a thread now there is another look later.
                self.at_work = thread
                    .spawn(move || expendable(|| stamp_if_due(&database, &url, now.utc)))
                    .ok();
            }
        }
        event
    }

    fn finished(&mut self) -> Option<Event> {
        let thread = self.at_work.take_if(|thread| thread.is_finished())?;
        match thread.join().ok()? {
            Ok(stamped) => {
                self.failing &= !stamped;
                None
            }
            Err(error) => {
                let is_new = !std::mem::replace(&mut self.failing, true);
                is_new.then(|| Event::StampFails(describe(&error)))
            }
        }
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
