//! Systems at a glance as JSON.

use std::time::Duration;

use serde::Serialize;

use super::{rounded, seconds};
use crate::live::{Flag, SystemState};
use crate::report::systems::{
    Incident, IncidentNote, SystemEntry, SystemKind, SystemWindow, Systems,
};
use crate::time::Timestamp;
use crate::vocabulary::{GapReason, Kind, NoteKind, Place, Role, SimulatedShare};

#[derive(Serialize)]
struct SystemsJson<'a> {
    made: Timestamp,
    zone: Option<&'a str>,
    site: Option<&'a str>,
    isp: Option<&'a str>,
    record: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    simulated: Option<SimulatedShare>,
    begins: Option<Timestamp>,
    measuring: bool,
    stopped: Option<Timestamp>,
    systems: Vec<SystemJson<'a>>,
    incidents: Vec<IncidentJson<'a>>,
    incidents_left_out: usize,
}

#[derive(Serialize)]
struct SystemJson<'a> {
    id: &'a str,
    role: Option<Role>,
    kind: Option<Kind>,
    site: &'static str,
    state: SystemState,
    since: Option<Timestamp>,
    fault: &'a [Place],
    flags: &'a [Flag],
    reason: Option<GapReason>,
    last_answer: Option<Timestamp>,
    windows: Vec<WindowJson>,
}

#[derive(Serialize)]
struct WindowJson {
    length_s: f64,
    watched_s: f64,
    coverage: f64,
    down_s: f64,
    availability: Option<f64>,
}

#[derive(Serialize)]
struct IncidentJson<'a> {
    id: &'a str,
    drop: Option<i64>,
    system: &'a str,
    kind: &'static str,
    place: String,
    places: &'a [Place],
    onset: Timestamp,
    end: Option<Timestamp>,
    lasts: bool,
    record_ends: Option<Timestamp>,
    min_s: f64,
    max_s: f64,
    updated: Timestamp,
    notes: Vec<IncidentNoteJson<'a>>,
}

#[derive(Serialize)]
struct IncidentNoteJson<'a> {
    at: Timestamp,
    kind: NoteKind,
    text: &'a str,
    edited: Option<Timestamp>,
}

/// What works and what did not, as `docs/json.md` lays it down.
///
/// # Panics
/// Never: it is plain data.
pub fn systems_json(systems: &Systems) -> String {
    let root = SystemsJson {
        made: systems.made,
        zone: systems.zone.iana_name(),
        site: systems.site.as_deref(),
        isp: systems.isp.as_deref(),
        record: &systems.record,
        simulated: Some(systems.simulated).filter(|share| share.is_any()),
        begins: systems.begins,
        measuring: systems.is_measuring,
        stopped: systems.stopped,
        systems: systems.systems.iter().map(system).collect(),
        incidents: systems.incidents.iter().map(incident).collect(),
        incidents_left_out: systems.left_out,
    };
    serde_json::to_string(&root).expect("it is plain data") + "\n"
}

fn system(entry: &SystemEntry) -> SystemJson<'_> {
    let (role, kind) = match entry.kind {
        SystemKind::Internet => (None, None),
        SystemKind::Target { role, kind } => (Some(role), Some(kind)),
    };
    SystemJson {
        id: &entry.id,
        role,
        kind,
        site: entry.site.as_str(),
        state: entry.state,
        since: entry.since,
        fault: &entry.fault,
        flags: &entry.flags,
        reason: entry.reason,
        last_answer: entry.last_answer,
        windows: entry.windows.iter().map(window).collect(),
    }
}

fn window(window: &SystemWindow) -> WindowJson {
    let whole = |length: Duration| seconds(length);
    WindowJson {
        length_s: whole(window.length),
        watched_s: whole(window.watched),
        coverage: rounded(window.coverage(), 6),
        down_s: whole(window.down),
        availability: window.ratio.map(|ratio| rounded(ratio, 8)),
    }
}

fn incident(incident: &Incident) -> IncidentJson<'_> {
    IncidentJson {
        id: &incident.id,
        drop: incident.drop,
        system: &incident.system,
        kind: incident.kind.as_str(),
        place: incident.place(),
        places: &incident.places,
        onset: incident.onset.midpoint(),
        end: incident.end.map(|end| end.midpoint()),
        lasts: incident.lasts(),
        record_ends: incident.record_ends,
        min_s: seconds(incident.length.min),
        max_s: seconds(incident.length.max),
        updated: incident.updated,
        notes: incident.notes.iter().map(note).collect(),
    }
}

fn note(note: &IncidentNote) -> IncidentNoteJson<'_> {
    IncidentNoteJson { at: note.at, kind: note.kind, text: &note.text, edited: note.edited }
}
