//! The list of drops, as JSON (see `docs/json.md`) and as a table for people.

use std::time::Duration;

use jiff::tz::TimeZone;
use serde::Serialize;

use super::words;
use super::{DropEntry, Lengths};
use crate::detect::{DropKind, Place};
use crate::measurement::{Role, Target, TargetId};
use crate::store::rows::StoredDrop;
use crate::time::Timestamp;

/// A drop in JSON. Times are RFC 3339 UTC, lengths seconds.
#[derive(Debug, Serialize)]
pub(super) struct DropJson<'a> {
    id: i64,
    kind: DropKind,
    place: String,
    places: &'a [crate::detect::Place],
    onset_earliest: Timestamp,
    onset_latest: Timestamp,
    end_earliest: Option<Timestamp>,
    end_latest: Option<Timestamp>,
    min_s: f64,
    max_s: f64,
    unobserved_s: f64,
    answered: Vec<&'a str>,
    silent: Vec<&'a str>,
}

/// Seconds with three decimals.
pub(super) fn seconds(d: Duration) -> f64 {
    (d.as_secs_f64() * 1_000.0).round() / 1_000.0
}

impl<'a> DropJson<'a> {
    fn of_stored(stored: &'a StoredDrop, targets: &'a [Target]) -> Self {
        let drop = &stored.drop;
        let names = |ids: &[TargetId]| {
            targets.iter().filter(|t| ids.contains(&t.id)).map(|t| t.name.as_str()).collect()
        };
        Self {
            id: stored.id,
            kind: drop.kind,
            place: drop.place_text(),
            places: &drop.places,
            onset_earliest: drop.onset.earliest,
            onset_latest: drop.onset.latest,
            end_earliest: drop.end.map(|end| end.earliest),
            end_latest: drop.end.map(|end| end.latest),
            min_s: seconds(drop.min),
            max_s: seconds(drop.max),
            unobserved_s: seconds(drop.unobserved),
            answered: names(&drop.answered),
            silent: names(&drop.silent),
        }
    }

    pub(super) fn of_entry(drop: &'a DropEntry) -> Self {
        Self {
            id: drop.id,
            kind: drop.kind,
            place: drop.place.clone(),
            places: &drop.places,
            onset_earliest: drop.onset.earliest,
            onset_latest: drop.onset.latest,
            end_earliest: drop.end.map(|end| end.earliest),
            end_latest: drop.end.map(|end| end.latest),
            min_s: seconds(drop.length.min),
            max_s: seconds(drop.length.max),
            unobserved_s: seconds(drop.unobserved),
            answered: drop.answered.iter().map(|t| t.name.as_str()).collect(),
            silent: drop.silent.iter().map(|t| t.name.as_str()).collect(),
        }
    }
}

/// The drops as a JSON array, in the order given, ending in a line feed.
pub fn drops_json(drops: &[StoredDrop], targets: &[Target]) -> String {
    let list: Vec<_> = drops.iter().map(|d| DropJson::of_stored(d, targets)).collect();
    super::json::pretty(&list)
}

/// The columns of a table of drops.
pub(super) struct Row {
    id: String,
    began: String,
    lasted: String,
    place: String,
    answered: String,
    silent: String,
}

impl Row {
    pub(super) fn of_entry(drop: &DropEntry, zone: &TimeZone) -> Self {
        let names = |targets: &[Target]| roles(targets.iter().map(|t| t.role));
        let began = began(drop.onset.midpoint(), drop.kind, zone);
        let began = if drop.starts_before { format!("{began} <") } else { began };
        Self {
            id: drop.id.to_string(),
            began,
            lasted: lasted(drop.down, drop.end.is_none() || drop.ends_after),
            place: place(&drop.places),
            answered: names(&drop.answered),
            silent: names(&drop.silent),
        }
    }

    fn of_stored(stored: &StoredDrop, targets: &[Target], zone: &TimeZone) -> Self {
        let drop = &stored.drop;
        let names = |ids: &[TargetId]| {
            roles(targets.iter().filter(|t| ids.contains(&t.id)).map(|t| t.role))
        };
        Self {
            id: stored.id.to_string(),
            began: began(drop.onset.midpoint(), drop.kind, zone),
            lasted: lasted(Lengths { min: drop.min, max: drop.max }, drop.end.is_none()),
            place: place(&drop.places),
            answered: names(&drop.answered),
            silent: names(&drop.silent),
        }
    }

    fn cells(&self) -> [&str; 6] {
        [&self.id, &self.began, &self.lasted, &self.place, &self.answered, &self.silent]
    }
}

fn began(at: Timestamp, kind: DropKind, zone: &TimeZone) -> String {
    let mark = if kind == DropKind::Blip { " (blip)" } else { "" };
    format!("{}{mark}", words::local_second(at, zone))
}

fn lasted(lengths: Lengths, goes_on: bool) -> String {
    if goes_on { format!("{} so far", words::length(lengths.min)) } else { words::bounds(lengths) }
}

/// Places in the words of JSON; three and more as the first and the last.
fn place(places: &[Place]) -> String {
    match places {
        [] => "unknown".to_owned(),
        [one] => one.to_string(),
        [first, second] => format!("{first}|{second}"),
        [first, .., last] => format!("{first}..{last}"),
    }
}

/// Roles in order, each once, as far as they are witnesses of where a fault lies.
fn roles(present: impl Iterator<Item = Role>) -> String {
    let present: Vec<_> = present.collect();
    let witnesses = [Role::Gateway, Role::Modem, Role::Isp, Role::Anchor];
    let words: Vec<_> =
        witnesses.into_iter().filter(|role| present.contains(role)).map(Role::as_str).collect();
    if words.is_empty() { "-".to_owned() } else { words.join(" ") }
}

/// A table with a line of titles; see [`words::columns`].
pub(super) fn table(rows: &[Row], indent: &str) -> String {
    let titles = ["id", "began (local, offset)", "lasted", "place", "answered", "silent"];
    let mut cells = vec![titles.map(str::to_owned)];
    cells.extend(rows.iter().map(|row| row.cells().map(str::to_owned)));
    words::columns(&cells, [true, false, false, false, false, false], indent)
}

/// The drops as a table, in the order given, with times in `zone`. Says so when there are none.
pub fn drops_text(drops: &[StoredDrop], targets: &[Target], zone: &TimeZone) -> String {
    if drops.is_empty() {
        return "No drops.\n".to_owned();
    }
    let rows: Vec<_> = drops.iter().map(|d| Row::of_stored(d, targets, zone)).collect();
    let name = zone.iana_name().unwrap_or("this computer's zone");
    format!("{}\nTimes are local ({name}). \"Lasted\" is at least-at most.\n", table(&rows, ""))
}
