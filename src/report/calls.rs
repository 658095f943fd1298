//! What drops mean to a person on a call: two or three lines of text, all of it in JSON.

use std::fmt::Write as _;

use serde::Serialize;

use super::drops::seconds;
use super::json::rounded;
use super::{Report, words};
use crate::detect::DropKind;
use crate::stats::calls::{Calls, Chance, MINUTES, Quality, Stretches};
use crate::stats::likely;
use crate::stats::yardsticks::Ground;
use crate::time::Timestamp;

/// The calls of the period of `ground`; disturbances are not known here.
pub(super) fn of(ground: &Ground<'_>) -> Calls {
    let counted = ground.drops.iter().filter(|drop| drop.kind != DropKind::Blip);
    let down: Vec<_> = counted.map(|drop| likely(drop, ground.period.to)).collect();
    let quarters = &ground.seconds.quarters;
    Calls::of(ground.period, ground.watched, &down, None, quarters, ground.zone)
}

/// Its lines; none where nothing was watched.
pub(super) fn lines(report: &Report) -> Vec<String> {
    let calls = &report.calls;
    let mut lines = Vec::new();
    let chances: Vec<_> = MINUTES
        .iter()
        .zip(&calls.waking)
        .filter_map(|(m, chance)| Some(format!("{m} min {}", words::percent(chance.ratio()?))))
        .collect();
    let (judged, cut) = slots(calls);
    if !chances.is_empty() {
        let mut line = format!("begun 7-23 h, held to the end: {}", chances.join(", "));
        if judged > 0 {
            let _ = write!(line, "; {cut} of {judged} half hours cut, day and night");
        }
        lines.push(line);
    }
    if let Some(clear) = calls.clear {
        lines.push(format!(
            "without a drop: longest {}, median {} of {}",
            words::length(clear.longest),
            words::length(clear.median),
            words::count(clear.count, "stretch", "stretches")
        ));
    }
    if let Some(q) = calls.quality {
        let worst = calls.worst_hour.map_or_else(String::new, |(from, q)| {
            format!(", worst hour {:.1} ({})", q.mos, words::local_minute(from, &report.zone))
        });
        let loss = q.loss.ratio().map_or_else(|| "-".to_owned(), words::percent);
        lines.push(format!("estimated MOS {:.1} outside drops{worst}; loss {loss}", q.mos));
    }
    lines
}

fn slots(calls: &Calls) -> (u64, u64) {
    let days = calls.per_day.iter();
    days.fold((0, 0), |(judged, cut), day| (judged + day.judged, cut + day.cut))
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
                half_hours: day.judged,
                half_hours_cut: day.cut,
            })
            .collect(),
        quality: calls.quality.map(quality),
        worst_hour: calls.worst_hour.map(|(from, q)| HourJson { from, quality: quality(q) }),
    }
}

fn stretches(s: Stretches) -> StretchesJson {
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
