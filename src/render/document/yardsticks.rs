//! The table of yardsticks.

use std::time::Duration;

use super::ColumnKind::{Number, Words};
use super::{Block, DocumentWriter, Extent, Section, Table, section};
use crate::language::words;
use crate::report::yardsticks;
use crate::stats::yardsticks::{Figure, Unit, Yardstick};

/// A day as long as the shortest there is.
const DAY: Duration = Duration::from_secs(23 * 3_600);

/// The country that each note under the table is about.
const NOTES: [&str; 3] = ["CA", "US", "DE"];

impl DocumentWriter<'_> {
    pub(super) fn yardsticks(&self) -> Option<Section> {
        let (language, p) = (self.language, self.language.phrases());
        let shown = self.shown_yardsticks();
        if shown.iter().all(|stick| stick.figure.is_none()) {
            return None;
        }
        let mut table = Table::new(&[
            (p.what, Words),
            (p.figure, Number),
            (p.both_counts, Number),
            (p.watched, Number),
            (p.threshold, Words),
        ]);
        table.rows = shown
            .iter()
            .map(|stick| {
                let name = language.yardstick(stick).to_owned();
                let verdict = language.standing(stick);
                let Some(f) = &stick.figure else {
                    let none = p.no_data.to_owned();
                    return vec![name, none, String::new(), String::new(), verdict.to_owned()];
                };
                let counts = format!("{}/{}", self.plain(f.part), self.plain(f.whole));
                let share = yardsticks::ratio(f).map_or_else(String::new, |r| language.percent(r));
                vec![name, self.figure(f), counts, share, verdict.to_owned()]
            })
            .collect();
        let note = |(country, note): (&str, &&str)| {
            let of = |stick: &&Yardstick| stick.country == Some(country);
            shown.iter().any(of).then(|| Block::Text((**note).to_owned()))
        };
        let notes = NOTES.into_iter().zip(&p.yardstick_notes).filter_map(note);
        let blocks = std::iter::once(Block::Table(table)).chain(notes).collect();
        Some(section("yardsticks", p.yardsticks, blocks))
    }

    /// Those of the country of the site; in the full text the others after them. None for one drop or for
    /// less than a day, which say nothing of a line.
    fn shown_yardsticks(&self) -> Vec<&Yardstick> {
        let report = self.report;
        if report.focus.is_some() || report.coverage.elapsed < DAY {
            return Vec::new();
        }
        let country = yardsticks::country(report);
        let (own, others): (Vec<_>, Vec<_>) = report
            .analyses
            .yardsticks
            .iter()
            .filter(|stick| stick.country.is_some())
            .partition(|stick| stick.country == country.as_deref());
        match self.extent {
            Extent::Whole | Extent::Forum => own,
            Extent::Text => own.into_iter().chain(others).collect(),
        }
    }

    fn figure(&self, f: &Figure) -> String {
        match f.unit {
            Unit::Ratio => self.language.percent(f.value),
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
