//! What the status page and its feed say of systems and incidents.

use jiff::tz::TimeZone;

use crate::language::phrases::SystemWords;
use crate::language::{Language, capital, fill, words};
use crate::report::systems::{
    Incident, IncidentKind, IncidentNote, SystemEntry, SystemKind, SystemSite, Systems,
};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{Kind, Role};

impl Language {
    fn systems(&self) -> &SystemWords {
        &self.phrases().systems
    }

    /// `Mon 2026-11-16 13:20:05`; with its offset where the clock shows that time twice.
    pub(crate) fn moment(&self, at: Timestamp, zone: &TimeZone) -> String {
        self.local(words::to_tenths(at), zone, "%a %F %H:%M:%S")
            + &words::offset_where_repeated(at, zone)
    }

    /// The same, and the time of day alone where the day is that of `other`.
    pub(crate) fn moment_after(&self, other: Timestamp, at: Timestamp, zone: &TimeZone) -> String {
        if words::same_day(other, at, zone) {
            self.local(words::to_tenths(at), zone, "%H:%M:%S")
                + &words::offset_where_repeated(at, zone)
        } else {
            self.moment(at, zone)
        }
    }

    /// The sentence at the top, without a full stop.
    pub(crate) fn state_of_systems(&self, systems: &Systems) -> String {
        let s = self.systems();
        let Some(internet) = systems.systems.first() else { return s.headlines.unknown.to_owned() };
        let mut text = s.headlines.of(internet.state).to_owned();
        if !internet.fault.is_empty() {
            let p = self.phrases();
            let places: Vec<_> =
                internet.fault.iter().map(|place| p.at_places.of(*place)).collect();
            text.extend([p.colon, &places.join(&format!(" {} ", p.or))]);
        }
        text
    }

    /// What a system is called, and what is said below that: `Router`, `on site`.
    pub(crate) fn system_name(&self, entry: &SystemEntry) -> [String; 2] {
        let (s, p) = (self.systems(), self.phrases());
        let site = match entry.site {
            SystemSite::Home => s.at_home,
            SystemSite::Isp => s.at_isp,
            SystemSite::Internet => s.beyond,
        };
        let SystemKind::Target { role, kind } = entry.kind else {
            return [s.internet.to_owned(), String::new()];
        };
        let usual = match role {
            Role::Gateway => p.roles.gateway,
            Role::Modem => p.roles.modem,
            Role::Isp => p.isp,
            Role::Anchor | Role::Service => {
                let what = match kind {
                    Kind::Http => s.web,
                    Kind::Dns => s.name_server,
                    Kind::Tcp | Kind::Icmp => p.roles.of(role),
                };
                return [entry.id.clone(), format!("{what}, {site}")];
            }
        };
        let name = capital(usual);
        let is_usual = entry.id == role.as_str();
        [if is_usual { name } else { format!("{name} ({})", entry.id) }, site.to_owned()]
    }

    /// `Outage: access line`, `mail failed`.
    pub(crate) fn incident_title(&self, incident: &Incident) -> String {
        let (s, p) = (self.systems(), self.phrases());
        let what = match incident.kind {
            IncidentKind::Drop => s.drop,
            IncidentKind::Outage => s.outage,
            IncidentKind::Failure => return fill(s.failure, &[("name", &incident.system)]),
        };
        let place = match incident.places.as_slice() {
            [] => p.unknown_place.to_owned(),
            _ => self.place_now(&incident.place()),
        };
        [what, p.colon, &place].concat()
    }

    /// From when to when, and how long.
    pub(crate) fn incident_span(&self, incident: &Incident, zone: &TimeZone) -> String {
        let s = self.systems();
        let onset = incident.onset.midpoint();
        let length = if incident.length.is_vague() {
            self.bounds(incident.length)
        } else {
            self.length(incident.length.midpoint())
        };
        let (template, to) = match (incident.end, incident.record_ends) {
            (Some(end), _) => (s.span, Some(end.midpoint())),
            (None, Some(at)) => (s.span_cut, Some(at)),
            (None, None) => (s.span_open, None),
        };
        let to = to.map(|at| self.moment_after(onset, at, zone)).unwrap_or_default();
        fill(template, &[("from", self.moment(onset, zone)), ("to", to), ("length", length)])
    }

    /// A note in a line, with its kind.
    pub(crate) fn incident_note(&self, note: &IncidentNote) -> String {
        let text = match note.edited {
            Some(_) => fill(self.phrases().note_edited, &[("note", &note.text)]),
            None => note.text.clone(),
        };
        match self.note_kind(note.kind) {
            "" => text,
            kind => [kind, self.phrases().colon, &text].concat(),
        }
    }

    /// The zone of the times of the page, with its offsets in the time of which incidents are listed.
    pub(crate) fn zone_of_systems(&self, systems: &Systems) -> String {
        let from = systems.incidents.last().map(|incident| incident.onset.earliest);
        let from = from.unwrap_or(systems.made).min(systems.made);
        let period = TimeRange { from, to: systems.made.plus_micros(1) };
        fill(self.systems().times, &[("zone", self.zone(period, &systems.zone))])
    }
}
