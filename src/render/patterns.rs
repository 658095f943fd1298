//! Drops by hour of the day in lines of text.

use std::fmt::Write as _;

use crate::config::Lang;
use crate::language;
use crate::report::Report;
use crate::stats::pattern::RateCell;
use crate::stats::pattern::recurrence::LEAST;

/// Drops by hour of day, and of the hours of each weekday that was watched, in lines of 24 or 12
/// hours; an hour nobody watched has a dash.
pub(super) fn strip(report: &Report) -> String {
    let mut out = String::new();
    if report.pattern.drops < LEAST {
        return out;
    }
    let tables = &report.pattern.tables;
    let all: Vec<_> = tables.by_hour().collect();
    let (across, width) = if all.iter().any(|cell| cell.drops > 99) { (12, 7) } else { (24, 3) };
    let weekdays = language::of(Lang::En).phrases().dates.weekdays;
    let watched = |row: &[RateCell]| row.iter().any(|cell| begun(cell) != UNWATCHED);
    for part in 0..24 / across {
        let hours = part * across..(part + 1) * across;
        let mut line = |name: &str, cells: &mut dyn Iterator<Item = String>| {
            let _ = write!(out, "{name:<11}");
            for cell in cells {
                let _ = write!(out, "{cell:>width$}");
            }
            out.push('\n');
        };
        line("By hour", &mut hours.clone().map(|hour| format!("{hour:02}")));
        line("", &mut all[hours.clone()].iter().map(begun));
        for (name, row) in weekdays.iter().zip(&tables.by_weekday) {
            if watched(row) {
                line(&format!("  {name}"), &mut row[hours.clone()].iter().map(begun));
            }
        }
    }
    out
}

/// A cell that nobody watched.
const UNWATCHED: &str = "-";

/// How many drops began in a cell.
pub(super) fn begun(cell: &RateCell) -> String {
    match cell {
        RateCell { drops: 0, watched_us: 0 } => UNWATCHED.to_owned(),
        cell => cell.drops.to_string(),
    }
}
