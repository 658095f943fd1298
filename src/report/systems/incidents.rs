//! The incidents of a record: drops and outages of the line, failures of services, and the notes that
//! people wrote about them.

use std::time::Duration;

use super::gather::SystemRows;
use super::{
    INTERNET, Incident, IncidentKind, IncidentNote, MOST_INCIDENTS, SystemsView, identity,
};
use crate::report::redact::Redaction;
use crate::report::ways::is_apart;
use crate::text::order::InOrder;
use crate::time::Timestamp;
use crate::time::spans::span_at;
use crate::vocabulary::{Bounds, DropKind, Lengths, Note, Role, StoredDrop, Target, TargetTrouble};

/// A note about a time this long after an incident is still about it.
const AFTERWARDS: Duration = Duration::from_secs(3_600);
/// The place of a drop is found this long after its onset, if at all.
const PLACED_AFTER: Duration = Duration::from_secs(10);
/// Notes are written to the minute: one of this long before an onset is about it.
const BEFORE: Duration = Duration::from_secs(60);

/// The incidents, the newest first, and how many more there are.
pub(super) fn incidents(
    rows: &SystemRows,
    view: SystemsView<'_>,
    redaction: &Redaction,
    name_of: &dyn Fn(&Target) -> String,
    has_answered: &dyn Fn(&Target) -> bool,
) -> (Vec<Incident>, usize) {
    let now = view.now;
    let outage_after = view.config.detect.outage_after;
    let drops = rows.drops.iter().filter(|stored| !is_apart(&stored.drop, &rows.apart, now));
    let failures = rows.troubles.iter().filter_map(|trouble| {
        let is_of_line = span_at(&rows.apart, trouble.from).is_none();
        let target = rows.targets.iter().find(|target| target.id == trouble.target)?;
        // The silence of one that has never answered says nothing.
        (target.role == Role::Service && is_of_line && has_answered(target))
            .then(|| failure(rows, trouble, target, now, name_of(target)))
    });
    let mut all: Vec<_> =
        drops.map(|stored| of_line(rows, stored, outage_after, now)).chain(failures).collect();
    all.order_by_key(newest_first);
    for note in &rows.notes {
        if let Some(nth) = about(&all, note.at, now) {
            all[nth].updated =
                all[nth].updated.max(note.added).max(note.edited.unwrap_or(note.added));
            all[nth].notes.push(shown(note, redaction));
        }
    }
    for change in &rows.note_changes {
        if let Some(nth) = about(&all, change.before.at, now) {
            all[nth].updated = all[nth].updated.max(change.changed);
        }
    }
    let left_out = all.len().saturating_sub(MOST_INCIDENTS);
    if left_out > 0 {
        all = most_telling(&all, MOST_INCIDENTS).into_iter().cloned().collect();
    }
    (all, left_out)
}

/// At most `most` of these, the newest first: those that last before all others, and of failures of
/// services that are over half at most, as long as there are drops: a service that flaps must not hide
/// what happened to the line.
pub(crate) fn most_telling(all: &[Incident], most: usize) -> Vec<&Incident> {
    let (lasting, over): (Vec<_>, Vec<_>) = all.iter().partition(|incident| incident.lasts());
    let mut failures = 0;
    let (first, rest): (Vec<_>, Vec<_>) = over.into_iter().partition(|incident| {
        failures += usize::from(incident.kind == IncidentKind::Failure);
        incident.kind != IncidentKind::Failure || failures <= most / 2
    });
    let mut chosen: Vec<_> = lasting.into_iter().chain(first).chain(rest).take(most).collect();
    chosen.order_by_key(|incident| newest_first(incident));
    chosen
}

fn newest_first(incident: &Incident) -> std::cmp::Reverse<(Timestamp, Option<i64>)> {
    std::cmp::Reverse((incident.onset.earliest, incident.drop))
}

fn of_line(
    rows: &SystemRows,
    stored: &StoredDrop,
    outage_after: Duration,
    now: Timestamp,
) -> Incident {
    let drop = &stored.drop;
    let record_ends = rows.record_ends.get(&stored.id).copied();
    // That it became an outage is a change, too.
    let last = match (drop.end, drop.kind) {
        (Some(end), _) => end.latest,
        (None, DropKind::Outage) => drop.onset.latest + outage_after,
        (None, _) => drop.onset.latest,
    };
    // So are its place, once it is found, and that nobody watches it any more.
    let placed = (!drop.places.is_empty()).then(|| (drop.onset.latest + PLACED_AFTER).min(now));
    let last = last.max(record_ends.unwrap_or(last)).max(placed.unwrap_or(last));
    let key = stored.first_key.unwrap_or(drop.key);
    Incident {
        id: identity::of_incident(rows.identity, &rows.runs, "line", key),
        drop: Some(stored.id),
        system: INTERNET.to_owned(),
        kind: match drop.kind {
            DropKind::Outage => IncidentKind::Outage,
            DropKind::Drop | DropKind::Possible | DropKind::Blip => IncidentKind::Drop,
        },
        onset: drop.onset,
        end: drop.end,
        record_ends,
        length: Lengths { min: drop.min, max: drop.max },
        places: drop.places.clone(),
        updated: last.max(drop.onset.latest),
        notes: Vec::new(),
    }
}

fn failure(
    rows: &SystemRows,
    trouble: &TargetTrouble,
    target: &Target,
    now: Timestamp,
    system: String,
) -> Incident {
    let exactly = |at: Timestamp| Bounds { earliest: at, latest: at };
    let of = format!("{} {}", target.kind, target.name);
    let until = end_of_trouble(rows, trouble, now);
    let length = until.duration_since(trouble.from).unwrap_or_default();
    let record_ends = (trouble.to.is_none() && until < now).then_some(until);
    Incident {
        id: identity::of_incident(rows.identity, &rows.runs, &of, trouble.from),
        drop: None,
        system,
        kind: IncidentKind::Failure,
        onset: exactly(trouble.from),
        end: trouble.to.map(exactly),
        record_ends,
        length: Lengths { min: length, max: length },
        places: Vec::new(),
        updated: trouble.to.or(record_ends).unwrap_or(trouble.from),
        notes: Vec::new(),
    }
}

/// Until when a trouble lasted, as far as is known: one without an end that was left over by a daemon
/// which was killed ends with its run where the target has answered since.
pub(super) fn end_of_trouble(
    rows: &SystemRows,
    trouble: &TargetTrouble,
    now: Timestamp,
) -> Timestamp {
    if let Some(to) = trouble.to {
        return to;
    }
    let has_answered = rows.answered.get(&trouble.target).is_some_and(|at| *at > trouble.from);
    // Where a clock that was set back lets two runs contain it, it is of the one that watched last.
    let run = rows.runs.iter().rfind(|run| run.contains(trouble.from));
    match run.filter(|run| run.ended.is_some()) {
        Some(run) if has_answered || run.is_import() => run.last_seen.min(now),
        Some(_) | None => now,
    }
}

/// The incident that a note about `at` is about: the one that it lies in, else the nearest to it of
/// those that began a minute after it or ended an hour before it at most.
fn about(all: &[Incident], at: Timestamp, now: Timestamp) -> Option<usize> {
    let distance = |incident: &Incident| {
        let end = incident.end.map_or(incident.record_ends.unwrap_or(now), |end| end.latest);
        let before = incident.onset.earliest.duration_since(at).unwrap_or_default();
        let after = at.duration_since(end).unwrap_or_default();
        (before <= BEFORE && after <= AFTERWARDS).then(|| before.max(after))
    };
    let near = all.iter().enumerate().filter_map(|(nth, incident)| {
        Some((distance(incident)?, incident.kind == IncidentKind::Failure, nth))
    });
    near.min().map(|(.., nth)| nth)
}

fn shown(note: &Note, redaction: &Redaction) -> IncidentNote {
    let text = redaction.text(&note.text);
    IncidentNote { at: note.at, kind: note.kind, text, edited: note.edited }
}
