//! Drops begun by weekday and hour, and by minute of the hour: what the pattern is read from.

use super::ColumnKind::{Number, Words};
use super::{Block, DocumentWriter, Extent, Section, Table, section};
use crate::stats::pattern::RateCell;
use crate::stats::pattern::recurrence::LEAST;

impl DocumentWriter<'_> {
    /// `None` with too few drops to say anything of.
    pub(super) fn hours(&self) -> Option<Section> {
        let pattern = &self.report.analyses.pattern;
        if pattern.drops < LEAST {
            return None;
        }
        let p = self.language.phrases();
        let hours: Vec<_> = (0..24).map(|hour| format!("{hour:02}")).collect();
        let days = p.dates.weekdays.map(str::to_owned);
        let all: Vec<_> = pattern.tables.by_hour().collect();
        let total = (self.extent == Extent::Text).then(|| (p.all_silent.to_owned(), &all[..]));
        let days = days.into_iter().zip(pattern.tables.by_weekday.iter().map(|row| &row[..]));
        let days = total.into_iter().chain(days);
        let mut blocks = vec![Block::Table(counts(p.weekday, &hours, days))];
        if self.extent == Extent::Whole {
            let minutes: Vec<_> = (0..12).map(|n| format!(":{:02}", 5 * n)).collect();
            let hours = hours.into_iter().zip(pattern.tables.by_minute.iter().map(|row| &row[..]));
            let hours = hours.filter(|(_, row)| row.iter().any(|cell| cell.drops > 0));
            blocks.push(Block::Table(counts(p.hour, &minutes, hours)));
        }
        blocks.push(Block::Text(p.hours_caption.to_owned()));
        Some(section("hours", p.hours, blocks))
    }
}

fn counts<'a>(
    name: &str,
    across: &[String],
    down: impl Iterator<Item = (String, &'a [RateCell])>,
) -> Table {
    let mut columns = vec![(name, Words)];
    columns.extend(across.iter().map(|title| (title.as_str(), Number)));
    let mut table = Table::new(&columns);
    table.rows = down
        .map(|(name, row)| std::iter::once(name).chain(row.iter().map(begun)).collect())
        .collect();
    table
}

/// A cell that was not watched, and one in which no drop began: a zero in each would hide the others.
const UNWATCHED: &str = "-";
const NONE: &str = ".";

/// How many drops began in a cell.
fn begun(cell: &RateCell) -> String {
    match cell {
        RateCell { drops: 0, watched_us: 0 } => UNWATCHED.to_owned(),
        RateCell { drops: 0, .. } => NONE.to_owned(),
        cell => cell.drops.to_string(),
    }
}
