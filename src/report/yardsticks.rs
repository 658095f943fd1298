//! The probes that the yardsticks of a report are made of.

use super::Report;
use super::deciders::Deciders;
use crate::stats;
use crate::stats::seconds::{CountedAnchor, SecondCounter};
use crate::stats::yardsticks::{Figure, FigureCoverage, country_of_zone};
use crate::time::TimeRange;
use crate::vocabulary::{StoredDrop, Target, TargetTrouble};

/// Counts the probes of the anchors among `targets` by second, apart inside and outside `drops`,
/// none of an anchor in trouble of its own or while it did not decide, and none in `vain`, time that proves
/// nothing ([`stats::proving_nothing`]).
pub(crate) fn counter(
    period: TimeRange,
    targets: &[Target],
    deciders: &Deciders,
    drops: &[StoredDrop],
    troubles: &[TargetTrouble],
    vain: &[TimeRange],
) -> SecondCounter {
    let down = stats::down_at_most(drops.iter().map(|stored| &stored.drop), period.to);
    let anchors = targets.iter().filter(|t| deciders.has(t.id)).map(|t| CountedAnchor {
        target: t.id,
        interval: t.interval,
        troubles: deciders.passed_over(t.id, troubles, vain).into_inner(),
    });
    SecondCounter::new(period, anchors.collect(), down)
}

/// The country of the site: as configured, else that of its zone; `None` where no yardstick is of it.
pub(crate) fn country(report: &Report) -> Option<String> {
    let configured = report.site.country.as_ref().map(|code| code.trim().to_ascii_uppercase());
    let of_zone = || country_of_zone(report.zone.iana_name()?).map(str::to_owned);
    configured.or_else(of_zone)
}

/// Watched of elapsed time.
pub(crate) fn ratio(figure: &Figure) -> Option<f64> {
    let FigureCoverage { watched, elapsed } = figure.coverage;
    // Whole seconds may reach over the ends of a short period.
    (!elapsed.is_zero()).then(|| (watched.as_secs_f64() / elapsed.as_secs_f64()).min(1.0))
}
