//! The incidents as a feed (RFC 4287): one entry an incident, under one identifier from its onset to
//! its end. Nothing in it says when it was made, so that it is the same file until something happens.

use std::fmt::Write as _;
use std::time::Duration;

use super::clean;
use crate::language::{self, Language};
use crate::report::systems::{Incident, Systems, most_telling};
use crate::time::Timestamp;

/// Entries at most: incidents that last, then the newest.
pub const MOST_ENTRIES: usize = 50;

/// An incident has an entry this long after its onset: until then late answers to the first probes may
/// show that there was none, and readers keep an entry that is gone as it last was.
const HELD_BACK: Duration = Duration::from_secs(70);

/// The feed. `url` is where its directory is found by browsers; without it, links are relative.
pub fn atom(systems: &Systems, url: Option<&str>) -> String {
    let language = language::of(systems.language);
    let s = &language.phrases().systems;
    let base = url.map(|url| if url.ends_with('/') { url.to_owned() } else { format!("{url}/") });
    let base = base.unwrap_or_default();
    let site = systems.site.as_deref().map(clean);
    let title =
        site.as_ref().map_or(s.feed_title.to_owned(), |site| format!("{site} – {}", s.feed_title));
    let shown = most_telling(&systems.incidents, MOST_ENTRIES).into_iter();
    let shown: Vec<_> =
        shown.filter(|incident| incident.onset.latest + HELD_BACK <= systems.made).collect();
    let newest = shown.iter().map(|incident| incident.updated).max();
    let updated = newest.or(systems.begins).unwrap_or(Timestamp::from_seconds(0));
    let subtitle = language.simulated(systems.simulated);
    let subtitle = subtitle.map(|said| format!("<subtitle>{}</subtitle>\n", escape(said)));
    let subtitle = subtitle.unwrap_or_default();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    let _ = write!(
        out,
        "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">\n\
         <id>{}</id>\n<title>{}</title>\n<updated>{updated}</updated>\n\
         <author><name>{}</name></author>\n<generator version=\"{}\">linkmon</generator>\n\
         {subtitle}<link rel=\"self\" type=\"application/atom+xml\" href=\"{base}feed.atom\"/>\n\
         <link rel=\"alternate\" type=\"text/html\" href=\"{base}{}\"/>\n\
         <icon>{base}icon.svg</icon>\n",
        language.phrases().code,
        systems.record,
        escape(&title),
        escape(site.as_deref().unwrap_or("linkmon")),
        env!("CARGO_PKG_VERSION"),
        if url.is_some() { "" } else { "./" },
        base = escape(&base),
        subtitle = subtitle,
    );
    for incident in shown {
        entry(&mut out, systems, incident, language, &base);
    }
    out + "</feed>\n"
}

fn entry(
    out: &mut String,
    systems: &Systems,
    incident: &Incident,
    language: &Language,
    base: &str,
) {
    let s = &language.phrases().systems;
    let title = language.incident_title(incident);
    // While it lasts, its length grows by the second, and is no change.
    let span = if incident.lasts() {
        let at = language.moment(incident.onset.midpoint(), &systems.zone);
        language::fill(s.since, &[("at", at)])
    } else {
        language.incident_span(incident, &systems.zone)
    };
    let mut text = language.with_simulated(systems.simulated, span) + "\n";
    if !incident.notes.is_empty() {
        text.push_str(s.noted);
        text.push_str(language.phrases().colon.trim_end());
        text.push('\n');
    }
    for note in &incident.notes {
        let at = language.moment(note.at, &systems.zone);
        let _ = writeln!(text, "- {at} {}", clean(&language.incident_note(note)));
    }
    let state = if incident.lasts() { language.phrases().lasts } else { "" };
    let lasts = if state.is_empty() { String::new() } else { format!(" ({state})") };
    let _ = write!(
        out,
        "<entry>\n<id>{}</id>\n<title>{}{}</title>\n<published>{}</published>\n\
         <updated>{}</updated>\n<category term=\"{}\"/>\n\
         <link rel=\"alternate\" type=\"text/html\" href=\"{}{}#i-{}\"/>\n\
         <content type=\"text\">{}</content>\n</entry>\n",
        incident.id,
        escape(&clean(&title)),
        escape(&lasts),
        incident.onset.midpoint(),
        incident.updated.max(incident.onset.midpoint()),
        incident.kind.as_str(),
        escape(base),
        if base.is_empty() { "./" } else { "" },
        incident.id.trim_start_matches("urn:uuid:"),
        escape(&text),
    );
}

/// What XML has no place for was cleaned before; only the ends of lines are left of it.
fn escape(text: &str) -> String {
    super::escape(text, |c| c != '\n' && super::is_unwritable(c))
}

#[cfg(test)]
mod tests;
