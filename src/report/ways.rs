//! By which ways packets left this computer: the line, and the others with what happened on them.

use std::time::Duration;

use super::DropEntry;
use crate::stats::{LineWay, SiteWays, WaySpan};
use crate::time::spans::{length_within, total};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{LinkDrop, Medium, Way};

/// Less than this of a drop on the line, after another way, is the change of the way.
const LEAST_OF_LINE: Duration = Duration::from_secs(5);

/// The ways of a period.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WayFacts {
    /// The ways into the line, with the time of each, longest first: cable and Wi-Fi to the same
    /// router, for example. Empty where the record does not say.
    pub by_line: Vec<(Way, Duration)>,
    /// The line as it is named in the configuration.
    pub named: Option<String>,
    /// The other ways, by their first time.
    pub others: Vec<OtherWayEntry>,
    /// Over what this computer was connected when the drops of the line began, with how many.
    pub at_drops: Vec<(Medium, usize)>,
}

/// A way that is not the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherWayEntry {
    /// The way.
    pub way: Way,
    /// When it was taken, as ordered and disjoint spans.
    pub spans: Vec<TimeRange>,
    /// Drops, outages and blips while it was taken: none of them is the line's.
    pub drops: Vec<DropEntry>,
}

impl OtherWayEntry {
    /// How long it was taken.
    pub fn length(&self) -> Duration {
        total(&self.spans)
    }

    /// Its drops and outages.
    pub fn counted(&self) -> usize {
        self.drops.iter().filter(|drop| drop.counts()).count()
    }
}

impl WayFacts {
    /// The facts of a period; `others` are the drops that [`is_apart`] tells from those of the line,
    /// `of_line` the onsets of drops and outages of the line.
    pub(super) fn of(
        ways: &SiteWays,
        spans: &[WaySpan],
        others: Vec<DropEntry>,
        of_line: &[Timestamp],
    ) -> Self {
        let mut entries: Vec<_> = ways
            .others
            .iter()
            .map(|other| OtherWayEntry {
                way: other.way.clone(),
                spans: other.spans.clone(),
                drops: Vec::new(),
            })
            .collect();
        for drop in others {
            let span = TimeRange {
                from: drop.onset.earliest,
                to: drop.end.map_or(drop.onset.latest, |end| end.latest),
            };
            let on_it = |entry: &&mut OtherWayEntry| length_within(&entry.spans, span);
            if let Some(entry) = entries.iter_mut().max_by_key(on_it) {
                entry.drops.push(drop);
            }
        }
        let mut at_drops: Vec<(Medium, usize)> = Vec::new();
        for onset in of_line {
            let Some(medium) = medium_at(spans, *onset) else { continue };
            match at_drops.iter_mut().find(|(known, _)| *known == medium) {
                Some((_, count)) => *count += 1,
                None => at_drops.push((medium, 1)),
            }
        }
        at_drops.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let named = match &ways.line {
            LineWay::Named(name) => Some(name.clone()),
            LineWay::Seen(_) | LineWay::Unknown => None,
        };
        Self { by_line: ways.by_line.clone(), named, others: entries, at_drops }
    }

    /// The way into the line that was taken most.
    pub fn main(&self) -> Option<&Way> {
        self.by_line.first().map(|(way, _)| way)
    }

    /// The tunnel through which the line itself was seen, if it was.
    pub fn tunnel(&self) -> Option<&Way> {
        self.by_line.iter().map(|(way, _)| way).find(|way| way.medium == Medium::Tunnel)
    }

    /// All drops of other ways.
    pub fn other_drops(&self) -> impl Iterator<Item = &DropEntry> {
        self.others.iter().flat_map(|other| &other.drops)
    }
}

/// The way that was taken at an instant, or before it was lost.
fn medium_at(spans: &[WaySpan], at: Timestamp) -> Option<Medium> {
    let before = spans.iter().take_while(|span| span.range.from <= at);
    before.filter_map(|span| span.way.as_ref()).last().map(|way| way.medium)
}

/// Whether a drop is one of another way: little or nothing of its silence lies in time of the line.
pub(super) fn is_apart(drop: &LinkDrop, apart: &[TimeRange], until: Timestamp) -> bool {
    let silent = drop.stretches.iter().map(|stretch| TimeRange {
        from: stretch.onset.midpoint(),
        to: stretch.end.map_or(until, |end| end.midpoint()).max(stretch.onset.midpoint()),
    });
    let (mut of_line, mut of_others) = (Duration::ZERO, Duration::ZERO);
    for range in silent {
        let other = length_within(apart, range);
        of_others += other;
        of_line += range.length().saturating_sub(other);
    }
    of_others > of_line && of_line < LEAST_OF_LINE
}
