//! What drops mean to a person on a call, as JSON.

use serde::Serialize;

use super::{rounded, seconds};
use crate::report::Report;
use crate::stats::calls::{Chance, ClearTimes, MINUTES, Quality};
use crate::time::Timestamp;

#[derive(Serialize)]
pub(super) struct CallsJson {
    clear: Option<StretchesJson>,
    undisturbed: Option<StretchesJson>,
    any_hour: Vec<ChanceJson>,
    waking: Vec<ChanceJson>,
    per_day: Vec<DayJson>,
    quality: Option<QualityJson>,
    worst_hour: Option<HourJson>,
}

#[derive(Serialize)]
#[allow(clippy::struct_field_names, reason = "the unit is part of a name in JSON")]
struct StretchesJson {
    count: usize,
    longest_s: f64,
    median_s: f64,
}

#[derive(Serialize)]
struct ChanceJson {
    minutes: u64,
    ratio: Option<f64>,
    survived_s: f64,
    cut_s: f64,
    watched_s: f64,
    elapsed_s: f64,
}

#[derive(Serialize)]
struct DayJson {
    date: String,
    any_hour: Vec<ChanceJson>,
    waking: Vec<ChanceJson>,
    waking_undisturbed: Option<StretchesJson>,
    half_hours: u64,
    half_hours_cut: u64,
}

#[derive(Serialize)]
struct QualityJson {
    mos_estimate: f64,
    delay_ms: f64,
    jitter_ms: Option<f64>,
    lost: u64,
    sent: u64,
}

#[derive(Serialize)]
struct HourJson {
    from: Timestamp,
    #[serde(flatten)]
    quality: QualityJson,
}

pub(super) fn json(report: &Report) -> CallsJson {
    let calls = &report.analyses.calls;
    CallsJson {
        clear: calls.clear.map(stretches),
        undisturbed: calls.undisturbed.map(stretches),
        any_hour: chances(&calls.any_hour),
        waking: chances(&calls.waking),
        per_day: calls
            .per_day
            .iter()
            .map(|day| DayJson {
                date: day.date.to_string(),
                any_hour: chances(&day.any_hour),
                waking: chances(&day.waking),
                waking_undisturbed: day.undisturbed.map(stretches),
                half_hours: day.judged,
                half_hours_cut: day.cut,
            })
            .collect(),
        quality: calls.quality.map(quality),
        worst_hour: calls.worst_hour.map(|(from, q)| HourJson { from, quality: quality(q) }),
    }
}

fn stretches(s: ClearTimes) -> StretchesJson {
    StretchesJson { count: s.count, longest_s: seconds(s.longest), median_s: seconds(s.median) }
}

fn chances(chances: &[Chance; 3]) -> Vec<ChanceJson> {
    let pairs = MINUTES.iter().zip(chances);
    let entry = |(minutes, chance): (&u64, &Chance)| ChanceJson {
        minutes: *minutes,
        ratio: chance.ratio().map(|r| rounded(r, 8)),
        survived_s: seconds(chance.survived),
        cut_s: seconds(chance.cut),
        watched_s: seconds(chance.watched),
        elapsed_s: seconds(chance.elapsed),
    };
    pairs.map(entry).collect()
}

fn quality(q: Quality) -> QualityJson {
    QualityJson {
        mos_estimate: rounded(q.mos, 2),
        delay_ms: rounded(q.delay_ms, 3),
        jitter_ms: q.jitter_ms.map(|ms| rounded(ms, 3)),
        lost: q.loss.lost,
        sent: q.loss.sent,
    }
}
