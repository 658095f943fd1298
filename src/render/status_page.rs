//! The status page: one HTML file without a script. Everything that anyone could have written is
//! escaped by the compiler of the template; what a browser may load is named by a policy.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use super::clean;
use crate::language::{self, Language, capital, fill, one_of};
use crate::live::SystemState;
use crate::report::systems::{INCIDENTS_OF, Incident, SystemEntry, SystemWindow, Systems, WINDOWS};

/// The icon of the pages.
pub const ICON: &str = include_str!("../../dashboards/icon.svg");

const STYLE: &str = include_str!("status_page/style.css");

/// Where a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageHome {
    /// The daemon serves it, next to its other pages.
    Served,
    /// A file among others, on any web server.
    Published,
}

impl PageHome {
    fn json(self) -> &'static str {
        match self {
            Self::Served => "api/v1/systems",
            Self::Published => "status.json",
        }
    }
}

/// What a browser may do with the page: use its one style and its icon. A header may add
/// `frame-ancestors 'none'`, which a page cannot say of itself.
pub fn status_page_policy() -> String {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; img-src 'self'; base-uri 'none'; \
         form-action 'none'",
        STANDARD.encode(Sha256::digest(STYLE.as_bytes()))
    )
}

/// The page, in the language of `systems`.
pub fn status_page(systems: &Systems, home: PageHome) -> String {
    let language = language::of(systems.language);
    PageWriter { systems, language, home }.page().into_string()
}

struct PageWriter<'a> {
    systems: &'a Systems,
    language: &'a Language,
    home: PageHome,
}

impl PageWriter<'_> {
    fn page(&self) -> Markup {
        let (systems, language) = (self.systems, self.language);
        let (p, s) = (language.phrases(), &language.phrases().systems);
        let site = systems.site.as_deref().map(clean);
        let title =
            site.as_ref().map_or(s.title.to_owned(), |site| format!("{site} – {}", s.title));
        let (open, past): (Vec<_>, Vec<_>) = systems.incidents.iter().partition(|i| i.lasts());
        let left_out = systems.left_out;
        html! {
            (DOCTYPE)
            html lang=(p.code) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta http-equiv="Content-Security-Policy" content=(status_page_policy());
                    meta name="referrer" content="no-referrer";
                    title { (title) }
                    link rel="icon" type="image/svg+xml" href="icon.svg";
                    link rel="alternate" type="application/atom+xml" href="feed.atom" title=(s.feed_title);
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    (self.top(site.as_deref()))
                    main {
                        section aria-labelledby="systems" {
                            h2 id="systems" { (s.systems) }
                            (self.table())
                            p.hint { (s.what_shares_mean) }
                        }
                        section aria-labelledby="current" {
                            h2 id="current" { (s.current) }
                            @if open.is_empty() {
                                p { (self.no_current()) }
                            }
                            @for incident in open { (self.incident(incident)) }
                        }
                        section aria-labelledby="past" {
                            h2 id="past" { (s.past) }
                            @if past.is_empty() {
                                @let days = (INCIDENTS_OF.as_secs() / 86_400).to_string();
                                p { (fill(s.none_past, &[("days", days)])) }
                            }
                            @for incident in past { (self.incident(incident)) }
                            @if left_out > 0 {
                                p.hint { (fill(one_of(s.left_out, left_out), &[("n", language.number(left_out as u64))])) }
                            }
                        }
                    }
                    footer {
                        p { (s.stale) }
                        p {
                            a href="feed.atom" { (s.feed) }
                            " · "
                            a href=(self.home.json()) { (s.as_json) }
                            " · linkmon " (env!("CARGO_PKG_VERSION"))
                        }
                    }
                }
            }
        }
    }

    /// What is said where no incident lasts: there is none only where that can be known.
    fn no_current(&self) -> String {
        let s = &self.language.phrases().systems;
        let state = self.systems.systems.first().map(|internet| internet.state);
        if !self.systems.is_measuring {
            return s.not_known_now.to_owned();
        }
        match state {
            Some(SystemState::Up | SystemState::Impaired | SystemState::Checking) => {
                s.none_now.to_owned()
            }
            Some(SystemState::Down) => self.language.state_of_systems(self.systems) + ".",
            Some(SystemState::Disputed | SystemState::Unknown | SystemState::Silent) | None => {
                s.undecided_now.to_owned()
            }
        }
    }

    fn top(&self, site: Option<&str>) -> Markup {
        let (systems, language) = (self.systems, self.language);
        let s = &language.phrases().systems;
        let internet = systems.systems.first();
        let state = internet.map_or(SystemState::Unknown, |entry| entry.state);
        let made = language.moment(systems.made, &systems.zone);
        html! {
            header {
                p.kind {
                    (site.unwrap_or(s.title))
                    @if let Some(isp) = &systems.isp { " · " (clean(isp)) }
                }
                div.banner.(state.as_str()) {
                    (sign(state))
                    div {
                        h1 { (language.state_of_systems(systems)) }
                        @if let Some(entry) = internet { (self.details(entry)) }
                    }
                }
                @if let Some(said) = language.simulated(systems.simulated) {
                    p.warning { (said) }
                }
                @if let Some(at) = systems.stopped {
                    p.warning { (fill(s.stopped, &[("at", language.moment(at, &systems.zone))])) }
                }
                p.made {
                    strong { (fill(s.as_of, &[("at", made)])) }
                    " · " (language.zone_of_systems(systems))
                    " · " a href="?" { (s.renew) }
                }
            }
        }
    }

    /// Since when, why not, and what is wrong.
    fn details(&self, entry: &SystemEntry) -> Markup {
        let language = self.language;
        let s = &language.phrases().systems;
        let mut parts: Vec<String> = Vec::new();
        let since =
            entry.since.map(|at| language.moment_after(self.systems.made, at, &self.systems.zone));
        parts.extend(since.map(|at| fill(s.since, &[("at", at)])));
        parts.extend(entry.reason.map(|reason| language.gap_now(reason).to_owned()));
        if !matches!(entry.state, SystemState::Up | SystemState::Unknown) {
            parts.extend(entry.flags.iter().map(|flag| language.flag(*flag).to_owned()));
        }
        html! { @if !parts.is_empty() { p { (capital(&parts.join(", "))) } } }
    }

    fn table(&self) -> Markup {
        let (language, s) = (self.language, &self.language.phrases().systems);
        let [system, state, answer] = s.columns;
        let lengths = WINDOWS.map(|length| {
            let length = language.period_length(length);
            fill(s.last, &[("length", length)])
        });
        html! {
            table role="table" {
                thead role="rowgroup" {
                    tr role="row" {
                        th role="columnheader" scope="col" { (system) }
                        th role="columnheader" scope="col" { (state) }
                        @for length in &lengths { th.number role="columnheader" scope="col" { (length) } }
                        th.number role="columnheader" scope="col" { (answer) }
                    }
                }
                tbody role="rowgroup" {
                    @for entry in &self.systems.systems {
                        @let [name, what] = language.system_name(entry);
                        tr role="row" {
                            th role="rowheader" scope="row" {
                                (clean(&name))
                                @if !what.is_empty() { small { (what) } }
                            }
                            td.state.(entry.state.as_str()) role="cell" data-label=(state) { (self.state(entry)) }
                            @for (window, length) in entry.windows.iter().zip(&lengths) {
                                td.number role="cell" data-label=(length) { (self.window(entry, window)) }
                            }
                            td.number role="cell" data-label=(answer) {
                                @match entry.last_answer {
                                    Some(at) => (language.moment_after(self.systems.made, at, &self.systems.zone)),
                                    None => "–",
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn state(&self, entry: &SystemEntry) -> Markup {
        let s = &self.language.phrases().systems;
        html! {
            span.word { (sign(entry.state)) " " (s.states.of(entry.state)) }
            @if let Some(at) = entry.since.filter(|_| entry.state == SystemState::Down) {
                @let at = self.language.moment_after(self.systems.made, at, &self.systems.zone);
                small { (fill(s.since, &[("at", at)])) }
            }
        }
    }

    /// A share is never without how much of the time it is of.
    fn window(&self, entry: &SystemEntry, window: &SystemWindow) -> Markup {
        /// Of less, the length says more.
        const LEAST_SHARE: f64 = 0.01;
        let (language, s) = (self.language, &self.language.phrases().systems);
        let Some(ratio) = window.ratio else {
            let is_silent = entry.state == SystemState::Silent;
            return html! { "–" @if !is_silent { small { (s.unwatched) } } };
        };
        let unbroken = |length| language.length(length).replace(' ', "\u{a0}");
        let share = if window.coverage() < LEAST_SHARE {
            unbroken(window.watched)
        } else {
            language.percent(window.coverage())
        };
        html! {
            (language.percent(ratio))
            @if !window.down.is_zero() {
                small { (fill(s.down, &[("length", unbroken(window.down))])) }
            }
            small { (fill(s.watched, &[("share", share)])) }
        }
    }

    fn incident(&self, incident: &Incident) -> Markup {
        let language = self.language;
        let s = &language.phrases().systems;
        let zone = &self.systems.zone;
        let anchor = incident.id.trim_start_matches("urn:uuid:");
        html! {
            article.(incident.kind.as_str()).lasts[incident.lasts()] id=(format!("i-{anchor}")) {
                h3 { (clean(&language.incident_title(incident))) }
                p.when { (language.incident_span(incident, zone)) }
                @if !incident.notes.is_empty() {
                    p.noted { (s.noted) }
                    ul {
                        @for note in &incident.notes {
                            li {
                                span.when { (language.moment_after(incident.onset.midpoint(), note.at, zone)) }
                                " " (clean(&language.incident_note(note)))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The shape of a state; its word is next to it.
fn sign(state: SystemState) -> Markup {
    let sign = match state {
        SystemState::Up => "✓",
        SystemState::Impaired => "!",
        SystemState::Checking => "?",
        SystemState::Disputed => "≠",
        SystemState::Down => "✕",
        SystemState::Unknown | SystemState::Silent => "–",
    };
    html! { span.sign aria-hidden="true" { (sign) } }
}

#[cfg(test)]
mod tests;
