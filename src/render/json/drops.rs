//! Drops as JSON.

use jiff::tz::TimeZone;
use serde::Serialize;

use super::paths::PathJson;
use super::seconds;
use crate::render::csv::local;
use crate::report::DropEntry;
use crate::time::Timestamp;
use crate::vocabulary::{Bounds, DropKind, StoredDrop, Target, TargetId};

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
    min_s: f64,
    max_s: f64,
    unobserved_s: f64,
    answered: Vec<&'a str>,
    silent: Vec<&'a str>,
    /// Where the path was asked; in a report only.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<PathJson<'a>>,
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
    fn of_stored(stored: &'a StoredDrop, targets: &'a [Target], zone: &TimeZone) -> Self {
        let drop = &stored.drop;
        let of = |ids: &[TargetId]| names(targets.iter().filter(|t| ids.contains(&t.id)));
        Self {
            id: stored.id,
            kind: drop.kind,
            place: drop.place_text(),
            places: &drop.places,
            edges: EdgesJson::new(drop.onset, drop.end, zone),
            min_s: seconds(drop.min),
            max_s: seconds(drop.max),
            unobserved_s: seconds(drop.unobserved),
            answered: of(&drop.answered),
            silent: of(&drop.silent),
            path: None,
        }
    }

    pub(super) fn of_entry(drop: &'a DropEntry, zone: &TimeZone) -> Self {
        Self {
            id: drop.id,
            kind: drop.kind,
            place: drop.place.clone(),
            places: &drop.places,
            edges: EdgesJson::new(drop.onset, drop.end, zone),
            min_s: seconds(drop.length.min),
            max_s: seconds(drop.length.max),
            unobserved_s: seconds(drop.unobserved),
            answered: names(&drop.answered),
            silent: names(&drop.silent),
            path: drop.path.as_ref().map(PathJson::from),
        }
    }
}

fn names<'a>(targets: impl IntoIterator<Item = &'a Target>) -> Vec<&'a str> {
    targets.into_iter().map(|t| t.name.as_str()).collect()
}

/// The drops as a JSON array, in the order given, ending in a line feed; local times are in `zone`.
pub fn drops_json(drops: &[StoredDrop], targets: &[Target], zone: &TimeZone) -> String {
    let list: Vec<_> = drops.iter().map(|d| DropJson::of_stored(d, targets, zone)).collect();
    super::pretty(&list)
}
