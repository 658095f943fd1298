//! What of the record could not be read.

use serde::Serialize;

use crate::store::Unread;

/// What of a table of the record could not be read.
#[derive(Serialize)]
pub(super) struct UnreadJson {
    table: &'static str,
    rows: u64,
    places: u64,
}

impl UnreadJson {
    /// Without the first row: it may name what the report is not to disclose.
    pub(super) fn of(unread: &Unread) -> Self {
        let Unread { table, rows, places, first: _ } = unread;
        Self { table, rows: *rows, places: *places }
    }
}
