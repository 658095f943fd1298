//! Lists that are cut short: other problems, and time not watched.

use std::time::Duration;

use super::ColumnKind::{Long, Number, Time};
use super::{Block, DocumentWriter, Extent, Section, Table, section};
use crate::report::ImpairmentEntry;
use crate::text::order::InOrder;
use crate::time::Timestamp;
use crate::vocabulary::Figures;

/// A row of a list in order of time.
pub(super) struct ListRow<K> {
    pub(super) at: Timestamp,
    /// How much it matters: where there is no room for all, rows with the least go first.
    pub(super) weight: K,
    pub(super) cells: Vec<String>,
}

impl DocumentWriter<'_> {
    /// The table with as many rows as there is room for, and how many are left out.
    pub(super) fn list<K: Ord>(&self, mut table: Table, mut rows: Vec<ListRow<K>>) -> Vec<Block> {
        let more = rows.len().saturating_sub(self.extent.rows());
        if more > 0 {
            rows.order_by(|a, b| b.weight.cmp(&a.weight));
            rows.truncate(self.extent.rows());
        }
        rows.order_by_key(|row| row.at);
        table.rows = rows.into_iter().map(|row| row.cells).collect();
        let mut blocks = vec![Block::Table(table.without_empty_columns())];
        if more > 0 {
            let more = self.language.number(more as u64);
            blocks.push(Block::Text(format!("{more} {}", self.language.phrases().more)));
        }
        blocks
    }

    /// Impairments, and targets that failed by themselves.
    pub(super) fn other_problems(&self) -> Option<Section> {
        let (report, language) = (self.report, self.language);
        let p = language.phrases();
        let row = |at: Timestamp, weight: Duration, lasted: String, what: String| {
            let cells = vec![language.minute(at, &report.zone), lasted, what];
            ListRow { at, weight, cells }
        };
        let lasted = |length: Duration, goes_on: bool| {
            let length = language.length(length);
            if goes_on { language.so_far(&length) } else { length }
        };
        let impaired = report.impairments.iter().map(|entry| {
            let ImpairmentEntry { impairment: i, length, .. } = entry;
            let lasted = match i.figures {
                Figures::RouteStep { .. } => String::new(),
                _ => lasted(*length, i.end.is_none()),
            };
            row(i.onset.midpoint(), *length, lasted, language.impairment(entry))
        });
        let failed = report.troubles.iter().map(|trouble| {
            let to = trouble.to.unwrap_or(report.period.to);
            let length = to.duration_since(trouble.from).unwrap_or_default();
            let lost = language.lost_by_itself(trouble.loss);
            let what = format!("{}{}{lost}", trouble.target.name, p.colon);
            row(trouble.from, length, lasted(length, trouble.to.is_none()), what)
        });
        let rows: Vec<_> = impaired.chain(failed).collect();
        if rows.is_empty() {
            return None;
        }
        let table = Table::new(&[(p.began, Time), (p.lasted, Number), (p.what, Long)]);
        let counts = language.wrongs_counted(&report.impairments);
        let counts = (self.extent == Extent::Text && !counts.is_empty()).then_some(counts);
        let blocks = counts.map(Block::Text).into_iter().chain(self.list(table, rows)).collect();
        Some(section("other-problems", p.other_problems, blocks))
    }

    pub(super) fn unwatched(&self) -> Option<Section> {
        let (gaps, language) = (&self.report.gaps, self.language);
        if gaps.is_empty() {
            return None;
        }
        let p = language.phrases();
        let table = Table::new(&[(p.began, Time), (p.lasted, Number), (p.reason, Long)]);
        let rows = gaps.iter().map(|gap| {
            let began = language.minute(gap.range.from, &self.report.zone);
            let (length, reason) = (gap.range.length(), language.gap(gap.reason).to_owned());
            let cells = vec![began, language.length(length), reason];
            ListRow { at: gap.range.from, weight: length, cells }
        });
        let total = (self.extent == Extent::Text).then(|| Block::Text(language.gaps_in_all(gaps)));
        let blocks = total.into_iter().chain(self.list(table, rows.collect())).collect();
        Some(section("unwatched", p.unwatched, blocks))
    }
}
