//! Rows to [`Systems`]: arithmetic on spans, no wording, no clock.

use std::time::Duration;

use super::gather::SystemRows;
use super::incidents::{end_of_trouble, incidents};
use super::{
    INTERNET, SystemEntry, SystemKind, SystemSite, SystemWindow, Systems, SystemsView, WINDOWS,
    identity,
};
use crate::live::{Status, SystemState, TargetStatus, WayStatus};
use crate::report::redact::{Redaction, reveals};
use crate::report::ways::is_apart;
use crate::stats::{Availability, LedgerInputs, TimeLedger};
use crate::text::order::InOrder;
use crate::time::spans::{common, total, union, without};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::well_known::{is_at_home, is_own_name, is_public_test_point};
use crate::vocabulary::{GapReason, LinkDrop, LinkState, Role, Target, TargetId, is_private};

/// Of the rows, as of `view.now`; `live` is the present where a daemon measures.
pub(super) fn build(rows: &SystemRows, view: SystemsView<'_>, live: Option<&Status>) -> Systems {
    let SystemsView { now, zone, config } = view;
    let redaction = Redaction::of_texts(secrets(rows, view), config.report.language);
    let of_line: Vec<&LinkDrop> = rows.drops.iter().map(|stored| &stored.drop).collect();
    let of_line: Vec<&LinkDrop> =
        of_line.into_iter().filter(|drop| !is_apart(drop, &rows.apart, now)).collect();
    let open = rows.drops.iter().rfind(|stored| {
        let is_watched = !rows.record_ends.contains_key(&stored.id);
        stored.drop.end.is_none() && is_watched && !is_apart(&stored.drop, &rows.apart, now)
    });
    let open = open.map(|stored| &stored.drop);
    let sight = Sighted { rows, now, live, of_line: &of_line, open };
    let has_answered = |target: &Target| sight.has_answered(target);
    let (incidents, left_out) = incidents(rows, view, &redaction, &shown_name, &has_answered);
    let watched = WINDOWS.map(|length| sight.watched(length));
    let in_use = sight.in_use();
    let mut systems = vec![sight.internet(&watched)];
    let mut targets: Vec<&Target> = rows
        .targets
        .iter()
        .filter(|target| in_use.contains(&target.id) && target.role != Role::Anchor)
        .filter(|target| !target.is_inner_hop())
        .collect();
    targets.order_by_key(|target| (target.role, target.kind, target.id));
    systems.extend(targets.into_iter().map(|target| sight.target(target, &watched)));
    let last_seen = rows.runs.iter().map(|run| run.last_seen).max();
    Systems {
        made: now,
        zone: zone.clone(),
        language: config.report.language,
        site: config.publish.site.clone(),
        isp: config.site.isp.clone(),
        record: identity::of_record(rows.identity),
        begins: rows.runs.iter().map(|run| run.started).min(),
        is_measuring: live.is_some(),
        stopped: last_seen.filter(|_| live.is_none()),
        simulated: rows.simulated,
        systems,
        incidents,
        left_out,
    }
}

/// What must not be read in notes.
fn secrets(rows: &SystemRows, view: SystemsView<'_>) -> Vec<String> {
    let site = &view.config.site;
    let shown = view.config.publish.site.as_deref().unwrap_or_default();
    let texts = [&site.name, &site.account, &site.ticket].into_iter().flatten();
    let mut secrets: Vec<String> =
        texts.filter(|text| !shown.contains(text.as_str())).cloned().collect();
    secrets.extend(rows.numbers.iter().cloned());
    for target in &rows.targets {
        if !is_public_test_point(target.endpoint.as_str()) {
            secrets.push(target.endpoint.to_string());
        }
        if shown_name(target) != target.name {
            secrets.push(target.name.clone());
        }
    }
    let ways = rows.ways.iter().filter_map(|span| span.way.as_ref());
    secrets
        .extend(ways.flat_map(|way| std::iter::once(&way.interface).chain(&way.avoids)).cloned());
    secrets.extend(rows.stations.iter().map(|station| station.bssid.clone()));
    secrets.sort_unstable();
    secrets.dedup();
    secrets
}

/// The name of a target as anybody may read it.
fn shown_name(target: &Target) -> String {
    if is_own_name(&target.name) || !reveals(&target.name) {
        target.name.clone()
    } else {
        format!("{}-{}", target.role, target.id.0)
    }
}

/// Probes of the last minute that have to be lost, all of them, for a target to be down.
const LEAST_LOST: u32 = 3;

/// The time of a window that counts.
struct WatchedWindow {
    period: TimeRange,
    ledger: TimeLedger,
    /// Time in which probes were sent by the way of the line and say something, ordered and disjoint.
    probed: Vec<TimeRange>,
}

/// Everything that a system is looked at with.
struct Sighted<'a> {
    rows: &'a SystemRows,
    now: Timestamp,
    live: Option<&'a Status>,
    /// The drops and outages of the line, by onset.
    of_line: &'a [&'a LinkDrop],
    /// The one that lasts and is watched.
    open: Option<&'a LinkDrop>,
}

impl Sighted<'_> {
    fn watched(&self, length: Duration) -> WatchedWindow {
        let period = TimeRange { from: self.now - length, to: self.now };
        let ledger = TimeLedger::compute(LedgerInputs {
            period,
            runs: &self.rows.runs,
            gaps: &self.rows.gaps,
            drops: self.of_line,
            impairments: &self.rows.impairments,
            apart: &self.rows.apart,
        });
        let probed = union(ledger.judged.iter().chain(&ledger.disputed).copied().collect());
        WatchedWindow { period, ledger, probed }
    }

    /// The targets in use: of a record that does not say, those that answered lately.
    fn in_use(&self) -> Vec<TargetId> {
        match self.rows.rosters.last().entries() {
            Some(entries) => entries.iter().map(|entry| entry.target).collect(),
            None => self.rows.answered.keys().copied().collect(),
        }
    }

    fn internet(&self, watched: &[WatchedWindow]) -> SystemEntry {
        let proven = self.of_line.iter().any(|drop| drop.kind.is_down())
            || self.rows.targets.iter().any(|target| self.proves_the_link(target));
        let window = |nth: usize| {
            let WatchedWindow { period, ledger, .. } = &watched[nth];
            match Availability::of(ledger).filter(|_| proven) {
                Some(found) => SystemWindow {
                    length: period.length(),
                    watched: found.observed,
                    down: found.down,
                    ratio: Some(found.ratio),
                },
                None => SystemWindow::unwatched(period.length()),
            }
        };
        let state = self.live.map_or(SystemState::Unknown, state_of_link);
        let other_way = self.other_way();
        let reason = match other_way {
            Some(_) => Some(GapReason::OtherWay),
            None => self.live.and_then(|status| status.unknown),
        };
        let open = self.open.filter(|_| state == SystemState::Down);
        let since = self.live.and_then(|status| match state {
            SystemState::Impaired => status.impairments.iter().map(|one| one.since).min(),
            SystemState::Unknown => other_way.map_or(status.since, |way| way.since),
            _ => status.since,
        });
        SystemEntry {
            id: INTERNET.to_owned(),
            kind: SystemKind::Internet,
            site: SystemSite::Internet,
            state,
            since: open.map(|drop| drop.onset.midpoint()).or(since),
            fault: open.map(|drop| drop.places.clone()).unwrap_or_default(),
            flags: self.live.map(Status::flags).unwrap_or_default(),
            reason: reason.filter(|_| state == SystemState::Unknown),
            last_answer: self.live.and_then(|status| {
                let anchors = status.deciding_anchors();
                anchors.into_iter().filter_map(|anchor| anchor.last_reply).max()
            }),
            windows: std::array::from_fn(window),
        }
    }

    /// Whether a target beyond the ISP answered lately: without that and without a drop nobody knows
    /// whether the link was up.
    fn proves_the_link(&self, target: &Target) -> bool {
        let is_far = match self.rows.rosters.last().standing(target.id) {
            Some(standing) if standing.is_refused() => false,
            _ => target.role == Role::Anchor || !target.endpoint.literal().is_some_and(is_private),
        };
        let is_beyond = matches!(target.role, Role::Anchor | Role::Service) && is_far;
        is_beyond && self.has_answered(target)
    }

    /// The way of the packets, where it is not that of the line.
    fn other_way(&self) -> Option<&WayStatus> {
        self.live?.way.as_ref().filter(|way| !way.is_line)
    }

    fn live_of(&self, target: &Target) -> Option<&TargetStatus> {
        let targets = &self.live?.targets;
        targets.iter().find(|live| live.name == target.name && live.kind == target.kind)
    }

    fn has_answered(&self, target: &Target) -> bool {
        self.rows.answered.contains_key(&target.id)
            || self.live_of(target).is_some_and(|live| live.last_reply.is_some())
    }

    fn target(&self, target: &Target, watched: &[WatchedWindow]) -> SystemEntry {
        let has_answered = self.has_answered(target);
        let window = |nth: usize| {
            let window = &watched[nth];
            if has_answered {
                self.window_of(target, window)
            } else {
                SystemWindow::unwatched(window.period.length())
            }
        };
        let live = self.live_of(target);
        let (state, since) = match live {
            None => (SystemState::Unknown, None),
            Some(_) if !has_answered => (SystemState::Silent, None),
            Some(live) => self.state_of(target, live),
        };
        // What cannot be reached by another way may well be reached by that of the line.
        let fails = matches!(state, SystemState::Down | SystemState::Checking);
        let (state, since, reason) = match self.other_way() {
            Some(_) if fails => (SystemState::Unknown, None, Some(GapReason::OtherWay)),
            Some(_) | None => (state, since, None),
        };
        SystemEntry {
            id: shown_name(target),
            kind: SystemKind::Target { role: target.role, kind: target.kind },
            site: site_of(target),
            state,
            since,
            fault: Vec::new(),
            flags: Vec::new(),
            reason,
            last_answer: live.and_then(|live| live.last_reply),
            windows: std::array::from_fn(window),
        }
    }

    fn state_of(&self, target: &Target, live: &TargetStatus) -> (SystemState, Option<Timestamp>) {
        let trouble = self.rows.troubles.iter().rfind(|trouble| {
            let is_open = trouble.target == target.id && trouble.to.is_none();
            is_open && end_of_trouble(self.rows, trouble, self.now) >= self.now
        });
        if let Some(trouble) = trouble {
            return (SystemState::Down, Some(trouble.from));
        }
        let is_down = self.live.is_some_and(|status| status.state == LinkState::Down);
        let fails = live.trouble.is_some();
        let open = self.open.filter(|drop| is_down && drop.silent.contains(&target.id));
        if let Some(drop) = open.filter(|_| fails) {
            return (SystemState::Down, Some(drop.onset.midpoint()));
        }
        // While the line is down no trouble of a single target is stored.
        if fails && live.sent >= LEAST_LOST && live.lost == live.sent {
            return (SystemState::Down, live.last_reply);
        }
        let state = match live {
            TargetStatus { trouble: Some(_), .. } => SystemState::Checking,
            TargetStatus { last_reply: Some(_), .. } => SystemState::Up,
            TargetStatus { .. } => SystemState::Unknown,
        };
        (state, None)
    }

    /// A target is watched while it is in use and probes are sent, but for drops of the line of which
    /// it is not known whether it answered; it is down in its own troubles and in the drops in which it
    /// was silent.
    fn window_of(&self, target: &Target, window: &WatchedWindow) -> SystemWindow {
        let WatchedWindow { period, ledger, probed } = window;
        let mut silent = Vec::new();
        let mut not_known = Vec::new();
        for (drop, time) in self.of_line.iter().zip(&ledger.drops) {
            if drop.silent.contains(&target.id) {
                silent.extend(time.spans.iter().copied());
            } else if !drop.answered.contains(&target.id) {
                not_known.extend(time.spans.iter().copied());
            }
        }
        let own = self.rows.troubles.iter().filter(|trouble| trouble.target == target.id);
        let own = own.map(|trouble| TimeRange {
            from: trouble.from,
            to: end_of_trouble(self.rows, trouble, self.now),
        });
        let own: Vec<_> = own.collect();
        let watched = common(probed, &self.time_in_use(target, *period));
        // What its own trouble says is known.
        let not_known = without(&union(not_known), &union(own.clone()));
        let watched = without(&watched, &not_known);
        let down = common(&union(silent.into_iter().chain(own).collect()), &watched);
        let (watched, down) = (total(&watched), total(&down));
        let up = watched.saturating_sub(down);
        let ratio = up.as_secs_f64() / watched.as_secs_f64();
        SystemWindow {
            length: period.length(),
            watched,
            down,
            ratio: (!watched.is_zero()).then_some(ratio),
        }
    }

    /// When a target was in use; where the record does not say, in the hours in which it was probed.
    fn time_in_use(&self, target: &Target, period: TimeRange) -> Vec<TimeRange> {
        let mut spans = Vec::new();
        for run in &self.rows.runs {
            let life = TimeRange { from: run.started, to: run.last_seen };
            let Some(range) = life.intersect(&period) else { continue };
            let changes = self.rows.rosters.of_run(run.id, range);
            let probed = self.rows.probed.get(&target.id).map(Vec::as_slice).unwrap_or_default();
            if changes.is_empty() {
                spans.extend(common(&[range], probed));
            }
            for (n, change) in changes.iter().enumerate() {
                let from = if n == 0 { range.from } else { change.from };
                let to = changes.get(n + 1).map_or(range.to, |next| next.from);
                match change.roster.entries() {
                    None => spans.extend(common(&[TimeRange { from, to }], probed)),
                    Some(all) if all.iter().any(|entry| entry.target == target.id) => {
                        spans.push(TimeRange { from, to });
                    }
                    Some(_) => {}
                }
            }
        }
        union(spans)
    }
}

fn state_of_link(status: &Status) -> SystemState {
    if status.way.as_ref().is_some_and(|way| !way.is_line) {
        return SystemState::Unknown;
    }
    match status.state {
        LinkState::Up if status.flags().is_empty() => SystemState::Up,
        LinkState::Up => SystemState::Impaired,
        LinkState::Suspect => SystemState::Checking,
        LinkState::Down => SystemState::Down,
        LinkState::Disputed => SystemState::Disputed,
        LinkState::Unknown => SystemState::Unknown,
    }
}

fn site_of(target: &Target) -> SystemSite {
    match target.witness_role() {
        Role::Gateway | Role::Modem => SystemSite::Home,
        Role::Isp => SystemSite::Isp,
        Role::Service if is_at_home(&target.endpoint) => SystemSite::Home,
        Role::Anchor | Role::Service => SystemSite::Internet,
    }
}
