//! The status page, its feed and its JSON, made from the record on request: one at a time, and each
//! look at the record, with what was made of it, serves for some seconds or until the state changes.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use jiff::tz::TimeZone;
use tokio::sync::Semaphore;

use super::answer::{self, HttpAnswer, TaggedBytes};
use super::document_error::DocumentError;
use super::documents::aside;
use crate::config::Config;
use crate::live::{SharedPresent, Status};
use crate::render::{self, PageHome};
use crate::report::systems::{Systems, SystemsView};
use crate::store::Reader;
use crate::time::{BootTime, Micros, Reading};
use crate::vocabulary::LinkState;

/// A look at the record serves for this long.
const SERVES_FOR: Micros = Micros::from_seconds(5);

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SystemsForm {
    /// The page.
    Page,
    /// Its feed.
    Feed,
    /// The same as JSON.
    Json,
}

/// Looks at the record.
#[derive(Debug)]
pub(super) struct SystemsPages {
    source: Arc<SystemsSource>,
    one: Arc<Semaphore>,
    seen: Arc<Mutex<Option<SeenSystems>>>,
}

#[derive(Debug)]
struct SystemsSource {
    config: Config,
    database: PathBuf,
    zone: TimeZone,
}

/// A look at the record, and what the state was.
#[derive(Debug, Clone)]
struct SeenSystems {
    at: BootTime,
    state: Option<(LinkState, Option<i64>)>,
    look: Arc<SystemsLook>,
}

/// What was seen, and its forms, each made when it is first asked for.
#[derive(Debug)]
struct SystemsLook {
    systems: Systems,
    page: OnceLock<TaggedBytes>,
    feed: OnceLock<TaggedBytes>,
    json: OnceLock<TaggedBytes>,
}

impl SystemsLook {
    fn new(systems: Systems) -> Self {
        let [page, feed, json] = std::array::from_fn(|_| OnceLock::new());
        Self { systems, page, feed, json }
    }
}

impl SystemsPages {
    pub(super) fn new(config: Config, database: PathBuf, zone: TimeZone) -> Self {
        Self {
            source: Arc::new(SystemsSource { config, database, zone }),
            one: Arc::new(Semaphore::new(1)),
            seen: Arc::default(),
        }
    }

    /// The answer to a request for one of the forms.
    pub(super) async fn answer(
        &self,
        form: SystemsForm,
        present: &SharedPresent,
    ) -> Result<HttpAnswer, DocumentError> {
        let live = present.lock().status().cloned();
        let look = self.look(live).await?;
        let systems = &look.systems;
        Ok(match form {
            SystemsForm::Page => {
                let page = || TaggedBytes::new(render::status_page(systems, PageHome::Served));
                let mut answer = look.page.get_or_init(page).answer("text/html; charset=utf-8");
                let policy = render::status_page_policy() + "; frame-ancestors 'none'";
                if let Ok(policy) = HeaderValue::from_str(&policy) {
                    answer.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
                }
                answer
            }
            SystemsForm::Feed => {
                let url = self.source.config.publish.url.as_deref();
                let feed = || TaggedBytes::new(render::atom(systems, url));
                look.feed.get_or_init(feed).answer("application/atom+xml; charset=utf-8")
            }
            SystemsForm::Json => {
                let json = || TaggedBytes::new(render::systems_json(systems));
                look.json.get_or_init(json).answer(answer::JSON)
            }
        })
    }

    async fn look(&self, live: Option<Arc<Status>>) -> Result<Arc<SystemsLook>, DocumentError> {
        let permit = Arc::clone(&self.one).acquire_owned().await.expect("it is never closed");
        let state = live
            .as_ref()
            .map(|status| (status.state, status.open_drop.as_ref().map(|drop| drop.id)));
        let now = Reading::now();
        let kept = self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(seen) = kept
            && seen.state == state
            && now.boot.since(seen.at) < SERVES_FOR
        {
            return Ok(seen.look);
        }
        let (source, seen) = (Arc::clone(&self.source), Arc::clone(&self.seen));
        let work = move || {
            // Held to the end of the work, even if the browser has gone by then.
            let _permit = permit;
            let reader = Reader::open(&source.database)?;
            let view = SystemsView { now: now.utc, zone: &source.zone, config: &source.config };
            let look = Arc::new(SystemsLook::new(Systems::look(&reader, view, live.as_deref())?));
            let fresh = SeenSystems { at: now.boot, state, look: Arc::clone(&look) };
            *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(fresh);
            Ok(look)
        };
        aside(work).await.map_err(DocumentError::Panicked)?
    }
}
