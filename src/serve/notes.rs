//! Notes over HTTP: listed, added, edited and removed as `linkmon note` does it, so that earlier
//! wordings stay in the record. All times are in milliseconds since 1970.

use std::collections::BTreeMap;
use std::path::Path as FilePath;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::header::{HeaderMap, HeaderValue, LOCATION};
use axum::http::{Extensions, StatusCode};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::access::Visitor;
use super::answer::{self, HttpAnswer};
use super::documents::DocumentSource;
use super::login::is_of_type;
use super::query;
use super::state::{Routes, Shared, failed};
use super::typed_period::TypedPeriod;
use crate::report::KnownNumbers;
use crate::store::{self, Reader};
use crate::text::describe;
use crate::time::{Reading, TimeRange, Timestamp, parse_instant};
use crate::vocabulary::{Note, NoteDraft, NoteKind, StoredDrop, note_text, ticket_number};

/// Notes in one answer: the newest ones.
const MOST_LISTED: usize = 1_000;

/// Notes in a record, and earlier wordings of them, beyond which none is written from here.
const MOST_KEPT: usize = 10_000;

/// The year 2200, in milliseconds: later ones are a mistake.
const LATEST_MS: i64 = 7_258_118_400_000;

/// A note as it is shown here.
#[derive(Debug, Serialize)]
struct ShownNote<'a> {
    id: i64,
    at: i64,
    text: &'a str,
    kind: NoteKind,
    ticket: Option<&'a str>,
    added: i64,
    edited: Option<i64>,
    /// How often it was changed.
    version: u32,
    /// The drop in which the time lies.
    on: Option<i64>,
}

/// What a note is to say; of an edit, what is to change.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoteWanted {
    at: Option<WantedTime>,
    text: Option<String>,
    kind: Option<NoteKind>,
    /// An empty one: none.
    ticket: Option<String>,
    /// That of the note which is edited, as it was read.
    version: Option<u32>,
}

/// A time in milliseconds, or as on the command line.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum WantedTime {
    Ms(i64),
    Typed(String),
}

/// Why a note is not listed or written.
#[derive(Debug, thiserror::Error)]
enum NoteRefusal {
    #[error("{0}")]
    Invalid(String),
    #[error(
        "this note has numbers that are only shown with the token: change it with that, or by \
         `linkmon note`"
    )]
    Masked,
    #[error(
        "there are {MOST_KEPT} notes or earlier wordings of them: no more are written from here"
    )]
    TooMany,
    #[error("this note was changed elsewhere since it was read: read it again, then change it")]
    Changed,
    #[error(transparent)]
    Store(store::Error),
}

impl From<store::Error> for NoteRefusal {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::NoteChanged { .. } => Self::Changed,
            other => Self::Store(other),
        }
    }
}

impl From<NoteRefusal> for HttpAnswer {
    fn from(refusal: NoteRefusal) -> Self {
        let status = match &refusal {
            NoteRefusal::Invalid(_) => StatusCode::BAD_REQUEST,
            NoteRefusal::Masked => StatusCode::FORBIDDEN,
            NoteRefusal::TooMany => StatusCode::INSUFFICIENT_STORAGE,
            NoteRefusal::Changed => StatusCode::CONFLICT,
            NoteRefusal::Store(store::Error::NoNote { .. }) => StatusCode::NOT_FOUND,
            NoteRefusal::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        answer::said(status, &describe(&refusal))
    }
}

/// `GET /api/v1/notes?from&to`.
pub(super) async fn list(State(routes): Shared, request: Request) -> HttpAnswer {
    let visitor = Visitor::of(request.extensions());
    let now = Reading::now().utc;
    let other = &mut |_: &str, _: &str| Err("known are from and to".to_owned());
    let typed = TypedPeriod::of(request.uri().query().unwrap_or_default(), other);
    let range = match typed.and_then(|typed| typed.range(TimeRange::EVER, now, &routes.zone)) {
        Ok(range) => range,
        Err(why) => return NoteRefusal::Invalid(why).into(),
    };
    let work = move |source: &DocumentSource| listed(source, range, visitor);
    match routes.documents.with_record(work).await {
        Ok(Ok(json)) => answer::ok(answer::JSON, json),
        Ok(Err(refusal)) => refusal.into(),
        Err(problem) => failed(&problem),
    }
}

/// `POST /api/v1/notes`.
pub(super) async fn add(
    State(routes): Shared,
    extensions: Extensions,
    headers: HeaderMap,
    body: Bytes,
) -> HttpAnswer {
    let visitor = Visitor::of(&extensions);
    let wanted = match wanted(&routes, visitor, &headers, &body) {
        Ok(wanted) => wanted,
        Err(refusal) => return *refusal,
    };
    let zone = routes.zone.clone();
    let change = move |source: &DocumentSource| added(source, wanted, visitor, &zone);
    let (mut answer, id) = match routes.documents.with_record(change).await {
        Ok(Ok((json, id))) => (answer::ok(answer::JSON, json), id),
        Ok(Err(refusal)) => return refusal.into(),
        Err(problem) => return failed(&problem),
    };
    *answer.status_mut() = StatusCode::CREATED;
    if let Ok(path) = HeaderValue::from_str(&format!("/api/v1/notes/{id}")) {
        answer.headers_mut().insert(LOCATION, path);
    }
    answer
}

/// `PUT /api/v1/notes/ID`.
pub(super) async fn edit(
    State(routes): Shared,
    Path(id): Path<String>,
    extensions: Extensions,
    headers: HeaderMap,
    body: Bytes,
) -> HttpAnswer {
    let visitor = Visitor::of(&extensions);
    let Ok(id) = id.parse() else { return no_number() };
    let wanted = match wanted(&routes, visitor, &headers, &body) {
        Ok(wanted) => wanted,
        Err(refusal) => return *refusal,
    };
    let zone = routes.zone.clone();
    let change = move |source: &DocumentSource| edited(source, id, wanted, visitor, &zone);
    match routes.documents.with_record(change).await {
        Ok(Ok(json)) => answer::ok(answer::JSON, json),
        Ok(Err(refusal)) => refusal.into(),
        Err(problem) => failed(&problem),
    }
}

/// `DELETE /api/v1/notes/ID?version=N`.
pub(super) async fn remove(
    State(routes): Shared,
    Path(id): Path<String>,
    request: Request,
) -> HttpAnswer {
    let visitor = Visitor::of(request.extensions());
    let Ok(id) = id.parse() else { return no_number() };
    let version = match version(request.uri().query().unwrap_or_default()) {
        Ok(version) => version,
        Err(why) => return NoteRefusal::Invalid(why).into(),
    };
    if let Some(refusal) = locked(&routes, visitor).or_else(|| too_fast(&routes)) {
        return refusal;
    }
    let change = move |source: &DocumentSource| removed(&source.database, id, version, visitor);
    match routes.documents.with_record(change).await {
        Ok(Ok(())) => answer::said(StatusCode::OK, "the note is removed"),
        Ok(Err(refusal)) => refusal.into(),
        Err(problem) => failed(&problem),
    }
}

/// The version of the note that is to be removed.
fn version(query: &str) -> Result<Option<u32>, String> {
    let mut version = None;
    for (name, value) in query::pairs(query)? {
        match (name.as_str(), value.parse()) {
            ("version", Ok(number)) => version = Some(number),
            _ => return Err("known is version, a number".to_owned()),
        }
    }
    Ok(version)
}

fn no_number() -> HttpAnswer {
    answer::said(StatusCode::NOT_FOUND, "a note has a number")
}

/// Where there is a token, nobody writes into the record without it.
fn locked(routes: &Arc<Routes>, visitor: Visitor) -> Option<HttpAnswer> {
    (visitor != Visitor::Owner && routes.access.sessions().is_some()).then(|| {
        let sentence = "notes are written with the token: log in at /login, or send it";
        answer::said(StatusCode::FORBIDDEN, sentence)
    })
}

fn too_fast(routes: &Arc<Routes>) -> Option<HttpAnswer> {
    (!routes.note_writes.may_write(Reading::now().boot)).then(|| {
        let sentence = "notes are written too fast; try again in a minute";
        answer::said(StatusCode::TOO_MANY_REQUESTS, sentence)
    })
}

/// What the body of a request wants. Its type is one that a form of another site cannot send.
fn wanted(
    routes: &Arc<Routes>,
    visitor: Visitor,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<NoteWanted, Box<HttpAnswer>> {
    if let Some(refusal) = locked(routes, visitor) {
        return Err(refusal.into());
    }
    if !is_of_type(headers, answer::JSON) {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(answer::said(status, "a note is sent as application/json").into());
    }
    let wanted = serde_json::from_slice(body).map_err(|problem| {
        Box::new(HttpAnswer::from(NoteRefusal::Invalid(format!("this is no note: {problem}"))))
    })?;
    match too_fast(routes) {
        Some(refusal) => Err(refusal.into()),
        None => Ok(wanted),
    }
}

fn instant(typed: &WantedTime, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, String> {
    match typed {
        WantedTime::Ms(ms) if (0..=LATEST_MS).contains(ms) => Ok(Timestamp::from_millis(*ms)),
        WantedTime::Ms(_) => Err("a time is in milliseconds since 1970".to_owned()),
        WantedTime::Typed(text) => parse_instant(text, now, zone).map_err(|e| e.to_string()),
    }
}

/// What a note says after a change, by what it said before.
fn draft(
    wanted: NoteWanted,
    before: Option<NoteDraft>,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<NoteDraft, NoteRefusal> {
    let invalid = NoteRefusal::Invalid;
    let NoteWanted { at, text, kind, ticket, version } = wanted;
    if version.is_some() && before.is_none() {
        return Err(invalid("version: a new note has none".to_owned()));
    }
    let at = at
        .map(|at| instant(&at, now, zone))
        .transpose()
        .map_err(|e| invalid(format!("at: {e}")))?;
    let text = text.map(|text| note_text(&text)).transpose().map_err(invalid)?;
    let ticket = match ticket.as_deref() {
        None => before.as_ref().and_then(|before| before.ticket.clone()),
        Some("") => None,
        Some(number) => Some(ticket_number(number).map_err(invalid)?),
    };
    let implied = if ticket.is_some() { NoteKind::Call } else { NoteKind::Other };
    let (at_before, text_before, kind_before) = match before {
        Some(before) => (before.at, Some(before.text), before.kind),
        None => (now, None, implied),
    };
    let text = text.or(text_before).ok_or_else(|| invalid("a note has a text".to_owned()))?;
    Ok(NoteDraft { at: at.unwrap_or(at_before), text, kind: kind.unwrap_or(kind_before), ticket })
}

fn listed(
    source: &DocumentSource,
    range: TimeRange,
    visitor: Visitor,
) -> Result<String, NoteRefusal> {
    let reader = Reader::open(&source.database)?;
    let notes = shown_notes(&reader, source, visitor)?;
    let within: Vec<&Note> = notes.iter().filter(|note| range.contains(note.at)).collect();
    let newest = &within[within.len().saturating_sub(MOST_LISTED)..];
    let drops = drops_around(&reader, newest)?;
    let versions = reader.note_versions()?;
    let shown: Vec<_> = newest.iter().map(|note| shown(note, &versions, &drops)).collect();
    Ok(serde_json::to_string(&shown).expect("notes are plain data") + "\n")
}

/// All notes as this visitor may see them.
fn shown_notes(
    reader: &Reader,
    source: &DocumentSource,
    visitor: Visitor,
) -> Result<Vec<Note>, NoteRefusal> {
    let mut notes = reader.notes(TimeRange::EVER)?;
    if visitor != Visitor::Owner {
        // Numbers of any ticket, wherever they are mentioned.
        KnownNumbers::read(reader, &source.config)?.leave_out(notes.iter_mut());
    }
    Ok(notes)
}

/// The drops in whose time a note may lie.
fn drops_around(reader: &Reader, notes: &[&Note]) -> Result<Vec<StoredDrop>, NoteRefusal> {
    let (Some(first), Some(last)) = (notes.first(), notes.last()) else { return Ok(Vec::new()) };
    let range = TimeRange { from: first.at, to: last.at + Duration::from_millis(1) };
    Ok(reader.drops(range)?)
}

fn shown<'a>(note: &'a Note, versions: &BTreeMap<i64, u32>, drops: &[StoredDrop]) -> ShownNote<'a> {
    let on = drops.iter().find(|stored| {
        let ends = stored.drop.end.map(|end| end.latest);
        stored.drop.onset.earliest <= note.at && ends.is_none_or(|end| note.at <= end)
    });
    ShownNote {
        id: note.id,
        at: note.at.as_millis(),
        text: &note.text,
        kind: note.kind,
        ticket: note.ticket.as_deref(),
        added: note.added.as_millis(),
        edited: note.edited.map(Timestamp::as_millis),
        version: versions.get(&note.id).copied().unwrap_or_default(),
        on: on.map(|stored| stored.id),
    }
}

fn added(
    source: &DocumentSource,
    wanted: NoteWanted,
    visitor: Visitor,
    zone: &TimeZone,
) -> Result<(String, i64), NoteRefusal> {
    let now = Reading::now().utc;
    let draft = draft(wanted, None, now, zone)?;
    let reader = Reader::open(&source.database)?;
    if reader.notes(TimeRange::EVER)?.len() >= MOST_KEPT {
        return Err(NoteRefusal::TooMany);
    }
    let id = store::add_note(&source.database, &draft, now)?;
    Ok((as_written(source, id, visitor), id))
}

/// A note that was written. It is, whether or not it can be read again.
fn as_written(source: &DocumentSource, id: i64, visitor: Visitor) -> String {
    one(source, id, visitor).unwrap_or_else(|_| format!("{{\"id\":{id}}}\n"))
}

fn edited(
    source: &DocumentSource,
    id: i64,
    wanted: NoteWanted,
    visitor: Visitor,
    zone: &TimeZone,
) -> Result<String, NoteRefusal> {
    let now = Reading::now().utc;
    let reader = Reader::open(&source.database)?;
    let missing = || store::Error::NoNote { path: source.database.clone(), id };
    let before = reader.note_by_id(id)?.ok_or_else(missing)?;
    let seen = shown_notes(&reader, source, visitor)?.into_iter().find(|note| note.id == id);
    // Else what was left out would be lost.
    let is_masked = seen.is_none_or(|seen| seen.text != before.text);
    let has_hidden_ticket = visitor != Visitor::Owner && before.ticket.is_some();
    if (is_masked && wanted.text.is_some()) || (has_hidden_ticket && wanted.ticket.is_some()) {
        return Err(NoteRefusal::Masked);
    }
    if reader.note_changes(TimeRange::EVER)?.len() >= MOST_KEPT {
        return Err(NoteRefusal::TooMany);
    }
    let version = wanted.version;
    let draft = draft(wanted, Some(before.draft()), now, zone)?;
    store::edit_note(&source.database, id, &draft, version, now)?;
    Ok(as_written(source, id, visitor))
}

fn removed(
    database: &FilePath,
    id: i64,
    version: Option<u32>,
    visitor: Visitor,
) -> Result<(), NoteRefusal> {
    let reader = Reader::open(database)?;
    let has_ticket = reader.note_by_id(id)?.is_some_and(|note| note.ticket.is_some());
    if has_ticket && visitor != Visitor::Owner {
        return Err(NoteRefusal::Masked);
    }
    if reader.note_changes(TimeRange::EVER)?.len() >= MOST_KEPT {
        return Err(NoteRefusal::TooMany);
    }
    store::remove_note(database, id, version, Reading::now().utc)?;
    Ok(())
}

/// One note as JSON, as it is after a change, which a reader from before does not see.
fn one(source: &DocumentSource, id: i64, visitor: Visitor) -> Result<String, NoteRefusal> {
    let reader = &Reader::open(&source.database)?;
    let notes = shown_notes(reader, source, visitor)?;
    let missing = || store::Error::NoNote { path: source.database.clone(), id };
    let note = notes.iter().find(|note| note.id == id).ok_or_else(missing)?;
    let drops = drops_around(reader, &[note])?;
    let shown = shown(note, &reader.note_versions()?, &drops);
    Ok(serde_json::to_string(&shown).expect("a note is plain data") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_770_038_400);

    fn read(json: &str) -> Result<NoteDraft, String> {
        let wanted = serde_json::from_str(json).map_err(|e| e.to_string())?;
        draft(wanted, None, NOW, &TimeZone::UTC).map_err(|e| e.to_string())
    }

    #[test]
    fn a_note_is_one_line_with_a_time() {
        let note = read(r#"{"at": 1770038399123, "text": " called them "}"#).unwrap();
        assert_eq!((note.at.as_millis(), note.text.as_str()), (1_770_038_399_123, "called them"));
        assert_eq!((note.kind, note.ticket), (NoteKind::Other, None));
        let note = read(r#"{"at": "13:15", "text": "x", "ticket": "4711"}"#).unwrap();
        assert_eq!(NOW.duration_since(note.at), Some(Duration::from_secs(300)));
        assert_eq!((note.kind, note.ticket.as_deref()), (NoteKind::Call, Some("4711")));
        assert_eq!(read(r#"{"text": "x"}"#).unwrap().at, NOW);
        let long = format!(r#"{{"text": "{}"}}"#, "x".repeat(501));
        for odd in [
            "",
            "[]",
            "{}",
            r#"{"text": ""}"#,
            r#"{"text": "a\nb"}"#,
            r#"{"text": "\u0007"}"#,
            r#"{"text": 1}"#,
            r#"{"text": "x", "at": "soon"}"#,
            r#"{"text": "x", "at": -1}"#,
            r#"{"text": "x", "at": 9223372036854775807}"#,
            r#"{"text": "x", "kind": "rant"}"#,
            r#"{"text": "x", "id": 1}"#,
            r#"{"text": "x", "version": 0}"#,
            &long,
        ] {
            let why = read(odd).unwrap_err();
            assert!(!why.contains('\n') && why.len() < 300, "{odd}: {why}");
        }
    }

    #[test]
    fn an_edit_changes_what_it_names() {
        let before = NoteDraft {
            at: NOW,
            kind: NoteKind::Visit,
            ticket: Some("4711".to_owned()),
            text: "came".to_owned(),
        };
        let edit = |json: &str| {
            let wanted = serde_json::from_str(json).unwrap();
            draft(wanted, Some(before.clone()), NOW, &TimeZone::UTC).unwrap()
        };
        assert_eq!(edit("{}"), before);
        let text = edit(r#"{"text": "came late"}"#);
        assert_eq!(text, NoteDraft { text: "came late".to_owned(), ..before.clone() });
        assert_eq!(edit(r#"{"ticket": ""}"#), NoteDraft { ticket: None, ..before.clone() });
    }
}
