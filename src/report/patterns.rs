//! The section on patterns: when drops come, in words with counts and chances, and as JSON (see
//! `docs/json.md`). The figures are those of [`Pattern`]; nothing is computed here.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::tz::TimeZone;
use serde::Serialize;

use super::drops::seconds;
use super::{DropEntry, Report, words};
use crate::stats::pattern::recurrence::LEAST;
use crate::stats::pattern::{Cell, Change, Clock, Hours, Intervals, Pattern, Strike, Test};
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
    let mut pattern = Pattern::of(&strikes, watched, period, zone);
    pattern.trend.change = pattern.trend.change.filter(|change| !is_too_early(change));
    pattern
}

/// A turn for the better is told only when it has held for a day of up time: most links have quiet
/// nights, and some quiet hours behind an outage mend nothing.
const HELD_S: f64 = 86_400.0;

fn is_too_early(change: &Change) -> bool {
    !change.is_worse() && change.after.1 < HELD_S
}

/// The fields of the section, by name.
pub fn lines(report: &Report) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    if report.pattern.drops > 0 {
        out.push(("Pattern", statement(report)));
        let trend = trend(report);
        if !trend.is_empty() {
            out.push(("Trend", trend));
        }
    }
    out
}

/// The pattern in words, each claim with its count and its chance.
fn statement(report: &Report) -> String {
    let pattern = &report.pattern;
    let recurrence = &pattern.recurrence;
    let n = words::count(recurrence.drops, "drop", "drops");
    let n = if recurrence.drops < pattern.drops { format!("the newest {n}") } else { n };
    if recurrence.drops < LEAST {
        return format!("too few to say ({n}; {LEAST} are needed)");
    }
    let mut said: Vec<String> = recurrence
        .found()
        .filter_map(|(test, p)| {
            let what = match test {
                Test::Regular => regular(&recurrence.intervals?),
                Test::Clustered => "in clusters".to_owned(),
                Test::Clock => clock(&recurrence.clock?, &report.zone),
                Test::TimeOfDay => hours(&recurrence.hours?),
            };
            Some(format!("{what}; {n}; chance of this in random drops {}", chance(p)))
        })
        .collect();
    if said.is_empty() {
        said.push(format!("no pattern found in {n}"));
    }
    let mut text = said.join(". Also ");
    if let Some(most) = pattern.episodes.iter().max_by_key(|e| e.drops) {
        let which = match pattern.episodes.len() {
            1 => "1 flapping episode".to_owned(),
            k => format!("{k} flapping episodes, the largest"),
        };
        let _ = write!(
            text,
            ". {which} from {}: {} drops, down {}",
            words::local_minute(most.from, &report.zone),
            words::number(most.drops as u64),
            words::about(most.down)
        );
    }
    text
}

fn chance(p: f64) -> String {
    if p < 0.001 { "< 0.1 %".to_owned() } else { format!("{:.1} %", p * 100.0) }
}

fn regular(intervals: &Intervals) -> String {
    let (low, high) = intervals.half;
    let minutes = |d: Duration| format!("{:.0}", d.as_secs_f64() / 60.0);
    let span = if high < Duration::from_secs(600) {
        format!("{} to {}", words::length(low), words::length(high))
    } else if high < Duration::from_secs(3 * 3_600) {
        format!("{} to {} min", minutes(low), minutes(high))
    } else {
        format!("{} to {}", words::about(low), words::about(high))
    };
    let median = intervals.median;
    let every = if (600..10_800).contains(&median.as_secs()) {
        format!("{} min", minutes(median))
    } else {
        words::about(median)
    };
    format!("about every {every} (half of the times between drops are {span})")
}

fn clock(clock: &Clock, zone: &TimeZone) -> String {
    let minutes = (clock.period.as_secs() + 30) / 60;
    let every = match minutes {
        0..60 => format!("{minutes} min"),
        60 => "hour".to_owned(),
        _ if minutes.is_multiple_of(60) => format!("{} h", minutes / 60),
        _ => format!("{} h {} min", minutes / 60, minutes % 60),
    };
    let at = match minutes {
        1_440 => format!("at about {}", words::local(clock.beat, zone, "%H:%M")),
        60 => format!("at about minute {} of the hour", words::local(clock.beat, zone, "%-M")),
        _ => format!("last at about {}", words::local_minute(clock.beat, zone)),
    };
    format!("locked to a clock: every {every} {at}")
}

fn hours(hours: &Hours) -> String {
    format!(
        "mostly between {} and {} h ({} of the drops, on {} days with drops)",
        hours.from, hours.to, hours.drops, hours.days
    )
}

/// Drops of a day of up time.
fn rate((drops, up_s): (usize, f64)) -> String {
    let days = up_s / 86_400.0;
    let n = u32::try_from(drops).map_or(f64::INFINITY, f64::from);
    let rate = n / days;
    let figure = if rate < 9.95 { format!("{rate:.1}") } else { format!("{rate:.0}") };
    format!("{figure} a day ({drops} in {} up)", words::about(Duration::from_secs_f64(up_s)))
}

fn change(change: &Change, zone: &TimeZone) -> String {
    let better = if change.is_worse() { "worse" } else { "better" };
    format!(
        "getting {better} since {}: {} before, {} since; chance of this at a steady rate {}",
        words::local_minute(change.at, zone),
        rate(change.before),
        rate(change.after),
        chance(change.p)
    )
}

/// How often, what changed, and the death of the line, in order of time.
fn trend(report: &Report) -> String {
    let trend = &report.pattern.trend;
    let mut parts: Vec<(Timestamp, String)> = Vec::new();
    parts.extend(trend.change.map(|c| (c.at, change(&c, &report.zone))));
    if parts.is_empty() && report.pattern.drops >= LEAST && trend.up_s > 0.0 {
        let rate = rate((report.pattern.drops, trend.up_s));
        parts.push((report.period.from, format!("{rate}, no lasting change found")));
    }
    parts.extend(trend.dead_since.map(|at| (at, dead(at, report))));
    parts.sort_by_key(|(at, _)| *at);
    let parts: Vec<_> = parts.into_iter().map(|(_, text)| text).collect();
    parts.join(", then ")
}

/// An outage that is over is not "dead since".
fn dead(since: Timestamp, report: &Report) -> String {
    let last = report.counted_drops().last().filter(|last| last.end.is_some());
    let at = words::local_minute(since, &report.zone);
    match last {
        Some(last) => format!("dead for {} from {at}", words::about(last.length.midpoint())),
        None => format!("dead since {at}"),
    }
}

/// Drops by hour of day, two lines per 24 or 12 hours; an hour nobody watched has a dash.
pub(super) fn strip(report: &Report) -> String {
    let mut out = String::new();
    if report.pattern.drops < LEAST {
        return out;
    }
    let cells: Vec<_> = report.pattern.tables.by_hour().collect();
    let wide = cells.iter().any(|cell| cell.drops > 99);
    let (across, width) = if wide { (12, 7) } else { (24, 3) };
    for (part, row) in cells.chunks(across).enumerate() {
        let mut titles = format!("{:<11}", "By hour");
        let mut counts = " ".repeat(11);
        for (i, cell) in row.iter().enumerate() {
            let hour = format!("{:02}", part * across + i);
            let count = match cell {
                Cell { drops: 0, watched_us: 0 } => "-".to_owned(),
                cell => cell.drops.to_string(),
            };
            let _ = write!(titles, "{hour:>width$}");
            let _ = write!(counts, "{count:>width$}");
        }
        let _ = writeln!(out, "{titles}\n{counts}");
    }
    out
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

fn name(test: Test) -> &'static str {
    match test {
        Test::Regular => "regular",
        Test::Clustered => "clustered",
        Test::Clock => "clock",
        Test::TimeOfDay => "time-of-day",
    }
}

fn table<const N: usize>(rows: &[[Cell; N]]) -> TableJson {
    let watched =
        |c: &Cell| seconds(Duration::from_micros(u64::try_from(c.watched_us).unwrap_or_default()));
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
        let test = |&(test, value): &(Test, f64)| TestJson {
            test: name(test),
            p: p(value),
            found: found.contains(&test),
        };
        Self {
            statement: statement(report),
            drops: pattern.drops,
            tested: r.drops,
            tests: r.tests.iter().map(test).collect(),
            intervals: r.intervals.map(|i| IntervalsJson {
                median_s: seconds(i.median),
                quartiles_s: [seconds(i.half.0), seconds(i.half.1)],
                cv: rounded(i.cv, 1e3),
                p_regular: p(i.p_regular),
                p_clustered: p(i.p_clustered),
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
                    drops_before: c.before.0,
                    up_before_s: rounded(c.before.1, 1e3),
                    drops_after: c.after.0,
                    up_after_s: rounded(c.after.1, 1e3),
                    p: p(c.p),
                }),
                dead_since: pattern.trend.dead_since,
            },
        }
    }
}
