//! Sheets, reports and lists of drops out of the record, for whoever asks: one sheet or report at
//! a time, each kept for a minute, all of them made apart from the thread that serves.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::body::Bytes;
use jiff::tz::TimeZone;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinHandle};

use super::Options;
use crate::chart;
use crate::config::Config;
use crate::render;
use crate::report::{self, Method, Report};
use crate::store::{self, Reader};
use crate::sys::memory;
use crate::sys::panics::expendable;
use crate::time::{BootTime, Reading, TimeRange, Timestamp};
use crate::vocabulary::Measurement;

/// Threads for documents: one for a report, one for a list of drops.
pub(super) const AT_ONCE: usize = 2;

/// A document is made anew after this.
const KEPT_US: i64 = 60_000_000;

/// What is shown of a record that has just begun.
const SHORTEST: Duration = Duration::from_secs(3_600);

/// The periods that can be asked for, in hours.
const PERIODS: [(&str, u64); 3] = [("24h", 24), ("7d", 7 * 24), ("30d", 30 * 24)];

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    Sheet,
    Text,
    Json,
}

/// A document of a period that ends now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wanted {
    pub(super) form: Form,
    hours: u64,
}

impl Wanted {
    /// `/sheet/24h.png`, `/report/7d.txt`, `/report/30d.json`.
    pub(super) fn of_path(path: &str) -> Option<Self> {
        let (form, file) = if let Some(file) = path.strip_prefix("/sheet/") {
            (Form::Sheet, file.strip_suffix(".png")?)
        } else {
            let file = path.strip_prefix("/report/")?;
            match file.rsplit_once('.')? {
                (period, "txt") => (Form::Text, period),
                (period, "json") => (Form::Json, period),
                _ => return None,
            }
        };
        let (_, hours) = PERIODS.into_iter().find(|(name, _)| *name == file)?;
        Some(Self { form, hours })
    }

    pub(super) fn content_type(self) -> &'static str {
        match self.form {
            Form::Sheet => "image/png",
            Form::Text => "text/plain; charset=utf-8",
            Form::Json => "application/json",
        }
    }
}

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub(super) enum DocumentError {
    /// The record cannot be read.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The sheet cannot be drawn.
    #[error(transparent)]
    Chart(#[from] chart::Error),
    /// Making it ended in a panic.
    #[error("make a document")]
    Panicked(#[source] JoinError),
}

/// A document and when it was made.
type Made = (BootTime, Bytes);

/// Makes documents.
#[derive(Debug, Clone)]
pub(super) struct Documents {
    source: Arc<Source>,
    one_report: Arc<Semaphore>,
    one_list: Arc<Semaphore>,
    made: Arc<Mutex<BTreeMap<Wanted, Made>>>,
}

#[derive(Debug)]
struct Source {
    config: Config,
    database: PathBuf,
    zone: TimeZone,
}

impl Documents {
    pub(super) fn new(options: Options, zone: TimeZone) -> Self {
        let Options { config, database } = options;
        Self {
            source: Arc::new(Source { config, database, zone }),
            one_report: Arc::new(Semaphore::new(1)),
            one_list: Arc::new(Semaphore::new(1)),
            made: Arc::default(),
        }
    }

    /// A document, of a minute ago at most.
    pub(super) async fn get(&self, wanted: Wanted) -> Result<Bytes, DocumentError> {
        let permit = turn(&self.one_report).await;
        if let Some(bytes) = self.kept(wanted, Reading::now().boot) {
            return Ok(bytes);
        }
        let (source, made) = (Arc::clone(&self.source), Arc::clone(&self.made));
        let work = move || {
            // Held to the end of the work, also when the browser has gone meanwhile.
            let _permit = permit;
            let now = Reading::now();
            let bytes = source.make(wanted, now.utc).map(Bytes::from);
            memory::give_back();
            let bytes = bytes?;
            let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
            made.insert(wanted, (now.boot, bytes.clone()));
            Ok(bytes)
        };
        aside(work).await.map_err(DocumentError::Panicked)?
    }

    fn kept(&self, wanted: Wanted, now: BootTime) -> Option<Bytes> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.retain(|_, (at, _)| now.0 - at.0 < KEPT_US);
        made.get(&wanted).map(|(_, bytes)| bytes.clone())
    }

    /// What was measured in the time before now; nothing where it cannot be read.
    pub(super) async fn last_minutes(&self, span: Duration) -> Vec<Measurement> {
        let source = Arc::clone(&self.source);
        let to = Reading::now().utc;
        let work = move || measured(&source.database, TimeRange { from: to - span, to });
        aside(work).await.ok().and_then(Result::ok).unwrap_or_default()
    }

    /// The drops of a period as JSON.
    pub(super) async fn drops(&self, period: TimeRange) -> Result<String, DocumentError> {
        let permit = turn(&self.one_list).await;
        let source = Arc::clone(&self.source);
        let work = move || {
            let _permit = permit;
            drops(&source.database, period, &source.zone)
        };
        aside(work).await.map_err(DocumentError::Panicked)?
    }
}

/// Waits for a turn; it ends when the permit is dropped.
async fn turn(one: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    Arc::clone(one).acquire_owned().await.expect("it is never closed")
}

/// Does work on a thread of its own. An error: it panicked.
fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    tokio::task::spawn_blocking(|| expendable(work))
}

impl Source {
    fn make(&self, wanted: Wanted, now: Timestamp) -> Result<Vec<u8>, DocumentError> {
        let reader = Reader::open(&self.database)?;
        let length = Duration::from_secs(wanted.hours * 3_600);
        let period = watched(&reader, TimeRange { from: now - length, to: now })?;
        let rows = report::gather(&reader, period)?;
        let method = Method::new(&self.config, None);
        let report = Report::build(rows, self.zone.clone(), &self.config.site, now, method);
        let report = Report { language: self.config.report.language, ..report };
        Ok(match wanted.form {
            Form::Sheet => chart::sheet_png(&report)?,
            Form::Text => render::text(&report).into_bytes(),
            Form::Json => render::json(&report).into_bytes(),
        })
    }
}

/// The period without the time before the record began, as far as an hour is left: on the first day
/// a page of nothing but gaps would tell nobody anything.
fn watched(reader: &Reader, period: TimeRange) -> Result<TimeRange, store::Error> {
    let runs = reader.runs(TimeRange { from: Timestamp::from_micros(i64::MIN), ..period })?;
    let Some(began) = runs.iter().map(|run| run.started).min() else { return Ok(period) };
    let latest = period.to - SHORTEST;
    Ok(TimeRange { from: began.min(latest).max(period.from), ..period })
}

fn drops(database: &Path, period: TimeRange, zone: &TimeZone) -> Result<String, DocumentError> {
    let reader = Reader::open(database)?;
    Ok(render::drops_json(&reader.drops(period)?, &reader.targets()?, zone))
}

/// Run by run within a minute, so ordered by time at last.
fn measured(database: &Path, period: TimeRange) -> Result<Vec<Measurement>, store::Error> {
    let mut all = Vec::new();
    Reader::open(database)?.for_each_minute(period, &mut |minute| {
        all.extend_from_slice(&minute.samples);
    })?;
    all.retain(|m| period.contains(m.sent_at));
    all.sort_by_key(|m| m.sent_at);
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_kept_for_a_minute() {
        let folder = tempfile::tempdir().unwrap();
        let scene = crate::report::synthetic::flapping_week(Duration::from_secs(60));
        let database = scene.import_into(folder.path());
        let options = Options { config: Config::default(), database };
        let documents = Documents::new(options, TimeZone::UTC);
        let wanted = Wanted::of_path("/report/24h.json").unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let first = runtime.block_on(documents.get(wanted)).unwrap();
        let second = runtime.block_on(documents.get(wanted)).unwrap();
        assert_eq!(first.as_ptr(), second.as_ptr(), "it is the same one");
        let (made, _) = documents.made.lock().unwrap()[&wanted];
        let later = |us| documents.kept(wanted, BootTime(made.0 + us)).is_some();
        assert!(later(KEPT_US - 1) && !later(KEPT_US));
        assert!(documents.made.lock().unwrap().is_empty(), "memory is not kept longer");
    }

    #[test]
    fn a_document_begins_with_the_record_where_that_is_younger_but_for_an_hour() {
        let folder = tempfile::tempdir().unwrap();
        let scene = crate::report::synthetic::flapping_week(Duration::from_secs(60));
        let reader = Reader::open(&scene.import_into(folder.path())).unwrap();
        let ever =
            TimeRange { from: Timestamp::from_seconds(0), to: Timestamp::from_seconds(1 << 33) };
        let began = reader.runs(ever).unwrap()[0].started;
        let minutes = |n: u64| Duration::from_secs(n * 60);
        let (day, late) = (minutes(1_440), began + minutes(360));
        for (age, from) in [(1_800, late), (300, began), (60, began), (9, began - minutes(51))] {
            let to = began + minutes(age);
            let shown = watched(&reader, TimeRange { from: to - day, to }).unwrap();
            assert_eq!(shown, TimeRange { from, to }, "{age} minutes old");
        }
    }

    #[test]
    fn a_document_is_known_by_its_path() {
        let wanted = |form, hours| Some(Wanted { form, hours });
        assert_eq!(Wanted::of_path("/sheet/24h.png"), wanted(Form::Sheet, 24));
        assert_eq!(Wanted::of_path("/report/7d.txt"), wanted(Form::Text, 168));
        assert_eq!(Wanted::of_path("/report/30d.json"), wanted(Form::Json, 720));
        for path in ["/sheet/24h", "/sheet/1y.png", "/report/24h.png", "/report/", "/sheet/../x"] {
            assert_eq!(Wanted::of_path(path), None, "{path}");
        }
    }
}
