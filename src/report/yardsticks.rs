//! The yardsticks of a report: a table in text, all of it in JSON. No arithmetic on probes.

use std::time::Duration;

use serde::Serialize;

use super::json::rounded;
use super::rows::deciding;
use super::sight::Sight;
use super::{Report, language, words};
use crate::config::Lang;
use crate::stats;
use crate::stats::seconds::{CountedAnchor, SecondCounter};
use crate::stats::yardsticks::{
    Figure, FigureCoverage, ThresholdVerdict, Unit, WhyNoFigure, Yardstick,
};
use crate::time::TimeRange;
use crate::vocabulary::{DropKind, StoredDrop, Target, TargetTrouble};

/// What a reader of the table has to know: whose each yardstick is, and what is uncertain about it.
/// The full words of both are in the JSON.
const CAPTION: [&str; 4] = [
    "  Style: ITU-T's rules, parameters from memory [M] or second hand, on round trips. ACCC, nbn: limits",
    "  from the press; nbn counts at the modem. CRTC, FCC: here on the path to the anchors, beyond the",
    "  ISP; RTT by the median. Peak: weekdays 19-23 h, holidays unknown. TKG, Ofcom: the clock starts at",
    "  the report of the fault, here at the begin of the drop; flapping counts for nothing there.",
];
/// From such drops on that can be missed the table says so.
const MISSED: Duration = Duration::from_secs(10);

/// Counts the probes of the anchors among `targets` by second, apart inside and outside `drops`,
/// and none of an anchor in trouble of its own.
pub(super) fn counter(
    period: TimeRange,
    targets: &[Target],
    drops: &[StoredDrop],
    troubles: &[TargetTrouble],
) -> SecondCounter {
    let deciders = deciding(targets.iter());
    let own = |id| {
        let own = troubles.iter().filter(|trouble| trouble.target == id);
        let spans = own.map(|t| TimeRange { from: t.from, to: t.to.unwrap_or(period.to) });
        stats::union(spans.collect())
    };
    let anchors = targets.iter().filter(|t| deciders.contains(&t.id)).map(|t| CountedAnchor {
        target: t.id,
        interval: t.interval,
        troubles: own(t.id),
    });
    let counted = drops.iter().filter(|stored| stored.drop.kind != DropKind::Blip);
    let down = counted.map(|stored| {
        let to = stored.drop.end.map_or(period.to, |end| end.latest);
        TimeRange { from: stored.drop.onset.earliest, to }
    });
    SecondCounter::new(period, anchors.collect(), stats::union(down.collect()))
}

/// The lines of the table: a title and a line for each; nothing where none has a figure.
pub(super) fn table(report: &Report) -> Vec<String> {
    if report.yardsticks.iter().all(|stick| stick.figure.is_none()) {
        return Vec::new();
    }
    let mut rows =
        vec![["Yardsticks", "figure", "counts", "watched", "threshold"].map(str::to_owned)];
    rows.extend(report.yardsticks.iter().map(|stick| {
        let english = language::of(Lang::En);
        let verdict = english.standing(stick).to_owned();
        let Some(figure) = &stick.figure else {
            let figure = if stick.silent.is_some() { "-" } else { "no data" };
            let none = [figure, "-", "-"].map(str::to_owned);
            let [a, b, c] = none;
            return [stick.name.to_owned(), a, b, c, verdict];
        };
        let counts = format!("{}/{}", plain(figure.part), plain(figure.whole));
        let watched = ratio(figure).map_or_else(|| "-".to_owned(), words::percent);
        [stick.name.to_owned(), value(figure), counts, watched, verdict]
    }));
    let table = words::columns(&rows, [false, true, true, true, false], "");
    let unseen = Sight::narrowed(report).filter(|sight| sight.sure > MISSED).map(|sight| {
        format!(
            "  Drops under {} can be missed here: ACCC and nbn show too little or nothing.",
            words::length(sight.sure)
        )
    });
    let lines = std::iter::once("").chain(table.lines()).chain(CAPTION);
    lines.map(str::to_owned).chain(unseen).collect()
}

fn value(figure: &Figure) -> String {
    match figure.unit {
        Unit::Ratio => words::percent(figure.value),
        Unit::PerDay => format!("{:.1} a day", figure.value),
        Unit::Days if plain(figure.value) == "1" => "1 day".to_owned(),
        Unit::Days => format!("{} days", plain(figure.value)),
        Unit::Seconds => {
            words::length(Duration::try_from_secs_f64(figure.value).unwrap_or_default())
        }
    }
}

/// A count without decimals, and what is large as well; anything else with one.
pub(super) fn plain(value: f64) -> String {
    if value < 1_000.0 && (value - value.round()).abs() > 0.05 {
        return format!("{value:.1}");
    }
    let whole = Duration::try_from_secs_f64(value.round()).unwrap_or_default();
    words::number(whole.as_secs())
}

/// Watched of elapsed time.
pub(super) fn ratio(figure: &Figure) -> Option<f64> {
    let FigureCoverage { watched, elapsed } = figure.coverage;
    // Whole seconds may reach over the ends of a short period.
    (!elapsed.is_zero()).then(|| (watched.as_secs_f64() / elapsed.as_secs_f64()).min(1.0))
}

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
    report.yardsticks.iter().map(entry).collect()
}
