//! The yardsticks of a report as JSON.

use serde::Serialize;

use super::rounded;
use crate::report::Report;
use crate::report::yardsticks::ratio;
use crate::stats::yardsticks::{ThresholdVerdict, Unit, WhyNoFigure, Yardstick};

#[derive(Serialize)]
pub(super) struct YardstickJson {
    key: &'static str,
    name: &'static str,
    measures: &'static str,
    figure: Option<FigureJson>,
    no_figure: Option<&'static str>,
    threshold: Option<&'static str>,
    verdict: Option<&'static str>,
    source: &'static str,
    uncertain: &'static str,
}

#[derive(Serialize)]
struct FigureJson {
    value: f64,
    unit: &'static str,
    lower: Option<f64>,
    upper: Option<f64>,
    part: f64,
    whole: f64,
    counted: &'static str,
    watched_s: f64,
    elapsed_s: f64,
    coverage: Option<f64>,
}

pub(super) fn json(report: &Report) -> Vec<YardstickJson> {
    let entry = |stick: &Yardstick| YardstickJson {
        key: stick.key,
        name: stick.name,
        measures: stick.measures,
        figure: stick.figure.as_ref().map(|figure| FigureJson {
            value: rounded(figure.value, 8),
            unit: match figure.unit {
                Unit::Ratio => "ratio",
                Unit::PerDay => "per-day",
                Unit::Days => "days",
                Unit::Seconds => "seconds",
            },
            lower: stick.between.map(|(lower, _)| rounded(lower, 8)),
            upper: stick.between.map(|(_, upper)| rounded(upper, 8)),
            part: rounded(figure.part, 3),
            whole: rounded(figure.whole, 3),
            counted: figure.counted,
            watched_s: figure.coverage.watched.as_secs_f64(),
            elapsed_s: figure.coverage.elapsed.as_secs_f64(),
            coverage: ratio(figure).map(|r| rounded(r, 8)),
        }),
        no_figure: match (&stick.figure, stick.silent) {
            (Some(_), _) => None,
            (None, silent) => Some(silent.map_or("no-data", WhyNoFigure::as_str)),
        },
        threshold: stick.threshold,
        verdict: stick.verdict.map(ThresholdVerdict::as_str),
        source: stick.source,
        uncertain: stick.uncertain,
    };
    report.analyses.yardsticks.iter().map(entry).collect()
}
