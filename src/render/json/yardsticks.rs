//! The yardsticks of a report as JSON.

use serde::Serialize;

use super::{rounded, seconds};
use crate::report::Report;
use crate::report::yardsticks::ratio;
use crate::stats::yardsticks::{ThresholdVerdict, Unit, Yardstick};

#[derive(Serialize)]
pub(super) struct YardstickJson {
    key: &'static str,
    country: Option<&'static str>,
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
        country: stick.country,
        name: stick.name,
        measures: stick.measures,
        figure: stick.figure.as_ref().map(|figure| FigureJson {
            value: rounded(figure.value, 8),
            unit: match figure.unit {
                Unit::Ratio => "ratio",
                Unit::Seconds => "seconds",
            },
            lower: stick.between.map(|(lower, _)| rounded(lower, 8)),
            upper: stick.between.map(|(_, upper)| rounded(upper, 8)),
            part: rounded(figure.part, 3),
            whole: rounded(figure.whole, 3),
            counted: figure.counted,
            watched_s: seconds(figure.coverage.watched),
            elapsed_s: seconds(figure.coverage.elapsed),
            coverage: ratio(figure).map(|r| rounded(r, 8)),
        }),
        no_figure: stick.figure.is_none().then_some("no-data"),
        threshold: stick.threshold,
        verdict: stick.verdict.map(ThresholdVerdict::as_str),
        source: stick.source,
        uncertain: stick.uncertain,
    };
    report.analyses.yardsticks.iter().map(entry).collect()
}
