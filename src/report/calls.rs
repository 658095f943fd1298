//! What drops mean to a person on a call: the figures, and all of them as JSON.

use serde::Serialize;

use super::Report;
use super::drops::seconds;
use super::json::rounded;
use crate::stats::calls::{CallOutcomes, Chance, ClearTimes, MINUTES, Quality};
use crate::stats::likely;
use crate::stats::yardsticks::YardstickInputs;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{DropKind, Figures, Impairment};

/// The calls of the period of `ground`; loss events, of probes lost or late, disturb them as well.
pub(super) fn of(ground: &YardstickInputs<'_>, impairments: &[Impairment]) -> CallOutcomes {
    let counted = ground.drops.iter().filter(|drop| drop.kind != DropKind::Blip);
    let down: Vec<_> = counted.map(|drop| likely(drop, ground.period.to)).collect();
    let quarters = &ground.seconds.quarters;
    let losses: Vec<_> = impairments
        .iter()
        .filter(|i| matches!(i.figures, Figures::Loss(_) | Figures::Late(_)))
        .filter_map(|i| {
            let to = i.end.map_or(ground.period.to, |end| end.midpoint());
            TimeRange { from: i.onset.midpoint(), to }.intersect(&ground.period)
        })
        .collect();
    // Where nobody knows whether the link was up, nobody knows of a call either.
    let watched = if ground.availability.is_some() { ground.watched } else { &[] };
    CallOutcomes::compute(ground.period, watched, &down, &losses, quarters, ground.zone)
}

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
    let calls = &report.calls;
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
