//! The yardsticks of a report as a table in text.

use std::time::Duration;

use crate::config::Lang;
use crate::language::{self, words};
use crate::report::Report;
use crate::report::sight::Sight;
use crate::stats::yardsticks::{Figure, FigureCoverage, Unit};

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
