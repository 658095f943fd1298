//! Notes of people, and what changed at one of them or at another point in time.

use super::ColumnKind::{Long, Time, Words};
use super::lists::ListRow;
use super::{Block, DocumentWriter, Section, Table, section};
use crate::language::capital;

impl DocumentWriter<'_> {
    pub(super) fn notes(&self) -> Option<Section> {
        if self.report.notes.is_empty() {
            return None;
        }
        let (language, p) = (self.language, self.language.phrases());
        let ticket = capital(p.ticket);
        let table =
            Table::new(&[(p.when, Time), (p.note_kind, Words), (&ticket, Words), (p.what, Long)]);
        let rows = self.report.notes.iter().map(|note| {
            let cells = vec![
                language.minute(note.at, &self.report.zone),
                language.note_kind(note.kind).to_owned(),
                note.ticket.clone().unwrap_or_default(),
                language.note_text(note),
            ];
            // The newest matter most.
            ListRow { at: note.at, weight: note.at, cells }
        });
        Some(section("notes", p.notes, self.list(table, rows.collect())))
    }

    pub(super) fn compared(&self) -> Option<Section> {
        let p = self.language.phrases();
        let compared = self.language.compared(self.report)?;
        let c = &p.comparing;
        let titles = [(p.what, Words), (c.before, Words), (c.after, Words), (c.change, Long)];
        let mut table = Table::new(&titles);
        table.rows = compared
            .rows
            .into_iter()
            .map(|[name, rest @ ..]| std::iter::once(capital(&name)).chain(rest).collect())
            .collect();
        let border = format!("{}.", capital(&compared.border));
        Some(section("compared", c.title, vec![Block::Text(border), Block::Table(table)]))
    }
}
