//! Opening the record, which may fail or take for ever: on a thread of its own, so that probing begins all
//! the same. Until it is open, what is measured goes into a record in its place, and comes over then.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, TryRecvError};
use std::time::Duration;

use super::options::DaemonOptions;
use crate::store::{self, Opening, Other, Recovery, SpaceLimits, Writer};
use crate::time::{BootTime, Micros, Reading};

/// A record that opens at all has opened by then: this is waited for before probing begins without it.
const PATIENCE: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// After a failure it is tried again.
const AGAIN_AFTER: Micros = Micros::from_seconds(60);

/// The record in its place lies in memory, mostly.
const LARGEST_SUBSTITUTE: u64 = 64 << 20;

/// A record that is open, and what was found.
pub(super) type OpenedRecord = (Writer, Recovery);

/// The attempts to open the record.
#[derive(Debug)]
pub(super) struct RecordOpening {
    options: DaemonOptions,
    attempt: Option<Receiver<Result<OpenedRecord, store::Error>>>,
    again_at: BootTime,
}

/// What came of waiting.
#[derive(Debug)]
pub(super) enum Waited {
    /// It is open.
    Opened(Box<OpenedRecord>),
    /// It cannot be opened.
    Failed(store::Error),
    /// It has not opened yet.
    NotYet,
    /// The daemon is to end.
    MustStop,
}

impl RecordOpening {
    /// Begins to open it.
    pub(super) fn start(options: &DaemonOptions) -> Self {
        let mut opening = Self {
            options: options.clone(),
            attempt: None,
            again_at: Reading::now().boot + AGAIN_AFTER,
        };
        opening.attempt();
        opening
    }

    fn attempt(&mut self) {
        let (tell, attempt) = mpsc::channel();
        let options = self.options.clone();
        let open = move || {
            let opened = Writer::open(Opening {
                path: &options.database,
                runtime_dir: options.runtime_dir.as_deref(),
                version: options.version,
            });
            // Where the daemon has ended meanwhile, the record is closed again.
            let _ = tell.send(opened);
        };
        // Without a thread it is tried again later.
        let started = std::thread::Builder::new().name("opening".into()).spawn(open);
        self.attempt = started.is_ok().then_some(attempt);
    }

    /// Waits until it is open, but not for ever.
    pub(super) fn wait(&mut self, must_stop: &dyn Fn() -> bool) -> Waited {
        let Some(attempt) = &self.attempt else { return Waited::NotYet };
        let mut waited = Duration::ZERO;
        while waited < PATIENCE {
            if must_stop() {
                return Waited::MustStop;
            }
            match attempt.recv_timeout(LOOK_EVERY) {
                Ok(Ok(opened)) => return Waited::Opened(Box::new(opened)),
                Ok(Err(why)) => {
                    self.attempt = None;
                    return Waited::Failed(why);
                }
                Err(RecvTimeoutError::Timeout) => waited += LOOK_EVERY,
                Err(RecvTimeoutError::Disconnected) => return Waited::NotYet,
            }
        }
        Waited::NotYet
    }

    /// To be called once a second: tries again when it is time, and gives the record when it is open.
    pub(super) fn second(&mut self, now: BootTime) -> Option<Box<OpenedRecord>> {
        match self.attempt.as_ref().map(Receiver::try_recv) {
            Some(Ok(Ok(opened))) => return Some(Box::new(opened)),
            Some(Ok(Err(_)) | Err(TryRecvError::Disconnected)) => {
                self.attempt = None;
                self.again_at = now + AGAIN_AFTER;
            }
            None if now >= self.again_at => self.attempt(),
            Some(Err(TryRecvError::Empty)) | None => {}
        }
        None
    }
}

/// Whether only the user can help: a wrong name, or another daemon.
pub(super) fn is_final(error: &store::Error, database: &Path) -> bool {
    match error {
        store::Error::IsDirectory { .. }
        | store::Error::NotADatabase { .. }
        | store::Error::NotOurs { .. }
        | store::Error::TooNew { .. } => true,
        store::Error::Locked { pid, .. } => pid.is_some(),
        store::Error::NotAFile { path, .. } => path.file_name() == database.file_name(),
        _ => false,
    }
}

/// Where the record in its place lies; `None`: there is no runtime directory.
pub(super) fn substitute_path(options: &DaemonOptions) -> Option<PathBuf> {
    substitute_in(options.runtime_dir.as_deref()?, &options.database)
}

/// Where a daemon with this runtime directory writes while it cannot open `database`.
pub fn substitute_in(runtime_dir: &Path, database: &Path) -> Option<PathBuf> {
    let name = database.file_stem()?.to_string_lossy().into_owned();
    Some(runtime_dir.join(format!("unstored-{name}.db")))
}

/// Opens the record in its place.
pub(super) fn substitute(options: &DaemonOptions) -> Result<(PathBuf, OpenedRecord), store::Error> {
    let path = substitute_path(options)
        .ok_or_else(|| store::Error::NoDirectory { path: options.database.clone() })?;
    let runtime_dir = options.runtime_dir.as_deref();
    let opening = Opening { path: &path, runtime_dir, version: options.version };
    let opened = Writer::open(opening)?;
    Ok((path, opened))
}

/// Within which bounds a record is kept.
pub(super) fn limits(options: &DaemonOptions, path: &Path) -> SpaceLimits {
    let storage = &options.config.storage;
    let is_substitute = path != options.database;
    let most = if is_substitute { LARGEST_SUBSTITUTE } else { u64::MAX };
    SpaceLimits {
        max_bytes: storage.max_size.min(most),
        keep_raw: storage.keep_samples,
        keep_minutes: storage.keep_minutes,
    }
}

/// Brings over what the record in its place holds, if there is one; it is gone then.
pub(super) fn take_over(writer: &mut Writer, options: &DaemonOptions) -> Result<(), store::Error> {
    let Some(path) = substitute_path(options).filter(|path| path.exists()) else { return Ok(()) };
    let other = Other::open(&path, writer.path(), options.version)?;
    let now = Reading::now().utc;
    let mut plan = writer.plan_merge(&other, limits(options, &options.database), now)?;
    while !plan.is_done() {
        writer.merge_bite(&other, &mut plan)?;
    }
    writer.merge_notes(&other, &mut plan)?;
    drop(other);
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.clone().into_os_string();
        name.push(suffix);
        // One that stays is taken over once more, which changes nothing.
        let _ = std::fs::remove_file(name);
    }
    Ok(())
}
