//! Sheets, reports and lists of drops made from the record on request: one sheet or report at a
//! time, each kept for a minute, all made on threads other than the one that serves.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::body::Bytes;
use jiff::tz::TimeZone;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinHandle};

use crate::chart;
use crate::config::Config;
use crate::render;
use crate::report::{self, Method, Report};
use crate::store::{self, Reader};
use crate::sys::memory;
use crate::sys::panics::expendable;
use crate::time::{BootTime, Micros, Reading, TimeRange, Timestamp};

/// Threads for documents: one for a report, one for a list of drops.
pub(super) const AT_ONCE: usize = 2;

/// A document is made again after this long.
const KEPT: Micros = Micros::MINUTE;

/// The shortest period shown, also of a record that has just begun.
const SHORTEST: Duration = Duration::from_secs(3_600);

/// The periods that can be asked for, in hours.
const PERIODS: [(&str, u64); 3] = [("24h", 24), ("7d", 7 * 24), ("30d", 30 * 24)];

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum DocumentFormat {
    Sheet,
    Text,
    Json,
}

/// A document of a period that ends now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DocumentWanted {
    pub(super) form: DocumentFormat,
    pub(super) hours: u64,
    pub(super) audience: ReportAudience,
}

/// For whom a document is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ReportAudience {
    /// Any user of this computer, or of the network: without the numbers of account and tickets.
    Anyone,
    /// Who has the token.
    Owner,
}

/// A page of drops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DropsWanted {
    pub(super) period: TimeRange,
    /// How many of the newest are left out.
    pub(super) skip: usize,
    /// How many are given.
    pub(super) most: usize,
}

impl DocumentWanted {
    /// `/sheet/24h.png`, `/report/7d.txt`, `/report/30d.json`.
    pub(super) fn of_path(path: &str) -> Option<Self> {
        let (form, file) = if let Some(file) = path.strip_prefix("/sheet/") {
            (DocumentFormat::Sheet, file.strip_suffix(".png")?)
        } else {
            let file = path.strip_prefix("/report/")?;
            match file.rsplit_once('.')? {
                (period, "txt") => (DocumentFormat::Text, period),
                (period, "json") => (DocumentFormat::Json, period),
                _ => return None,
            }
        };
        let (_, hours) = PERIODS.into_iter().find(|(name, _)| *name == file)?;
        Some(Self { form, hours, audience: ReportAudience::Anyone })
    }

    pub(super) fn content_type(self) -> &'static str {
        match self.form {
            DocumentFormat::Sheet => "image/png",
            DocumentFormat::Text => "text/plain; charset=utf-8",
            DocumentFormat::Json => "application/json",
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

/// The drops known when a document was made, by their numbers: one that begins or ends makes it stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct LatestDrops {
    /// The one that goes on.
    pub(super) open: Option<i64>,
    /// The last that is over.
    pub(super) over: Option<i64>,
}

#[derive(Debug, Clone)]
struct MadeDocument {
    at: BootTime,
    drops: LatestDrops,
    bytes: Bytes,
}

/// Makes documents.
#[derive(Debug, Clone)]
pub(super) struct Documents {
    source: Arc<DocumentSource>,
    one_report: Arc<Semaphore>,
    one_list: Arc<Semaphore>,
    made: Arc<Mutex<BTreeMap<DocumentWanted, MadeDocument>>>,
}

#[derive(Debug)]
struct DocumentSource {
    config: Config,
    database: PathBuf,
    zone: TimeZone,
}

impl Documents {
    pub(super) fn new(config: Config, database: PathBuf, zone: TimeZone) -> Self {
        Self {
            source: Arc::new(DocumentSource { config, database, zone }),
            one_report: Arc::new(Semaphore::new(1)),
            one_list: Arc::new(Semaphore::new(1)),
            made: Arc::default(),
        }
    }

    /// A document, at most a minute old, and made since a drop began or ended.
    pub(super) async fn get(
        &self,
        wanted: DocumentWanted,
        drops: LatestDrops,
    ) -> Result<Bytes, DocumentError> {
        let permit = turn(&self.one_report).await;
        if let Some(bytes) = self.kept(wanted, drops, Reading::now().boot) {
            return Ok(bytes);
        }
        let (source, made) = (Arc::clone(&self.source), Arc::clone(&self.made));
        let work = move || {
            // Held to the end of the work, even if the browser has gone by then.
            let _permit = permit;
            let now = Reading::now();
            let bytes = source.make(wanted, now.utc).map(Bytes::from);
            memory::give_back();
            let bytes = bytes?;
            let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
            made.insert(wanted, MadeDocument { at: now.boot, drops, bytes: bytes.clone() });
            Ok(bytes)
        };
        aside(work).await.map_err(DocumentError::Panicked)?
    }

    fn kept(&self, wanted: DocumentWanted, drops: LatestDrops, now: BootTime) -> Option<Bytes> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.retain(|_, made| now.since(made.at) < KEPT && made.drops == drops);
        made.get(&wanted).map(|made| made.bytes.clone())
    }

    /// A page of drops as JSON, and whether there are older ones.
    pub(super) async fn drops(&self, wanted: DropsWanted) -> Result<(String, bool), DocumentError> {
        let permit = turn(&self.one_list).await;
        let source = Arc::clone(&self.source);
        let work = move || {
            let _permit = permit;
            drops(&source.database, wanted, &source.zone)
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

impl DocumentSource {
    fn make(&self, wanted: DocumentWanted, now: Timestamp) -> Result<Vec<u8>, DocumentError> {
        let reader = Reader::open(&self.database)?;
        let length = Duration::from_secs(wanted.hours * 3_600);
        let period = watched(&reader, TimeRange { from: now - length, to: now })?;
        let rows = report::gather(&reader, period, self.config.site.line.as_deref())?;
        let method = Method::new(&self.config, None);
        let report = Report::build(rows, self.zone.clone(), &self.config.site, now, method);
        let report = Report { language: self.config.report.language, ..report };
        let report = match wanted.audience {
            ReportAudience::Anyone => report.without_numbers(),
            ReportAudience::Owner => report,
        };
        Ok(match wanted.form {
            DocumentFormat::Sheet => chart::sheet_png(&report)?,
            DocumentFormat::Text => render::text(&report).into_bytes(),
            DocumentFormat::Json => render::json(&report).into_bytes(),
        })
    }
}

/// The period without the time before the record began, but at least an hour: on the first day a
/// page of nothing but gaps would be of no use.
fn watched(reader: &Reader, period: TimeRange) -> Result<TimeRange, store::Error> {
    let runs = reader.runs(TimeRange { from: Timestamp::from_micros(i64::MIN), ..period })?;
    let Some(began) = runs.iter().map(|run| run.started).min() else { return Ok(period) };
    let latest = period.to - SHORTEST;
    Ok(TimeRange { from: began.min(latest).max(period.from), ..period })
}

fn drops(
    database: &Path,
    wanted: DropsWanted,
    zone: &TimeZone,
) -> Result<(String, bool), DocumentError> {
    let DropsWanted { period, skip, most } = wanted;
    let reader = Reader::open(database)?;
    let (drops, has_older) = reader.newest_drops(period, skip, most)?;
    Ok((render::drops_json(&drops, &reader.targets()?, zone), has_older))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_kept_for_a_minute_or_until_a_drop_begins_or_ends() {
        let folder = tempfile::tempdir().unwrap();
        let scene = crate::report::synthetic::flapping_week(Duration::from_secs(60));
        let database = scene.import_into(folder.path());
        let documents = Documents::new(Config::default(), database, TimeZone::UTC);
        let wanted = DocumentWanted::of_path("/report/24h.json").unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let calm = LatestDrops { open: None, over: Some(7) };
        let get = |drops| runtime.block_on(documents.get(wanted, drops)).unwrap();
        let (first, second) = (get(calm), get(calm));
        assert_eq!(first.as_ptr(), second.as_ptr(), "it is the same one");
        let in_drop = get(LatestDrops { open: Some(8), ..calm });
        assert_ne!(first.as_ptr(), in_drop.as_ptr(), "a drop has begun");
        assert_ne!(in_drop.as_ptr(), get(LatestDrops { open: None, over: Some(8) }).as_ptr());
        get(calm);
        let made = documents.made.lock().unwrap()[&wanted].at;
        let later = |us| documents.kept(wanted, calm, made + us).is_some();
        assert!(later(KEPT - Micros::new(1)) && !later(KEPT));
        assert!(documents.made.lock().unwrap().is_empty(), "memory is not kept longer");
    }

    #[test]
    fn a_document_starts_with_a_younger_record_but_covers_an_hour_at_least() {
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
        let audience = ReportAudience::Anyone;
        let wanted = |form, hours| Some(DocumentWanted { form, hours, audience });
        assert_eq!(DocumentWanted::of_path("/sheet/24h.png"), wanted(DocumentFormat::Sheet, 24));
        assert_eq!(DocumentWanted::of_path("/report/7d.txt"), wanted(DocumentFormat::Text, 168));
        assert_eq!(DocumentWanted::of_path("/report/30d.json"), wanted(DocumentFormat::Json, 720));
        for path in ["/sheet/24h", "/sheet/1y.png", "/report/24h.png", "/report/", "/sheet/../x"] {
            assert_eq!(DocumentWanted::of_path(path), None, "{path}");
        }
    }
}
