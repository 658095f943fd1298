//! What all handlers share.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use jiff::tz::TimeZone;

use super::access::AccessRules;
use super::answer::{self, HttpAnswer};
use super::document_error::DocumentError;
use super::documents::Documents;
use super::events::EventStreams;
use super::hours_ahead::HoursAhead;
use super::notes_pace::NoteWrites;
use super::outgoing::OutgoingBudget;
use super::page::PageTexts;
use super::systems::SystemsPages;
use crate::config::Site;
use crate::text::describe;

/// Everything answers are made of.
#[derive(Debug)]
pub(super) struct Routes {
    pub(super) events: EventStreams,
    pub(super) documents: Documents,
    pub(super) hours_ahead: HoursAhead,
    pub(super) systems: SystemsPages,
    pub(super) names: Vec<String>,
    pub(super) zone: TimeZone,
    pub(super) site: Site,
    /// The page in its language.
    pub(super) page: PageTexts,
    pub(super) access: Arc<AccessRules>,
    pub(super) note_writes: NoteWrites,
    pub(super) budget: OutgoingBudget,
}

/// What a handler is given.
pub(super) type Shared = State<Arc<Routes>>;

/// The answer where the record gives none.
pub(super) fn failed(problem: &DocumentError) -> HttpAnswer {
    let status = match problem {
        DocumentError::Period(_) | DocumentError::TooLarge => StatusCode::BAD_REQUEST,
        DocumentError::TooMuchWaits => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    answer::said(status, &describe(problem))
}
