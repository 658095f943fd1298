//! What people wrote, for all languages: notes with their kinds.

use super::{Language, fill};
use crate::vocabulary::{Note, NoteKind};

impl Language {
    /// A note's kind; nothing of one that has none in particular.
    pub(crate) fn note_kind(&self, kind: NoteKind) -> &'static str {
        self.phrases().note_kinds.of(kind)
    }

    /// A note in a line: `call to the ISP, ticket 4711: they see nothing`.
    pub(crate) fn note(&self, note: &Note) -> String {
        let p = self.phrases();
        let ticket = note.ticket.as_ref().map(|number| format!("{} {number}", p.ticket));
        let about = [self.note_kind(note.kind), ticket.as_deref().unwrap_or_default()];
        let about: Vec<_> = about.into_iter().filter(|s| !s.is_empty()).collect();
        match about.as_slice() {
            [] => note.text.clone(),
            about => format!("{}{}{}", about.join(", "), p.colon, note.text),
        }
    }

    /// A note's text, which says where it was changed after it had been written down.
    pub(crate) fn note_text(&self, note: &Note) -> String {
        match note.edited {
            Some(_) => fill(self.phrases().note_edited, &[("note", &note.text)]),
            None => note.text.clone(),
        }
    }
}
