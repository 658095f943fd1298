//! The report as JSON, as `docs/json.md` lays it down: times RFC 3339 UTC, lengths in seconds,
//! delays in milliseconds, absent values null.

use serde::Serialize;

use crate::config::Site;
use crate::detect::Parameters;
use crate::prose;
use crate::report::{Chain, Origin, Report, TargetEntry};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{GapReason, HostChange, Kind, Note, Role, SimulatedShare, Standing};

mod calls;
mod clock;
mod compare;
mod drops;
mod history;
mod impairments;
mod modem;
mod paths;
mod patterns;
mod removed;
mod systems;
mod unread;
mod ways;
mod yardsticks;

pub use drops::{DropsContext, drops_json};
pub use history::{days_json, drop_record_json, history_json};
pub use systems::systems_json;

use drops::{DropJson, drop_entry};
use impairments::ImpairmentJson;
use patterns::PatternJson;
use unread::UnreadJson;

#[derive(Serialize)]
struct Root<'a> {
    #[serde(flatten)]
    subject: Subject<'a>,
    coverage: CoverageJson,
    time: TimeJson,
    availability: Option<AvailabilityJson>,
    counts: Counts<'a>,
    calls: calls::CallsJson,
    yardsticks: Vec<yardsticks::YardstickJson>,
    drops: Vec<Entry<'a>>,
    pattern: PatternJson,
    gaps: Vec<GapJson>,
    targets: Vec<TargetJson<'a>>,
    #[serde(flatten)]
    apart_from_drops: ApartFromDrops<'a>,
    notes: &'a [Note],
    compare: Option<compare::CompareJson<'a>>,
    chain: Option<&'a Chain>,
    clock: clock::DatingJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ways: Option<ways::WaysJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    modem: Option<modem::ModemJson<'a>>,
    unreadable_minutes: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    samples_removed: Vec<removed::RemovedJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unread: Vec<UnreadJson>,
    method: MethodJson<'a>,
}

/// What the report is about.
#[derive(Serialize)]
struct Subject<'a> {
    headline: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    simulated: Option<SimulatedShare>,
    period: TimeRange,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<TimeRange>,
    zone: Option<&'a str>,
    generated: Timestamp,
    site: &'a Site,
}

/// Problems and events apart from drops.
#[derive(Serialize)]
struct ApartFromDrops<'a> {
    troubles: Vec<TroubleJson<'a>>,
    impairments: Vec<ImpairmentJson<'a>>,
    host_events: Vec<EventJson<'a>>,
}

#[derive(Serialize)]
struct CoverageJson {
    observed_s: f64,
    elapsed_s: f64,
    ratio: Option<f64>,
}

/// The four kinds of time; `unknown` by reason.
#[derive(Serialize)]
struct TimeJson {
    up_s: Option<f64>,
    down_s: Option<f64>,
    disputed_s: f64,
    unknown_s: f64,
    unknown: Vec<UnknownJson>,
}

#[derive(Serialize)]
struct UnknownJson {
    reason: GapReason,
    seconds: f64,
}

#[derive(Serialize)]
struct StretchJson {
    onset_earliest: Timestamp,
    onset_latest: Timestamp,
    end_earliest: Option<Timestamp>,
    end_latest: Option<Timestamp>,
    min_s: f64,
    max_s: f64,
}

#[derive(Serialize)]
struct AvailabilityJson {
    ratio: f64,
    lower: f64,
    upper: f64,
}

#[derive(Serialize)]
struct Counts<'a> {
    blips: usize,
    possible: usize,
    drops: usize,
    outages: usize,
    by_place: Vec<PlaceCount<'a>>,
    down_min_s: Option<f64>,
    down_max_s: Option<f64>,
    longest: Option<i64>,
    median_interval_s: Option<f64>,
    per_day: Vec<Day>,
}

#[derive(Serialize)]
struct PlaceCount<'a> {
    place: &'a str,
    count: usize,
}

#[derive(Serialize)]
struct Day {
    date: String,
    from: Timestamp,
    to: Timestamp,
    drops: usize,
    down_s: Option<f64>,
    observed_s: f64,
}

#[derive(Serialize)]
struct Entry<'a> {
    #[serde(flatten)]
    drop: DropJson<'a>,
    flaps: u32,
    stretches: Vec<StretchJson>,
    starts_before_period: bool,
    ends_after_period: bool,
    period_min_s: f64,
    period_max_s: f64,
}

#[derive(Serialize)]
struct GapJson {
    from: Timestamp,
    to: Timestamp,
    seconds: f64,
    reason: GapReason,
}

#[derive(Serialize)]
struct TargetJson<'a> {
    name: &'a str,
    role: Role,
    address: &'a str,
    kind: Kind,
    interval_s: f64,
    decides: bool,
    standing: Option<Standing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uncounted: Option<bool>,
    sent: u64,
    lost: u64,
    late: u64,
    not_sent: u64,
    loss_ratio: Option<f64>,
    rtt_ms: Option<RttJson>,
}

#[derive(Serialize)]
struct RttJson {
    min: f64,
    p50: f64,
    p95: f64,
    p99: f64,
    max: f64,
}

#[derive(Serialize)]
struct TroubleJson<'a> {
    target: &'a str,
    from: Timestamp,
    to: Option<Timestamp>,
    lost: u64,
    sent: u64,
}

#[derive(Serialize)]
struct EventJson<'a> {
    at: Timestamp,
    #[serde(flatten)]
    what: &'a HostChange,
}

#[derive(Serialize)]
struct MethodJson<'a> {
    version: &'a str,
    engine: Option<&'a str>,
    origin: Origin,
    rates: Vec<Rate>,
    loss_threshold_s: f64,
    late_window_s: f64,
    thresholds: Thresholds,
    quantile_error: f64,
    definitions: Definitions,
}

/// How often targets of one kind are probed.
#[derive(Serialize, PartialEq)]
struct Rate {
    kind: Kind,
    interval_s: f64,
    targets: usize,
}

/// One entry for each kind and interval, in the order of the targets.
fn rates(report: &Report) -> Vec<Rate> {
    let mut rates: Vec<Rate> = Vec::new();
    for entry in &report.targets {
        let (kind, interval_s) = (entry.target.kind, seconds(entry.target.interval));
        let alike =
            |r: &&mut Rate| r.kind == kind && r.interval_s.to_bits() == interval_s.to_bits();
        match rates.iter_mut().find(alike) {
            Some(rate) => rate.targets += 1,
            None => rates.push(Rate { kind, interval_s, targets: 1 }),
        }
    }
    rates
}

#[derive(Serialize)]
#[allow(clippy::struct_field_names, reason = "the unit is part of a name in JSON")]
struct Thresholds {
    blip_after_s: f64,
    drop_after_s: f64,
    outage_after_s: f64,
    recover_after_s: f64,
    merge_within_s: f64,
    bridge_gap_s: f64,
    gap_after_s: f64,
    target_trouble_losses: u32,
    baseline_after_s: f64,
    lossy_percent: u32,
}

impl Thresholds {
    fn new(p: &Parameters) -> Self {
        Self {
            blip_after_s: seconds(p.blip_after),
            drop_after_s: seconds(p.drop_after),
            outage_after_s: seconds(p.outage_after),
            recover_after_s: seconds(p.recover_after),
            merge_within_s: seconds(p.merge_within),
            bridge_gap_s: seconds(p.bridge_gap),
            gap_after_s: seconds(p.gap_after),
            target_trouble_losses: p.target_trouble_losses,
            baseline_after_s: seconds(p.baseline_after),
            lossy_percent: p.lossy_percent,
        }
    }
}

#[derive(Serialize)]
struct Definitions {
    drop: &'static str,
    lost: &'static str,
    availability: &'static str,
    coverage: &'static str,
}

const DEFINITIONS: Definitions = Definitions {
    drop: "no deciding anchor answered for at least drop_after_s; shorter silences of at least blip_after_s are blips, longer ones than outage_after_s outages",
    lost: "sent and no right answer within loss_threshold_s; late answers are counted as lost and again as late",
    availability: "time up / (time up + time down), of drops and outages, without blips; upper with disputed time as up and each drop as short as it can have been, lower with disputed time as down and each as long",
    coverage: "(time up + time down) / time elapsed",
};

/// The definitions of JSON, for other renderings.
pub(super) fn definitions() -> [(&'static str, &'static str); 4] {
    let Definitions { drop, lost, availability, coverage } = DEFINITIONS;
    [("drop", drop), ("lost", lost), ("availability", availability), ("coverage", coverage)]
}

pub(super) fn rounded(value: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    (value * scale).round() / scale
}

/// Seconds with three decimals.
pub(super) fn seconds(d: std::time::Duration) -> f64 {
    (d.as_secs_f64() * 1_000.0).round() / 1_000.0
}

fn ms(us: u32) -> f64 {
    rounded(f64::from(us) / 1_000.0, 3)
}

/// As indented JSON, ending in a line feed.
pub(super) fn pretty(value: &impl Serialize) -> String {
    let mut out = serde_json::to_string_pretty(value).expect("text, numbers and lists are JSON");
    out.push('\n');
    out
}

fn time(report: &Report) -> TimeJson {
    TimeJson {
        up_s: report.availability.map(|_| seconds(report.time.up)),
        down_s: report.availability.map(|_| seconds(report.time.down)),
        disputed_s: seconds(report.time.disputed),
        unknown_s: seconds(report.time.unknown),
        unknown: report
            .time
            .reasons
            .iter()
            .map(|(reason, length)| UnknownJson { reason: *reason, seconds: seconds(*length) })
            .collect(),
    }
}

/// The report as JSON, ending in a line feed.
#[allow(clippy::too_many_lines, reason = "a line a field")]
pub fn json(report: &Report) -> String {
    let s = &report.summary;
    let root = Root {
        subject: Subject {
            headline: prose::headline(report),
            simulated: Some(report.record.simulated).filter(|share| share.is_any()),
            period: report.period,
            record: report.record.holds,
            zone: report.zone.iana_name(),
            generated: report.made,
            site: &report.site,
        },
        coverage: CoverageJson {
            observed_s: seconds(report.coverage.observed),
            elapsed_s: seconds(report.coverage.elapsed),
            ratio: report.coverage.ratio().map(|r| rounded(r, 8)),
        },
        time: time(report),
        availability: report.availability.map(|a| AvailabilityJson {
            ratio: rounded(a.ratio, 8),
            lower: rounded(a.lower, 8),
            upper: rounded(a.upper, 8),
        }),
        counts: Counts {
            blips: s.blips,
            possible: s.possible,
            drops: s.drops,
            outages: s.outages,
            by_place: s
                .by_place
                .iter()
                .map(|(place, count)| PlaceCount { place, count: *count })
                .collect(),
            down_min_s: report.availability.map(|_| seconds(s.down.min)),
            down_max_s: report.availability.map(|_| seconds(s.down.max)),
            longest: s.longest.and_then(|i| report.drops.get(i)).map(|d| d.id),
            median_interval_s: s.median_interval.map(seconds),
            per_day: s
                .per_day
                .iter()
                .map(|day| Day {
                    date: day.date.to_string(),
                    from: day.range.from,
                    to: day.range.to,
                    drops: day.drops,
                    down_s: (!day.observed.is_zero()).then(|| seconds(day.down)),
                    observed_s: seconds(day.observed),
                })
                .collect(),
        },
        calls: calls::json(report),
        yardsticks: yardsticks::json(report),
        drops: report.drops.iter().map(|drop| drop_entry(drop, &report.zone)).collect(),
        pattern: PatternJson::of(report),
        gaps: report
            .gaps
            .iter()
            .map(|gap| GapJson {
                from: gap.range.from,
                to: gap.range.to,
                seconds: seconds(gap.range.length()),
                reason: gap.reason,
            })
            .collect(),
        targets: report.targets.iter().map(target).collect(),
        apart_from_drops: ApartFromDrops {
            troubles: report
                .troubles
                .iter()
                .map(|t| TroubleJson {
                    target: &t.target.name,
                    from: t.from,
                    to: t.to,
                    lost: t.loss.lost,
                    sent: t.loss.sent,
                })
                .collect(),
            impairments: report.impairments.iter().map(ImpairmentJson::new).collect(),
            host_events: report
                .events
                .iter()
                .map(|e| EventJson { at: e.at, what: &e.what })
                .collect(),
        },
        notes: &report.notes,
        compare: report.analyses.compare.as_ref().map(compare::CompareJson::of),
        chain: report.record.chain.as_ref(),
        clock: clock::DatingJson::of(&report.record.clock),
        ways: ways::WaysJson::of(&report.ways, &report.zone),
        modem: report.modem.as_ref().map(modem::ModemJson::of),
        unreadable_minutes: report.record.unreadable_minutes,
        samples_removed: report.record.removed.iter().map(removed::RemovedJson::of).collect(),
        unread: report.record.unread.iter().map(UnreadJson::of).collect(),
        method: MethodJson {
            version: &report.method.version,
            engine: report.method.engine.as_deref(),
            origin: report.record.origin,
            rates: rates(report),
            loss_threshold_s: seconds(report.method.waiting.loss_threshold),
            late_window_s: seconds(report.method.waiting.late_window),
            thresholds: Thresholds::new(&report.method.parameters),
            quantile_error: 0.008,
            definitions: DEFINITIONS,
        },
    };
    pretty(&root)
}

fn target(entry: &TargetEntry) -> TargetJson<'_> {
    let total = &entry.total;
    TargetJson {
        name: &entry.target.name,
        role: entry.target.role,
        address: entry.target.endpoint.as_str(),
        kind: entry.target.kind,
        interval_s: seconds(entry.target.interval),
        decides: entry.decides,
        standing: entry.standing,
        uncounted: entry.uncounted.map(|_| true),
        sent: total.probes.sent,
        lost: total.probes.lost,
        late: total.probes.late,
        not_sent: total.probes.not_sent,
        loss_ratio: total.loss().ratio().map(|r| rounded(r, 8)),
        rtt_ms: total.rtt.map(|r| RttJson {
            min: ms(r.min),
            p50: ms(r.p50),
            p95: ms(r.p95),
            p99: ms(r.p99),
            max: ms(r.max),
        }),
    }
}
