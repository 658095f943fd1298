//! From a request to its answer.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, CONTENT_DISPOSITION, HeaderValue, LINK, VARY};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::routing::{get, post, put};
use jiff::tz::TimeZone;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate as _};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};

use super::access::{self, Visitor};
use super::answer::{self, AlreadyHeld, HttpAnswer};
use super::documents::{
    DocumentFormat, DocumentSource, DocumentTurn, DocumentWanted, DropsWanted, LatestDrops,
    ReportAudience,
};
use super::metrics::{Measured, MetricsForm};
use super::page::PageSession;
use super::past::PastWanted;
use super::state::{Routes, Shared, failed};
use super::systems::SystemsForm;
use super::typed_period::TypedPeriod;
use super::{feed, guard, layers, login, metrics, notes, page};
use crate::live::DropStatus;
use crate::time::{Reading, TimeRange, Timestamp};

/// Where the API is served: its version, and the paths from before there were versions.
const API: [&str; 2] = ["/api/v1", "/api"];

/// Of the body of a request, in octets.
const BODY_LIMIT: usize = 16 << 10;

/// Between two pieces of the body of a request.
const BODY_PAUSE: Duration = Duration::from_secs(10);

/// From the head of a request to that of its answer. A report of a month takes seconds, and may wait
/// for another.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);

/// Whose drops are given unless another period is asked for.
const WEEK: Duration = Duration::from_secs(7 * 86_400);

/// Drops in one answer, at most and unless another number is asked for.
const DROPS_AT_ONCE: usize = 1_000;

/// Every path, and around them what holds for all of them.
pub(super) fn router(answers: Arc<Routes>) -> Router {
    let mut router = Router::new()
        .route("/", get(live_page))
        .route("/status", get(async |routes: Shared| systems(routes, SystemsForm::Page).await))
        .route("/feed.atom", get(async |routes: Shared| systems(routes, SystemsForm::Feed).await))
        .route("/login", get(login::ask).post(login::log_in))
        .route("/logout", post(login::log_out))
        .route("/metrics", get(prometheus));
    for asset in page::assets() {
        router = router.route(asset.path, get(async || asset.answer()));
    }
    for api in API {
        let at = |path: &str| format!("{api}{path}");
        router = router
            .route(&at("/status"), get(status))
            .route(
                &at("/systems"),
                get(async |routes: Shared| systems(routes, SystemsForm::Json).await),
            )
            .route(&at("/events"), get(events))
            .route(&at("/drops"), get(drops));
    }
    let at = |path: &str| format!("{}{path}", API[0]);
    router = router
        .route(&at("/history"), get(history))
        .route(&at("/days"), get(days))
        .route(&at("/drops/{file}"), get(one_drop));
    router = router
        .route(&at("/notes"), get(notes::list).post(notes::add))
        .route(&at("/notes/{id}"), put(notes::edit).delete(notes::remove));
    for parent in ["", API[0]] {
        for kind in DocumentFormat::PARENTS {
            router = router.route(&format!("{parent}/{kind}/{{file}}"), get(document));
        }
    }
    let nothing = async || answer::said(StatusCode::NOT_FOUND, "there is nothing at this path");
    let router = router.fallback(nothing).with_state(Arc::clone(&answers));
    bounded(router, answers)
}

/// Bounds, checks and headers around all routes; the layer that sees a request first is last.
fn bounded(router: Router, answers: Arc<Routes>) -> Router {
    let (budget, access) = (answers.budget.clone(), Arc::clone(&answers.access));
    let pays = DefaultPredicate::new().and(NotForContentType::const_new("application/pdf"));
    // Measuring comes before bandwidth.
    let gzip = CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(pays);
    let timeout = TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, ANSWER_LIMIT);
    router
        .layer(RequestBodyLimitLayer::new(BODY_LIMIT))
        .layer(RequestBodyTimeoutLayer::new(BODY_PAUSE))
        .layer(timeout)
        .layer(middleware::from_fn_with_state(access, access::admit))
        .layer(middleware::from_fn_with_state(answers, guarded))
        .layer(middleware::from_fn_with_state(budget, layers::spare))
        .layer(gzip)
        .layer(middleware::from_fn(layers::dress))
}

/// Lets in what the guard lets in.
async fn guarded(State(routes): Shared, request: Request, next: Next) -> HttpAnswer {
    match guard::check(&request, &routes.names).and_then(|()| guard::check_change(&request)) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.answer(request.uri().path()),
    }
}

async fn live_page(State(routes): Shared, request: Request) -> HttpAnswer {
    let session = match Visitor::of(request.extensions()) {
        _ if routes.access.sessions().is_none() => PageSession::Impossible,
        Visitor::Owner => PageSession::In,
        Visitor::Local | Visitor::Stranger => PageSession::Out,
    };
    routes.page.answer(session)
}

async fn status(State(routes): Shared) -> HttpAnswer {
    begun(feed::status(&routes.events.present), answer::JSON)
}

async fn systems(State(routes): Shared, form: SystemsForm) -> HttpAnswer {
    let made = routes.systems.answer(form, &routes.events.present).await;
    made.unwrap_or_else(|problem| failed(&problem))
}

async fn events(State(routes): Shared, method: Method) -> HttpAnswer {
    if method != Method::GET {
        return answer::ok("text/event-stream", "");
    }
    routes.hours_ahead.read_soon();
    routes.events.open()
}

async fn prometheus(State(routes): Shared, headers: HeaderMap) -> HttpAnswer {
    let accept = headers.get_all(ACCEPT).into_iter().filter_map(|value| value.to_str().ok());
    let form = MetricsForm::accepted(accept);
    let mut answer = begun(routes.metrics(form), form.content_type());
    answer.headers_mut().append(VARY, HeaderValue::from_static("accept"));
    answer
}

async fn drops(State(routes): Shared, request: Request) -> HttpAnswer {
    routes.drops(request.uri().path(), request.uri().query().unwrap_or_default()).await
}

async fn history(State(routes): Shared, request: Request) -> HttpAnswer {
    let query = request.uri().query().unwrap_or_default();
    let wanted = PastWanted::history(query, Reading::now().utc, &routes.zone);
    routes.past(wanted, audience(&request)).await
}

async fn days(State(routes): Shared, request: Request) -> HttpAnswer {
    let query = request.uri().query().unwrap_or_default();
    let wanted = PastWanted::days(query, Reading::now().utc, &routes.zone);
    routes.past(wanted, audience(&request)).await
}

async fn one_drop(State(routes): Shared, request: Request) -> HttpAnswer {
    let file = request.uri().path().rsplit('/').next().unwrap_or_default();
    match PastWanted::drop(file) {
        Some(wanted) => routes.past(Ok(wanted), audience(&request)).await,
        None => answer::said(StatusCode::NOT_FOUND, "drops have numbers: /api/v1/drops/12"),
    }
}

/// For whom an answer to a request is made.
fn audience(request: &Request) -> ReportAudience {
    match Visitor::of(request.extensions()) {
        Visitor::Owner => ReportAudience::Owner,
        Visitor::Local | Visitor::Stranger => ReportAudience::Anyone,
    }
}

async fn document(State(routes): Shared, request: Request) -> HttpAnswer {
    let path = request.uri().path();
    let path = path.strip_prefix(API[0]).unwrap_or(path);
    match DocumentWanted::of_path(path, request.uri().query().unwrap_or_default()) {
        Some(Ok(wanted)) => {
            let audience = audience(&request);
            routes.document(DocumentWanted { audience, ..wanted }, path).await
        }
        Some(Err(why)) => answer::said(StatusCode::BAD_REQUEST, &why),
        None => answer::said(StatusCode::NOT_FOUND, "there is no such document"),
    }
}

impl Routes {
    fn metrics(&self, form: MetricsForm) -> Option<String> {
        let (status, counters, modem) = {
            let present = self.events.present.lock();
            (present.status()?.clone(), present.counters().clone(), present.modem().clone())
        };
        let (status, counters, modem, site) = (&status, &counters, &modem, &self.site);
        Some(metrics::text(form, &Measured { status, counters, modem, site }))
    }

    fn latest_drops(&self) -> LatestDrops {
        let present = self.events.present.lock();
        let Some(status) = present.status() else { return LatestDrops::default() };
        let id = |drop: &Option<DropStatus>| drop.as_ref().map(|drop| drop.id);
        LatestDrops { open: id(&status.open_drop), over: id(&status.last_drop) }
    }

    async fn document(&self, wanted: DocumentWanted, path: &str) -> HttpAnswer {
        let (content_type, is_shown) = (wanted.content_type(), wanted.is_shown(path));
        match self.documents.get(wanted, self.latest_drops()).await {
            Ok(bytes) => {
                let mut answer = answer::ok(content_type, bytes);
                answer.extensions_mut().insert(AlreadyHeld);
                if !is_shown {
                    // A known path has nothing odd in it.
                    let file = path.trim_start_matches('/').replace('/', "-");
                    let value = format!("attachment; filename=\"linkmon-{file}\"");
                    if let Ok(value) = HeaderValue::from_str(&value) {
                        answer.headers_mut().insert(CONTENT_DISPOSITION, value);
                    }
                }
                answer
            }
            Err(problem) => failed(&problem),
        }
    }

    async fn past(
        &self,
        wanted: Result<PastWanted, String>,
        audience: ReportAudience,
    ) -> HttpAnswer {
        let wanted = match wanted {
            Ok(wanted) => wanted,
            Err(why) => return answer::said(StatusCode::BAD_REQUEST, &why),
        };
        let turn = if wanted.is_drawn() { DocumentTurn::OfReports } else { DocumentTurn::OfLists };
        let make = move |source: &DocumentSource| wanted.make(source, audience, Reading::now().utc);
        self.hours_ahead.forget_later();
        match self.documents.of_record(turn, make).await {
            Ok(Some(bytes)) => answer::ok(wanted.content_type(), bytes),
            Ok(None) => answer::said(StatusCode::NOT_FOUND, "there is no drop of this number"),
            Err(problem) => failed(&problem),
        }
    }

    async fn drops(&self, path: &str, query: &str) -> HttpAnswer {
        let wanted = match drops_wanted(query, Reading::now().utc, &self.zone) {
            Ok(wanted) => wanted,
            Err(why) => return answer::said(StatusCode::BAD_REQUEST, &why),
        };
        match self.documents.drops(wanted).await {
            Ok((json, has_older)) => {
                let mut answer = answer::ok(answer::JSON, json);
                if has_older && let Ok(link) = HeaderValue::from_str(&older(path, wanted)) {
                    answer.headers_mut().insert(LINK, link);
                }
                answer
            }
            Err(problem) => failed(&problem),
        }
    }
}

/// Before the first second has passed there is nothing to answer with.
fn begun(text: Option<String>, content_type: &'static str) -> HttpAnswer {
    match text {
        Some(text) => answer::ok(content_type, text),
        None => answer::said(StatusCode::SERVICE_UNAVAILABLE, "measuring has not begun yet"),
    }
}

/// Where the next older drops of the same period are (RFC 8288).
fn older(path: &str, wanted: DropsWanted) -> String {
    let DropsWanted { period: TimeRange { from, to }, skip, most } = wanted;
    let skip = skip + most;
    format!("<{path}?since={from}&until={to}&limit={most}&skip={skip}>; rel=\"next\"")
}

/// The period of a query, by itself the last seven days, and `limit=100&skip=200`.
fn drops_wanted(query: &str, now: Timestamp, zone: &TimeZone) -> Result<DropsWanted, String> {
    let (mut skip, mut most) = (0, DROPS_AT_ONCE);
    let typed = TypedPeriod::of(query, &mut |name, value| {
        match name {
            "limit" => match value.parse() {
                Ok(n) if (1..=DROPS_AT_ONCE).contains(&n) => most = n,
                _ => return Err(format!("limit: it is 1 to {DROPS_AT_ONCE}")),
            },
            "skip" => match value.parse() {
                Ok(n) if n < usize::MAX / 2 => skip = n,
                _ => return Err("skip: it is a number of drops".to_owned()),
            },
            _ => return Err("known are since, until, limit and skip".to_owned()),
        }
        Ok(())
    })?;
    let week = TimeRange { from: now - WEEK, to: now };
    Ok(DropsWanted { period: typed.range(week, now, zone)?, skip, most })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_770_038_400);

    fn seconds_back(query: &str) -> Result<(i64, i64), String> {
        let period = drops_wanted(query, NOW, &TimeZone::UTC)?.period;
        let back = |at: Timestamp| NOW.micros_since(at) / 1_000_000;
        Ok((back(period.from), back(period.to)))
    }

    #[test]
    fn drops_are_those_of_a_week_unless_another_period_is_asked_for() {
        assert_eq!(seconds_back(""), Ok((7 * 86_400, 0)));
        assert_eq!(seconds_back("since=90m"), Ok((5_400, 0)));
        assert_eq!(seconds_back("from=2h&to=1h&limit=5"), Ok((7_200, 3_600)));
        for query in ["since=drop:1", "x=1", "limit=0", "limit=1001", "skip=-1"] {
            let why = seconds_back(query).unwrap_err();
            assert!(!why.contains('\n') && why.len() < 300, "{query}: {why}");
        }
    }
}
