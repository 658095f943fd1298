//! The section on patterns: drops by hour of the day, and all of it as JSON (see `docs/json.md`).
//! The figures are those of [`Pattern`]; the sentences are in `language`.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::tz::TimeZone;
use serde::Serialize;

use super::drops::seconds;
use super::{DropEntry, Report, language};
use crate::config::Lang;
use crate::stats::pattern::recurrence::LEAST;
use crate::stats::pattern::{Pattern, RateCell, RateChange, RecurrenceTest, Strike};
use crate::time::{TimeRange, Timestamp};

/// The pattern of all but blips.
pub(super) fn of(
    drops: &[DropEntry],
    watched: &[TimeRange],
    period: TimeRange,
    zone: &TimeZone,
) -> Pattern {
    let strikes: Vec<_> = drops
        .iter()
        .filter(|d| d.counts())
        .map(|d| Strike {
            onset: d.onset.midpoint(),
            end: d.end.map(|end| end.midpoint()),
            down: d.down.midpoint(),
        })
        .collect();
    let mut pattern = Pattern::find(&strikes, watched, period, zone);
    pattern.trend.change = pattern.trend.change.filter(|change| !is_too_early(change));
    pattern
}

/// A turn for the better is told only when it has held for a day of up time: most links have quiet
/// nights, and some quiet hours behind an outage mend nothing.
const HELD_S: f64 = 86_400.0;

fn is_too_early(change: &RateChange) -> bool {
    !change.is_worse() && change.after.up_s < HELD_S
}

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

#[derive(Serialize)]
struct TestJson {
    test: &'static str,
    p: f64,
    found: bool,
}

#[derive(Serialize)]
struct IntervalsJson {
    median_s: f64,
    quartiles_s: [f64; 2],
    cv: f64,
    p_regular: f64,
    p_clustered: f64,
}

#[derive(Serialize)]
struct ClockJson {
    period_s: f64,
    beat: Timestamp,
    resultant: f64,
    p: f64,
}

#[derive(Serialize)]
struct HoursJson {
    from: u8,
    to: u8,
    drops: usize,
    days: usize,
    p: f64,
}

#[derive(Serialize)]
struct EpisodeJson {
    from: Timestamp,
    to: Option<Timestamp>,
    drops: usize,
    down_s: f64,
}

#[derive(Serialize)]
struct ChangeJson {
    at: Timestamp,
    drops_before: usize,
    up_before_s: f64,
    drops_after: usize,
    up_after_s: f64,
    p: f64,
}

#[derive(Serialize)]
struct TrendJson {
    up_s: f64,
    median_up_s: Option<f64>,
    change: Option<ChangeJson>,
    dead_since: Option<Timestamp>,
}

#[derive(Serialize)]
struct TableJson {
    drops: Vec<Vec<usize>>,
    watched_s: Vec<Vec<f64>>,
}

/// The pattern in JSON.
#[derive(Serialize)]
pub(super) struct PatternJson {
    statement: String,
    drops: usize,
    tested: usize,
    tests: Vec<TestJson>,
    intervals: Option<IntervalsJson>,
    clock: Option<ClockJson>,
    hours: Option<HoursJson>,
    episodes: Vec<EpisodeJson>,
    by_minute: Option<TableJson>,
    by_weekday: Option<TableJson>,
    trend: TrendJson,
}

/// Three decimals, five for a chance.
fn rounded(value: f64, scale: f64) -> f64 {
    (value * scale).round() / scale
}

fn name(test: RecurrenceTest) -> &'static str {
    match test {
        RecurrenceTest::Regular => "regular",
        RecurrenceTest::Clustered => "clustered",
        RecurrenceTest::Clock => "clock",
        RecurrenceTest::TimeOfDay => "time-of-day",
    }
}

fn table<const N: usize>(rows: &[[RateCell; N]]) -> TableJson {
    let watched = |c: &RateCell| {
        seconds(Duration::from_micros(u64::try_from(c.watched_us).unwrap_or_default()))
    };
    TableJson {
        drops: rows.iter().map(|row| row.iter().map(|cell| cell.drops).collect()).collect(),
        watched_s: rows.iter().map(|row| row.iter().map(watched).collect()).collect(),
    }
}

impl PatternJson {
    pub(super) fn of(report: &Report) -> Self {
        let pattern = &report.pattern;
        let r = &pattern.recurrence;
        let enough = pattern.drops >= LEAST;
        let p = |p| rounded(p, 1e5);
        let found: Vec<_> = r.found().map(|(test, _)| test).collect();
        let test = |&(test, value): &(RecurrenceTest, f64)| TestJson {
            test: name(test),
            p: p(value),
            found: found.contains(&test),
        };
        Self {
            statement: language::of(Lang::En).pattern_found(report),
            drops: pattern.drops,
            tested: r.drops,
            tests: r.tests.iter().map(test).collect(),
            intervals: r.intervals.map(|i| IntervalsJson {
                median_s: seconds(i.median),
                quartiles_s: [seconds(i.half.0), seconds(i.half.1)],
                cv: rounded(i.dispersion.cv, 1e3),
                p_regular: p(i.dispersion.p_regular),
                p_clustered: p(i.dispersion.p_clustered),
            }),
            clock: r.clock.map(|c| ClockJson {
                period_s: seconds(c.period),
                beat: c.beat,
                resultant: rounded(c.resultant, 1e3),
                p: p(c.p),
            }),
            hours: r.hours.map(|h| HoursJson {
                from: h.from,
                to: h.to,
                drops: h.drops,
                days: h.days,
                p: p(h.p),
            }),
            episodes: pattern
                .episodes
                .iter()
                .map(|e| EpisodeJson {
                    from: e.from,
                    to: e.to,
                    drops: e.drops,
                    down_s: seconds(e.down),
                })
                .collect(),
            by_minute: enough.then(|| table(&pattern.tables.by_minute)),
            by_weekday: enough.then(|| table(&pattern.tables.by_weekday)),
            trend: TrendJson {
                up_s: rounded(pattern.trend.up_s, 1e3),
                median_up_s: pattern.trend.median_up.map(seconds),
                change: pattern.trend.change.map(|c| ChangeJson {
                    at: c.at,
                    drops_before: c.before.drops,
                    up_before_s: rounded(c.before.up_s, 1e3),
                    drops_after: c.after.drops,
                    up_after_s: rounded(c.after.up_s, 1e3),
                    p: p(c.p),
                }),
                dead_since: pattern.trend.dead_since,
            },
        }
    }
}
