//! Drops that were cut at an edge between two records and cannot be judged again there, because the
//! samples of one side are gone or come from an imported record: two pieces that touch are one drop.

use std::time::Duration;

use crate::detect::Parameters;
use crate::time::Timestamp;
use crate::vocabulary::{DropKind, Lengths, LinkDrop};

/// The longest time, with an edge in it, between the last silent probe of one side and the first of
/// the other: after longer, it is unknown whether the link was silent in between.
const TOUCHING: Duration = Duration::from_secs(2);

/// The drops, ordered by onset, with those pieces joined that touch at one of the edges.
pub(super) fn joined(
    drops: impl IntoIterator<Item = LinkDrop>,
    edges: &[Timestamp],
    parameters: &Parameters,
) -> Vec<LinkDrop> {
    let mut all: Vec<LinkDrop> = Vec::new();
    for drop in drops {
        match all.last_mut().filter(|last| touch(last, &drop, edges)) {
            Some(last) => join(last, drop, parameters),
            None => all.push(drop),
        }
    }
    all
}

fn touch(a: &LinkDrop, b: &LinkDrop, edges: &[Timestamp]) -> bool {
    let Some(end) = a.end else { return false };
    let is_between =
        |at: &Timestamp| end.earliest - TOUCHING <= *at && *at <= b.onset.latest + TOUCHING;
    b.onset.latest <= end.earliest + TOUCHING && edges.iter().any(is_between)
}

fn join(a: &mut LinkDrop, b: LinkDrop, parameters: &Parameters) {
    let between = a.end.and_then(|end| b.onset.earliest.duration_since(end.latest));
    a.end = b.end;
    a.min += b.min;
    a.max += b.max + between.unwrap_or_default();
    a.unobserved += b.unobserved;
    a.flaps += b.flaps.saturating_sub(1);
    a.kind = DropKind::by_bounds(
        Lengths { min: a.min, max: a.max },
        a.end,
        parameters.drop_after,
        parameters.outage_after,
    );
    // Between the two parts nobody watched: they are one silence.
    let mut rest = b.stretches.into_iter();
    if let (Some(last), Some(first)) = (a.stretches.last_mut(), rest.next()) {
        let between = last.end.and_then(|end| first.onset.earliest.duration_since(end.latest));
        last.lengths.min += first.lengths.min;
        last.lengths.max += first.lengths.max + between.unwrap_or_default();
        last.unobserved += first.unobserved;
        last.end = first.end;
    }
    a.stretches.extend(rest);
    // The place that both allow; where they contradict one another, what either allows.
    if a.places.iter().any(|place| b.places.contains(place)) {
        a.places.retain(|place| b.places.contains(place));
    } else {
        a.places.extend(b.places);
    }
    for target in b.silent {
        if !a.silent.contains(&target) {
            a.silent.push(target);
        }
    }
    for target in b.answered {
        if !a.answered.contains(&target) {
            a.answered.push(target);
        }
    }
    let LinkDrop { answered, silent, .. } = a;
    answered.retain(|target| !silent.contains(target));
}
