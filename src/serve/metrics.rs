//! The present and what was counted as Prometheus text (exposition format 0.0.4). Pure.
//!
//! Counters and times, no percentages: a ratio is the rate of one counter over the rate of another.
//! What is not known is absent.

use std::fmt::Write as _;
use std::time::Duration;

use crate::config::Site;
use crate::live::{EDGES_MS, Flag, LiveCounters, LiveModem, PhaseSums, Status, TargetCounters};
use crate::time::{Timestamp, micros};
use crate::vocabulary::{Filling, Forecast, LinkState, Outlook, StrayKind};

mod modem;

/// The type of the text, for the header.
pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// All metrics.
pub(super) fn text(
    status: &Status,
    counters: &LiveCounters,
    modem: &LiveModem,
    site: &Site,
) -> String {
    let mut text = Text::default();
    text.link(status);
    text.drops(status, counters);
    text.probes(counters);
    text.watching(status, counters);
    text.site(site);
    text.storage(status);
    text.modem(status.modem.as_ref(), modem);
    text.0
}

#[derive(Debug, Default)]
struct Text(String);

/// Label names with their values.
type Labels<'a> = &'a [(&'a str, &'a str)];

impl Text {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: Labels<'_>, value: impl std::fmt::Display) {
        self.0.push_str(name);
        let mut before = '{';
        for (label, value) in labels {
            let _ = write!(self.0, "{before}{label}=\"{}\"", escaped(value));
            before = ',';
        }
        if !labels.is_empty() {
            self.0.push('}');
        }
        let _ = writeln!(self.0, " {value}");
    }

    fn single(&mut self, name: &str, kind: &str, help: &str, value: impl std::fmt::Display) {
        self.family(name, kind, help);
        self.sample(name, &[], value);
    }

    fn link(&mut self, status: &Status) {
        let name = "linkmon_state";
        self.family(name, "gauge", "State of the link: 1 for the one it is in, 0 for the others.");
        for state in LinkState::ALL {
            self.sample(name, &[("state", state.as_str())], u8::from(status.state == state));
        }
        if let Some(since) = status.since {
            let name = "linkmon_state_start_timestamp_seconds";
            self.single(name, "gauge", "When the link came into its state.", seconds_of(since));
        }
        let name = "linkmon_impaired";
        self.family(name, "gauge", "What is wrong apart from drops: 1 if so, else 0.");
        for flag in Flag::ALL {
            let there = status.flags().contains(&flag);
            let word = flag.as_str().to_ascii_lowercase();
            self.sample(name, &[("flag", &word)], u8::from(there));
        }
    }

    fn drops(&mut self, status: &Status, counters: &LiveCounters) {
        let name = "linkmon_drops_total";
        self.family(name, "counter", "Drops and outages by place, counted when they are over.");
        for (place, drops) in counters.drops() {
            self.sample(name, &[("place", place)], drops.count);
        }
        let name = "linkmon_drop_seconds_total";
        self.family(name, "counter", "Length of drops and outages, counted when they are over.");
        for (place, drops) in counters.drops() {
            self.sample(name, &[("place", place)], seconds(drops.length));
        }
        if let Some(open) = &status.open_drop
            && let Some(length) = status.at.duration_since(open.onset)
        {
            let name = "linkmon_open_drop_seconds";
            self.family(name, "gauge", "Length so far of the current drop; absent without one.");
            self.sample(name, &[("place", &open.place)], seconds(length));
        }
    }

    fn probes(&mut self, counters: &LiveCounters) {
        let name = "linkmon_probes_total";
        self.per_target(counters, name, "Probes sent, counted when resolved.", |c| c.probes.sent);
        let name = "linkmon_probes_lost_total";
        let help = "Probes without a right answer within the loss threshold, late ones among them.";
        self.per_target(counters, name, help, |c| c.probes.lost);
        let name = "linkmon_probes_late_total";
        let help = "Probes answered after the loss threshold; they count as lost, too.";
        self.per_target(counters, name, help, |c| c.probes.late);
        let name = "linkmon_probes_not_sent_total";
        let help = "Probes that could not be sent: neither sent nor lost.";
        self.per_target(counters, name, help, |c| c.probes.not_sent);
        let name = "linkmon_probes_outside_drops_total";
        let help = "Probes sent while the link was up, counted half a minute later.";
        self.per_target(counters, name, help, |c| c.outside_drops.sent);
        let name = "linkmon_probes_lost_outside_drops_total";
        let help = "Those of them that were lost: loss that is not a drop.";
        self.per_target(counters, name, help, |c| c.outside_drops.lost);
        self.delays(counters);
        self.phases(counters);
    }

    fn per_target(
        &mut self,
        counters: &LiveCounters,
        name: &str,
        help: &str,
        value: impl Fn(&TargetCounters) -> u64,
    ) {
        self.family(name, "counter", help);
        for counted in counters.targets() {
            self.sample(name, &labels(counted), value(counted));
        }
    }

    fn delays(&mut self, counters: &LiveCounters) {
        let name = "linkmon_rtt_seconds";
        self.family(name, "histogram", "Round-trip delay of probes answered in time.");
        for counted in counters.targets() {
            let labels = labels(counted);
            let mut below = 0;
            let edges = EDGES_MS.map(|ms| seconds(Duration::from_millis(ms.into())));
            let edges = edges.into_iter().chain(["+Inf".to_owned()]);
            for (edge, count) in edges.zip(counted.delays) {
                below += count;
                let labels = [&labels[..], &[("le", edge.as_str())]].concat();
                self.sample(&format!("{name}_bucket"), &labels, below);
            }
            self.sample(&format!("{name}_sum"), &labels, seconds(counted.delay_sum));
            self.sample(&format!("{name}_count"), &labels, below);
        }
    }

    fn phases(&mut self, counters: &LiveCounters) {
        let name = "linkmon_http_phase_seconds";
        let mut phased =
            counters.targets().filter_map(|t| Some((t, t.phases.as_ref()?))).peekable();
        if phased.peek().is_some() {
            self.family(name, "summary", "Phases of HTTP requests answered in time.");
        }
        for (counted, phases) in phased {
            let labels = labels(counted);
            for (phase, sum) in PhaseSums::NAMES.iter().zip(phases.sums) {
                let labels = [&labels[..], &[("phase", *phase)]].concat();
                self.sample(&format!("{name}_sum"), &labels, seconds(sum));
                self.sample(&format!("{name}_count"), &labels, phases.count);
            }
        }
    }

    fn site(&mut self, site: &Site) {
        let name = "linkmon_site_info";
        self.family(name, "gauge", "Site, ISP and line, as configured; always 1.");
        let of = |value: &Option<String>| value.clone().unwrap_or_default();
        let [site, isp, line] = [&site.name, &site.isp, &site.line].map(of);
        self.sample(name, &[("site", &site), ("isp", &isp), ("line", &line)], 1);
    }

    fn watching(&mut self, status: &Status, counters: &LiveCounters) {
        self.single(
            "linkmon_observed_seconds_total",
            "counter",
            "Time in which anchors were probed; over the elapsed time it is the coverage.",
            seconds(counters.observed),
        );
        self.single(
            "linkmon_elapsed_seconds_total",
            "counter",
            "Time since the start of the daemon, time asleep included.",
            seconds(counters.elapsed),
        );
        let name = "linkmon_stray_replies_total";
        self.family(name, "counter", "Replies that answered no probe.");
        for kind in StrayKind::ALL {
            let count = status.strays.get(&kind).copied().unwrap_or(0);
            self.sample(name, &[("kind", kind.as_str())], count);
        }
        let name = "linkmon_start_time_seconds";
        self.single(name, "gauge", "When the daemon started.", seconds_of(status.started));
        let name = "linkmon_build_info";
        self.family(name, "gauge", "Version of linkmon; always 1.");
        self.sample(name, &[("version", &status.version)], 1);
    }

    fn storage(&mut self, status: &Status) {
        self.single(
            "linkmon_storage_failing",
            "gauge",
            "1 while storing fails and measurements wait in memory, else 0.",
            u8::from(status.storage_trouble.is_some()),
        );
        self.single(
            "linkmon_storage_backlog",
            "gauge",
            "Minutes with measurements not yet in the database; one or two are usual.",
            status.storage.open_minutes,
        );
        if let Some(at) = status.storage.last_commit {
            let name = "linkmon_storage_last_commit_timestamp_seconds";
            self.single(name, "gauge", "When measurements were last committed.", seconds_of(at));
        }
        if let Some(bytes) = status.storage.database_bytes {
            let name = "linkmon_storage_database_bytes";
            self.single(name, "gauge", "Size of the database with its write-ahead log.", bytes);
        }
        if let Some(forecast) = &status.storage.forecast {
            self.room(forecast);
        }
    }

    fn room(&mut self, forecast: &Forecast) {
        let name = "linkmon_storage_used_bytes";
        self.single(name, "gauge", "Bytes of the database in use.", forecast.used_bytes);
        let name = "linkmon_storage_limit_bytes";
        let help = "Most bytes the database may take, its reserve included.";
        self.single(name, "gauge", help, forecast.limit_bytes);
        if let Some(available) = forecast.available_bytes {
            let name = "linkmon_storage_available_bytes";
            self.single(name, "gauge", "Free bytes on the disk of the database.", available);
        }
        if let Outlook::About { at } = forecast.limit {
            let name = "linkmon_storage_limit_timestamp_seconds";
            let help =
                "When the oldest samples will start to be deleted; absent when not in sight.";
            self.single(name, "gauge", help, seconds_of(at));
        }
        if let Some(Outlook::About { at }) = forecast.disk {
            let name = "linkmon_storage_disk_full_timestamp_seconds";
            let help = "When the disk will be full at the present rate; absent when not in sight.";
            self.single(name, "gauge", help, seconds_of(at));
        }
        let name = "linkmon_storage_filling";
        self.family(name, "gauge", "1 if it will soon be reached, else 0.");
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

/// As the format has it: backslash, quote and line feed.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Exact: whole microseconds as a decimal, without trailing zeros.
fn seconds(length: Duration) -> String {
    decimal(micros(length))
}

fn seconds_of(at: Timestamp) -> String {
    decimal(at.as_micros())
}

fn decimal(us: i64) -> String {
    let sign = if us < 0 { "-" } else { "" };
    let us = us.unsigned_abs();
    let text = format!("{sign}{}.{:06}", us / 1_000_000, us % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
pub(super) mod tests;
