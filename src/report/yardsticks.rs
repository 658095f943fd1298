//! The probes that the yardsticks of a report are made of.

use super::deciders::Deciders;
use crate::stats::seconds::{CountedAnchor, SecondCounter};
use crate::stats::yardsticks::{Figure, FigureCoverage};
use crate::time::{TimeRange, spans};
use crate::vocabulary::{StoredDrop, Target, TargetTrouble};

/// Counts the probes of the anchors among `targets` by second, apart inside and outside `drops`,
/// none of an anchor in trouble of its own or while it did not decide, and none in time that `proves_nothing`
/// ([`crate::stats::proving_nothing`]) and lies in no drop.
pub(crate) fn counter(
    period: TimeRange,
    targets: &[Target],
    deciders: &Deciders,
    drops: &[StoredDrop],
    troubles: &[TargetTrouble],
    proves_nothing: &[TimeRange],
) -> SecondCounter {
    let counted = drops.iter().filter(|stored| stored.drop.kind.is_down());
    let down = counted.flat_map(|stored| &stored.drop.stretches).map(|stretch| {
        let to = stretch.end.map_or(period.to, |end| end.latest);
        TimeRange { from: stretch.onset.earliest, to }
    });
    let down = spans::union(down.collect());
    let proves_nothing = spans::without(proves_nothing, &down);
    let own = |id| {
        let own = troubles.iter().filter(|trouble| trouble.target == id);
        let spans = own.map(|t| TimeRange { from: t.from, to: t.to.unwrap_or(period.to) });
        let spans = spans.chain(deciders.apart(id).into_inner());
        spans::union(spans.chain(proves_nothing.iter().copied()).collect())
    };
    let anchors = targets.iter().filter(|t| deciders.has(t.id)).map(|t| CountedAnchor {
        target: t.id,
        interval: t.interval,
        troubles: own(t.id),
    });
    SecondCounter::new(period, anchors.collect(), down)
}

/// Watched of elapsed time.
pub(crate) fn ratio(figure: &Figure) -> Option<f64> {
    let FigureCoverage { watched, elapsed } = figure.coverage;
    // Whole seconds may reach over the ends of a short period.
    (!elapsed.is_zero()).then(|| (watched.as_secs_f64() / elapsed.as_secs_f64()).min(1.0))
}
