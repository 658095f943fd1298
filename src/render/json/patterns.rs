//! When drops come, as JSON.

use std::time::Duration;

use serde::Serialize;

use super::seconds;
use crate::config::Lang;
use crate::language;
use crate::report::Report;
use crate::stats::pattern::recurrence::LEAST;
use crate::stats::pattern::{DailyDrops, RateCell, RecurrenceTest};
use crate::time::Timestamp;

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
struct RateChangeJson {
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
    change: Option<RateChangeJson>,
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
    daily: Option<DailyJson>,
    blips: Option<BlipsJson>,
    episodes: Vec<EpisodeJson>,
    by_minute: Option<TableJson>,
    by_weekday: Option<TableJson>,
    trend: TrendJson,
}

/// Drops that come once a day, local time of day as `hh:mm`.
#[derive(Serialize)]
struct DailyJson {
    from: String,
    to: String,
    days: usize,
    of_days: usize,
    least_s: f64,
    most_s: f64,
    others: usize,
}

/// The pattern of blips, where there are enough of them.
#[derive(Serialize)]
struct BlipsJson {
    statement: String,
    blips: usize,
    tests: Vec<TestJson>,
    interval_s: Option<f64>,
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
        let pattern = &report.analyses.pattern;
        let r = &pattern.recurrence;
        let enough = pattern.drops >= LEAST;
        let p = |p| rounded(p, 1e5);
        let found: Vec<_> = r.found().map(|(test, _)| test).collect();
        let test = |&(test, value): &(RecurrenceTest, f64)| TestJson {
            test: name(test),
            p: p(value),
            found: found.contains(&test),
        };
        let english = language::of(Lang::En);
        let daily = |d: DailyDrops| {
            let [_, _, (_, from), (_, to), _] = english.daily_values(&d);
            DailyJson {
                from,
                to,
                days: d.days,
                of_days: d.of,
                least_s: seconds(d.shortest),
                most_s: seconds(d.longest),
                others: d.others,
            }
        };
        let blips = |statement: String| {
            let of_blips = &report.analyses.blips;
            let r = &of_blips.recurrence;
            let found: Vec<_> = r.found().map(|(test, _)| test).collect();
            let test = |&(test, value): &(RecurrenceTest, f64)| TestJson {
                test: name(test),
                p: p(value),
                found: found.contains(&test),
            };
            let regular = found.contains(&RecurrenceTest::Regular);
            let intervals = r.intervals.filter(|i| regular && i.are_alike());
            BlipsJson {
                statement,
                blips: of_blips.drops,
                tests: r.tests.iter().map(test).collect(),
                interval_s: intervals.map(|i| seconds(i.median)),
            }
        };
        Self {
            statement: english.pattern_found(report),
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
            daily: pattern.daily.map(daily),
            blips: english.blips_found(report).map(blips),
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
                change: pattern.trend.change.map(|c| RateChangeJson {
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
