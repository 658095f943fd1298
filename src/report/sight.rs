//! What the distance of the probes lets be seen: of drops shorter than [`Sight::sure`] some or all
//! are missed, so a report may not say that there were none.

use std::time::Duration;

use super::rows::deciding;
use super::{Origin, Report};
use crate::detect::Parameters;
use crate::vocabulary::Target;

/// Lost probes one after another that a silence takes, whatever their distance.
const PROBES: u32 = 3;

/// How short a drop can be to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sight {
    /// Distance of the probes of one anchor.
    pub(crate) apart: Duration,
    /// Drops from this length on are sure to be seen.
    pub(crate) sure: Duration,
}

impl Sight {
    /// Of the targets that decide; `None` where there are none. linkmon spreads the probes of its
    /// anchors evenly; other programs may send all at once, and then one round is one probe.
    pub(crate) fn of<'a>(
        deciding: impl Iterator<Item = &'a Target>,
        origin: Origin,
        parameters: &Parameters,
    ) -> Option<Self> {
        let mut intervals: Vec<_> = deciding.map(|target| target.interval).collect();
        intervals.sort_unstable();
        let apart = *intervals.first()?;
        // Where more than one is probed, a second one has to be silent, too.
        let second = intervals.get(1).copied().unwrap_or_default();
        let probes = match origin {
            Origin::Probed => {
                let rate: f64 = intervals.iter().map(|i| 1.0 / i.as_secs_f64().max(1e-3)).sum();
                Duration::from_secs_f64(f64::from(PROBES) / rate)
            }
            Origin::Imported | Origin::Both => apart * PROBES,
        };
        let sure = parameters.drop_after.max(probes).max(second);
        Some(Self { apart, sure })
    }

    /// Of a report; `None` where all drops are seen that count as such.
    pub(crate) fn narrowed(report: &Report) -> Option<Self> {
        let deciding = report.targets.iter().filter(|t| t.decides).map(|t| &t.target);
        let parameters = &report.method.parameters;
        Self::of(deciding, report.record.origin, parameters)
            .filter(|s| s.sure > parameters.drop_after)
    }
}

/// Of a record that another program made of `targets`: the distance of its probes, and from which
/// length on a drop is sure to be seen; `None` where all are that count as such.
pub fn narrowed(targets: &[Target], parameters: &Parameters) -> Option<(Duration, Duration)> {
    let ids = deciding(targets.iter());
    let deciding = targets.iter().filter(|target| ids.contains(&target.id));
    Sight::of(deciding, Origin::Imported, parameters)
        .filter(|sight| sight.sure > parameters.drop_after)
        .map(|sight| (sight.apart, sight.sure))
}

/// The shortest drop that a report can say there was none of.
pub(crate) fn least(report: &Report) -> Duration {
    Sight::narrowed(report).map_or(report.method.parameters.drop_after, |sight| sight.sure)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::synthetic::targets;

    fn sure(count: usize, interval_s: u64, origin: Origin) -> u64 {
        let all = targets(Duration::from_secs(interval_s));
        let anchors = all.iter().filter(|t| t.role == crate::vocabulary::Role::Anchor);
        let sight = Sight::of(anchors.take(count), origin, &Parameters::default());
        sight.unwrap().sure.as_secs()
    }

    #[test]
    fn three_probes_in_a_row_have_to_be_lost_for_a_drop() {
        assert_eq!(sure(3, 1, Origin::Probed), 5);
        assert_eq!(sure(3, 1, Origin::Imported), 5);
        assert_eq!(sure(3, 60, Origin::Probed), 60);
        assert_eq!(sure(3, 60, Origin::Imported), 180);
        assert_eq!(sure(1, 60, Origin::Imported), 180);
        assert_eq!(Sight::of(std::iter::empty(), Origin::Probed, &Parameters::default()), None);
    }
}
