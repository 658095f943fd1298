//! The table of yardsticks.

use std::time::Duration;

use super::ColumnKind::{Number, Words};
use super::{Block, DocumentWriter, Section, Table, section};
use crate::language::{self, Noun, words};
use crate::report::sight::Sight;
use crate::report::yardsticks;
use crate::stats::yardsticks::{Figure, Unit};

/// If drops of this length can be missed, the table says so.
const MISSED: Duration = Duration::from_secs(10);

impl DocumentWriter<'_> {
    pub(super) fn yardsticks(&self) -> Option<Section> {
        let (language, p) = (self.language, self.language.phrases());
        if self.report.analyses.yardsticks.iter().all(|stick| stick.figure.is_none()) {
            return None;
        }
        let mut table = Table::new(&[
            (p.what, Words),
            (p.figure, Number),
            (p.both_counts, Number),
            (p.watched, Number),
            (p.threshold, Words),
        ]);
        table.rows = self
            .report
            .analyses
            .yardsticks
            .iter()
            .map(|stick| {
                let name = language.yardstick(stick).to_owned();
                let verdict = language.standing(stick);
                let Some(f) = &stick.figure else {
                    let figure = if stick.silent.is_some() { "-" } else { p.no_data };
                    let none = figure.to_owned();
                    return vec![name, none, String::new(), String::new(), verdict.to_owned()];
                };
                let counts = format!("{}/{}", self.plain(f.part), self.plain(f.whole));
                let share = yardsticks::ratio(f).map_or_else(String::new, |r| language.percent(r));
                vec![name, self.figure(f), counts, share, verdict.to_owned()]
            })
            .collect();
        let notes = p.yardstick_notes.iter().map(|note| Block::Text((*note).to_owned()));
        let narrow = Sight::narrowed(self.report).filter(|sight| sight.sure > MISSED);
        let missed = narrow.and_then(|_| language.sight(self.report, p.yardsticks_miss));
        let notes = notes.chain(missed.map(Block::Text));
        let blocks = std::iter::once(Block::Table(table)).chain(notes).collect();
        Some(section("yardsticks", p.yardsticks, blocks))
    }

    fn figure(&self, f: &Figure) -> String {
        let p = self.language.phrases();
        match f.unit {
            Unit::Ratio => self.language.percent(f.value),
            Unit::PerDay => {
                let figure = self.language.figures(&format!("{:.1}", f.value));
                language::fill(p.per_day, &[("figure", &figure)])
            }
            Unit::Days => {
                let days = Duration::try_from_secs_f64(f.value.round()).unwrap_or_default();
                let days = usize::try_from(days.as_secs()).unwrap_or(usize::MAX);
                self.language.count(days, Noun::Day)
            }
            Unit::Seconds => {
                self.language.length(Duration::try_from_secs_f64(f.value).unwrap_or_default())
            }
        }
    }

    /// A count without decimals, anything else below a hundred with one.
    fn plain(&self, value: f64) -> String {
        let value = if value >= 100.0 { value.round() } else { value };
        self.language.figures(&plain(value))
    }
}

/// Counts and large numbers without decimals, all others with one.
fn plain(value: f64) -> String {
    if value < 1_000.0 && (value - value.round()).abs() > 0.05 {
        return format!("{value:.1}");
    }
    let whole = Duration::try_from_secs_f64(value.round()).unwrap_or_default();
    words::number(whole.as_secs())
}
