//! What drops mean to a person on a call.

use crate::stats::calls::CallOutcomes;
use crate::stats::yardsticks::YardstickInputs;
use crate::time::TimeRange;
use crate::vocabulary::{Figures, Impairment};

/// The calls of the period of `ground`; loss events, of probes lost or late, disturb them as well.
pub(crate) fn of(ground: &YardstickInputs<'_>, impairments: &[Impairment]) -> CallOutcomes {
    // A call does not survive a blip either.
    let down: Vec<_> = ground.ledger.drops.iter().flat_map(|drop| &drop.spans).copied().collect();
    let quarters = &ground.seconds.quarters;
    let losses: Vec<_> = impairments
        .iter()
        .filter(|i| matches!(i.figures, Figures::Loss(_) | Figures::Late(_)))
        .filter_map(|i| {
            let to = i.end.map_or(ground.period.to, |end| end.midpoint());
            TimeRange { from: i.onset.midpoint(), to }.intersect(&ground.period)
        })
        .collect();
    // Where it is unknown whether the link was up, so is the fate of a call.
    let watched = if ground.availability.is_some() { &ground.ledger.judged } else { &[][..] };
    CallOutcomes::compute(ground.period, watched, &down, &losses, quarters, ground.zone)
}
