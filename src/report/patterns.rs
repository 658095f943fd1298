//! When drops come: the drops of a report as [`Pattern`] takes them.

use jiff::tz::TimeZone;

use super::DropEntry;
use crate::stats::pattern::{Pattern, RateChange, Strike};
use crate::time::TimeRange;
use crate::vocabulary::DropKind;

/// The pattern of all but blips.
pub(crate) fn of(
    drops: &[DropEntry],
    watched: &[TimeRange],
    period: TimeRange,
    zone: &TimeZone,
) -> Pattern {
    let strikes: Vec<_> = drops.iter().filter(|d| d.counts()).map(strike).collect();
    let mut pattern = Pattern::find(&strikes, watched, period, zone);
    pattern.trend.change = pattern.trend.change.filter(|change| !is_too_early(change));
    pattern
}

/// The pattern of the blips, those among them that were perhaps drops.
pub(crate) fn of_blips(
    drops: &[DropEntry],
    watched: &[TimeRange],
    period: TimeRange,
    zone: &TimeZone,
) -> Pattern {
    let short = |kind| matches!(kind, DropKind::Blip | DropKind::Possible);
    let blips = drops.iter().filter(|drop| short(drop.kind));
    Pattern::find(&blips.map(strike).collect::<Vec<_>>(), watched, period, zone)
}

fn strike(drop: &DropEntry) -> Strike {
    Strike {
        onset: drop.onset.midpoint(),
        end: drop.end.map(|end| end.midpoint()),
        down: drop.down.midpoint(),
    }
}

/// A turn for the better is reported only when it has held for a day of up time: most links have
/// quiet nights, and some quiet hours after an outage mend nothing.
const HELD_S: f64 = 86_400.0;

fn is_too_early(change: &RateChange) -> bool {
    !change.is_worse() && change.after.up_s < HELD_S
}
