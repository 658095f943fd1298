//! Drops as JSON.

use jiff::tz::TimeZone;
use serde::Serialize;

use super::paths::PathJson;
use super::{Entry, StretchJson, seconds};
use crate::render::csv::local;
use crate::report::DropEntry;
use crate::time::Timestamp;
use crate::vocabulary::{Bounds, DropKind, SimulatedShare, StoredDrop, Target, TargetId};

/// What is said of the drops of a list besides themselves.
#[derive(Debug, Clone, Copy)]
pub struct DropsContext<'a> {
    /// All targets of the record.
    pub targets: &'a [Target],
    /// The zone of local times.
    pub zone: &'a TimeZone,
    /// How much of the record was simulated.
    pub simulated: SimulatedShare,
    /// The numbers of those that happened by another way than the line.
    pub others: &'a [i64],
    /// The keys of those that are not over when the record ends, and when that is.
    pub ended: &'a [(Timestamp, Timestamp)],
}

/// A drop in JSON. Times are RFC 3339 UTC, those called local with the offset that holds then;
/// lengths are seconds.
#[derive(Debug, Serialize)]
pub(super) struct DropJson<'a> {
    id: i64,
    kind: DropKind,
    place: String,
    places: &'a [crate::vocabulary::Place],
    #[serde(flatten)]
    edges: EdgesJson,
    /// When the record ends while it lasts; in a list of drops alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    record_ends: Option<Timestamp>,
    /// In a list of drops alone: those of a report are apart.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    other_way: bool,
    min_s: f64,
    max_s: f64,
    unobserved_s: f64,
    answered: Vec<&'a str>,
    silent: Vec<&'a str>,
    /// Where the path was asked; in a report only.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<PathJson<'a>>,
    /// In a list of drops alone: a report says it once.
    #[serde(skip_serializing_if = "Option::is_none")]
    simulated: Option<SimulatedShare>,
}

#[derive(Debug, Serialize)]
struct EdgesJson {
    onset: Timestamp,
    onset_local: String,
    onset_earliest: Timestamp,
    onset_latest: Timestamp,
    end: Option<Timestamp>,
    end_local: Option<String>,
    end_earliest: Option<Timestamp>,
    end_latest: Option<Timestamp>,
}

impl EdgesJson {
    fn new(onset: Bounds, end: Option<Bounds>, zone: &TimeZone) -> Self {
        Self {
            onset: onset.midpoint(),
            onset_local: local(onset.midpoint(), zone),
            onset_earliest: onset.earliest,
            onset_latest: onset.latest,
            end: end.map(|end| end.midpoint()),
            end_local: end.map(|end| local(end.midpoint(), zone)),
            end_earliest: end.map(|end| end.earliest),
            end_latest: end.map(|end| end.latest),
        }
    }
}

impl<'a> DropJson<'a> {
    pub(super) fn of_stored(stored: &'a StoredDrop, context: DropsContext<'a>) -> Self {
        let DropsContext { targets, zone, simulated, others, ended } = context;
        let drop = &stored.drop;
        let of = |ids: &[TargetId]| names(targets.iter().filter(|t| ids.contains(&t.id)));
        Self {
            id: stored.id,
            kind: drop.kind,
            place: drop.place_text(),
            places: &drop.places,
            edges: EdgesJson::new(drop.onset, drop.end, zone),
            record_ends: ended.iter().find(|(key, _)| *key == drop.key).map(|(_, at)| *at),
            other_way: others.contains(&stored.id),
            min_s: seconds(drop.min),
            max_s: seconds(drop.max),
            unobserved_s: seconds(drop.unobserved),
            answered: of(&drop.answered),
            silent: of(&drop.silent),
            path: None,
            simulated: Some(simulated).filter(|share| share.is_any()),
        }
    }

    pub(super) fn of_entry(drop: &'a DropEntry, zone: &TimeZone) -> Self {
        Self {
            id: drop.id,
            kind: drop.kind,
            place: drop.place.clone(),
            places: &drop.places,
            edges: EdgesJson::new(drop.onset, drop.end, zone),
            record_ends: None,
            other_way: false,
            min_s: seconds(drop.length.min),
            max_s: seconds(drop.length.max),
            unobserved_s: seconds(drop.unobserved),
            answered: names(&drop.answered),
            silent: names(&drop.silent),
            path: drop.path.as_ref().map(PathJson::from),
            simulated: None,
        }
    }
}

/// A drop of a report with its stretches.
pub(super) fn drop_entry<'a>(drop: &'a DropEntry, zone: &TimeZone) -> Entry<'a> {
    Entry {
        drop: DropJson::of_entry(drop, zone),
        flaps: drop.flaps,
        stretches: drop
            .stretches
            .iter()
            .map(|s| StretchJson {
                onset_earliest: s.onset.earliest,
                onset_latest: s.onset.latest,
                end_earliest: s.end.map(|end| end.earliest),
                end_latest: s.end.map(|end| end.latest),
                min_s: seconds(s.lengths.min),
                max_s: seconds(s.lengths.max),
            })
            .collect(),
        starts_before_period: drop.starts_before,
        ends_after_period: drop.ends_after,
        period_min_s: seconds(drop.down.min),
        period_max_s: seconds(drop.down.max),
    }
}

fn names<'a>(targets: impl IntoIterator<Item = &'a Target>) -> Vec<&'a str> {
    targets.into_iter().map(|t| t.name.as_str()).collect()
}

/// The drops as a JSON array, in the order given, ending in a line feed.
pub fn drops_json(drops: &[StoredDrop], context: DropsContext<'_>) -> String {
    let list: Vec<_> = drops.iter().map(|drop| DropJson::of_stored(drop, context)).collect();
    super::pretty(&list)
}
