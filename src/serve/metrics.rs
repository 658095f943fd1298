//! The present and what was counted, as Prometheus text or OpenMetrics. Pure.
//!
//! Counters and times, no percentages: a ratio is the rate of one counter over the rate of another.
//! What is not known is absent.

use std::time::Duration;

use self::decimal::{seconds, seconds_of};
use self::exposition::{Exposition, FamilyKind};
use crate::config::Site;
use crate::live::{EDGES_MS, Flag, LiveCounters, LiveModem, PhaseSums, Status, TargetCounters};
use crate::time::Timestamp;
use crate::vocabulary::{ClockState, Filling, Forecast, LinkState, Outlook, StrayKind};

mod alerts;
mod decimal;
mod exposition;
mod modem;
mod negotiation;
mod remote_write;
#[cfg(test)]
mod strict;
mod ways;

pub(super) use negotiation::MetricsForm;

/// What the metrics are made of.
#[derive(Debug)]
pub(super) struct Measured<'a> {
    pub(super) status: &'a Status,
    pub(super) counters: &'a LiveCounters,
    pub(super) modem: &'a LiveModem,
    pub(super) site: &'a Site,
}

/// All metrics.
pub(super) fn text(form: MetricsForm, of: &Measured<'_>) -> String {
    let Measured { status, counters, modem, site } = *of;
    let mut text = Exposition::new(form);
    text.link(status, counters);
    text.drops(status, counters);
    text.probes(status, counters);
    text.watching(status, counters);
    text.ways(status, counters);
    text.site(site);
    text.storage(status);
    text.alerts(status);
    text.remote_writes(&status.remote_write);
    text.modem(status, modem);
    text.finish()
}

impl Exposition {
    fn link(&mut self, status: &Status, counters: &LiveCounters) {
        let name = "linkmon_state";
        let help = "State of the link: 1 for the one it is in, 0 for the others.";
        self.family(name, FamilyKind::Gauge, help);
        for state in LinkState::ALL {
            self.sample(name, &[("state", state.as_str())], u8::from(status.state == state));
        }
        if let Some(since) = status.since {
            let name = "linkmon_state_start_timestamp_seconds";
            self.gauge(name, "When the link came into its state.", seconds_of(since));
        }
        let name = "linkmon_state_seconds_total";
        let help = "Time in each state of the link, as judged in each second.";
        self.family(name, FamilyKind::Counter, help);
        for state in LinkState::ALL {
            let time = seconds(counters.spent().in_state(state));
            self.count(name, &[("state", state.as_str())], time, start(status));
        }
        let name = "linkmon_impaired";
        self.family(name, FamilyKind::Gauge, "What is wrong apart from drops: 1 if so, else 0.");
        for flag in Flag::ALL {
            let there = status.flags().contains(&flag);
            let word = flag.as_str().to_ascii_lowercase();
            self.sample(name, &[("flag", &word)], u8::from(there));
        }
    }

    fn drops(&mut self, status: &Status, counters: &LiveCounters) {
        let since = start(status);
        let name = "linkmon_drops_total";
        let help = "Drops and outages by place, counted when they are over.";
        self.family(name, FamilyKind::Counter, help);
        for (place, drops) in counters.drops() {
            self.count(name, &[("place", place)], drops.count, since);
        }
        let name = "linkmon_drop_seconds_total";
        let help = "Length of drops and outages, counted when they are over.";
        self.family(name, FamilyKind::Counter, help);
        for (place, drops) in counters.drops() {
            self.count(name, &[("place", place)], seconds(drops.length), since);
        }
        if let Some(open) = &status.open_drop
            && let Some(length) = status.at.duration_since(open.onset)
        {
            let name = "linkmon_open_drop_seconds";
            let help = "Length so far of the current drop; absent without one.";
            self.family(name, FamilyKind::Gauge, help);
            self.sample(name, &[("place", &open.place)], seconds(length));
        }
        if let Some(end) = status.last_drop.as_ref().and_then(|drop| drop.end) {
            let name = "linkmon_last_drop_end_timestamp_seconds";
            let help = "When the last drop or outage in the record was over.";
            self.gauge(name, help, seconds_of(end));
        }
    }

    fn probes(&mut self, status: &Status, counters: &LiveCounters) {
        let mut per_target = |name: &str, help: &str, value: fn(&TargetCounters) -> u64| {
            self.family(name, FamilyKind::Counter, help);
            for counted in counters.targets() {
                self.count(name, &labels(counted), value(counted), since(status, counted));
            }
        };
        let name = "linkmon_probes_total";
        per_target(name, "Probes sent, counted when resolved.", |c| c.probes.sent);
        let name = "linkmon_probes_lost_total";
        let help = "Probes without a right answer within the loss threshold, late ones among them.";
        per_target(name, help, |c| c.probes.lost);
        let name = "linkmon_probes_late_total";
        let help = "Probes answered after the loss threshold; they count as lost, too.";
        per_target(name, help, |c| c.probes.late);
        let name = "linkmon_probes_not_sent_total";
        let help = "Probes that could not be sent: neither sent nor lost.";
        per_target(name, help, |c| c.probes.not_sent);
        let name = "linkmon_probes_outside_drops_total";
        let help = "Probes sent while the link was up, counted half a minute later.";
        per_target(name, help, |c| c.outside_drops.sent);
        let name = "linkmon_probes_lost_outside_drops_total";
        let help = "Those of them that were lost: loss that is not a drop.";
        per_target(name, help, |c| c.outside_drops.lost);
        self.delays(status, counters);
        self.phases(status, counters);
    }

    fn delays(&mut self, status: &Status, counters: &LiveCounters) {
        let name = "linkmon_rtt_seconds";
        let help = "Round-trip delay of probes answered in time.";
        self.family(name, FamilyKind::Histogram, help);
        for counted in counters.targets() {
            let labels = labels(counted);
            let mut below = 0;
            let edges = EDGES_MS.map(edge).into_iter().chain(["+Inf".to_owned()]);
            for (edge, count) in edges.zip(counted.delays) {
                below += count;
                let labels = [&labels[..], &[("le", edge.as_str())]].concat();
                self.sample(&format!("{name}_bucket"), &labels, below);
            }
            self.sample(&format!("{name}_sum"), &labels, seconds(counted.delay_sum));
            self.sample(&format!("{name}_count"), &labels, below);
            self.created(name, &labels, since(status, counted));
        }
    }

    fn phases(&mut self, status: &Status, counters: &LiveCounters) {
        let name = "linkmon_http_phase_seconds";
        let mut phased =
            counters.targets().filter_map(|t| Some((t, t.phases.as_ref()?))).peekable();
        if phased.peek().is_some() {
            let help = "Phases of HTTP requests answered in time.";
            self.family(name, FamilyKind::Summary, help);
        }
        for (counted, phases) in phased {
            let labels = labels(counted);
            for (phase, sum) in PhaseSums::NAMES.iter().zip(phases.sums) {
                let labels = [&labels[..], &[("phase", *phase)]].concat();
                self.sample(&format!("{name}_sum"), &labels, seconds(sum));
                self.sample(&format!("{name}_count"), &labels, phases.count);
                self.created(name, &labels, since(status, counted));
            }
        }
    }

    fn site(&mut self, site: &Site) {
        let name = "linkmon_site_info";
        self.family(name, FamilyKind::Info, "Site, ISP and line, as configured; always 1.");
        let of = |value: &Option<String>| value.clone().unwrap_or_default();
        let [site, isp, line] = [&site.name, &site.isp, &site.line].map(of);
        self.sample(name, &[("site", &site), ("isp", &isp), ("line", &line)], 1);
    }

    fn watching(&mut self, status: &Status, counters: &LiveCounters) {
        let since = start(status);
        let name = "linkmon_observed_seconds_total";
        let help = "Time in which anchors were probed; over the elapsed time it is the coverage.";
        self.family(name, FamilyKind::Counter, help);
        self.count(name, &[], seconds(counters.observed), since);
        let name = "linkmon_elapsed_seconds_total";
        let help = "Time since the start of the daemon, time asleep included.";
        self.family(name, FamilyKind::Counter, help);
        self.count(name, &[], seconds(counters.elapsed), since);
        let name = "linkmon_stray_replies_total";
        self.family(name, FamilyKind::Counter, "Replies that answered no probe.");
        for kind in StrayKind::ALL {
            let count = status.strays.get(&kind).copied().unwrap_or(0);
            self.count(name, &[("kind", kind.as_str())], count, since);
        }
        if let Some(start) = since {
            let name = "linkmon_start_time_seconds";
            let help = "When the daemon started; absent until the clock is set.";
            self.gauge(name, help, seconds_of(start));
        }
        let name = "linkmon_build_info";
        self.family(name, FamilyKind::Info, "Version of linkmon; always 1.");
        self.sample(name, &[("version", &status.version)], 1);
    }

    fn storage(&mut self, status: &Status) {
        self.gauge(
            "linkmon_storage_failing",
            "1 while storing fails and measurements wait in memory, else 0.",
            u8::from(status.storage_trouble.is_some()),
        );
        self.gauge(
            "linkmon_storage_backlog",
            "Minutes with measurements not yet in the database; one or two are usual.",
            status.storage.open_minutes,
        );
        if let Some(at) = status.storage.last_commit {
            let name = "linkmon_storage_last_commit_timestamp_seconds";
            self.gauge(name, "When measurements were last committed.", seconds_of(at));
        }
        if let Some(bytes) = status.storage.database_bytes {
            let name = "linkmon_storage_database_bytes";
            self.gauge(name, "Size of the database with its write-ahead log.", bytes);
        }
        if let Some(forecast) = &status.storage.forecast {
            self.room(forecast);
        }
    }

    fn room(&mut self, forecast: &Forecast) {
        let name = "linkmon_storage_used_bytes";
        self.gauge(name, "Bytes of the database in use.", forecast.used_bytes);
        let name = "linkmon_storage_limit_bytes";
        let help = "Most bytes the database may take, its reserve included.";
        self.gauge(name, help, forecast.limit_bytes);
        if let Some(available) = forecast.available_bytes {
            let name = "linkmon_storage_available_bytes";
            self.gauge(name, "Free bytes on the disk of the database.", available);
        }
        if let Outlook::About { at } = forecast.limit {
            let name = "linkmon_storage_limit_timestamp_seconds";
            let help =
                "When the oldest samples will start to be deleted; absent when not in sight.";
            self.gauge(name, help, seconds_of(at));
        }
        if let Some(Outlook::About { at }) = forecast.disk {
            let name = "linkmon_storage_disk_full_timestamp_seconds";
            let help = "When the disk will be full at the present rate; absent when not in sight.";
            self.gauge(name, help, seconds_of(at));
        }
        let name = "linkmon_storage_filling";
        self.family(name, FamilyKind::Gauge, "1 if it will soon be reached, else 0.");
        for (of, word) in [(Filling::Disk, "disk"), (Filling::Limit, "limit")] {
            let near = forecast.alarms.iter().any(|alarm| alarm.of == of);
            self.sample(name, &[("of", word)], u8::from(near));
        }
    }
}

fn labels(counted: &TargetCounters) -> [(&str, &str); 4] {
    let target = &counted.target;
    [
        ("target", target.name.as_str()),
        ("role", target.role.as_str()),
        ("kind", target.kind.as_str()),
        ("family", counted.family),
    ]
}

/// When the counters began that begin with the daemon; `None` while the clock is not set.
fn start(status: &Status) -> Option<Timestamp> {
    (status.clock.state == ClockState::Set).then_some(status.started)
}

/// When those of a target began; `None` where that was by a clock that has been set since.
fn since(status: &Status, counted: &TargetCounters) -> Option<Timestamp> {
    let start = start(status)?;
    let since = counted.since.unwrap_or(start);
    (start <= since && since <= status.at).then_some(since)
}

/// As OpenMetrics wants numbers in labels: `0.005`, `1.0`.
fn edge(ms: u32) -> String {
    let edge = seconds(Duration::from_millis(ms.into()));
    if edge.contains('.') { edge } else { edge + ".0" }
}

#[cfg(test)]
pub(super) mod tests;
