//! Sheets, reports and lists of drops made from the record on request: one sheet or report at a
//! time, each kept for less than a minute, all made on threads other than the one that serves.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use jiff::tz::TimeZone;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;

use super::document_error::DocumentError;
use super::outgoing::OutgoingBudget;
use super::periods::AskedPeriod;
use crate::chart::{self, Paper, Theme};
use crate::config::Config;
use crate::render::{self, DropsContext};
use crate::report::{self, Method, Report, drops_of_other_ways};
use crate::store::{KeptHours, Reader};
use crate::sys::memory;
use crate::sys::panics::expendable;
use crate::time::{BootTime, Micros, Reading, TimeRange, Timestamp};
use crate::vocabulary::StoredDrop;

/// Threads for documents: one for a report, one for a list of drops, one for the status page, one for sums
/// of hours.
pub(super) const AT_ONCE: usize = 4;

/// A document is made again after this long, and given up: a minute after the last one was asked for
/// the daemon holds none.
const KEPT: Micros = Micros::from_seconds(45);

/// Documents kept at once.
const MOST_KEPT: usize = 8;

/// Octets of all that are kept together: the most of what may wait to be sent is for others.
const ROOM: usize = OutgoingBudget::MOST / 4;

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum DocumentFormat {
    Sheet,
    /// The sheet on dark paper, for a dark page.
    DarkSheet,
    /// The sheet as vector graphics.
    Svg,
    /// The sheet as a PDF of one page.
    Pdf,
    /// Everything, in plain text.
    Text,
    /// The text for a ticket.
    Ticket,
    Letter,
    Answers,
    Markdown,
    Html,
    Json,
    /// Its drops, as a table.
    Csv,
}

/// A document of a period.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DocumentWanted {
    pub(super) form: DocumentFormat,
    pub(super) period: AskedPeriod,
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

impl DocumentFormat {
    /// By the parent of a document's path, and the ending of its name.
    const KNOWN: [(&str, &str, Self); 13] = [
        ("sheet", "-dark.png", Self::DarkSheet),
        ("sheet", ".png", Self::Sheet),
        ("answers", ".txt", Self::Answers),
        ("ticket", ".txt", Self::Ticket),
        ("letter", ".txt", Self::Letter),
        ("report", ".txt", Self::Text),
        ("report", ".md", Self::Markdown),
        ("report", ".html", Self::Html),
        ("report", ".json", Self::Json),
        ("report", ".csv", Self::Csv),
        ("report", ".png", Self::Sheet),
        ("report", ".svg", Self::Svg),
        ("report", ".pdf", Self::Pdf),
    ];

    /// Parents of documents' paths.
    pub(super) const PARENTS: [&str; 5] = ["report", "sheet", "answers", "ticket", "letter"];

    fn content_type(self) -> &'static str {
        match self {
            Self::Sheet | Self::DarkSheet => "image/png",
            Self::Svg => "image/svg+xml",
            Self::Pdf => "application/pdf",
            Self::Text | Self::Ticket | Self::Letter | Self::Answers => "text/plain; charset=utf-8",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }
}

impl DocumentWanted {
    /// `/sheet/24h.png`, `/answers/7d.txt`, `/report/30d.json`, `/report/custom.md` and the rest of them,
    /// with `since=7d&until=1d` for another period.
    ///
    /// # Errors
    /// A sentence on the query; `None`: there is no such path.
    pub(super) fn of_path(path: &str, query: &str) -> Option<Result<Self, String>> {
        let (parent, file) = path.strip_prefix('/')?.split_once('/')?;
        let (name, form) = DocumentFormat::KNOWN.into_iter().find_map(|(of, ending, form)| {
            (of == parent).then(|| Some((file.strip_suffix(ending)?, form))).flatten()
        })?;
        if form == DocumentFormat::Pdf && !cfg!(feature = "pdf") {
            return None;
        }
        let period = AskedPeriod::of(name, query)?;
        Some(period.map(|period| Self { form, period, audience: ReportAudience::Anyone }))
    }

    pub(super) fn content_type(&self) -> &'static str {
        self.form.content_type()
    }

    /// Whether a browser is to show it in a page rather than to save it.
    pub(super) fn is_shown(&self, path: &str) -> bool {
        !path.starts_with("/report/")
            && matches!(
                self.form,
                DocumentFormat::Sheet
                    | DocumentFormat::DarkSheet
                    | DocumentFormat::Answers
                    | DocumentFormat::Ticket
            )
    }
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
    of: DocumentState,
    bytes: Bytes,
}

/// What makes a document stale when it is another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct DocumentState {
    drops: LatestDrops,
    /// How often notes had been written, by whichever program; `None`: the record does not say.
    notes: Option<i64>,
}

/// Makes documents.
#[derive(Debug, Clone)]
pub(super) struct Documents {
    source: Arc<DocumentSource>,
    one_report: Arc<Semaphore>,
    one_list: Arc<Semaphore>,
    made: Arc<Mutex<BTreeMap<DocumentWanted, MadeDocument>>>,
    budget: OutgoingBudget,
}

/// What documents are made of.
#[derive(Debug)]
pub(super) struct DocumentSource {
    pub(super) config: Config,
    pub(super) database: PathBuf,
    pub(super) zone: TimeZone,
    /// For histories of years, one after another.
    pub(super) hours: Arc<KeptHours>,
}

/// With what something waits for its turn: one of each kind is made at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DocumentTurn {
    /// With reports, which take seconds.
    OfReports,
    /// With lists of drops, which take a moment.
    OfLists,
}

impl Documents {
    pub(super) fn new(
        config: Config,
        database: PathBuf,
        zone: TimeZone,
        budget: OutgoingBudget,
    ) -> Self {
        let hours = Arc::default();
        let source = Arc::new(DocumentSource { config, database, zone, hours });
        Self {
            source,
            one_report: Arc::new(Semaphore::new(1)),
            one_list: Arc::new(Semaphore::new(1)),
            made: Arc::default(),
            budget,
        }
    }

    /// What they are made of.
    pub(super) fn source(&self) -> &Arc<DocumentSource> {
        &self.source
    }

    /// A document, at most a minute old, and made since a drop began or ended and since a note was
    /// written.
    pub(super) async fn get(
        &self,
        wanted: DocumentWanted,
        drops: LatestDrops,
    ) -> Result<Bytes, DocumentError> {
        let permit = turn(&self.one_report).await;
        let (source, documents) = (Arc::clone(&self.source), self.clone());
        let serving = Handle::current();
        let work = move || {
            // Held to the end of the work, even if the browser has gone by then.
            let _permit = permit;
            let of = DocumentState { drops, notes: source.notes_written() };
            if let Some(bytes) = documents.kept(&wanted, of, Reading::now().boot) {
                return Ok(bytes);
            }
            let bytes = source.make(&wanted, Reading::now().utc).map(Bytes::from);
            memory::give_back();
            let bytes = documents.counted(bytes?)?;
            // Making it may have taken longer than it is kept.
            let at = Reading::now().boot;
            documents.keep(&wanted, MadeDocument { at, of, bytes: bytes.clone() });
            serving.spawn(documents.forget_later(wanted, at));
            Ok(bytes)
        };
        aside(work).await.map_err(DocumentError::Panicked)?
    }

    /// A document as one of those that wait to be sent; what is only kept makes room for it.
    fn counted(&self, bytes: Bytes) -> Result<Bytes, DocumentError> {
        if bytes.len() > OutgoingBudget::MOST {
            return Err(DocumentError::TooLarge);
        }
        let counted = self.budget.count(bytes.clone()).or_else(|| {
            self.lock().clear();
            self.budget.count(bytes)
        });
        counted.ok_or(DocumentError::TooMuchWaits)
    }

    /// Keeps a document, in place of the oldest where there are many or they are large.
    fn keep(&self, wanted: &DocumentWanted, document: MadeDocument) {
        let mut made = self.lock();
        made.insert(wanted.clone(), document);
        let are_too_many = |made: &BTreeMap<_, MadeDocument>| {
            made.len() > MOST_KEPT
                || made.values().map(|made| made.bytes.len()).sum::<usize>() > ROOM
        };
        while are_too_many(&made) {
            let oldest = made.iter().min_by_key(|(_, made)| made.at);
            let Some(oldest) = oldest.map(|(wanted, _)| wanted.clone()) else { return };
            made.remove(&oldest);
        }
    }

    fn kept(&self, wanted: &DocumentWanted, of: DocumentState, now: BootTime) -> Option<Bytes> {
        let mut made = self.lock();
        made.retain(|_, made| now.since(made.at) < KEPT && made.of == of);
        made.get(wanted).map(|made| made.bytes.clone())
    }

    /// Gives up the document made at `at` once it is no longer shown, whether or not anything is asked
    /// for again.
    async fn forget_later(self, wanted: DocumentWanted, at: BootTime) {
        tokio::time::sleep(KEPT.to_duration()).await;
        let is_it = |_: &DocumentWanted, made: &mut MadeDocument| made.at == at;
        let forgotten = self.lock().extract_if(wanted.clone()..=wanted, is_it).next();
        if forgotten.is_some() {
            drop(forgotten);
            memory::give_back();
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<DocumentWanted, MadeDocument>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What `make` makes of the record, when it is its turn.
    pub(super) async fn of_record<T: Send + 'static>(
        &self,
        of: DocumentTurn,
        make: impl FnOnce(&DocumentSource) -> Result<T, DocumentError> + Send + 'static,
    ) -> Result<T, DocumentError> {
        let permit = turn(match of {
            DocumentTurn::OfReports => &self.one_report,
            DocumentTurn::OfLists => &self.one_list,
        });
        let (permit, source) = (permit.await, Arc::clone(&self.source));
        let work = move || {
            let _permit = permit;
            let result = make(&source);
            memory::give_back();
            result
        };
        aside(work).await.map_err(DocumentError::Panicked)?
    }

    /// A page of drops as JSON, and whether there are older ones.
    pub(super) async fn drops(&self, wanted: DropsWanted) -> Result<(String, bool), DocumentError> {
        self.with_record(move |source| drops(source, wanted)).await?
    }

    /// Reads or changes something short of the record, on a thread of its own and when it is its turn.
    pub(super) async fn with_record<T: Send + 'static>(
        &self,
        work: impl FnOnce(&DocumentSource) -> T + Send + 'static,
    ) -> Result<T, DocumentError> {
        self.of_record(DocumentTurn::OfLists, |source| Ok(work(source))).await
    }
}

/// Waits for a turn; it ends when the permit is dropped.
async fn turn(one: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    Arc::clone(one).acquire_owned().await.expect("it is never closed")
}

/// Does work on a thread of its own. An error: it panicked.
pub(super) fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    tokio::task::spawn_blocking(|| expendable(work))
}

impl DocumentSource {
    fn notes_written(&self) -> Option<i64> {
        Reader::open(&self.database).and_then(|reader| reader.notes_written()).ok()
    }

    fn make(&self, wanted: &DocumentWanted, now: Timestamp) -> Result<Vec<u8>, DocumentError> {
        let reader = Reader::open(&self.database)?;
        reader.at_once(|reader| self.make_of(reader, wanted, now))
    }

    fn make_of(
        &self,
        reader: &Reader,
        wanted: &DocumentWanted,
        now: Timestamp,
    ) -> Result<Vec<u8>, DocumentError> {
        let period = wanted.period.in_record(reader, now, &self.zone)?;
        let rows = report::gather(reader, period, self.config.site.line.as_deref())?;
        let method = Method::new(&self.config, None);
        let report = Report::build(rows, self.zone.clone(), &self.config.site, now, method);
        let mut report = Report { language: self.config.report.language, ..report };
        report.record.chain = reader.chain_head()?.map(Into::into);
        let report = match wanted.audience {
            ReportAudience::Anyone => {
                report.without_numbers(&report::KnownNumbers::read(reader, &self.config)?)
            }
            ReportAudience::Owner => report,
        };
        let sheet = |theme| chart::sheet(&report, theme);
        Ok(match wanted.form {
            DocumentFormat::Sheet => sheet(Theme::Light)?.png()?,
            DocumentFormat::DarkSheet => sheet(Theme::Dark)?.png()?,
            DocumentFormat::Svg => sheet(Theme::Light)?.svg_with_font()?.into_bytes(),
            DocumentFormat::Pdf => sheet(Theme::Light)?.pdf(Paper::default())?,
            DocumentFormat::Text => render::text(&report).into_bytes(),
            DocumentFormat::Ticket => {
                let ticket = render::ticket(&report, render::TICKET_CHARS);
                ticket.map_err(|e| DocumentError::Period(e.to_string()))?.into_bytes()
            }
            DocumentFormat::Letter => render::letter(&report).into_bytes(),
            DocumentFormat::Answers => render::answers(&report).into_bytes(),
            DocumentFormat::Markdown => render::markdown(&report).into_bytes(),
            DocumentFormat::Html => {
                let drawings = chart::page_sheets(&report, Theme::Light)?;
                let pictures: Result<Vec<_>, _> =
                    drawings.iter().map(chart::Drawing::svg_for_pages).collect();
                render::html(&report, &pictures?).into_bytes()
            }
            DocumentFormat::Json => render::json(&report).into_bytes(),
            DocumentFormat::Csv => {
                let mut table = Vec::new();
                render::csv::write_drops(&report, &mut table)?;
                table
            }
        })
    }
}

fn drops(source: &DocumentSource, wanted: DropsWanted) -> Result<(String, bool), DocumentError> {
    let DropsWanted { period, skip, most } = wanted;
    let (zone, line) = (&source.zone, source.config.site.line.as_deref());
    let reader = Reader::open(&source.database)?;
    let (drops, has_older) = reader.newest_drops(period, skip, most)?;
    let others = drops_of_other_ways(&reader, period, &drops, line)?;
    let mut ended = Vec::new();
    for StoredDrop { drop, .. } in &drops {
        ended.extend(reader.ends_within(drop)?.map(|at| (drop.key, at)));
    }
    let (targets, simulated) = (&reader.targets()?, reader.simulated()?);
    let context = DropsContext { targets, zone, simulated, others: &others, ended: &ended };
    Ok((render::drops_json(&drops, context), has_older))
}

#[cfg(test)]
mod tests;
