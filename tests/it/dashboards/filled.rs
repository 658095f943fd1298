//! A week of three lines as a server has it that hears of them once a minute, put to real servers: `home` is
//! asked on the spot, `far` over the very line that it watches, so that in a drop nothing is known of
//! it, and `sent` sends its record itself.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};

use super::servers::{Answer, FilledServer, Samples};
use super::{PanelQuery, is_installed, is_there, metrics, queries};

const START: i64 = 1_700_000_000;
const SCRAPE: i64 = 60;
const DAY: i64 = 86_400;
const END: i64 = START + 7 * DAY;

/// Families that the week has by itself; all others come from the text of the metrics.
const OF_THE_WEEK: [&str; 9] = [
    "linkmon_observed_seconds_total",
    "linkmon_elapsed_seconds_total",
    "linkmon_drops_total",
    "linkmon_drop_seconds_total",
    "linkmon_start_time_seconds",
    "linkmon_build_info",
    "linkmon_site_info",
    "linkmon_state",
    "linkmon_last_drop_end_timestamp_seconds",
];

/// How a server hears of a line.
#[derive(Clone, Copy, PartialEq)]
enum Hears {
    /// It scrapes on the spot.
    OnTheSpot,
    /// It scrapes over the line itself.
    OverTheLine,
    /// By remote write, from the record: all of it in the end, and only what the record has.
    FromTheRecord,
}

/// A line, and what is true of it.
struct Line {
    instance: &'static str,
    hears: Hears,
    /// When drops began and ended.
    drops: Vec<(i64, i64)>,
    /// When the power was cut, in the second drop: the first had been counted, and the second is the
    /// first of a new count.
    restart: Option<i64>,
}

impl Line {
    fn all() -> [Self; 3] {
        [
            Self::new("home", Hears::OnTheSpot, 3),
            Self::new("far", Hears::OverTheLine, 4),
            Self::new("sent", Hears::FromTheRecord, 5),
        ]
    }

    fn new(instance: &'static str, hears: Hears, seed: u64) -> Self {
        let mut state = seed;
        let mut next = |below: i64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            i64::try_from(state >> 33).expect("31 bits") % below
        };
        let (mut drops, mut at) = (Vec::new(), START + 3_600);
        loop {
            at += 900 + next(20_000);
            let length = [6, 20, 45, 300, 1_200, 7_000][usize::try_from(next(6)).unwrap()];
            if at + length > END - 7_200 {
                break;
            }
            drops.push((at, at + length));
            at += length;
        }
        let restart = (hears == Hears::OverTheLine).then(|| drops[1].0 + 2);
        Self { instance, hears, drops, restart }
    }

    fn is_down(&self, at: i64) -> bool {
        self.drops.iter().any(|(began, ended)| began + 5 <= at && at < *ended)
    }

    /// Whether whoever asks at this time gets an answer: not in a drop of a line over which he asks,
    /// and some seconds after it.
    fn is_asked(&self, at: i64) -> bool {
        let is_back = |(_, ended): &(i64, i64)| *ended <= at && at < ended + 20;
        self.hears != Hears::OverTheLine || !(self.is_down(at) || self.drops.iter().any(is_back))
    }

    /// Every time at which it is asked.
    fn scrapes(&self) -> impl Iterator<Item = i64> + use<'_> {
        (START..END).step_by(usize::try_from(SCRAPE).unwrap()).filter(|at| self.is_asked(*at))
    }

    fn fill(&self, samples: &mut Samples) {
        let is_sent = self.hears == Hears::FromTheRecord;
        let site = format!("site=\"{} street\",isp=\"Example Cable\"", self.instance);
        let own = if is_sent { format!(",{site}") } else { String::new() };
        let instance = self.instance;
        let series = |name: &str, labels: &str| {
            let comma = if labels.is_empty() { "" } else { "," };
            format!("{name}{{instance=\"{instance}\",job=\"linkmon\"{own}{comma}{labels}}}")
        };
        #[allow(clippy::cast_precision_loss, reason = "seconds and counts fit 53 bits")]
        let mut put = |name: &str, labels: &str, at: i64, value: i64| {
            samples.put(&series(name, labels), at, value as f64);
        };
        for at in self.scrapes() {
            let start = self.restart.filter(|restart| *restart <= at).unwrap_or(START - 100);
            let over = self.drops.iter().filter(|(_, ended)| start < *ended && *ended <= at);
            let lengths: Vec<i64> = over.map(|(began, ended)| ended - began).collect();
            let count = i64::try_from(lengths.len()).unwrap();
            for (place, is_here) in [("access", 1), ("unknown", 0)] {
                let place = format!("place=\"{place}\"");
                put("linkmon_drops_total", &place, at, count * is_here);
                put(
                    "linkmon_drop_seconds_total",
                    &place,
                    at,
                    lengths.iter().sum::<i64>() * is_here,
                );
            }
            put("linkmon_observed_seconds_total", "", at, at - start);
            let is_down = self.is_down(at);
            for (state, is) in [("up", !is_down), ("down", is_down)] {
                put("linkmon_state", &format!("state=\"{state}\""), at, is.into());
            }
            if is_sent {
                continue;
            }
            for state in ["suspect", "unknown", "disputed"] {
                put("linkmon_state", &format!("state=\"{state}\""), at, 0);
            }
            put("linkmon_elapsed_seconds_total", "", at, at - start);
            put("linkmon_start_time_seconds", "", at, start);
            put("linkmon_build_info", "version=\"1.2.3\"", at, 1);
            put("linkmon_site_info", &format!("{site},line=\"\""), at, 1);
            if let Some((_, ended)) = self.drops.iter().rev().find(|(_, ended)| *ended <= at) {
                put("linkmon_last_drop_end_timestamp_seconds", "", at, *ended);
            }
        }
    }

    /// How many drops a server hears of in each step of a grid that ends at these times.
    fn heard(&self, from: i64, to: i64, step: i64) -> BTreeMap<i64, u32> {
        let mut heard = BTreeMap::new();
        for (_, ended) in &self.drops {
            let scrape = self.scrapes().find(|at| at >= ended).expect("it is asked again");
            let at = from + (scrape - from + step - 1).div_euclid(step) * step;
            if from < at && at <= to {
                *heard.entry(at).or_default() += 1;
            }
        }
        heard
    }
}

/// Everything else that `/metrics` has, over the last three hours: counters grow, gauges stay.
fn fill_the_rest(samples: &mut Samples) {
    let metrics = metrics();
    let counts =
        |name: &str| ["_total", "_bucket", "_sum", "_count"].iter().any(|end| name.ends_with(end));
    let lines = metrics.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    for line in lines {
        let (series, value) = line.rsplit_once(' ').expect("a series and its value");
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        let value: f64 = value.parse().expect("a number");
        if OF_THE_WEEK.contains(&name) {
            continue;
        }
        let comma = if labels == "}" { "" } else { "," };
        let series = format!("{name}{{instance=\"home\",job=\"linkmon\"{comma}{labels}");
        for scrape in 0..180 {
            let times = if counts(name) { f64::from(scrape + 1) } else { 1.0 };
            samples.put(&series, END - 10_800 + i64::from(scrape) * SCRAPE, value * times);
        }
    }
}

/// The servers that are installed, with this week in them.
fn servers(directory: &std::path::Path, lines: &[Line]) -> Vec<FilledServer> {
    let mut samples = Samples::default();
    for line in lines {
        line.fill(&mut samples);
    }
    fill_the_rest(&mut samples);
    let mut servers = Vec::new();
    if is_there("prometheus") && is_there("promtool") {
        servers.push(FilledServer::prometheus(directory, &samples));
    }
    if is_installed("victoria-metrics", "victoria-metrics") {
        servers.push(FilledServer::victoria(directory, &samples));
    }
    servers
}

/// The one query of this title, of this board.
fn query(board: &str, panel: &str) -> PanelQuery {
    let of = |query: &PanelQuery| query.board == board && query.panel == panel;
    queries().into_iter().find(of).unwrap_or_else(|| panic!("{board} has no {panel}"))
}

/// The sum of all series of an instance by time; of all where they name none.
fn summed(answer: &Answer, instance: &str) -> BTreeMap<i64, f64> {
    let mut sums = BTreeMap::new();
    for (labels, values) in answer {
        if labels.get("instance").is_none_or(|of| of == instance) {
            for (at, value) in values {
                *sums.entry(*at).or_default() += value;
            }
        }
    }
    sums
}

#[test]
fn no_panel_hides_a_drop_however_far_out_it_is_zoomed() {
    let lines = Line::all();
    let directory = tempfile::tempdir().expect("a temporary directory");
    let counts = [("grafana.json", "Drops by place"), ("grafana-lines.json", "Drops by line")];
    let states =
        [("grafana.json", "State and flags"), ("grafana-lines.json", "State of each line")];
    for server in servers(directory.path(), &lines) {
        for (line, step, phase) in lines.iter().flat_map(|line| {
            let grids = [(60, 7), (600, 0), (600, 599), (1_800, 901), (3_600, 59)];
            grids.map(|(step, phase)| (line, step, phase))
        }) {
            let from = START + 3 * 3_600 + phase;
            let steps = (END - 3_600 - from) / step;
            let to = from + steps.min(5_000) * step;
            let heard = line.heard(from, to, step);
            assert!(heard.len() > 10, "{heard:?}");
            let scene = format!("{}: {} by {step} s from {phase}", server.name, line.instance);
            let ask = |(board, panel): (&str, &str)| {
                let asked = query(board, panel).of(line.instance, step, SCRAPE, DAY);
                summed(&server.ask(&asked, from + step, to, step), line.instance)
            };
            for of in counts {
                let shown = ask(of);
                let times: BTreeSet<_> = heard.keys().chain(shown.keys()).collect();
                for at in times {
                    let [true_count, count] = [
                        heard.get(at).copied().map_or(0.0, f64::from),
                        shown.get(at).copied().unwrap_or(0.0),
                    ];
                    assert!(
                        (count - true_count).abs() < 0.01,
                        "{scene}: {of:?}: {count} at {at}, not {true_count}"
                    );
                }
            }
            for of in states {
                let shown = ask(of);
                for at in heard.keys() {
                    assert_eq!(shown.get(at), Some(&3.0), "{scene}: {of:?}: at {at}");
                }
            }
        }
    }
}

#[test]
fn every_query_of_every_panel_finds_something_on_every_server() {
    let lines = Line::all();
    let directory = tempfile::tempdir().expect("a temporary directory");
    let drop = lines[0].drops.last().expect("it has drops").1;
    for server in servers(directory.path(), &lines) {
        for query in queries() {
            for (step, range) in [(60, 6 * 3_600), (900, 7 * DAY)] {
                let asked = query.of("home", step, SCRAPE, range);
                let from = drop.min(END - 9_000) - 3_600;
                let found = server.ask(&asked, from, END - SCRAPE, step);
                let values = || found.iter().flat_map(|(_, values)| values.values());
                assert!(values().next().is_some(), "{}: {query:?} finds nothing", server.name);
                assert!(
                    !values().any(|value| value.is_nan()),
                    "{}: {query:?} finds NaN",
                    server.name
                );
            }
        }
    }
}
